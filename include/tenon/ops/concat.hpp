// The op that joins two arrays along an axis, and those that take the parts of such arrays, which are its
// derivatives.
#pragma once

#include "tenon/graph/builder.hpp"
#include "tenon/ops/copies.hpp"

namespace tenon {

namespace detail {
/// Copies arrays to `out`, one after the other along an axis.
inline void join_parts(const array_access* in, int n, const array_access& out, index axis) {
  const index size = size_of(out.type);
  index rows = 1, block = size;  // bytes of an element of the axis, where what is behind it is dense
  for (int a = 0; a < int(axis); ++a) rows *= out.extent[a];
  bool dense = rows > 1;
  for (int a = out.rank - 1; a > int(axis); --a) block *= out.extent[a];
  for (int k = 0; k < n; ++k) {
    index step = 1;
    for (int a = in[k].rank - 1; a >= int(axis); --a) {
      dense = dense && (in[k].extent[a] == 1 || in[k].stride[a] == step);
      step *= in[k].extent[a];
    }
    for (int a = 1; a < int(axis); ++a)  // rows follow each other
      dense = dense && (in[k].extent[a - 1] == 1 || in[k].stride[a - 1] == in[k].stride[a] * in[k].extent[a]);
  }
  if (dense) {  // row by row, so that the result is written from its beginning to its end
    const index row = block * out.extent[axis];
    if (out.size() == 0) return;
    return share(rows, 5 * n + row / 32, [&](index begin, index end) {
      for (index r = begin; r < end; ++r) {
        std::byte* to = out.data + r * row;
        for (int k = 0; k < n; ++k) {
          const std::size_t bytes = std::size_t(block * in[k].extent[axis]);
          if (bytes > 0) std::memcpy(to, in[k].data + r * in[k].stride[axis - 1] * size, bytes);
          to += bytes;
        }
      }
    });
  }
  const auto copy = [&](index begin, index end) {
    index at = 0;
    for (index k = 0; k < end; at += in[k++].extent[axis]) {
      if (k < begin) continue;
      array_access to = out;
      to.data += at * out.stride[axis] * size;
      to.extent[axis] = in[k].extent[axis];
      copy_elements(in[k], to);
    }
  };
  if (n < 4)  // each is shared out itself
    copy(0, n);
  else
    share(n, 10 + out.size() * size / (32 * n), copy);
}

/// The first or the last elements of an array along an axis, as many as `like` has there.
inline array_access end_of(array_access whole, const array_access& like, index axis, bool last) {
  if (last) whole.data += (whole.extent[axis] - like.extent[axis]) * whole.stride[axis] * size_of(whole.type);
  whole.extent[axis] = like.extent[axis];
  return whole;
}
/// Extents of one size but for an axis.
constexpr void equate_others(shape_scope& scope, const extents& a, const extents& b, index axis) {
  if (a.rank != b.rank) {
    scope.fail(misfit::rank, {a.rank, a.rank}, {b.rank, b.rank});
    return;
  }
  for (int i = 0; i < a.rank; ++i)
    if (i != axis) scope.equate(a[i], b[i]);
}
}  // namespace detail

struct end_like_op;
struct place_end_op;

/// a, then b along axis a[0].
struct concat_op : op_defaults {
  static constexpr auto name = "concat";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 2;
  static constexpr bool linear = true, joint = true;
  using inserts = list<end_like_op, place_end_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    const index axis = q.attribute.a[0];
    detail::equate_others(scope, q.in[0], q.in[1], axis);
    extents r = q.in[0];
    if (scope.error != misfit::none) return r;
    for (int i = 0; i < r.rank; ++i)
      if (i != axis) r[i] = scope.equate(q.in[0][i], q.in[1][i]);
    const dim a = q.in[0][int(axis)], b = q.in[1][int(axis)];
    const index n = a.size < 0 || b.size < 0 ? -1 : a.size + b.size;
    r[int(axis)] = is_static(a.code) && is_static(b.code) ? static_dim(n) : dim{dyn_code, n};
    return r;
  }
  static constexpr bool nests = true;
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    run_parts(l.in, 2, l.out, l.attribute);
  }
  static void run_parts(const array_access* in, int n, const array_access& out, const attributes& which) {
    detail::join_parts(in, n, out, which.a[0]);
  }
  static constexpr int pullback(graph_builder& b, int node, int operand, int cotangent) {
    const array_node& joined = b.node[node];
    const index axis = joined.attribute.a[0];
    const dim first = b.shape_of(joined.in[0])[int(axis)], whole = b.shape_of(node)[int(axis)];
    if (is_static(whole.code))  // a view
      return operand == 0 ? b.push(core::slice, cotangent, -1, -1, {{axis, 0, first.code, 1}})
                          : b.push(core::slice, cotangent, -1, -1, {{axis, first.code, whole.code, 1}});
    return b.push(b.find<end_like_op>(), cotangent, joined.in[operand], -1, {{axis, operand}});
  }
};

/// The first (a[1] = 0) or last elements of x along axis a[0], as many as the second operand has.
struct end_like_op : op_defaults {
  static constexpr auto name = "end_like";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 2;
  static constexpr int shape_only = 1;
  static constexpr bool linear = true;
  using inserts = list<place_end_op>;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[1]; }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::copy_elements(detail::end_of(l.in[0], l.out, l.attribute.a[0], l.attribute.a[1] != 0), l.out);
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<place_end_op>(), cotangent, b.node[node].in[0], -1, b.node[node].attribute);
  }
};

/// Zeros of the second operand's shape, with x at the beginning or end of axis a[0]: the transpose of
/// end_like.
struct place_end_op : op_defaults {
  static constexpr auto name = "place_end";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 2;
  static constexpr int shape_only = 1;
  static constexpr bool linear = true;
  using inserts = list<end_like_op>;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[1]; }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::clear(l.out);
    detail::copy_elements(l.in[0], detail::end_of(l.out, l.in[0], l.attribute.a[0], l.attribute.a[1] != 0));
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<end_like_op>(), cotangent, b.node[node].in[0], -1, b.node[node].attribute);
  }
};

}  // namespace tenon
