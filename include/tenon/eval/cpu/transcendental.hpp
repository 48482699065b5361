// Functions on registers that are written out here and not taken from Eigen: exp, log, tanh, sigmoid.
//
// Eigen's are functions that several units emit under one name (see this_unit), its log is wrong on denormals
// and its sqrt is approximate.
#pragma once

#include "tenon/eval/cpu/registers.hpp"

#if defined(TENON_CPU_PACKETS)

namespace tenon::host::TENON_ISA {

// 1.5 * 2^(mantissa bits): adding it rounds to an integer that stands in the low bits.
inline constexpr float shifter = 12582912.0f;
inline constexpr double wide_shifter = 6755399441055744.0;

/// y * 2^n, rounded once, for integral n whose half is an exponent that exists.
TENON_INLINE floats scale(floats y, floats n) {
#if defined(__AVX512F__)
  return _mm512_maskz_scalef_ps(all, y, n);
#else
  const floats biased = set(shifter + 127.0f);
  const floats half = multiply_add(n, set(0.5f), biased);
  const floats rest = add(subtract(n, subtract(half, biased)), biased);
  return multiply(multiply(y, shift_left<23>(half)), shift_left<23>(rest));
#endif
}
TENON_INLINE doubles scale(doubles y, doubles n) {
#if defined(__AVX512F__)
  return _mm512_maskz_scalef_pd(all_wide, y, n);
#else
  const doubles biased = set(wide_shifter + 1023.0);
  const doubles half = multiply_add(n, set(0.5), biased);
  const doubles rest = add(subtract(n, subtract(half, biased)), biased);
  return multiply(multiply(y, shift_left<52>(half)), shift_left<52>(rest));
#endif
}

/// a > 0 as m * 2^e with m in [sqrt(1/2), sqrt(2)].
TENON_INLINE void split(floats a, floats& m, floats& e) {
#if defined(__AVX512F__)
  m = _mm512_maskz_getmant_ps(all, a, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_nan);
  e = _mm512_maskz_getexp_ps(all, a);
#else
  const mask tiny = less(a, set(1.17549435e-38f));
  a = select(tiny, multiply(a, set(8388608.0f)), a);
  const floats exponent = bit_or(shift_right<23>(a), set(8388608.0f));
  e = subtract(exponent, select(tiny, set(8388608.0f + 127 + 23), set(8388608.0f + 127)));
  m = bit_or(bit_and(a, set_bits(std::uint32_t{0x007fffff})), set(1.0f));
#endif
  const mask large = less(set(1.41421356f), m);
  m = select(large, multiply(m, set(0.5f)), m);
  e = select(large, add(e, set(1.0f)), e);
}
TENON_INLINE void split(doubles a, doubles& m, doubles& e) {
#if defined(__AVX512F__)
  m = _mm512_maskz_getmant_pd(all_wide, a, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_nan);
  e = _mm512_maskz_getexp_pd(all_wide, a);
#else
  const wide_mask tiny = less(a, set(2.2250738585072014e-308));
  a = select(tiny, multiply(a, set(4503599627370496.0)), a);
  const doubles exponent = bit_or(shift_right<52>(a), set(4503599627370496.0));
  e = subtract(exponent, select(tiny, set(4503599627370496.0 + 1023 + 52), set(4503599627370496.0 + 1023)));
  m = bit_or(bit_and(a, set_bits(std::uint64_t{0x000fffffffffffff})), set(1.0));
#endif
  const wide_mask large = less(set(1.4142135623730951), m);
  m = select(large, multiply(m, set(0.5)), m);
  e = select(large, add(e, set(1.0)), e);
}

#if !defined(__AVX512F__)
/// log of what is not positive and finite; with AVX-512 split gives m and e that lead to it.
TENON_INLINE floats log_specials(floats a, floats y) {
  const floats infinity = set_bits(std::uint32_t{0x7f800000}), zero = set(0.0f);
  y = select(less(a, infinity), y, a);  // +inf and NaN stand
  y = select(less(a, zero), set_bits(std::uint32_t{0x7fc00000}), y);
  return select(equal(a, zero), negate(infinity), y);
}
TENON_INLINE doubles log_specials(doubles a, doubles y) {
  const doubles infinity = set_bits(std::uint64_t{0x7ff0000000000000}), zero = set(0.0);
  y = select(less(a, infinity), y, a);
  y = select(less(a, zero), set_bits(std::uint64_t{0x7ff8000000000000}), y);
  return select(equal(a, zero), negate(infinity), y);
}
#else
TENON_INLINE floats log_specials(floats, floats y) { return y; }
TENON_INLINE doubles log_specials(doubles, doubles y) { return y; }
#endif

// n * ln2_high is exact, so exp and log lose nothing without FMA.
inline constexpr float ln2_high = 0.693145751953125f, ln2_low = 1.42860682030941723e-6f;
inline constexpr double wide_ln2_high = 6.93147180369123816490e-01, wide_ln2_low = 1.90821492927058770002e-10;

/// Cephes' expf: exp(a) = 2^n exp(r), |r| <= ln(2) / 2. The limits overflow and underflow; NaN passes both.
TENON_INLINE floats exp(floats a) {
  a = greater(set(-105.0f), lesser(set(90.0f), a));
  const floats n = subtract(multiply_add(a, set(1.44269504f), set(shifter)), set(shifter));
  floats r = multiply_add(n, set(-ln2_high), a);
  r = multiply_add(n, set(-ln2_low), r);
  const floats square = multiply(r, r);
  floats p = multiply_add(set(1.9875691500e-4f), r, set(1.3981999507e-3f));
  floats q = multiply_add(set(4.1665795894e-2f), r, set(1.6666665459e-1f));
  p = multiply_add(p, r, set(8.3334519073e-3f));
  q = multiply_add(q, r, set(5.0000001201e-1f));
  p = multiply_add(p, multiply(square, r), q);
  return scale(add(multiply_add(p, square, r), set(1.0f)), n);
}

/// The same with the Taylor polynomial, whose 14th term is below 2^-57 for |r| <= ln(2) / 2.
TENON_INLINE doubles exp(doubles a) {
  a = greater(set(-746.0), lesser(set(710.0), a));
  const doubles n = subtract(multiply_add(a, set(1.4426950408889634), set(wide_shifter)), set(wide_shifter));
  doubles r = multiply_add(n, set(-wide_ln2_high), a);
  r = multiply_add(n, set(-wide_ln2_low), r);
  doubles p = multiply_add(set(1.0 / 6227020800), r, set(1.0 / 479001600));
  p = multiply_add(p, r, set(1.0 / 39916800));
  p = multiply_add(p, r, set(1.0 / 3628800));
  p = multiply_add(p, r, set(1.0 / 362880));
  p = multiply_add(p, r, set(1.0 / 40320));
  p = multiply_add(p, r, set(1.0 / 5040));
  p = multiply_add(p, r, set(1.0 / 720));
  p = multiply_add(p, r, set(1.0 / 120));
  p = multiply_add(p, r, set(1.0 / 24));
  p = multiply_add(p, r, set(1.0 / 6));
  p = multiply_add(p, r, set(0.5));
  return scale(add(multiply_add(p, multiply(r, r), r), set(1.0)), n);
}

/// Cephes' logf.
TENON_INLINE floats log(floats a) {
  floats m, e;
  split(a, m, e);
  const floats f = subtract(m, set(1.0f));
  floats p = multiply_add(set(7.0376836292e-2f), f, set(-1.1514610310e-1f));
  p = multiply_add(p, f, set(1.1676998740e-1f));
  p = multiply_add(p, f, set(-1.2420140846e-1f));
  p = multiply_add(p, f, set(1.4249322787e-1f));
  p = multiply_add(p, f, set(-1.6668057665e-1f));
  p = multiply_add(p, f, set(2.0000714765e-1f));
  p = multiply_add(p, f, set(-2.4999993993e-1f));
  p = multiply_add(p, f, set(3.3333331174e-1f));
  const floats square = multiply(f, f);
  floats y = multiply(multiply(p, f), square);
  y = multiply_add(e, set(ln2_low), y);
  y = multiply_add(square, set(-0.5f), y);
  y = multiply_add(e, set(ln2_high), add(f, y));
  return log_specials(a, y);
}

/// fdlibm's log: with s = f / (2 + f), log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)).
TENON_INLINE doubles log(doubles a) {
  doubles m, e;
  split(a, m, e);
  const doubles f = subtract(m, set(1.0));
  const doubles s = divide(f, add(f, set(2.0)));
  const doubles z = multiply(s, s);
  doubles p = multiply_add(set(1.479819860511658591e-01), z, set(1.531383769920937332e-01));
  p = multiply_add(p, z, set(1.818357216161805012e-01));
  p = multiply_add(p, z, set(2.222219843214978396e-01));
  p = multiply_add(p, z, set(2.857142874366239149e-01));
  p = multiply_add(p, z, set(3.999999999940941908e-01));
  p = multiply(multiply_add(p, z, set(6.666666666666735130e-01)), z);
  const doubles h = multiply(multiply(f, f), set(0.5));
  const doubles low = multiply_add(s, add(h, p), multiply(e, set(wide_ln2_low)));
  const doubles y = subtract(multiply(e, set(wide_ln2_high)), subtract(subtract(h, low), f));
  return log_specials(a, y);
}

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

TENON_INLINE doubles tanh(doubles a) {
  double v[width / 2];
  store(v, a);
  for (int i = 0; i < width / 2; ++i) v[i] = math::tanh(v[i]);
  return load(v);
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
