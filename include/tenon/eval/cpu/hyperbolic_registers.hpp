// Hyperbolic functions and their inverses on registers, by exp and log1p.
#pragma once

#include "tenon/eval/cpu/transcendental.hpp"

#if defined(TENON_CPU_PACKETS)

namespace tenon::host::TENON_ISA {

/// e + 1 / (4 e) with e = exp(|a|) / 2.
template <class T>
TENON_INLINE reg<T> cosh_of(reg<T> a) {
  const reg<T> e = half_exp_of<T>(abs(a));
  return add(e, divide(set(T(0.25)), e));
}
TENON_OF_BOTH(cosh)

// sinh(a) = a + a^3 P(a^2) for |a| <= 1, within 2^-34 and 2^-63.
inline constexpr float sinh_terms[] = {1.6666667e-01f, 8.3333505e-03f, 1.9836066e-04f, 2.8174395e-06f};
inline constexpr double sinh_terms_wide[] = {0.16666666666666669,    0.008333333333333139,   0.0001984126984143768,
                                             2.7557319155337044e-06, 2.5052123398520648e-08, 1.605724034428738e-10,
                                             7.759312105474591e-13};
TENON_INLINE floats sinh_rest(floats z) { return multiply(z, polynomial<float>(z, sinh_terms)); }
TENON_INLINE doubles sinh_rest(doubles z) { return multiply(z, polynomial<double>(z, sinh_terms_wide)); }
template <class T>
TENON_INLINE reg<T> sinh_of(reg<T> a) {
  const reg<T> size = abs(a), e = half_exp_of<T>(size);
  const reg<T> large = subtract(e, divide(set(T(0.25)), e));
  return select(less(size, set(T(1))), multiply_add(a, sinh_rest(multiply(a, a)), a), copysign(large, a));
}
TENON_OF_BOTH(sinh)

/// log1p(z), but log(a) + log(2) where a is so large that z is 2 a.
template <class T>
TENON_INLINE reg<T> log1p_or_twice(reg<T> z, reg<T> a) {
  const auto large = less(set(T(sizeof(T) == 8 ? 0x1p30 : 0x1p14)), a);
  const reg<T> zero = set(T(0)), one = set(T(1));
  reg<T> lost;
  const reg<T> u = two_sum(z, one, lost);
  const reg<T> y = log_of_sum<T>(select(large, a, u), select(large, zero, lost), select(large, one, zero));
  return select(less(abs(z), set(T(sizeof(T) == 8 ? 0x1p-54 : 0x1p-25))), z, y);
}

/// z = |a| + a^2 / (1 + sqrt(1 + a^2)).
template <class T>
TENON_INLINE reg<T> asinh_of(reg<T> a) {
  const reg<T> size = abs(a), square = multiply(a, a), one = set(T(1));
  const reg<T> z = add(size, divide(square, add(one, sqrt(add(one, square)))));
  return copysign(log1p_or_twice<T>(z, size), a);
}
TENON_OF_BOTH(asinh)

/// z = t + sqrt(2 t + t^2) with t = a - 1.
template <class T>
TENON_INLINE reg<T> acosh_of(reg<T> a) {
  const reg<T> t = subtract(a, set(T(1)));
  const reg<T> z = add(t, sqrt(multiply(t, add(t, set(T(2))))));
  return select(less(a, set(T(1))), set(T(NAN)), log1p_or_twice<T>(z, a));
}
TENON_OF_BOTH(acosh)

/// log1p(2 |a| / (1 - |a|)) / 2.
template <class T>
TENON_INLINE reg<T> atanh_of(reg<T> a) {
  const reg<T> size = abs(a);
  const reg<T> z = divide(add(size, size), subtract(set(T(1)), size));
  return copysign(multiply(log1p_of<T>(z), set(T(0.5))), a);
}
TENON_OF_BOTH(atanh)

}  // namespace tenon::host::TENON_ISA

#endif
