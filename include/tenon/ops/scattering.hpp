// Elements put where arrays of places say: scatter, put_along_axis, scatter_nd; and gather_nd. Places are
// read in row-major order; where one is given twice, the last element put there stays. All places are checked
// before anything is written.
#pragma once

#include <vector>

#include "tenon/ops/indexing.hpp"

namespace tenon {

namespace detail {

/// Places along axis a[0], whose axes stand for it among the parts', as for take.
struct slab_places {
  static constexpr extents parts(shape_scope&, const extents& whole, const extents& places,
                                 const attributes& a) {
    return taken_shape(whole, places, a.a[0]);
  }
  template <class Unit = this_unit>
  static void check(const char* who, const array_access& whole, const array_access& places,
                    const attributes& a) {
    check_places<Unit>(who, places, whole.extent[a.a[0]]);
  }
  static paired_blocks blocks(const array_access& whole, const array_access& parts,
                              const array_access& places, const attributes& a) {
    return paired_blocks::behind(place_walk{whole, parts, places}, a.a[0]);
  }
  static place_walk walk(const array_access& whole, const array_access& parts, const array_access& places,
                         const attributes& a) {
    return place_walk::slabs(whole, parts, places, a.a[0]);
  }
  template <class F>
  static void each(const array_access& whole, const array_access& parts, const array_access& places,
                   const attributes& a, F f) {
    walk(whole, parts, places, a).each_pair(f);
  }
};

/// Places along axis a[0] for each element of the parts, as for take_along_axis.
struct along_places {
  static constexpr extents parts(shape_scope& scope, const extents& whole, const extents& places,
                                 const attributes& a) {
    if (whole.rank != places.rank)
      scope.fail(misfit::rank, {whole.rank, whole.rank}, {places.rank, places.rank});
    else
      for (int i = 0; i < whole.rank; ++i)
        if (i != a.a[0]) scope.equate(whole[i], places[i]);
    return places;
  }
  template <class Unit = this_unit>
  static void check(const char* who, const array_access& whole, const array_access& places,
                    const attributes& a) {
    check_places<Unit>(who, places, whole.extent[a.a[0]]);
  }
  static paired_blocks blocks(const array_access& whole, const array_access& parts, const array_access&,
                              const attributes&) {
    return {without_axes(whole, 0, whole.rank, nullptr), without_axes(parts, 0, parts.rank, nullptr)};
  }
  static place_walk walk(const array_access& whole, const array_access& parts, const array_access& places,
                         const attributes& a) {
    return place_walk::along(whole, parts, places, a.a[0]);
  }
  template <class F>
  static void each(const array_access& whole, const array_access& parts, const array_access& places,
                   const attributes& a, F f) {
    walk(whole, parts, places, a).each_pair(f);
  }
};

/// A walk over blocks at coordinates, and the parts that belong to them.
struct coordinate_walk {
  array_access whole, parts;
  std::vector<index> offset;  // of each part's block, in bytes
  outer_walk<1> lead{};       // over the parts

