// The scalar functions that value rules are written with, for the host and for CUDA.
//
// A value rule calls these names unqualified (`using namespace math; return add(a, b);`): scalars find them
// here, host::lanes finds its own overloads by argument. Everything here is forced inline, so no unit emits a
// body that another unit could link to.
#pragma once

#include <tenon/core/dtype.hpp>

#include <cmath>
#include <type_traits>

namespace tenon::math {

template <class T>
concept integer = std::is_integral_v<T>;
template <class T>
concept real = std::is_floating_point_v<T> || float_of_16_bits<T>;
template <class T>
concept scalar = integer<T> || real<T> || complex_number<T>;

namespace detail {
/// What integers of type T are added and multiplied in, so that they wrap: not narrower than unsigned, or
/// they would be promoted to int.
template <integer T>
using wrapping = std::conditional_t<(sizeof(T) < sizeof(unsigned)), unsigned, std::make_unsigned_t<T>>;
}  // namespace detail

/// Sum; integers wrap.
template <scalar T>
TENON_INLINE T add(T a, T b) {
  if constexpr (integer<T>) {
    using bits = detail::wrapping<T>;
    return static_cast<T>(static_cast<bits>(a) + static_cast<bits>(b));
  } else {
    return a + b;
  }
}

/// Difference; integers wrap.
template <scalar T>
TENON_INLINE T subtract(T a, T b) {
  if constexpr (integer<T>) {
    using bits = detail::wrapping<T>;
    return static_cast<T>(static_cast<bits>(a) - static_cast<bits>(b));
  } else {
    return a - b;
  }
}

/// Product; integers wrap.
template <scalar T>
TENON_INLINE T multiply(T a, T b) {
  if constexpr (integer<T>) {
    using bits = detail::wrapping<T>;
    return static_cast<T>(static_cast<bits>(a) * static_cast<bits>(b));
  } else {
    return a * b;
  }
}

/// -a; the least integer is its own negative.
template <scalar T>
TENON_INLINE T negate(T a) {
  if constexpr (integer<T>)
    return math::subtract(T(0), a);
  else
    return -a;
}

/// Quotient. Integers truncate towards zero; division by zero gives 0, and least / -1 wraps to least.
template <scalar T>
TENON_INLINE T divide(T a, T b) {
  if constexpr (integer<T>) {
    if (b == T(0)) return T(0);
    if (std::is_signed_v<T> && b == T(-1)) return math::negate(a);
    return static_cast<T>(a / b);
  } else {
    return a / b;
  }
}

/// |a|; the least integer is its own absolute value.
template <scalar T>
TENON_INLINE T abs(T a) {
  if constexpr (std::is_floating_point_v<T>)
    return std::fabs(a);
  else
    return a < T(0) ? math::negate(a) : a;
}

template <scalar T>
TENON_INLINE bool is_nan(T a) {
  if constexpr (integer<T>)
    return false;
  else
    return a != a;
}

/// The greater; NaN where either is NaN; b where they compare equal, so maximum(+0, -0) is -0.
template <scalar T>
TENON_INLINE T maximum(T a, T b) {
  return a > b || math::is_nan(a) ? a : b;
}

/// The lesser; NaN where either is NaN; b where they compare equal.
template <scalar T>
TENON_INLINE T minimum(T a, T b) {
  return a < b || math::is_nan(a) ? a : b;
}

template <real T>
TENON_INLINE T exp(T a) {
  return std::exp(a);
}

template <real T>
TENON_INLINE T log(T a) {
  return std::log(a);
}

template <real T>
TENON_INLINE T tanh(T a) {
  return std::tanh(a);
}

template <real T>
TENON_INLINE T sqrt(T a) {
  return std::sqrt(a);
}

/// 1 / (1 + exp(-a)). The exponent is never positive, so neither tail overflows or loses its relative
/// accuracy.
template <real T>
TENON_INLINE T sigmoid(T a) {
  const T e = std::exp(-std::fabs(a));
  return (a < T(0) ? e : T(1)) / (T(1) + e);
}

template <scalar T>
TENON_INLINE T where(bool condition, T a, T b) {
  return condition ? a : b;
}

TENON_INLINE bool logical_and(bool a, bool b) { return a && b; }
TENON_INLINE bool logical_or(bool a, bool b) { return a || b; }
TENON_INLINE bool logical_not(bool a) { return !a; }

/// `a` as a To. Real to integer truncates and saturates, NaN gives 0; integers narrow modulo 2^n; to bool is
/// a != 0 (so NaN gives true).
template <scalar To, scalar From>
TENON_INLINE To cast(From a) {
  if constexpr (std::is_same_v<To, From>) {
    return a;
  } else if constexpr (std::is_same_v<To, bool>) {
    return a != From(0);
  } else if constexpr (float_of_16_bits<From>) {
    return math::cast<To>(static_cast<float>(a));
  } else if constexpr (real<From> && integer<To>) {
    using bits = std::make_unsigned_t<To>;
    constexpr int digits = 8 * sizeof(To) - std::is_signed_v<To>;
    constexpr From limit = From(2) * static_cast<From>(bits(1) << (digits - 1));  // 2^digits, exact
    constexpr bits most = static_cast<bits>(~bits(0)) >> std::is_signed_v<To>;
    if (a >= limit) return static_cast<To>(most);
    if (a <= (std::is_signed_v<To> ? -limit : From(-1)))
      return static_cast<To>(std::is_signed_v<To> ? most + 1 : 0);
    return math::is_nan(a) ? To(0) : static_cast<To>(a);
  } else if constexpr (complex_number<To> && !complex_number<From>) {
    return To(static_cast<decltype(To::re)>(a));
  } else {
    return static_cast<To>(a);
  }
}

template <complex_number T>
TENON_INLINE auto real_part(T a) {
  return a.re;
}
template <complex_number T>
TENON_INLINE auto imaginary_part(T a) {
  return a.im;
}
template <complex_number T>
TENON_INLINE T conjugate(T a) {
  return {a.re, -a.im};
}
template <class T>
TENON_INLINE basic_complex<T> complex_of(T re, T im) {
  return {re, im};
}

/// A number of a graph, such as the 0.5 of a derivative rule, as a T; integers wrap.
template <scalar T>
TENON_INLINE constexpr T number(double a) {
  if constexpr (integer<T> && !std::is_same_v<T, bool>)
    return static_cast<T>(static_cast<std::int64_t>(a));
  else if constexpr (complex_number<T>)
    return T(static_cast<decltype(T::re)>(a));
  else
    return static_cast<T>(a);
}

}  // namespace tenon::math
