// Extrema of an array and of what is put at places of it: scatter_max, scatter_min, and the same at
// coordinates.
#pragma once

#include "tenon/ops/scattering.hpp"

namespace tenon {

namespace detail {

/// The first operand, each element the extremum of itself and of the third operand's elements at its place;
/// NaN propagates. k equal extrema, the first operand's among them, share the derivative. Reads takes parts
/// at places, Adds adds them up there.
template <class Places, class Reads, class Adds, bool Greatest>
struct putting_extremum : op_defaults {
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 3, places = 1, rule_nodes = 24;
  static constexpr domain takes = domain::numeric;
  using inserts = list<Reads, Adds>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    const extents parts = Places::parts(scope, q.in[0], q.in[1], q.attribute);
    if (scope.error == misfit::none) equate_all(scope, parts, q.in[2]);
    return q.in[0];
  }
  template <class T>
  static T extremum(T a, T b) {
    using namespace math;
    if constexpr (Greatest)
      return maximum(a, b);
    else
      return minimum(a, b);
  }
  static void put(const char* who, const opaque_launch& l) {
    Places::check(who, l.in[0], l.in[1], l.attribute);
    copy_elements(l.in[0], l.out);
    if (l.in[2].size() == 0) return;
    with_type(l.out.type, [&]<class T>(T) {
      if constexpr (!std::is_same_v<T, bool> && !complex_number<T>) put_as<T>(l);
    });
  }
  template <class T>
  static void put_as(const opaque_launch& l) {
    const paired_blocks blocks = Places::blocks(l.out, l.in[2], l.in[1], l.attribute);
    const auto one = [b = blocks](std::byte* w, std::byte* p) mutable {
      b.whole.data = w;
      b.part.data = p;
      combine_arrays<T>(b.whole, b.part, [](T a, T c) { return extremum(a, c); });
    };
    Places::walk(l.out, l.in[2], l.in[1], l.attribute).share_blocks(5 + blocks.part.size() / 2, one);
  }

  /// 1 where an operand's element is the extremum, else 0.
  static constexpr int hits(graph_builder& b, int node, int operand) {
    const array_node n = b.node[node];
    const int there = operand == 0 ? node : b.push(b.find<Reads>(), node, n.in[1], -1, n.attribute);
    return b.push(core::where, b.push(core::equal, n.in[operand], there), b.number(1, n.type),
                  b.number(0, n.type));
  }
  static constexpr int added(graph_builder& b, int node, int parts) {
    const array_node n = b.node[node];
    return b.push(b.find<Adds>(), parts, n.in[1], n.in[0], n.attribute);
  }
  /// What each element of the result has from each of its extrema: x / k.
  static constexpr int shared(graph_builder& b, int node, int x) {
    return b.push(core::divide, x, b.push(core::add, hits(b, node, 0), added(b, node, hits(b, node, 2))));
  }
  static constexpr int pullback(graph_builder& b, int node, int operand, int cotangent) {
    const array_node n = b.node[node];
    const int own = shared(b, node, b.broadcast_to_shape_of(cotangent, node));
    return b.push(core::multiply, hits(b, node, operand),
                  operand == 0 ? own : b.push(b.find<Reads>(), own, n.in[1], -1, n.attribute));
  }
  static constexpr int pushforward(graph_builder& b, int node, int operand, int tangent) {
    const int moved = b.push(core::multiply, hits(b, node, operand),
                             b.broadcast_to_shape_of(tangent, b.node[node].in[operand]));
    return shared(b, node, operand == 0 ? moved : added(b, node, moved));
  }
};

}  // namespace detail

struct max_at_op : detail::putting_extremum<detail::slab_places, take_op, add_at_op, true> {
  static constexpr auto name = "scatter_max";
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    put(name, l);
  }
};
struct min_at_op : detail::putting_extremum<detail::slab_places, take_op, add_at_op, false> {
  static constexpr auto name = "scatter_min";
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    put(name, l);
  }
};
struct max_nd_op : detail::putting_extremum<detail::coordinate_places, gather_nd_op, add_nd_op, true> {
  static constexpr auto name = "scatter_nd_max";
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    put(name, l);
  }
};
struct min_nd_op : detail::putting_extremum<detail::coordinate_places, gather_nd_op, add_nd_op, false> {
  static constexpr auto name = "scatter_nd_min";
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    put(name, l);
  }
};

/// `to`, each element the greatest of itself and of x's elements at its place along an axis; places may
/// repeat, as for scatter_add: scatter_max<0>(to, places, x), where take<0>(to, places) has x's shape. NaN
/// propagates; equal extrema share the derivative.
template <int Axis = 0, tensor_like Y, tensor_like P, tensor_like X>
constexpr auto scatter_max(Y&& to, P&& places, X&& x) {
  return apply<with<max_at_op, detail::chosen_axis<Axis, Y>()>>(
      static_cast<Y&&>(to), static_cast<P&&>(places), static_cast<X&&>(x));
}
/// The same with the least.
template <int Axis = 0, tensor_like Y, tensor_like P, tensor_like X>
constexpr auto scatter_min(Y&& to, P&& places, X&& x) {
  return apply<with<min_at_op, detail::chosen_axis<Axis, Y>()>>(
      static_cast<Y&&>(to), static_cast<P&&>(places), static_cast<X&&>(x));
}
/// The greatest of `to` and of x's blocks at coordinates, as scatter_nd has them.
template <tensor_like Y, tensor_like P, tensor_like X>
constexpr auto scatter_nd_max(Y&& to, P&& places, X&& x) {
  return apply<with<max_nd_op, detail::coordinates_in<P>()>>(static_cast<Y&&>(to), static_cast<P&&>(places),
                                                             static_cast<X&&>(x));
}
/// The same with the least.
template <tensor_like Y, tensor_like P, tensor_like X>
constexpr auto scatter_nd_min(Y&& to, P&& places, X&& x) {
  return apply<with<min_nd_op, detail::coordinates_in<P>()>>(static_cast<Y&&>(to), static_cast<P&&>(places),
                                                             static_cast<X&&>(x));
}

}  // namespace tenon
