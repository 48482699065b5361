// Reductions beyond sum, mean, max and min: products, truth, counts, variances, norms, places of extrema.
// Each takes the axes to reduce over (all, where none are given) and `keepdims`: prod(x), prod(x, axis<0>),
// variance(x, axes<0, 2>, keepdims).
#pragma once

#include "tenon/graph/call.hpp"
#include "tenon/ops/complex.hpp"
#include "tenon/ops/core_ops.hpp"
#include "tenon/ops/extrema.hpp"

namespace tenon {
namespace detail {

/// What the options of a reduction say.
template <class... How>
struct reduction_options;
template <>
struct reduction_options<> {
  using axes = axes_t<>;
  static constexpr bool keep = false;
};
template <int... A>
struct reduction_options<axes_t<A...>> {
  using axes = axes_t<A...>;
  static constexpr bool keep = false;
};
template <>
struct reduction_options<keepdims_t> {
  using axes = axes_t<>;
  static constexpr bool keep = true;
};
template <int... A>
struct reduction_options<axes_t<A...>, keepdims_t> {
  using axes = axes_t<A...>;
  static constexpr bool keep = true;
};
template <class... How>
concept reduction_asked = requires {
  typename reduction_options<How...>::axes;
};

template <class Op, class... How, class X>
constexpr auto reduce_with(X&& x) {
  return reduce<Op, reduction_options<How...>::keep>(typename reduction_options<How...>::axes{},
                                                     static_cast<X&&>(x));
}

/// reduce_with an op that accumulates: sums and products of integers are int64 or uint64.
template <class Op, class... How, class X>
constexpr auto accumulate_with(X&& x) {
  return accumulate<Op, reduction_options<How...>::keep>(typename reduction_options<How...>::axes{},
                                                         static_cast<X&&>(x));
}

/// f(x), of 16-bit numbers worked out in 32 bits.
template <class X, class F>
constexpr auto in_32_bits(F f, X&& x) {
  constexpr dtype type = dtype_of_operand<X>.type;
  if constexpr (is_floating(type) && size_of(type) == 2)
    return astype<type_of<type>>(f(astype<float>(static_cast<X&&>(x))));
  else
    return f(static_cast<X&&>(x));
}

/// How many elements are reduced, as a number of v's dtype.
template <class... How, class V>
constexpr auto reduced_count(const V& v) {
  return apply_to<
      with<count_op, axis_mask<typename V::shape_type>(typename reduction_options<How...>::axes{})>>(v);
}
/// |x|^2, of complex numbers too.
template <class X>
constexpr auto squared_magnitude(const X& x) {
  if constexpr (complex_operand<X>)
    return square(real(x)) + square(imag(x));
  else
    return square(x);
}
/// The squares of v's distances from its mean, summed.
template <class... How, class V>
constexpr auto squared_spread(const V& v) {
  return accumulate_with<sum_op, How...>(
      squared_magnitude(v - mean<true>(typename reduction_options<How...>::axes{}, v)));
}
/// The mean of them, with Ddof elements less.
template <int Ddof, class... How, class V>
constexpr auto spread_of(const V& v) {
  return squared_spread<How...>(v) / (reduced_count<How...>(real(v)) - constant<Ddof>);
}

template <class X>
constexpr auto truth(X&& x) {
  if constexpr (std::is_same_v<typename operand_types<X>::type, bool>)
    return as_expression<0>(static_cast<X&&>(x));
  else
    return static_cast<X&&>(x) != 0_c;
}

}  // namespace detail

/// The product; integers wrap. Its derivative is exact where elements are 0.
template <tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto prod(X&& x, How...) { return detail::accumulate_with<prod_op, How...>(static_cast<X&&>(x)); }

/// Whether any element is true, or not 0; false of no elements.
template <tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto any(X&& x, How...) {
  return detail::reduce_with<any_op, How...>(detail::truth(static_cast<X&&>(x)));
}
/// Whether all elements are true, or not 0; true of no elements. all(x) is the same.
template <tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto all_of(X&& x, How...) {
  return detail::reduce_with<all_op, How...>(detail::truth(static_cast<X&&>(x)));
}
/// How many elements are true, or not 0, as int64.
template <tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto count_nonzero(X&& x, How...) {
  return detail::accumulate_with<sum_op, How...>(astype<std::int64_t>(detail::truth(static_cast<X&&>(x))));
}

/// The mean squared distance from the mean, of n elements the sum divided by n - Ddof: variance<1>(x) is the
/// unbiased estimate. Of complex numbers it is real.
template <int Ddof = 0, tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto variance(X&& x, How...) {
  const auto f = [](auto v) { return detail::spread_of<Ddof, How...>(v); };
  return detail::in_32_bits([f](auto&& v) { return call(f, static_cast<decltype(v)>(v)); },
                            static_cast<X&&>(x));
}
/// The square root of variance<Ddof>(x).
template <int Ddof = 0, tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto stddev(X&& x, How...) {
  const auto f = [](auto v) { return sqrt(detail::spread_of<Ddof, How...>(v)); };
  return detail::in_32_bits([f](auto&& v) { return call(f, static_cast<decltype(v)>(v)); },
                            static_cast<X&&>(x));
}

/// The Euclidean norm, or for P = 1 the sum of magnitudes; its derivative at 0 is 0.
template <int P = 2, tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto norm(X&& x, How...) {
  static_assert(P == 1 || P == 2, "tenon: norm<P> has P = 1 or 2; the greatest magnitude is max(abs(x))");
  const auto magnitudes = [](auto&& v) {
    if constexpr (detail::complex_operand<decltype(v)>)
      return abs(static_cast<decltype(v)>(v));
    else
      return detail::as_expression<0>(static_cast<decltype(v)>(v));
  };
  return detail::in_32_bits(
      [](auto&& v) {
        if constexpr (P == 1)
          return detail::accumulate_with<sum_op, How...>(abs(static_cast<decltype(v)>(v)));
        else
          return sqrt(detail::accumulate_with<sum_op, How...>(square(static_cast<decltype(v)>(v))));
      },
      magnitudes(static_cast<X&&>(x)));
}

/// The sum of the elements that are not NaN.
template <tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto nansum(X&& x, How...) {
  return call([](auto v) { return detail::accumulate_with<sum_op, How...>(where(v == v, v, 0_c)); },
              static_cast<X&&>(x));
}
/// The mean of the elements that are not NaN; NaN of none.
template <tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto nanmean(X&& x, How...) {
  return call(
      [](auto v) {
        const auto counted =
            detail::accumulate_with<sum_op, How...>(astype<typename decltype(v)::value_type>(v == v));
        return detail::accumulate_with<sum_op, How...>(where(v == v, v, 0_c)) / counted;
      },
      static_cast<X&&>(x));
}

namespace detail {

template <class Shape>
constexpr index static_elements() {
  constexpr extents e = extents_of<Shape, typename names_of<Shape>::type>::value;
  index n = 1;
  for (int i = 0; i < e.rank; ++i) n = n < 0 || e[i].size < 0 ? -1 : n * e[i].size;
  return n;
}

template <class Op, class... How, class X>
constexpr auto place_along(X&& x) {
  using options = reduction_options<How...>;
  if constexpr (std::is_same_v<typename options::axes, axes_t<>>) {
    static_assert(!options::keep, "tenon: argmax and argmin of all elements keep no axes");
    return call(
        [](auto v) {
          using V = decltype(v);
          return apply<with<Op, index(dtype::int64), 0, 0>>(
              reshape<extent(static_elements<typename V::shape_type>())>(v));
        },
        static_cast<X&&>(x));
  } else {
    constexpr int axis = []<int A>(axes_t<A>) { return chosen_axis<A, X>(); }(typename options::axes{});
    return apply<with<Op, index(dtype::int64), axis, index(options::keep)>>(static_cast<X&&>(x));
  }
}

}  // namespace detail

/// The first place of the greatest element along an axis, int64: argmax(x, axis<1>), which keepdims leaves
/// with extent 1; among all elements in row-major order without one. The first NaN counts as greatest. Of no
/// elements: the greatest int64.
template <tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto argmax(X&& x, How...) { return detail::place_along<argmax_op, How...>(static_cast<X&&>(x)); }
/// The first place of the least element; else as argmax.
template <tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto argmin(X&& x, How...) { return detail::place_along<argmin_op, How...>(static_cast<X&&>(x)); }

}  // namespace tenon
