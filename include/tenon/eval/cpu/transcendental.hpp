// exp and log on registers, and what is one step from them: expm1, log1p, other bases. They are written out
// here and not taken from Eigen.
//
// Eigen's are functions that several units emit under one name (see this_unit), its log is wrong on denormals
// and its sqrt is approximate.
#pragma once

#include "tenon/eval/cpu/approximations.hpp"

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

/// log of what is not positive and finite.
TENON_INLINE floats log_limits(floats a, floats y) {
  const floats infinity = set_bits(std::uint32_t{0x7f800000}), zero = set(0.0f);
  y = select(less(a, infinity), y, a);  // +inf and NaN stand
  y = select(less(a, zero), set_bits(std::uint32_t{0x7fc00000}), y);
  return select(equal(a, zero), negate(infinity), y);
}
TENON_INLINE doubles log_limits(doubles a, doubles y) {
  const doubles infinity = set_bits(std::uint64_t{0x7ff0000000000000}), zero = set(0.0);
  y = select(less(a, infinity), y, a);
  y = select(less(a, zero), set_bits(std::uint64_t{0x7ff8000000000000}), y);
  return select(equal(a, zero), negate(infinity), y);
}
#if defined(__AVX512F__)  // split gives m and e that lead to it
TENON_INLINE floats log_specials(floats, floats y) { return y; }
TENON_INLINE doubles log_specials(doubles, doubles y) { return y; }
#else
TENON_INLINE floats log_specials(floats a, floats y) { return log_limits(a, y); }
TENON_INLINE doubles log_specials(doubles a, doubles y) { return log_limits(a, y); }
#endif

// n * ln2_high is exact, so exp and log lose nothing without FMA.
inline constexpr float ln2_high = 0.693145751953125f, ln2_low = 1.42860682030941723e-6f;
inline constexpr double wide_ln2_high = 6.93147180369123816490e-01, wide_ln2_low = 1.90821492927058770002e-10;

template <class T>
struct base_e;
template <>
struct base_e<float> {
  static constexpr float high = ln2_high, low = ln2_low, inverse = 1.44269504f, shift = shifter;
};
template <>
struct base_e<double> {
  static constexpr double high = wide_ln2_high, low = wide_ln2_low, inverse = 1.4426950408889634;
  static constexpr double shift = wide_shifter;
};
/// a = n ln(2) + r with |r| <= ln(2) / 2.
template <class T>
TENON_INLINE void reduce(reg<T> a, reg<T>& n, reg<T>& r) {
  using base = base_e<T>;
  n = subtract(multiply_add(a, set(base::inverse), set(base::shift)), set(base::shift));
  r = multiply_add(n, set(-base::low), multiply_add(n, set(-base::high), a));
}

// expm1(r) = r + r^2 P(r) for |r| <= ln(2) / 2, within 2^-31 and 2^-58.
inline constexpr float expm1_terms[] = {0.5f,         1.6666667e-01f, 4.166633e-02f,
                                        8.33322e-03f, 1.3943198e-03f, 1.9962103e-04f};
inline constexpr double expm1_terms_wide[] = {
    0.5000000000000001,    0.1666666666666667,     0.0416666666666523,     0.008333333333326158,
    0.0013888888895593194, 0.00019841269874745746, 2.4801574543104517e-05, 2.7557255486458834e-06,
    2.756792509206192e-07, 2.5105183919137455e-08, 1.7687726790398838e-09};
TENON_INLINE floats expm1_reduced(floats r) {
  return multiply_add(multiply(r, r), polynomial<float>(r, expm1_terms), r);
}
TENON_INLINE doubles expm1_reduced(doubles r) {
  return multiply_add(multiply(r, r), polynomial<double>(r, expm1_terms_wide), r);
}
TENON_INLINE floats exp_reduced(floats r) { return add(expm1_reduced(r), set(1.0f)); }
TENON_INLINE doubles exp_reduced(doubles r) { return add(expm1_reduced(r), set(1.0)); }

// What exp is clamped to: there it overflows and underflows, and so does its half. NaN passes both.
TENON_INLINE floats exp_range(floats a) { return greater(set(-105.0f), lesser(set(90.0f), a)); }
TENON_INLINE doubles exp_range(doubles a) { return greater(set(-746.0), lesser(set(712.0), a)); }

template <class T>
TENON_INLINE reg<T> exp_of(reg<T> a) {
  reg<T> n, r;
  reduce<T>(exp_range(a), n, r);
  return scale(exp_reduced(r), n);
}
TENON_OF_BOTH(exp)
/// exp(a) / 2, which is finite a little farther.
template <class T>
TENON_INLINE reg<T> half_exp_of(reg<T> a) {
  reg<T> n, r;
  reduce<T>(exp_range(a), n, r);
  return scale(exp_reduced(r), subtract(n, set(T(1))));
}

