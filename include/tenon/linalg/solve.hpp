// Linear systems: solve, inv, solve_triangular.
//
//   A X = B:     dX = A^-1 (dB - dA X),     B~ = A^-T X~,  A~ = -B~ X^T
//   Y = A^-1:    dY = -Y dA Y,              A~ = -Y^T Y~ Y^T
//
// (X~ is the cotangent of X; Giles, "Collected matrix derivative results", 2008.) A matrix that is exactly
// singular is a numeric_error, as in NumPy; one with a NaN gives NaN.
#pragma once

#include "tenon/graph/call.hpp"
#include "tenon/linalg/structure.hpp"

namespace tenon::linalg {
namespace detail {

using lu_factors = Eigen::PartialPivLU<matrix>;

template <class Unit>
bool has_zero_pivot(const lu_factors& lu) {
  return (lu.matrixLU().diagonal().array() == 0).any();
}

constexpr extents solve_shape(shape_scope& scope, const shape_query& q) {
  if (!has_matrix(scope, q.in[0]) || !has_matrix(scope, q.in[1])) return q.in[1];
  const dim n = scope.equate(rows_of(q.in[0]), columns_of(q.in[0]));
  const dim rows = scope.equate(n, rows_of(q.in[1]));
  return with_axes(broadcast_extents(scope, stack_of(q.in[0]), stack_of(q.in[1])), rows, columns_of(q.in[1]));
}

/// A^-1 B, or A^-T B where a[0] is 1.
struct solve_op : op_defaults {
  static constexpr auto name = "linalg::solve";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2;
  static constexpr domain takes = domain::floating;
  static constexpr int rule_nodes = 16;
  using inserts = list<product_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) { return solve_shape(scope, q); }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    const bool transposed = l.attribute.a[0] != 0;
    each_matrix(name, l, {{2, 2, 0}, 2}, [&](const stack_place& p) -> const char* {
      matrix a = p.read(0);
      const matrix b = p.read(1);
      if (a.hasNaN()) {
        p.write(matrix::Constant(b.rows(), b.cols(), not_a_number));
        return nullptr;
      }
      if (transposed) a.transposeInPlace();
      const lu_factors lu(a);
      if (has_zero_pivot<Unit>(lu)) return "is singular";
      const matrix x = lu.solve(b);
      p.write(x);
      return nullptr;
    });
  }
  static constexpr int solved(graph_builder& b, int node, int right, bool flipped) {
    const index transposed = b.node[node].attribute.a[0];
    return b.push(b.node[node].op, b.node[node].in[0], right, -1, {{flipped ? 1 - transposed : transposed}});
  }
  static constexpr int pullback(graph_builder& b, int node, int operand, int cotangent) {
    matrix_rules r{b};
    const array_node n = b.node[node];
    const int right = solved(b, node, cotangent, true);
    if (operand == 1) return b.sum_to_shape_of(right, n.in[1]);
    return b.sum_to_shape_of(r.minus(n.attribute.a[0] == 0 ? r.product(right, r.transpose(node))
                                                           : r.product(node, r.transpose(right))),
                             n.in[0]);
  }
  static constexpr int pushforward(graph_builder& b, int node, int operand, int tangent) {
    matrix_rules r{b};
    if (operand == 1) return solved(b, node, tangent, false);
    const int moved = b.node[node].attribute.a[0] == 0 ? tangent : r.transpose(tangent);
    return r.minus(solved(b, node, r.product(moved, node), false));
  }
};

/// A^-1. Where a[0] is 1, a singular matrix gives NaN: inside of derivatives; where it is 2, infinities.
struct inv_op : op_defaults {
  static constexpr auto name = "linalg::inv";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::floating;
  static constexpr int rule_nodes = 8;
  using inserts = list<product_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) { return square(scope, q.in[0]); }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    const index quiet = l.attribute.a[0];
    each_matrix(name, l, {{2, 0, 0}, 2}, [&](const stack_place& p) -> const char* {
      const matrix a = p.read(0);
      matrix y = matrix::Constant(a.rows(), a.cols(), not_a_number);
      if (!a.hasNaN()) {
        const lu_factors lu(a);
        if (!has_zero_pivot<Unit>(lu))
          y = lu.solve(matrix::Identity(a.rows(), a.cols()));
        else if (quiet == 0)
          return "is singular";
        else if (quiet == 2)
          y.setConstant(std::numeric_limits<double>::infinity());
      }
      p.write(y);
      return nullptr;
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    matrix_rules r{b};
    const int t = r.transpose(node);
    return r.minus(r.product(t, cotangent, t));
  }
  static constexpr int pushforward(graph_builder& b, int node, int, int tangent) {
    matrix_rules r{b};
    return r.minus(r.product(node, tangent, node));
  }
};

