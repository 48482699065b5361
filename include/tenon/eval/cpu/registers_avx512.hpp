// Registers of AVX-512: what of registers.hpp is its own.
#pragma once

#include <tenon/eval/cpu/vector_extension.hpp>

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(TENON_CPU_PACKETS) && defined(__AVX512F__)
namespace tenon::host::TENON_ISA {

#define TENON_MM(name) _mm512_##name
inline constexpr int width = 16;
using floats = __m512;
using doubles = __m512d;
using mask = __mmask16;
using wide_mask = __mmask8;

// Where GCC 12 writes an intrinsic with an undefined operand and then warns of it, the masked form stands
// here.
inline constexpr mask all = 0xffff;
inline constexpr wide_mask all_wide = 0xff;

TENON_INLINE __m512i bits_of(floats a) { return _mm512_castps_si512(a); }
TENON_INLINE __m512i bits_of(doubles a) { return _mm512_castpd_si512(a); }
TENON_INLINE floats as_floats(__m512i a) { return _mm512_castsi512_ps(a); }
TENON_INLINE doubles as_doubles(__m512i a) { return _mm512_castsi512_pd(a); }
TENON_INLINE floats bit_and(floats a, floats b) {
  return as_floats(_mm512_and_epi32(bits_of(a), bits_of(b)));
}
TENON_INLINE floats bit_xor(floats a, floats b) {
  return as_floats(_mm512_xor_epi32(bits_of(a), bits_of(b)));
}
TENON_INLINE doubles bit_and(doubles a, doubles b) {
  return as_doubles(_mm512_and_epi64(bits_of(a), bits_of(b)));
}
TENON_INLINE doubles bit_xor(doubles a, doubles b) {
  return as_doubles(_mm512_xor_epi64(bits_of(a), bits_of(b)));
}

template <int N>
TENON_INLINE floats shift_left(floats a) {
  return as_floats(_mm512_maskz_slli_epi32(all, bits_of(a), N));
}
template <int N>
TENON_INLINE doubles shift_left(doubles a) {
  return as_doubles(_mm512_maskz_slli_epi64(all_wide, bits_of(a), N));
}

TENON_INLINE mask less(floats a, floats b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
TENON_INLINE mask less_equal(floats a, floats b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
TENON_INLINE mask equal(floats a, floats b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
TENON_INLINE mask is_nan(floats a) { return _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q); }
TENON_INLINE wide_mask less(doubles a, doubles b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
TENON_INLINE wide_mask less_equal(doubles a, doubles b) { return _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ); }
TENON_INLINE wide_mask equal(doubles a, doubles b) { return _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ); }
TENON_INLINE wide_mask is_nan(doubles a) { return _mm512_cmp_pd_mask(a, a, _CMP_UNORD_Q); }
TENON_INLINE floats select(mask m, floats a, floats b) { return _mm512_mask_blend_ps(m, b, a); }
TENON_INLINE doubles select(wide_mask m, doubles a, doubles b) { return _mm512_mask_blend_pd(m, b, a); }

TENON_INLINE mask mask_and(mask a, mask b) { return static_cast<mask>(a & b); }
TENON_INLINE mask mask_or(mask a, mask b) { return static_cast<mask>(a | b); }
TENON_INLINE mask mask_xor(mask a, mask b) { return static_cast<mask>(a ^ b); }
TENON_INLINE mask mask_not(mask a) { return static_cast<mask>(~a); }
TENON_INLINE mask mask_set(bool a) { return static_cast<mask>(-static_cast<int>(a)); }
TENON_INLINE wide_mask mask_and(wide_mask a, wide_mask b) { return static_cast<wide_mask>(a & b); }
TENON_INLINE wide_mask mask_or(wide_mask a, wide_mask b) { return static_cast<wide_mask>(a | b); }
TENON_INLINE wide_mask mask_not(wide_mask a) { return static_cast<wide_mask>(~a); }
TENON_INLINE bool mask_any(mask a) { return a != 0; }
TENON_INLINE bool mask_any(wide_mask a) { return a != 0; }
TENON_INLINE bool mask_first(mask a) { return (a & 1) != 0; }
TENON_INLINE mask narrow(wide_mask lo, wide_mask hi) { return static_cast<mask>(lo | hi << 8); }
TENON_INLINE wide_mask widen_lo(mask a) { return static_cast<wide_mask>(a); }
TENON_INLINE wide_mask widen_hi(mask a) { return static_cast<wide_mask>(a >> 8); }
TENON_INLINE mask from_words(const std::int32_t* p) {
  const __m512i a = _mm512_loadu_si512(p);
  return _mm512_test_epi32_mask(a, a);
}
TENON_INLINE void to_words(mask a, std::int32_t* p) {
  _mm512_storeu_si512(p, _mm512_maskz_set1_epi32(a, -1));
}
TENON_INLINE mask from_bytes(const bool* p) {
  const __m512i a = _mm512_maskz_cvtepi8_epi32(all, _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  return _mm512_test_epi32_mask(a, a);
}
TENON_INLINE void to_bytes(mask a, bool* p) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p),
                   _mm512_maskz_cvtepi32_epi8(all, _mm512_maskz_set1_epi32(a, 1)));
}

