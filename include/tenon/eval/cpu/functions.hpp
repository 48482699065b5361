// The functions of core/functions.hpp on SIMD lanes.
//
// On x86 those of float and double, and of the dtypes that are carried in float, are vector code
// (*_registers.hpp), within 3.2 units in the last place, tanh of floats within 6:
// docs/benchmarks/accuracy.md. Lane by lane through the scalar function go erfinv, the gamma functions and
// the remainders; signs, bits and shifts of integers, which the compiler vectorises; complex numbers; and
// everything on other processors.
#pragma once

#include "tenon/core/special.hpp"
#include "tenon/eval/cpu/error_function_registers.hpp"
#include "tenon/eval/cpu/lane_operators.hpp"
#include "tenon/eval/cpu/power_registers.hpp"
#include "tenon/eval/cpu/trigonometric_registers.hpp"

namespace tenon::host {

namespace detail {
template <class T, class Unit, class F>
TENON_INLINE lanes<T, Unit> each(const lanes<T, Unit>& a, const lanes<T, Unit>& b, F f) {
  alignas(64) T u[lane_count<Unit>], v[lane_count<Unit>];
  a.store(u);
  b.store(v);
  for (int i = 0; i < lane_count<Unit>; ++i) u[i] = f(u[i], v[i]);
  return lanes<T, Unit>::load(u);
}
}  // namespace detail

#define TENON_LANES_UNARY(name)                                               \
  template <class T, class Unit>                                              \
  TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a) {                 \
    if constexpr (carried<T>)                                                 \
      return lanes<T, Unit>::from(host::name(a.w));                           \
    else                                                                      \
      return detail::through_memory<T>(a, [](T x) { return math::name(x); }); \
  }
#define TENON_LANES_BINARY(name)                                                       \
  template <class T, class Unit>                                                       \
  TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a, const lanes<T, Unit>& b) { \
    if constexpr (carried<T>)                                                          \
      return lanes<T, Unit>::from(host::name(a.w, b.w));                               \
    else                                                                               \
      return detail::each(a, b, [](T x, T y) { return math::name(x, y); });            \
  }
TENON_LANES_UNARY(erfinv)
TENON_LANES_UNARY(lgamma)
TENON_LANES_UNARY(gamma)
TENON_LANES_UNARY(digamma)
TENON_LANES_UNARY(frexp_mantissa)
TENON_LANES_UNARY(frexp_exponent)
TENON_LANES_UNARY(bit_count)
TENON_LANES_UNARY(sign)
TENON_LANES_UNARY(bit_not)
TENON_LANES_BINARY(logaddexp2)
TENON_LANES_BINARY(polygamma)
TENON_LANES_BINARY(ldexp)
TENON_LANES_BINARY(gcd)
TENON_LANES_BINARY(lcm)
TENON_LANES_BINARY(fmod)
TENON_LANES_BINARY(remainder)
TENON_LANES_BINARY(floor_divide)
TENON_LANES_BINARY(bit_and)
TENON_LANES_BINARY(bit_or)
TENON_LANES_BINARY(bit_xor)
TENON_LANES_BINARY(shift_left)
TENON_LANES_BINARY(shift_right)
#undef TENON_LANES_UNARY
#undef TENON_LANES_BINARY

/// The numbers next to one are those of its own type, also where that is carried in a wider one.
template <class T, class Unit>
TENON_INLINE lanes<T, Unit> nextafter(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return detail::each(a, b, [](T x, T y) { return math::nextafter(x, y); });
}
template <class T, class Unit>
TENON_INLINE lanes<T, Unit> spacing(const lanes<T, Unit>& a) {
  return detail::each(a, a, [](T x, T) { return math::spacing(x); });
}
// Those that are vector code where there are registers.
#if defined(TENON_CPU_PACKETS)
#define TENON_ON_REGISTERS(name)                                                            \
  else if constexpr (std::is_same_v<T, float>) return lanes<T, Unit>::from(isa::name(a.x)); \
  else if constexpr (std::is_same_v<T, double>) return lanes<T, Unit>::from(isa::name(a.lo), isa::name(a.hi));
