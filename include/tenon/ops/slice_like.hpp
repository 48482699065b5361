// The first elements along axes, as many as another array has there: slice_like.
#pragma once

#include "tenon/ops/axes.hpp"
#include "tenon/ops/joining.hpp"

namespace tenon {

/// The first elements of x along axis a[0], as many as the second operand has along its axis a[1].
struct front_like_op : view_op {
  static constexpr auto name = "slice_like";
  static constexpr int arity = 2, shape_only = 1;
  static constexpr bool leaves_out = true;
  using inserts = list<place_end_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    extents r = q.in[0];
    dim& d = r[static_cast<int>(q.attribute.a[0])];
    const dim asked = q.in[1][static_cast<int>(q.attribute.a[1])];
    if (d.size >= 0 && asked.size > d.size) scope.fail(misfit::range, d, asked);
    d = asked;
    return r;
  }
  static constexpr bool strides(const extents&, const extents&, const attributes&, const view_strides& from,
                                view_strides& to) {
    to = from;
    return true;
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<place_end_op>(), cotangent, b.node[node].in[0], -1,
                  {{b.node[node].attribute.a[0], 0}});
  }
};

namespace detail {
template <int A, class X, class Y>
constexpr auto front_like(X&& x, const Y& y) {
  return apply<with<front_like_op, chosen_axis<A, X>(), chosen_axis<A, const Y&>()>>(static_cast<X&&>(x), y);
}
template <class X, class Y>
constexpr auto fronts_like(X&& x, const Y&, axes_t<>) {
  return as_expression<0>(static_cast<X&&>(x));
}
template <class X, class Y, int A, int... More>
constexpr auto fronts_like(X&& x, const Y& y, axes_t<A, More...>) {
  return fronts_like(front_like<A>(static_cast<X&&>(x), y), y, axes_t<More...>{});
}
template <int... A>
axes_t<A...> all_axes(std::integer_sequence<int, A...>);
}  // namespace detail

/// The first elements of x along the axes given, or along all, as many as y has there: slice_like(x, y,
/// axis<0>) is x[:y.extent(0)]. Negative axes count from the end of x and of y. Throws shape_error where y
/// has more.
template <tensor_like X, tensor_like Y, int... A>
requires(sizeof...(A) > 0) constexpr auto slice_like(X&& x, const Y& y, axes_t<A...> which) {
  return detail::fronts_like(static_cast<X&&>(x), y, which);
}
template <tensor_like X, tensor_like Y>
constexpr auto slice_like(X&& x, const Y& y) {
  constexpr int rank = detail::rank_of_operand<X>;
  static_assert(rank == detail::rank_of_operand<const Y&>,
                "tenon: slice_like of arrays of different ranks takes the axes: slice_like(x, y, axis<0>)");
  return detail::fronts_like(static_cast<X&&>(x), y,
                             decltype(detail::all_axes(std::make_integer_sequence<int, rank>{})){});
}

}  // namespace tenon
