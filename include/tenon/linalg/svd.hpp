// The singular value decomposition.
//
//   A = U diag(s) V^T,  P = U^T dA V,  F_ij = 1 / (s_j^2 - s_i^2),  S = diag(s):
//     ds = diag(P)
//     dU = U (F o (P S + S P^T)) + (dA V - U P) S^-1
//     dV = V (F o (S P + P^T S)) + (dA^T U - V P^T) S^-1
//   in reverse, with X = U^T U~ and Y = V^T V~:
//     A~ = (U (F o (X - X^T)) S + U S (F o (Y - Y^T)) + U diag(s~) + (U~ - U X) S^-1) V^T
//          + U S^-1 (V~ - V Y)^T
//
// (Townsend, "Differentiating the singular value decomposition", 2016.) F is 0 on the diagonal and where two
// singular values are equal to the bit, S^-1 is 0 where one is 0: functions of the singular values alone have
// the right derivative, and what the vectors there contribute is left out, for they are no functions of A
// there.
#pragma once

#include "tenon/linalg/jacobi.hpp"
#include "tenon/linalg/results.hpp"
#include "tenon/linalg/solve.hpp"

namespace tenon::linalg {
namespace detail {

/// pack::singular.
struct svd_op : op_defaults {
  static constexpr auto name = "linalg::svd";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::floating;
  static constexpr int rule_nodes = 96;
  using inserts = list<product_op, part_op, place_part_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    return has_matrix(scope, q.in[0]) ? pack_shape(pack::singular, q.in[0]) : q.in[0];
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    each_matrix(name, l, {{2, 0, 0}, 1}, [](const stack_place& p) -> const char* {
      const matrix a = p.read(0);
      const index m = a.rows(), n = a.cols(), k = std::min(m, n);
      if (!a.allFinite()) {
        p.write(matrix::Constant(m + 1 + n, k, not_a_number));
        return nullptr;
      }
      const singular_values<Unit> svd(a, true);
      if (!svd.converged) return "has singular values that did not converge";
      p.write(svd.u);
      p.write(svd.s, m * k);
      p.write(svd.v.transpose(), m * k + k);
      return nullptr;
    });
  }