TENON_INLINE floats sqrt(floats a) { return _mm512_maskz_sqrt_ps(all, a); }
TENON_INLINE doubles sqrt(doubles a) { return _mm512_maskz_sqrt_pd(all_wide, a); }
TENON_INLINE floats greater(floats a, floats b) { return _mm512_maskz_max_ps(all, a, b); }
TENON_INLINE doubles greater(doubles a, doubles b) { return _mm512_maskz_max_pd(all_wide, a, b); }
TENON_INLINE floats lesser(floats a, floats b) { return _mm512_maskz_min_ps(all, a, b); }
TENON_INLINE doubles lesser(doubles a, doubles b) { return _mm512_maskz_min_pd(all_wide, a, b); }
// NaN where a is: there the operation leaves a as it is.
TENON_INLINE floats maximum(floats a, floats b) { return _mm512_mask_max_ps(a, mask_not(is_nan(a)), a, b); }
TENON_INLINE doubles maximum(doubles a, doubles b) {
  return _mm512_mask_max_pd(a, mask_not(is_nan(a)), a, b);
}
TENON_INLINE floats minimum(floats a, floats b) { return _mm512_mask_min_ps(a, mask_not(is_nan(a)), a, b); }
TENON_INLINE doubles minimum(doubles a, doubles b) {
  return _mm512_mask_min_pd(a, mask_not(is_nan(a)), a, b);
}
TENON_INLINE floats multiply_add(floats a, floats b, floats c) { return _mm512_fmadd_ps(a, b, c); }
TENON_INLINE doubles multiply_add(doubles a, doubles b, doubles c) { return _mm512_fmadd_pd(a, b, c); }

