// Hyperbolic functions and their inverses on registers, by exp and log1p; sigmoid(a), which is
// (1 + tanh(a / 2)) / 2.
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
inline constexpr double sinh_terms_wide[] = {
    0.16666666666666669,    0.008333333333333139,  0.0001984126984143768, 2.7557319155337044e-06,
    2.5052123398520648e-08, 1.605724034428738e-10, 7.759312105474591e-13};
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

/// Eigen's rational approximation. `limit` is the least number at which it is exactly 1.
TENON_INLINE floats tanh(floats a) {
#if defined(__FMA__) || defined(__AVX512F__)
  const float limit = 7.99881172180175781f;
#else
  const float limit = 7.90531110763549805f;
#endif
  const floats x = greater(set(-limit), lesser(set(limit), a));
  const floats z = multiply(x, x);
  floats p = multiply_add(z, set(-2.76076847742355e-16f), set(2.00018790482477e-13f));
  p = multiply_add(z, p, set(-8.60467152213735e-11f));
  p = multiply_add(z, p, set(5.12229709037114e-08f));
  p = multiply_add(z, p, set(1.48572235717979e-05f));
  p = multiply_add(z, p, set(6.37261928875436e-04f));
  p = multiply_add(z, p, set(4.89352455891786e-03f));
  floats q = multiply_add(z, set(1.19825839466702e-06f), set(1.18534705686654e-04f));
  q = multiply_add(z, q, set(2.26843463243900e-03f));
  q = multiply_add(z, q, set(4.89352518554385e-03f));
  return select(less(abs(a), set(0.0004f)), a, divide(multiply(x, p), q));
}

/// With t = expm1(2|a|), t / (t + 2) up to where it is 1/2, then 1 - 2 / (t + 2).
TENON_INLINE doubles tanh(doubles a) {
  const doubles size = lesser(set(20.0), abs(a)), t = expm1(add(size, size));
  const wide_mask large = less(set(0.5), size);
  const doubles part = divide(select(large, set(-2.0), t), add(t, set(2.0)));
  const doubles y = select(large, add(part, set(1.0)), part);
  return copysign(y, a);
}

TENON_INLINE floats sigmoid(floats a) {
  const floats e = exp(negate(abs(a)));
  return divide(select(less(a, set(0.0f)), e, set(1.0f)), add(set(1.0f), e));
}
TENON_INLINE doubles sigmoid(doubles a) {
  const doubles e = exp(negate(abs(a)));
  return divide(select(less(a, set(0.0)), e, set(1.0)), add(set(1.0), e));
}

}  // namespace tenon::host::TENON_ISA

#endif
