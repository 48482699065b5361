// The matrix product.
#pragma once

#include "tenon/ops/shape.hpp"

namespace tenon {

struct matmul_op : op_defaults {
  static constexpr auto name = "matmul";
  static constexpr op_kind kind = op_kind::contraction;
  static constexpr int arity = 2;
  static constexpr domain takes = domain::arithmetic;
  static constexpr bool linear = true;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    const extents &a = q.in[0], &b = q.in[1];
    extents r;
    if (a.rank != 2 || b.rank != 2) {
      scope.fail(misfit::rank, {a.rank, a.rank}, {b.rank, b.rank});
      return r;
    }
    scope.equate(a[1], b[0]);
    r.rank = 2;
    r[0] = a[0];
    r[1] = b[1];
    return r;
  }
  static constexpr int pullback(graph_builder& b, int node, int operand, int cotangent) {
    constexpr attributes transpose{{1}};  // axes 1, 0
    const array_node product = b.node[node];
    if (operand == 0)
      return b.push(core::matmul, cotangent, b.push(core::permute, product.in[1], -1, -1, transpose));
    return b.push(core::matmul, b.push(core::permute, product.in[0], -1, -1, transpose), cotangent);
  }
};

/// The matrix product: [m, k] x [k, n] -> [m, n]; transposed operands are read in place. Extents k must be
/// equal.
template <tensor_like A, tensor_like B>
constexpr auto matmul(A&& a, B&& b) {
  return apply<matmul_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}

}  // namespace tenon
