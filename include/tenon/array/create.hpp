// Making tensors: zeros, ones, full, arange, eye, tri, of another array's shape, and from data of others.
// Sequences are in array/sequences.hpp.
#pragma once

#include <tuple>

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

/// 0, 1, 2, ... before end: [n].
template <element T>
tensor<T, dyn> arange(T end) {
  return arange<T>(T(0), end);
}

/// Uninitialised elements, with extents as for zeros.
template <element T, extent... E, std::integral... N>
auto empty(N... sizes) {
  using R = detail::created<T, int(sizeof...(N)), E...>;
  return R::uninitialised(detail::filled_extents<typename R::shape_type>::make(sizes...));
}

namespace detail {
/// T, or, where none is said, the elements' type of X.
template <class T, class X>
using element_or = std::conditional_t<std::is_void_v<T>, typename operand_types<const X&>::type, T>;

template <class T, class X>
auto empty_of_shape(const X& x) {
  using S = typename operand_as<0, const X&>::type::shape_type;
  std::array<index, std::size_t(S::rank)> e{};
  for (int k = 0; k < S::rank; ++k) e[std::size_t(k)] = x.extent(k);
  return basic_tensor<T, S>::uninitialised(e);
}
}  // namespace detail

/// Uninitialised elements under the shape of an array: empty_like(x), or of another dtype,
/// empty_like<int>(x).
template <class T = void, tensor_like X>
requires(!detail::is_expression<X>) auto empty_like(const X& x) {
  return detail::empty_of_shape<detail::element_or<T, X>>(x);
}
/// v everywhere, under the shape of an array or expression: full_like(x, v), full_like<double>(x, v). Of an
/// expression it is one too.
template <class T = void, tensor_like X, plain_number V>
auto full_like(const X& x, V v) {
  using U = detail::element_or<T, X>;
  if constexpr (detail::is_expression<X>) {
    return broadcast_like(detail::scalar_leaf<U>(v), x);
  } else {
    auto r = detail::empty_of_shape<U>(x);
    std::fill_n(r.own(), r.size(), static_cast<U>(v));
    return r;
  }
}
/// Zeros under the shape of an array or expression; see full_like.
template <class T = void, tensor_like X>
auto zeros_like(const X& x) {
  return full_like<T>(x, 0);
}
/// Ones under the shape of an array or expression; see full_like.
template <class T = void, tensor_like X>
auto ones_like(const X& x) {
  return full_like<T>(x, 1);
}

namespace detail {
/// 1 where column - row is within limits, else 0.
template <class R>
R band(R r, index from, index to) {
  using T = typename R::value_type;
  const index m = r.extent(0), n = r.extent(1);
  T* const p = r.own();
  for (index i = 0; i < m; ++i)
    for (index j = 0; j < n; ++j) p[i * n + j] = static_cast<T>(j - i >= from && j - i <= to ? 1 : 0);
  return r;
}
inline constexpr index furthest = index(1) << 62;

/// An uninitialised matrix of two extents; equal ones that are not static take one size.
template <class T, extent Rows, extent Columns, class... N>
auto matrix_of(N... sizes) {
  if constexpr (Rows == Columns && Rows.size < 0 && sizeof...(N) == 1)
    return empty<T, Rows, Columns>(sizes..., sizes...);
  else
    return empty<T, Rows, Columns>(sizes...);
}
}  // namespace detail

/// Ones along diagonal k, else zeros: [m, n], or [n, n]. Rows above (k > 0) or below the main diagonal.
template <element T>
tensor<T, dyn, dyn> eye(index m, index n, index k = 0) {
  return detail::band(empty<T>(m, n), k, k);
}
template <element T>
tensor<T, dyn, dyn> eye(index n) {
  return eye<T>(n, n);
}
/// The same of extents that are written out: eye<float, 3>(), eye<float, 2, 3>(), eye<float, "n">(n).
template <element T, extent Rows, extent Columns = Rows, std::integral... N>
auto eye(N... sizes) {
  return detail::band(detail::matrix_of<T, Rows, Columns>(sizes...), 0, 0);
}
/// The identity matrix: [n, n].
template <element T>
tensor<T, dyn, dyn> identity(index n) {
  return eye<T>(n);
}

/// Ones on and below diagonal k, else zeros: [m, n].
template <element T>
tensor<T, dyn, dyn> tri(index m, index n, index k = 0) {
  return detail::band(empty<T>(m, n), -detail::furthest, k);
}
template <element T>
tensor<T, dyn, dyn> tri(index n) {
  return tri<T>(n, n);
}
template <element T, extent Rows, extent Columns = Rows, std::integral... N>
auto tri(N... sizes) {
  return detail::band(detail::matrix_of<T, Rows, Columns>(sizes...), -detail::furthest, 0);
}

/// A tensor with copies of elements in row-major order: from_data<float, dyn, 3>(pointer, rows).
template <element T, extent... E, std::integral... N>
auto from_data(const T* elements, N... sizes) {
  using R = detail::created<T, int(sizeof...(N)), E...>;
  R r = R::uninitialised(detail::filled_extents<typename R::shape_type>::make(sizes...));
  std::copy_n(elements, r.size(), r.own());
  return r;
}

/// f(i, j, ...) at each place: from_function<float>([](auto i, auto j) { return i + j; }, 2, 3).
template <element T, extent... E, class F, std::integral... N>
auto from_function(F f, N... sizes) {
  using R = detail::created<T, int(sizeof...(N)), E...>;
  R r = R::uninitialised(detail::filled_extents<typename R::shape_type>::make(sizes...));
  std::array<index, std::size_t(R::rank)> at{};
  T* const to = r.own();
  for (index i = 0, n = r.size(); i < n; ++i) {
    to[i] = static_cast<T>(std::apply(f, at));
    for (int k = R::rank - 1; k >= 0; --k) {
      if (++at[std::size_t(k)] < r.extent(k)) break;
      at[std::size_t(k)] = 0;
    }
  }
  return r;
}

}  // namespace tenon
