// Elements repeated: repeat, tile, arrays broadcast against each other, grids. No element is computed twice:
// repeated axes have stride 0 until something asks for a row-major array.
#pragma once

#include <tuple>

#include "tenon/ops/axes.hpp"

namespace tenon {

/// Each element N times along an axis: repeat<2>(x, axis<0>); without an axis, of x flattened.
template <index N, int A, tensor_like X>
constexpr auto repeat(X&& x, axes_t<A>) {
  static_assert(N >= 0, "tenon: repeat<N> has N >= 0");
  constexpr int at = detail::chosen_axis<A, X>();
  return detail::merge_axes<at, 2>(detail::spread<at + 1, N>(static_cast<X&&>(x)));
}
template <index N, tensor_like X>
constexpr auto repeat(X&& x) {
  return repeat<N>(flatten(static_cast<X&&>(x)), axis<0>);
}

namespace detail {

/// Before each axis from A on a new one: x has axes 2 A, of which the first 2 A are done.
template <int A, class X>
constexpr auto spread_axes(X&& x, std::integer_sequence<index>) {
  return static_cast<X&&>(x);
}
template <int A, class X, index N, index... More>
constexpr auto spread_axes(X&& x, std::integer_sequence<index, N, More...>) {
  if constexpr (N == 1)
    return spread_axes<A + 1>(static_cast<X&&>(x), std::integer_sequence<index, More...>{});
  else
    return spread_axes<A + 2>(spread<A, N>(static_cast<X&&>(x)), std::integer_sequence<index, More...>{});
}
template <int A, class X>
constexpr auto merge_spread(X&& x, std::integer_sequence<index>) {
  return static_cast<X&&>(x);
}
template <int A, class X, index N, index... More>
constexpr auto merge_spread(X&& x, std::integer_sequence<index, N, More...>) {
  constexpr std::integer_sequence<index, More...> rest;
  if constexpr (N == 1)
    return merge_spread<A + 1>(static_cast<X&&>(x), rest);
  else
    return merge_spread<A + 1>(merge_axes<A, 2>(static_cast<X&&>(x)), rest);
}
template <int N, class X>
constexpr auto lead_axes(X&& x) {
  if constexpr (N <= 0)
    return as_expression<0>(static_cast<X&&>(x));
  else
    return lead_axes<N - 1>(expand_dims<0>(static_cast<X&&>(x)));
}
/// Numbers of repetitions, with ones before them up to a rank.
template <int Ones, index... N>
struct padded_counts : padded_counts<Ones - 1, 1, N...> {};
template <int Ones, index... N>
requires(Ones <= 0) struct padded_counts<Ones, N...> {
  using type = std::integer_sequence<index, N...>;
};

}  // namespace detail

/// x repeated as a whole, as often as is said for each axis: tile<2, 3>(x): [m, n] -> [2 m, 3 n]. Fewer
/// numbers are for the last axes; with more, x gets axes of extent 1 in front.
template <index... N, tensor_like X>
constexpr auto tile(X&& x) {
  static_assert(((N >= 0) && ...), "tenon: tile takes numbers of 0 or more");
  constexpr int rank = detail::rank_of_operand<X>, given = int(sizeof...(N));
  static_assert((rank > given ? rank : given) + ((N != 1) + ... + 0) <= max_rank,
                "tenon: tile takes as many axes more as are repeated, at most 8 together");
  constexpr typename detail::padded_counts<rank - given, N...>::type counts;
  return detail::merge_spread<0>(
      detail::spread_axes<0>(detail::lead_axes<given - rank>(static_cast<X&&>(x)), counts), counts);
}

namespace detail {
template <class E>
constexpr auto places_like(const E& e) {
  return apply<with<position_op, index(dtype::int64)>>(e);
}
template <class... E>
constexpr auto broadcast_all(const E&... e) {
  const auto common = (places_like(e) + ...);  // of it, only the shape is used
  return std::tuple(broadcast_like(e, common)...);
}
template <int Before, int After, class X>
constexpr auto among_axes(X&& x) {
  if constexpr (After > 0)
    return among_axes<Before, After - 1>(expand_dims<-1>(static_cast<X&&>(x)));
  else
    return lead_axes<Before>(static_cast<X&&>(x));
}
template <bool Matrix, int... I, class... X>
constexpr auto mesh(std::integer_sequence<int, I...>, X&&... x) {
  static_assert(((rank_of_operand<X> == 1) && ...), "tenon: meshgrid takes arrays of one axis");
  constexpr int n = int(sizeof...(X));
  constexpr auto place = [](int i) { return !Matrix && n > 1 && i < 2 ? 1 - i : i; };
  return broadcast_all(among_axes<place(I), n - 1 - place(I)>(static_cast<X&&>(x))...);
}
}  // namespace detail

/// Arrays broadcast against each other: auto [a, b] = broadcast_arrays(x, y).
template <tensor_like... X>
requires(sizeof...(X) > 0) constexpr auto broadcast_arrays(X&&... x) {
  return detail::broadcast_all(detail::as_expression<0>(static_cast<X&&>(x))...);
}

/// The coordinates of a grid: meshgrid(x, y): [n], [m] -> [m, n], [m, n], x varying along the second axis.
template <tensor_like... X>
constexpr auto meshgrid(X&&... x) {
  return detail::mesh<false>(std::make_integer_sequence<int, int(sizeof...(X))>{}, static_cast<X&&>(x)...);
}
/// The same in matrix order: meshgrid_ij(x, y): [m], [n] -> [m, n], [m, n], x varying along the first axis.
template <tensor_like... X>
constexpr auto meshgrid_ij(X&&... x) {
  return detail::mesh<true>(std::make_integer_sequence<int, int(sizeof...(X))>{}, static_cast<X&&>(x)...);
}

}  // namespace tenon
