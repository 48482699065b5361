// The scalar functions that value rules are written with, for the host and for CUDA.
//
// A value rule calls these names unqualified (`using namespace math; return add(a, b);`): scalars find them
// here, host::lanes finds its own overloads by argument. Everything here is forced inline, so no unit emits a
// body that another unit could link to.
#pragma once

#include <tenon/core/config.hpp>

#include <cmath>
#include <type_traits>

namespace tenon::math {

template <class T>
concept scalar = std::is_arithmetic_v<T>;

template <class T>
concept real = std::is_floating_point_v<T>;

/// Sum; integers wrap.
template <scalar T>
TENON_INLINE T add(T a, T b) {
  if constexpr (real<T>) {
    return a + b;
  } else {
    using wrapping = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<wrapping>(a) + static_cast<wrapping>(b));
  }
}

/// Difference; integers wrap.
template <scalar T>
TENON_INLINE T subtract(T a, T b) {
  if constexpr (real<T>) {
    return a - b;
  } else {
    using wrapping = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<wrapping>(a) - static_cast<wrapping>(b));
  }
}

/// Product; integers wrap.
template <scalar T>
TENON_INLINE T multiply(T a, T b) {
  if constexpr (real<T>) {
    return a * b;
  } else {
    using wrapping = std::make_unsigned_t<T>;
    return static_cast<T>(static_cast<wrapping>(a) * static_cast<wrapping>(b));
  }
}

/// -a; the least integer is its own negative.
template <scalar T>
TENON_INLINE T negate(T a) {
  if constexpr (real<T>) {
    return -a;
  } else {
    return math::subtract(T(0), a);
  }
}

/// Quotient. Integers truncate towards zero; division by zero gives 0, and least / -1 wraps to least.
template <scalar T>
TENON_INLINE T divide(T a, T b) {
  if constexpr (real<T>) {
    return a / b;
  } else {
    if (b == T(0)) return T(0);
    if (b == T(-1)) return math::negate(a);
    return a / b;
  }
}

/// |a|; the least integer is its own absolute value.
template <scalar T>
TENON_INLINE T abs(T a) {
  if constexpr (real<T>) {
    return std::fabs(a);
  } else {
    return a < T(0) ? math::negate(a) : a;
  }
}

template <scalar T>
TENON_INLINE bool is_nan(T a) {
  if constexpr (real<T>) {
    return a != a;
  } else {
    return false;
  }
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
  if constexpr (std::is_same_v<To, bool>) {
    return a != From(0);
  } else if constexpr (real<From> && !real<To>) {
    using bits = std::make_unsigned_t<To>;
    constexpr bits half = bits(1) << (8 * sizeof(To) - 1);
    constexpr From limit = static_cast<From>(half);  // a power of two, so exact
    if (a >= limit) return static_cast<To>(half - 1);
    if (a < -limit) return static_cast<To>(half);
    return math::is_nan(a) ? To(0) : static_cast<To>(a);
  } else {
    return static_cast<To>(a);
  }
}

}  // namespace tenon::math