  template <class F>
  void each(index begin, index end, F& f) const {
    const index* place = offset.data() + begin;
    lead.each(begin, end, [&](const index* at) { f(whole.data + *place++, parts.data + at[0]); });
  }
  /// Calls f(whole, parts) for each part, in order.
  template <class F>
  void each_pair(F f) const {
    each(0, lead.count, f);
  }
  /// Calls copies of f so, on the pool's threads, in any order; `cost` is about what one part takes in
  /// nanoseconds.
  template <class F>
  void share_parts(index cost, const F& f) const {
    share(lead.count, cost + 2, [&](index begin, index end) {
      F own = f;
      each(begin, end, own);
    });
  }
  /// The same where parts that meet in one block are one thread's, in order: each looks at all parts, so
  /// blocks have to be large.
  template <class F>
  void share_blocks(index cost, const F& f) const {
    const index most = 16, size = whole.size() * size_of(whole.type);  // the whole is dense
    const index ranges = cost < 16 || lead.count * cost < 100000 ? 1 : most;
    share(ranges, lead.count * (cost / ranges + 1), [&](index begin, index end) {
      F own = f;
      const index low = begin * size / ranges, high = end * size / ranges;
      const index* place = offset.data();
      lead.each(0, lead.count, [&](const index* at) {
        const index o = *place++;
        if (o >= low && o < high) own(whole.data + o, parts.data + at[0]);
      });
    });
  }
};

/// Coordinates along the places' last axis, of extent a[0]: of the whole's first axes.
struct coordinate_places {
  static constexpr extents parts(shape_scope& scope, const extents& whole, const extents& places,
                                 const attributes& a) {
    const int m = static_cast<int>(a.a[0]);
    if (m > whole.rank || whole.rank - m + places.rank - 1 > max_rank) {
      scope.fail(misfit::rank, {whole.rank, whole.rank}, {m, m});
      return whole;
    }
    extents r;
    for (int i = 0; i + 1 < places.rank; ++i) r[r.rank++] = places[i];
    for (int i = m; i < whole.rank; ++i) r[r.rank++] = whole[i];
    return r;
  }
  /// The k-th coordinates alone.
  static array_access coordinates(const array_access& places, index k) {
    array_access r = places;
    --r.rank;
    r.data += k * places.stride[r.rank] * size_of(places.type);
    return r;
  }
  template <class Unit = this_unit>
  static void check(const char* who, const array_access& whole, const array_access& places,
                    const attributes& a) {
    bool outside = false;
    for (index k = 0; k < a.a[0]; ++k) outside |= any_outside<Unit>(coordinates(places, k), whole.extent[k]);
    if (outside)  // the first one is named
      each_place(places.extent, places.rank, [&](const index* at) {
        const index k = at[places.rank - 1], i = place_at(places, at);
        if (i < -whole.extent[k] || i >= whole.extent[k])
          throw index_error(std::string(who) + ": place " + std::to_string(i) + " of axis " +
                            std::to_string(k) + ", of extent " + std::to_string(whole.extent[k]));
      });
  }
  static paired_blocks blocks(const array_access& whole, const array_access& parts,
                              const array_access& places, const attributes& a) {
    return {without_axes(whole, 0, static_cast<int>(a.a[0]), nullptr),
            without_axes(parts, 0, places.rank - 1, nullptr)};
  }
  static coordinate_walk walk(const array_access& whole, const array_access& parts,
                              const array_access& places, const attributes& a) {
    coordinate_walk w{whole, parts, {}};
    const index size = size_of(whole.type);
    for (int k = 0; k + 1 < places.rank; ++k)
      w.lead.add(places.extent[k], {parts.stride[k] * size_of(parts.type)});
    w.offset.assign(static_cast<std::size_t>(w.lead.count), 0);
    for (index k = 0; k < a.a[0]; ++k)
      add_places(w.offset.data(), coordinates(places, k), whole.extent[k], whole.stride[k] * size);
    return w;
  }
  template <class F>
  static void each(const array_access& whole, const array_access& parts, const array_access& places,
                   const attributes& a, F f) {
    walk(whole, parts, places, a).each_pair(f);
  }
};

/// For each part, in order, whether no later one goes to the same place of an array of some extents.
template <class Places>
std::vector<bool> last_ones(const array_access& whole, const array_access& parts, const array_access& places,
                            const attributes& a) {
  std::vector<std::int64_t> writer(static_cast<std::size_t>(whole.size()) + 1);
  array_access numbers = whole;
  numbers.type = dtype::int64;
  numbers.data = reinterpret_cast<std::byte*>(writer.data());
  for (index k = whole.rank - 1, step = 1; k >= 0; step *= whole.extent[k--]) numbers.stride[k] = step;
  std::int64_t n = 0;
  const auto slot = [](std::byte* p) { return reinterpret_cast<std::int64_t*>(p); };
  Places::each(numbers, parts, places, a, [&](std::byte* w, std::byte*) { *slot(w) = n++; });
  std::vector<bool> last;
  last.reserve(static_cast<std::size_t>(n));
  Places::each(numbers, parts, places, a,
               [&](std::byte* w, std::byte*) { last.push_back(*slot(w) == std::int64_t(last.size())); });
  return last;
}

constexpr void equate_all(shape_scope& scope, const extents& a, const extents& b) {
  if (a.rank != b.rank) scope.fail(misfit::rank, {a.rank, a.rank}, {b.rank, b.rank});
  for (int i = 0; i < a.rank && scope.error == misfit::none; ++i) scope.equate(a[i], b[i]);
}

/// The first operand with the third operand's parts put at places; Reads is the op that takes those that
/// stay.
template <class Places, class Reads>
struct putting : op_defaults {
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 3, places = 1;
  static constexpr bool linear = true, joint = true;
  using inserts = list<Reads>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    const extents parts = Places::parts(scope, q.in[0], q.in[1], q.attribute);
    if (scope.error == misfit::none) equate_all(scope, parts, q.in[2]);
    return q.in[0];
  }
  static void put(const char* who, const opaque_launch& l) {
    Places::check(who, l.in[0], l.in[1], l.attribute);
    copy_elements(l.in[0], l.out);
    if (l.in[2].size() == 0) return;
    const paired_blocks blocks = Places::blocks(l.out, l.in[2], l.in[1], l.attribute);
    Places::walk(l.out, l.in[2], l.in[1], l.attribute)
        .share_blocks(2 + blocks.part.size() * size_of(l.out.type) / 16,
                      [b = blocks](std::byte* w, std::byte* p) mutable { b.put(w, p); });
  }
  static constexpr int pullback(graph_builder& b, int node, int operand, int cotangent) {
    const array_node n = b.node[node];
    if (operand == 2) return b.push(b.find<Reads>(), cotangent, n.in[1], -1, n.attribute);
    return b.push(n.op, cotangent, n.in[1],
                  b.broadcast_to_shape_of(b.number(0, b.node[cotangent].type), n.in[2]), n.attribute);
  }
};

/// The parts of the first operand at places, zeros where a later place is the same: the transpose of putting.
template <class Places, class Puts>
struct reading_last : op_defaults {
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2, places = 1;
  static constexpr bool linear = true;
  using inserts = list<Puts>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    return Places::parts(scope, q.in[0], q.in[1], q.attribute);
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    Places::check("scatter", l.in[0], l.in[1], l.attribute);
    clear(l.out);
    if (l.out.size() == 0) return;
    const std::vector<bool> last = last_ones<Places>(l.in[0], l.out, l.in[1], l.attribute);
    paired_blocks blocks = Places::blocks(l.in[0], l.out, l.in[1], l.attribute);
    std::size_t i = 0;
    Places::each(l.in[0], l.out, l.in[1], l.attribute, [&](std::byte* w, std::byte* p) {
      if (last[i++]) blocks.get(w, p);
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    const array_node n = b.node[node];
    return b.push(b.find<Puts>(), b.broadcast_to_shape_of(b.number(0, b.node[cotangent].type), n.in[0]),
                  n.in[1], cotangent, n.attribute);
  }
};

}  // namespace detail

struct last_at_op;
struct last_along_op;
struct last_nd_op;

/// Slabs put at places along axis a[0].
struct put_at_op : detail::putting<detail::slab_places, last_at_op> {
  static constexpr auto name = "scatter";
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    put(name, l);
  }
};
struct last_at_op : detail::reading_last<detail::slab_places, put_at_op> {
  static constexpr auto name = "scatter_last";
};
/// Elements put at places along axis a[0] that vary.
struct put_along_op : detail::putting<detail::along_places, last_along_op> {
  static constexpr auto name = "put_along_axis";
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    put(name, l);
  }
};
struct last_along_op : detail::reading_last<detail::along_places, put_along_op> {
  static constexpr auto name = "put_along_axis_last";
};
/// Blocks put at coordinates.
struct put_nd_op : detail::putting<detail::coordinate_places, last_nd_op> {
  static constexpr auto name = "scatter_nd";
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    put(name, l);
  }
};
struct last_nd_op : detail::reading_last<detail::coordinate_places, put_nd_op> {
  static constexpr auto name = "scatter_nd_last";
};

