// Powers, exponentials, logarithms and the error function, elementwise.
#pragma once

#include <numbers>

#include "tenon/core/special.hpp"
#include "tenon/ops/elementwise.hpp"

namespace tenon {

// ---- exponentials and logarithms -------------------------------------------------------------------------

/// 2 to the power x.
struct exp2_op : elementwise<1> {
  static constexpr auto name = "exp2";
  using inverse = struct log2_op;
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return exp2(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return y * detail::constant_of_bits<detail::bits_of(std::numbers::ln2)>;
  }
};
template <tensor_like A>
constexpr auto exp2(A&& a) {
  return apply<exp2_op>(static_cast<A&&>(a));
}
/// exp(x) - 1, exact near 0.
struct expm1_op : elementwise<1> {
  static constexpr auto name = "expm1";
  using inverse = struct log1p_op;
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return expm1(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return y + 1_c;
  }
};
template <tensor_like A>
constexpr auto expm1(A&& a) {
  return apply<expm1_op>(static_cast<A&&>(a));
}
/// log(1 + x), exact near 0; -inf at -1, NaN below.
struct log1p_op : elementwise<1> {
  static constexpr auto name = "log1p";
  using inverse = struct expm1_op;
  static constexpr domain takes = domain::floating;
  static constexpr bool singular = true;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return log1p(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return 1_c / (1_c + x);
  }
};
template <tensor_like A>
constexpr auto log1p(A&& a) {
  return apply<log1p_op>(static_cast<A&&>(a));
}
/// The logarithm to base 2; -inf at 0, NaN below.
struct log2_op : elementwise<1> {
  static constexpr auto name = "log2";
  using inverse = struct exp2_op;
  static constexpr unsigned laws = law::logarithm;
  static constexpr domain takes = domain::floating;
  static constexpr bool singular = true;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return log2(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return detail::constant_of_bits<detail::bits_of(std::numbers::log2e)> / x;
  }
};
template <tensor_like A>
constexpr auto log2(A&& a) {
  return apply<log2_op>(static_cast<A&&>(a));
}
/// The logarithm to base 10; -inf at 0, NaN below.
struct log10_op : elementwise<1> {
  static constexpr auto name = "log10";
  static constexpr unsigned laws = law::logarithm;
  static constexpr domain takes = domain::analytic;
  static constexpr bool singular = true;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return log10(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return detail::constant_of_bits<detail::bits_of(std::numbers::log10e)> / x;
  }
};
template <tensor_like A>
constexpr auto log10(A&& a) {
  return apply<log10_op>(static_cast<A&&>(a));
}
/// log(exp(a) + exp(b)) without overflow.
struct logaddexp_op : elementwise<2> {
  static constexpr auto name = "logaddexp";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return logaddexp(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return where(a == b, 0.5_c, sigmoid(a - b));
    else
      return where(a == b, 0.5_c, sigmoid(b - a));
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto logaddexp(A&& a, B&& b) {
  return apply<logaddexp_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}

/// log2(2^a + 2^b) without overflow.
struct logaddexp2_op : elementwise<2> {
  static constexpr auto name = "logaddexp2";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return logaddexp2(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return where(a == b, 0.5_c,
                   sigmoid((a - b) * detail::constant_of_bits<detail::bits_of(std::numbers::ln2)>));
    else
      return where(a == b, 0.5_c,
                   sigmoid((b - a) * detail::constant_of_bits<detail::bits_of(std::numbers::ln2)>));
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto logaddexp2(A&& a, B&& b) {
  return apply<logaddexp2_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}

// ---- powers ----------------------------------------------------------------------------------------------

/// a to the power b, as IEEE 754 has it: NaN for a negative a and a b that is no integer; pow(x, 0) = 1 for
/// any x. Integers wrap; a negative exponent truncates towards 0. At a = 0 the derivative by b is 0 where b
/// >= 0, and that by a is 0 where b = 0.
struct pow_op : elementwise<2> {
  static constexpr auto name = "pow";
  static constexpr unsigned laws = law::power;
  static constexpr domain takes = domain::arithmetic;
  static constexpr bool singular = true;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return pow(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return where(b == 0_c, 0_c, b * pow(a, where(b == 0_c, 1_c, b - 1_c)));
    else
      return where(a == 0_c && b >= 0_c, 0_c, y * log(where(a == 0_c && b >= 0_c, 1_c, a)));
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto pow(A&& a, B&& b) { return apply<pow_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
/// The cube root, of negative numbers too; its slope at 0 is infinite.
struct cbrt_op : elementwise<1> {
  static constexpr auto name = "cbrt";
  static constexpr domain takes = domain::floating;
  static constexpr bool singular = true;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return cbrt(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return detail::constant_of_bits<detail::bits_of(1. / 3)> / (y * y);
  }
};
template <tensor_like A>
constexpr auto cbrt(A&& a) {
  return apply<cbrt_op>(static_cast<A&&>(a));
}
/// a log(b), and 0 where a is 0 and b is not NaN.
struct xlogy_op : elementwise<2> {
  static constexpr auto name = "xlogy";
  static constexpr domain takes = domain::floating;
  static constexpr bool singular = true;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return xlogy(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return where(a == 0_c && b <= 0_c, 0_c, log(where(a == 0_c && b <= 0_c, 1_c, b)));
    else
      return a / b;
  }
  template <int K>
  static constexpr auto select([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return b == b;
    else
      return a != 0_c;
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto xlogy(A&& a, B&& b) { return apply<xlogy_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
/// 1 / x.
template <tensor_like A>
constexpr auto reciprocal(A&& a) {
  return 1_c / static_cast<A&&>(a);
}
/// 1 / sqrt(x).
template <tensor_like A>
constexpr auto rsqrt(A&& a) {
  return 1_c / sqrt(static_cast<A&&>(a));
}
/// 1 / cbrt(x).
template <tensor_like A>
constexpr auto rcbrt(A&& a) {
  return 1_c / cbrt(static_cast<A&&>(a));
}

// ---- the error function ----------------------------------------------------------------------------------

/// 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.
struct erf_op : elementwise<1> {
  static constexpr auto name = "erf";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return erf(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return detail::constant_of_bits<detail::bits_of(2 * std::numbers::inv_sqrtpi)> * exp(-x * x);
  }
};
template <tensor_like A>
constexpr auto erf(A&& a) {
  return apply<erf_op>(static_cast<A&&>(a));
}
/// 1 - erf(x), without loss for large x.
struct erfc_op : elementwise<1> {
  static constexpr auto name = "erfc";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return erfc(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return detail::constant_of_bits<detail::bits_of(-2 * std::numbers::inv_sqrtpi)> * exp(-x * x);
  }
};
template <tensor_like A>
constexpr auto erfc(A&& a) {
  return apply<erfc_op>(static_cast<A&&>(a));
}
/// The inverse of erf: infinite at -1 and 1, NaN beyond. The approximation of Giles (2012), refined by two
/// steps of Halley.
struct erfinv_op : elementwise<1> {
  static constexpr auto name = "erfinv";
  static constexpr domain takes = domain::floating;
  static constexpr bool singular = true;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return erfinv(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return detail::constant_of_bits<detail::bits_of(0.5 / std::numbers::inv_sqrtpi)> * exp(y * y);
  }
};
template <tensor_like A>
constexpr auto erfinv(A&& a) {
  return apply<erfinv_op>(static_cast<A&&>(a));
}

}  // namespace tenon
