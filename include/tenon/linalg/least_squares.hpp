// Rank-revealing functions on the singular values: pinv, lstsq, matrix_rank.
//
//   P = A^+:  dP = -P dA P + P P^T dA^T (I - A P) + (I - P A) dA^T P^T P
//             A~ = -P^T P~ P^T + (I - A P) P~^T P P^T + P^T P P~^T (I - P A)
//
// (Golub and Pereyra, 1973.) It holds where the rank does not change nearby, for any rank.
#pragma once

#include "tenon/linalg/svd.hpp"
#include "tenon/ops/statistics.hpp"

namespace tenon::linalg {
namespace detail {

/// The pseudo-inverse of the second operand from the first, its pack::singular, from which no derivative is
/// taken. Third: singular values up to that multiple of the greatest count as 0; negative: the default.
struct pinv_op : op_defaults {
  static constexpr auto name = "linalg::pinv";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 3;
  static constexpr domain takes = domain::floating;
  static constexpr int rule_nodes = 48;
  using inserts = list<product_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    if (!has_matrix(scope, q.in[1])) return q.in[1];
    const extents stack = broadcast_extents(scope, stack_of(q.in[1]), q.in[2]);
    return with_axes(stack, columns_of(q.in[1]), rows_of(q.in[1]));
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    each_matrix(name, l, {{1, 2, 0}, 2}, [&](const stack_place& p) -> const char* {
      const array_access& a = l.in[1];
      const index m = a.extent[a.rank - 2], n = a.extent[a.rank - 1], k = std::min(m, n);
      const array_access& packed = l.in[0];
      const index step = packed.stride[packed.rank - 1] * size_of(packed.type);
      const auto element = [&](index i) { return stack_place::number(packed.type, p.in[0] + i * step); };
      const double given = p.read_number(2);
      const double epsilon = stack_place::epsilon(packed.type);
      const double least =
          (given < 0 ? epsilon * double(std::max(m, n)) : given) * (k > 0 ? element(m * k) : 0);
      matrix u(m, k), v(n, k);
      for (index j = 0; j < k; ++j) {
        const double s = element(m * k + j), factor = s <= least ? 0 : 1 / s;  // NaN stays
        for (index i = 0; i < m; ++i) u(i, j) = element(i * k + j);
        for (index i = 0; i < n; ++i) v(i, j) = element(m * k + k + j * n + i) * factor;
      }
      const matrix result = v * u.transpose();
      p.write(result);
      return nullptr;
    });
  }
  /// (I - A P) X and X (I - P A), with nothing of the size of I.
  static constexpr int outside(matrix_rules r, int a, int p, int x) {
    return r.minus(x, r.product(a, r.product(p, x)));
  }
  static constexpr int inside(matrix_rules r, int a, int p, int x) {
    return r.minus(x, r.product(r.product(x, p), a));
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    matrix_rules r{b};
    const int a = b.node[node].in[1], t = r.transpose(node), g = r.transpose(cotangent);
    const int first = r.minus(r.product(t, cotangent, t));
    const int second = outside(r, a, node, r.product(g, node, t));
    const int third = inside(r, a, node, r.product(t, node, g));
    return b.sum_to_shape_of(r.plus(r.plus(first, second), third), a);
  }
  static constexpr int pushforward(graph_builder& b, int node, int, int tangent) {
    matrix_rules r{b};
    const int a = b.node[node].in[1], t = r.transpose(node), e = r.transpose(tangent);
    const int first = r.minus(r.product(node, tangent, node));
    const int left = r.product(node, r.product(t, e));  // P P^T dA^T
    const int second = r.minus(left, r.product(r.product(left, a), node));
    const int right = r.product(r.product(e, t), node);  // dA^T P^T P
    const int third = r.minus(right, r.product(node, r.product(a, right)));
    return r.plus(r.plus(first, second), third);
  }
};

/// A x B of matrices or stacks of them.
template <class A, class B>
constexpr auto multiplied_stacks(const A& a, const B& b) {
  if constexpr (rank_of_operand<const A&> == 2 && rank_of_operand<const B&> == 2)
    return matmul(a, b);
  else
    return apply<product_op>(a, b);
}

/// What a tolerance stands for: itself as an expression of x's dtype.
template <class T, class R>
constexpr auto tolerance_operand(R&& rtol) {
  if constexpr (plain_number<R>)
    return tenon::detail::scalar_leaf<T>(rtol);
  else
    return tenon::detail::as_expression<0>(static_cast<R&&>(rtol));
}
template <class V, class... R>
constexpr auto pinv_of(const V& v, const R&... rtol) {
  const auto packed = stop_gradient(apply<svd_op>(v));
  if constexpr (sizeof...(R) == 0)
    return apply<pinv_op>(packed, v, constant<-1>);
  else
    return apply<pinv_op>(packed, v, stop_gradient(rtol)...);
}

/// The number of singular values above a multiple of the greatest; of x's extents' without one.
template <class X, class S, class... R>
constexpr auto rank_of_values(const X& x, const S& s, const R&... rtol) {
  const auto greatest = max(s, axis<-1>, keepdims);
  if constexpr (sizeof...(R) == 0) {
    using T = typename X::value_type;
    constexpr index epsilon = tenon::detail::bits_of(double(std::numeric_limits<T>::epsilon()));
    const auto larger =
        maximum(tenon::detail::reduced_count<axes_t<-1>>(x), tenon::detail::reduced_count<axes_t<-2>>(x));
    return count_nonzero(s > greatest * (larger * tenon::detail::constant_of_bits<epsilon>), axis<-1>);
  } else {
    return count_nonzero(s > greatest * expand_dims<-1>(rtol...), axis<-1>);
  }
}

}  // namespace detail

