// The vector registers of x86 by what one can do with them, the same names for SSE2, AVX, AVX2 and AVX-512:
// float and double, and from AVX2 on integers of 32 and 64 bits.
//
// Under nvcc and on other processors there are none, and lanes.hpp computes on arrays instead. (Integers as
// arrays cost a failed store forwarding, some 14 ns, at each step where the compiler's vectors are not as wide
// as ours: measured with GCC 12, on AVX2 and AVX-512 but not on SSE2.)
#pragma once

#include <tenon/core/config.hpp>
#include <tenon/core/math.hpp>

#include <bit>
#include <cstring>

#if !defined(__CUDACC__) && (defined(__SSE2__) || defined(_M_X64))
#define TENON_CPU_PACKETS 1
#include <immintrin.h>
#if defined(__AVX2__)
#define TENON_CPU_INTEGER_PACKETS 1
#endif
#endif

namespace tenon::host {

/// Values per `lanes`, the same for every dtype: the floats in a vector register (4 where there is none).
template <class Unit = this_unit>
inline constexpr int lane_count = Unit::vector == vector_extension::avx512 ? 16
                                  : Unit::vector == vector_extension::avx  ? 8
                                  : Unit::vector == vector_extension::avx2 ? 8
                                                                           : 4;

#if defined(TENON_CPU_PACKETS)

// One vector register of floats, or of half as many doubles. A `mask` has a lane per float, a `wide_mask` one
// per double. No function here is ever emitted, all being forced inline; the namespace is named for the
// extension because the types differ between units.
#if defined(__AVX512F__)
#define TENON_ISA avx512
#elif defined(__AVX2__)
#define TENON_ISA avx2
#elif defined(__AVX__)
#define TENON_ISA avx
#else
#define TENON_ISA sse2
#endif
namespace TENON_ISA {

// ---- what the three register sizes do not share ----

#if defined(__AVX512F__)

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

#elif defined(__AVX__)

#define TENON_MM(name) _mm256_##name
inline constexpr int width = 8;
using floats = __m256;
using doubles = __m256d;
using mask = __m256;
using wide_mask = __m256d;

TENON_INLINE __m256i bits_of(floats a) { return _mm256_castps_si256(a); }
TENON_INLINE __m256i bits_of(doubles a) { return _mm256_castpd_si256(a); }
TENON_INLINE floats as_floats(__m256i a) { return _mm256_castsi256_ps(a); }
TENON_INLINE doubles as_doubles(__m256i a) { return _mm256_castsi256_pd(a); }
TENON_INLINE floats bit_and(floats a, floats b) { return _mm256_and_ps(a, b); }
TENON_INLINE floats bit_or(floats a, floats b) { return _mm256_or_ps(a, b); }
TENON_INLINE floats bit_xor(floats a, floats b) { return _mm256_xor_ps(a, b); }
TENON_INLINE doubles bit_and(doubles a, doubles b) { return _mm256_and_pd(a, b); }
TENON_INLINE doubles bit_or(doubles a, doubles b) { return _mm256_or_pd(a, b); }
TENON_INLINE doubles bit_xor(doubles a, doubles b) { return _mm256_xor_pd(a, b); }

#if defined(__AVX2__)
template <int N>
TENON_INLINE floats shift_left(floats a) {
  return as_floats(_mm256_slli_epi32(bits_of(a), N));
}
template <int N>
TENON_INLINE floats shift_right(floats a) {
  return as_floats(_mm256_srli_epi32(bits_of(a), N));
}
template <int N>
TENON_INLINE doubles shift_left(doubles a) {
  return as_doubles(_mm256_slli_epi64(bits_of(a), N));
}
template <int N>
TENON_INLINE doubles shift_right(doubles a) {
  return as_doubles(_mm256_srli_epi64(bits_of(a), N));
}
#else
TENON_INLINE __m128i lower(__m256i a) { return _mm256_castsi256_si128(a); }
TENON_INLINE __m128i upper(__m256i a) { return _mm256_extractf128_si256(a, 1); }
TENON_INLINE __m256i paired(__m128i lo, __m128i hi) {
  return _mm256_insertf128_si256(_mm256_castsi128_si256(lo), hi, 1);
}
template <int N>
TENON_INLINE floats shift_left(floats a) {
  return as_floats(paired(_mm_slli_epi32(lower(bits_of(a)), N), _mm_slli_epi32(upper(bits_of(a)), N)));
}
template <int N>
TENON_INLINE floats shift_right(floats a) {
  return as_floats(paired(_mm_srli_epi32(lower(bits_of(a)), N), _mm_srli_epi32(upper(bits_of(a)), N)));
}
template <int N>
TENON_INLINE doubles shift_left(doubles a) {
  return as_doubles(paired(_mm_slli_epi64(lower(bits_of(a)), N), _mm_slli_epi64(upper(bits_of(a)), N)));
}
template <int N>
TENON_INLINE doubles shift_right(doubles a) {
  return as_doubles(paired(_mm_srli_epi64(lower(bits_of(a)), N), _mm_srli_epi64(upper(bits_of(a)), N)));
}
#endif

TENON_INLINE mask less(floats a, floats b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
TENON_INLINE mask less_equal(floats a, floats b) { return _mm256_cmp_ps(a, b, _CMP_LE_OQ); }
TENON_INLINE mask equal(floats a, floats b) { return _mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
TENON_INLINE mask is_nan(floats a) { return _mm256_cmp_ps(a, a, _CMP_UNORD_Q); }
TENON_INLINE wide_mask less(doubles a, doubles b) { return _mm256_cmp_pd(a, b, _CMP_LT_OQ); }
TENON_INLINE wide_mask less_equal(doubles a, doubles b) { return _mm256_cmp_pd(a, b, _CMP_LE_OQ); }
TENON_INLINE wide_mask equal(doubles a, doubles b) { return _mm256_cmp_pd(a, b, _CMP_EQ_OQ); }
TENON_INLINE wide_mask is_nan(doubles a) { return _mm256_cmp_pd(a, a, _CMP_UNORD_Q); }
#if defined(__AVX2__)
TENON_INLINE floats select(mask m, floats a, floats b) { return _mm256_blendv_ps(b, a, m); }
TENON_INLINE doubles select(wide_mask m, doubles a, doubles b) { return _mm256_blendv_pd(b, a, m); }
#else  // GCC 12 takes a blend for a comparison of integers, which it then does lane by lane
TENON_INLINE floats select(mask m, floats a, floats b) {
  return _mm256_or_ps(_mm256_and_ps(m, a), _mm256_andnot_ps(m, b));
}
TENON_INLINE doubles select(wide_mask m, doubles a, doubles b) {
  return _mm256_or_pd(_mm256_and_pd(m, a), _mm256_andnot_pd(m, b));
}
#endif

TENON_INLINE bool mask_any(mask a) { return _mm256_movemask_ps(a) != 0; }
TENON_INLINE bool mask_any(wide_mask a) { return _mm256_movemask_pd(a) != 0; }
TENON_INLINE bool mask_first(mask a) { return (_mm256_movemask_ps(a) & 1) != 0; }
TENON_INLINE mask narrow(wide_mask lo, wide_mask hi) {
  const __m256 l = _mm256_castpd_ps(_mm256_permute2f128_pd(lo, hi, 0x20));
  const __m256 h = _mm256_castpd_ps(_mm256_permute2f128_pd(lo, hi, 0x31));
  return _mm256_shuffle_ps(l, h, 0x88);
}
TENON_INLINE wide_mask widen_lo(mask a) {
  return _mm256_castps_pd(_mm256_permute2f128_ps(_mm256_unpacklo_ps(a, a), _mm256_unpackhi_ps(a, a), 0x20));
}
TENON_INLINE wide_mask widen_hi(mask a) {
  return _mm256_castps_pd(_mm256_permute2f128_ps(_mm256_unpacklo_ps(a, a), _mm256_unpackhi_ps(a, a), 0x31));
}
TENON_INLINE mask from_words(const std::int32_t* p) {
  return as_floats(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}
TENON_INLINE void to_words(mask a, std::int32_t* p) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), bits_of(a));
}
TENON_INLINE mask from_bytes(const bool* p) {
  const __m128i zero = _mm_setzero_si128();
  const __m128i a = _mm_unpacklo_epi8(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)), zero);
  const __m128 lo = _mm_castsi128_ps(_mm_cmpgt_epi32(_mm_unpacklo_epi16(a, zero), zero));
  const __m128 hi = _mm_castsi128_ps(_mm_cmpgt_epi32(_mm_unpackhi_epi16(a, zero), zero));
  return _mm256_insertf128_ps(_mm256_castps128_ps256(lo), hi, 1);
}
TENON_INLINE void to_bytes(mask a, bool* p) {
  const __m128i lo = _mm_castps_si128(_mm256_castps256_ps128(a));
  const __m128i hi = _mm_castps_si128(_mm256_extractf128_ps(a, 1));
  const __m128i words = _mm_packs_epi32(lo, hi);
  const __m128i bytes = _mm_and_si128(_mm_packs_epi16(words, words), _mm_set1_epi8(1));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(p), bytes);
}