/// 2^n, for n that are the exponents of normal numbers.
TENON_INLINE floats power_of_two(floats n) {
#if defined(__AVX512F__)
  return scale(set(1.0f), n);
#else
  return shift_left<23>(add(n, set(shifter + 127.0f)));
#endif
}
TENON_INLINE doubles power_of_two(doubles n) {
#if defined(__AVX512F__)
  return scale(set(1.0), n);
#else
  return shift_left<52>(add(n, set(wide_shifter + 1023.0)));
#endif
}

/// 2 (2^(n-1) expm1(r) + (2^(n-1) - 1/2)): the halves are finite as long as the sum is.
template <class T>
TENON_INLINE reg<T> expm1_of(reg<T> a) {
  constexpr bool wide = sizeof(T) == 8;
  reg<T> n, r;
  reduce<T>(greater(set(T(wide ? -40 : -20)), lesser(set(T(wide ? 710 : 89)), a)), n, r);
  const reg<T> power = power_of_two(subtract(n, set(T(1))));
  const reg<T> y = multiply_add(power, expm1_reduced(r), subtract(power, set(T(0.5))));
  return select(less(abs(a), set(T(wide ? 0x1p-55 : 0x1p-26))), a, add(y, y));
}
TENON_OF_BOTH(expm1)

// 2^r = 1 + r P(r) for |r| <= 1/2, within 2^-28 and 2^-63.
inline constexpr float exp2_terms[] = {6.9314724e-01f, 2.4022652e-01f, 5.5503104e-02f,
                                       9.617693e-03f,  1.3406643e-03f, 1.5594656e-04f};
inline constexpr double exp2_terms_wide[] = {
    0.6931471805599453,     0.24022650695910072,   0.055504108664821736,  0.009618129107628562,
    0.001333355814638174,   0.0001540353039317185, 1.525273386484352e-05, 1.321548700339197e-06,
    1.0178047531812753e-07, 7.054814843371806e-09, 4.457239220737191e-10, 2.5855228526028754e-11};
TENON_INLINE floats exp2_reduced(floats r) {
  return multiply_add(r, polynomial<float>(r, exp2_terms), set(1.0f));
}
TENON_INLINE doubles exp2_reduced(doubles r) {
  return multiply_add(r, polynomial<double>(r, exp2_terms_wide), set(1.0));
}
template <class T>
TENON_INLINE reg<T> exp2_of(reg<T> a) {
  constexpr bool wide = sizeof(T) == 8;
  a = greater(set(T(wide ? -1080 : -155)), lesser(set(T(wide ? 1030 : 130)), a));
  const reg<T> n = round(a);
  return scale(exp2_reduced(subtract(a, n)), n);
}
TENON_OF_BOTH(exp2)

// The part of log(1 + f) = f - (h - rest) that is not f nor h = f^2/2, for 1 + f in [sqrt(1/2), sqrt(2)].
/// f^3 P(f), Cephes' logf.
TENON_INLINE floats log_rest(floats f, floats) {
  floats p = multiply_add(set(7.0376836292e-2f), f, set(-1.1514610310e-1f));
  p = multiply_add(p, f, set(1.1676998740e-1f));
  p = multiply_add(p, f, set(-1.2420140846e-1f));
  p = multiply_add(p, f, set(1.4249322787e-1f));
  p = multiply_add(p, f, set(-1.6668057665e-1f));
  p = multiply_add(p, f, set(2.0000714765e-1f));
  p = multiply_add(p, f, set(-2.4999993993e-1f));
  p = multiply_add(p, f, set(3.3333331174e-1f));
  return multiply(multiply(p, f), multiply(f, f));
}
/// s (h + R(s^2)) with s = f / (2 + f), fdlibm's log.
TENON_INLINE doubles log_rest(doubles f, doubles h) {
  const doubles s = divide(f, add(f, set(2.0)));
  const doubles z = multiply(s, s);
  doubles p = multiply_add(set(1.479819860511658591e-01), z, set(1.531383769920937332e-01));
  p = multiply_add(p, z, set(1.818357216161805012e-01));
  p = multiply_add(p, z, set(2.222219843214978396e-01));
  p = multiply_add(p, z, set(2.857142874366239149e-01));
  p = multiply_add(p, z, set(3.999999999940941908e-01));
  p = multiply(multiply_add(p, z, set(6.666666666666735130e-01)), z);
  return multiply(s, add(h, p));
}

