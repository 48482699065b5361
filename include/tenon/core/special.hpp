// The gamma function and its relatives, and numbers next to a number: scalar functions of value rules.
#pragma once

#include <bit>

#include "tenon/core/functions.hpp"

namespace tenon::math {

/// log |gamma(a)|.
template <real T>
TENON_INLINE T lgamma(T a) {
  return static_cast<T>(std::lgamma(a));
}
template <real T>
TENON_INLINE T gamma(T a) {
  return static_cast<T>(std::tgamma(a));
}

/// The derivative of lgamma: upwards by psi(x) = psi(x + 1) - 1 / x to x >= 10, there by its asymptotic
/// series (DLMF 5.11.2); below 0 by reflection (DLMF 5.5.4). NaN at the poles -1, -2, ...; at 0 the infinity
/// of the other sign.
template <real T>
TENON_INLINE T digamma(T a) {
  double x = static_cast<double>(a), sum = 0;
  if (x == 0) return static_cast<T>(-1 / x);
  if (x < 0) {
    const double r = x - std::nearbyint(x);
    if (r == 0 || !(x - x == 0)) return std::numeric_limits<T>::quiet_NaN();
    if (std::fabs(r) != 0.5) sum = -3.14159265358979323846 / std::tan(3.14159265358979323846 * r);
    x = 1 - x;
  }
  for (; x < 10; x += 1) sum -= 1 / x;
  const double r = 1 / x, z = r * r;
  const double series =
      1.0 / 12 -
      z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132 - z * (691.0 / 32760 - z / 12)))));
  return static_cast<T>(sum + std::log(x) - 0.5 * r - z * series);
}

/// Derivative number n of digamma, n rounded to a whole number of at most 1000, at a > 0: (-1)^(n+1) n!
/// zeta(n + 1, a), the zeta function by the formula of Euler and Maclaurin from 10 + n on. NaN for a < 0 and
/// other n.
template <real T>
TENON_INLINE T polygamma(T n, T a) {
  const double order = std::nearbyint(static_cast<double>(n)), from = static_cast<double>(a), s = order + 1;
  if (order == 0) return math::digamma(a);
  if (!(order >= 1 && order <= 1000 && from >= 0)) return std::numeric_limits<T>::quiet_NaN();
  const double sign = std::fmod(order, 2) == 0 ? -1 : 1;
  if (from == 0) return static_cast<T>(sign * std::numeric_limits<double>::infinity());
  if (from > 1e300) return static_cast<T>(order == 1 ? 1 / from : sign * 0.0);
  double x = from, zeta = 0;  // all over from^-s
  for (; x < 10 + order; x += 1) zeta += std::pow(from / x, s);
  const double power = std::pow(from / x, s);
  zeta += power * x / order + 0.5 * power;
  // B_2k / (2k)! s (s + 1) ... (s + 2k - 2) x^(-s - 2k + 1)
  constexpr double b[] = {1.0 / 12,       -1.0 / 720,     1.0 / 30240,
                          -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000.0};
  double term = power / x * s;
  for (int k = 0; k < 6; ++k) {
    zeta += b[k] * term;
    term *= (s + 2 * k + 1) * (s + 2 * k + 2) / (x * x);
  }
  const double factorial = std::tgamma(s), scale = std::pow(from, -s);
  const bool fits = s < 170 && scale > 1e-290 && scale < 1e290;
  return static_cast<T>(sign * zeta *
                        (fits ? factorial * scale : std::exp(std::lgamma(s) - s * std::log(from))));
}

/// log2(2^a + 2^b).
template <real T>
TENON_INLINE T logaddexp2(T a, T b) {
  if (a == b) return static_cast<T>(a + T(1));
  const T d = a - b;
  return static_cast<T>((d > T(0) ? a : b) +
                        std::log1p(std::exp2(-std::fabs(d))) * T(1.44269504088896340735992468100189214L));
}
template <real T>
TENON_INLINE T ldexp(T a, T exponent) {
  const double e = static_cast<double>(exponent);
  if (math::is_nan(a) || math::is_nan(exponent)) return static_cast<T>(a + exponent);
  return static_cast<T>(std::ldexp(a, e > 5000 ? 5000 : e < -5000 ? -5000 : static_cast<int>(e)));
}
/// m of a = m 2^e with 1/2 <= |m| < 1; 0, infinities and NaN are their own.
template <real T>
TENON_INLINE T frexp_mantissa(T a) {
  int e = 0;
  return static_cast<T>(std::frexp(a, &e));
}
/// e of a = m 2^e; 0 for 0, infinities and NaN.
template <real T>
TENON_INLINE T frexp_exponent(T a) {
  int e = 0;
  if (a - a == T(0)) (void)std::frexp(a, &e);
  return static_cast<T>(e);
}

/// The number after a towards b.
template <real T>
TENON_INLINE T nextafter(T a, T b) {
  using bits = std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                  std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>;
  if (math::is_nan(a) || math::is_nan(b)) return static_cast<T>(a + b);
  if (a == b) return b;
  if (a == T(0))
    return b > T(0) ? std::numeric_limits<T>::denorm_min() : T(-std::numeric_limits<T>::denorm_min());
  const bits k = std::bit_cast<bits>(a);
  return std::bit_cast<T>(static_cast<bits>((a < b) == (a > T(0)) ? k + 1 : k - 1));
}
/// The distance from a to the next number away from 0, with a's sign; NaN where there is none.
template <real T>
TENON_INLINE T spacing(T a) {
  if (!(a - a == T(0))) return std::numeric_limits<T>::quiet_NaN();
  const T most = std::numeric_limits<T>::max(), size = a < T(0) ? T(-a) : a;
  const T step = size == most ? T(size - math::nextafter(size, T(0))) : T(math::nextafter(size, most) - size);
  return a < T(0) ? T(-step) : step;
}

// ---- of integers ------------------------------------------------------------------------------------------

namespace detail {
template <integer T>
TENON_INLINE wrapping<T> magnitude(T a) {
  return a < T(0) ? wrapping<T>(0) - static_cast<wrapping<T>>(a) : static_cast<wrapping<T>>(a);
}
template <integer T>
TENON_INLINE T common_divisor(T x, T y) {
  while (y != 0) {
    const T r = x % y;
    x = y;
    y = r;
  }
  return x;
}
}  // namespace detail

/// The greatest common divisor of |a| and |b|; of 0 and b, |b|.
template <integer T>
TENON_INLINE T gcd(T a, T b) {
  return static_cast<T>(detail::common_divisor(detail::magnitude(a), detail::magnitude(b)));
}
/// The least common multiple of |a| and |b|, which wraps; 0 where either is 0.
template <integer T>
TENON_INLINE T lcm(T a, T b) {
  if (a == T(0) || b == T(0)) return T(0);
  const auto x = detail::magnitude(a), y = detail::magnitude(b);
  return static_cast<T>(x / detail::common_divisor(x, y) * y);
}
/// How many bits of |a| are 1.
template <integer T>
TENON_INLINE T bit_count(T a) {
  return static_cast<T>(std::popcount(detail::magnitude(a)));
}

}  // namespace tenon::math
