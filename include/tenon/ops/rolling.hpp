// Elements moved along axes: roll, where those that leave come in at the other end, and shift, where zeros
// do.
#pragma once

#include <algorithm>

#include "tenon/ops/padding.hpp"

namespace tenon {

/// Element i goes to place (i + a[1]) mod n of axis a[0], or, where that is -1, of all elements in row-major
/// order.
struct roll_op : op_defaults {
  static constexpr auto name = "roll";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 1;
  static constexpr bool linear = true;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[0]; }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    const index axis = l.attribute.a[0];
    const index n = axis < 0 ? l.out.size() : l.out.extent[axis];
    if (n == 0) return;
    const index shift = ((l.attribute.a[1] % n) + n) % n;
    if (axis < 0) {
      detail::copy_elements(l.in[0], l.out);
      const index size = size_of(l.out.type);
      std::rotate(l.out.data, l.out.data + (n - shift) * size, l.out.data + n * size);
      return;
    }
    detail::copy_elements(detail::part_of(l.in[0], axis, 0, n - shift),
                          detail::part_of(l.out, axis, shift, n - shift));
    detail::copy_elements(detail::part_of(l.in[0], axis, n - shift, shift),
                          detail::part_of(l.out, axis, 0, shift));
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    const attributes& which = b.node[node].attribute;
    return b.push(b.node[node].op, cotangent, -1, -1, {{which.a[0], -which.a[1]}});
  }
};

/// Element i goes to place i + a[1] of axis a[0], where there is one; zeros follow.
struct shift_op : op_defaults {
  static constexpr auto name = "shift";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 1;
  static constexpr bool linear = true;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[0]; }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    const index axis = l.attribute.a[0], n = l.out.extent[axis];
    const index by = std::clamp<index>(l.attribute.a[1], -n, n), kept = n - (by < 0 ? -by : by);
    const std::byte zero[16]{};
    detail::copy_elements(detail::part_of(l.in[0], axis, by < 0 ? -by : 0, kept),
                          detail::part_of(l.out, axis, by < 0 ? 0 : by, kept));
    detail::fill_elements(detail::part_of(l.out, axis, by < 0 ? kept : 0, n - kept), zero);
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    const attributes& which = b.node[node].attribute;
    return b.push(b.node[node].op, cotangent, -1, -1, {{which.a[0], -which.a[1]}});
  }
};

namespace detail {
template <class X>
constexpr auto roll_axes(X&& x, std::integer_sequence<index>, axes_t<>) {
  return as_expression<0>(static_cast<X&&>(x));
}
template <class X, index Shift, index... More, int A, int... Axes>
constexpr auto roll_axes(X&& x, std::integer_sequence<index, Shift, More...>, axes_t<A, Axes...>) {
  return roll_axes(apply<with<roll_op, chosen_axis<A, X>(), Shift>>(static_cast<X&&>(x)),
                   std::integer_sequence<index, More...>{}, axes_t<Axes...>{});
}
}  // namespace detail

/// Elements moved on by Shift places along an axis, those at the end to the beginning: roll<1>(x, axis<0>),
/// roll<1, -2>(x, axes<0, 1>). Without an axis, in row-major order.
template <index... Shift, tensor_like X, int... A>
constexpr auto roll(X&& x, axes_t<A...> which) {
  static_assert(sizeof...(A) == sizeof...(Shift) && sizeof...(A) > 0,
                "tenon: roll takes a shift for each of the axes");
  return detail::roll_axes(static_cast<X&&>(x), std::integer_sequence<index, Shift...>{}, which);
}
template <index Shift, tensor_like X>
constexpr auto roll(X&& x) {
  return apply<with<roll_op, -1, Shift>>(static_cast<X&&>(x));
}
/// Elements moved on by Shift places along an axis; zeros come in, and what leaves is gone.
template <index Shift, tensor_like X, int A>
constexpr auto shift(X&& x, axes_t<A>) {
  return apply<with<shift_op, detail::chosen_axis<A, X>(), Shift>>(static_cast<X&&>(x));
}

}  // namespace tenon
