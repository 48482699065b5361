// Making tensors: zeros, ones, full, arange, eye, and from data of others.
#pragma once

#include "tenon/array/tensor.hpp"

namespace tenon {

namespace detail {

/// Static extents, and run-time sizes for the others in order of appearance.
template <class Shape>
struct filled_extents;
template <class... D>
struct filled_extents<shape<D...>> {
  static constexpr int open = ((static_size<D> < 0 ? 1 : 0) + ... + 0);
  template <class... N>
  static std::array<index, sizeof...(D)> make(N... sizes) {
    static_assert(sizeof...(N) == open, "tenon: give one size for each extent that is not static");
    const index given[] = {static_cast<index>(sizes)..., 0};
    int k = 0;
    return {(static_size<D> < 0 ? given[k++] : static_size<D>)...};
  }
};

template <int N, class = std::make_integer_sequence<int, N>>
struct dynamic_shape;
template <int N, int... I>
struct dynamic_shape<N, std::integer_sequence<int, I...>> {
  template <int>
  struct one {  // not an alias: nvcc would lose the pack
    using type = dyn_size;
  };
  using type = shape<typename one<I>::type...>;
};

template <class T, int Sizes, extent... E>
using created =
    basic_tensor<T, typename std::conditional_t<sizeof...(E) == 0, dynamic_shape<Sizes>,
                                                std::type_identity<shape_of_extents<E...>>>::type>;

}  // namespace detail

/// Every element v: full<float>(v, 32, 784), full<float, "batch", 784>(v, 32).
template <element T, extent... E, std::integral... N>
auto full(T v, N... sizes) {
  using R = detail::created<T, int(sizeof...(N)), E...>;
  R r = R::uninitialised(detail::filled_extents<typename R::shape_type>::make(sizes...));
  std::fill_n(r.own(), r.size(), v);
  return r;
}
/// Zeros: zeros<float>(32, 784), zeros<float, "batch", 784>(32).
template <element T, extent... E, std::integral... N>
auto zeros(N... sizes) {
  return full<T, E...>(T(0), sizes...);
}
/// Ones, with extents as for zeros.
template <element T, extent... E, std::integral... N>
auto ones(N... sizes) {
  return full<T, E...>(T(1), sizes...);
}

/// begin, begin + step, ... before end: [n].
template <element T>
tensor<T, dyn> arange(T begin, T end, T step = T(1)) {
  if (step == T(0)) throw usage_error("arange: the step is 0");
  const double span = (static_cast<double>(end) - static_cast<double>(begin)) / static_cast<double>(step);
  index n = span <= 0 ? 0 : static_cast<index>(span);
  if (static_cast<double>(n) < span) ++n;
  auto r = tensor<T, dyn>::uninitialised({n});
  for (index i = 0; i < n; ++i) r.own()[i] = static_cast<T>(begin + static_cast<T>(i) * step);
  return r;
}

/// The identity matrix: [n, n].
template <element T>
tensor<T, dyn, dyn> eye(index n) {
  auto r = zeros<T>(n, n);
  for (index i = 0; i < n; ++i) r.own()[i * n + i] = T(1);
  return r;
}

/// A tensor with copies of elements in row-major order: from_data<float, dyn, 3>(pointer, rows).
template <element T, extent... E, std::integral... N>
auto from_data(const T* elements, N... sizes) {
  using R = detail::created<T, int(sizeof...(N)), E...>;
  R r = R::uninitialised(detail::filled_extents<typename R::shape_type>::make(sizes...));
  std::copy_n(elements, r.size(), r.own());
  return r;
}

}  // namespace tenon
