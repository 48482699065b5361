// Registers of SSE2: what of registers.hpp is its own.
#pragma once

#include <tenon/eval/cpu/vector_extension.hpp>

#include <cstdint>
#include <cstring>

#if defined(TENON_CPU_PACKETS) && !defined(__AVX__)
namespace tenon::host::TENON_ISA {

#define TENON_MM(name) _mm_##name
inline constexpr int width = 4;
using floats = __m128;
using doubles = __m128d;
using mask = __m128;
using wide_mask = __m128d;

TENON_INLINE __m128i bits_of(floats a) { return _mm_castps_si128(a); }
TENON_INLINE __m128i bits_of(doubles a) { return _mm_castpd_si128(a); }
TENON_INLINE floats as_floats(__m128i a) { return _mm_castsi128_ps(a); }
TENON_INLINE doubles as_doubles(__m128i a) { return _mm_castsi128_pd(a); }
TENON_INLINE floats bit_and(floats a, floats b) { return _mm_and_ps(a, b); }
TENON_INLINE floats bit_or(floats a, floats b) { return _mm_or_ps(a, b); }
TENON_INLINE floats bit_xor(floats a, floats b) { return _mm_xor_ps(a, b); }
TENON_INLINE doubles bit_and(doubles a, doubles b) { return _mm_and_pd(a, b); }
TENON_INLINE doubles bit_or(doubles a, doubles b) { return _mm_or_pd(a, b); }
TENON_INLINE doubles bit_xor(doubles a, doubles b) { return _mm_xor_pd(a, b); }

template <int N>
TENON_INLINE floats shift_left(floats a) {
  return as_floats(_mm_slli_epi32(bits_of(a), N));
}
template <int N>
TENON_INLINE floats shift_right(floats a) {
  return as_floats(_mm_srli_epi32(bits_of(a), N));
}
template <int N>
TENON_INLINE doubles shift_left(doubles a) {
  return as_doubles(_mm_slli_epi64(bits_of(a), N));
}
template <int N>
TENON_INLINE doubles shift_right(doubles a) {
  return as_doubles(_mm_srli_epi64(bits_of(a), N));
}

TENON_INLINE mask less(floats a, floats b) { return _mm_cmplt_ps(a, b); }
TENON_INLINE mask less_equal(floats a, floats b) { return _mm_cmple_ps(a, b); }
TENON_INLINE mask equal(floats a, floats b) { return _mm_cmpeq_ps(a, b); }
TENON_INLINE mask is_nan(floats a) { return _mm_cmpunord_ps(a, a); }
TENON_INLINE wide_mask less(doubles a, doubles b) { return _mm_cmplt_pd(a, b); }
TENON_INLINE wide_mask less_equal(doubles a, doubles b) { return _mm_cmple_pd(a, b); }
TENON_INLINE wide_mask equal(doubles a, doubles b) { return _mm_cmpeq_pd(a, b); }
TENON_INLINE wide_mask is_nan(doubles a) { return _mm_cmpunord_pd(a, a); }
TENON_INLINE floats select(mask m, floats a, floats b) {
  return _mm_or_ps(_mm_and_ps(m, a), _mm_andnot_ps(m, b));
}
TENON_INLINE doubles select(wide_mask m, doubles a, doubles b) {
  return _mm_or_pd(_mm_and_pd(m, a), _mm_andnot_pd(m, b));
}

TENON_INLINE bool mask_any(mask a) { return _mm_movemask_ps(a) != 0; }
TENON_INLINE bool mask_any(wide_mask a) { return _mm_movemask_pd(a) != 0; }
TENON_INLINE bool mask_first(mask a) { return (_mm_movemask_ps(a) & 1) != 0; }
TENON_INLINE mask narrow(wide_mask lo, wide_mask hi) {
  return _mm_shuffle_ps(_mm_castpd_ps(lo), _mm_castpd_ps(hi), 0x88);
}
TENON_INLINE wide_mask widen_lo(mask a) { return _mm_castps_pd(_mm_unpacklo_ps(a, a)); }
TENON_INLINE wide_mask widen_hi(mask a) { return _mm_castps_pd(_mm_unpackhi_ps(a, a)); }
TENON_INLINE mask from_words(const std::int32_t* p) {
  return as_floats(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
TENON_INLINE void to_words(mask a, std::int32_t* p) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), bits_of(a));
}
TENON_INLINE mask from_bytes(const bool* p) {
  const __m128i zero = _mm_setzero_si128();
  std::int32_t four;
  std::memcpy(&four, p, 4);
  const __m128i a = _mm_unpacklo_epi16(_mm_unpacklo_epi8(_mm_cvtsi32_si128(four), zero), zero);
  return as_floats(_mm_cmpgt_epi32(a, zero));
}
TENON_INLINE void to_bytes(mask a, bool* p) {
  const __m128i words = _mm_packs_epi32(bits_of(a), bits_of(a));
  const __m128i bytes = _mm_and_si128(_mm_packs_epi16(words, words), _mm_set1_epi8(1));
  const std::int32_t four = _mm_cvtsi128_si32(bytes);
  std::memcpy(p, &four, 4);
}

