// Maxima, minima and other ops that are linear in pieces; NaN of either operand propagates.
#pragma once

#include "tenon/ops/operators.hpp"

namespace tenon {

/// The larger of two; NaN propagates; at a tie each operand gets half the derivative.
struct maximum_op : elementwise<2> {
  static constexpr auto name = "maximum";
  static constexpr unsigned laws = law::commutative_but_zero | law::selects_one;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return maximum(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    return where(a == b, 0.5_c, 1_c);
  }
  template <int K>
  static constexpr auto select([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return !(a < b);
    else
      return !(b < a);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto maximum(A&& a, B&& b) { return apply<maximum_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
/// The smaller of two; NaN propagates; at a tie each operand gets half the derivative.
struct minimum_op : elementwise<2> {
  static constexpr auto name = "minimum";
  static constexpr unsigned laws = law::commutative_but_zero | law::selects_one;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return minimum(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    return where(a == b, 0.5_c, 1_c);
  }
  template <int K>
  static constexpr auto select([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return !(a > b);
    else
      return !(b > a);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto minimum(A&& a, B&& b) { return apply<minimum_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
/// max(x, 0); relu'(0) = 0. The derivative is told from the result, which is mostly kept anyway.
struct relu_op : elementwise<1> {
  static constexpr auto name = "relu";
  static constexpr unsigned laws = law::idempotent;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return maximum(x, V(0));
  }
  template <int K>
  static constexpr auto select([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return !(y <= 0_c);
  }
};
template <tensor_like A>
constexpr auto relu(A&& a) {
  return apply<relu_op>(static_cast<A&&>(a));
}
struct magnitude_op;  // of complex numbers: ops/complex.hpp
/// |x|; abs'(0) = 0. The smallest integer maps to itself.
struct abs_op : elementwise<1> {
  static constexpr auto name = "abs";
  static constexpr unsigned laws = law::idempotent | law::even;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return abs(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return where(x > 0_c, 1_c, constant<-1>);
  }
  template <int K>
  static constexpr auto select([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return x != 0_c;
  }
};
template <tensor_like A>
constexpr auto abs(A&& a) {
  if constexpr (is_complex(detail::dtype_of_operand<A>.type))
    return apply<magnitude_op>(static_cast<A&&>(a));
  else
    return apply<abs_op>(static_cast<A&&>(a));
}

}  // namespace tenon
