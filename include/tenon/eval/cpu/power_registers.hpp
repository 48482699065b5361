// Powers and roots on registers: pow, cbrt, hypot.
#pragma once

#include "tenon/core/functions.hpp"
#include "tenon/eval/cpu/transcendental.hpp"

#if defined(TENON_CPU_PACKETS)

namespace tenon::host::TENON_ISA {

// ---- pow ----

#if defined(__AVX__)

/// pow(a, b) of y = pow(|a|, b), which may be anything where |a| is 1 or b is 0.
TENON_INLINE doubles pow_limits(doubles a, doubles b, doubles y) {
  const doubles zero = set(0.0), one = set(1.0), size = abs(a), half = multiply(b, set(0.5));
  y = select(mask_and(equal(size, one), equal(b, b)), one, y);
  const wide_mask whole = equal(trunc(b), b);
  const wide_mask odd = mask_and(whole, mask_not(equal(trunc(half), half)));
  y = select(odd, bit_xor(y, sign_bit(a)), y);
  // A finite number below 0 has whole powers only.
  const wide_mask none =
      mask_and(mask_and(less(a, zero), less(size, set(static_cast<double>(INFINITY)))), mask_not(whole));
  y = select(none, set(static_cast<double>(NAN)), y);
  return select(mask_or(equal(b, zero), equal(a, one)), one, y);
}

// log2(m) = s P(s^2) with s = (m - 1) / (m + 1), for m in [sqrt(1/2), sqrt(2)], within 2^-43.
inline constexpr double log2_terms_brief[] = {2.8853900817778495, 0.9617966941140479, 0.5770779421715789,
                                              0.4122092709409549, 0.3199049686269017, 0.2829101647293171};
// 2^r = 1 + r P(r) for |r| <= 1/2, within 2^-32.
inline constexpr double exp2_terms_brief[] = {
    0.6931471838167931,    0.24022650920785457,   0.05550400375551559,   0.009618056919124098,
    0.0013341950847470768, 0.0001546136768159124, 1.3359859610149137e-05};
/// Of floats.
TENON_INLINE doubles pow_brief(doubles a, doubles b) {
  const doubles size = abs(a), one = set(1.0);
  doubles m, e;
  split(size, m, e);
  const doubles s = divide(subtract(m, one), add(m, one));
  const doubles l =
      log_limits(size, multiply_add(s, polynomial<double>(multiply(s, s), log2_terms_brief), e));
  const doubles x = greater(set(-200.0), lesser(set(200.0), multiply(l, b)));
  const doubles n = round(x), r = subtract(x, n);
  const doubles y = multiply(multiply_add(r, polynomial<double>(r, exp2_terms_brief), one), power_of_two(n));
  return pow_limits(a, b, y);
}
TENON_IN_DOUBLE_BINARY(pow)

// atanh(s) = s (1 + z / 3 + z^2 P(z)) with z = s^2, for |s| <= (sqrt(2) - 1)^2, within 2^-66.
inline constexpr double atanh_terms[] = {0.2000000000000113,  0.14285714285048257, 0.11111111260244287,
                                         0.09090892158022791, 0.07693379876646643, 0.06628379907653949,
                                         0.06598439953820438};
/// A number as an unevaluated sum, |low| at most half a unit in the last place of high.
struct double_sum {
  doubles high, low;
};
/// log2(a) to 2^-65, for a > 0 finite.
TENON_INLINE double_sum log2_exactly(doubles a) {
  const doubles one = set(1.0);
  doubles m, e, d_low, error;
  split(a, m, e);
  const doubles f = subtract(m, one), d = quick_sum(greater(m, one), lesser(m, one), d_low);
  // s = f / (m + 1), the remainder divided again
  const doubles inverse = divide(one, d), s = product(f, inverse);
  const doubles back = two_product(s, d, error);
  const doubles remainder = subtract(subtract(subtract(f, back), error), multiply(s, d_low));
  const doubles s_low = multiply(remainder, inverse);
  doubles z_low, third_low, c_low, u_low, v_low, w_low, sum_low;
  const doubles z = two_product(s, s, z_low);
  z_low = multiply_add(add(s, s), s_low, z_low);
  // c = z / 3 + z^2 P(z), u = 1 + c
  const doubles third = two_product(z, set(0.3333333333333333), third_low);
  third_low =
      add(third_low, multiply_add(z_low, set(0.3333333333333333), multiply(z, set(1.850371707708594e-17))));
  const doubles rest = product(multiply(z, z), polynomial<double>(z, atanh_terms));
  const doubles c = quick_sum(third, rest, c_low);
  const doubles u = quick_sum(one, c, u_low);
  u_low = add(u_low, add(c_low, third_low));
  // v = s u, w = v 2 / ln(2)
  const doubles v = two_product(s, u, v_low);
  v_low = add(v_low, multiply_add(s, u_low, multiply(s_low, u)));
  const doubles w = two_product(v, set(2.8853900817779268), w_low);
  w_low = add(w_low, multiply_add(v_low, set(2.8853900817779268), multiply(v, set(4.0710547481862066e-17))));
  const doubles sum = quick_sum(e, w, sum_low);
  return {sum, add(sum_low, w_low)};
}
/// 2^(b log2|a|), the exponent as a sum, whose error of 2^-56 at worst is a fifth of a unit in the last
/// place.
TENON_INLINE doubles pow(doubles a, doubles b) {
  const doubles size = abs(a), limit = set(1100.0);
  const double_sum l = log2_exactly(size);
  doubles x_low;
  doubles x = two_product(log_limits(size, l.high), b, x_low);
  // What overflows has no error to speak of; of NaN none is.
  x_low = select(less(abs(x), limit), multiply_add(l.low, b, x_low), set(0.0));
  x = greater(negate(limit), lesser(limit, x));
  const doubles n = round(x);
  const doubles y = scale(exp2_reduced(add(subtract(x, n), x_low)), n);
  return pow_limits(a, b, y);
}

#else

// Two doubles at a time without FMA take twice as long as the mathematical library, which looks for FMA
// itself.
TENON_INLINE floats pow(floats a, floats b) {
  float u[width], v[width];
  store(u, a);
  store(v, b);
  for (int i = 0; i < width; ++i) u[i] = math::pow(u[i], v[i]);
  return load(u);
}
TENON_INLINE doubles pow(doubles a, doubles b) {
  double u[width / 2], v[width / 2];
  store(u, a);
  store(v, b);
  for (int i = 0; i < width / 2; ++i) u[i] = math::pow(u[i], v[i]);
  return load(u);
}

#endif

// ---- roots ----

// A guess of cbrt(m) for m in [sqrt(1/2), sqrt(2)], within 2^-13 and 2^-19.
inline constexpr float cbrt_terms[] = {4.9251366e-01f, 7.3970467e-01f, -2.9036522e-01f, 5.8216155e-02f};
inline constexpr double cbrt_terms_wide[] = {0.42169315601943064, 1.055997282621242,    -0.8360328472158891,
                                             0.5109281230337277,  -0.17953784911657542, 0.0269511476438842};
TENON_INLINE floats cbrt_guess(floats m) { return polynomial<float>(m, cbrt_terms); }
TENON_INLINE doubles cbrt_guess(doubles m) { return polynomial<double>(m, cbrt_terms_wide); }
/// |a| = 2^(3 k) b with b = 2^j m, j in {-1, 0, 1}; the guess at cbrt(b) gets a step of Halley, which cubes
/// its error.
template <class T>
TENON_INLINE reg<T> cbrt_of(reg<T> a) {
  const reg<T> size = abs(a);
  reg<T> m, e;
  split(size, m, e);
  const reg<T> k = round(multiply(e, set(T(1) / T(3)))), j = multiply_add(k, set(T(-3)), e);
  const auto up = less(set(T(0.5)), j);
  const auto down = less(j, set(T(-0.5)));
  const reg<T> two = select(up, set(T(2)), select(down, set(T(0.5)), set(T(1))));
  const reg<T> root =
      select(up, set(T(1.2599210498948731648)), select(down, set(T(0.7937005259840997374)), set(T(1))));
  const reg<T> b = multiply(m, two), y = multiply(cbrt_guess(m), root);
  const reg<T> cube = multiply(multiply(y, y), y);
  const reg<T> step = divide(multiply(y, subtract(cube, b)), add(add(cube, cube), b));
  const reg<T> r = multiply(subtract(y, step), power_of_two(k));
  const auto usual = mask_and(less(set(T(0)), size), less(size, set(T(INFINITY))));
  return copysign(select(usual, r, size), a);
}
TENON_OF_BOTH(cbrt)

/// NaN where one is, but infinite where one is, even so.
TENON_INLINE doubles hypot_limits(doubles a, doubles b, doubles y) {
  const doubles infinity = set(static_cast<double>(INFINITY));
  y = select(is_nan(a), a, y);
  return select(mask_or(equal(abs(a), infinity), equal(abs(b), infinity)), infinity, y);
}
TENON_INLINE doubles hypot_brief(doubles a, doubles b) {
  return hypot_limits(a, b, sqrt(multiply_add(a, a, multiply(b, b))));
}
TENON_IN_DOUBLE_BINARY(hypot)
/// Scaled by a power of two where squares overflow or underflow.
TENON_INLINE doubles hypot(doubles a, doubles b) {
  const doubles u = abs(a), v = abs(b), most = greater(u, v);
  const wide_mask huge = less(set(0x1p500), most), tiny = less(most, set(0x1p-450));
  const doubles factor = select(huge, set(0x1p-600), select(tiny, set(0x1p600), set(1.0)));
  const doubles back = select(huge, set(0x1p600), select(tiny, set(0x1p-600), set(1.0)));
  const doubles x = multiply(most, factor), y = multiply(lesser(u, v), factor);
  // The error of the squares' sum is added before the root is taken.
  doubles x_low, y_low, sum_low;
  const doubles xx = two_product(x, x, x_low), yy = two_product(y, y, y_low),
                sum = quick_sum(xx, yy, sum_low);
  const doubles squares = add(sum, add(sum_low, add(x_low, y_low)));
  return hypot_limits(a, b, multiply(sqrt(squares), back));
}

}  // namespace tenon::host::TENON_ISA

#endif