struct add_nd_op;

/// Blocks at coordinates: [n0, ..., nm-1, rest], [places, m] -> [places, rest].
struct gather_nd_op : op_defaults {
  static constexpr auto name = "gather_nd";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 2, places = 1;
  static constexpr bool linear = true;
  using inserts = list<add_nd_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    return detail::coordinate_places::parts(scope, q.in[0], q.in[1], q.attribute);
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    using at = detail::coordinate_places;
    at::check<Unit>(name, l.in[0], l.in[1], l.attribute);
    if (l.out.size() == 0) return;
    const detail::paired_blocks blocks = at::blocks(l.in[0], l.out, l.in[1], l.attribute);
    at::walk(l.in[0], l.out, l.in[1], l.attribute)
        .share_parts(2 + blocks.part.size() * size_of(l.out.type) / 16,
                     [b = blocks](std::byte* w, std::byte* p) mutable { b.get(w, p); });
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<add_nd_op>(), cotangent, b.node[node].in[1], b.node[node].in[0],
                  b.node[node].attribute);
  }
};

/// Zeros of the third operand's shape to which blocks are added at coordinates: the transpose of gather_nd.
struct add_nd_op : op_defaults {
  static constexpr auto name = "scatter_nd_add";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 3, places = 1, shape_only = 2;
  static constexpr domain takes = domain::arithmetic;
  static constexpr bool linear = true;
  using inserts = list<gather_nd_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    const extents parts = detail::coordinate_places::parts(scope, q.in[2], q.in[1], q.attribute);
    if (scope.error == misfit::none) detail::equate_all(scope, q.in[0], parts);
    return q.in[2];
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    using at = detail::coordinate_places;
    at::check<Unit>(name, l.out, l.in[1], l.attribute);
    detail::clear(l.out);
    if (l.in[0].size() == 0) return;
    const detail::paired_blocks blocks = at::blocks(l.out, l.in[0], l.in[1], l.attribute);
    const detail::coordinate_walk walk = at::walk(l.out, l.in[0], l.in[1], l.attribute);
    detail::with_type(l.out.type, [&]<class T>(T) {
      if constexpr (!std::is_same_v<T, bool>)
        walk.share_blocks(2 + blocks.part.size() / 2, [b = blocks](std::byte* w, std::byte* p) mutable {
          b.whole.data = w;
          b.part.data = p;
          detail::add_array<T>(b.whole, b.part);
        });
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<gather_nd_op>(), cotangent, b.node[node].in[1], -1, b.node[node].attribute);
  }
};