/// log(a), but for the limits: log(2^e (1 + f)) + `more`, which is small beside it.
template <class T>
TENON_INLINE reg<T> log_sum(reg<T> f, reg<T> e, reg<T> more) {
  using base = base_e<T>;
  const reg<T> h = multiply(multiply(f, f), set(T(0.5)));
  const reg<T> low = add(log_rest(f, h), multiply_add(e, set(base::low), more));
  return multiply_add(e, set(base::high), subtract(f, subtract(h, low)));
}
template <class T>
TENON_INLINE reg<T> log_of(reg<T> a) {
  reg<T> m, e;
  split(a, m, e);
  return log_specials(a, log_sum<T>(subtract(m, set(T(1))), e, set(T(0))));
}
TENON_OF_BOTH(log)

/// log(u + lost) = log(u) + lost / u, as `lost` is what u lost by rounding. And log(2^doublings).
template <class T>
TENON_INLINE reg<T> log_of_sum(reg<T> u, reg<T> lost, reg<T> doublings) {
  reg<T> m, e;
  split(u, m, e);
  return log_limits(u, log_sum<T>(subtract(m, set(T(1))), add(e, doublings), divide(lost, u)));
}
template <class T>
TENON_INLINE reg<T> log1p_of(reg<T> a) {
  reg<T> lost;
  const reg<T> u = two_sum(a, set(T(1)), lost);
  const reg<T> y = log_of_sum<T>(u, lost, set(T(0)));
  return select(less(abs(a), set(T(sizeof(T) == 8 ? 0x1p-54 : 0x1p-25))), a, y);
}
TENON_OF_BOTH(log1p)

// Other bases: f - (h - rest) as head + tail, head having half of the digits; 1 / ln(base) likewise, and
// log(2) to the base, so that their products are exact.
template <class T>
struct other_base {
  T inverse_head, inverse_tail, two_head, two_tail;
};
TENON_INLINE floats head(floats a) { return bit_and(a, set_bits(std::uint32_t{0xfffff000})); }
TENON_INLINE doubles head(doubles a) { return bit_and(a, set_bits(std::uint64_t{0xffffffff00000000})); }
template <class T>
TENON_INLINE reg<T> log_to_base(reg<T> a, const other_base<T>& base) {
  reg<T> m, e, tail;
  split(a, m, e);
  const reg<T> f = subtract(m, set(T(1))), h = multiply(multiply(f, f), set(T(0.5)));
  const reg<T> first = head(subtract(f, h));
  const reg<T> second = add(subtract(subtract(f, first), h), log_rest(f, h));
  reg<T> low =
      multiply_add(second, set(base.inverse_head), multiply(add(first, second), set(base.inverse_tail)));
  low = multiply_add(e, set(base.two_tail), low);
  const reg<T> high =
      quick_sum(multiply(e, set(base.two_head)), multiply(first, set(base.inverse_head)), tail);
  return log_limits(a, add(high, add(tail, low)));
}
template <class T>
TENON_INLINE reg<T> log2_of(reg<T> a) {
  if constexpr (sizeof(T) == 8)
    return log_to_base<T>(a, {1.4426950407214463, 1.6751713164886512e-10, 1, 0});
  else
    return log_to_base<T>(a, {1.4428711f, -0.00017605285f, 1, 0});
}
TENON_OF_BOTH(log2)
template <class T>
TENON_INLINE reg<T> log10_of(reg<T> a) {
  if constexpr (sizeof(T) == 8)
    return log_to_base<T>(
        a, {0.4342944818781689, 2.5082946711645275e-11, 0.30102999566395283, 2.8363394551044964e-14});
  else
    return log_to_base<T>(a, {0.43432617f, -3.168997e-05f, 0.30103302f, -3.0243555e-06f});
}
TENON_OF_BOTH(log10)

/// log(exp(a) + exp(b)); infinities of one sign are their own sum.
template <class T>
TENON_INLINE reg<T> logaddexp_of(reg<T> a, reg<T> b) {
  const reg<T> d = subtract(a, b);
  const reg<T> y = add(select(less(b, a), a, b), log1p_of<T>(exp_of<T>(negate(abs(d)))));
  return select(equal(a, b), add(a, set(T(0.693147180559945309417232121458176568L))), y);
}
TENON_OF_BOTH_BINARY(logaddexp)
/// a log(b); 0 where a is 0 and b is not NaN.
template <class T>
TENON_INLINE reg<T> xlogy_of(reg<T> a, reg<T> b) {
  const reg<T> zero = set(T(0));
  return select(mask_and(equal(a, zero), equal(b, b)), zero, multiply(a, log_of<T>(b)));
}
TENON_OF_BOTH_BINARY(xlogy)

}  // namespace tenon::host::TENON_ISA

#endif