TENON_INLINE floats multiply_add(floats a, floats b, floats c) {
#if defined(__FMA__) || (defined(_MSC_VER) && defined(__AVX2__))
  return _mm256_fmadd_ps(a, b, c);
#else
  return _mm256_add_ps(_mm256_mul_ps(a, b), c);
#endif
}
TENON_INLINE doubles multiply_add(doubles a, doubles b, doubles c) {
#if defined(__FMA__) || (defined(_MSC_VER) && defined(__AVX2__))
  return _mm256_fmadd_pd(a, b, c);
#else
  return _mm256_add_pd(_mm256_mul_pd(a, b), c);
#endif
}

TENON_INLINE floats iota(float) { return _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7); }
TENON_INLINE doubles iota(double) { return _mm256_setr_pd(0, 1, 2, 3); }
TENON_INLINE floats load_some(const float* p, int n) {
  const mask m = less(iota(0.0f), _mm256_set1_ps(static_cast<float>(n)));
  return select(m, _mm256_maskload_ps(p, bits_of(m)), _mm256_set1_ps(p[n - 1]));
}
TENON_INLINE doubles load_some(const double* p, int n) {
  const wide_mask m = less(iota(0.0), _mm256_set1_pd(n));
  return select(m, _mm256_maskload_pd(p, bits_of(m)), _mm256_set1_pd(p[n - 1]));
}
TENON_INLINE void store_some(float* p, floats a, int n) {
  _mm256_maskstore_ps(p, bits_of(less(iota(0.0f), _mm256_set1_ps(static_cast<float>(n)))), a);
}
TENON_INLINE void store_some(double* p, doubles a, int n) {
  _mm256_maskstore_pd(p, bits_of(less(iota(0.0), _mm256_set1_pd(n))), a);
}