/// The Moore-Penrose inverse: [..., m, n] -> [..., n, m]. Singular values up to rtol times the greatest count
/// as 0: a number or an array [...], by default max(m, n) times the dtype's epsilon.
template <tensor_like A>
constexpr auto pinv(A&& a) {
  static_assert(detail::rank_of_operand<A> >= 2, "tenon: linalg::pinv takes matrices, [..., m, n]");
  return call([](auto v) { return detail::pinv_of(v); }, static_cast<A&&>(a));
}
template <tensor_like A, class R>
requires operands<A, R>
constexpr auto pinv(A&& a, R&& rtol) {
  static_assert(detail::rank_of_operand<A> >= 2, "tenon: linalg::pinv takes matrices, [..., m, n]");
  using T = detail::element_type<A>;
  return call([](auto v, auto r) { return detail::pinv_of(v, r); }, static_cast<A&&>(a),
              detail::tolerance_operand<T>(static_cast<R&&>(rtol)));
}

/// How many singular values are greater than rtol times the greatest, int64: [..., m, n] -> [...]. The
/// tolerance as for pinv.
template <tensor_like A>
constexpr auto matrix_rank(A&& a) {
  static_assert(detail::rank_of_operand<A> >= 2, "tenon: linalg::matrix_rank takes matrices, [..., m, n]");
  return call([](auto v) { return detail::rank_of_values(v, svdvals(v)); }, static_cast<A&&>(a));
}
template <tensor_like A, class R>
requires operands<A, R>
constexpr auto matrix_rank(A&& a, R&& rtol) {
  static_assert(detail::rank_of_operand<A> >= 2, "tenon: linalg::matrix_rank takes matrices, [..., m, n]");
  using T = detail::element_type<A>;
  return call([](auto v, auto r) { return detail::rank_of_values(v, svdvals(v), r); }, static_cast<A&&>(a),
              detail::tolerance_operand<T>(static_cast<R&&>(rtol)));
}

template <class X, class Residuals, class Rank, class Values>
struct lstsq_result {
  X x;
  Residuals residuals;
  Rank rank;
  Values singular_values;
};

namespace detail {

/// lstsq of matrices [..., m, n] and [..., m, k].
template <class A, class B, class... R>
constexpr auto least_squares(const A& a, const B& b, const R&... rtol) {
  const auto p = packed<svd_op>(a);
  const auto s = part_of_pack<pack::singular, 1>(a, p);
  const auto inverse = [&] {
    if constexpr (tenon::detail::is_expression<A>)
      return call([](auto v, auto... r) { return pinv_of(v, r...); }, a, rtol...);
    else if constexpr (sizeof...(R) == 0)
      return eval(apply<pinv_op>(p, a, constant<-1>));
    else
      return eval(apply<pinv_op>(p, a, rtol...));
  }();
  const auto x = settled(multiplied_stacks(inverse, b));
  const auto residuals = settled(sum(tenon::square(b - multiplied_stacks(a, x)), axis<-2>));
  const auto rank =
      settled(call([](auto v, auto w, auto... r) { return rank_of_values(v, w, r...); }, a, s, rtol...));
  return lstsq_result<std::remove_const_t<decltype(x)>, std::remove_const_t<decltype(residuals)>,
                      std::remove_const_t<decltype(rank)>, std::remove_const_t<decltype(s)>>{x, residuals,
                                                                                             rank, s};
}

template <class A, class B, class... R>
constexpr auto least_squares_of(A&& a, B&& b, const R&... rtol) {
  static_assert(rank_of_operand<A> >= 2, "tenon: linalg::lstsq takes matrices, [..., m, n]");
  if constexpr (rank_of_operand<B> == 1) {
    const auto r = least_squares(operand_of_many(static_cast<A&&>(a)),
                                 operand_of_many(expand_dims<-1>(static_cast<B&&>(b))), rtol...);
    const auto x = settled(squeeze<-1>(r.x));
    const auto residuals = settled(squeeze<-1>(r.residuals));
    return lstsq_result<std::remove_const_t<decltype(x)>, std::remove_const_t<decltype(residuals)>,
                        decltype(r.rank), decltype(r.singular_values)>{x, residuals, r.rank,
                                                                       r.singular_values};
  } else {
    return least_squares(operand_of_many(static_cast<A&&>(a)), operand_of_many(static_cast<B&&>(b)), rtol...);
  }
}

}  // namespace detail

/// X that minimises |B - A X|, the shortest such where there are several: [..., m, n], [..., m, k] ->
/// x [..., n, k], residuals [..., k], rank [...] (int64), singular_values [..., min(m, n)]. B of rank 1 is
/// one column. Residuals are |B - A X|^2 of each column, whatever the rank is. The tolerance as for pinv.
template <tensor_like A, tensor_like B>
constexpr auto lstsq(A&& a, B&& b) {
  return detail::least_squares_of(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <tensor_like A, tensor_like B, class R>
requires operands<A, R>
constexpr auto lstsq(A&& a, B&& b, R&& rtol) {
  using T = detail::element_type<A>;
  return detail::least_squares_of(static_cast<A&&>(a), static_cast<B&&>(b),
                                  detail::tolerance_operand<T>(static_cast<R&&>(rtol)));
}

}  // namespace tenon::linalg
