// A fixed number of values of one dtype held in vector registers: what a value rule is evaluated on, on a
// CPU.
//
// On x86 float and double are vector registers and bool is what a float comparison yields; from AVX2 on the
// integers are registers too. The rest, and everything on other processors and under nvcc, is an array with
// fixed-trip loops that the compiler vectorises. (Integers as arrays cost a failed store forwarding, some 14
// ns, at each step where the compiler's vectors are not as wide as ours: measured with GCC 12, on AVX2 and
// AVX-512 but not on SSE2.) exp, log, tanh and sigmoid are written out here and not taken from Eigen: Eigen's
// are functions that several units emit under one name (see this_unit), its log is wrong on denormals and its
// sqrt is approximate.
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
TENON_INLINE floats select(mask m, floats a, floats b) { return _mm256_blendv_ps(b, a, m); }
TENON_INLINE doubles select(wide_mask m, doubles a, doubles b) { return _mm256_blendv_pd(b, a, m); }

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

// ---- exp and log ----

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

#undef TENON_MM

}  // namespace TENON_ISA

namespace isa = TENON_ISA;
#undef TENON_ISA

#endif  // TENON_CPU_PACKETS

/// lane_count<Unit> values of dtype T: float, double, std::int32_t, std::int64_t or bool. Here as an array.
template <class T, class Unit = this_unit>
struct lanes {
  static constexpr int count = lane_count<Unit>;

  alignas(4 * lane_count<Unit>) T v[count];

  lanes() = default;
  TENON_INLINE explicit lanes(T a) {
    for (int i = 0; i < count; ++i) v[i] = a;
  }

  TENON_INLINE static lanes load(const T* p) {
    lanes r;
    std::memcpy(r.v, p, sizeof r.v);
    return r;
  }
  /// Reads p[0] to p[n - 1], 1 <= n < count; the other lanes repeat the last.
  TENON_INLINE static lanes load_partial(const T* p, index n) {
    lanes r;
    for (int i = 0; i < count; ++i) r.v[i] = p[i < n ? i : n - 1];
    return r;
  }
  TENON_INLINE void store(T* p) const { std::memcpy(p, v, sizeof v); }
  TENON_INLINE void store_partial(T* p, index n) const {
    for (int i = 0; i < n; ++i) p[i] = v[i];
  }

  TENON_INLINE T first() const { return v[0]; }

  /// start, start + 1, ...
  TENON_INLINE static lanes iota(T start) {
    lanes r;
    for (int i = 0; i < count; ++i) r.v[i] = math::add(start, static_cast<T>(i));
    return r;
  }

  /// Combines lanes by halves: i with i + count/2, and so on. `op` is called on scalars or on lanes.
  template <class Op>
  TENON_INLINE static T fold(const lanes& x, Op op) {
    lanes r = x;
    for (int half = count / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; ++i) r.v[i] = op(r.v[i], r.v[i + half]);
    }
    return r.v[0];
  }
};

#if defined(TENON_CPU_PACKETS)

/// Truth values: all-ones 32-bit lanes, or a mask register with AVX-512. In memory a byte of 0 or 1 each.
template <class Unit>
struct lanes<bool, Unit> {
  static constexpr int count = lane_count<Unit>;

  isa::mask m;

  lanes() = default;
  TENON_INLINE explicit lanes(bool a) : m(isa::mask_set(a)) {}

  TENON_INLINE static lanes from(isa::mask a) {
    lanes r;
    r.m = a;
    return r;
  }
  /// To and from `count` words of 0 or -1, the form that arrays compute with.
  TENON_INLINE static lanes from_words(const std::int32_t* p) { return from(isa::from_words(p)); }
  TENON_INLINE void to_words(std::int32_t* p) const { isa::to_words(m, p); }

