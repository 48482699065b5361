// Quantiles along axes: quantile, percentile, median; the same of the elements that are not NaN.
#pragma once

#include "tenon/ops/axes.hpp"
#include "tenon/ops/ordering.hpp"
#include "tenon/ops/rounding.hpp"
#include "tenon/ops/statistics.hpp"

namespace tenon {

/// Between two elements at places i and i + 1, a quantile is: on the line between them, the lower, the
/// higher, the nearer (the even place of two), or the middle.
enum class between { linear, lower, higher, nearest, midpoint };

namespace detail {

/// The axes that are asked for moved to the end and joined there: [..., n]; all of them, where none are.
template <class V, int... A>
constexpr auto axes_joined(const V& v, axes_t<A...> which) {
  constexpr int rank = rank_of<typename V::shape_type>, n = int(sizeof...(A));
  if constexpr (n == 0) {
    return flatten(v);
  } else {
    return [&]<int... K>(std::integer_sequence<int, K...>) {
      return merge_axes<rank - n, n>(moveaxis(v, which, axes_t<(rank - n + K)...>{}));
    }
    (std::make_integer_sequence<int, n>{});
  }
}
/// Axes of extent 1 at the places of a bit mask.
template <index Mask, class V>
constexpr auto with_unit_axes(const V& v) {
  if constexpr (Mask == 0)
    return v;
  else
    return apply_to<with<expand_op, Mask>>(v);
}

/// Of all elements, NaN where one is; or, with Skip, of those that are not NaN, NaN where there are none.
template <between Method, bool Skip, class... How, class V, class Q>
constexpr auto quantile_of(const V& v, const Q& q) {
  using T = typename V::value_type;
  using options = reduction_options<How...>;
  static_assert(is_floating(dtype_of<T>),
                "tenon: quantiles are of floating-point elements; convert them with astype<T>(x)");
  constexpr int many = rank_of<typename Q::shape_type>;
  static_assert(many <= 1, "tenon: quantile takes a number or an array of one axis");
  const auto joined = axes_joined(v, typename options::axes{});
  const auto sorted = sort(joined);  // NaN is last
  constexpr int rank = rank_of<typename decltype(sorted)::shape_type>;
  const auto last = [&] {  // the last place that counts, the same for all lines or [..., 1]
    if constexpr (Skip)    // of none it is -1: from the end, where NaN is
      return sum(astype<std::int64_t>(joined == joined), axis<-1>, keepdims) - 1_c;
    else
      return reduced_count<axes_t<rank - 1>>(apply<with<position_op, index(dtype::int64)>>(sorted)) - 1_c;
  }();
  const auto part_of_all = astype<double>(q);
  const auto at = where(part_of_all >= 0_c && part_of_all <= 1_c, part_of_all * astype<double>(last),
                        constant<1000000000000000000>);  // no place: an index_error
  const auto element = [&](const auto& where_) {
    if constexpr (Skip)
      return take_along_axis<-1>(sorted, astype<std::int64_t>(where_));
    else
      return take<-1>(sorted, astype<std::int64_t>(where_));
  };
  const auto value = [&] {
    if constexpr (Method == between::lower) {
      return element(floor(at));
    } else if constexpr (Method == between::higher) {
      return element(ceil(at));
    } else if constexpr (Method == between::nearest) {
      return element(round(at));
    } else if constexpr (Method == between::midpoint) {
      const auto low = element(floor(at));
      const auto high = element(ceil(at));
      return where(low == high, low, (low + high) * 0.5_c);
    } else {
      const auto low = element(floor(at));
      const auto high = element(ceil(at));
      const auto part = astype<T>(at - floor(at));
      return where(low == high, low, low + (high - low) * part);
    }
  }();
  constexpr index mask = [] {
    if constexpr (!options::keep)
      return index(0);
    else
      return axis_mask<typename V::shape_type>(typename options::axes{});
  }();
  if constexpr (Skip) {
    if constexpr (many == 0)
      return with_unit_axes<mask>(squeeze<-1>(value));
    else
      return moveaxis<-1, 0>(value);
  } else {
    const auto top = take<-1>(sorted, last);
    if constexpr (many == 0)
      return with_unit_axes<mask>(where(top == top, value, top));
    else
      return moveaxis<-1, 0>(where(expand_dims<-1>(top == top), value, expand_dims<-1>(top)));
  }
}

/// Quantiles from 0 to 1: a number is looked at now, elements of an array when they are used as places.
template <class Q>
constexpr auto as_quantile(Q&& q, double whole) {
  if constexpr (std::is_arithmetic_v<std::remove_cvref_t<Q>>) {
    if (!(q >= 0 && q <= whole))
      throw usage_error("quantile: " + std::to_string(q) + " is not between 0 and " + std::to_string(whole));
    return scalar_leaf<double>(static_cast<double>(q) / whole);
  } else {
    return as_expression<0>(static_cast<Q&&>(q));
  }
}

}  // namespace detail

/// The value below which a part q, from 0 to 1, of the elements is: quantile(x, 0.9), quantile(x, q,
/// axis<0>), quantile<between::lower>(x, 0.5, axes<0, 1>, keepdims). Of an array of several q, they stand
/// along a new first axis. NaN where there is one. Throws usage_error for a number q that is not between 0
/// and 1, index_error for an array with such an element, and for no elements.
template <between Method = between::linear, tensor_like X, class Q, class... How>
requires(operands<X, Q>&& detail::reduction_asked<How...>) constexpr auto quantile(X&& x, Q&& q, How...) {
  static_assert(detail::rank_of_operand<decltype(detail::as_quantile(static_cast<Q&&>(q), 1))> == 0 ||
                    !detail::reduction_options<How...>::keep,
                "tenon: quantile keeps no axes for an array of several quantiles; see expand_dims");
  return call([](auto v, auto p) { return detail::quantile_of<Method, false, How...>(v, p); },
              static_cast<X&&>(x), detail::as_quantile(static_cast<Q&&>(q), 1));
}
/// The same of a percentage, from 0 to 100.
template <between Method = between::linear, tensor_like X, class Q, class... How>
requires(operands<X, Q>&& detail::reduction_asked<How...>) constexpr auto percentile(X&& x, Q&& q,
                                                                                     How... how) {
  if constexpr (std::is_arithmetic_v<std::remove_cvref_t<Q>>)
    return call([](auto v, auto p) { return detail::quantile_of<Method, false, How...>(v, p); },
                static_cast<X&&>(x), detail::as_quantile(q, 100));
  else
    return quantile<Method>(static_cast<X&&>(x), static_cast<Q&&>(q) / 100_c, how...);
}
/// The middle element, or the middle of the two in the middle; NaN where there is one.
template <tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto median(X&& x, How...) {
  return call(
      [](auto v) { return detail::quantile_of<between::midpoint, false, How...>(v, astype<double>(0.5_c)); },
      static_cast<X&&>(x));
}

/// The quantile of the elements that are not NaN, NaN where there are none; else as quantile.
template <between Method = between::linear, tensor_like X, class Q, class... How>
requires(operands<X, Q>&& detail::reduction_asked<How...>) constexpr auto nanquantile(X&& x, Q&& q, How...) {
  static_assert(detail::rank_of_operand<decltype(detail::as_quantile(static_cast<Q&&>(q), 1))> == 0 ||
                    !detail::reduction_options<How...>::keep,
                "tenon: nanquantile keeps no axes for an array of several quantiles; see expand_dims");
  return call([](auto v, auto p) { return detail::quantile_of<Method, true, How...>(v, p); },
              static_cast<X&&>(x), detail::as_quantile(static_cast<Q&&>(q), 1));
}
/// The same of a percentage, from 0 to 100.
template <between Method = between::linear, tensor_like X, class Q, class... How>
requires(operands<X, Q>&& detail::reduction_asked<How...>) constexpr auto nanpercentile(X&& x, Q&& q,
                                                                                        How... how) {
  if constexpr (std::is_arithmetic_v<std::remove_cvref_t<Q>>)
    return call([](auto v, auto p) { return detail::quantile_of<Method, true, How...>(v, p); },
                static_cast<X&&>(x), detail::as_quantile(q, 100));
  else
    return nanquantile<Method>(static_cast<X&&>(x), static_cast<Q&&>(q) / 100_c, how...);
}
/// The median of the elements that are not NaN; NaN where there are none.
template <tensor_like X, class... How>
requires detail::reduction_asked<How...>
constexpr auto nanmedian(X&& x, How...) {
  return call(
      [](auto v) { return detail::quantile_of<between::midpoint, true, How...>(v, astype<double>(0.5_c)); },
      static_cast<X&&>(x));
}

}  // namespace tenon
