// Registers filled and emptied by a number of bytes that is known while compiling, and their elements moved
// about by tables that are: what tiles are made of.
//
// A masked load or store would do for any number, but no compiler sees through one, and small arrays live by
// what the compiler sees through.
#pragma once

#include "tenon/eval/cpu/registers.hpp"

#if defined(TENON_CPU_PACKETS)

namespace tenon::host::TENON_ISA {

#if defined(__AVX512F__)
using raw = __m512i;
TENON_INLINE raw raw_of(floats a) { return _mm512_castps_si512(a); }
TENON_INLINE raw raw_of(doubles a) { return _mm512_castpd_si512(a); }
TENON_INLINE floats as(raw a, float) { return _mm512_castsi512_ps(a); }
TENON_INLINE doubles as(raw a, double) { return _mm512_castsi512_pd(a); }
#elif defined(__AVX__)
using raw = __m256i;
TENON_INLINE raw raw_of(floats a) { return _mm256_castps_si256(a); }
TENON_INLINE raw raw_of(doubles a) { return _mm256_castpd_si256(a); }
TENON_INLINE floats as(raw a, float) { return _mm256_castsi256_ps(a); }
TENON_INLINE doubles as(raw a, double) { return _mm256_castsi256_pd(a); }
#else
using raw = __m128i;
TENON_INLINE raw raw_of(floats a) { return _mm_castps_si128(a); }
TENON_INLINE raw raw_of(doubles a) { return _mm_castpd_si128(a); }
TENON_INLINE floats as(raw a, float) { return _mm_castsi128_ps(a); }
TENON_INLINE doubles as(raw a, double) { return _mm_castsi128_pd(a); }
#endif
#if defined(TENON_CPU_INTEGER_PACKETS)
TENON_INLINE raw raw_of(ints a) { return a.r; }
TENON_INLINE raw raw_of(longs a) { return a.r; }
TENON_INLINE ints as(raw a, std::int32_t) { return {a}; }
TENON_INLINE longs as(raw a, std::int64_t) { return {a}; }
#endif

// ---- parts of registers ----

/// Bytes: 4, 8, 12 or 16; the others are 0.
template <int Bytes>
TENON_INLINE __m128i load_quarter(const void* p) {
  const char* const c = static_cast<const char*>(p);
  if constexpr (Bytes == 4) {
    int a;
    std::memcpy(&a, c, 4);
    return _mm_cvtsi32_si128(a);
  } else if constexpr (Bytes == 8) {
    return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(c));
  } else if constexpr (Bytes == 12) {
    return _mm_unpacklo_epi64(load_quarter<8>(c), load_quarter<4>(c + 8));
  } else {
    static_assert(Bytes == 16);
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(c));
  }
}
template <int Bytes>
TENON_INLINE void store_quarter(void* p, __m128i a) {
  char* const c = static_cast<char*>(p);
  if constexpr (Bytes == 4) {
    const int v = _mm_cvtsi128_si32(a);
    std::memcpy(c, &v, 4);
  } else if constexpr (Bytes == 8) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(c), a);
  } else if constexpr (Bytes == 12) {
    store_quarter<8>(c, a);
    store_quarter<4>(c + 8, _mm_unpackhi_epi64(a, a));
  } else {
    static_assert(Bytes == 16);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(c), a);
  }
}

#if defined(__AVX__)
/// Bytes: a multiple of 4, at most 32; the others are undefined.
template <int Bytes>
TENON_INLINE __m256i load_half(const void* p) {
  const char* const c = static_cast<const char*>(p);
  if constexpr (Bytes == 32)
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(c));
  else if constexpr (Bytes <= 16)
    return _mm256_castsi128_si256(load_quarter<Bytes>(c));
  else
    return _mm256_insertf128_si256(_mm256_castsi128_si256(load_quarter<16>(c)),
                                   load_quarter<Bytes - 16>(c + 16), 1);
}
template <int Bytes>
TENON_INLINE void store_half(void* p, __m256i a) {
  char* const c = static_cast<char*>(p);
  if constexpr (Bytes == 32) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(c), a);
  } else if constexpr (Bytes <= 16) {
    store_quarter<Bytes>(c, _mm256_castsi256_si128(a));
  } else {
    store_quarter<16>(c, _mm256_castsi256_si128(a));
    store_quarter<Bytes - 16>(c + 16, _mm256_extractf128_si256(a, 1));
  }
}
#endif