  TENON_INLINE static lanes load(const bool* p) { return from(isa::from_bytes(p)); }
  TENON_INLINE static lanes load_partial(const bool* p, index n) {
    bool b[count];
    for (int i = 0; i < count; ++i) b[i] = p[i < n ? i : n - 1];
    return load(b);
  }
  TENON_INLINE void store(bool* p) const { isa::to_bytes(m, p); }
  TENON_INLINE void store_partial(bool* p, index n) const {
    bool b[count];
    store(b);
    for (int i = 0; i < n; ++i) p[i] = b[i];
  }

  TENON_INLINE bool first() const { return isa::mask_first(m); }

  template <class Op>
  TENON_INLINE static bool fold(const lanes& x, Op op) {
    bool r[count];
    x.store(r);
    for (int half = count / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; ++i) r[i] = op(r[i], r[i + half]);
    }
    return r[0];
  }
};

/// A dtype whose `count` values fill one register.
template <class T, class Unit>
requires isa::single<T>
struct lanes<T, Unit> {
  static constexpr int count = lane_count<Unit>;
  static_assert(count == isa::width);

  typename isa::register_of<T>::type x;

  lanes() = default;
  TENON_INLINE explicit lanes(T a) : x(isa::set(a)) {}

  TENON_INLINE static lanes from(typename isa::register_of<T>::type a) {
    lanes r;
    r.x = a;
    return r;
  }

  TENON_INLINE static lanes load(const T* p) { return from(isa::load(p)); }
  TENON_INLINE static lanes load_partial(const T* p, index n) {
    return from(isa::load_some(p, static_cast<int>(n)));
  }
  TENON_INLINE void store(T* p) const { isa::store(p, x); }
  TENON_INLINE void store_partial(T* p, index n) const { isa::store_some(p, x, static_cast<int>(n)); }

  TENON_INLINE T first() const { return isa::first(x); }
  TENON_INLINE static lanes iota(T start) { return from(isa::add(isa::set(start), isa::iota(start))); }

  template <class Op>
  TENON_INLINE static T fold(lanes a, Op op) {
    if constexpr (count > 8) a = op(a, from(isa::exchange<8>(a.x)));
    if constexpr (count > 4) a = op(a, from(isa::exchange<4>(a.x)));
    a = op(a, from(isa::exchange<2>(a.x)));
    a = op(a, from(isa::exchange<1>(a.x)));
    return a.first();
  }
};

/// A dtype whose `count` values fill two registers.
template <class T, class Unit>
requires isa::pair<T>
struct lanes<T, Unit> {
  static constexpr int count = lane_count<Unit>;
  static constexpr int half = count / 2;

  typename isa::register_of<T>::type lo, hi;

  lanes() = default;
  TENON_INLINE explicit lanes(T a) : lo(isa::set(a)), hi(lo) {}

  TENON_INLINE static lanes from(typename isa::register_of<T>::type a, typename isa::register_of<T>::type b) {
    lanes r;
    r.lo = a;
    r.hi = b;
    return r;
  }

  TENON_INLINE static lanes load(const T* p) { return from(isa::load(p), isa::load(p + half)); }
  TENON_INLINE static lanes load_partial(const T* p, index n) {
    const int k = static_cast<int>(n);
    if (k <= half) return from(isa::load_some(p, k), isa::set(p[k - 1]));
    return from(isa::load(p), isa::load_some(p + half, k - half));
  }
  TENON_INLINE void store(T* p) const {
    isa::store(p, lo);
    isa::store(p + half, hi);
  }
  TENON_INLINE void store_partial(T* p, index n) const {
    const int k = static_cast<int>(n);
    if (k <= half) return isa::store_some(p, lo, k);
    isa::store(p, lo);
    isa::store_some(p + half, hi, k - half);
  }

  TENON_INLINE T first() const { return isa::first(lo); }
  TENON_INLINE static lanes iota(T start) {
    const auto steps = isa::iota(start);
    return from(isa::add(isa::set(start), steps),
                isa::add(isa::set(start), isa::add(steps, isa::set(T(half)))));
  }

