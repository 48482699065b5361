// The QR factorisation.
//
//   With U and X the first k = min(m, n) columns of R and A:
//     C = dX U^-1,  B = Q^T C,  W = tril(B) - tril(B)^T  (strictly below the diagonal)
//     dQ = C - Q (B - W),       dR = Q^T dA - W R
//   and in reverse, R~ = [U~ | V~], A = [X | Y]:
//     Q^ = Q~ + Y V~^T,  M = U U~^T - Q^^T Q,  X~ = (Q^ + Q copyltu(M)) U^-T,  Y~ = Q V~
//
// (Walter, "Structured higher-order algorithmic differentiation", 2012; Roberts and Roberts, "QR and LQ
// decomposition matrix backpropagation algorithms", 2020.) They hold where X has full rank; else infinite or
// NaN.
#pragma once

#include "tenon/linalg/jacobi.hpp"
#include "tenon/linalg/results.hpp"
#include "tenon/linalg/solve.hpp"

namespace tenon::linalg {
namespace detail {

/// pack::qr.
struct qr_op : op_defaults {
  static constexpr auto name = "linalg::qr";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::floating;
  static constexpr int rule_nodes = 48;
  using inserts = list<product_op, triangle_op, solve_triangular_op, crop_op, pad_op, part_op, place_part_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    return has_matrix(scope, q.in[0]) ? pack_shape(pack::qr, q.in[0]) : q.in[0];
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    each_matrix(name, l, {{2, 0, 0}, 1}, [](const stack_place& p) -> const char* {
      const matrix a = p.read(0);
      const index m = a.rows(), n = a.cols(), k = std::min(m, n);
      matrix q = matrix::Constant(m, k, not_a_number), r = matrix::Zero(k, n);
      if (a.allFinite()) {
        const Eigen::HouseholderQR<matrix> qr(a);
        q = householder_columns<Unit>(qr, k);
        r = qr.matrixQR().topRows(k).triangularView<Eigen::Upper>();
      } else {
        r.triangularView<Eigen::Upper>().setConstant(not_a_number);
      }
      p.write(q);
      p.write(r, m * k);
      return nullptr;
    });
  }

  struct parts {
    matrix_rules r;
    int a, q, triangle, square;  // square: the first k columns of the triangle
  };
  static constexpr parts parts_of(graph_builder& b, int node) {
    matrix_rules r{b};
    const int a = b.node[node].in[0];
    const int q = r.part(node, a, pack::qr, 0), triangle = r.part(node, a, pack::qr, 1);
    const int like = r.product(r.transpose(q), q);  // [..., k, k]
    return {r, a, q, triangle, b.push(b.find<crop_op>(), triangle, like)};
  }
  /// X U^-1, or X U^-T.
  static constexpr int divided(parts& p, int x, bool transposed) {
    graph_builder& b = p.r.b;
    const index bits = is_upper | is_quiet | (transposed ? 0 : index(is_transposed));
    return p.r.transpose(b.push(b.find<solve_triangular_op>(), p.square, p.r.transpose(x), -1, {{bits}}));
  }

  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    parts p = parts_of(b, node);
    matrix_rules& r = p.r;
    const int gq = r.part(cotangent, p.a, pack::qr, 0);
    const int gr = r.triangle(r.part(cotangent, p.a, pack::qr, 1), 0, 2, 2);
    // V~ is R~ with zeros for the first k columns; U~ the rest of it
    const int gu = b.push(b.find<pad_op>(), b.push(b.find<crop_op>(), gr, p.square), p.triangle);
    const int gv = r.minus(gr, gu);
    const int moved = r.plus(gq, r.product(p.a, r.transpose(gv)));
    const int m = r.minus(r.product(p.triangle, r.transpose(gu)), r.product(r.transpose(moved), p.q));
    const int copied = r.plus(r.triangle(m, 2, 2, 0), r.transpose(r.triangle(m, 2, 0, 0)));
    const int gx = divided(p, r.plus(moved, r.product(p.q, copied)), true);
    return r.plus(b.push(b.find<pad_op>(), gx, p.a), r.product(p.q, gv));
  }
  static constexpr int pushforward(graph_builder& b, int node, int, int tangent) {
    parts p = parts_of(b, node);
    matrix_rules& r = p.r;
    const int c = divided(p, b.push(b.find<crop_op>(), tangent, p.q), false);
    const int inner = r.product(r.transpose(p.q), c), low = r.triangle(inner, 2, 0, 0);
    const int w = r.minus(low, r.transpose(low));
    const int dq = r.minus(c, r.product(p.q, r.minus(inner, w)));
    const int dr =
        r.triangle(r.minus(r.product(r.transpose(p.q), tangent), r.product(w, p.triangle)), 0, 2, 2);
    return r.plus(r.placed(dq, p.a, pack::qr, 0), r.placed(dr, p.a, pack::qr, 1));
  }
};

}  // namespace detail

template <class Q, class R>
struct qr_result {
  Q q;
  R r;
};

/// A = Q R with orthonormal columns of Q and R upper triangular: [..., m, n] -> q [..., m, k], r [..., k, n],
/// k = min(m, n). Signs are LAPACK's: R's diagonal may be negative. Derivatives need the first k columns to
/// be independent.
template <tensor_like A>
constexpr auto qr(A&& a) {
  static_assert(detail::rank_of_operand<A> >= 2, "tenon: linalg::qr takes matrices, [..., m, n]");
  const auto x = detail::operand_of_many(static_cast<A&&>(a));
  const auto p = detail::packed<detail::qr_op>(x);
  return qr_result<decltype(detail::part_of_pack<detail::pack::qr, 0>(x, p)),
                   decltype(detail::part_of_pack<detail::pack::qr, 1>(x, p))>{
      detail::part_of_pack<detail::pack::qr, 0>(x, p), detail::part_of_pack<detail::pack::qr, 1>(x, p)};
}

}  // namespace tenon::linalg
