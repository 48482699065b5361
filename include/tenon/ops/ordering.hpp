// Order along an axis: argsort, sort, partition, topk.
#pragma once

#include "tenon/graph/call.hpp"
#include "tenon/ops/indexing.hpp"
#include "tenon/ops/sorting_lanes.hpp"

namespace tenon {

namespace detail {

/// Calls f with the first element of each line along an axis, in both arrays: they have one shape.
template <class F>
void each_line(const array_access& x, const array_access& y, index axis, F f) {
  index extent[max_rank];
  std::copy(x.extent, x.extent + max_rank, extent);
  if (extent[axis] == 0) return;
  extent[axis] = 1;
  each_place(extent, x.rank,
             [&](const index* at) { f(x.data + offset_of(x, at), y.data + offset_of(y, at)); });
}

}  // namespace detail

/// The places of the elements along the last axis in ascending or (a[1]) descending order; equal ones keep
/// theirs, NaN is last.
struct argsort_op : op_defaults {
  static constexpr auto name = "argsort";
  static constexpr domain takes = domain::ordered;
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr yields gives = yields::attribute;
  static constexpr bool smooth = false;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[0]; }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::with_ordered_type(l.in[0].type, [&]<class T>(T) {
      const int axis = l.out.rank - 1;
      const index n = l.out.extent[axis], step = l.in[0].stride[axis];
      detail::share_lines(l.in[0], l.out, axis, detail::sorting_cost(n, l.in[0].type),
                          [&](const std::byte* from, std::byte* to) {
                            detail::argsort_line(reinterpret_cast<const T*>(from), step, n,
                                                 reinterpret_cast<std::int64_t*>(to), l.attribute.a[1] != 0,
                                                 n);
                          });
    });
  }
};

/// The elements along the last axis in ascending or (a[0]) descending order, NaN last. Derivatives go to
/// where elements came from; of equal ones, to the first.
struct sort_op : op_defaults {
  static constexpr auto name = "sort";
  static constexpr domain takes = domain::ordered;
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  using inserts = list<argsort_op, take_along_op, add_along_op>;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[0]; }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::with_ordered_type(l.in[0].type, [&]<class T>(T) {
      detail::sort_lines<T, Unit>(l.in[0], l.out, l.attribute.a[0] != 0);
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<add_along_op>(), cotangent, places_of(b, node), b.node[node].in[0],
                  {{b.shape_of(node).rank - 1}});
  }
  static constexpr int pushforward(graph_builder& b, int node, int, int tangent) {
    const int moved = b.broadcast_to_shape_of(tangent, node);
    return b.push(b.find<take_along_op>(), moved, places_of(b, node), -1, {{b.shape_of(node).rank - 1}});
  }

 private:
  static constexpr int places_of(graph_builder& b, int node) {
    return b.push(b.find<argsort_op>(), b.node[node].in[0], -1, -1,
                  {{index(dtype::int64), b.node[node].attribute.a[0]}});
  }
};

namespace detail {
/// Op X, which works along the last axis, along another.
template <class Op, int Axis, class X>
constexpr auto along_last(X&& x) {
  constexpr int rank = rank_of_operand<X>;
  static_assert(rank > 0, "tenon: a number has no axis to sort along");
  constexpr int axis = chosen_axis<Axis, X>();
  if constexpr (axis == rank - 1)
    return apply<Op>(static_cast<X&&>(x));
  else
    return swapaxes<axis, rank - 1>(apply<Op>(swapaxes<axis, rank - 1>(static_cast<X&&>(x))));
}
}  // namespace detail

/// The places, int64, that sort x along an axis, the last by default. Stable; NaN is last.
template <int Axis = -1, tensor_like X>
constexpr auto argsort(X&& x) {
  return detail::along_last<with<argsort_op, index(dtype::int64), 0>, Axis>(static_cast<X&&>(x));
}
/// The same from the greatest to the least; NaN is last.
template <int Axis = -1, tensor_like X>
constexpr auto argsort_descending(X&& x) {
  return detail::along_last<with<argsort_op, index(dtype::int64), 1>, Axis>(static_cast<X&&>(x));
}
/// x in ascending order along an axis, the last by default; NaN is last. Derivatives go to where elements
/// came from.
template <int Axis = -1, tensor_like X>
constexpr auto sort(X&& x) {
  return detail::along_last<with<sort_op, 0>, Axis>(static_cast<X&&>(x));
}
/// The same from the greatest to the least; NaN is last.
template <int Axis = -1, tensor_like X>
constexpr auto sort_descending(X&& x) {
  return detail::along_last<with<sort_op, 1>, Axis>(static_cast<X&&>(x));
}
/// The places, int64, that sort the places of several arrays of one axis, by the last array first, as in
/// NumPy.
template <tensor_like X>
constexpr auto lexsort(X&& x) {
  return argsort(static_cast<X&&>(x));
}
namespace detail {
template <class P>
constexpr auto lexsort_from(P&& places) {
  return static_cast<P&&>(places);
}
template <class P, class X, class... More>
constexpr auto lexsort_from(P&& places, const X& x, const More&... more) {
  return lexsort_from(
      call([](auto p, auto v) { return take(p, argsort(take(v, p))); }, static_cast<P&&>(places), x),
      more...);
}
}  // namespace detail
template <tensor_like X, tensor_like Y, tensor_like... More>
constexpr auto lexsort(X&& x, const Y& y, const More&... more) {
  return detail::lexsort_from(argsort(static_cast<X&&>(x)), y, more...);
}