  template <class Op>
  TENON_INLINE static T fold(lanes a, Op op) {
    a = op(a, from(a.hi, a.lo));
    if constexpr (half > 4) a = op(a, from(isa::exchange<4>(a.lo), isa::exchange<4>(a.hi)));
    if constexpr (half > 2) a = op(a, from(isa::exchange<2>(a.lo), isa::exchange<2>(a.hi)));
    a = op(a, from(isa::exchange<1>(a.lo), isa::exchange<1>(a.hi)));
    return a.first();
  }
};

#else  // arrays

/// Truth values: words of 0 or -1. In memory a byte of 0 or 1 each.
template <class Unit>
struct lanes<bool, Unit> {
  static constexpr int count = lane_count<Unit>;

  alignas(4 * lane_count<Unit>) std::int32_t v[count];

  lanes() = default;
  TENON_INLINE explicit lanes(bool a) {
    for (int i = 0; i < count; ++i) v[i] = -static_cast<std::int32_t>(a);
  }

  TENON_INLINE static lanes from_words(const std::int32_t* p) {
    lanes r;
    std::memcpy(r.v, p, sizeof r.v);
    return r;
  }
  TENON_INLINE void to_words(std::int32_t* p) const { std::memcpy(p, v, sizeof v); }

  TENON_INLINE static lanes load(const bool* p) {
    lanes r;
    for (int i = 0; i < count; ++i) r.v[i] = -static_cast<std::int32_t>(p[i]);
    return r;
  }
  TENON_INLINE static lanes load_partial(const bool* p, index n) {
    lanes r;
    for (int i = 0; i < count; ++i) r.v[i] = -static_cast<std::int32_t>(p[i < n ? i : n - 1]);
    return r;
  }
  TENON_INLINE void store(bool* p) const {
    for (int i = 0; i < count; ++i) p[i] = v[i] != 0;
  }
  TENON_INLINE void store_partial(bool* p, index n) const {
    for (int i = 0; i < n; ++i) p[i] = v[i] != 0;
  }

  TENON_INLINE bool first() const { return v[0] != 0; }

  template <class Op>
  TENON_INLINE static bool fold(const lanes& x, Op op) {
    bool r[count];
    x.store(r);
    for (int half = count / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; ++i) r[i] = op(r[i], r[i + half]);
    }
    return r[0];
  }
};

#endif

// ---- functions on arrays ----

#define TENON_LANES_UNARY(name)                                             \
  template <class T, class Unit>                                            \
  TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a) {               \
    lanes<T, Unit> r;                                                       \
    for (int i = 0; i < lane_count<Unit>; ++i) r.v[i] = math::name(a.v[i]); \
    return r;                                                               \
  }
#define TENON_LANES_BINARY(name)                                                       \
  template <class T, class Unit>                                                       \
  TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a, const lanes<T, Unit>& b) { \
    lanes<T, Unit> r;                                                                  \
    for (int i = 0; i < lane_count<Unit>; ++i) r.v[i] = math::name(a.v[i], b.v[i]);    \
    return r;                                                                          \
  }
#define TENON_LANES_COMPARE(name, sign)                                                   \
  template <class T, class Unit>                                                          \
  TENON_INLINE lanes<bool, Unit> name(const lanes<T, Unit>& a, const lanes<T, Unit>& b) { \
    alignas(4 * lane_count<Unit>) std::int32_t words[lane_count<Unit>];                   \
    for (int i = 0; i < lane_count<Unit>; ++i) words[i] = a.v[i] sign b.v[i] ? -1 : 0;    \
    return lanes<bool, Unit>::from_words(words);                                          \
  }
TENON_LANES_UNARY(negate)
TENON_LANES_UNARY(abs)
TENON_LANES_UNARY(sqrt)
TENON_LANES_UNARY(exp)
TENON_LANES_UNARY(log)
TENON_LANES_UNARY(tanh)
TENON_LANES_UNARY(sigmoid)
TENON_LANES_BINARY(add)
TENON_LANES_BINARY(subtract)
TENON_LANES_BINARY(multiply)
TENON_LANES_BINARY(divide)
TENON_LANES_BINARY(maximum)
TENON_LANES_BINARY(minimum)
TENON_LANES_COMPARE(less, <)
TENON_LANES_COMPARE(less_equal, <=)
TENON_LANES_COMPARE(equal, ==)
#undef TENON_LANES_UNARY
#undef TENON_LANES_BINARY
#undef TENON_LANES_COMPARE