TENON_INLINE floats multiply_add(floats a, floats b, floats c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
TENON_INLINE doubles multiply_add(doubles a, doubles b, doubles c) { return _mm_add_pd(_mm_mul_pd(a, b), c); }

TENON_INLINE floats iota(float) { return _mm_setr_ps(0, 1, 2, 3); }
TENON_INLINE doubles iota(double) { return _mm_setr_pd(0, 1); }
TENON_INLINE floats load_some(const float* p, int n) {
  return _mm_setr_ps(p[0], p[n > 1 ? 1 : 0], p[n > 2 ? 2 : n - 1], p[n - 1]);
}
TENON_INLINE doubles load_some(const double* p, int n) { return _mm_setr_pd(p[0], p[n - 1]); }
TENON_INLINE void store_some(float* p, floats a, int n) {
  if (n > 1) {
    _mm_storel_pi(reinterpret_cast<__m64*>(p), a);
    if (n > 2) _mm_store_ss(p + 2, _mm_movehl_ps(a, a));
    if (n > 3) _mm_store_ss(p + 3, _mm_shuffle_ps(a, a, 3));
  } else {
    _mm_store_ss(p, a);
  }
}
TENON_INLINE void store_some(double* p, doubles a, int n) {
  _mm_store_sd(p, a);
  if (n > 1) _mm_storeh_pd(p + 1, a);
}

/// Exchanges neighbouring groups of Distance lanes.
template <int Distance>
TENON_INLINE floats exchange(floats a) {
  if constexpr (Distance == 2) return _mm_shuffle_ps(a, a, 0x4E);
  if constexpr (Distance == 1) return _mm_shuffle_ps(a, a, 0xB1);
}
template <int Distance>
TENON_INLINE doubles exchange(doubles a) {
  return _mm_shuffle_pd(a, a, 1);
}

TENON_INLINE doubles lower_half(floats a) { return _mm_cvtps_pd(a); }
TENON_INLINE doubles upper_half(floats a) { return _mm_cvtps_pd(_mm_movehl_ps(a, a)); }
TENON_INLINE floats join(doubles lo, doubles hi) { return _mm_movelh_ps(_mm_cvtpd_ps(lo), _mm_cvtpd_ps(hi)); }
TENON_INLINE void truncate(doubles a, std::int32_t* p) {
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_cvttpd_epi32(a));
}
TENON_INLINE doubles wide_from_integers(const std::int32_t* p) {
  return _mm_cvtepi32_pd(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
}
TENON_INLINE floats from_integers(const std::int32_t* p) {
  return _mm_cvtepi32_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}

}  // namespace tenon::host::TENON_ISA
#endif
