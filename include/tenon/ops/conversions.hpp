// Ops that leave an element's value as it is, or take it from its place: changes of dtype, derivatives
// switched off, broadcasting to another operand's shape, positions.
#pragma once

#include "tenon/ops/operators.hpp"

namespace tenon {

/// A change of dtype: floating to integer truncates and saturates, NaN to 0; numbers to bool compare with 0.
struct cast_op : elementwise<1> {
  static constexpr auto name = "astype";
  static constexpr bool computes = false;
  static constexpr domain takes = domain::any;
  static constexpr yields gives = yields::attribute;
  static constexpr bool linear = true;
  template <class To, class V>
  TENON_INLINE static auto typed_value(V x) {
    using namespace math;
    return cast<To>(x);
  }
};
/// x with elements of type T.
template <element T, tensor_like A>
constexpr auto astype(A&& a) {
  static_assert(!is_complex(detail::dtype_of_operand<A>.type) || is_complex(dtype_of<T>),
                "tenon: complex numbers are no real ones; take real(z), imag(z) or abs(z)");
  return apply<with<cast_op, index(dtype_of<T>)>>(static_cast<A&&>(a));
}

/// The identity, through which no derivative passes.
struct stop_gradient_op : elementwise<1> {
  static constexpr auto name = "stop_gradient";
  static constexpr bool computes = false;
  static constexpr unsigned laws = law::idempotent;
  static constexpr domain takes = domain::any;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return x;
  }
};
template <tensor_like A>
constexpr auto stop_gradient(A&& a) {
  return apply<stop_gradient_op>(static_cast<A&&>(a));
}

/// a, broadcast to the shape of b.
struct broadcast_like_op : elementwise<2> {
  static constexpr auto name = "broadcast_to";
  static constexpr bool computes = false;
  static constexpr domain takes = domain::any;
  static constexpr int shape_only = 1;
  static constexpr bool linear = true;
  template <class V>
  TENON_INLINE static V value(V a) {
    return a;
  }
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    broadcast_extents(scope, q.in[0], q.in[1]);
    for (int i = 0; i < q.in[0].rank; ++i)
      if (q.in[0].rank > q.in[1].rank || (q.in[1].from_right(i).size == 1 && q.in[0].from_right(i).size != 1))
        scope.fail(misfit::sizes, q.in[0].from_right(i), q.in[1].from_right(i));
    return q.in[1];
  }
};

/// The position along the last axis, for each element of the operand's shape: 0, 1, 2, ...
struct position_op : op_defaults {
  static constexpr auto name = "position";
  static constexpr bool computes = false;
  static constexpr op_kind kind = op_kind::map;
  static constexpr int arity = 1;
  static constexpr int shape_only = 0;
  static constexpr yields gives = yields::attribute;
  static constexpr bool smooth = false;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[0]; }
  template <class Lanes, class Count>
  TENON_INLINE static Lanes positions(Count start) {
    return Lanes::iota(start);
  }
};

}  // namespace tenon