TENON_INLINE floats load_some(const float* p, int n) {
  return _mm512_mask_loadu_ps(_mm512_set1_ps(p[n - 1]), static_cast<mask>((1u << n) - 1), p);
}
TENON_INLINE doubles load_some(const double* p, int n) {
  return _mm512_mask_loadu_pd(_mm512_set1_pd(p[n - 1]), static_cast<wide_mask>((1u << n) - 1), p);
}
TENON_INLINE void store_some(float* p, floats a, int n) {
  _mm512_mask_storeu_ps(p, static_cast<mask>((1u << n) - 1), a);
}
TENON_INLINE void store_some(double* p, doubles a, int n) {
  _mm512_mask_storeu_pd(p, static_cast<wide_mask>((1u << n) - 1), a);
}
TENON_INLINE floats iota(float) {
  return _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
TENON_INLINE doubles iota(double) { return _mm512_setr_pd(0, 1, 2, 3, 4, 5, 6, 7); }

/// Exchanges neighbouring groups of Distance lanes.
template <int Distance>
TENON_INLINE floats exchange(floats a) {
  if constexpr (Distance == 8) return _mm512_maskz_shuffle_f32x4(all, a, a, 0x4E);
  if constexpr (Distance == 4) return _mm512_maskz_shuffle_f32x4(all, a, a, 0xB1);
  if constexpr (Distance == 2) return _mm512_maskz_shuffle_ps(all, a, a, 0x4E);
  if constexpr (Distance == 1) return _mm512_maskz_shuffle_ps(all, a, a, 0xB1);
}
template <int Distance>
TENON_INLINE doubles exchange(doubles a) {
  if constexpr (Distance == 4) return _mm512_maskz_shuffle_f64x2(all_wide, a, a, 0x4E);
  if constexpr (Distance == 2) return _mm512_maskz_shuffle_f64x2(all_wide, a, a, 0xB1);
  if constexpr (Distance == 1) return _mm512_maskz_shuffle_pd(all_wide, a, a, 0x55);
}

TENON_INLINE __m256i lower(floats a) { return _mm512_maskz_extracti64x4_epi64(0xf, bits_of(a), 0); }
TENON_INLINE doubles lower_half(floats a) {
  return _mm512_maskz_cvtps_pd(all_wide, _mm256_castsi256_ps(lower(a)));
}
TENON_INLINE doubles upper_half(floats a) {
  return _mm512_maskz_cvtps_pd(all_wide, _mm256_castsi256_ps(lower(exchange<8>(a))));
}
TENON_INLINE floats join(doubles lo, doubles hi) {
  const __m512d low = _mm512_castpd256_pd512(_mm256_castps_pd(_mm512_maskz_cvtpd_ps(all_wide, lo)));
  return _mm512_castpd_ps(
      _mm512_maskz_insertf64x4(all_wide, low, _mm256_castps_pd(_mm512_maskz_cvtpd_ps(all_wide, hi)), 1));
}
TENON_INLINE void truncate(doubles a, std::int32_t* p) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_maskz_cvttpd_epi32(all_wide, a));
}
TENON_INLINE doubles wide_from_integers(const std::int32_t* p) {
  return _mm512_maskz_cvtepi32_pd(all_wide, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}
TENON_INLINE floats from_integers(const std::int32_t* p) {
  return _mm512_maskz_cvtepi32_ps(all, _mm512_loadu_si512(p));
}

// 32-bit and 64-bit integers: types of their own, to overload on.
struct ints {
  __m512i r;
};
struct longs {
  __m512i r;
};

TENON_INLINE ints set(std::int32_t a) { return {_mm512_set1_epi32(a)}; }
TENON_INLINE longs set(std::int64_t a) { return {_mm512_set1_epi64(a)}; }
TENON_INLINE ints load(const std::int32_t* p) { return {_mm512_loadu_si512(p)}; }
TENON_INLINE longs load(const std::int64_t* p) { return {_mm512_loadu_si512(p)}; }
TENON_INLINE void store(std::int32_t* p, ints a) { _mm512_storeu_si512(p, a.r); }
TENON_INLINE void store(std::int64_t* p, longs a) { _mm512_storeu_si512(p, a.r); }
TENON_INLINE ints load_some(const std::int32_t* p, int n) {
  return {_mm512_mask_loadu_epi32(_mm512_set1_epi32(p[n - 1]), static_cast<mask>((1u << n) - 1), p)};
}
TENON_INLINE longs load_some(const std::int64_t* p, int n) {
  return {_mm512_mask_loadu_epi64(_mm512_set1_epi64(p[n - 1]), static_cast<wide_mask>((1u << n) - 1), p)};
}
TENON_INLINE void store_some(std::int32_t* p, ints a, int n) {
  _mm512_mask_storeu_epi32(p, static_cast<mask>((1u << n) - 1), a.r);
}
TENON_INLINE void store_some(std::int64_t* p, longs a, int n) {
  _mm512_mask_storeu_epi64(p, static_cast<wide_mask>((1u << n) - 1), a.r);
}
TENON_INLINE std::int32_t first(ints a) {
  return std::bit_cast<std::int32_t>(_mm512_cvtss_f32(as_floats(a.r)));
}
TENON_INLINE std::int64_t first(longs a) {
  return std::bit_cast<std::int64_t>(_mm512_cvtsd_f64(as_doubles(a.r)));
}
TENON_INLINE ints iota(std::int32_t) {
  return {_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)};
}
TENON_INLINE longs iota(std::int64_t) { return {_mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7)}; }
TENON_INLINE ints add(ints a, ints b) { return {_mm512_add_epi32(a.r, b.r)}; }
TENON_INLINE longs add(longs a, longs b) { return {_mm512_add_epi64(a.r, b.r)}; }
TENON_INLINE ints subtract(ints a, ints b) { return {_mm512_sub_epi32(a.r, b.r)}; }
TENON_INLINE longs subtract(longs a, longs b) { return {_mm512_sub_epi64(a.r, b.r)}; }
TENON_INLINE ints multiply(ints a, ints b) { return {_mm512_mullo_epi32(a.r, b.r)}; }
TENON_INLINE longs multiply(longs a, longs b) { return {_mm512_mullox_epi64(a.r, b.r)}; }
TENON_INLINE ints abs(ints a) { return {_mm512_maskz_abs_epi32(all, a.r)}; }
TENON_INLINE longs abs(longs a) { return {_mm512_maskz_abs_epi64(all_wide, a.r)}; }
TENON_INLINE ints maximum(ints a, ints b) { return {_mm512_maskz_max_epi32(all, a.r, b.r)}; }
TENON_INLINE longs maximum(longs a, longs b) { return {_mm512_maskz_max_epi64(all_wide, a.r, b.r)}; }
TENON_INLINE ints minimum(ints a, ints b) { return {_mm512_maskz_min_epi32(all, a.r, b.r)}; }
TENON_INLINE longs minimum(longs a, longs b) { return {_mm512_maskz_min_epi64(all_wide, a.r, b.r)}; }
TENON_INLINE mask less(ints a, ints b) { return _mm512_cmplt_epi32_mask(a.r, b.r); }
TENON_INLINE wide_mask less(longs a, longs b) { return _mm512_cmplt_epi64_mask(a.r, b.r); }
TENON_INLINE mask less_equal(ints a, ints b) { return _mm512_cmple_epi32_mask(a.r, b.r); }
TENON_INLINE wide_mask less_equal(longs a, longs b) { return _mm512_cmple_epi64_mask(a.r, b.r); }
TENON_INLINE mask equal(ints a, ints b) { return _mm512_cmpeq_epi32_mask(a.r, b.r); }
TENON_INLINE wide_mask equal(longs a, longs b) { return _mm512_cmpeq_epi64_mask(a.r, b.r); }
TENON_INLINE mask is_nan(ints) { return 0; }
TENON_INLINE wide_mask is_nan(longs) { return 0; }
TENON_INLINE ints select(mask m, ints a, ints b) { return {_mm512_mask_blend_epi32(m, b.r, a.r)}; }
TENON_INLINE longs select(wide_mask m, longs a, longs b) { return {_mm512_mask_blend_epi64(m, b.r, a.r)}; }
TENON_INLINE longs lower_half(ints a) {
  return {_mm512_maskz_cvtepi32_epi64(all_wide, lower(as_floats(a.r)))};
}
TENON_INLINE longs upper_half(ints a) {
  return {_mm512_maskz_cvtepi32_epi64(all_wide, lower(exchange<8>(as_floats(a.r))))};
}
TENON_INLINE ints join(longs lo, longs hi) {
  const __m512i low = _mm512_castsi256_si512(_mm512_maskz_cvtepi64_epi32(all_wide, lo.r));
  return {_mm512_maskz_inserti64x4(all_wide, low, _mm512_maskz_cvtepi64_epi32(all_wide, hi.r), 1)};
}

