// Registers of AVX and AVX2: what of registers.hpp is their own; integers with AVX2 alone.
#pragma once

#include <tenon/eval/cpu/vector_extension.hpp>

#include <cstdint>
#include <cstring>

#if defined(TENON_CPU_PACKETS) && defined(__AVX__) && !defined(__AVX512F__)
namespace tenon::host::TENON_ISA {

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

}  // namespace tenon::host::TENON_ISA
#endif
