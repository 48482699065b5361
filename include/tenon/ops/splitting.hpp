// Arrays taken apart along an axis: split, split_at, unstack. The parts are views in a tuple, for structured
// bindings: auto [a, b] = split<2, -1>(x). An operand that is a computation is evaluated once.
#pragma once

#include <tuple>

#include "tenon/ops/axes.hpp"

namespace tenon {
namespace detail {

template <int Axis, class E, int... I>
constexpr auto equal_parts(const E& e, std::integer_sequence<int, I...>) {
  const auto parts = split_axis<Axis, index(sizeof...(I)), true>(e);
  return std::tuple(squeeze<Axis>(slice<Axis, I, I + 1>(parts))...);
}
template <int Axis, class E, index... Begin, index... End>
constexpr auto ranges(const E& e, std::integer_sequence<index, Begin...>,
                      std::integer_sequence<index, End...>) {
  return std::tuple([&] {
    if constexpr (End < 0)
      return trim<Axis, Begin, 0>(e);
    else
      return slice<Axis, Begin, End>(e);
  }()...);
}
template <int Axis, class E, int... I>
constexpr auto unstacked(const E& e, std::integer_sequence<int, I...>) {
  return std::tuple(squeeze<Axis>(slice<Axis, I, I + 1>(e))...);
}
/// The extent of an axis where it is static, else -1.
template <int Axis, class X>
constexpr index static_extent() {
  using S = typename bare<decltype(as_expression<0>(std::declval<X>()))>::type::shape_type;
  constexpr extents e = extents_of<S, typename names_of<S>::type>::value;
  return is_static(e[Axis].code) ? e[Axis].size : -1;
}
template <index... I>
constexpr bool ascending() {
  const index at[] = {0, I...};
  for (std::size_t k = 0; k < sizeof...(I); ++k)
    if (at[k] > at[k + 1]) return false;
  return true;
}

}  // namespace detail

/// N parts of equal size along an axis, the first by default, as a tuple: auto [a, b, c] = split<3>(x).
/// The extent must be a multiple of N.
template <int N, int Axis = 0, tensor_like X>
constexpr auto split(X&& x) {
  static_assert(N > 0, "tenon: split<N> has N > 0");
  const auto e = detail::as_expression<0>(static_cast<X&&>(x));
  return detail::equal_parts<detail::chosen_axis<Axis, X>()>(e, std::make_integer_sequence<int, N>{});
}

/// Parts that end at the places given, and the rest: split_at<0, 2, 5>(x) gives x[0:2], x[2:5] and x[5:].
template <int Axis, index... At, tensor_like X>
constexpr auto split_at(X&& x) {
  static_assert(detail::ascending<At...>(), "tenon: split_at takes places in ascending order, 0 or more");
  const auto e = detail::as_expression<0>(static_cast<X&&>(x));
  return detail::ranges<detail::chosen_axis<Axis, X>()>(e, std::integer_sequence<index, 0, At...>{},
                                                        std::integer_sequence<index, At..., -1>{});
}

/// The arrays along an axis of static extent, as a tuple: the inverse of stack.
template <int Axis = 0, tensor_like X>
constexpr auto unstack(X&& x) {
  constexpr int at = detail::chosen_axis<Axis, X>();
  constexpr index n = detail::static_extent<at, X>();
  static_assert(n >= 0, "tenon: unstack takes an axis whose extent is static; reshape says one");
  const auto e = detail::as_expression<0>(static_cast<X&&>(x));
  return detail::unstacked<at>(e, std::make_integer_sequence<int, int(n)>{});
}

}  // namespace tenon
