// Diagonals of matrices as views, and their transpose: a diagonal put into zeros.
#pragma once

#include "tenon/ops/core_ops.hpp"

namespace tenon {

struct embed_diagonal_op;

/// x[..., i, ..., i + offset, ...] along two axes, which become one, the last. Attributes: offset, the axes,
/// and whether these must have one extent.
struct diagonal_op : view_op {
  static constexpr auto name = "diagonal";
  static constexpr bool leaves_out = true;
  using inserts = list<embed_diagonal_op>;

  static constexpr index length(index rows, index columns, index offset) {
    const index a = offset < 0 ? rows + offset : rows, b = offset > 0 ? columns - offset : columns;
    return a < 0 || b < 0 ? 0 : a < b ? a : b;
  }
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    const extents& x = q.in[0];
    const auto& k = q.attribute.a;
    const dim rows = x[int(k[1])], columns = x[int(k[2])];
    extents r;
    for (int i = 0; i < x.rank; ++i)
      if (i != k[1] && i != k[2]) r[r.rank++] = x[i];
    dim& along = r[r.rank++];
    if (k[3] != 0) {
      along = scope.equate(rows, columns);
    } else if (k[0] == 0 && rows.code == columns.code && rows.size == columns.size) {
      along = rows;
    } else {
      const bool known = rows.size >= 0 && columns.size >= 0;
      const index n = known ? length(rows.size, columns.size, k[0]) : -1;
      along = is_static(rows.code) && is_static(columns.code) ? static_dim(n) : dim{dyn_code, n};
    }
    return r;
  }
  static constexpr bool strides(const extents& in, const extents&, const attributes& attribute,
                                const view_strides& from, view_strides& to) {
    const auto& k = attribute.a;
    const int rows = int(k[1]), columns = int(k[2]);
    int n = 0;
    to.offset = from.offset;
    if (length(in[rows].size, in[columns].size, k[0]) > 0)
      to.offset += k[0] < 0 ? -k[0] * from.stride[rows] : k[0] * from.stride[columns];
    for (int i = 0; i < in.rank; ++i)
      if (i != rows && i != columns) to.stride[n++] = from.stride[i];
    to.stride[n] = from.stride[rows] + from.stride[columns];
    return true;
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<embed_diagonal_op>(), cotangent, b.node[node].in[0], -1, b.node[node].attribute);
  }
};

/// Zeros of the second operand's shape with the first operand on a diagonal.
struct embed_diagonal_op : op_defaults {
  static constexpr auto name = "embed_diagonal";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 2;
  static constexpr int shape_only = 1;
  static constexpr bool linear = true;
  using inserts = list<diagonal_op>;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[1]; }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::clear(l.out);
    extents whole;
    whole.rank = l.out.rank;
    view_strides from, to;
    for (int i = 0; i < whole.rank; ++i) {
      whole[i] = static_dim(l.out.extent[i]);
      from.stride[i] = l.out.stride[i];
    }
    diagonal_op::strides(whole, whole, l.attribute, from, to);
    array_access inside = l.in[0];
    inside.data = l.out.data + to.offset * size_of(l.out.type);
    for (int i = 0; i < inside.rank; ++i) inside.stride[i] = to.stride[i];
    detail::copy_elements(l.in[0], inside);
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<diagonal_op>(), cotangent, -1, -1, b.node[node].attribute);
  }
};

/// The diagonal of matrices, Offset places right of the main one: [..., m, n] -> [..., min(m, n)]; a view.
/// Axes A and B are the matrix; the diagonal is the last axis of the result.
template <int Offset = 0, int A = -2, int B = -1, tensor_like X>
constexpr auto diagonal(X&& x) {
  constexpr int rank = detail::operand_rank<X>;
  static_assert(A >= -rank && A < rank && B >= -rank && B < rank,
                "tenon: there is no such axis in this shape");
  constexpr int a = (A + rank) % (rank > 0 ? rank : 1), b = (B + rank) % (rank > 0 ? rank : 1);
  static_assert(a != b || rank == 0, "tenon: a diagonal goes through two different axes");
  return apply<with<diagonal_op, Offset, a, b, 0>>(static_cast<X&&>(x));
}

}  // namespace tenon
