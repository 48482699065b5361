// Operators and conversions of lanes of every dtype.
#pragma once

#include <limits>

#include "tenon/eval/cpu/carried_lanes.hpp"
#include "tenon/eval/cpu/complex_lanes.hpp"

namespace tenon::host {

// ---- operators ----

template <class T, class Unit>
TENON_INLINE lanes<T, Unit> operator+(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::add(a, b);
}
template <class T, class Unit>
TENON_INLINE lanes<T, Unit> operator-(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::subtract(a, b);
}
template <class T, class Unit>
TENON_INLINE lanes<T, Unit> operator*(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::multiply(a, b);
}
template <class T, class Unit>
TENON_INLINE lanes<T, Unit> operator/(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::divide(a, b);
}
template <class T, class Unit>
TENON_INLINE lanes<T, Unit> operator-(const lanes<T, Unit>& a) {
  return host::negate(a);
}
template <class T, class Unit>
TENON_INLINE lanes<bool, Unit> operator<(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::less(a, b);
}
template <class T, class Unit>
TENON_INLINE lanes<bool, Unit> operator<=(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::less_equal(a, b);
}
template <class T, class Unit>
TENON_INLINE lanes<bool, Unit> operator>(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::less(b, a);
}
template <class T, class Unit>
TENON_INLINE lanes<bool, Unit> operator>=(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::less_equal(b, a);
}
template <class T, class Unit>
TENON_INLINE lanes<bool, Unit> operator==(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::equal(a, b);
}
template <class T, class Unit>
TENON_INLINE lanes<bool, Unit> operator!=(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::logical_not(host::equal(a, b));
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> operator&&(lanes<bool, Unit> a, lanes<bool, Unit> b) {
  return host::logical_and(a, b);
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> operator||(lanes<bool, Unit> a, lanes<bool, Unit> b) {
  return host::logical_or(a, b);
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> operator!(lanes<bool, Unit> a) {
  return host::logical_not(a);
}

// ---- conversion ----

/// Lane by lane what math::cast gives.
template <class To, class From, class Unit>
TENON_INLINE lanes<To, Unit> cast(const lanes<From, Unit>& a) {
  if constexpr (std::is_same_v<To, From>) {
    return a;
  } else if constexpr (complex_number<To>) {
    using R = decltype(To::re);
    if constexpr (complex_number<From>)
      return lanes<To, Unit>::from(host::cast<R>(a.re), host::cast<R>(a.im));
    else
      return lanes<To, Unit>::from(host::cast<R>(a), lanes<R, Unit>(R(0)));
  } else if constexpr (std::is_same_v<From, bool>) {
    return host::where(a, lanes<To, Unit>(To(1)), lanes<To, Unit>(To(0)));
  } else if constexpr (std::is_same_v<To, bool>) {
    return a != lanes<From, Unit>(From(0));
  } else if constexpr (carried<From>) {
    return host::cast<To>(a.w);
  } else if constexpr (carried<To> && math::integer<To>) {  // into the carrier, then into the range
    using C = carrier<To>;
    lanes<C, Unit> b = host::cast<C>(a);
    if constexpr (math::real<From>)
      b = host::maximum(host::minimum(b, lanes<C, Unit>(C(std::numeric_limits<To>::max()))),
                        lanes<C, Unit>(C(std::numeric_limits<To>::min())));
    return lanes<To, Unit>::from(b);
  } else if constexpr (carried<To> && std::is_same_v<From, float>) {
    return lanes<To, Unit>::from(a);
#if defined(TENON_CPU_PACKETS)
  } else if constexpr (isa::single<From> && isa::pair<To> && math::real<From> == math::real<To>) {
    return lanes<To, Unit>::from(isa::lower_half(a.x), isa::upper_half(a.x));
  } else if constexpr (isa::pair<From> && isa::single<To> && math::real<From> == math::real<To>) {
    return lanes<To, Unit>::from(isa::join(a.lo, a.hi));
  } else if constexpr (std::is_same_v<To, std::int32_t> && std::is_same_v<From, float>) {
    alignas(4 * lane_count<Unit>) std::int32_t to[lane_count<Unit>];
    isa::truncate(a.x, to);
    return lanes<To, Unit>::load(to);
  } else if constexpr (std::is_same_v<To, std::int32_t> && std::is_same_v<From, double>) {
    // Both bounds are doubles, so what is clamped to them converts exactly.
    lanes<From, Unit> b = host::where(host::is_nan(a), lanes<From, Unit>(0.0), a);
    b = host::maximum(host::minimum(b, lanes<From, Unit>(2147483647.0)), lanes<From, Unit>(-2147483648.0));
    alignas(4 * lane_count<Unit>) std::int32_t to[lane_count<Unit>];
    isa::truncate(b.lo, to);
    isa::truncate(b.hi, to + lane_count<Unit> / 2);
    return lanes<To, Unit>::load(to);
  } else if constexpr (std::is_same_v<From, std::int32_t> &&
                       (std::is_same_v<To, float> || std::is_same_v<To, double>)) {
    alignas(4 * lane_count<Unit>) std::int32_t from[lane_count<Unit>];
    a.store(from);
    if constexpr (std::is_same_v<To, float>) {
      return lanes<To, Unit>::from(isa::from_integers(from));
    } else {
      return lanes<To, Unit>::from(isa::wide_from_integers(from),
                                   isa::wide_from_integers(from + lane_count<Unit> / 2));
    }
#endif
  } else {
    return detail::through_memory<To>(a, [](From v) { return math::cast<To>(v); });
  }
}

}  // namespace tenon::host
