// What the functions on registers are made of: polynomials, exact sums and products, the way out for
// arguments that are too large.
//
// The approximations come of a Remez exchange in 45 digits. One that is good for floats is written for
// T = float; where floats are computed in double, `brief` coefficients are.
//
// A compiler may contract a product and a sum into one rounding where there is FMA. Nothing here depends on
// it, but for `product`, which is never contracted: what is computed as its error is the error of the value
// at hand.
#pragma once

#include "tenon/eval/cpu/rounding_registers.hpp"

#include <utility>

#if defined(TENON_CPU_PACKETS)

namespace tenon::host::TENON_ISA {

/// The register of T. A name for it by T, as register types as template arguments lose their alignment (a
/// warning of GCC's).
template <class T>
using reg = typename register_of<T>::type;

#if defined(__FMA__) || defined(__AVX512F__)
inline constexpr bool has_fma = true;
#else
inline constexpr bool has_fma = false;
#endif

/// c[First] + c[First + Step] x + c[First + 2 Step] x^2 + ..., with as many terms as c has, by Horner.
template <class T, int First, int Step, int N, std::size_t... I>
TENON_INLINE reg<T> horner(reg<T> x, const T (&c)[N], std::index_sequence<I...>) {
  constexpr int last = First + static_cast<int>(sizeof...(I)) * Step;
  reg<T> p = set(c[last]);
  ((p = multiply_add(p, x, set(c[last - Step - static_cast<int>(I) * Step]))), ...);
  return p;
}
/// c[0] + c[1] x + c[2] x^2 + ... A long one as two chains of multiplications, the even and the odd terms:
/// the functions here are long enough for a processor to wait for them.
template <class T, int N>
TENON_INLINE reg<T> polynomial(reg<T> x, const T (&c)[N]) {
  if constexpr (N < 6) {
    return horner<T, 0, 1>(x, c, std::make_index_sequence<N - 1>());
  } else {
    const reg<T> square = multiply(x, x);
    const reg<T> even = horner<T, 0, 2>(square, c, std::make_index_sequence<(N - 1) / 2>());
    const reg<T> odd = horner<T, 1, 2>(square, c, std::make_index_sequence<(N - 2) / 2>());
    return multiply_add(odd, x, even);
  }
}

/// a + b = s + error, exactly (Knuth).
template <class R>
TENON_INLINE R two_sum(R a, R b, R& error) {
  const R s = add(a, b), bb = subtract(s, a);
  error = add(subtract(a, subtract(s, bb)), subtract(b, bb));
  return s;
}
/// The same where a = 0 or |a| >= |b| (Dekker).
template <class R>
TENON_INLINE R quick_sum(R a, R b, R& error) {
  const R s = add(a, b);
  error = subtract(b, subtract(s, a));
  return s;
}

/// a b, rounded before anything is added to it.
TENON_INLINE doubles product(doubles a, doubles b) {
  if constexpr (has_fma)
    return multiply_add(a, b, set(-0.0));
  else
    return multiply(a, b);
}
/// The upper half of a's mantissa.
TENON_INLINE doubles leading(doubles a) { return bit_and(a, set_bits(std::uint64_t{0xfffffffff8000000})); }
/// a b = p + error, to 2^-104 at worst (exactly with FMA), unless something overflows or underflows.
TENON_INLINE doubles two_product(doubles a, doubles b, doubles& error) {
  const doubles p = product(a, b);
  if constexpr (has_fma) {
    error = multiply_add(a, b, negate(p));
  } else {
    const doubles u = leading(a), v = leading(b), ul = subtract(a, u), vl = subtract(b, v);
    error = add(add(subtract(multiply(u, v), p), add(multiply(u, vl), multiply(ul, v))), multiply(ul, vl));
  }
  return p;
}

/// f of the mathematical library, lane by lane.
template <class F>
TENON_INLINE floats each_lane(floats a, F f) {
  float v[width];
  store(v, a);
  for (int i = 0; i < width; ++i) v[i] = f(v[i]);
  return load(v);
}
template <class F>
TENON_INLINE doubles each_lane(doubles a, F f) {
  double v[width / 2];
  store(v, a);
  for (int i = 0; i < width / 2; ++i) v[i] = f(v[i]);
  return load(v);
}
/// y, but f(a) lane by lane where m says so, which is for the rare. What a lane gets depends on that lane
/// only.
template <class M, class R, class F>
TENON_INLINE R except(M m, R y, R a, F f) {
  return mask_any(m) ? select(m, each_lane(a, f), y) : y;
}

// Defines `name` of floats by `name##_brief` of doubles, rounded once.
#define TENON_IN_DOUBLE(name)                                              \
  TENON_INLINE floats name(floats a) {                                     \
    return join(name##_brief(lower_half(a)), name##_brief(upper_half(a))); \
  }
#define TENON_IN_DOUBLE_BINARY(name)                                                                     \
  TENON_INLINE floats name(floats a, floats b) {                                                         \
    return join(name##_brief(lower_half(a), lower_half(b)), name##_brief(upper_half(a), upper_half(b))); \
  }

// Defines `name` of both registers by `name##_of<T>`.
#define TENON_OF_BOTH(name)                                          \
  TENON_INLINE floats name(floats a) { return name##_of<float>(a); } \
  TENON_INLINE doubles name(doubles a) { return name##_of<double>(a); }

#define TENON_OF_BOTH_BINARY(name)                                                \
  TENON_INLINE floats name(floats a, floats b) { return name##_of<float>(a, b); } \
  TENON_INLINE doubles name(doubles a, doubles b) { return name##_of<double>(a, b); }

}  // namespace tenon::host::TENON_ISA

#endif
