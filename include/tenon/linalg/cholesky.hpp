// The Cholesky factorisation, and systems solved with it.
//
//   A = L L^T:   dL = L P(L^-1 dA L^-T),     A~ = sym(L^-T P(L^T L~) L^-1)
//
// with P the lower triangle, its diagonal halved (Murray, "Differentiation of the Cholesky decomposition",
// 2016). What is factorised is (A + A^T) / 2, so that derivatives are symmetric.
#pragma once

#include "tenon/linalg/solve.hpp"

namespace tenon::linalg {
namespace detail {

struct cholesky_op : op_defaults {
  static constexpr auto name = "linalg::cholesky";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::floating;
  static constexpr int rule_nodes = 24;
  using inserts = list<product_op, triangle_op, solve_triangular_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) { return square(scope, q.in[0]); }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    each_matrix(name, l, {{2, 0, 0}, 2}, [](const stack_place& p) -> const char* {
      const matrix a = p.read(0);
      matrix lower = 0.5 * a + 0.5 * a.transpose();
      if (lower.hasNaN()) {
        lower.setConstant(not_a_number);
      } else {
        const Eigen::LLT<matrix> factor(lower);
        if (factor.info() != Eigen::Success) return "is not positive definite";
        lower = factor.matrixL();
      }
      p.write(lower);
      return nullptr;
    });
  }
  /// L^-T X L^-1, or L^-1 X L^-T, for symmetric X.
  static constexpr int congruent(graph_builder& b, int node, int x, index bits) {
    matrix_rules r{b};
    const int solve = b.find<solve_triangular_op>();
    const int half = b.push(solve, node, x, -1, {{bits}});
    return b.push(solve, node, r.transpose(half), -1, {{bits}});
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    matrix_rules r{b};
    const int inner = r.triangle(r.product(r.transpose(node), cotangent), 2, 1, 0);
    return r.symmetric(congruent(b, node, inner, is_transposed));
  }
  static constexpr int pushforward(graph_builder& b, int node, int, int tangent) {
    matrix_rules r{b};
    return r.product(node, r.triangle(congruent(b, node, r.symmetric(tangent), 0), 2, 1, 0));
  }
};

}  // namespace detail

/// The lower triangle L with A = L L^T, or with `upper` R with A = R^T R, of symmetric positive definite
/// matrices: [..., n, n] -> [..., n, n]. The mean of A and its transpose is what is factorised. Throws
/// numeric_error where it is not positive definite.
template <tensor_like A>
constexpr auto cholesky(A&& a) {
  static_assert(detail::may_be_square<A>(), "tenon: linalg::cholesky takes square matrices, [..., n, n]");
  return apply<detail::cholesky_op>(static_cast<A&&>(a));
}
template <tensor_like A>
constexpr auto cholesky(A&& a, lower_t) {
  return cholesky(static_cast<A&&>(a));
}
template <tensor_like A>
constexpr auto cholesky(A&& a, upper_t) {
  return swapaxes<-2, -1>(cholesky(static_cast<A&&>(a)));
}

/// X with L L^T X = B, L a lower triangle as `cholesky` gives it; shapes as for solve.
template <tensor_like L, tensor_like B>
constexpr auto cholesky_solve(L&& l, B&& b) {
  static_assert(detail::may_be_square<L>(),
                "tenon: linalg::cholesky_solve takes square matrices, [..., n, n]");
  return call(
      [](auto factor, auto right) {
        return solve_triangular(factor, solve_triangular(factor, right, lower), lower, transposed);
      },
      static_cast<L&&>(l), static_cast<B&&>(b));
}

}  // namespace tenon::linalg