/// A register's first Bytes, a multiple of 4, from or to memory.
template <int Bytes>
TENON_INLINE raw load_bytes(const void* p) {
#if defined(__AVX512F__)
  const char* const c = static_cast<const char*>(p);
  if constexpr (Bytes == 64)
    return _mm512_loadu_si512(c);
  else if constexpr (Bytes <= 32)
    return _mm512_castsi256_si512(load_half<Bytes>(c));
  else
    return _mm512_maskz_inserti64x4(all_wide, _mm512_castsi256_si512(load_half<32>(c)),
                                    load_half<Bytes - 32>(c + 32), 1);
#elif defined(__AVX__)
  return load_half<Bytes>(p);
#else
  return load_quarter<Bytes>(p);
#endif
}
template <int Bytes>
TENON_INLINE void store_bytes(void* p, raw a) {
#if defined(__AVX512F__)
  char* const c = static_cast<char*>(p);
  if constexpr (Bytes == 64) {
    _mm512_storeu_si512(c, a);
  } else if constexpr (Bytes <= 32) {
    store_half<Bytes>(c, _mm512_maskz_extracti64x4_epi64(all_wide, a, 0));
  } else {
    store_half<32>(c, _mm512_maskz_extracti64x4_epi64(all_wide, a, 0));
    store_half<Bytes - 32>(c + 32, _mm512_maskz_extracti64x4_epi64(all_wide, a, 1));
  }
#elif defined(__AVX__)
  store_half<Bytes>(p, a);
#else
  store_quarter<Bytes>(p, a);
#endif
}

// ---- elements moved ----

// With AVX2 and AVX-512 any element of 4 or 8 bytes goes anywhere by one instruction and a table.
#if defined(__AVX2__) || defined(__AVX512F__)
#define TENON_CPU_PERMUTES 1

inline constexpr int word_count = int(sizeof(raw)) / 4;
struct alignas(64) word_table {
  std::int32_t at[word_count];
};

/// Whether a table moves words inside of their 16 bytes alone, in the same way in all of them, or whole 16
/// bytes; and the constant that an instruction wants then, which saves it a table to load. Bit i of `used`:
/// word i of the result is looked at.
struct word_moves {
  bool inside = true, whole = true;
  int inner = 0, outer = 0;

  constexpr word_moves(const word_table& t, unsigned used) {
    int word[4] = {-1, -1, -1, -1}, block[4] = {-1, -1, -1, -1};
    for (int i = 0; i < word_count; ++i) {
      if (((used >> i) & 1) == 0) continue;
      const int from = t.at[i];
      inside = inside && from / 4 == i / 4 && (word[i % 4] < 0 || word[i % 4] == from % 4);
      whole = whole && from % 4 == i % 4 && (block[i / 4] < 0 || block[i / 4] == from / 4);
      word[i % 4] = from % 4;
      block[i / 4] = from / 4;
    }
    for (int k = 0; k < 4; ++k) inner |= (word[k] < 0 ? k : word[k]) << (2 * k);
    for (int k = 0; k < word_count / 4; ++k)
      outer |= (block[k] < 0 ? k : block[k]) << (word_count == 16 ? 2 * k : 4 * k);
  }
};

/// Word i of the result is word at[i] of a; Table::words is where the table is, Table::moves what is known of
/// it.
template <class Table>
TENON_INLINE raw permuted(raw a) {
  [[maybe_unused]] constexpr int inner = Table::moves.inner, outer = Table::moves.outer;
#if defined(__AVX512F__)
  if constexpr (Table::moves.inside)
    return _mm512_maskz_shuffle_epi32(all, a, static_cast<_MM_PERM_ENUM>(inner));
  else if constexpr (Table::moves.whole)
    return _mm512_maskz_shuffle_i32x4(all, a, a, outer);
  else
    return _mm512_maskz_permutexvar_epi32(all, _mm512_load_si512(Table::words.at), a);
#else
  if constexpr (Table::moves.inside)
    return _mm256_shuffle_epi32(a, inner);
  else if constexpr (Table::moves.whole)
    return _mm256_permute2x128_si256(a, a, outer);
  else
    return _mm256_permutevar8x32_epi32(a,
                                       _mm256_load_si256(reinterpret_cast<const __m256i*>(Table::words.at)));
#endif
}
/// Word i of b where bit i of Bits is set, else of a.
template <unsigned Bits>
TENON_INLINE raw blended(raw a, raw b) {
#if defined(__AVX512F__)
  return _mm512_mask_blend_epi32(static_cast<mask>(Bits), a, b);
#else
  return _mm256_blend_epi32(a, b, Bits);
#endif
}
#endif

}  // namespace tenon::host::TENON_ISA

#endif  // TENON_CPU_PACKETS