  struct parts {
    matrix_rules r;
    int a, u, s, v;
    constexpr int squared_gaps() {
      return r.times(r.gaps(s), r.reciprocal(r.plus(r.as_row(s), r.as_column(s))));
    }
    constexpr int over_s(int x) { return r.times(x, r.as_row(r.reciprocal(s))); }
    constexpr int antisymmetric(int x) { return r.minus(x, r.transpose(x)); }
  };
  static constexpr parts parts_of(graph_builder& b, int node) {
    matrix_rules r{b};
    const int a = b.node[node].in[0];
    return {r, a, r.part(node, a, pack::singular, 0), r.part(node, a, pack::singular, 1),
            r.transpose(r.part(node, a, pack::singular, 2))};
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    parts p = parts_of(b, node);
    matrix_rules& r = p.r;
    const int gu = r.part(cotangent, p.a, pack::singular, 0), gs = r.part(cotangent, p.a, pack::singular, 1);
    const int gv = r.transpose(r.part(cotangent, p.a, pack::singular, 2));
    const int x = r.product(r.transpose(p.u), gu), y = r.product(r.transpose(p.v), gv);
    const int f = p.squared_gaps();
    const int inner = r.plus(r.times(r.times(f, p.antisymmetric(x)), r.as_row(p.s)),
                             r.times(r.as_column(p.s), r.times(f, p.antisymmetric(y))));
    const int left = r.plus(r.plus(r.product(p.u, inner), r.times(p.u, r.as_row(gs))),
                            p.over_s(r.minus(gu, r.product(p.u, x))));
    const int right = p.over_s(r.minus(gv, r.product(p.v, y)));
    return r.plus(r.product(left, r.transpose(p.v)), r.product(p.u, r.transpose(right)));
  }
  static constexpr int pushforward(graph_builder& b, int node, int, int tangent) {
    parts p = parts_of(b, node);
    matrix_rules& r = p.r;
    const int av = r.product(tangent, p.v), au = r.product(r.transpose(tangent), p.u);
    const int inner = r.product(r.transpose(p.u), av), turned = r.transpose(inner);
    const int f = p.squared_gaps();
    const int row = r.as_row(p.s), column = r.as_column(p.s);
    const int fu = r.times(f, r.plus(r.times(inner, row), r.times(column, turned)));
    const int fv = r.times(f, r.plus(r.times(column, inner), r.times(turned, row)));
    const int ds = r.sum_rows(r.times(p.u, av));
    const int du = r.plus(r.product(p.u, fu), p.over_s(r.minus(av, r.product(p.u, inner))));
    const int dv = r.plus(r.product(p.v, fv), p.over_s(r.minus(au, r.product(p.v, turned))));
    return r.plus(r.plus(r.placed(du, p.a, pack::singular, 0), r.placed(ds, p.a, pack::singular, 1)),
                  r.placed(r.transpose(dv), p.a, pack::singular, 2));
  }
};

/// Singular values alone; derivatives compute the vectors.
struct svdvals_op : op_defaults {
  static constexpr auto name = "linalg::svdvals";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::floating;
  static constexpr int rule_nodes = 112;
  using inserts = list<svd_op, product_op, part_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    if (!has_matrix(scope, q.in[0])) return q.in[0];
    return with_axes(stack_of(q.in[0]), smaller(rows_of(q.in[0]), columns_of(q.in[0])));
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    each_matrix(name, l, {{2, 0, 0}, 1}, [](const stack_place& p) -> const char* {
      const matrix a = p.read(0);
      if (!a.allFinite()) {
        p.write(vector::Constant(std::min(a.rows(), a.cols()), not_a_number));
        return nullptr;
      }
      const singular_values<Unit> svd(a, false);
      if (!svd.converged) return "has singular values that did not converge";
      p.write(svd.s);
      return nullptr;
    });
  }
  struct vectors {
    int u, vh;
  };
  static constexpr vectors vectors_of(graph_builder& b, int node) {
    matrix_rules r{b};
    const int a = b.node[node].in[0], packed = b.push(b.find<svd_op>(), a);
    return {r.part(packed, a, pack::singular, 0), r.part(packed, a, pack::singular, 2)};
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    matrix_rules r{b};
    const vectors v = vectors_of(b, node);
    return r.product(r.times(v.u, r.as_row(cotangent)), v.vh);
  }
  static constexpr int pushforward(graph_builder& b, int node, int, int tangent) {
    matrix_rules r{b};
    const vectors v = vectors_of(b, node);
    return r.sum_rows(r.times(v.u, r.product(tangent, r.transpose(v.vh))));
  }
};

}  // namespace detail

template <class U, class S, class Vh>
struct svd_result {
  U u;
  S s;
  Vh vh;
};

/// A = U diag(s) Vh with orthonormal columns of U and rows of Vh and s descending: [..., m, n] ->
/// u [..., m, k], s [..., k], vh [..., k, n], k = min(m, n). Derivatives where singular values are equal or
/// 0: see this header.
template <tensor_like A>
constexpr auto svd(A&& a) {
  static_assert(detail::rank_of_operand<A> >= 2, "tenon: linalg::svd takes matrices, [..., m, n]");
  const auto x = detail::operand_of_many(static_cast<A&&>(a));
  const auto p = detail::packed<detail::svd_op>(x);
  return svd_result<decltype(detail::part_of_pack<detail::pack::singular, 0>(x, p)),
                    decltype(detail::part_of_pack<detail::pack::singular, 1>(x, p)),
                    decltype(detail::part_of_pack<detail::pack::singular, 2>(x, p))>{
      detail::part_of_pack<detail::pack::singular, 0>(x, p),
      detail::part_of_pack<detail::pack::singular, 1>(x, p),
      detail::part_of_pack<detail::pack::singular, 2>(x, p)};
}

/// The singular values in descending order: [..., m, n] -> [..., min(m, n)].
template <tensor_like A>
constexpr auto svdvals(A&& a) {
  static_assert(detail::rank_of_operand<A> >= 2, "tenon: linalg::svdvals takes matrices, [..., m, n]");
  return apply<detail::svdvals_op>(static_cast<A&&>(a));
}

}  // namespace tenon::linalg
