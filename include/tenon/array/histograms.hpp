// Counting: bincount, histogram. Values outside of the range are not counted.
#pragma once

#include <cmath>

#include "tenon/array/masks.hpp"
#include "tenon/array/sequences.hpp"
#include "tenon/ops/ordering.hpp"

namespace tenon {

namespace detail {
/// Adds weight(i) for each element of x, which are not negative, in the place that it names: [>= least].
template <class Sum, class X, class F>
tensor<Sum, dyn> counted_bins(const X& x, index least, F weight) {
  if (least < 0) throw usage_error("bincount: the least length " + std::to_string(least) + " is negative");
  index n = least;
  for (index i = 0; i < x.size(); ++i) {
    const index v = static_cast<index>(x.data()[i]);
    if (v < 0)
      throw index_error("bincount: the element " + std::to_string(v) + " at place " + std::to_string(i) +
                        " is negative");
    n = std::max(n, v + 1);
  }
  auto r = zeros<Sum>(n);
  Sum* const to = r.own();
  for (index i = 0; i < x.size(); ++i) to[x.data()[i]] = math::add(to[x.data()[i]], weight(i));
  return r;
}
}  // namespace detail

/// How often 0, 1, 2, ... is in an array of integers of one axis: [n], n = max(x) + 1 or, where that is more,
/// `least`. Throws index_error for a negative element.
template <tensor_like X>
auto bincount(const X& x, index least = 0) {
  const auto v = detail::value_now(x);
  using V = std::remove_cvref_t<decltype(v)>;
  static_assert(V::rank == 1 && is_integer(dtype_of<typename V::value_type>),
                "tenon: bincount takes integers along one axis");
  return detail::counted_bins<std::int64_t>(v, least, [](index) { return std::int64_t(1); });
}
/// The same with weights, which are added up instead of ones. Throws shape_error where there is not one for
/// each element.
template <tensor_like X, tensor_like W>
auto bincount(const X& x, const W& weights, index least = 0) {
  const auto v = detail::value_now(x);
  const auto w = detail::value_now(weights);
  using V = std::remove_cvref_t<decltype(v)>;
  using T = typename std::remove_cvref_t<decltype(w)>::value_type;
  static_assert(V::rank == 1 && is_integer(dtype_of<typename V::value_type>),
                "tenon: bincount takes integers along one axis");
  if (w.size() != v.size())
    throw shape_error("bincount: " + std::to_string(w.size()) + " weights for " + std::to_string(v.size()) +
                      " elements");
  return detail::counted_bins<T>(v, least, [&](index i) { return w.data()[i]; });
}

/// What histogram gives: n counts and the n + 1 edges of the bins.
template <class Count, class Edge>
struct histogram_result {
  tensor<Count, dyn> counts;
  tensor<Edge, dyn> edges;
};

namespace detail {

template <class T>
using edge_type = std::conditional_t<is_floating(dtype_of<T>), T, double>;

template <class Count, class Edge, class X, class F>
histogram_result<Count, Edge> equal_bins(const X& x, index bins, double low, double high, F weight) {
  if (bins < 1) throw usage_error("histogram: " + std::to_string(bins) + " bins");
  if (!(std::isfinite(low) && std::isfinite(high)))
    throw usage_error("histogram: the range from " + std::to_string(low) + " to " + std::to_string(high) +
                      " is not finite; say one");
  if (low > high)
    throw usage_error("histogram: the range begins at " + std::to_string(low) + ", beyond its end " +
                      std::to_string(high));
  if (low == high) {
    low -= 0.5;
    high += 0.5;
  }
  histogram_result<Count, Edge> r{zeros<Count>(bins), linspace<Edge>(low, high, bins + 1)};
  Count* const to = r.counts.own();
  const Edge* const edge = std::as_const(r.edges).data();
  const double scale = static_cast<double>(bins) / (high - low);
  for (index i = 0; i < x.size(); ++i) {
    const double v = static_cast<double>(x.data()[i]);
    if (!(v >= low && v <= high)) continue;
    index k = std::min(static_cast<index>((v - low) * scale), bins - 1);
    // rounding may have put it beside: the edges decide, the last of which belongs to its bin
    if (k > 0 && v < static_cast<double>(edge[k])) --k;
    if (k < bins - 1 && v >= static_cast<double>(edge[k + 1])) ++k;
    to[k] = math::add(to[k], weight(i));
  }
  return r;
}
template <class V>
std::array<double, 2> span_of(const V& v) {
  if (v.size() == 0) return {0, 1};
  double low = static_cast<double>(v.data()[0]), high = low;
  for (index i = 0; i < v.size(); ++i) {
    const double x = static_cast<double>(v.data()[i]);
    if (!(x == x)) return {x, x};
    low = x < low ? x : low;
    high = x > high ? x : high;
  }
  return {low, high};
}

}  // namespace detail

/// How many elements are in each of `bins` bins of equal width, from the least to the greatest element, or
/// from low to high: auto [counts, edges] = histogram(x, 10). Each bin holds its left edge, the last one also
/// its right. Throws usage_error for no bins and for a range that is not finite, as of an array with NaN.
template <tensor_like X>
auto histogram(const X& x, index bins, double low, double high) {
  const auto v = detail::value_now(x);
  using T = typename std::remove_cvref_t<decltype(v)>::value_type;
  return detail::equal_bins<std::int64_t, detail::edge_type<T>>(v, bins, low, high,
                                                                [](index) { return std::int64_t(1); });
}
template <tensor_like X>
auto histogram(const X& x, index bins = 10) {
  const auto v = detail::value_now(x);
  const auto [low, high] = detail::span_of(v);
  return histogram(v, bins, low, high);
}
/// The same, weights added up instead of ones.
template <tensor_like X, tensor_like W>
auto histogram(const X& x, index bins, double low, double high, const W& weights) {
  const auto v = detail::value_now(x);
  const auto w = detail::value_now(weights);
  using T = typename std::remove_cvref_t<decltype(v)>::value_type;
  using C = typename std::remove_cvref_t<decltype(w)>::value_type;
  if (w.size() != v.size())
    throw shape_error("histogram: " + std::to_string(w.size()) + " weights for " + std::to_string(v.size()) +
                      " elements");
  return detail::equal_bins<C, detail::edge_type<T>>(v, bins, low, high,
                                                     [&](index i) { return w.data()[i]; });
}
namespace detail {

template <class Count, class X, class E, class F>
auto given_bins(const X& v, const E& edges, F weight) {
  const tensor<typename decltype(eval(edges))::value_type, dyn> e = value_now(edges);
  using C = typename decltype(eval(edges))::value_type;
  const index bins = e.size() - 1;
  if (bins < 1) throw usage_error("histogram: it takes two edges or more");
  for (index i = 0; i < bins; ++i)
    if (!(e(i) <= e(i + 1))) throw usage_error("histogram: the edges are not in ascending order");
  histogram_result<Count, C> r{zeros<Count>(bins), e};
  Count* const to = r.counts.own();
  const C* const first = e.data();
  for (index i = 0; i < v.size(); ++i) {
    using Y = typename X::value_type;
    using both = std::conditional_t<std::is_integral_v<C> && std::is_integral_v<Y>, std::int64_t, double>;
    const both at = static_cast<both>(v.data()[i]);
    if (!(at >= first[0] && at <= first[bins])) continue;
    const index k = std::min<index>(std::upper_bound(first, first + bins + 1, at) - first, bins) - 1;
    to[k] = math::add(to[k], weight(i));
  }
  return r;
}

}  // namespace detail

/// The same of bins between edges that are given, in ascending order. Throws usage_error where they are not.
template <tensor_like X, tensor_like E>
auto histogram(const X& x, const E& edges) {
  return detail::given_bins<std::int64_t>(detail::value_now(x), edges, [](index) { return std::int64_t(1); });
}
/// The same, weights added up instead of ones.
template <tensor_like X, tensor_like E, tensor_like W>
auto histogram(const X& x, const E& edges, const W& weights) {
  const auto v = detail::value_now(x);
  const auto w = detail::value_now(weights);
  if (w.size() != v.size())
    throw shape_error("histogram: " + std::to_string(w.size()) + " weights for " + std::to_string(v.size()) +
                      " elements");
  return detail::given_bins<typename std::remove_cvref_t<decltype(w)>::value_type>(
      v, edges, [&](index i) { return w.data()[i]; });
}

}  // namespace tenon