enum triangle_bits : index { is_upper = 1, is_transposed = 2, has_unit_diagonal = 4, is_quiet = 8 };

/// The solution of a triangular system. Everything is turned into an upper triangle, for which Eigen's
/// routine is instantiated already: a lower one backwards, both ways, is upper.
template <class Unit>
matrix solve_triangle(const matrix& a, const matrix& right, index bits) {
  const index n = a.rows();
  const bool upper = (bits & is_upper) != 0, transposed = (bits & is_transposed) != 0;
  const bool backwards = upper == transposed;
  const auto at = [&](index i) { return backwards ? n - 1 - i : i; };
  matrix u = matrix::Zero(n, n), x(n, right.cols());
  for (index j = 0; j < n; ++j) {
    for (index i = 0; i < j; ++i) u(i, j) = transposed ? a(at(j), at(i)) : a(at(i), at(j));
    u(j, j) = (bits & has_unit_diagonal) != 0 ? 1 : a(at(j), at(j));
  }
  for (index i = 0; i < n; ++i) x.row(i) = right.row(at(i));
  if (u.hasNaN()) return matrix::Constant(n, right.cols(), not_a_number);
  u.triangularView<Eigen::Upper>().solveInPlace(x);
  if (!backwards) return x;
  matrix y(n, right.cols());
  for (index i = 0; i < n; ++i) y.row(i) = x.row(at(i));
  return y;
}

/// T^-1 B for a triangle T of the first operand; a[0]: triangle_bits.
struct solve_triangular_op : op_defaults {
  static constexpr auto name = "linalg::solve_triangular";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2;
  static constexpr domain takes = domain::floating;
  static constexpr int rule_nodes = 16;
  using inserts = list<product_op, triangle_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) { return solve_shape(scope, q); }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    const index bits = l.attribute.a[0];
    each_matrix(name, l, {{2, 2, 0}, 2}, [&](const stack_place& p) -> const char* {
      const matrix a = p.read(0);
      if ((bits & (has_unit_diagonal | is_quiet)) == 0 && (a.diagonal().array() == 0).any())
        return "is singular";
      p.write(solve_triangle<Unit>(a, p.read(1), bits));
      return nullptr;
    });
  }
  static constexpr int solved(graph_builder& b, int node, int right, index flip) {
    return b.push(b.node[node].op, b.node[node].in[0], right, -1, {{b.node[node].attribute.a[0] ^ flip}});
  }
  /// What the operand's elements count: those of its triangle.
  static constexpr int counted(graph_builder& b, int x, index bits) {
    const index on = (bits & has_unit_diagonal) != 0 ? 0 : 2;
    return (bits & is_upper) != 0 ? matrix_rules{b}.triangle(x, 0, on, 2)
                                  : matrix_rules{b}.triangle(x, 2, on, 0);
  }
  static constexpr int pullback(graph_builder& b, int node, int operand, int cotangent) {
    matrix_rules r{b};
    const array_node n = b.node[node];
    const int right = solved(b, node, cotangent, is_transposed);
    if (operand == 1) return b.sum_to_shape_of(right, n.in[1]);
    const int outer = (n.attribute.a[0] & is_transposed) == 0 ? r.product(right, r.transpose(node))
                                                              : r.product(node, r.transpose(right));
    return b.sum_to_shape_of(r.minus(counted(b, outer, n.attribute.a[0])), n.in[0]);
  }
  static constexpr int pushforward(graph_builder& b, int node, int operand, int tangent) {
    matrix_rules r{b};
    if (operand == 1) return solved(b, node, tangent, 0);
    const index bits = b.node[node].attribute.a[0];
    const int triangle = counted(b, tangent, bits);
    const int moved = (bits & is_transposed) == 0 ? triangle : r.transpose(triangle);
    return r.minus(solved(b, node, r.product(moved, node), 0));
  }
};