template <class T, class Unit>
TENON_INLINE lanes<bool, Unit> is_nan(const lanes<T, Unit>& a) {
  if constexpr (math::real<T>) {
    alignas(4 * lane_count<Unit>) std::int32_t words[lane_count<Unit>];
    for (int i = 0; i < lane_count<Unit>; ++i) words[i] = a.v[i] != a.v[i] ? -1 : 0;
    return lanes<bool, Unit>::from_words(words);
  } else {
    return lanes<bool, Unit>(false);
  }
}

template <class T, class Unit>
TENON_INLINE lanes<T, Unit> where(lanes<bool, Unit> condition, const lanes<T, Unit>& a,
                                  const lanes<T, Unit>& b) {
  alignas(4 * lane_count<Unit>) std::int32_t words[lane_count<Unit>];
  condition.to_words(words);
  lanes<T, Unit> r;
  for (int i = 0; i < lane_count<Unit>; ++i) r.v[i] = words[i] != 0 ? a.v[i] : b.v[i];
  return r;
}

// ---- functions on registers ----

#if defined(TENON_CPU_PACKETS)

#define TENON_LANES_UNARY(name)                                                       \
  template <class T, class Unit>                                                      \
  requires isa::single<T> TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a) { \
    return lanes<T, Unit>::from(isa::name(a.x));                                      \
  }                                                                                   \
  template <class T, class Unit>                                                      \
  requires isa::pair<T> TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a) {   \
    return lanes<T, Unit>::from(isa::name(a.lo), isa::name(a.hi));                    \
  }
#define TENON_LANES_BINARY(name)                                                                             \
  template <class T, class Unit>                                                                             \
  requires isa::single<T> TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a,                          \
                                                           const lanes<T, Unit>& b) {                        \
    return lanes<T, Unit>::from(isa::name(a.x, b.x));                                                        \
  }                                                                                                          \
  template <class T, class Unit>                                                                             \
  requires isa::pair<T> TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a, const lanes<T, Unit>& b) { \
    return lanes<T, Unit>::from(isa::name(a.lo, b.lo), isa::name(a.hi, b.hi));                               \
  }
#define TENON_LANES_COMPARE(name)                                                              \
  template <class T, class Unit>                                                               \
  requires isa::single<T> TENON_INLINE lanes<bool, Unit> name(const lanes<T, Unit>& a,         \
                                                              const lanes<T, Unit>& b) {       \
    return lanes<bool, Unit>::from(isa::name(a.x, b.x));                                       \
  }                                                                                            \
  template <class T, class Unit>                                                               \
  requires isa::pair<T> TENON_INLINE lanes<bool, Unit> name(const lanes<T, Unit>& a,           \
                                                            const lanes<T, Unit>& b) {         \
    return lanes<bool, Unit>::from(isa::narrow(isa::name(a.lo, b.lo), isa::name(a.hi, b.hi))); \
  }
TENON_LANES_UNARY(negate)
TENON_LANES_UNARY(abs)
TENON_LANES_UNARY(sqrt)
TENON_LANES_UNARY(exp)
TENON_LANES_UNARY(log)
TENON_LANES_UNARY(tanh)
TENON_LANES_UNARY(sigmoid)
TENON_LANES_BINARY(add)
TENON_LANES_BINARY(subtract)
TENON_LANES_BINARY(multiply)
TENON_LANES_BINARY(divide)
TENON_LANES_BINARY(maximum)
TENON_LANES_BINARY(minimum)
TENON_LANES_COMPARE(less)
TENON_LANES_COMPARE(less_equal)
TENON_LANES_COMPARE(equal)
#undef TENON_LANES_UNARY
#undef TENON_LANES_BINARY
#undef TENON_LANES_COMPARE

