// Products that sum over axes: one op, of which matmul, dot, tensordot and einsum are cases.
#pragma once

#include "tenon/graph/call.hpp"
#include "tenon/ops/complex.hpp"
#include "tenon/ops/shape.hpp"

namespace tenon {

/// c[batch, left, right] = sum over inner of a[batch, left, inner] * b[batch, inner, right], where each word
/// stands for a list of axes. Attributes: how many axes are left, inner and right; all before them are batch
/// axes, which broadcast. So [b, m, k] x [k, n] has two left axes, and is one product of b * m rows.
///
/// A derivative is the same op, with what was broadcast among the axes that it sums over: the gradient of a
/// matrix that a whole batch was multiplied by is one product, too.
struct matmul_op : op_defaults {
  static constexpr auto name = "matmul";
  static constexpr op_kind kind = op_kind::contraction;
  static constexpr int arity = 2;
  static constexpr domain takes = domain::arithmetic;
  static constexpr bool linear = true;

  /// Which axes are what.
  struct roles {
    int left, inner, right, batch_a, batch_b;
    constexpr roles(const attributes& k, int rank_a, int rank_b)
        : left(int(k.a[0])),
          inner(int(k.a[1])),
          right(int(k.a[2])),
          batch_a(rank_a - left - inner),
          batch_b(rank_b - inner - right) {}
    constexpr int batch() const { return batch_a > batch_b ? batch_a : batch_b; }
  };

  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    const extents &a = q.in[0], &b = q.in[1];
    const roles at(q.attribute, a.rank, b.rank);
    extents outer_a = a, outer_b = b, r;
    if (at.batch_a < 0 || at.batch_b < 0 || at.batch() + at.left + at.right > max_rank) {
      scope.fail(misfit::rank, {a.rank, a.rank}, {b.rank, b.rank});
      return r;
    }
    for (int i = 0; i < at.inner; ++i) scope.equate(a[at.batch_a + at.left + i], b[at.batch_b + i]);
    outer_a.rank = at.batch_a;
    outer_b.rank = at.batch_b;
    r = broadcast_extents(scope, outer_a, outer_b);
    for (int i = 0; i < at.left; ++i) r[r.rank++] = a[at.batch_a + i];
    for (int i = 0; i < at.right; ++i) r[r.rank++] = b[at.batch_b + at.inner + i];
    return r;
  }

  static constexpr int pullback(graph_builder& b, int node, int operand, int cotangent) {
    const array_node product = b.node[node];
    const int x = product.in[operand], other = product.in[1 - operand];
    const extents shape_x = b.shape_of(x), result = b.shape_of(node);
    const roles at(product.attribute, b.shape_of(product.in[0]).rank, b.shape_of(product.in[1]).rank);
    const int batch = at.batch(), batch_x = operand == 0 ? at.batch_a : at.batch_b;
    const int batch_other = operand == 0 ? at.batch_b : at.batch_a;
    // batch axes along which x was broadcast are summed over; the others stay
    axis_order c, o;  // of the cotangent and of the other operand
    index missing = 0;
    int summed = 0;
    const auto broadcast = [&](int i) {
      const int k = i - (batch - batch_x);
      return k < 0 || (shape_x[k].code == 1 && result[i].code != 1);
    };
    for (int i = 0; i < batch; ++i) {
      if (broadcast(i)) {
        ++summed;
        if (i >= batch - batch_x) missing |= index(1) << (i - (batch - batch_x));
      } else {
        c.add(i, 1);
        if (i >= batch - batch_other) o.add(i - (batch - batch_other), 1);
      }
    }
    const auto add_summed = [&](axis_order& order, int offset) {
      for (int i = 0; i < batch; ++i)
        if (broadcast(i)) order.add(i - offset, 1);
    };
    int value = 0;
    if (operand == 0) {
      c.add(batch, at.left);
      add_summed(c, 0);
      c.add(batch + at.left, at.right);
      add_summed(o, batch - batch_other);
      o.add(batch_other + at.inner, at.right);
      o.add(batch_other, at.inner);
      value = multiply(b, c.of(b, cotangent), o.of(b, other), at.left, summed + at.right, at.inner);
    } else {
      o.add(batch_other + at.left, at.inner);
      add_summed(o, batch - batch_other);
      o.add(batch_other, at.left);
      add_summed(c, 0);
      c.add(batch, at.left + at.right);
      value = multiply(b, o.of(b, other), c.of(b, cotangent), at.inner, summed + at.left, at.right);
    }
    if (missing != 0) value = b.push(core::expand, value, -1, -1, {{missing}});
    return b.sum_to_shape_of(value, x);
  }

