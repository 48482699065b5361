// The matrix exponential, by scaling and squaring with the [13/13] Pade approximant (Higham, "The scaling and
// squaring method for the matrix exponential revisited", 2005).
//
//   exp [A E; 0 A] = [exp(A) L(A, E); 0 exp(A)],    dY = L(A, dA),    A~ = L(A^T, Y~)
#pragma once

#include <cmath>

#include "tenon/linalg/solve.hpp"

namespace tenon::linalg {
namespace detail {

template <class Unit>
matrix exponential(const matrix& a) {
  static constexpr double c[] = {64764752532480000.,
                                 32382376266240000.,
                                 7771770303897600.,
                                 1187353796428800.,
                                 129060195264000.,
                                 10559470521600.,
                                 670442572800.,
                                 33522128640.,
                                 1323241920.,
                                 40840800.,
                                 960960.,
                                 16380.,
                                 182.,
                                 1.};
  const index n = a.rows();
  if (n == 0) return a;
  if (!a.allFinite()) return matrix::Constant(n, n, not_a_number);
  const double norm = a.cwiseAbs().colwise().sum().maxCoeff();
  int squarings = 0;
  std::frexp(norm / 5.371920351148152, &squarings);
  squarings = std::max(squarings, 0);
  const matrix x = a * std::ldexp(1.0, -squarings), x2 = x * x, x4 = x2 * x2, x6 = x4 * x2;
  const matrix identity = matrix::Identity(n, n);
  const matrix odd_high = c[13] * x6 + c[11] * x4 + c[9] * x2;
  const matrix odd = x * (x6 * odd_high + c[7] * x6 + c[5] * x4 + c[3] * x2 + c[1] * identity);
  const matrix even_high = c[12] * x6 + c[10] * x4 + c[8] * x2;
  const matrix even = x6 * even_high + c[6] * x6 + c[4] * x4 + c[2] * x2 + c[0] * identity;
  matrix y = lu_factors(even - odd).solve(even + odd);
  for (int i = 0; i < squarings; ++i) y = (y * y).eval();
  return y;
}

struct place_block_op;

/// One quarter of a matrix [2 n, 2 n], of the extents of the second operand: at rows a[0] n, columns a[1] n.
struct block_op : op_defaults {
  static constexpr auto name = "block";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2, shape_only = 1;
  static constexpr domain takes = domain::floating;
  static constexpr bool linear = true;
  using inserts = list<place_block_op>;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[1]; }
  static array_access quarter(array_access whole, const array_access& like, const attributes& which) {
    for (int k = 0; k < 2; ++k) {
      const int axis = whole.rank - 2 + k;
      whole.extent[axis] = like.extent[axis];
      whole.data += which.a[k] * like.extent[axis] * whole.stride[axis] * size_of(whole.type);
    }
    return whole;
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    tenon::detail::copy_elements(quarter(l.in[0], l.out, l.attribute), l.out);
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<place_block_op>(), cotangent, -1, -1, b.node[node].attribute);
  }
};

/// Zeros [2 n, 2 n] but for one quarter: block's transpose.
struct place_block_op : op_defaults {
  static constexpr auto name = "place_block";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::floating;
  static constexpr bool linear = true;
  using inserts = list<block_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    const extents x = square(scope, q.in[0]);
    if (x.rank < 2) return x;
    const dim n = columns_of(x), twice = computed(is_static(n.code), n.size < 0 ? -1 : 2 * n.size);
    return with_axes(stack_of(x), twice, twice);
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    tenon::detail::clear(l.out);
    tenon::detail::copy_elements(l.in[0], block_op::quarter(l.out, l.in[0], l.attribute));
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<block_op>(), cotangent, b.node[node].in[0], -1, b.node[node].attribute);
  }
};

struct expm_op : op_defaults {
  static constexpr auto name = "linalg::expm";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::floating;
  static constexpr int rule_nodes = 16;
  using inserts = list<block_op, place_block_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) { return square(scope, q.in[0]); }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    each_matrix(name, l, {{2, 0, 0}, 2}, [](const stack_place& p) -> const char* {
      p.write(exponential<Unit>(p.read(0)));
      return nullptr;
    });
  }
  static constexpr int derivative(graph_builder& b, int node, int a, int along) {
    matrix_rules r{b};
    const int place = b.find<place_block_op>();
    const int diagonal = r.plus(b.push(place, a, -1, -1, {{0, 0}}), b.push(place, a, -1, -1, {{1, 1}}));
    const int both = b.push(b.node[node].op, r.plus(diagonal, b.push(place, along, -1, -1, {{0, 1}})));
    return b.push(b.find<block_op>(), both, node, -1, {{0, 1}});
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return derivative(b, node, matrix_rules{b}.transpose(b.node[node].in[0]), cotangent);
  }
  static constexpr int pushforward(graph_builder& b, int node, int, int tangent) {
    return derivative(b, node, b.node[node].in[0], tangent);
  }
};

}  // namespace detail

/// The exponential of each matrix: [..., n, n] -> [..., n, n].
template <tensor_like A>
constexpr auto expm(A&& a) {
  static_assert(detail::may_be_square<A>(), "tenon: linalg::expm takes square matrices, [..., n, n]");
  return apply<detail::expm_op>(static_cast<A&&>(a));
}

}  // namespace tenon::linalg
