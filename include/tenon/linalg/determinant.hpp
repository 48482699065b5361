// Determinants: det, slogdet.
//
//   d det(A)     = <cof(A), dA>        cof(A) = det(A) A^-T where A is regular
//   d log|det A| = <A^-T, dA>
//
// The cofactors are polynomials in A's elements, and are computed from its singular values, so that the
// derivatives of det hold for singular matrices too, of both orders:
//
//   A = U S V^T:  cof(A) = det(U V^T) U diag_i(prod_{k != i} s_k) V^T,
//   d cof(A)[E] = det(U V^T) U T V^T with F = U^T E V, p_ij = prod_{k != i, j} s_k,
//                 T_ij = -p_ij F_ji for i != j,  T_ii = sum_{j != i} p_ij F_jj
#pragma once

#include <cmath>

#include "tenon/linalg/jacobi.hpp"
#include "tenon/linalg/results.hpp"
#include "tenon/linalg/solve.hpp"

namespace tenon::linalg {
namespace detail {

/// The sign of a determinant and the logarithm of its magnitude, or the determinant itself.
template <class Unit>
struct determinant {
  double value = 1, sign = 1, log = 0;

  explicit determinant(const matrix& a) {
    if (a.hasNaN()) {
      value = sign = log = not_a_number;
      return;
    }
    if (a.rows() == 0) return;
    const lu_factors lu(a);
    value = sign = double(lu.permutationP().determinant());
    for (index i = 0; i < a.rows(); ++i) {
      const double pivot = lu.matrixLU()(i, i);
      value *= pivot;
      sign = pivot > 0 ? sign : pivot < 0 ? -sign : pivot == 0 ? 0 : not_a_number;
      log += std::log(std::fabs(pivot));
    }
    if (sign == 0) log = -std::numeric_limits<double>::infinity();
  }
};

constexpr extents determinant_shape(shape_scope& scope, const extents& x) {
  const extents s = square(scope, x);
  return s.rank < 2 ? s : stack_of(s);
}

/// A = U S V^T and det(U V^T), which is 1 or -1.
template <class Unit>
struct oriented_svd : singular_values<Unit> {
  using singular_values<Unit>::u, singular_values<Unit>::v, singular_values<Unit>::s;
  double orientation;

  explicit oriented_svd(const matrix& a)
      : singular_values<Unit>(a, true), orientation(determinant<Unit>(u).sign * determinant<Unit>(v).sign) {}
  /// The product of all singular values but the i-th and the j-th.
  double others(index i, index j) const {
    double p = 1;
    for (index k = 0; k < s.size(); ++k) p *= k == i || k == j ? 1.0 : s[k];
    return p;
  }
};

/// The derivative of the cofactors along the second operand: linear in it, and its own transpose.
struct cofactor_tangent_op : op_defaults {
  static constexpr auto name = "cofactor_tangent";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2;
  static constexpr domain takes = domain::floating;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) { return square(scope, q.in[0]); }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    each_matrix(name, l, {{2, 2, 0}, 2}, [](const stack_place& p) -> const char* {
      const matrix a = p.read(0), e = p.read(1);
      const index n = a.rows();
      matrix t = matrix::Zero(n, n);
      if (!a.allFinite()) {
        t.setConstant(not_a_number);
        p.write(t);
        return nullptr;
      }
      const oriented_svd<Unit> svd(a);
      const matrix f = svd.u.transpose() * e * svd.v;
      for (index j = 0; j < n; ++j)
        for (index i = 0; i < n; ++i) {
          if (i == j) continue;
          const double others = svd.others(i, j);
          t(i, j) -= others * f(j, i);
          t(i, i) += others * f(j, j);
        }
      const matrix result = svd.orientation * svd.u * t * svd.v.transpose();
      p.write(result);
      return nullptr;
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int operand, int cotangent) {
    return derivative(b, node, operand, cotangent);
  }
  static constexpr int pushforward(graph_builder& b, int node, int operand, int tangent) {
    return derivative(b, node, operand, tangent);
  }

 private:
  static constexpr int derivative(graph_builder& b, int node, int operand, int along) {
    if (operand == 0) throw "tenon: det has derivatives up to the second order";  // ends the compilation
    return b.push(b.node[node].op, b.node[node].in[0], along);
  }
};

/// The matrix of cofactors: the derivative of det.
struct cofactor_op : op_defaults {
  static constexpr auto name = "cofactor";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::floating;
  using inserts = list<cofactor_tangent_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) { return square(scope, q.in[0]); }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    each_matrix(name, l, {{2, 0, 0}, 2}, [](const stack_place& p) -> const char* {
      const matrix a = p.read(0);
      matrix result = matrix::Constant(a.rows(), a.cols(), not_a_number);
      if (a.allFinite()) {
        const oriented_svd<Unit> svd(a);
        vector others(a.rows());
        for (index i = 0; i < a.rows(); ++i) others[i] = svd.orientation * svd.others(i, i);
        result = svd.u * others.asDiagonal() * svd.v.transpose();
      }
      p.write(result);
      return nullptr;
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<cofactor_tangent_op>(), b.node[node].in[0], cotangent);
  }
  static constexpr int pushforward(graph_builder& b, int node, int, int tangent) {
    return b.push(b.find<cofactor_tangent_op>(), b.node[node].in[0], tangent);
  }
};

struct det_op : op_defaults {
  static constexpr auto name = "linalg::det";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::floating;
  using inserts = list<cofactor_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    return determinant_shape(scope, q.in[0]);
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    each_matrix(name, l, {{2, 0, 0}, 0}, [](const stack_place& p) -> const char* {
      p.write_number(determinant<Unit>(p.read(0)).value);
      return nullptr;
    });
  }
  static constexpr int cofactors(graph_builder& b, int node) {
    return b.push(b.find<cofactor_op>(), b.node[node].in[0]);
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    matrix_rules r{b};
    return r.times(r.as_matrix(cotangent), cofactors(b, node));
  }
  static constexpr int pushforward(graph_builder& b, int node, int, int tangent) {
    matrix_rules r{b};
    return r.sum_matrix(r.times(cofactors(b, node), tangent));
  }
};

