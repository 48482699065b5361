// Numbers taken apart and put together, numbers next to numbers, angles in degrees, and the maxima and minima
// that leave NaN out.
#pragma once

#include <numbers>

#include "tenon/core/special.hpp"
#include "tenon/ops/exponential.hpp"
#include "tenon/ops/rounding.hpp"

namespace tenon {

/// The greater of two; where one is NaN, the other. At a tie each operand gets half the derivative.
struct fmax_op : elementwise<2> {
  static constexpr auto name = "fmax";
  static constexpr unsigned laws = law::selects_one;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return where(is_nan(a), b, where(is_nan(b), a, maximum(a, b)));
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    return where(a == b, 0.5_c, 1_c);
  }
  template <int K>
  static constexpr auto select([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return !(a < b) && !(a != a && b == b);
    else
      return !(b < a) && !(b != b && a == a);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto fmax(A&& a, B&& b) { return apply<fmax_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
/// The lesser of two; where one is NaN, the other. At a tie each operand gets half the derivative.
struct fmin_op : elementwise<2> {
  static constexpr auto name = "fmin";
  static constexpr unsigned laws = law::selects_one;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return where(is_nan(a), b, where(is_nan(b), a, minimum(a, b)));
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    return where(a == b, 0.5_c, 1_c);
  }
  template <int K>
  static constexpr auto select([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return !(a > b) && !(a != a && b == b);
    else
      return !(b > a) && !(b != b && a == a);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto fmin(A&& a, B&& b) { return apply<fmin_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
/// 0 below 0, b at 0, 1 above; NaN at NaN. Its derivative by a is 0.
struct heaviside_op : elementwise<2> {
  static constexpr auto name = "heaviside";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return where(a < V(0), V(0), where(a == V(0), b, where(is_nan(a), a, V(1))));
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return 0_c;
    else
      return 1_c;
  }
  template <int K>
  static constexpr auto select([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return a != a;
    else
      return a == 0_c;
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto heaviside(A&& a, B&& b) {
  return apply<heaviside_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
/// The number after a in the direction of b; no derivative passes.
struct nextafter_op : elementwise<2> {
  static constexpr auto name = "nextafter";
  static constexpr domain takes = domain::floating;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return nextafter(a, b);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto nextafter(A&& a, B&& b) {
  return apply<nextafter_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
/// The distance to the next number away from 0, with x's sign; NaN at infinities.
struct spacing_op : elementwise<1> {
  static constexpr auto name = "spacing";
  static constexpr domain takes = domain::floating;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return spacing(x);
  }
};
template <tensor_like A>
constexpr auto spacing(A&& a) {
  return apply<spacing_op>(static_cast<A&&>(a));
}
/// a 2^b for whole numbers b, exactly.
struct scale_by_power_op : elementwise<2> {
  static constexpr auto name = "scale_by_power";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return ldexp(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return apply<scale_by_power_op>(1_c, b);
    else
      return 0_c;
  }
};
/// a 2^b, b of integers: exact where the result is a normal number.
template <tensor_like A, class B>
requires operands<A, B>
constexpr auto ldexp(A&& a, B&& b) {
  if constexpr (std::is_arithmetic_v<std::remove_cvref_t<B>>)
    return apply<scale_by_power_op>(static_cast<A&&>(a), static_cast<B&&>(b));
  else
    return apply<scale_by_power_op>(static_cast<A&&>(a),
                                    astype<typename detail::operand_types<A>::type>(static_cast<B&&>(b)));
}
/// e of x = m 2^e, as a number of x's dtype; 0 for 0, infinities and NaN.
struct frexp_exponent_op : elementwise<1> {
  static constexpr auto name = "frexp_exponent";
  static constexpr domain takes = domain::floating;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return frexp_exponent(x);
  }
};
/// m of x = m 2^e with 1/2 <= |m| < 1; 0, infinities and NaN are their own.
struct frexp_mantissa_op : elementwise<1> {
  static constexpr auto name = "frexp_mantissa";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return frexp_mantissa(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return apply<scale_by_power_op>(1_c, -apply<frexp_exponent_op>(x));
  }
};

/// What frexp, modf and divmod give, for structured bindings.
template <class A, class B>
struct frexp_result {
  A mantissa;
  B exponent;
};
template <class A, class B>
struct modf_result {
  A fraction;
  B whole;
};
template <class A, class B>
struct divmod_result {
  A quotient;
  B remainder;
};

/// x = m 2^e: auto [m, e] = frexp(x), e of int32.
template <tensor_like X>
constexpr auto frexp(X&& x) {
  const auto v = detail::as_expression<0>(static_cast<X&&>(x));
  const auto m = apply<frexp_mantissa_op>(v);
  const auto e = astype<std::int32_t>(apply<frexp_exponent_op>(v));
  return frexp_result<std::remove_const_t<decltype(m)>, std::remove_const_t<decltype(e)>>{m, e};
}
/// The fraction and the whole part, both with x's sign: auto [f, w] = modf(x). The fraction of an infinity is
/// 0.
template <tensor_like X>
constexpr auto modf(X&& x) {
  const auto v = detail::as_expression<0>(static_cast<X&&>(x));
  const auto f = copysign(where(isinf(v), 0_c, v - trunc(v)), v);
  const auto w = trunc(v);
  return modf_result<std::remove_const_t<decltype(f)>, std::remove_const_t<decltype(w)>>{f, w};
}
/// floor_divide(a, b) and remainder(a, b): auto [q, r] = divmod(a, b).
template <tensor_like A, class B>
requires operands<A, B>
constexpr auto divmod(A&& a, const B& b) {
  const auto v = detail::as_expression<0>(static_cast<A&&>(a));
  const auto q = floor_divide(v, b);
  const auto r = remainder(v, b);
  return divmod_result<std::remove_const_t<decltype(q)>, std::remove_const_t<decltype(r)>>{q, r};
}

/// a to the power b in double, integers too.
template <tensor_like A, class B>
requires operands<A, B>
constexpr auto float_power(A&& a, B&& b) {
  if constexpr (std::is_arithmetic_v<std::remove_cvref_t<B>>)
    return pow(astype<double>(static_cast<A&&>(a)), static_cast<double>(b));
  else
    return pow(astype<double>(static_cast<A&&>(a)), astype<double>(static_cast<B&&>(b)));
}

/// Degrees as radians.
template <tensor_like A>
constexpr auto radians(A&& a) {
  return static_cast<A&&>(a) * detail::constant_of_bits<detail::bits_of(std::numbers::pi / 180)>;
}
template <tensor_like A>
constexpr auto deg2rad(A&& a) {
  return radians(static_cast<A&&>(a));
}
/// Radians as degrees.
template <tensor_like A>
constexpr auto degrees(A&& a) {
  return static_cast<A&&>(a) * detail::constant_of_bits<detail::bits_of(180 / std::numbers::pi)>;
}
template <tensor_like A>
constexpr auto rad2deg(A&& a) {
  return degrees(static_cast<A&&>(a));
}

}  // namespace tenon
