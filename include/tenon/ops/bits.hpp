// Bits of integers, elementwise; & | ^ and ~ of bools are logic.
#pragma once

#include "tenon/core/special.hpp"
#include "tenon/ops/elementwise.hpp"

namespace tenon {

// ---- and, or, exclusive or, not --------------------------------------------------------------------------

struct bitwise_and_op : elementwise<2> {
  static constexpr auto name = "bitwise_and";
  static constexpr unsigned laws = law::commutative | law::selects_one;
  static constexpr domain takes = domain::discrete;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return bit_and(a, b);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto bitwise_and(A&& a, B&& b) {
  return apply<bitwise_and_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <class A, class B>
requires operands<A, B>
constexpr auto operator&(A&& a, B&& b) {
  return apply<bitwise_and_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
struct bitwise_or_op : elementwise<2> {
  static constexpr auto name = "bitwise_or";
  static constexpr unsigned laws = law::commutative | law::selects_one;
  static constexpr domain takes = domain::discrete;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return bit_or(a, b);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto bitwise_or(A&& a, B&& b) {
  return apply<bitwise_or_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <class A, class B>
requires operands<A, B>
constexpr auto operator|(A&& a, B&& b) {
  return apply<bitwise_or_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
struct bitwise_xor_op : elementwise<2> {
  static constexpr auto name = "bitwise_xor";
  static constexpr unsigned laws = law::commutative;
  static constexpr domain takes = domain::discrete;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return bit_xor(a, b);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto bitwise_xor(A&& a, B&& b) {
  return apply<bitwise_xor_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <class A, class B>
requires operands<A, B>
constexpr auto operator^(A&& a, B&& b) {
  return apply<bitwise_xor_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
struct bitwise_not_op : elementwise<1> {
  static constexpr auto name = "bitwise_not";
  static constexpr unsigned laws = law::involution;
  static constexpr domain takes = domain::integer;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V a) {
    using namespace math;
    return bit_not(a);
  }
};
template <tensor_like A>
constexpr auto bitwise_not(A&& a) {
  if constexpr (std::is_same_v<typename detail::operand_types<A>::type, bool>)
    return apply<logical_not_op>(static_cast<A&&>(a));
  else
    return apply<bitwise_not_op>(static_cast<A&&>(a));
}
template <tensor_like A>
constexpr auto operator~(A&& a) {
  return bitwise_not(static_cast<A&&>(a));
}
/// Of bools: whether exactly one is true.
template <class A, class B>
requires operands<A, B>
constexpr auto logical_xor(A&& a, B&& b) {
  return apply<not_equal_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}

// ---- shifts ----------------------------------------------------------------------------------------------

/// a 2^b, modulo the width; 0 where b is negative or not less than the width.
struct left_shift_op : elementwise<2> {
  static constexpr auto name = "left_shift";
  static constexpr domain takes = domain::integer;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return shift_left(a, b);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto left_shift(A&& a, B&& b) {
  return apply<left_shift_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <class A, class B>
requires operands<A, B>
constexpr auto operator<<(A&& a, B&& b) {
  return apply<left_shift_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
/// floor(a / 2^b): the sign is kept; all sign where b is negative or not less than the width.
struct right_shift_op : elementwise<2> {
  static constexpr auto name = "right_shift";
  static constexpr domain takes = domain::integer;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return shift_right(a, b);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto right_shift(A&& a, B&& b) {
  return apply<right_shift_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <class A, class B>
requires operands<A, B>
constexpr auto operator>>(A&& a, B&& b) {
  return apply<right_shift_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}

// ---- of integers as such ---------------------------------------------------------------------------------

/// How many bits of |x| are 1.
struct bitwise_count_op : elementwise<1> {
  static constexpr auto name = "bitwise_count";
  static constexpr domain takes = domain::integer;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return bit_count(x);
  }
};
template <tensor_like A>
constexpr auto bitwise_count(A&& a) {
  return apply<bitwise_count_op>(static_cast<A&&>(a));
}
/// The greatest common divisor of magnitudes; gcd(0, b) is |b|.
struct gcd_op : elementwise<2> {
  static constexpr auto name = "gcd";
  static constexpr unsigned laws = law::commutative;
  static constexpr domain takes = domain::integer;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return gcd(a, b);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto gcd(A&& a, B&& b) { return apply<gcd_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
/// The least common multiple of magnitudes, which wraps; 0 where either is 0.
struct lcm_op : elementwise<2> {
  static constexpr auto name = "lcm";
  static constexpr unsigned laws = law::commutative;
  static constexpr domain takes = domain::integer;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return lcm(a, b);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto lcm(A&& a, B&& b) { return apply<lcm_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }

}  // namespace tenon
