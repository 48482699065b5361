// Rounding to whole numbers, and signs, on registers. Before SSE4.1 there is no instruction for it, and the
// compilers do not vectorise std::floor and the like by themselves, as these may raise "inexact".
#pragma once

#include "tenon/eval/cpu/registers.hpp"

#if defined(TENON_CPU_PACKETS)

namespace tenon::host::TENON_ISA {

TENON_INLINE floats sign_bit(floats a) { return bit_and(a, set(-0.0f)); }
TENON_INLINE doubles sign_bit(doubles a) { return bit_and(a, set(-0.0)); }
TENON_INLINE floats copysign(floats a, floats b) { return bit_xor(abs(a), sign_bit(b)); }
TENON_INLINE doubles copysign(doubles a, doubles b) { return bit_xor(abs(a), sign_bit(b)); }

#if defined(__AVX__) || defined(__SSE4_1__)

#if defined(__AVX512F__)
#define TENON_ROUND(name, how)                                                                               \
  TENON_INLINE floats name(floats a) { return _mm512_maskz_roundscale_ps(all, a, how | _MM_FROUND_NO_EXC); } \
  TENON_INLINE doubles name(doubles a) {                                                                     \
    return _mm512_maskz_roundscale_pd(all_wide, a, how | _MM_FROUND_NO_EXC);                                 \
  }
#else
#define TENON_ROUND(name, how)                                                                  \
  TENON_INLINE floats name(floats a) { return TENON_MM(round_ps)(a, how | _MM_FROUND_NO_EXC); } \
  TENON_INLINE doubles name(doubles a) { return TENON_MM(round_pd)(a, how | _MM_FROUND_NO_EXC); }
#endif
TENON_ROUND(floor, _MM_FROUND_TO_NEG_INF)
TENON_ROUND(ceil, _MM_FROUND_TO_POS_INF)
TENON_ROUND(trunc, _MM_FROUND_TO_ZERO)
TENON_ROUND(round, _MM_FROUND_TO_NEAREST_INT)
#undef TENON_ROUND

#else

/// To nearest, ties to even: |a| + 2^(mantissa bits) is rounded so, and a number as large is whole.
TENON_INLINE floats round(floats a) {
  const floats size = abs(a), huge = set(8388608.0f);
  return bit_xor(select(less(size, huge), subtract(add(size, huge), huge), size), sign_bit(a));
}
TENON_INLINE doubles round(doubles a) {
  const doubles size = abs(a), huge = set(4503599627370496.0);
  return bit_xor(select(less(size, huge), subtract(add(size, huge), huge), size), sign_bit(a));
}
#define TENON_ROUND(registers, one)                                             \
  TENON_INLINE registers floor(registers a) {                                   \
    const registers r = round(a);                                               \
    return subtract(r, bit_and(less(a, r), set(one)));                          \
  }                                                                             \
  TENON_INLINE registers ceil(registers a) { return negate(floor(negate(a))); } \
  TENON_INLINE registers trunc(registers a) { return bit_xor(floor(abs(a)), sign_bit(a)); }
TENON_ROUND(floats, 1.0f)
TENON_ROUND(doubles, 1.0)
#undef TENON_ROUND

#endif

}  // namespace tenon::host::TENON_ISA

#endif
