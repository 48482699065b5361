// Averages with weights, spans, covariances, reductions that leave NaN out, and whether there is any.
#pragma once

#include <limits>

#include "tenon/ops/axes.hpp"
#include "tenon/ops/rounding.hpp"
#include "tenon/ops/statistics.hpp"

namespace tenon {

namespace detail {

/// Weights of one axis under the axes of v that they are meant for; others as they are.
template <class V, class W, int... A>
constexpr auto aligned_weights(const V&, const W& w, axes_t<A...> which) {
  constexpr int rank = rank_of<typename V::shape_type>;
  if constexpr (rank_of<typename W::shape_type> == 1 && rank > 1) {
    static_assert(sizeof...(A) == 1, "tenon: weights of one axis say which: average(x, weights, axis<A>)");
    constexpr index axis = axis_mask<typename V::shape_type>(which);  // new axes everywhere else
    return apply_to<with<expand_op, ((index(1) << rank) - 1) & ~axis>>(w);
  } else {
    return w;
  }
}

template <class V>
constexpr auto not_nan(const V& v) {
  return v == v;
}
/// The elements that are not NaN, counted in v's dtype.
template <class... How, class V>
constexpr auto count_numbers(const V& v) {
  return reduce_with<sum_op, How...>(astype<typename V::value_type>(not_nan(v)));
}
template <class Op, class... How, class V>
constexpr auto nan_extremum(const V& v) {
  using T = typename V::value_type;
  if constexpr (!is_floating(dtype_of<T>)) {
    return reduce_with<Op, How...>(v);
  } else {
    constexpr double inf = std::numeric_limits<double>::infinity();
    constexpr index bits = bits_of(std::is_same_v<Op, max_op> ? -inf : inf);
    constexpr index nan = bits_of(std::numeric_limits<double>::quiet_NaN());
    return where(reduce_with<any_op, How...>(not_nan(v)),
                 reduce_with<Op, How...>(where(not_nan(v), v, constant_of_bits<bits>)),
                 constant_of_bits<nan>);
  }
}
/// The squares of the distances from the mean of the elements that are not NaN, summed, over their count.
template <int Ddof, class... How, class V>
constexpr auto nan_spread(const V& v) {
  using axes = typename reduction_options<How...>::axes;
  const auto count = count_numbers<axes, keepdims_t>(v);
  const auto centre = reduce_with<sum_op, axes, keepdims_t>(where(not_nan(v), v, 0_c)) / count;
  const auto squares = where(not_nan(v), square(v - centre), 0_c);
  const auto left = count_numbers<How...>(v) - constant<Ddof>;
  constexpr index nan = bits_of(std::numeric_limits<double>::quiet_NaN());
  return where(left > 0_c, reduce_with<sum_op, How...>(squares) / left, constant_of_bits<nan>);
}

}  // namespace detail

/// sum(x w) / sum(w), weights w of x's shape, or of one axis with that axis said: average(x, w, axis<1>).
template <tensor_like X, tensor_like W, class... How>
requires detail::reduction_asked<How...>
constexpr auto average(X&& x, W&& weights, How...) {
  return call(
      [](auto v, auto w) {
        const auto aligned =
            detail::aligned_weights(v, w, typename detail::reduction_options<How...>::axes{});
        return detail::reduce_with<sum_op, How...>(v * aligned) /
               detail::reduce_with<sum_op, How...>(broadcast_like(aligned, v));
      },
      static_cast<X&&>(x), static_cast<W&&>(weights));
}
/// Without weights, the mean.
template <tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto average(X&& x, How... how) { return mean(static_cast<X&&>(x), how...); }

/// The greatest less the least element.
template <tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto ptp(X&& x, How...) {
  return call(
      [](auto v) { return detail::reduce_with<max_op, How...>(v) - detail::reduce_with<min_op, How...>(v); },
      static_cast<X&&>(x));
}

/// The greatest element that is not NaN; NaN of none.
template <tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto nanmax(X&& x, How...) {
  return call([](auto v) { return detail::nan_extremum<max_op, How...>(v); }, static_cast<X&&>(x));
}
/// The least element that is not NaN; NaN of none.
template <tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto nanmin(X&& x, How...) {
  return call([](auto v) { return detail::nan_extremum<min_op, How...>(v); }, static_cast<X&&>(x));
}
/// variance<Ddof> of the elements that are not NaN; NaN of Ddof of them or fewer.
template <int Ddof = 0, tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto nanvariance(X&& x, How...) {
  return call([](auto v) { return detail::nan_spread<Ddof, How...>(v); }, static_cast<X&&>(x));
}
/// The square root of nanvariance<Ddof>(x).
template <int Ddof = 0, tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto nanstddev(X&& x, How...) {
  return call([](auto v) { return sqrt(detail::nan_spread<Ddof, How...>(v)); }, static_cast<X&&>(x));
}
/// The product of the elements that are not NaN; 1 of none.
template <tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto nanprod(X&& x, How...) {
  return call([](auto v) { return detail::reduce_with<prod_op, How...>(where(detail::not_nan(v), v, 1_c)); },
              static_cast<X&&>(x));
}

/// Whether all elements of all arrays are neither infinite nor NaN: all_finite(a, b, c) -> [].
template <tensor_like... X>
requires(sizeof...(X) > 0) constexpr auto all_finite(X&&... x) {
  return (call([](auto v) { return detail::reduce_with<all_op>(isfinite(v)); }, static_cast<X&&>(x)) && ...);
}

namespace detail {
template <int Ddof, class V>
constexpr auto covariance(const V& v) {
  static_assert(rank_of<typename V::shape_type> == 2, "tenon: cov takes [variables, observations]");
  const auto centred = v - mean(v, axis<1>, keepdims);
  return matmul(centred, transpose(conj(centred))) / (reduced_count<axes_t<1>>(v) - constant<Ddof>);
}
}  // namespace detail

/// The covariances of variables, of n observations each, over n - Ddof: [p, n] -> [p, p].
template <int Ddof = 1, tensor_like X>
constexpr auto cov(X&& x) {
  return call([](auto v) { return detail::covariance<Ddof>(v); }, static_cast<X&&>(x));
}
/// The correlations of variables: cov over the standard deviations, [p, n] -> [p, p].
template <tensor_like X>
constexpr auto corrcoef(X&& x) {
  return call(
      [](auto v) {
        const auto c = detail::covariance<1>(v);
        const auto spread = stddev<1>(v, axis<1>, keepdims);
        return c / spread / transpose(spread);
      },
      static_cast<X&&>(x));
}

}  // namespace tenon
