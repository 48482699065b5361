// Elements chosen by arrays of places: take, take_along_axis, and their transposes, which add into places.
// Places are integers; negative ones count from the end; one outside of the axis is an index_error before
// anything is written.
#pragma once

#include "tenon/graph/call.hpp"
#include "tenon/ops/core_ops.hpp"
#include "tenon/ops/place_moves.hpp"

namespace tenon {

struct add_at_op;
struct add_along_op;

/// The elements at places along axis a[0]: the places' axes stand for that axis.
struct take_op : op_defaults {
  static constexpr auto name = "take";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 2, places = 1;
  static constexpr bool linear = true;
  using inserts = list<add_at_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    if (q.in[0].rank - 1 + q.in[1].rank > max_rank) {
      scope.fail(misfit::rank, {q.in[0].rank, q.in[0].rank}, {q.in[1].rank, q.in[1].rank});
      return q.in[0];
    }
    return detail::taken_shape(q.in[0], q.in[1], q.attribute.a[0]);
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::check_places<Unit>(name, l.in[1], l.in[0].extent[l.attribute.a[0]]);
    detail::take_blocks<Unit>(detail::place_walk::slabs(l.in[0], l.out, l.in[1], l.attribute.a[0]),
                              l.attribute.a[0]);
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<add_at_op>(), cotangent, b.node[node].in[1], b.node[node].in[0],
                  b.node[node].attribute);
  }
};

/// Zeros of the third operand's shape, to which the first operand's elements are added at places along an
/// axis: the transpose of take. Sums are in row-major order, whatever the number of threads.
struct add_at_op : op_defaults {
  static constexpr auto name = "add_at";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 3, places = 1, shape_only = 2;
  static constexpr domain takes = domain::arithmetic;
  static constexpr bool linear = true;
  using inserts = list<take_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    if (q.in[0].rank != q.in[2].rank - 1 + q.in[1].rank)
      scope.fail(misfit::rank, {q.in[0].rank, q.in[0].rank}, {q.in[2].rank, q.in[2].rank});
    const extents r = detail::taken_shape(q.in[2], q.in[1], q.attribute.a[0]);
    for (int i = 0; i < r.rank && scope.error == misfit::none; ++i) scope.equate(q.in[0][i], r[i]);
    return q.in[2];
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::check_places<Unit>(name, l.in[1], l.out.extent[l.attribute.a[0]]);
    detail::clear(l.out);
    detail::with_type(l.out.type, [&]<class T>(T) {
      if constexpr (!std::is_same_v<T, bool>)
        detail::add_blocks<T>(detail::place_walk::slabs(l.out, l.in[0], l.in[1], l.attribute.a[0]),
                              l.attribute.a[0]);
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<take_op>(), cotangent, b.node[node].in[1], -1, b.node[node].attribute);
  }
};

/// out[i, j, k] = x[i, places[i, j, k], k] for axis a[0] = 1.
struct take_along_op : op_defaults {
  static constexpr auto name = "take_along_axis";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 2, places = 1;
  static constexpr bool linear = true;
  using inserts = list<add_along_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    if (q.in[0].rank != q.in[1].rank)
      scope.fail(misfit::rank, {q.in[0].rank, q.in[0].rank}, {q.in[1].rank, q.in[1].rank});
    else
      for (int i = 0; i < q.in[0].rank; ++i)
        if (i != q.attribute.a[0]) scope.equate(q.in[0][i], q.in[1][i]);
    return q.in[1];
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::check_places<Unit>(name, l.in[1], l.in[0].extent[l.attribute.a[0]]);
    detail::take_elements<Unit>(detail::place_walk::along(l.in[0], l.out, l.in[1], l.attribute.a[0]));
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<add_along_op>(), cotangent, b.node[node].in[1], b.node[node].in[0],
                  b.node[node].attribute);
  }
};

/// Zeros of the third operand's shape with out[i, places[i, j, k], k] += x[i, j, k]: the transpose of
/// take_along_axis.
struct add_along_op : op_defaults {
  static constexpr auto name = "add_along_axis";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 3, places = 1, shape_only = 2;
  static constexpr domain takes = domain::arithmetic;
  static constexpr bool linear = true;
  using inserts = list<take_along_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    if (q.in[0].rank != q.in[1].rank || q.in[0].rank != q.in[2].rank)
      scope.fail(misfit::rank, {q.in[0].rank, q.in[0].rank}, {q.in[2].rank, q.in[2].rank});
    else
      for (int i = 0; i < q.in[0].rank; ++i) {
        scope.equate(q.in[0][i], q.in[1][i]);
        if (i != q.attribute.a[0]) scope.equate(q.in[0][i], q.in[2][i]);
      }
    return q.in[2];
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::check_places<Unit>(name, l.in[1], l.out.extent[l.attribute.a[0]]);
    detail::clear(l.out);
    detail::with_type(l.out.type, [&]<class T>(T) {
      if constexpr (!std::is_same_v<T, bool>)
        detail::add_elements<T>(detail::place_walk::along(l.out, l.in[0], l.in[1], l.attribute.a[0]));
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<take_along_op>(), cotangent, b.node[node].in[1], -1, b.node[node].attribute);
  }
};

/// The elements of x at places along an axis: take<0>(table, tokens): [n, d], [batch, time] -> [batch, time,
/// d].
template <int Axis = 0, tensor_like X, tensor_like P>
constexpr auto take(X&& x, P&& places) {
  return apply<with<take_op, detail::chosen_axis<Axis, X>()>>(static_cast<X&&>(x), static_cast<P&&>(places));
}
/// The elements of x at places that vary along an axis alone, as argsort gives them: of the places' shape.
template <int Axis = -1, tensor_like X, tensor_like P>
constexpr auto take_along_axis(X&& x, P&& places) {
  return apply<with<take_along_op, detail::chosen_axis<Axis, X>()>>(static_cast<X&&>(x),
                                                                    static_cast<P&&>(places));
}
/// `to` with elements added at places along an axis; places may repeat: scatter_add<0>(to, places, x).
template <int Axis = 0, tensor_like Y, tensor_like P, tensor_like X>
constexpr auto scatter_add(const Y& to, P&& places, X&& x) {
  return to + apply<with<add_at_op, detail::chosen_axis<Axis, const Y&>()>>(static_cast<X&&>(x),
                                                                            static_cast<P&&>(places), to);
}

}  // namespace tenon
