// The scalar functions of value rules beyond arithmetic: trigonometry, exponentials, rounding, remainders,
// bits. As in math.hpp, everything is forced inline. Accuracy is that of the platform's mathematical
// library, unless something else is said.
#pragma once

#include <limits>

#include "tenon/core/math.hpp"

namespace tenon::math {

// ---- of floating-point numbers ----------------------------------------------------------------------------

#define TENON_MATH_UNARY(name) \
  template <real T>            \
  TENON_INLINE T name(T a) {   \
    return std::name(a);       \
  }
TENON_MATH_UNARY(sin)
TENON_MATH_UNARY(cos)
TENON_MATH_UNARY(tan)
TENON_MATH_UNARY(asin)
TENON_MATH_UNARY(acos)
TENON_MATH_UNARY(atan)
TENON_MATH_UNARY(sinh)
TENON_MATH_UNARY(cosh)
TENON_MATH_UNARY(asinh)
TENON_MATH_UNARY(acosh)
TENON_MATH_UNARY(atanh)
TENON_MATH_UNARY(exp2)
TENON_MATH_UNARY(expm1)
TENON_MATH_UNARY(log1p)
TENON_MATH_UNARY(log2)
TENON_MATH_UNARY(log10)
TENON_MATH_UNARY(cbrt)
TENON_MATH_UNARY(erf)
TENON_MATH_UNARY(erfc)
#undef TENON_MATH_UNARY

#define TENON_MATH_COMPLEX(name)                                     \
  template <complex_number T>                                        \
  TENON_HOST_INLINE T name(T a) {                                    \
    return std::name(static_cast<std::complex<decltype(T::re)>>(a)); \
  }
TENON_MATH_COMPLEX(exp)
TENON_MATH_COMPLEX(log)
TENON_MATH_COMPLEX(sqrt)
TENON_MATH_COMPLEX(sin)
TENON_MATH_COMPLEX(cos)
TENON_MATH_COMPLEX(tan)
TENON_MATH_COMPLEX(asin)
TENON_MATH_COMPLEX(acos)
TENON_MATH_COMPLEX(atan)
TENON_MATH_COMPLEX(sinh)
TENON_MATH_COMPLEX(cosh)
TENON_MATH_COMPLEX(tanh)
TENON_MATH_COMPLEX(asinh)
TENON_MATH_COMPLEX(acosh)
TENON_MATH_COMPLEX(atanh)
TENON_MATH_COMPLEX(log10)
#undef TENON_MATH_COMPLEX
template <complex_number T>
TENON_HOST_INLINE T pow(T a, T b) {
  using standard = std::complex<decltype(T::re)>;
  if (b.re == 0 && b.im == 0) return T(1);
  return std::pow(static_cast<standard>(a), static_cast<standard>(b));
}

template <real T>
TENON_INLINE T hypot(T a, T b) {
  return std::hypot(a, b);
}
template <real T>
TENON_INLINE T atan2(T a, T b) {
  return std::atan2(a, b);
}
template <real T>
TENON_INLINE T copysign(T a, T b) {
  return std::copysign(a, b);
}

/// log(exp(a) + exp(b)); infinities of one sign are their own sum.
template <real T>
TENON_INLINE T logaddexp(T a, T b) {
  if (a == b) return a + T(0.693147180559945309417232121458176568L);
  const T d = a - b;
  return (d > T(0) ? a : b) + std::log1p(std::exp(-std::fabs(d)));
}

/// a log(b); 0 where a is 0 and b is not NaN.
template <real T>
TENON_INLINE T xlogy(T a, T b) {
  return a == T(0) && !math::is_nan(b) ? T(0) : a * std::log(b);
}

/// The inverse of erf, within 2 units in the last place. First Giles (2012), "Approximating the erfinv
/// function", on w = -log(1 - a^2); then steps of Halley on erfc(y) = 1 - |a|, which is exact near 1.
template <real T>
TENON_INLINE T erfinv(T a) {
  const double x = std::fabs(static_cast<double>(a));
  if (!(x < 1)) return x == 1 ? std::copysign(std::numeric_limits<T>::infinity(), a) : T(NAN);
  double w = -std::log((1 - x) * (1 + x)), p;
  if (w < 5) {
    w -= 2.5;
    p = 2.81022636e-08;
    p = 3.43273939e-07 + p * w;
    p = -3.5233877e-06 + p * w;
    p = -4.39150654e-06 + p * w;
    p = 0.00021858087 + p * w;
    p = -0.00125372503 + p * w;
    p = -0.00417768164 + p * w;
    p = 0.246640727 + p * w;
    p = 1.50140941 + p * w;
  } else {
    w = std::sqrt(w) - 3;
    p = -0.000200214257;
    p = 0.000100950558 + p * w;
    p = 0.00134934322 + p * w;
    p = -0.00367342844 + p * w;
    p = 0.00573950773 + p * w;
    p = -0.0076224613 + p * w;
    p = 0.00943887047 + p * w;
    p = 1.00167406 + p * w;
    p = 2.83297682 + p * w;
  }
  double y = p * x;
  for (int step = 0; step < 2; ++step) {
    const double error = x < 0.5 ? std::erf(y) - x : (1 - x) - std::erfc(y);
    const double slope = 1.12837916709551257390 * std::exp(-y * y);
    if (slope > 0) y -= error / (slope + y * error);
  }
  return std::copysign(static_cast<T>(y), a);
}

// ---- rounding, signs and remainders -----------------------------------------------------------------------

#define TENON_MATH_ROUND(name, function) \
  template <scalar T>                    \
  TENON_INLINE T name(T a) {             \
    if constexpr (real<T>)               \
      return std::function(a);           \
    else                                 \
      return a;                          \
  }
TENON_MATH_ROUND(floor, floor)
TENON_MATH_ROUND(ceil, ceil)
TENON_MATH_ROUND(trunc, trunc)
TENON_MATH_ROUND(round, nearbyint)
#undef TENON_MATH_ROUND

template <scalar T>
TENON_INLINE T sign(T a) {
  return math::is_nan(a) ? a : static_cast<T>((a > T(0)) - (a < T(0)));
}
template <scalar T>
TENON_INLINE bool signbit(T a) {
  if constexpr (real<T>)
    return std::signbit(a);
  else
    return a < T(0);
}

/// a - b trunc(a / b); of integers 0 where b is 0.
template <scalar T>
TENON_INLINE T fmod(T a, T b) {
  if constexpr (real<T>)
    return std::fmod(a, b);
  else
    return b == T(0) || (std::is_signed_v<T> && b == T(-1)) ? T(0) : static_cast<T>(a % b);
}
/// a - b floor(a / b), with the sign of b even where it is 0; of integers 0 where b is 0.
template <scalar T>
TENON_INLINE T remainder(T a, T b) {
  const T r = math::fmod(a, b);
  if constexpr (real<T>)
    if (r == T(0)) return std::copysign(r, b);
  return r != T(0) && (r < T(0)) != (b < T(0)) ? static_cast<T>(r + b) : r;
}
/// floor(a / b) of the exact quotient; of integers 0 where b is 0.
template <scalar T>
TENON_INLINE T floor_divide(T a, T b) {
  if constexpr (real<T>) {
    if (b == T(0)) return a / b;
    const T r = std::fmod(a, b);
    T quotient = (a - r) / b;  // a whole number but for rounding
    if (r != T(0) && (r < T(0)) != (b < T(0))) quotient -= T(1);
    if (quotient == T(0)) return std::copysign(T(0), a / b);
    const T whole = std::floor(quotient);
    return quotient - whole > T(0.5) ? whole + T(1) : whole;
  } else {
    const T quotient = math::divide(a, b), r = math::fmod(a, b);
    return r != T(0) && (r < T(0)) != (b < T(0)) ? math::subtract(quotient, T(1)) : quotient;
  }
}

/// a to the power b. Integers wrap; a negative exponent gives the quotient 1 / a^-b, towards 0.
template <scalar T>
requires(!complex_number<T>) TENON_INLINE T pow(T a, T b) {
  if constexpr (real<T>) {
    return std::pow(a, b);
  } else {
    if (b < T(0)) return a == T(1) ? T(1) : a == T(-1) ? ((b & T(1)) != T(0) ? T(-1) : T(1)) : T(0);
    T result = T(1);
    for (; b != T(0); b = static_cast<T>(b >> 1)) {
      if ((b & T(1)) != T(0)) result = math::multiply(result, a);
      a = math::multiply(a, a);
    }
    return result;
  }
}

// ---- bits -------------------------------------------------------------------------------------------------

template <scalar T>
TENON_INLINE T bit_and(T a, T b) {
  return static_cast<T>(a & b);
}
template <scalar T>
TENON_INLINE T bit_or(T a, T b) {
  return static_cast<T>(a | b);
}
template <scalar T>
TENON_INLINE T bit_xor(T a, T b) {
  return static_cast<T>(a ^ b);
}
template <scalar T>
TENON_INLINE T bit_not(T a) {
  return static_cast<T>(~a);
}
template <scalar T>
TENON_INLINE T shift_left(T a, T b) {
  using bits = std::make_unsigned_t<T>;
  constexpr T width = T(8 * sizeof(T));
  return b < T(0) || b >= width ? T(0) : static_cast<T>(static_cast<bits>(a) << b);
}
template <scalar T>
TENON_INLINE T shift_right(T a, T b) {
  constexpr T width = T(8 * sizeof(T));
  if (!std::is_signed_v<T> && b >= width) return T(0);
  return static_cast<T>(a >> (b < T(0) || b >= width ? T(width - T(1)) : b));
}

}  // namespace tenon::math