// 8-bit and 16-bit numbers: what each dtype is in memory, and the wider register that computes with it.
TENON_INLINE __m128i bytes(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
TENON_INLINE __m256i words(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
TENON_INLINE ints load_small(const std::int8_t* p) { return {_mm512_maskz_cvtepi8_epi32(all, bytes(p))}; }
TENON_INLINE ints load_small(const std::uint8_t* p) { return {_mm512_maskz_cvtepu8_epi32(all, bytes(p))}; }
TENON_INLINE ints load_small(const std::int16_t* p) { return {_mm512_maskz_cvtepi16_epi32(all, words(p))}; }
TENON_INLINE ints load_small(const std::uint16_t* p) { return {_mm512_maskz_cvtepu16_epi32(all, words(p))}; }
template <class T>
TENON_INLINE void store_small(T* p, ints a) {
  if constexpr (sizeof(T) == 1)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_maskz_cvtepi32_epi8(all, a.r));
  else
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_maskz_cvtepi32_epi16(all, a.r));
}
template <int N>
TENON_INLINE ints shift_left(ints a) {
  return {_mm512_maskz_slli_epi32(all, a.r, N)};
}
template <int N>
TENON_INLINE ints shift_right(ints a) {  // copies of the sign come in
  return {_mm512_maskz_srai_epi32(all, a.r, N)};
}
template <int N>
TENON_INLINE ints shift_right_zeros(ints a) {
  return {_mm512_maskz_srli_epi32(all, a.r, N)};
}
TENON_INLINE ints bit_and(ints a, ints b) { return {_mm512_and_si512(a.r, b.r)}; }
TENON_INLINE ints bit_or(ints a, ints b) { return {_mm512_or_si512(a.r, b.r)}; }
TENON_INLINE longs bit_and(longs a, longs b) { return {_mm512_and_si512(a.r, b.r)}; }
TENON_INLINE ints integers_of(floats a) { return {bits_of(a)}; }
TENON_INLINE floats floats_of(ints a) { return as_floats(a.r); }
#define TENON_CPU_HALVES 1
TENON_INLINE floats load_half(const void* p) { return _mm512_maskz_cvtph_ps(all, words(p)); }
TENON_INLINE void store_half(void* p, floats a) {
  _mm256_storeu_si256(static_cast<__m256i*>(p), _mm512_maskz_cvtps_ph(all, a, _MM_FROUND_TO_NEAREST_INT));
}
TENON_INLINE floats round_half(floats a) {
  return _mm512_maskz_cvtph_ps(all, _mm512_maskz_cvtps_ph(all, a, _MM_FROUND_TO_NEAREST_INT));
}

}  // namespace tenon::host::TENON_ISA
#endif
