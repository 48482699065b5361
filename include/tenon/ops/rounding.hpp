// Rounding, signs, remainders and tests of numbers, elementwise. Rounding has derivative 0 everywhere, and an
// integer is its own.
#pragma once

#include <limits>

#include "tenon/ops/elementwise.hpp"

namespace tenon {

/// An op of one operand that yields bool.
struct unary_predicate : elementwise<1> {
  static constexpr yields gives = yields::boolean;
  static constexpr bool smooth = false;
};

// ---- rounding --------------------------------------------------------------------------------------------

struct floor_op : elementwise<1> {
  static constexpr auto name = "floor";
  static constexpr unsigned laws = law::idempotent;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return floor(x);
  }
};
template <tensor_like A>
constexpr auto floor(A&& a) {
  return apply<floor_op>(static_cast<A&&>(a));
}
struct ceil_op : elementwise<1> {
  static constexpr auto name = "ceil";
  static constexpr unsigned laws = law::idempotent;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return ceil(x);
  }
};
template <tensor_like A>
constexpr auto ceil(A&& a) {
  return apply<ceil_op>(static_cast<A&&>(a));
}
/// Towards 0.
struct trunc_op : elementwise<1> {
  static constexpr auto name = "trunc";
  static constexpr unsigned laws = law::idempotent;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return trunc(x);
  }
};
template <tensor_like A>
constexpr auto trunc(A&& a) {
  return apply<trunc_op>(static_cast<A&&>(a));
}
/// To the nearest integer, halves to even.
struct round_op : elementwise<1> {
  static constexpr auto name = "round";
  static constexpr unsigned laws = law::idempotent;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return round(x);
  }
};
template <tensor_like A>
constexpr auto round(A&& a) {
  return apply<round_op>(static_cast<A&&>(a));
}

// ---- tests -----------------------------------------------------------------------------------------------

struct isnan_op : unary_predicate {
  static constexpr auto name = "isnan";
  template <class V>
  TENON_INLINE static auto value(V x) {
    using namespace math;
    return is_nan(x);
  }
};
template <tensor_like A>
constexpr auto isnan(A&& a) {
  return apply<isnan_op>(static_cast<A&&>(a));
}
struct isinf_op : unary_predicate {
  static constexpr auto name = "isinf";
  template <class V>
  TENON_INLINE static auto value(V x) {
    using namespace math;
    return logical_and(is_nan(subtract(x, x)), logical_not(is_nan(x)));
  }
};
template <tensor_like A>
constexpr auto isinf(A&& a) {
  return apply<isinf_op>(static_cast<A&&>(a));
}
struct isfinite_op : unary_predicate {
  static constexpr auto name = "isfinite";
  template <class V>
  TENON_INLINE static auto value(V x) {
    using namespace math;
    return logical_not(is_nan(subtract(x, x)));
  }
};
template <tensor_like A>
constexpr auto isfinite(A&& a) {
  return apply<isfinite_op>(static_cast<A&&>(a));
}
/// Whether the sign is negative: that of -0 and of NaN counts.
struct signbit_op : unary_predicate {
  static constexpr auto name = "signbit";
  template <class V>
  TENON_INLINE static auto value(V x) {
    using namespace math;
    return signbit(x);
  }
};
template <tensor_like A>
constexpr auto signbit(A&& a) {
  return apply<signbit_op>(static_cast<A&&>(a));
}

// ---- signs -----------------------------------------------------------------------------------------------

/// -1, 0 or 1; NaN of NaN; its derivative is 0.
struct sign_op : elementwise<1> {
  static constexpr auto name = "sign";
  static constexpr unsigned laws = law::idempotent;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return sign(x);
  }
};
template <tensor_like A>
constexpr auto sign(A&& a) {
  return apply<sign_op>(static_cast<A&&>(a));
}
/// |a| with the sign of b, that of -0 and of NaN included; no derivative passes to b.
struct copysign_op : elementwise<2> {
  static constexpr auto name = "copysign";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return copysign(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return where(signbit(a) == signbit(b), 1_c, constant<-1>);
    else
      return 0_c;
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto copysign(A&& a, B&& b) { return apply<copysign_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }

// ---- remainders; of integers, 0 where the divisor is 0 ---------------------------------------------------

/// a - b trunc(a / b), exactly: it has the sign of a.
struct fmod_op : elementwise<2> {
  static constexpr auto name = "fmod";
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return fmod(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return 1_c;
    else
      return -trunc(a / b);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto fmod(A&& a, B&& b) { return apply<fmod_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
/// a - b floor(a / b): it has the sign of b, as in Python.
struct remainder_op : elementwise<2> {
  static constexpr auto name = "remainder";
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return remainder(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return 1_c;
    else
      return -floor(a / b);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto remainder(A&& a, B&& b) {
  return apply<remainder_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <class A, class B>
requires operands<A, B>
constexpr auto operator%(A&& a, B&& b) {
  return apply<remainder_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
/// floor(a / b), of the exact quotient; its derivative is 0.
struct floor_divide_op : elementwise<2> {
  static constexpr auto name = "floor_divide";
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return floor_divide(a, b);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto floor_divide(A&& a, B&& b) {
  return apply<floor_divide_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}

// ---- limits ----------------------------------------------------------------------------------------------

/// x with NaN replaced by `nan` and infinities by the greatest and least finite numbers.
template <tensor_like A, plain_number N = int>
constexpr auto nan_to_num(const A& a, N nan = N(0)) {
  using T = typename detail::operand_types<const A&>::type;
  static_assert(is_floating(dtype_of<T>), "tenon: nan_to_num takes floating-point elements");
  constexpr T most = std::numeric_limits<T>::max();
  return where(isnan(a), static_cast<T>(nan),
               minimum(maximum(a, detail::constant_of_bits<detail::bits_of(-most)>),
                       detail::constant_of_bits<detail::bits_of(most)>));
}
/// x between two limits, which may be arrays: minimum(maximum(x, low), high). At a limit the derivative is
/// 1/2.
template <class A, class L, class H>
requires operands<A, L, H>
constexpr auto clip(A&& a, L&& low, H&& high) {
  return minimum(maximum(static_cast<A&&>(a), static_cast<L&&>(low)), static_cast<H&&>(high));
}

}  // namespace tenon
