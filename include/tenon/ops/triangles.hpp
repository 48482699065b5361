// Triangles and diagonals of matrices, the last two axes: tril, triu, diag, trace.
#pragma once

#include "tenon/graph/call.hpp"
#include "tenon/ops/axes.hpp"
#include "tenon/ops/diagonal.hpp"
#include "tenon/ops/indexing.hpp"

namespace tenon {

namespace detail {

/// The diagonal as an array of its own.
inline array_access diagonal_of(const array_access& x, index k) {
  array_access r = x;
  r.rank = x.rank - 1;
  const index row = x.stride[x.rank - 2], column = x.stride[x.rank - 1];
  r.data += (k < 0 ? -k * row : k * column) * size_of(x.type);
  r.stride[r.rank - 1] = row + column;
  r.extent[r.rank - 1] = diagonal_op::length(x.extent[x.rank - 2], x.extent[x.rank - 1], k);
  return r;
}

}  // namespace detail

/// The square matrices that have x along diagonal a[0], else zeros: [..., n] -> [..., n + |k|, n + |k|].
struct diagonal_matrix_op : op_defaults {
  static constexpr auto name = "diag";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 1;
  static constexpr bool linear = true;
  using inserts = list<diagonal_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    extents r = q.in[0];
    if (r.rank == max_rank) {
      scope.fail(misfit::rank, {r.rank, r.rank}, {max_rank - 1, max_rank - 1});
      return r;
    }
    const index k = q.attribute.a[0];
    dim& d = r[r.rank - 1];
    if (k != 0) d = detail::changed(d, d.size + (k < 0 ? -k : k));
    const dim same = d;
    r[r.rank++] = same;
    return r;
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::clear(l.out);
    detail::copy_elements(l.in[0], detail::diagonal_of(l.out, l.attribute.a[0]));
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    const index n = b.shape_of(node).rank;
    return b.push(b.find<diagonal_op>(), cotangent, -1, -1, {{b.node[node].attribute.a[0], n - 2, n - 1, 0}});
  }
};

namespace detail {
/// Elements on one side of a diagonal, zeros on the other.
template <bool Lower, int K, class X>
constexpr auto triangle(X&& x) {
  static_assert(rank_of_operand<X> >= 2, "tenon: triangles are of arrays of two axes or more");
  return call(
      [](auto v) {
        const auto column = apply<with<position_op, index(dtype::int64)>>(v);
        const auto row = swapaxes<-2, -1>(apply<with<position_op, index(dtype::int64)>>(swapaxes<-2, -1>(v)));
        const auto inside = [&] {
          if constexpr (Lower)
            return column <= row + constant<K>;
          else
            return column >= row + constant<K>;
        }();
        if constexpr (std::is_same_v<typename decltype(v)::value_type, bool>)
          return inside && v;
        else
          return where(inside, v, 0_c);
      },
      static_cast<X&&>(x));
}
}  // namespace detail

/// The lower triangle of the last two axes, with zeros above diagonal K.
template <int K = 0, tensor_like X>
constexpr auto tril(X&& x) {
  return detail::triangle<true, K>(static_cast<X&&>(x));
}
/// The upper triangle of the last two axes, with zeros below diagonal K.
template <int K = 0, tensor_like X>
constexpr auto triu(X&& x) {
  return detail::triangle<false, K>(static_cast<X&&>(x));
}

/// Of a vector, the square matrix that has it along diagonal K: [n] -> [n + |K|, n + |K|]; of matrices, their
/// diagonal K: [..., m, n] -> [..., d].
template <int K = 0, tensor_like X>
constexpr auto diag(X&& x) {
  static_assert(detail::rank_of_operand<X> >= 1, "tenon: diag takes a vector or a matrix");
  if constexpr (detail::rank_of_operand<X> == 1)
    return apply<with<diagonal_matrix_op, K>>(static_cast<X&&>(x));
  else
    return diagonal<K>(static_cast<X&&>(x));
}
/// For each vector along the last axis the matrix that has it along diagonal K: [..., n] -> [..., n, n].
template <int K = 0, tensor_like X>
constexpr auto diag_embed(X&& x) {
  static_assert(detail::rank_of_operand<X> >= 1, "tenon: diag_embed takes arrays of one axis or more");
  return apply<with<diagonal_matrix_op, K>>(static_cast<X&&>(x));
}
/// The sum along diagonal K of the last two axes: [..., m, n] -> [...].
template <int K = 0, tensor_like X>
constexpr auto trace(X&& x) {
  static_assert(detail::rank_of_operand<X> >= 2, "tenon: trace takes matrices");
  return sum(diagonal<K>(static_cast<X&&>(x)), axis<-1>);
}

}  // namespace tenon
