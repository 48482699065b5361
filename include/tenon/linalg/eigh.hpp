// Eigenvalues and eigenvectors of symmetric matrices.
//
//   A = V diag(w) V^T,  E = V^T dA V,  F_ij = 1 / (w_j - w_i):
//     dw = diag(E),  dV = V (F o E),      A~ = sym(V (diag(w~) + F o V^T V~) V^T)
//
// (Giles 2008.) F is 0 on the diagonal, and where two eigenvalues are equal to the bit. Functions of the
// eigenvalues alone that treat equal ones alike, such as the sum of their cubes, then have the right
// derivative everywhere. What the vectors of equal eigenvalues contribute is left out: they are no functions
// of A there. Eigenvalues that are all but equal give large numbers, as they should. What is decomposed is
// (A + A^T) / 2.
#pragma once

#include "tenon/linalg/jacobi.hpp"
#include "tenon/linalg/results.hpp"
#include "tenon/linalg/solve.hpp"

namespace tenon::linalg {
namespace detail {

/// Decomposes (A + A^T) / 2 and calls f with the solver; with null where A is not finite.
template <class Unit, class F>
const char* decompose_symmetric(const matrix& a, bool vectors, F f) {
  const matrix symmetric = 0.5 * a + 0.5 * a.transpose();
  if (!symmetric.allFinite()) {
    f(static_cast<const Eigen::SelfAdjointEigenSolver<matrix>*>(nullptr));
    return nullptr;
  }
  const Eigen::SelfAdjointEigenSolver<matrix> solver(
      symmetric, vectors ? Eigen::ComputeEigenvectors : Eigen::EigenvaluesOnly);
  if (solver.info() != Eigen::Success) return "has eigenvalues that did not converge";
  f(&solver);
  return nullptr;
}

/// pack::eigen.
struct eigh_op : op_defaults {
  static constexpr auto name = "linalg::eigh";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::floating;
  static constexpr int rule_nodes = 48;
  using inserts = list<product_op, part_op, place_part_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    const extents x = square(scope, q.in[0]);
    return x.rank < 2 ? x : pack_shape(pack::eigen, x);
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    each_matrix(name, l, {{2, 0, 0}, 1}, [](const stack_place& p) {
      const matrix a = p.read(0);
      const index n = a.rows();
      return decompose_symmetric<Unit>(a, true, [&](const auto* solver) {
        if (solver == nullptr) {
          p.write(matrix::Constant(n + 1, n, not_a_number));
          return;
        }
        p.write(solver->eigenvalues());
        p.write(solver->eigenvectors(), n);
      });
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    matrix_rules r{b};
    const int a = b.node[node].in[0];
    const int w = r.part(node, a, pack::eigen, 0), v = r.part(node, a, pack::eigen, 1);
    const int gw = r.part(cotangent, a, pack::eigen, 0), gv = r.part(cotangent, a, pack::eigen, 1);
    const int inner = r.times(r.gaps(w), r.product(r.transpose(v), gv));
    const int left = r.plus(r.times(v, r.as_row(gw)), r.product(v, inner));
    return r.symmetric(r.product(left, r.transpose(v)));
  }
  static constexpr int pushforward(graph_builder& b, int node, int, int tangent) {
    matrix_rules r{b};
    const int a = b.node[node].in[0];
    const int w = r.part(node, a, pack::eigen, 0), v = r.part(node, a, pack::eigen, 1);
    const int moved = r.product(r.symmetric(tangent), v);
    const int dw = r.sum_rows(r.times(v, moved));
    const int dv = r.product(v, r.times(r.gaps(w), r.product(r.transpose(v), moved)));
    return r.plus(r.placed(dw, a, pack::eigen, 0), r.placed(dv, a, pack::eigen, 1));
  }
};

/// Eigenvalues alone; derivatives compute the vectors.
struct eigvalsh_op : op_defaults {
  static constexpr auto name = "linalg::eigvalsh";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::floating;
  static constexpr int rule_nodes = 64;
  using inserts = list<eigh_op, product_op, part_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    const extents x = square(scope, q.in[0]);
    return x.rank < 2 ? x : with_axes(stack_of(x), columns_of(x));
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    each_matrix(name, l, {{2, 0, 0}, 1}, [](const stack_place& p) {
      const matrix a = p.read(0);
      return decompose_symmetric<Unit>(a, false, [&](const auto* solver) {
        if (solver == nullptr)
          p.write(vector::Constant(a.rows(), not_a_number));
        else
          p.write(solver->eigenvalues());
      });
    });
  }
  static constexpr int vectors(graph_builder& b, int node) {
    const int a = b.node[node].in[0];
    return matrix_rules{b}.part(b.push(b.find<eigh_op>(), a), a, pack::eigen, 1);
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    matrix_rules r{b};
    const int v = vectors(b, node);
    return r.product(r.times(v, r.as_row(cotangent)), r.transpose(v));
  }
  static constexpr int pushforward(graph_builder& b, int node, int, int tangent) {
    matrix_rules r{b};
    const int v = vectors(b, node);
    return r.sum_rows(r.times(v, r.product(r.symmetric(tangent), v)));
  }
};

}  // namespace detail

template <class Values, class Vectors>
struct eigh_result {
  Values eigenvalues;
  Vectors eigenvectors;
};

/// Eigenvalues in ascending order and orthonormal eigenvectors, as columns, of symmetric matrices:
/// [..., n, n] -> eigenvalues [..., n], eigenvectors [..., n, n]. The mean of A and its transpose is what is
/// decomposed. Derivatives of equal eigenvalues: see this header.
template <tensor_like A>
constexpr auto eigh(A&& a) {
  static_assert(detail::may_be_square<A>(), "tenon: linalg::eigh takes square matrices, [..., n, n]");
  const auto x = detail::operand_of_many(static_cast<A&&>(a));
  const auto p = detail::packed<detail::eigh_op>(x);
  return eigh_result<decltype(detail::part_of_pack<detail::pack::eigen, 0>(x, p)),
                     decltype(detail::part_of_pack<detail::pack::eigen, 1>(x, p))>{
      detail::part_of_pack<detail::pack::eigen, 0>(x, p), detail::part_of_pack<detail::pack::eigen, 1>(x, p)};
}

/// The eigenvalues of symmetric matrices in ascending order: [..., n, n] -> [..., n].
template <tensor_like A>
constexpr auto eigvalsh(A&& a) {
  static_assert(detail::may_be_square<A>(), "tenon: linalg::eigvalsh takes square matrices, [..., n, n]");
  return apply<detail::eigvalsh_op>(static_cast<A&&>(a));
}

}  // namespace tenon::linalg