template <class T, class Unit>
requires isa::single<T> TENON_INLINE lanes<bool, Unit> is_nan(const lanes<T, Unit>& a) {
  return lanes<bool, Unit>::from(isa::is_nan(a.x));
}
template <class T, class Unit>
requires isa::pair<T> TENON_INLINE lanes<bool, Unit> is_nan(const lanes<T, Unit>& a) {
  return lanes<bool, Unit>::from(isa::narrow(isa::is_nan(a.lo), isa::is_nan(a.hi)));
}

template <class T, class Unit>
requires isa::single<T> TENON_INLINE lanes<T, Unit> where(lanes<bool, Unit> condition,
                                                          const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return lanes<T, Unit>::from(isa::select(condition.m, a.x, b.x));
}
template <class T, class Unit>
requires isa::pair<T> TENON_INLINE lanes<T, Unit> where(lanes<bool, Unit> condition, const lanes<T, Unit>& a,
                                                        const lanes<T, Unit>& b) {
  return lanes<T, Unit>::from(isa::select(isa::widen_lo(condition.m), a.lo, b.lo),
                              isa::select(isa::widen_hi(condition.m), a.hi, b.hi));
}

// ---- functions on truth values ----

template <class Unit>
TENON_INLINE lanes<bool, Unit> logical_and(lanes<bool, Unit> a, lanes<bool, Unit> b) {
  return lanes<bool, Unit>::from(isa::mask_and(a.m, b.m));
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> logical_or(lanes<bool, Unit> a, lanes<bool, Unit> b) {
  return lanes<bool, Unit>::from(isa::mask_or(a.m, b.m));
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> logical_not(lanes<bool, Unit> a) {
  return lanes<bool, Unit>::from(isa::mask_not(a.m));
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> equal(const lanes<bool, Unit>& a, const lanes<bool, Unit>& b) {
  return lanes<bool, Unit>::from(isa::mask_not(isa::mask_xor(a.m, b.m)));
}

#else

template <class Unit>
TENON_INLINE lanes<bool, Unit> logical_and(lanes<bool, Unit> a, lanes<bool, Unit> b) {
  for (int i = 0; i < lane_count<Unit>; ++i) a.v[i] &= b.v[i];
  return a;
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> logical_or(lanes<bool, Unit> a, lanes<bool, Unit> b) {
  for (int i = 0; i < lane_count<Unit>; ++i) a.v[i] |= b.v[i];
  return a;
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> logical_not(lanes<bool, Unit> a) {
  for (int i = 0; i < lane_count<Unit>; ++i) a.v[i] = ~a.v[i];
  return a;
}

#endif

template <class Unit>
TENON_INLINE lanes<bool, Unit> where(lanes<bool, Unit> condition, const lanes<bool, Unit>& a,
                                     const lanes<bool, Unit>& b) {
  return host::logical_or(host::logical_and(condition, a),
                          host::logical_and(host::logical_not(condition), b));
}

// false is less than true
template <class Unit>
TENON_INLINE lanes<bool, Unit> less(const lanes<bool, Unit>& a, const lanes<bool, Unit>& b) {
  return host::logical_and(host::logical_not(a), b);
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> less_equal(const lanes<bool, Unit>& a, const lanes<bool, Unit>& b) {
  return host::logical_or(host::logical_not(a), b);
}

// ---- operators ----

template <class T, class Unit>
TENON_INLINE lanes<T, Unit> operator+(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::add(a, b);
}
template <class T, class Unit>
TENON_INLINE lanes<T, Unit> operator-(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::subtract(a, b);
}
template <class T, class Unit>
TENON_INLINE lanes<T, Unit> operator*(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::multiply(a, b);
}
template <class T, class Unit>
TENON_INLINE lanes<T, Unit> operator/(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::divide(a, b);
}
template <class T, class Unit>
TENON_INLINE lanes<T, Unit> operator-(const lanes<T, Unit>& a) {
  return host::negate(a);
}
template <class T, class Unit>
TENON_INLINE lanes<bool, Unit> operator<(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::less(a, b);
}
template <class T, class Unit>
TENON_INLINE lanes<bool, Unit> operator<=(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::less_equal(a, b);
}
template <class T, class Unit>
TENON_INLINE lanes<bool, Unit> operator>(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::less(b, a);
}
template <class T, class Unit>
TENON_INLINE lanes<bool, Unit> operator>=(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::less_equal(b, a);
}
template <class T, class Unit>
TENON_INLINE lanes<bool, Unit> operator==(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::equal(a, b);
}
template <class T, class Unit>
TENON_INLINE lanes<bool, Unit> operator!=(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::logical_not(host::equal(a, b));
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> operator&&(lanes<bool, Unit> a, lanes<bool, Unit> b) {
  return host::logical_and(a, b);
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> operator||(lanes<bool, Unit> a, lanes<bool, Unit> b) {
  return host::logical_or(a, b);
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> operator!(lanes<bool, Unit> a) {
  return host::logical_not(a);
}

// ---- conversion ----

/// Lane by lane what math::cast gives.
template <class To, class From, class Unit>
TENON_INLINE lanes<To, Unit> cast(const lanes<From, Unit>& a) {
  if constexpr (std::is_same_v<To, From>) {
    return a;
  } else if constexpr (std::is_same_v<From, bool>) {
    return host::where(a, lanes<To, Unit>(To(1)), lanes<To, Unit>(To(0)));
  } else if constexpr (std::is_same_v<To, bool>) {
    return a != lanes<From, Unit>(From(0));
#if defined(TENON_CPU_PACKETS)
  } else if constexpr (isa::single<From> && isa::pair<To> && math::real<From> == math::real<To>) {
    return lanes<To, Unit>::from(isa::lower_half(a.x), isa::upper_half(a.x));
  } else if constexpr (isa::pair<From> && isa::single<To> && math::real<From> == math::real<To>) {
    return lanes<To, Unit>::from(isa::join(a.lo, a.hi));
  } else if constexpr (std::is_same_v<To, std::int32_t> && std::is_same_v<From, float>) {
    alignas(4 * lane_count<Unit>) std::int32_t to[lane_count<Unit>];
    isa::truncate(a.x, to);
    return lanes<To, Unit>::load(to);
  } else if constexpr (std::is_same_v<To, std::int32_t> && std::is_same_v<From, double>) {
    // Both bounds are doubles, so what is clamped to them converts exactly.
    lanes<From, Unit> b = host::where(host::is_nan(a), lanes<From, Unit>(0.0), a);
    b = host::maximum(host::minimum(b, lanes<From, Unit>(2147483647.0)), lanes<From, Unit>(-2147483648.0));
    alignas(4 * lane_count<Unit>) std::int32_t to[lane_count<Unit>];
    isa::truncate(b.lo, to);
    isa::truncate(b.hi, to + lane_count<Unit> / 2);
    return lanes<To, Unit>::load(to);
  } else if constexpr (std::is_same_v<From, std::int32_t> && math::real<To>) {
    alignas(4 * lane_count<Unit>) std::int32_t from[lane_count<Unit>];
    a.store(from);
    if constexpr (std::is_same_v<To, float>) {
      return lanes<To, Unit>::from(isa::from_integers(from));
    } else {
      return lanes<To, Unit>::from(isa::wide_from_integers(from),
                                   isa::wide_from_integers(from + lane_count<Unit> / 2));
    }
#endif
  } else {
    alignas(4 * lane_count<Unit>) From from[lane_count<Unit>];
    alignas(4 * lane_count<Unit>) To to[lane_count<Unit>];
    a.store(from);
    for (int i = 0; i < lane_count<Unit>; ++i) to[i] = math::cast<To>(from[i]);
    return lanes<To, Unit>::load(to);
  }
}

}  // namespace tenon::host