#define TENON_ON_REGISTERS_BINARY(name)                                                            \
  else if constexpr (std::is_same_v<T, float>) return lanes<T, Unit>::from(isa::name(a.x, b.x));   \
  else if constexpr (std::is_same_v<T, double>) return lanes<T, Unit>::from(isa::name(a.lo, b.lo), \
                                                                            isa::name(a.hi, b.hi));
#else
#define TENON_ON_REGISTERS(name)
#define TENON_ON_REGISTERS_BINARY(name)
#endif
#define TENON_LANES_UNARY(name)                                                  \
  template <class T, class Unit>                                                 \
  TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a) {                    \
    if constexpr (carried<T>) return lanes<T, Unit>::from(host::name(a.w));      \
    TENON_ON_REGISTERS(name)                                                     \
    else return detail::through_memory<T>(a, [](T x) { return math::name(x); }); \
  }
#define TENON_LANES_BINARY(name)                                                       \
  template <class T, class Unit>                                                       \
  TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a, const lanes<T, Unit>& b) { \
    if constexpr (carried<T>) return lanes<T, Unit>::from(host::name(a.w, b.w));       \
    TENON_ON_REGISTERS_BINARY(name)                                                    \
    else return detail::each(a, b, [](T x, T y) { return math::name(x, y); });         \
  }
TENON_LANES_UNARY(sin)
TENON_LANES_UNARY(cos)
TENON_LANES_UNARY(tan)
TENON_LANES_UNARY(asin)
TENON_LANES_UNARY(acos)
TENON_LANES_UNARY(atan)
TENON_LANES_UNARY(sinh)
TENON_LANES_UNARY(cosh)
TENON_LANES_UNARY(asinh)
TENON_LANES_UNARY(acosh)
TENON_LANES_UNARY(atanh)
TENON_LANES_UNARY(exp2)
TENON_LANES_UNARY(expm1)
TENON_LANES_UNARY(log1p)
TENON_LANES_UNARY(log2)
TENON_LANES_UNARY(log10)
TENON_LANES_UNARY(cbrt)
TENON_LANES_UNARY(erf)
TENON_LANES_UNARY(erfc)
TENON_LANES_UNARY(floor)
TENON_LANES_UNARY(ceil)
TENON_LANES_UNARY(trunc)
TENON_LANES_UNARY(round)
TENON_LANES_BINARY(hypot)
TENON_LANES_BINARY(atan2)
TENON_LANES_BINARY(copysign)
TENON_LANES_BINARY(logaddexp)
TENON_LANES_BINARY(xlogy)
TENON_LANES_BINARY(pow)
#undef TENON_LANES_UNARY
#undef TENON_LANES_BINARY
#undef TENON_ON_REGISTERS
#undef TENON_ON_REGISTERS_BINARY

template <class T, class Unit>
TENON_INLINE lanes<bool, Unit> signbit(const lanes<T, Unit>& a) {
  if constexpr (math::real<T>)  // that of 0 and of NaN too
    return copysign(lanes<T, Unit>(T(1)), a) < lanes<T, Unit>(T(0));
  else
    return a < lanes<T, Unit>(T(0));
}
// Complex numbers: those that are vector code for real ones.
#define TENON_LANES_COMPLEX(name)                                           \
  template <complex_number T, class Unit>                                   \
  TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a) {               \
    return detail::through_memory<T>(a, [](T x) { return math::name(x); }); \
  }
TENON_LANES_COMPLEX(exp)
TENON_LANES_COMPLEX(log)
TENON_LANES_COMPLEX(sqrt)
TENON_LANES_COMPLEX(tanh)
#undef TENON_LANES_COMPLEX

template <class Unit>
TENON_INLINE lanes<bool, Unit> bit_and(lanes<bool, Unit> a, lanes<bool, Unit> b) {
  return host::logical_and(a, b);
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> bit_or(lanes<bool, Unit> a, lanes<bool, Unit> b) {
  return host::logical_or(a, b);
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> bit_xor(lanes<bool, Unit> a, lanes<bool, Unit> b) {
  return host::logical_not(host::equal(a, b));
}

}  // namespace tenon::host