/// Exchanges neighbouring groups of Distance lanes.
template <int Distance>
TENON_INLINE floats exchange(floats a) {
  if constexpr (Distance == 4) return _mm256_permute2f128_ps(a, a, 1);
  if constexpr (Distance == 2) return _mm256_permute_ps(a, 0x4E);
  if constexpr (Distance == 1) return _mm256_permute_ps(a, 0xB1);
}
template <int Distance>
TENON_INLINE doubles exchange(doubles a) {
  if constexpr (Distance == 2) return _mm256_permute2f128_pd(a, a, 1);
  if constexpr (Distance == 1) return _mm256_permute_pd(a, 5);
}

TENON_INLINE doubles lower_half(floats a) { return _mm256_cvtps_pd(_mm256_castps256_ps128(a)); }
TENON_INLINE doubles upper_half(floats a) { return _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1)); }
TENON_INLINE floats join(doubles lo, doubles hi) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(lo)), _mm256_cvtpd_ps(hi), 1);
}
TENON_INLINE void truncate(doubles a, std::int32_t* p) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvttpd_epi32(a));
}
TENON_INLINE doubles wide_from_integers(const std::int32_t* p) {
  return _mm256_cvtepi32_pd(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
TENON_INLINE floats from_integers(const std::int32_t* p) {
  return _mm256_cvtepi32_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}

#if defined(TENON_CPU_INTEGER_PACKETS)

// 32-bit and 64-bit integers: types of their own, to overload on.
struct ints {
  __m256i r;
};
struct longs {
  __m256i r;
};

TENON_INLINE ints set(std::int32_t a) { return {_mm256_set1_epi32(a)}; }
TENON_INLINE longs set(std::int64_t a) { return {_mm256_set1_epi64x(a)}; }
TENON_INLINE ints load(const std::int32_t* p) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))};
}
TENON_INLINE longs load(const std::int64_t* p) {
  return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))};
}
TENON_INLINE void store(std::int32_t* p, ints a) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a.r); }
TENON_INLINE void store(std::int64_t* p, longs a) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a.r); }
TENON_INLINE std::int32_t first(ints a) { return _mm_cvtsi128_si32(_mm256_castsi256_si128(a.r)); }
TENON_INLINE std::int64_t first(longs a) { return _mm_cvtsi128_si64(_mm256_castsi256_si128(a.r)); }
TENON_INLINE ints iota(std::int32_t) { return {_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)}; }
TENON_INLINE longs iota(std::int64_t) { return {_mm256_setr_epi64x(0, 1, 2, 3)}; }
TENON_INLINE ints add(ints a, ints b) { return {_mm256_add_epi32(a.r, b.r)}; }
TENON_INLINE longs add(longs a, longs b) { return {_mm256_add_epi64(a.r, b.r)}; }
TENON_INLINE ints subtract(ints a, ints b) { return {_mm256_sub_epi32(a.r, b.r)}; }
TENON_INLINE longs subtract(longs a, longs b) { return {_mm256_sub_epi64(a.r, b.r)}; }
TENON_INLINE ints multiply(ints a, ints b) { return {_mm256_mullo_epi32(a.r, b.r)}; }
TENON_INLINE longs multiply(longs a, longs b) {
  const __m256i cross = _mm256_mullo_epi32(a.r, _mm256_shuffle_epi32(b.r, 0xB1));
  const __m256i high = _mm256_add_epi32(_mm256_slli_epi64(cross, 32), cross);
  const __m256i kept = _mm256_and_si256(high, _mm256_set1_epi64x(-0x100000000));
  return {_mm256_add_epi64(_mm256_mul_epu32(a.r, b.r), kept)};
}
TENON_INLINE mask less(ints a, ints b) { return as_floats(_mm256_cmpgt_epi32(b.r, a.r)); }
TENON_INLINE wide_mask less(longs a, longs b) { return as_doubles(_mm256_cmpgt_epi64(b.r, a.r)); }
TENON_INLINE mask less_equal(ints a, ints b) {
  return as_floats(_mm256_xor_si256(_mm256_cmpgt_epi32(a.r, b.r), _mm256_set1_epi32(-1)));
}
TENON_INLINE wide_mask less_equal(longs a, longs b) {
  return as_doubles(_mm256_xor_si256(_mm256_cmpgt_epi64(a.r, b.r), _mm256_set1_epi32(-1)));
}
TENON_INLINE mask equal(ints a, ints b) { return as_floats(_mm256_cmpeq_epi32(a.r, b.r)); }
TENON_INLINE wide_mask equal(longs a, longs b) { return as_doubles(_mm256_cmpeq_epi64(a.r, b.r)); }
TENON_INLINE mask is_nan(ints) { return _mm256_setzero_ps(); }
TENON_INLINE wide_mask is_nan(longs) { return _mm256_setzero_pd(); }
TENON_INLINE ints select(mask m, ints a, ints b) { return {_mm256_blendv_epi8(b.r, a.r, bits_of(m))}; }
TENON_INLINE longs select(wide_mask m, longs a, longs b) {
  return {_mm256_blendv_epi8(b.r, a.r, bits_of(m))};
}
TENON_INLINE ints abs(ints a) { return {_mm256_abs_epi32(a.r)}; }
TENON_INLINE longs abs(longs a) {
  const __m256i sign = _mm256_cmpgt_epi64(_mm256_setzero_si256(), a.r);
  return {_mm256_sub_epi64(_mm256_xor_si256(a.r, sign), sign)};
}
TENON_INLINE ints maximum(ints a, ints b) { return {_mm256_max_epi32(a.r, b.r)}; }
TENON_INLINE longs maximum(longs a, longs b) { return select(less(b, a), a, b); }
TENON_INLINE ints minimum(ints a, ints b) { return {_mm256_min_epi32(a.r, b.r)}; }
TENON_INLINE longs minimum(longs a, longs b) { return select(less(a, b), a, b); }
TENON_INLINE __m256i some(std::int32_t, int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), iota(std::int32_t{}).r);
}
TENON_INLINE __m256i some(std::int64_t, int n) {
  return _mm256_cmpgt_epi64(_mm256_set1_epi64x(n), iota(std::int64_t{}).r);
}
TENON_INLINE ints load_some(const std::int32_t* p, int n) {
  const __m256i m = some(*p, n);
  return {_mm256_blendv_epi8(_mm256_set1_epi32(p[n - 1]), _mm256_maskload_epi32(p, m), m)};
}
TENON_INLINE longs load_some(const std::int64_t* p, int n) {
  const __m256i m = some(*p, n);
  const __m256i loaded = _mm256_maskload_epi64(reinterpret_cast<const long long*>(p), m);
  return {_mm256_blendv_epi8(_mm256_set1_epi64x(p[n - 1]), loaded, m)};
}
TENON_INLINE void store_some(std::int32_t* p, ints a, int n) { _mm256_maskstore_epi32(p, some(0, n), a.r); }
TENON_INLINE void store_some(std::int64_t* p, longs a, int n) {
  _mm256_maskstore_epi64(reinterpret_cast<long long*>(p), some(std::int64_t{}, n), a.r);
}
TENON_INLINE longs lower_half(ints a) { return {_mm256_cvtepi32_epi64(_mm256_castsi256_si128(a.r))}; }
TENON_INLINE longs upper_half(ints a) { return {_mm256_cvtepi32_epi64(_mm256_extracti128_si256(a.r, 1))}; }
TENON_INLINE ints join(longs lo, longs hi) { return {bits_of(narrow(as_doubles(lo.r), as_doubles(hi.r)))}; }

