// erf and erfc on registers.
//
// For x >= 0, erfc(x) = exp(-x^2) H(t) / (x + k) with t = (x - k) / (x + k): H is analytic on [-1, 1], 0 to
// infinity, so that one polynomial serves all x (the substitution of Shepherd and Laframboise, Math. Comp.
// 36, 1981, with another factor).
#pragma once

#include "tenon/eval/cpu/transcendental.hpp"

#if defined(TENON_CPU_PACKETS)

namespace tenon::host::TENON_ISA {

// H for k = 3.75 and x <= 27.4, within 2^-58; brief, for k = 2 and x <= 10.2, within 2^-31.
inline constexpr double erfc_first = 1.0919229095627891, erfc_first_low = -1.0076361622866586e-16;
inline constexpr double erfc_terms[] = {
    -0.9587415766529096,    0.7363189252217509,     -0.49047029120767627,   0.27906204903382587,
    -0.13195540117862076,   0.0491187786142963,     -0.012535880039564877,  0.0009863380917138197,
    0.0007948230861474471,  -0.0003486469456768282, 1.0594058340210825e-05, 3.747216332397614e-05,
    -8.90414279272279e-06,  -3.290913124815795e-06, 1.6563390712388621e-06, 2.8290139485562964e-07,
    -2.637004777355036e-07, -3.081517356896149e-08, 3.955153443156649e-08,  6.0295926951405076e-09,
    -4.349977956614592e-09, -1.1816388664021746e-09};
inline constexpr double erfc_terms_brief[] = {
    1.0215827054467745,     -0.6871606881589517,    0.27947206999395674,    -0.03644208264895598,
    -0.021510210434204983,  0.006477627784321668,   0.0030869005320741023,  -0.0008311917050186046,
    -0.0006480825070881225, 2.6671403670419115e-05, 0.00011522981528088659, 2.8275562543371422e-05};

// exp(r) = 1 + r + r^2 P(r) for |r| <= ln(2) / 2, within 2^-34.
inline constexpr double exp_terms_brief[] = {0.5000000067644775,    0.16666665869406794,
                                             0.04166629508771338,   0.008333497011078486,
                                             0.0013944648959145689, 0.00019790351029540706};

/// erfc of 0 <= x <= 28. `precise` mends what t and x + k lose by rounding, some 2 units in the last place: t
/// as it is belongs to x + delta, and G(x) = exp(x^2) erfc(x) has the derivative 2 x G - 2 / sqrt(pi).
template <bool precise>
TENON_INLINE doubles erfc_positive(doubles x) {
  const doubles k = set(3.75);
  doubles n, r, lost, over_low, under_low;
  const doubles square = two_product(x, x, lost);
  reduce<double>(negate(square), n, r);
  const doubles over = two_sum(x, negate(k), over_low), under = two_sum(x, k, under_low),
                t = divide(over, under);
  // In order where it is to be precise: as two chains it loses another half of a unit.
  const doubles later = precise ? horner<double, 0, 1>(t, erfc_terms, std::make_index_sequence<21>())
                                : polynomial<double>(t, erfc_terms);
  const doubles first = set(erfc_first);
  doubles g;
  if constexpr (precise) {
    doubles error, h_low;
    const doubles scaled = set(1 / 7.5), inverse = multiply(subtract(set(1.0), t), scaled);  // 1 / (x + k)
    const doubles t_under = two_product(t, under, error);
    const doubles t_rest =
        add(subtract(subtract(over, t_under), error), subtract(over_low, multiply(t, under_low)));
    const doubles delta = multiply(multiply(t_rest, under), negate(scaled));
    const doubles h = two_sum(first, product(t, later), h_low);
    g = divide(h, under);
    const doubles g_under = two_product(g, under, error);
    const doubles g_rest = add(subtract(subtract(h, g_under), error), add(h_low, set(erfc_first_low)));
    const doubles slope = subtract(multiply(add(x, x), g), set(1.1283791670955126));
    const doubles lacking = subtract(g_rest, multiply(g, add(under_low, delta)));
    g = add(g, subtract(multiply(lacking, inverse), multiply(slope, delta)));
  } else {
    g = divide(multiply_add(t, later, first), under);
  }
  return scale(multiply_add(g, expm1_reduced(subtract(r, lost)), g), n);
}
/// Of 0 <= x <= 11: erfc(11) is 0 as a float.
TENON_INLINE doubles erfc_positive_brief(doubles x) {
  doubles n, r;
  reduce<double>(negate(multiply(x, x)), n, r);
  const doubles w = divide(set(1.0), add(x, set(2.0)));
  const doubles h = multiply(polynomial<double>(multiply(subtract(x, set(2.0)), w), erfc_terms_brief), w);
  const doubles e = multiply_add(multiply(r, r), polynomial<double>(r, exp_terms_brief), add(r, set(1.0)));
  return multiply(multiply(e, h), power_of_two(n));
}

// erf(a) = a + a P(a^2) for |a| <= 1, within 2^-56; brief, for |a| <= 1/2, within 2^-36.
inline constexpr double erf_terms[] = {
    0.12837916709551256,    -0.3761263890318352,     0.11283791670944185,    -0.02686617064311147,
    0.00522397760611853,    -0.0008548325929318811,  0.00012055293577062611, -1.4924712305578151e-05,
    1.6447131619599692e-06, -1.6206314154620464e-07, 1.3710982203958857e-08, -7.779472005943964e-10};
inline constexpr double erf_terms_brief[] = {0.12837916708207792,  -0.3761263851910144,
                                             0.11283773805274772,  -0.02686311987704159,
                                             0.005200308312430385, -0.0007692853134895323};
TENON_INLINE doubles erf_small(doubles a) {
  return multiply_add(a, polynomial<double>(multiply(a, a), erf_terms), a);
}

/// 1 - erf(a) where |a| < 3/4.
TENON_INLINE doubles erfc(doubles a) {
  const doubles size = abs(a), one = set(1.0), y = erfc_positive<true>(lesser(set(28.0), size));
  const doubles large = select(less(a, set(0.0)), subtract(set(2.0), y), y);
  return select(less(size, set(0.75)), subtract(one, erf_small(a)), large);
}

TENON_INLINE doubles erfc_brief(doubles a) {
  const doubles y = erfc_positive_brief(lesser(set(11.0), abs(a)));
  return select(less(a, set(0.0)), subtract(set(2.0), y), y);
}
TENON_IN_DOUBLE(erfc)

/// Beyond 1, or 1/2, it is 1 - erfc(|a|).
TENON_INLINE doubles erf(doubles a) {
  const doubles size = abs(a), large = subtract(set(1.0), erfc_positive<false>(lesser(set(28.0), size)));
  return select(less(size, set(1.0)), erf_small(a), copysign(large, a));
}
TENON_INLINE doubles erf_brief(doubles a) {
  const doubles size = abs(a), large = subtract(set(1.0), erfc_positive_brief(lesser(set(11.0), size)));
  const doubles small = multiply_add(a, polynomial<double>(multiply(a, a), erf_terms_brief), a);
  return select(less(size, set(0.5)), small, copysign(large, a));
}

// In floats, where there is FMA: erf(a) = a + a P(a^2) for |a| <= 1, within 2^-29; beyond 1 - exp(-a Q(a)),
// up to 4, where it is 1, within 2^-31. 1.4 units in the last place for half of what it takes in double.
inline constexpr float erf_terms_float[] = {
    0.12837916612625122f,  -0.3761262595653534f,    0.11283578723669052f,  -0.026853347197175026f,
    0.005187162198126316f, -0.0007997853099368513f, 7.806903158780187e-05f};
inline constexpr float erfc_logarithm_terms[] = {
    1.1286942958831787f,   0.6349697113037109f,     0.10653054714202881f,   -0.02400977909564972f,
    0.003757333382964134f, -0.0003505552012939006f, 1.3958597264718264e-05f};
TENON_INLINE floats erf(floats a) {
  if constexpr (has_fma) {
    const floats size = abs(a), t = lesser(set(4.0f), size);
    floats n, r;
    reduce<float>(negate(multiply(t, polynomial<float>(t, erfc_logarithm_terms))), n, r);
    const floats large = subtract(set(1.0f), scale(exp_reduced(r), n));
    const floats small = multiply_add(a, polynomial<float>(multiply(a, a), erf_terms_float), a);
    return select(less(size, set(1.0f)), small, copysign(large, a));
  } else {
    return join(erf_brief(lower_half(a)), erf_brief(upper_half(a)));
  }
}

}  // namespace tenon::host::TENON_ISA

#endif
