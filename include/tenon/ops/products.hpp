// Products of vectors, matrices and arrays of any rank, made of matmul's op and of elementwise products.
#pragma once

#include "tenon/graph/call.hpp"
#include "tenon/ops/axes.hpp"
#include "tenon/ops/complex.hpp"
#include "tenon/ops/joining.hpp"

namespace tenon {

namespace detail {

/// An operand as it stands: a reference to what has a name, else the thing itself, for it may be a temporary.
template <class X>
constexpr X unchanged(X&& x) {
  return static_cast<X&&>(x);
}

/// x with its axes in the order that `Packed` holds; x itself where that is the order they have.
template <index Packed, class X>
constexpr decltype(auto) in_order(X&& x) {
  constexpr int rank = operand_rank<X>;
  constexpr bool same = [] {
    for (int i = 0; i < rank; ++i)
      if (axis_at(Packed, i) != i) return false;
    return true;
  }();
  if constexpr (same)
    return unchanged<X>(static_cast<X&&>(x));
  else
    return apply<with<permute_op, Packed>>(static_cast<X&&>(x));
}
/// x with axes of extent 1 at the places of a mask; x itself where there are none.
template <index Mask, class X>
constexpr decltype(auto) with_axes(X&& x) {
  if constexpr (Mask == 0)
    return unchanged<X>(static_cast<X&&>(x));
  else
    return apply<with<expand_op, Mask>>(static_cast<X&&>(x));
}
template <index Mask, class X>
constexpr decltype(auto) merged(X&& x) {
  if constexpr (Mask == 0)
    return unchanged<X>(static_cast<X&&>(x));
  else
    return apply<with<merge_axes_op, Mask>>(static_cast<X&&>(x));
}

/// [batch, left, inner] x [batch, inner, right] -> [batch, left, right]; elementwise, and so fused, where
/// nothing is summed.
template <int Left, int Inner, int Right, class A, class B>
constexpr auto contract(A&& a, B&& b) {
  if constexpr (Inner > 0) {
    return contracted<Left, Inner, Right>(static_cast<A&&>(a), static_cast<B&&>(b));
  } else {
    constexpr int batch = operand_rank<B> - Right;
    return with_axes<((index(1) << Right) - 1) << operand_rank<A>>(static_cast<A&&>(a)) *
           with_axes<((index(1) << Left) - 1) << batch>(static_cast<B&&>(b));
  }
}

/// An order of axes: those not in a list, then the list, or the other way round.
template <int Rank, bool ListFirst, int... A>
constexpr index split_axes() {
  index listed = 0, packed = 0;
  int n = 0;
  ((listed |= index(1) << ((A + Rank) % Rank)), ...);
  if (ListFirst) ((packed |= index((A + Rank) % Rank) << (4 * n++)), ...);
  for (int i = 0; i < Rank; ++i)
    if (((listed >> i) & 1) == 0) packed |= index(i) << (4 * n++);
  if (!ListFirst) ((packed |= index((A + Rank) % Rank) << (4 * n++)), ...);
  return packed;
}
/// The code of an extent in a shape's type, axes from the right; names all alike.
template <class X>
constexpr index code_from_right(int i) {
  using S = typename operand_as<0, X>::type::shape_type;
  return extents_of<S, typename names_of<S>::type>::value.from_right(i).code;
}
template <class A, class B>
constexpr bool static_extents_fit(int from_right_a, int from_right_b) {
  const index a = code_from_right<A>(from_right_a), b = code_from_right<B>(from_right_b);
  return !is_static(a) || !is_static(b) || a == b;
}

}  // namespace detail

/// The product of two arrays as numpy.dot has it: of vectors a number, of matrices their product, with a
/// number a * b, else [..., k] x [..., k, n] -> [..., ..., n]: every row of a with every column of b.
template <tensor_like A, tensor_like B>
constexpr auto dot(A&& a, B&& b) {
  constexpr int m = detail::operand_rank<A>, n = detail::operand_rank<B>;
  if constexpr (m == 0 || n == 0)
    return static_cast<A&&>(a) * static_cast<B&&>(b);
  else
    return detail::contract<m - 1, 1, n - 1>(
        static_cast<A&&>(a),
        detail::in_order<detail::split_axes<n, true, n == 1 ? 0 : n - 2>()>(static_cast<B&&>(b)));
}

/// Sums over the last axes of both: [..., k] x [..., k] -> [..., ...]; with a number a * b.
template <tensor_like A, tensor_like B>
constexpr auto inner(A&& a, B&& b) {
  constexpr int m = detail::operand_rank<A>, n = detail::operand_rank<B>;
  if constexpr (m == 0 || n == 0)
    return static_cast<A&&>(a) * static_cast<B&&>(b);
  else
    return detail::contract<m - 1, 1, n - 1>(
        static_cast<A&&>(a), detail::in_order<detail::split_axes<n, true, n - 1>()>(static_cast<B&&>(b)));
}

/// Every element of a times every element of b: [m] x [n] -> [m, n]; other ranks are read as vectors.
template <tensor_like A, tensor_like B>
constexpr auto outer(A&& a, B&& b) {
  constexpr int m = detail::operand_rank<A>, n = detail::operand_rank<B>;
  constexpr index all_a = m > 1 ? (index(1) << (m - 1)) - 1 : 0,
                  all_b = n > 1 ? (index(1) << (n - 1)) - 1 : 0;
  return detail::with_axes < m == 0 ? 3
         : 2 > (detail::merged<all_a>(static_cast<A&&>(a))) * detail::with_axes < n == 0
             ? 3
             : 1 > (detail::merged<all_b>(static_cast<B&&>(b)));
}

namespace detail {
/// conj(x) where x is complex, else x as it came.
template <class X>
constexpr decltype(auto) conjugated(X&& x) {
  if constexpr (complex_operand<X>)
    return conj(static_cast<X&&>(x));
  else
    return static_cast<X&&>(x);
}
}  // namespace detail

/// The product of vectors along an axis, the last by default; the other axes broadcast: [..., k] x [..., k]
/// -> [...]. Of complex vectors the first is conjugated; dot does not. Static extents along the axis must be
/// equal.
template <tensor_like A, tensor_like B, int Axis>
constexpr auto vecdot(A&& a, B&& b, axes_t<Axis> which) {
  constexpr int m = detail::operand_rank<A>, n = detail::operand_rank<B>;
  static_assert(Axis < 0 ? (Axis >= -m && Axis >= -n) : (m == n && Axis < m),
                "tenon: vecdot: both operands have the axis; count it from the end where their ranks differ");
  static_assert(detail::static_extents_fit<A, B>(Axis < 0 ? -1 - Axis : m - 1 - Axis,
                                                 Axis < 0 ? -1 - Axis : n - 1 - Axis),
                "tenon: the shapes of the operands do not fit (sizes differ)");
  return sum(detail::conjugated(static_cast<A&&>(a)) * static_cast<B&&>(b), which);
}
template <tensor_like A, tensor_like B>
constexpr auto vecdot(A&& a, B&& b) {
  return vecdot(static_cast<A&&>(a), static_cast<B&&>(b), axes_t<-1>{});
}

/// Matrices times vectors: [..., m, k] x [..., k] -> [..., m]; axes before these broadcast.
template <tensor_like A, tensor_like X>
constexpr auto matvec(A&& a, X&& x) {
  return detail::contracted<1, 1, 0>(static_cast<A&&>(a), static_cast<X&&>(x));
}
/// Vectors, conjugated where they are complex, times matrices: [..., k] x [..., k, n] -> [..., n]; axes
/// before these broadcast.
template <tensor_like X, tensor_like A>
constexpr auto vecmat(X&& x, A&& a) {
  return detail::contracted<0, 1, 1>(detail::conjugated(static_cast<X&&>(x)), static_cast<A&&>(a));
}

/// Sums over pairs of axes, axis P[i] of a with axis Q[i] of b: tensordot(a, b, axes<1, 2>, axes<0, 1>). The
/// result has the other axes of a, then those of b.
template <tensor_like A, tensor_like B, int... P, int... Q>
constexpr auto tensordot(A&& a, B&& b, axes_t<P...>, axes_t<Q...>) {
  constexpr int m = detail::operand_rank<A>, n = detail::operand_rank<B>, k = sizeof...(P);
  static_assert(k == sizeof...(Q), "tenon: tensordot takes as many axes of one operand as of the other");
  static_assert(detail::distinct_axes<m, P...>() && detail::distinct_axes<n, Q...>(),
                "tenon: tensordot: there is no such axis in this shape, or it is named twice");
  if constexpr (k == 0)
    return detail::contract<m, 0, n>(static_cast<A&&>(a), static_cast<B&&>(b));
  else
    return detail::contract<m - k, k, n - k>(
        detail::in_order<detail::split_axes<m, false, P...>()>(static_cast<A&&>(a)),
        detail::in_order<detail::split_axes<n, true, Q...>()>(static_cast<B&&>(b)));
}
/// Sums over the last N axes of a and the first N of b: [..., i, j] x [i, j, ...] -> [..., ...].
template <int N = 2, tensor_like A, tensor_like B>
constexpr auto tensordot(A&& a, B&& b) {
  constexpr int m = detail::operand_rank<A>, n = detail::operand_rank<B>;
  static_assert(N >= 0 && N <= m && N <= n, "tenon: tensordot sums over axes that both operands have");
  return detail::contract<m - N, N, n - N>(static_cast<A&&>(a), static_cast<B&&>(b));
}

namespace detail {
template <int Rank>
constexpr index every_other(int first) {
  index mask = 0;
  for (int i = 0; i < Rank; ++i) mask |= index(1) << (2 * i + first);
  return mask;
}
}  // namespace detail

/// The Kronecker product: the extents of both, axis by axis multiplied; the operand of lower rank has axes of
/// extent 1 in front. At most 4 axes.
template <tensor_like A, tensor_like B>
constexpr auto kron(A&& a, B&& b) {
  constexpr int m = detail::operand_rank<A>, n = detail::operand_rank<B>, rank = m > n ? m : n;
  static_assert(2 * rank <= max_rank, "tenon: kron takes operands of at most 4 axes");
  constexpr index ones_a = (index(1) << (rank - m)) - 1, ones_b = (index(1) << (rank - n)) - 1;
  return detail::merged<detail::every_other<rank>(0)>(
      detail::with_axes<detail::every_other<rank>(1)>(detail::with_axes<ones_a>(static_cast<A&&>(a))) *
      detail::with_axes<detail::every_other<rank>(0)>(detail::with_axes<ones_b>(static_cast<B&&>(b))));
}

/// Column by column the Kronecker product: [m, k] x [n, k] -> [m * n, k]; of several arrays from the left.
template <tensor_like A, tensor_like B>
constexpr auto khatri_rao(A&& a, B&& b) {
  static_assert(detail::operand_rank<A> == 2 && detail::operand_rank<B> == 2,
                "tenon: khatri_rao takes matrices");
  static_assert(detail::static_extents_fit<A, B>(0, 0),
                "tenon: the shapes of the operands do not fit (sizes differ)");
  return detail::merged<1>(expand_dims<1>(static_cast<A&&>(a)) * expand_dims<0>(static_cast<B&&>(b)));
}
template <tensor_like A, tensor_like B, tensor_like C, tensor_like... More>
constexpr auto khatri_rao(A&& a, B&& b, C&& c, More&&... more) {
  return khatri_rao(khatri_rao(static_cast<A&&>(a), static_cast<B&&>(b)), static_cast<C&&>(c),
                    static_cast<More&&>(more)...);
}

namespace detail {
/// The three elements along an axis, the first one last.
template <int Axis, class X>
constexpr auto rotated(const X& x) {
  return concat<Axis>(slice<Axis, 1, 3>(x), slice<Axis, 0, 1>(x));
}

template <int N, class X>
constexpr auto power_of(const X& x) {
  if constexpr (N == 1) {
    return x;
  } else if constexpr (N % 2 == 0) {
    const auto half = power_of<N / 2>(x);
    return matmul(half, half);
  } else {
    return matmul(power_of<N - 1>(x), x);
  }
}
/// Ones on the diagonals of matrices like x.
template <class X>
constexpr auto identity_like(const X& x) {
  const auto column = apply<with<position_op, index(dtype::int64)>>(x);
  return astype<typename X::value_type>(column == swapaxes<-1, -2>(column));
}
}  // namespace detail

/// The cross product of vectors of three elements along an axis, the last by default; other axes broadcast.
template <int Axis = -1, tensor_like A, tensor_like B>
constexpr auto cross(A&& a, B&& b) {
  constexpr int m = detail::operand_rank<A>, n = detail::operand_rank<B>;
  static_assert(Axis < 0 ? (Axis >= -m && Axis >= -n) : (m == n && Axis < m),
                "tenon: cross: both operands have the axis; count it from the end where their ranks differ");
  constexpr int from_right_a = Axis < 0 ? -1 - Axis : m - 1 - Axis;
  constexpr index code_a = detail::code_from_right<A>(from_right_a),
                  code_b = detail::code_from_right<B>(Axis < 0 ? -1 - Axis : n - 1 - Axis);
  static_assert((!is_static(code_a) || code_a == 3) && (!is_static(code_b) || code_b == 3),
                "tenon: cross takes vectors of three elements");
  return call(  // (a x b)_i = a_{i+1} b_{i+2} - a_{i+2} b_{i+1}, indices modulo 3
      [](auto u, auto v) {
        constexpr int axis = -1 - from_right_a;
        return detail::rotated<axis>(u * detail::rotated<axis>(v) - detail::rotated<axis>(u) * v);
      },
      static_cast<A&&>(a), static_cast<B&&>(b));
}

/// Square matrices to the power N >= 0, by repeated squaring: [..., n, n] -> [..., n, n]; N = 0 gives ones on
/// the diagonals.
template <int N, tensor_like X>
constexpr auto matrix_power(X&& x) {
  static_assert(N >= 0, "tenon: matrix_power takes exponents from 0 on");
  static_assert(detail::operand_rank<X> >= 2, "tenon: matrix_power takes matrices, or stacks of them");
  static_assert(detail::static_extents_fit<X, X>(0, 1), "tenon: matrix_power takes square matrices");
  return call(
      [](auto v) {
        if constexpr (N == 0)
          return detail::identity_like(v);
        else
          return detail::power_of<N>(v);
      },
      static_cast<X&&>(x));
}

}  // namespace tenon