/// Places along the last axis such that the one at place a[2] (from the end where negative) is where it would
/// be if sorted, those before it are of elements that are no greater, those behind of elements no less.
struct argpartition_op : op_defaults {
  static constexpr auto name = "argpartition";
  static constexpr domain takes = domain::ordered;
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr yields gives = yields::attribute;
  static constexpr bool smooth = false;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    const dim n = q.in[0][q.in[0].rank - 1];
    const index k = q.attribute.a[2];
    if (n.size >= 0 && (k < -n.size || k >= n.size)) scope.fail(misfit::range, n, static_dim(k < 0 ? -k : k));
    return q.in[0];
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::with_ordered_type(l.in[0].type, [&]<class T>(T) {
      using order = detail::order_key<T>;
      using item = detail::keyed<typename order::type, std::int64_t>;
      const int axis = l.out.rank - 1;
      const index n = l.out.extent[axis], step = l.in[0].stride[axis];
      const index k = l.attribute.a[2] < 0 ? l.attribute.a[2] + n : l.attribute.a[2];
      if (n == 0) return;
      detail::share_lines(l.in[0], l.out, axis, 20 + 10 * n, [&](const std::byte* from, std::byte* to) {
        item* const a = reinterpret_cast<item*>(detail::scratch(std::size_t(n) * sizeof(item)));
        for (index i = 0; i < n; ++i)
          a[i] = {order::template of<true>(reinterpret_cast<const T*>(from)[i * step]), i};
        std::nth_element(a, a + k, a + n, [](const item& p, const item& q) {
          return p.key != q.key ? p.key < q.key : p.place < q.place;
        });
        for (index i = 0; i < n; ++i) reinterpret_cast<std::int64_t*>(to)[i] = a[i].place;
      });
    });
  }
};
/// The places, int64, that partition x along an axis about its K-th least element: that one is at K, none
/// before it is greater, none behind it is less; from the end where K is negative. NaN is greatest.
template <index K, int Axis = -1, tensor_like X>
constexpr auto argpartition(X&& x) {
  return detail::along_last<with<argpartition_op, index(dtype::int64), 0, K>, Axis>(static_cast<X&&>(x));
}
/// x so partitioned; see argpartition.
template <index K, int Axis = -1, tensor_like X>
constexpr auto partition(X&& x) {
  return call([](auto v) { return take_along_axis<Axis>(v, argpartition<K, Axis>(v)); }, static_cast<X&&>(x));
}

/// The places of the a[1] greatest elements along the last axis, the greatest first, of equal ones the first
/// first; NaN is last.
struct topk_op : op_defaults {
  static constexpr auto name = "topk";
  static constexpr domain takes = domain::ordered;
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr yields gives = yields::attribute;
  static constexpr bool smooth = false;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    extents r = q.in[0];
    dim& n = r[r.rank - 1];
    if (n.size >= 0 && q.attribute.a[1] > n.size) scope.fail(misfit::range, n, static_dim(q.attribute.a[1]));
    n = static_dim(q.attribute.a[1]);
    return r;
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::with_ordered_type(l.in[0].type, [&]<class T>(T) {
      const int axis = l.out.rank - 1;
      const index n = l.in[0].extent[axis], step = l.in[0].stride[axis], count = l.attribute.a[1];
      const index cost = count * 8 > n ? detail::sorting_cost(n, l.in[0].type) : 20 + 30 * count + n / 4;
      detail::share_lines(l.in[0], l.out, axis, cost, [&](const std::byte* from, std::byte* to) {
        detail::greatest_of_line(reinterpret_cast<const T*>(from), step, n,
                                 reinterpret_cast<std::int64_t*>(to), count);
      });
    });
  }
};
/// The places, int64, of the K greatest elements along an axis, the last by default, the greatest first; of
/// equal ones the first first, NaN last. Their values: see take_along_axis.
template <index K, int Axis = -1, tensor_like X>
constexpr auto topk(X&& x) {
  static_assert(K >= 0, "tenon: topk<K> has K >= 0");
  return detail::along_last<with<topk_op, index(dtype::int64), K>, Axis>(static_cast<X&&>(x));
}

}  // namespace tenon