 private:
  struct axis_order {
    index packed = 0;
    int n = 0;
    bool moves = false;
    constexpr void add(int first, int count) {
      for (int i = 0; i < count; ++i, ++n) {
        packed |= index(first + i) << (4 * n);
        moves = moves || first + i != n;
      }
    }
    constexpr int of(graph_builder& b, int x) const {
      return moves ? b.push(core::permute, x, -1, -1, {{packed}}) : x;
    }
  };
  /// Without an axis to sum over a product is elementwise, and fuses.
  static constexpr int multiply(graph_builder& b, int x, int y, int left, int inner, int right) {
    if (inner > 0) return b.push(core::matmul, x, y, -1, {{left, inner, right}});
    const int rank_x = b.shape_of(x).rank, batch_y = b.shape_of(y).rank - right;
    if (right > 0) x = b.push(core::expand, x, -1, -1, {{((index(1) << right) - 1) << rank_x}});
    if (left > 0) y = b.push(core::expand, y, -1, -1, {{((index(1) << left) - 1) << batch_y}});
    return b.push(core::multiply, x, y);
  }
};

namespace detail {
/// The rank of what a user passes to a function.
template <class X>
inline constexpr int operand_rank = rank_of<typename operand_as<0, X>::type::shape_type>;
template <class X>
inline constexpr bool any_rank = std::is_same_v<typename operand_as<0, X>::type::shape_type, any_shape>;

template <class X>
inline constexpr bool small_operand =
    is_small<typename operand_as<0, X>::type::value_type, typename operand_as<0, X>::type::shape_type>;

/// The sum of products over Inner axes, as matmul_op has them. Products of complex arrays are those of their
/// parts, for which there are kernels: (a + ib)(c + id) = (ac - bd) + i(ad + bc).
template <int Left, int Inner, int Right, class A, class B>
constexpr auto contracted(A&& a, B&& b) {
  using op = with<matmul_op, Left, Inner, Right>;
  if constexpr (!(complex_operand<A> || complex_operand<B>) || (small_operand<A> && small_operand<B>)) {
    return apply<op>(static_cast<A&&>(a), static_cast<B&&>(b));
  } else {
    return call(
        [](auto x, auto y) {
          if constexpr (!complex_operand<decltype(x)>)
            return make_complex(apply<op>(x, real(y)), apply<op>(x, imag(y)));
          else if constexpr (!complex_operand<decltype(y)>)
            return make_complex(apply<op>(real(x), y), apply<op>(imag(x), y));
          else
            return make_complex(apply<op>(real(x), real(y)) - apply<op>(imag(x), imag(y)),
                                apply<op>(real(x), imag(y)) + apply<op>(imag(x), real(y)));
        },
        static_cast<A&&>(a), static_cast<B&&>(b));
  }
}
}  // namespace detail

/// The matrix product: [..., m, k] x [..., k, n] -> [..., m, n]. Axes before the last two are stacks of
/// matrices and broadcast; an operand of rank 1 is a row on the left, a column on the right, and its axis
/// goes from the result. Transposed operands are read in place. Extents k must be equal.
template <tensor_like A, tensor_like B>
constexpr auto matmul(A&& a, B&& b) {
  constexpr bool any = detail::any_rank<A> || detail::any_rank<B>;  // inside derivative rules: matrices
  constexpr int m = any ? 2 : detail::operand_rank<A>, n = any ? 2 : detail::operand_rank<B>;
  static_assert(m > 0 && n > 0, "tenon: matmul takes no operands of rank 0; a * b scales");
  if constexpr (m == 0 || n == 0)
    return static_cast<A&&>(a) * static_cast<B&&>(b);
  else if constexpr (n <= 2)
    return detail::contracted<m - 1, 1, n - 1>(static_cast<A&&>(a), static_cast<B&&>(b));
  else if constexpr (m == 1)
    return detail::contracted<n - 1, 1, 0>(swapaxes<-2, -1>(static_cast<B&&>(b)), static_cast<A&&>(a));
  else
    return detail::contracted<1, 1, 1>(static_cast<A&&>(a), static_cast<B&&>(b));
}

}  // namespace tenon
