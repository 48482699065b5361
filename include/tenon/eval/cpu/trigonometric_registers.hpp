// Trigonometric functions and their inverses on registers.
#pragma once

#include "tenon/core/functions.hpp"
#include "tenon/eval/cpu/approximations.hpp"

#if defined(TENON_CPU_PACKETS)

namespace tenon::host::TENON_ISA {

// ---- sin, cos, tan ----

// pi / 2 in parts (Cody and Waite) of 33 bits: their products with an integer below 2^20 are exact. Beyond,
// the mathematical library is asked.
inline constexpr double half_pi_1 = 0x1.921fb544p+0, half_pi_2 = 0x1.0b4611a6p-34,
                        half_pi_3 = 0x1.3198a2ep-69, half_pi_4 = 0x1.b839a252049c1p-104,
                        half_pi_23 = 0x1.0b4611a626331p-34;
inline constexpr double reducible = 1.6e6;
// 1.5 * 2^52: the sum with it has the integer nearest to the other in its low bits.
inline constexpr double to_low_bits = 6755399441055744.0;

/// An angle as quarter turns, in the low bits of `turns`, and the rest r + low in [-pi/4, pi/4].
struct angle {
  doubles turns, r, low;
};
/// r + low to 2^-100.
TENON_INLINE angle reduce_angle(doubles a) {
  const doubles turns = multiply_add(a, set(0.6366197723675814), set(to_low_bits));
  const doubles n = subtract(turns, set(to_low_bits));
  doubles lost_2, lost_3;
  const doubles t = multiply_add(n, set(-half_pi_1), a);  // exact
  const doubles u = two_sum(t, product(n, set(-half_pi_2)), lost_2);
  const doubles v = two_sum(u, product(n, set(-half_pi_3)), lost_3);
  doubles low;
  const doubles r = quick_sum(v, add(lost_2, multiply_add(n, set(-half_pi_4), lost_3)), low);
  return {turns, r, low};
}
/// r to 2^-66, enough for an `a` that is a float.
TENON_INLINE angle reduce_angle_brief(doubles a) {
  const doubles turns = multiply_add(a, set(0.6366197723675814), set(to_low_bits));
  const doubles n = subtract(turns, set(to_low_bits));
  return {turns, multiply_add(n, set(-half_pi_23), multiply_add(n, set(-half_pi_1), a)), set(0.0)};
}

// sin(r) = r + r^3 P(r^2), cos(r) = 1 - r^2 / 2 + r^4 Q(r^2) for |r| <= pi / 4, within 2^-58 and 2^-64;
// brief, within 2^-37 and 2^-33.
inline constexpr double sin_terms[] = {-0.16666666666666632,    0.008333333333322425,
                                       -0.0001984126982981693,  2.755731369522083e-06,
                                       -2.5050758652464406e-08, 1.5896827882970263e-10};
inline constexpr double cos_terms[] = {0.0416666666666666,     -0.0013888888888874138,
                                       2.4801587289491857e-05, -2.7557314355250116e-07,
                                       2.087572368546376e-09,  -1.1359669915084858e-11};
inline constexpr double sin_terms_brief[] = {-0.16666666641626812, 0.008333329385921752,
                                             -0.0001983933484686451, 2.7183116006698824e-06};
inline constexpr double cos_terms_brief[] = {0.04166664686630883, -0.0013887367509137821,
                                             2.4438450840910918e-05};

struct sine_and_cosine {
  doubles sine, cosine;
};
/// Of r + low, |r| <= pi / 4.
TENON_INLINE sine_and_cosine both(const angle& x) {
  const doubles z = multiply(x.r, x.r), h = multiply(z, set(0.5)), one = set(1.0), w = subtract(one, h);
  const doubles cubic = multiply(multiply(z, x.r), polynomial<double>(z, sin_terms));
  const doubles sine = add(x.r, multiply_add(x.low, w, cubic));
  const doubles quartic = multiply(multiply(z, z), polynomial<double>(z, cos_terms));
  const doubles lost = subtract(subtract(one, w), h);
  return {sine, add(w, add(lost, subtract(quartic, multiply(x.r, x.low))))};
}
TENON_INLINE sine_and_cosine both_brief(const angle& x) {
  const doubles z = multiply(x.r, x.r), h = multiply(z, set(0.5));
  const doubles cubic = multiply(multiply(z, x.r), polynomial<double>(z, sin_terms_brief));
  const doubles quartic = multiply(multiply(z, z), polynomial<double>(z, cos_terms_brief));
  return {add(x.r, cubic), add(subtract(set(1.0), h), quartic)};
}

/// Where the number of quarter turns is odd.
TENON_INLINE wide_mask odd(doubles turns) { return less(bit_xor(set(1.0), shift_left<63>(turns)), set(0.0)); }
/// The sine after some quarter turns.
TENON_INLINE doubles turned(const sine_and_cosine& y, doubles turns) {
  return bit_xor(select(odd(turns), y.cosine, y.sine), sign_bit(shift_left<62>(turns)));
}
TENON_INLINE doubles tangent(const sine_and_cosine& y, doubles turns) {
  const wide_mask swap = odd(turns);
  return divide(select(swap, negate(y.cosine), y.sine), select(swap, y.sine, y.cosine));
}
TENON_INLINE doubles sin_brief(doubles a) {
  const angle x = reduce_angle_brief(a);
  return select(equal(a, set(0.0)), a, turned(both_brief(x), x.turns));  // which keeps its sign
}
TENON_INLINE doubles cos_brief(doubles a) {
  const angle x = reduce_angle_brief(a);
  return turned(both_brief(x), add(x.turns, set(1.0)));
}
TENON_INLINE doubles tan_brief(doubles a) {
  const angle x = reduce_angle_brief(a);
  return select(equal(a, set(0.0)), a, tangent(both_brief(x), x.turns));
}

TENON_INLINE mask beyond_reduction(floats a) { return less(set(static_cast<float>(reducible)), abs(a)); }
TENON_INLINE wide_mask beyond_reduction(doubles a) { return less(set(reducible), abs(a)); }
#define TENON_TRIGONOMETRIC(name)                                                                     \
  TENON_INLINE floats name(floats a) {                                                                \
    const floats y = join(name##_brief(lower_half(a)), name##_brief(upper_half(a)));                  \
    return except(beyond_reduction(a), y, a, [](float x) { return math::name(x); });                  \
  }                                                                                                   \
  TENON_INLINE doubles name(doubles a) {                                                              \
    return except(beyond_reduction(a), name##_reduced(a), a, [](double x) { return math::name(x); }); \
  }
// Below 2^-28 sine and tangent are a, which keeps a zero's sign.
TENON_INLINE doubles sin_reduced(doubles a) {
  const angle x = reduce_angle(a);
  return select(less(abs(a), set(0x1p-28)), a, turned(both(x), x.turns));
}
TENON_INLINE doubles cos_reduced(doubles a) {
  const angle x = reduce_angle(a);
  return turned(both(x), add(x.turns, set(1.0)));
}
TENON_INLINE doubles tan_reduced(doubles a) {
  const angle x = reduce_angle(a);
  return select(less(abs(a), set(0x1p-28)), a, tangent(both(x), x.turns));
}
TENON_TRIGONOMETRIC(tan)
#undef TENON_TRIGONOMETRIC
TENON_INLINE doubles sin(doubles a) {
  return except(beyond_reduction(a), sin_reduced(a), a, [](double x) { return math::sin(x); });
}
TENON_INLINE doubles cos(doubles a) {
  return except(beyond_reduction(a), cos_reduced(a), a, [](double x) { return math::cos(x); });
}

// In floats, where there is FMA. pi / 2 in three floats: n times each is exact in a product that is not
// rounded, and so is the first difference. With n below 2^18 the fourth part does not count.
inline constexpr float half_pi_float_1 = 1.5707964f, half_pi_float_2 = -4.371139e-08f,
                       half_pi_float_3 = -1.7151246e-15f, reducible_float = 262144.0f;
// sin(r) = r + r^3 P(r^2), cos(r) = 1 + r^2 (r^2 Q(r^2) - 1/2) for |r| <= 0.81, within 2^-27 and 2^-32.
inline constexpr float sin_terms_float[] = {-0.16666652262210846f, 0.00833201128989458f,
                                            -0.0001949505094671622f};
inline constexpr float cos_terms_float[] = {0.04166664183139801f, -0.001388712553307414f,
                                            2.4411221602349542e-05f};

/// The sine of a >= 0 and some quarter turns more.
TENON_INLINE floats sine_of(floats a, float more) {
  constexpr float low_bits = 12582912.0f;  // 1.5 * 2^23
  const floats turns = multiply_add(a, set(0.63661975f), set(low_bits)), n = subtract(turns, set(low_bits));
  floats r = multiply_add(n, set(-half_pi_float_1), a);
  r = multiply_add(n, set(-half_pi_float_3), multiply_add(n, set(-half_pi_float_2), r));
  const floats z = multiply(r, r);
  const floats sine = multiply_add(multiply(r, z), polynomial<float>(z, sin_terms_float), r);
  const floats cosine =
      multiply_add(z, multiply_add(z, polynomial<float>(z, cos_terms_float), set(-0.5f)), set(1.0f));
  const floats quarter = add(turns, set(more));
  const mask odd = less(bit_xor(set(1.0f), shift_left<31>(quarter)), set(0.0f));
  return bit_xor(select(odd, cosine, sine), sign_bit(shift_left<30>(quarter)));
}
/// Beyond 2^18 the mathematical library is asked.
TENON_INLINE floats sin(floats a) {
  if constexpr (has_fma) {
    const floats size = abs(a);
    return except(less(set(reducible_float), size), bit_xor(sine_of(size, 0.0f), sign_bit(a)), a,
                  [](float x) { return math::sin(x); });
  } else {
    const floats y = join(sin_brief(lower_half(a)), sin_brief(upper_half(a)));
    return except(beyond_reduction(a), y, a, [](float x) { return math::sin(x); });
  }
}
TENON_INLINE floats cos(floats a) {
  if constexpr (has_fma) {
    const floats size = abs(a);
    return except(less(set(reducible_float), size), sine_of(size, 1.0f), a,
                  [](float x) { return math::cos(x); });
  } else {
    const floats y = join(cos_brief(lower_half(a)), cos_brief(upper_half(a)));
    return except(beyond_reduction(a), y, a, [](float x) { return math::cos(x); });
  }
}

// ---- atan, atan2 ----

// A number that is a constant, as the sum of two.
template <class T>
struct constant_sum {
  T high, low;
};
template <class T>
inline constexpr constant_sum<T> half_pi = {};
template <>
inline constexpr constant_sum<float> half_pi<float> = {1.5707964f, -4.371139e-08f};
template <>
inline constexpr constant_sum<double> half_pi<double> = {1.5707963267948966, 6.123233995736766e-17};

// atan(t) = t + t^3 P(t^2) for |t| <= tan(pi / 8), within 2^-30 and 2^-59; brief, 2^-35.
inline constexpr float atan_terms[] = {-3.3333316e-01f, 1.999849e-01f, -1.4243849e-01f, 1.05960034e-01f,
                                       -6.083457e-02f};
inline constexpr double atan_terms_wide[] = {
    -0.333333333333332,    0.19999999999954082,  -0.14285714280248576, 0.1111111078614056,
    -0.09090897836516056,  0.07692061638178116,  -0.06663120394945492, 0.05848008991557808,
    -0.050398458355044126, 0.038078328953731366, -0.017922287906104};
inline constexpr double atan_terms_brief[] = {-0.3333333251461494, 0.199999051874314,    -0.14282042091548153,
                                              0.11045093745881839, -0.08478407276680656, 0.04748278327486573};
TENON_INLINE floats atan_rest(floats z) { return multiply(z, polynomial<float>(z, atan_terms)); }
TENON_INLINE doubles atan_rest(doubles z) { return multiply(z, polynomial<double>(z, atan_terms_wide)); }
TENON_INLINE doubles atan_rest_brief(doubles z) {
  return multiply(z, polynomial<double>(z, atan_terms_brief));
}

/// y / x of y, x >= 0 as tan(base + atan(t)) with base 0, pi/4 or pi/2 and |t| <= tan(pi / 8).
template <class T>
TENON_INLINE void reduce_tangent(reg<T> y, reg<T> x, reg<T>& t, reg<T>& high, reg<T>& low) {
  const auto middle = less(multiply(x, set(T(0.41421356237309503))), y);
  const auto large = less(multiply(x, set(T(2.4142135623730950))), y);
  const reg<T> over = select(large, negate(x), select(middle, subtract(y, x), y));
  const reg<T> under = select(large, y, select(middle, add(y, x), x));
  t = divide(over, under);
  constexpr constant_sum<T> quarter = half_pi<T>;
  const reg<T> zero = set(T(0));
  high = select(large, set(quarter.high), select(middle, set(quarter.high / 2), zero));
  low = select(large, set(quarter.low), select(middle, set(quarter.low / 2), zero));
}
template <class T>
TENON_INLINE reg<T> atan_of(reg<T> a) {
  reg<T> t, high, low;
  reduce_tangent<T>(abs(a), set(T(1)), t, high, low);
  const reg<T> y = add(high, add(t, multiply_add(t, atan_rest(multiply(t, t)), low)));
  return copysign(y, a);
}
TENON_OF_BOTH(atan)

/// atan2(a, b) of y = atan2(|a|, |b|).
TENON_INLINE doubles atan2_halves(doubles y, doubles a, doubles b) {
  y = select(less(bit_xor(set(1.0), sign_bit(b)), set(0.0)),
             subtract(set(3.141592653589793), subtract(y, set(1.2246467991473532e-16))), y);
  return bit_xor(y, sign_bit(a));
}
/// |a| and |b|, not both 0 nor both infinite.
TENON_INLINE void proper_point(doubles& a, doubles& b) {
  const doubles zero = set(0.0), infinity = set_bits(std::uint64_t{0x7ff0000000000000});
  a = abs(a);
  b = abs(b);
  const wide_mask infinite = mask_and(equal(a, infinity), equal(b, infinity));
  a = select(infinite, set(1.0), a);
  b = select(mask_or(infinite, mask_and(equal(a, zero), equal(b, zero))), set(1.0), b);
}
TENON_INLINE doubles atan2_brief(doubles a, doubles b) {
  doubles u = a, v = b, t, high, low;
  proper_point(u, v);
  reduce_tangent<double>(u, v, t, high, low);
  return atan2_halves(add(high, multiply_add(t, atan_rest_brief(multiply(t, t)), t)), a, b);
}
TENON_IN_DOUBLE_BINARY(atan2)
/// The point is moved by a power of two where the greater coordinate would overflow or is denormal.
TENON_INLINE doubles atan2(doubles a, doubles b) {
  doubles u = a, v = b, t, high, low;
  proper_point(u, v);
  const doubles most = greater(u, v);
  const doubles factor = select(less(set(0x1p1000), most), set(0x1p-100),
                                select(less(most, set(0x1p-900)), set(0x1p100), set(1.0)));
  reduce_tangent<double>(multiply(u, factor), multiply(v, factor), t, high, low);
  return atan2_halves(add(high, add(t, multiply_add(t, atan_rest(multiply(t, t)), low))), a, b);
}

// ---- asin, acos ----

// asin(t) = t + t^3 P(t^2) for |t| <= 1/2, within 2^-27 and 2^-59.
inline constexpr float asin_terms[] = {1.6666754e-01f, 7.4952416e-02f, 4.5477096e-02f, 2.4147615e-02f,
                                       4.221854e-02f};
inline constexpr double asin_terms_wide[] = {
    0.16666666666666763, 0.07499999999970261,   0.044642857175121196, 0.030381942683618456,
    0.02237221565988742, 0.017351600103855325,  0.01398096127165607,  0.011397777640056797,
    0.01078651921843665, 0.0036830801138400017, 0.021763405927066506, -0.02107716150155549,
    0.03267680949176771};
TENON_INLINE floats asin_rest(floats z) { return multiply(z, polynomial<float>(z, asin_terms)); }
TENON_INLINE doubles asin_rest(doubles z) { return multiply(z, polynomial<double>(z, asin_terms_wide)); }

/// asin(t) = t + rest, for t = |a| up to 1/2, beyond for t = sqrt((1 - |a|) / 2).
template <class T>
TENON_INLINE auto reduce_sine(reg<T> a, reg<T>& t, reg<T>& rest) {
  const reg<T> size = abs(a);
  const auto large = less(set(T(0.5)), size);
  const reg<T> z = select(large, multiply(subtract(set(T(1)), size), set(T(0.5))), multiply(size, size));
  t = select(large, sqrt(z), size);
  rest = multiply(t, asin_rest(z));
  return large;
}
/// pi / 2 - 2 asin(t) where |a| > 1/2.
template <class T>
TENON_INLINE reg<T> asin_of(reg<T> a) {
  constexpr constant_sum<T> quarter = half_pi<T>;
  reg<T> t, rest;
  const auto large = reduce_sine<T>(a, t, rest);
  const reg<T> left =
      subtract(subtract(set(quarter.high), add(t, t)), subtract(add(rest, rest), set(quarter.low)));
  return copysign(select(large, left, add(t, rest)), a);
}
TENON_OF_BOTH(asin)
/// 2 asin(t) or pi - 2 asin(t) where |a| > 1/2, else pi / 2 - asin(a).
template <class T>
TENON_INLINE reg<T> acos_of(reg<T> a) {
  constexpr constant_sum<T> quarter = half_pi<T>;
  reg<T> t, rest;
  const auto large = reduce_sine<T>(a, t, rest);
  const reg<T> y = add(t, rest), signs = sign_bit(a);
  const reg<T> small = subtract(
      set(quarter.high), subtract(bit_xor(t, signs), subtract(set(quarter.low), bit_xor(rest, signs))));
  const reg<T> left = subtract(set(quarter.high), subtract(y, set(quarter.low)));
  return select(large, select(less(a, set(T(0))), add(left, left), add(y, y)), small);
}
TENON_OF_BOTH(acos)

}  // namespace tenon::host::TENON_ISA

#endif
