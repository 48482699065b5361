// Slices whose place is computed: dynamic_slice, dynamic_update_slice. Their length is known, so that they
// can stand in traced functions.
#pragma once

#include "tenon/ops/indexing.hpp"

namespace tenon {

namespace detail {

/// The part of axis a[0] that begins at a place and is as long as another array's.
inline array_access slice_at(const char* who, array_access whole, const array_access& begin, index axis,
                             index n) {
  const index at[1] = {0}, given = place_at(begin, at), have = whole.extent[axis];
  const index first = given < 0 ? given + have : given;
  if (first < 0 || first + n > have)
    throw index_error(std::string(who) + ": " + std::to_string(n) + " elements from place " +
                      std::to_string(given) + " on, of an axis of extent " + std::to_string(have));
  whole.data += first * whole.stride[axis] * size_of(whole.type);
  whole.extent[axis] = n;
  return whole;
}
constexpr void require_number(shape_scope& scope, const extents& begin) {
  if (begin.rank != 0) scope.fail(misfit::rank, {begin.rank, begin.rank}, {0, 0});
}

}  // namespace detail

struct update_slice_op;

/// a[1] elements of axis a[0], from the second operand on, a number.
struct dynamic_slice_op : op_defaults {
  static constexpr auto name = "dynamic_slice";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 2, places = 1;
  static constexpr bool linear = true;
  using inserts = list<update_slice_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    detail::require_number(scope, q.in[1]);
    extents r = q.in[0];
    dim& d = r[static_cast<int>(q.attribute.a[0])];
    if (d.size >= 0 && d.size < q.attribute.a[1]) scope.fail(misfit::range, d, static_dim(q.attribute.a[1]));
    d = static_dim(q.attribute.a[1]);
    return r;
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::copy_elements(
        detail::slice_at(name, l.in[0], l.in[1], l.attribute.a[0], l.out.extent[l.attribute.a[0]]), l.out);
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    const array_node n = b.node[node];
    const int zeros = b.broadcast_to_shape_of(b.number(0, b.node[cotangent].type), n.in[0]);
    return b.push(b.find<update_slice_op>(), zeros, n.in[1], cotangent, n.attribute);
  }
};

/// The same, as many elements as the third operand has.
struct slice_like_op : op_defaults {
  static constexpr auto name = "slice_like";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 3, places = 1, shape_only = 2;
  static constexpr bool linear = true;
  using inserts = list<update_slice_op>;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[2]; }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    dynamic_slice_op::run<Unit>(l);
  }
  static constexpr int pullback(graph_builder& b, int node, int operand, int cotangent) {
    return dynamic_slice_op::pullback(b, node, operand, cotangent);
  }
};

/// The first operand with the third one along axis a[0] from the second operand on, a number.
struct update_slice_op : op_defaults {
  static constexpr auto name = "dynamic_update_slice";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 3, places = 1;
  static constexpr bool linear = true, joint = true;
  using inserts = list<slice_like_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    detail::require_number(scope, q.in[1]);
    if (q.in[0].rank != q.in[2].rank)
      scope.fail(misfit::rank, {q.in[0].rank, q.in[0].rank}, {q.in[2].rank, q.in[2].rank});
    for (int i = 0; i < q.in[0].rank && scope.error == misfit::none; ++i)
      if (i != q.attribute.a[0]) scope.equate(q.in[0][i], q.in[2][i]);
    return q.in[0];
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    const index axis = l.attribute.a[0];
    const array_access target = detail::slice_at(name, l.out, l.in[1], axis, l.in[2].extent[axis]);
    detail::copy_elements(l.in[0], l.out);
    detail::copy_elements(l.in[2], target);
  }
  static constexpr int pullback(graph_builder& b, int node, int operand, int cotangent) {
    const array_node n = b.node[node];
    if (operand == 2) return b.push(b.find<slice_like_op>(), cotangent, n.in[1], n.in[2], n.attribute);
    const int zeros = b.broadcast_to_shape_of(b.number(0, b.node[cotangent].type), n.in[2]);
    return b.push(n.op, cotangent, n.in[1], zeros, n.attribute);
  }
};

/// Length elements of an axis from a place on that only run time knows: dynamic_slice<0, 10>(x, begin), begin
/// an integer or an integer array of rank 0; a negative one counts from the end. Throws index_error where the
/// slice reaches outside.
template <int Axis, index Length, tensor_like X, class B>
requires operands<X, B>
constexpr auto dynamic_slice(X&& x, B&& begin) {
  static_assert(Length >= 0, "tenon: a slice has 0 elements or more");
  using op = with<dynamic_slice_op, detail::chosen_axis<Axis, X>(), Length>;
  if constexpr (std::is_integral_v<std::remove_cvref_t<B>>)
    return apply<op>(static_cast<X&&>(x), detail::scalar_leaf<std::int64_t>(begin));
  else
    return apply<op>(static_cast<X&&>(x), static_cast<B&&>(begin));
}
/// x with `part` in the place of the elements of an axis from `begin` on; else as dynamic_slice.
template <int Axis, tensor_like X, tensor_like Y, class B>
requires operands<X, B>
constexpr auto dynamic_update_slice(X&& x, Y&& part, B&& begin) {
  using op = with<update_slice_op, detail::chosen_axis<Axis, X>()>;
  if constexpr (std::is_integral_v<std::remove_cvref_t<B>>)
    return apply<op>(static_cast<X&&>(x), detail::scalar_leaf<std::int64_t>(begin), static_cast<Y&&>(part));
  else
    return apply<op>(static_cast<X&&>(x), static_cast<B&&>(begin), static_cast<Y&&>(part));
}

}  // namespace tenon