/// The dtype and the shape of operand X.
template <class X>
using element_type = typename tenon::detail::bare<decltype(tenon::detail::as_expression<0>(
    std::declval<X>()))>::type::value_type;
template <class X>
using shape_of_operand = typename tenon::detail::bare<decltype(tenon::detail::as_expression<0>(
    std::declval<X>()))>::type::shape_type;
template <class X>
inline constexpr int rank_of_operand = tenon::detail::rank_of<shape_of_operand<X>>;
/// Whether the last two extents may be equal, as far as types know.
template <class X>
constexpr bool may_be_square() {
  using S = shape_of_operand<X>;
  constexpr extents e = tenon::detail::extents_of<S, typename tenon::detail::names_of<S>::type>::value;
  shape_scope scope;
  square(scope, e);
  return scope.error == misfit::none;
}

/// Op applied to a matrix and right-hand sides, of which one of rank 1 is a single column.
template <class Op, class A, class B>
constexpr auto apply_to_columns(A&& a, B&& b) {
  if constexpr (rank_of_operand<B> == 1)
    return squeeze<-1>(apply<Op>(static_cast<A&&>(a), expand_dims<-1>(static_cast<B&&>(b))));
  else
    return apply<Op>(static_cast<A&&>(a), static_cast<B&&>(b));
}

}  // namespace detail

/// Options of triangular matrices.
struct lower_t {};
struct upper_t {};
struct transposed_t {};
struct unit_diagonal_t {};
inline constexpr lower_t lower{};                  // zeros above the diagonal, whatever is there
inline constexpr upper_t upper{};                  // zeros below the diagonal
inline constexpr transposed_t transposed{};        // the transpose of that triangle
inline constexpr unit_diagonal_t unit_diagonal{};  // ones on the diagonal, whatever is there

namespace detail {
constexpr index bits_of(lower_t) { return 0; }
constexpr index bits_of(upper_t) { return is_upper; }
constexpr index bits_of(transposed_t) { return is_transposed; }
constexpr index bits_of(unit_diagonal_t) { return has_unit_diagonal; }
template <class T>
concept triangle_option = requires(T t) {
  bits_of(t);
};
template <class T>
concept triangle_side = std::is_same_v<T, lower_t> || std::is_same_v<T, upper_t>;
}  // namespace detail

/// X with A X = B: [..., n, n], [..., n, k] -> [..., n, k], stacks broadcasting; B of rank 1 is one column,
/// [n], and so is X. Throws numeric_error where a matrix is singular.
template <tensor_like A, tensor_like B>
constexpr auto solve(A&& a, B&& b) {
  static_assert(detail::may_be_square<A>(), "tenon: linalg::solve takes square matrices, [..., n, n]");
  return detail::apply_to_columns<with<detail::solve_op, 0>>(static_cast<A&&>(a), static_cast<B&&>(b));
}

/// The inverse of each matrix: [..., n, n] -> [..., n, n]. Throws numeric_error where one is singular. To
/// solve a system, `solve` is faster and more accurate.
template <tensor_like A>
constexpr auto inv(A&& a) {
  static_assert(detail::may_be_square<A>(), "tenon: linalg::inv takes square matrices, [..., n, n]");
  return apply<with<detail::inv_op, 0>>(static_cast<A&&>(a));
}

/// X with T X = B, T the `lower` or `upper` triangle of A: solve_triangular(a, b, lower), and `transposed` or
/// `unit_diagonal` besides. Shapes as for solve. What A holds outside of the triangle does not matter. Throws
/// numeric_error where the diagonal has a zero.
template <tensor_like A, tensor_like B, detail::triangle_side Side, detail::triangle_option... More>
constexpr auto solve_triangular(A&& a, B&& b, Side, More...) {
  static_assert(detail::may_be_square<A>(),
                "tenon: linalg::solve_triangular takes square matrices, [..., n, n]");
  constexpr index bits = (detail::bits_of(Side{}) | ... | detail::bits_of(More{}));
  return detail::apply_to_columns<with<detail::solve_triangular_op, bits>>(static_cast<A&&>(a),
                                                                           static_cast<B&&>(b));
}

}  // namespace tenon::linalg
