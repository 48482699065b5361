// Triangles of square matrices as vectors, row after row, and back: what MXNet calls extracttrian and maketrian.
#pragma once

#include "tenon/ops/triangles.hpp"

namespace tenon {

namespace detail {

constexpr index triangle_size(index m) { return m * (m + 1) / 2; }
/// The least m whose triangle has s elements or more.
constexpr index triangle_side(index s) {
  index low = 0, high = 1;
  while (triangle_size(high) < s) high *= 2;
  while (low < high) {
    const index middle = (low + high) / 2;
    if (triangle_size(middle) < s)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/// Calls f(part of the matrices, part of the vectors) for each row of the triangle that begins a[0] diagonals
/// from the main one, below it where a[1] is 1.
template <class F>
void each_triangle_row(const array_access& matrices, const array_access& vectors, const attributes& which,
                       F f) {
  const int stacked = vectors.rank - 1;
  const index n = matrices.extent[stacked], away = which.a[0], size = size_of(matrices.type);
  index place = 0;
  for (index i = 0; i < n - away; ++i) {
    const bool lower = which.a[1] != 0;
    const index row = lower ? i + away : i, column = lower ? 0 : i + away;
    array_access m = matrices, v = vectors;
    m.rank = stacked + 1;
    m.data += (row * matrices.stride[stacked] + column * matrices.stride[stacked + 1]) * size;
    m.stride[stacked] = matrices.stride[stacked + 1];
    m.extent[stacked] = v.extent[stacked] = lower ? i + 1 : n - away - i;
    v.data += place * v.stride[stacked] * size;
    place += v.extent[stacked];
    f(m, v);
  }
}

}  // namespace detail

struct unpack_triangle_op;

/// [..., n, n] -> [..., m (m + 1) / 2] with m = n - a[0].
struct pack_triangle_op : op_defaults {
  static constexpr auto name = "pack_triangle";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 1;
  static constexpr bool linear = true;
  using inserts = list<unpack_triangle_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    extents r = q.in[0];
    const dim n = scope.equate(r[r.rank - 2], r[r.rank - 1]);
    if (n.size >= 0 && n.size < q.attribute.a[0]) scope.fail(misfit::range, n, static_dim(q.attribute.a[0]));
    r[--r.rank - 1] = detail::changed(n, detail::triangle_size(n.size - q.attribute.a[0]));
    return r;
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::each_triangle_row(l.in[0], l.out, l.attribute, [](const array_access& m, const array_access& v) {
      detail::copy_elements(m, v);
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    const int back = b.push(b.find<unpack_triangle_op>(), cotangent, -1, -1, b.node[node].attribute);
    return b.push(core::reshape, back, -1, -1, {{b.node[b.node[node].in[0]].shape}});
  }
};

/// [..., m (m + 1) / 2] -> [..., n, n] with n = m + a[0], zeros elsewhere.
struct unpack_triangle_op : op_defaults {
  static constexpr auto name = "unpack_triangle";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 1;
  static constexpr bool linear = true;
  using inserts = list<pack_triangle_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    extents r = q.in[0];
    if (r.rank == max_rank) {
      scope.fail(misfit::rank, {r.rank, r.rank}, {max_rank - 1, max_rank - 1});
      return r;
    }
    const dim s = r[r.rank - 1];
    const index m = s.size < 0 ? 0 : detail::triangle_side(s.size);
    if (s.size >= 0 && detail::triangle_size(m) != s.size)
      scope.fail(misfit::elements, s, static_dim(detail::triangle_size(m)));
    const dim n = detail::changed(s, m + q.attribute.a[0]);
    r[r.rank - 1] = n;
    r[r.rank++] = n;
    return r;
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::clear(l.out);
    detail::each_triangle_row(l.out, l.in[0], l.attribute, [](const array_access& m, const array_access& v) {
      detail::copy_elements(v, m);
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    const int back = b.push(b.find<pack_triangle_op>(), cotangent, -1, -1, b.node[node].attribute);
    return b.push(core::reshape, back, -1, -1, {{b.node[b.node[node].in[0]].shape}});
  }
};

/// The lower triangle of square matrices up to diagonal K <= 0 as vectors, row after row: [..., n, n] ->
/// [..., m (m + 1) / 2] with m = n + K. Throws shape_error where n < -K.
template <int K = 0, tensor_like X>
constexpr auto pack_tril(X&& x) {
  static_assert(K <= 0, "tenon: pack_tril<K> has K <= 0: what is packed is a triangle");
  static_assert(detail::rank_of_operand<X> >= 2, "tenon: triangles are of arrays of two axes or more");
  return apply<with<pack_triangle_op, -K, 1>>(static_cast<X&&>(x));
}
/// The upper triangle from diagonal K >= 0 on; else as pack_tril.
template <int K = 0, tensor_like X>
constexpr auto pack_triu(X&& x) {
  static_assert(K >= 0, "tenon: pack_triu<K> has K >= 0: what is packed is a triangle");
  static_assert(detail::rank_of_operand<X> >= 2, "tenon: triangles are of arrays of two axes or more");
  return apply<with<pack_triangle_op, K, 0>>(static_cast<X&&>(x));
}
/// The matrices, zero elsewhere, that pack_tril<K> makes these vectors of: [..., m (m + 1) / 2] -> [..., m -
/// K, m - K]. Throws shape_error for a length that no triangle has.
template <int K = 0, tensor_like X>
constexpr auto unpack_tril(X&& x) {
  static_assert(K <= 0, "tenon: unpack_tril<K> has K <= 0: what is packed is a triangle");
  static_assert(detail::rank_of_operand<X> >= 1, "tenon: packed triangles are vectors");
  return apply<with<unpack_triangle_op, -K, 1>>(static_cast<X&&>(x));
}
/// The same for pack_triu<K>.
template <int K = 0, tensor_like X>
constexpr auto unpack_triu(X&& x) {
  static_assert(K >= 0, "tenon: unpack_triu<K> has K >= 0: what is packed is a triangle");
  static_assert(detail::rank_of_operand<X> >= 1, "tenon: packed triangles are vectors");
  return apply<with<unpack_triangle_op, K, 0>>(static_cast<X&&>(x));
}

}  // namespace tenon