namespace detail {
template <class P>
constexpr index coordinates_in() {
  using S = typename bare<decltype(as_expression<0>(std::declval<P>()))>::type::shape_type;
  static_assert(S::rank > 0, "tenon: coordinates stand along the last axis of the places");
  constexpr extents e = extents_of<S, typename names_of<S>::type>::value;
  static_assert(
      is_static(e[e.rank - 1].code),
      "tenon: the last axis of the places says how many coordinates each has: its extent is static");
  return e[e.rank - 1].size;
}
}  // namespace detail

/// `to` with x at places along an axis: scatter<0>(to, places, x), where take<0>(to, places) has x's shape.
template <int Axis = 0, tensor_like Y, tensor_like P, tensor_like X>
constexpr auto scatter(Y&& to, P&& places, X&& x) {
  return apply<with<put_at_op, detail::chosen_axis<Axis, Y>()>>(
      static_cast<Y&&>(to), static_cast<P&&>(places), static_cast<X&&>(x));
}
/// `to` with x at places that vary along an axis, x and places of one shape: what take_along_axis reads.
template <int Axis = -1, tensor_like Y, tensor_like P, tensor_like X>
constexpr auto put_along_axis(Y&& to, P&& places, X&& x) {
  return apply<with<put_along_op, detail::chosen_axis<Axis, Y>()>>(
      static_cast<Y&&>(to), static_cast<P&&>(places), static_cast<X&&>(x));
}
/// The blocks of x at coordinates, which stand along the places' last axis, of static extent m:
/// gather_nd(x, places): [n0, ..., rest], [..., m] -> [..., rest].
template <tensor_like X, tensor_like P>
constexpr auto gather_nd(X&& x, P&& places) {
  return apply<with<gather_nd_op, detail::coordinates_in<P>()>>(static_cast<X&&>(x),
                                                                static_cast<P&&>(places));
}
/// `to` with x at coordinates: what gather_nd reads.
template <tensor_like Y, tensor_like P, tensor_like X>
constexpr auto scatter_nd(Y&& to, P&& places, X&& x) {
  return apply<with<put_nd_op, detail::coordinates_in<P>()>>(static_cast<Y&&>(to), static_cast<P&&>(places),
                                                             static_cast<X&&>(x));
}
/// `to` with x added at coordinates, which may repeat.
template <tensor_like Y, tensor_like P, tensor_like X>
constexpr auto scatter_nd_add(const Y& to, P&& places, X&& x) {
  return to + apply<with<add_nd_op, detail::coordinates_in<P>()>>(static_cast<X&&>(x),
                                                                  static_cast<P&&>(places), to);
}
/// x with a number, or the elements of an array, where a mask is true.
template <tensor_like X, tensor_like M, class V>
requires operands<X, V>
constexpr auto masked_fill(X&& x, M&& mask, V&& value) {
  return where(static_cast<M&&>(mask), static_cast<V&&>(value), static_cast<X&&>(x));
}

}  // namespace tenon
