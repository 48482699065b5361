// Elements chosen by arrays of places: take, take_along_axis, and their transposes, which add into places.
// Places are integers; negative ones count from the end; one outside of the axis is an index_error before
// anything is written.
#pragma once

#include <limits>

#include "tenon/graph/call.hpp"
#include "tenon/ops/core_ops.hpp"

namespace tenon {

namespace detail {

/// The places in an array of integers, row-major, checked against an extent.
inline index place_at(const array_access& places, const index* at) {
  const std::byte* p = places.data;
  for (int k = 0; k < places.rank; ++k) p += at[k] * places.stride[k] * size_of(places.type);
  if (places.type == dtype::int32) {
    std::int32_t v;
    std::memcpy(&v, p, 4);
    return v;
  }
  if (places.type == dtype::int64) {
    std::int64_t v;
    std::memcpy(&v, p, 8);
    return v;
  }
  index r = 0;
  with_type(places.type, [&]<class T>(T v) {
    std::memcpy(&v, p, sizeof(T));
    if constexpr (std::is_integral_v<T>)  // one that no index can be is outside of every axis
      r = std::is_same_v<T, std::uint64_t> && v > T(-1) / 2 ? std::numeric_limits<index>::max()
                                                            : static_cast<index>(v);
  });
  return r;
}

/// Calls f with the coordinates of each element of some extents, row-major.
template <class F>
void each_place(const index* extent, int rank, F f) {
  index at[max_rank]{};
  for (int k = 0; k < rank; ++k)
    if (extent[k] == 0) return;
  for (;;) {
    f(static_cast<const index*>(at));
    int k = rank - 1;
    for (; k >= 0; --k) {
      if (++at[k] < extent[k]) break;
      at[k] = 0;
    }
    if (k < 0) return;
  }
}

inline void check_places(const char* who, const array_access& places, index extent) {
  each_place(places.extent, places.rank, [&](const index* at) {
    const index i = place_at(places, at);
    if (i < -extent || i >= extent)
      throw index_error(std::string(who) + ": place " + std::to_string(i) + " of an axis of extent " +
                        std::to_string(extent));
  });
}

inline index offset_of(const array_access& a, const index* at) {
  index o = 0;
  for (int k = 0; k < a.rank; ++k) o += at[k] * a.stride[k];
  return o * size_of(a.type);
}

/// The array without `dropped` axes from `axis` on, at a place along them that `data` points to.
inline array_access without_axes(const array_access& a, index axis, int dropped, std::byte* data) {
  array_access r = a;
  r.data = data;
  r.rank = a.rank - dropped;
  for (int k = static_cast<int>(axis); k < r.rank; ++k) {
    r.extent[k] = a.extent[k + dropped];
    r.stride[k] = a.stride[k + dropped];
  }
  return r;
}

/// Calls f(slab of whole, slab of parts) for each place, in order: whole at that place along the axis, parts
/// at the place's coordinates.
template <class F>
void each_slab(const array_access& whole, const array_access& parts, const array_access& places, index axis,
               F f) {
  const index size = size_of(whole.type);
  each_place(places.extent, places.rank, [&](const index* at) {
    index i = place_at(places, at), offset = 0;
    if (i < 0) i += whole.extent[axis];
    for (int k = 0; k < places.rank; ++k) offset += at[k] * parts.stride[axis + k];
    f(without_axes(whole, axis, 1, whole.data + i * whole.stride[axis] * size),
      without_axes(parts, axis, places.rank, parts.data + offset * size));
  });
}

/// to += from, for arrays of one shape.
template <class T>
void add_array(const array_access& to, const array_access& from) {
  index extent[max_rank];
  std::memcpy(extent, from.extent, sizeof extent);
  const int inner = from.rank - 1;
  const index n = inner < 0 ? 1 : from.extent[inner];
  const index to_step = inner < 0 ? 1 : to.stride[inner], from_step = inner < 0 ? 1 : from.stride[inner];
  if (n == 0) return;
  if (inner >= 0) extent[inner] = 1;
  each_place(extent, from.rank, [&](const index* at) {
    T* const y = reinterpret_cast<T*>(to.data + offset_of(to, at));
    const T* const x = reinterpret_cast<const T*>(from.data + offset_of(from, at));
    for (index i = 0; i < n; ++i) y[i * to_step] = math::add(y[i * to_step], x[i * from_step]);
  });
}

/// Calls f(element of whole, element of parts) for each element of parts: whole at the same coordinates, but
/// for the axis at the place given there.
template <class F>
void each_along(const array_access& whole, const array_access& parts, const array_access& places, index axis,
                F f) {
  const index size = size_of(whole.type);
  each_place(parts.extent, parts.rank, [&](const index* at) {
    index i = place_at(places, at);
    if (i < 0) i += whole.extent[axis];
    f(whole.data + offset_of(whole, at) + (i - at[axis]) * whole.stride[axis] * size,
      parts.data + offset_of(parts, at));
  });
}

constexpr extents taken_shape(const extents& x, const extents& places, index axis) {
  extents r;
  for (int i = 0; i < x.rank; ++i) {
    if (i != axis)
      r[r.rank++] = x[i];
    else
      for (int k = 0; k < places.rank; ++k) r[r.rank++] = places[k];
  }
  return r;
}

}  // namespace detail

struct add_at_op;
struct add_along_op;

/// The elements at places along axis a[0]: the places' axes stand for that axis.
struct take_op : op_defaults {
  static constexpr auto name = "take";
  static constexpr op_kind kind = op_kind::opaque;
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
  static void run(const opaque_launch& l) {
    detail::check_places(name, l.in[1], l.in[0].extent[l.attribute.a[0]]);
    detail::each_slab(
        l.in[0], l.out, l.in[1], l.attribute.a[0],
        [](const array_access& from, const array_access& to) { detail::copy_elements(from, to); });
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
  static void run(const opaque_launch& l) {
    detail::check_places(name, l.in[1], l.out.extent[l.attribute.a[0]]);
    detail::clear(l.out);
    detail::with_type(l.out.type, [&]<class T>(T) {
      if constexpr (!std::is_same_v<T, bool>)
        detail::each_slab(l.out, l.in[0], l.in[1], l.attribute.a[0], detail::add_array<T>);
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
  static void run(const opaque_launch& l) {
    detail::check_places(name, l.in[1], l.in[0].extent[l.attribute.a[0]]);
    const std::size_t size = static_cast<std::size_t>(size_of(l.out.type));
    detail::each_along(l.in[0], l.out, l.in[1], l.attribute.a[0],
                       [size](const std::byte* from, std::byte* to) { std::memcpy(to, from, size); });
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
  static void run(const opaque_launch& l) {
    detail::check_places(name, l.in[1], l.out.extent[l.attribute.a[0]]);
    detail::clear(l.out);
    detail::with_type(l.out.type, [&]<class T>(T) {
      if constexpr (!std::is_same_v<T, bool>)
        detail::each_along(l.out, l.in[0], l.in[1], l.attribute.a[0],
                           [](std::byte* to, const std::byte* from) {
                             T& y = *reinterpret_cast<T*>(to);
                             y = math::add(y, *reinterpret_cast<const T*>(from));
                           });
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