// 8-bit and 16-bit numbers: what each dtype is in memory, and the wider register that computes with it.
TENON_INLINE __m128i bytes(const void* p) { return _mm_loadl_epi64(static_cast<const __m128i*>(p)); }
TENON_INLINE __m128i words(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
TENON_INLINE ints load_small(const std::int8_t* p) { return {_mm256_cvtepi8_epi32(bytes(p))}; }
TENON_INLINE ints load_small(const std::uint8_t* p) { return {_mm256_cvtepu8_epi32(bytes(p))}; }
TENON_INLINE ints load_small(const std::int16_t* p) { return {_mm256_cvtepi16_epi32(words(p))}; }
TENON_INLINE ints load_small(const std::uint16_t* p) { return {_mm256_cvtepu16_epi32(words(p))}; }
template <class T>
TENON_INLINE void store_small(T* p, ints a) {
  const __m128i low = _mm256_castsi256_si128(a.r), high = _mm256_extracti128_si256(a.r, 1);
  const __m128i pick = sizeof(T) == 1
                           ? _mm_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1)
                           : _mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, -1, -1, -1, -1, -1, -1, -1, -1);
  const __m128i l = _mm_shuffle_epi8(low, pick), h = _mm_shuffle_epi8(high, pick);
  if constexpr (sizeof(T) == 1)
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_unpacklo_epi32(l, h));
  else
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm_unpacklo_epi64(l, h));
}
template <int N>
TENON_INLINE ints shift_left(ints a) {
  return {_mm256_slli_epi32(a.r, N)};
}
template <int N>
TENON_INLINE ints shift_right(ints a) {  // copies of the sign come in
  return {_mm256_srai_epi32(a.r, N)};
}
template <int N>
TENON_INLINE ints shift_right_zeros(ints a) {
  return {_mm256_srli_epi32(a.r, N)};
}
TENON_INLINE ints bit_and(ints a, ints b) { return {_mm256_and_si256(a.r, b.r)}; }
TENON_INLINE ints bit_or(ints a, ints b) { return {_mm256_or_si256(a.r, b.r)}; }
TENON_INLINE longs bit_and(longs a, longs b) { return {_mm256_and_si256(a.r, b.r)}; }
TENON_INLINE ints integers_of(floats a) { return {bits_of(a)}; }
TENON_INLINE floats floats_of(ints a) { return as_floats(a.r); }
#if defined(__F16C__)
#define TENON_CPU_HALVES 1
TENON_INLINE floats load_half(const void* p) { return _mm256_cvtph_ps(words(p)); }
TENON_INLINE void store_half(void* p, floats a) {
  _mm_storeu_si128(static_cast<__m128i*>(p), _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
}
TENON_INLINE floats round_half(floats a) {
  return _mm256_cvtph_ps(_mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
}
#endif

#endif

#else  // SSE2

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

#endif

// ---- what they share ----

TENON_INLINE floats set(float a) { return TENON_MM(set1_ps)(a); }
TENON_INLINE doubles set(double a) { return TENON_MM(set1_pd)(a); }
TENON_INLINE floats set_bits(std::uint32_t a) { return set(std::bit_cast<float>(a)); }
TENON_INLINE doubles set_bits(std::uint64_t a) { return set(std::bit_cast<double>(a)); }
TENON_INLINE floats load(const float* p) { return TENON_MM(loadu_ps)(p); }
TENON_INLINE doubles load(const double* p) { return TENON_MM(loadu_pd)(p); }
TENON_INLINE void store(float* p, floats a) { TENON_MM(storeu_ps)(p, a); }
TENON_INLINE void store(double* p, doubles a) { TENON_MM(storeu_pd)(p, a); }
TENON_INLINE floats add(floats a, floats b) { return TENON_MM(add_ps)(a, b); }
TENON_INLINE doubles add(doubles a, doubles b) { return TENON_MM(add_pd)(a, b); }
TENON_INLINE floats subtract(floats a, floats b) { return TENON_MM(sub_ps)(a, b); }
TENON_INLINE doubles subtract(doubles a, doubles b) { return TENON_MM(sub_pd)(a, b); }
TENON_INLINE floats multiply(floats a, floats b) { return TENON_MM(mul_ps)(a, b); }
TENON_INLINE doubles multiply(doubles a, doubles b) { return TENON_MM(mul_pd)(a, b); }
TENON_INLINE floats divide(floats a, floats b) { return TENON_MM(div_ps)(a, b); }
TENON_INLINE doubles divide(doubles a, doubles b) { return TENON_MM(div_pd)(a, b); }
TENON_INLINE float first(floats a) { return TENON_MM(cvtss_f32)(a); }
TENON_INLINE double first(doubles a) { return TENON_MM(cvtsd_f64)(a); }

// `greater` is a > b ? a : b, so b where either is NaN; `lesser` likewise.
#if !defined(__AVX512F__)
TENON_INLINE floats sqrt(floats a) { return TENON_MM(sqrt_ps)(a); }
TENON_INLINE doubles sqrt(doubles a) { return TENON_MM(sqrt_pd)(a); }
TENON_INLINE floats greater(floats a, floats b) { return TENON_MM(max_ps)(a, b); }
TENON_INLINE doubles greater(doubles a, doubles b) { return TENON_MM(max_pd)(a, b); }
TENON_INLINE floats lesser(floats a, floats b) { return TENON_MM(min_ps)(a, b); }
TENON_INLINE doubles lesser(doubles a, doubles b) { return TENON_MM(min_pd)(a, b); }
TENON_INLINE mask mask_and(mask a, mask b) { return bit_and(a, b); }
TENON_INLINE mask mask_or(mask a, mask b) { return bit_or(a, b); }
TENON_INLINE mask mask_xor(mask a, mask b) { return bit_xor(a, b); }
TENON_INLINE wide_mask mask_and(wide_mask a, wide_mask b) { return bit_and(a, b); }
TENON_INLINE wide_mask mask_or(wide_mask a, wide_mask b) { return bit_or(a, b); }
TENON_INLINE wide_mask mask_not(wide_mask a) { return bit_xor(a, set_bits(~std::uint64_t{0})); }
TENON_INLINE mask mask_set(bool a) { return set_bits(a ? ~std::uint32_t{0} : std::uint32_t{0}); }
TENON_INLINE mask mask_not(mask a) { return bit_xor(a, mask_set(true)); }
#endif

TENON_INLINE floats negate(floats a) { return bit_xor(a, set(-0.0f)); }
TENON_INLINE doubles negate(doubles a) { return bit_xor(a, set(-0.0)); }
TENON_INLINE floats abs(floats a) { return bit_and(a, set_bits(std::uint32_t{0x7fffffff})); }
TENON_INLINE doubles abs(doubles a) { return bit_and(a, set_bits(std::uint64_t{0x7fffffffffffffff})); }

TENON_INLINE floats maximum(floats a, floats b) { return select(is_nan(a), a, greater(a, b)); }
TENON_INLINE doubles maximum(doubles a, doubles b) { return select(is_nan(a), a, greater(a, b)); }
TENON_INLINE floats minimum(floats a, floats b) { return select(is_nan(a), a, lesser(a, b)); }
TENON_INLINE doubles minimum(doubles a, doubles b) { return select(is_nan(a), a, lesser(a, b)); }

/// Truncated, saturated, 0 for NaN. The conversion gives 0x80000000 for all it cannot represent.
TENON_INLINE void truncate(floats a, std::int32_t* p) {
#if defined(__AVX512F__)
  const __m512i truncated = _mm512_maskz_cvttps_epi32(mask_not(is_nan(a)), a);
  _mm512_storeu_si512(
      p, _mm512_mask_mov_epi32(truncated, less_equal(set(2147483648.0f), a), _mm512_set1_epi32(0x7fffffff)));
#else
  const floats flipped = bit_xor(as_floats(TENON_MM(cvttps_epi32)(a)), less_equal(set(2147483648.0f), a));
  to_words(bit_and(flipped, mask_not(is_nan(a))), p);
#endif
}

#if defined(TENON_CPU_INTEGER_PACKETS)
TENON_INLINE ints negate(ints a) { return subtract(set(std::int32_t{0}), a); }
TENON_INLINE longs negate(longs a) { return subtract(set(std::int64_t{0}), a); }
TENON_INLINE ints divide(ints a, ints b) {
  std::int32_t u[width], v[width];
  store(u, a);
  store(v, b);
  for (int i = 0; i < width; ++i) u[i] = math::divide(u[i], v[i]);
  return load(u);
}
TENON_INLINE longs divide(longs a, longs b) {
  std::int64_t u[width / 2], v[width / 2];
  store(u, a);
  store(v, b);
  for (int i = 0; i < width / 2; ++i) u[i] = math::divide(u[i], v[i]);
  return load(u);
}
template <int Distance>
TENON_INLINE ints exchange(ints a) {
  return {bits_of(exchange<Distance>(as_floats(a.r)))};
}
template <int Distance>
TENON_INLINE longs exchange(longs a) {
  return {bits_of(exchange<Distance>(as_doubles(a.r)))};
}
#endif

#if defined(TENON_CPU_INTEGER_PACKETS)
/// A float rounded to its upper half; NaN stays NaN, quiet.
TENON_INLINE floats round_bfloat(floats a) {
  const ints bits = integers_of(a), half = set(std::int32_t{0x7fff});
  const ints odd = bit_and(shift_right_zeros<16>(bits), set(std::int32_t{1}));
  const ints rounded = add(bits, add(half, odd));
  const ints kept = select(is_nan(a), bit_or(bits, set(std::int32_t{0x400000})), rounded);
  return floats_of(bit_and(kept, set(static_cast<std::int32_t>(0xffff0000u))));
}
TENON_INLINE floats load_bfloat(const void* p) {
  return floats_of(shift_left<16>(load_small(static_cast<const std::uint16_t*>(p))));
}
TENON_INLINE void store_bfloat(void* p, floats a) {  // of rounded values
  store_small(static_cast<std::uint16_t*>(p), shift_right_zeros<16>(integers_of(a)));
}
#endif

// ---- which register holds which dtype ----

template <class T>
struct register_of;
template <>
struct register_of<float> {
  using type = floats;
};
template <>
struct register_of<double> {
  using type = doubles;
};
#if defined(TENON_CPU_INTEGER_PACKETS)
template <>
struct register_of<std::int32_t> {
  using type = ints;
};
template <>
struct register_of<std::int64_t> {
  using type = longs;
};
template <class T>
concept single = std::is_same_v<T, float> || std::is_same_v<T, std::int32_t>;
template <class T>
concept pair = std::is_same_v<T, double> || std::is_same_v<T, std::int64_t>;
#else
template <class T>
concept single = std::is_same_v<T, float>;
template <class T>
concept pair = std::is_same_v<T, double>;
#endif

}  // namespace TENON_ISA

namespace isa = TENON_ISA;

#endif  // TENON_CPU_PACKETS

}  // namespace tenon::host