/// pack::sign_log.
struct slogdet_op : op_defaults {
  static constexpr auto name = "linalg::slogdet";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::floating;
  static constexpr int rule_nodes = 16;
  using inserts = list<inv_op, part_op, place_part_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    const extents x = square(scope, q.in[0]);
    return x.rank < 2 ? x : pack_shape(pack::sign_log, x);
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    each_matrix(name, l, {{2, 0, 0}, 1}, [](const stack_place& p) -> const char* {
      const determinant<Unit> d(p.read(0));
      p.write_number(d.sign, 0);
      p.write_number(d.log, 1);
      return nullptr;
    });
  }
  static constexpr int weights(graph_builder& b, int node) {
    matrix_rules r{b};
    return r.transpose(b.push(b.find<inv_op>(), b.node[node].in[0], -1, -1, {{1}}));
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    matrix_rules r{b};
    return r.times(r.as_matrix(r.part(cotangent, b.node[node].in[0], pack::sign_log, 1)), weights(b, node));
  }
  static constexpr int pushforward(graph_builder& b, int node, int, int tangent) {
    matrix_rules r{b};
    return r.placed(r.sum_matrix(r.times(weights(b, node), tangent)), b.node[node].in[0], pack::sign_log, 1);
  }
};

}  // namespace detail

/// The determinant of each matrix: [..., n, n] -> [...]. Derivatives of both orders hold for singular
/// matrices too.
template <tensor_like A>
constexpr auto det(A&& a) {
  static_assert(detail::may_be_square<A>(), "tenon: linalg::det takes square matrices, [..., n, n]");
  return apply<detail::det_op>(static_cast<A&&>(a));
}

template <class Sign, class Log>
struct slogdet_result {
  Sign sign;
  Log logabsdet;
};

/// The sign of the determinant, and the logarithm of its magnitude: [..., n, n] -> [...] each; det overflows
/// where this does not. Of a singular matrix 0 and -inf, with derivatives NaN.
template <tensor_like A>
constexpr auto slogdet(A&& a) {
  static_assert(detail::may_be_square<A>(), "tenon: linalg::slogdet takes square matrices, [..., n, n]");
  const auto x = detail::operand_of_many(static_cast<A&&>(a));
  const auto p = detail::packed<detail::slogdet_op>(x);
  return slogdet_result<decltype(detail::part_of_pack<detail::pack::sign_log, 0>(x, p)),
                        decltype(detail::part_of_pack<detail::pack::sign_log, 1>(x, p))>{
      detail::part_of_pack<detail::pack::sign_log, 0>(x, p),
      detail::part_of_pack<detail::pack::sign_log, 1>(x, p)};
}

}  // namespace tenon::linalg
