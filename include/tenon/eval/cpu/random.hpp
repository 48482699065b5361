// Random bits and normal numbers many at a time: 32 blocks of Philox side by side in registers, and Box and
// Muller's formula on lanes.
//
// A batch is 128 words. Integers are the same by any instructions; the last bits of normal numbers are those
// of the unit's logarithm and fused products.
#pragma once

#include <numbers>

#include "tenon/core/philox.hpp"
#include "tenon/eval/cpu/functions.hpp"

#if defined(__AVX2__) || defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace tenon::host {

inline constexpr int batch_blocks = 32, batch_words = 4 * batch_blocks;

template <class Unit = this_unit>
struct random_batch {
  /// The words of blocks first, first + 1, ... of a stream.
  static void fill(const random_key& key, std::uint64_t first, std::uint32_t* to) {
#if defined(__AVX512F__)
    if (static_cast<std::uint32_t>(first) <= 0xFFFFFFFFu - batch_blocks) return fill_lanes(key, first, to);
#elif defined(__AVX2__)
    if (static_cast<std::uint32_t>(first) <= 0xFFFFFFFFu - batch_blocks)
      for (int part = 0; part < 2; ++part)
        fill_lanes(key, first + static_cast<std::uint64_t>(16 * part), to + 64 * part);
    if (static_cast<std::uint32_t>(first) <= 0xFFFFFFFFu - batch_blocks) return;
#endif
    for (int b = 0; b < batch_blocks; ++b) {
      const random_block block = key.block(first + static_cast<std::uint64_t>(b));
      for (int k = 0; k < 4; ++k) to[4 * b + k] = block.word[k];
    }
  }

 private:
  // Two registers for each word of the counter, so that one's products run while the other's are waited for.
  // Lanes hold blocks in the order in which unpacking by words and pairs puts them back in a row.
#if defined(__AVX512F__)
  using reg = __m512i;
  static TENON_HOST_INLINE reg set(std::uint32_t v) { return _mm512_set1_epi32(static_cast<int>(v)); }
  static TENON_HOST_INLINE reg order() {
    return _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  }
  static TENON_HOST_INLINE reg add(reg a, reg b) { return _mm512_add_epi32(a, b); }
  static TENON_HOST_INLINE reg mix(reg a, reg b, reg c) {
    return _mm512_xor_si512(_mm512_xor_si512(a, b), c);
  }
  static TENON_HOST_INLINE void multiply(reg x, reg factor, reg& high, reg& low) {
    const reg even = _mm512_maskz_mul_epu32(0xff, x, factor),
              odd = _mm512_maskz_mul_epu32(0xff, _mm512_maskz_srli_epi64(0xff, x, 32), factor);
    high = _mm512_mask_mov_epi32(_mm512_maskz_srli_epi64(0xff, even, 32), 0xAAAA, odd);
    low = _mm512_mask_mov_epi32(even, 0xAAAA, _mm512_maskz_slli_epi64(0xff, odd, 32));
  }
  static TENON_HOST_INLINE void store(std::uint32_t* to, const reg (&w)[4]) {
    const reg a = _mm512_maskz_unpacklo_epi32(0xffff, w[0], w[1]),
              b = _mm512_maskz_unpackhi_epi32(0xffff, w[0], w[1]);
    const reg c = _mm512_maskz_unpacklo_epi32(0xffff, w[2], w[3]),
              d = _mm512_maskz_unpackhi_epi32(0xffff, w[2], w[3]);
    _mm512_storeu_si512(to, _mm512_maskz_unpacklo_epi64(0xff, a, c));
    _mm512_storeu_si512(to + 16, _mm512_maskz_unpackhi_epi64(0xff, a, c));
    _mm512_storeu_si512(to + 32, _mm512_maskz_unpacklo_epi64(0xff, b, d));
    _mm512_storeu_si512(to + 48, _mm512_maskz_unpackhi_epi64(0xff, b, d));
  }
#elif defined(__AVX2__)
  using reg = __m256i;
  static TENON_HOST_INLINE reg set(std::uint32_t v) { return _mm256_set1_epi32(static_cast<int>(v)); }
  static TENON_HOST_INLINE reg order() { return _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7); }
  static TENON_HOST_INLINE reg add(reg a, reg b) { return _mm256_add_epi32(a, b); }
  static TENON_HOST_INLINE reg mix(reg a, reg b, reg c) {
    return _mm256_xor_si256(_mm256_xor_si256(a, b), c);
  }
  static TENON_HOST_INLINE void multiply(reg x, reg factor, reg& high, reg& low) {
    const reg even = _mm256_mul_epu32(x, factor), odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), factor);
    high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
    low = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
  }
  static TENON_HOST_INLINE void store(std::uint32_t* to, const reg (&w)[4]) {
    const reg a = _mm256_unpacklo_epi32(w[0], w[1]), b = _mm256_unpackhi_epi32(w[0], w[1]);
    const reg c = _mm256_unpacklo_epi32(w[2], w[3]), d = _mm256_unpackhi_epi32(w[2], w[3]);
    auto* const at = reinterpret_cast<__m256i*>(to);
    _mm256_storeu_si256(at, _mm256_unpacklo_epi64(a, c));
    _mm256_storeu_si256(at + 1, _mm256_unpackhi_epi64(a, c));
    _mm256_storeu_si256(at + 2, _mm256_unpacklo_epi64(b, d));
    _mm256_storeu_si256(at + 3, _mm256_unpackhi_epi64(b, d));
  }
#endif
#if defined(__AVX2__) || defined(__AVX512F__)
  static constexpr int lanes_of_register = int(sizeof(reg) / 4);
  static TENON_NOINLINE void fill_lanes(const random_key& key, std::uint64_t first, std::uint32_t* to) {
    reg w[2][4];
    for (int half = 0; half < 2; ++half) {
      const auto low =
          static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(half * lanes_of_register);
      w[half][0] = add(set(low), order());
      w[half][1] = set(static_cast<std::uint32_t>(first >> 32));
      w[half][2] = set(static_cast<std::uint32_t>(key.stream));
      w[half][3] = set(static_cast<std::uint32_t>(key.stream >> 32));
    }
    auto key0 = static_cast<std::uint32_t>(key.seed), key1 = static_cast<std::uint32_t>(key.seed >> 32);
    const reg factor0 = set(0xD2511F53u), factor2 = set(0xCD9E8D57u);
    for (int round = 0; round < 10; ++round) {
      const reg k0 = set(key0), k1 = set(key1);
      for (int half = 0; half < 2; ++half) {
        reg(&c)[4] = w[half];
        reg high0, low0, high2, low2;
        multiply(c[0], factor0, high0, low0);
        multiply(c[2], factor2, high2, low2);
        c[0] = mix(high2, c[1], k0);
        c[1] = low2;
        c[2] = mix(high0, c[3], k1);
        c[3] = low0;
      }
      key0 += 0x9E3779B9u;
      key1 += 0xBB67AE85u;
    }
    store(to, w[0]);
    store(to + 4 * lanes_of_register, w[1]);
  }
#endif
};

/// Normal numbers from pairs of uniform ones, a in (0, 1] and b in [0, 1): sqrt(-2 log a) times the cosine
/// and the sine of 2 pi b. Source: Box, Muller, "A note on the generation of random normal deviates", 1958.
template <class Unit = this_unit>
struct normal_pairs {
  using vector = lanes<double, Unit>;
  static constexpr index width = lane_count<Unit>;

  /// n is a multiple of the width of lanes, which divides 64.
  static TENON_NOINLINE void run(const double* a, const double* b, double* cosines, double* sines, index n) {
    for (index i = 0; i < n; i += width) {
      const vector radius = sqrt(multiply(vector(-2.0), log(vector::load(a + i))));
      // the quarter turns nearest to b, and what is left: at most an eighth turn either way
      const vector turns = multiply(vector(4.0), vector::load(b + i));
      const auto from1 = turns >= vector(0.5), from2 = turns >= vector(1.5), from3 = turns >= vector(2.5),
                 from4 = turns >= vector(3.5);
      const vector zero(0.0), one(1.0);
      const vector quarters = where(
          from4, vector(4.0), where(from3, vector(3.0), where(from2, vector(2.0), where(from1, one, zero))));
      const vector z = multiply(vector(std::numbers::pi / 2), subtract(turns, quarters)), z2 = multiply(z, z);
      vector s(1.0 / 355687428096000.0), c(1.0 / 20922789888000.0);  // Taylor: 1/17! and 1/16!, |z| <= pi / 4
      constexpr double sine[] = {
          -1.0 / 1307674368000.0, 1.0 / 6227020800.0, -1.0 / 39916800.0, 1.0 / 362880.0,
          -1.0 / 5040.0,          1.0 / 120.0,        -1.0 / 6.0,        1.0};
      constexpr double cosine[] = {-1.0 / 87178291200.0,
                                   1.0 / 479001600.0,
                                   -1.0 / 3628800.0,
                                   1.0 / 40320.0,
                                   -1.0 / 720.0,
                                   1.0 / 24.0,
                                   -0.5,
                                   1.0};
      for (int k = 0; k < 8; ++k) {
        s = add(multiply(s, z2), vector(sine[k]));
        c = add(multiply(c, z2), vector(cosine[k]));
      }
      s = multiply(s, z);
      const auto odd = quarters == one || quarters == vector(3.0);
      const vector x = where(odd, s, c), y = where(odd, c, s);
      const auto left = quarters == one || quarters == vector(2.0);
      const auto below = quarters == vector(2.0) || quarters == vector(3.0);
      multiply(radius, where(left, negate(x), x)).store(cosines + i);
      multiply(radius, where(below, negate(y), y)).store(sines + i);
    }
  }
};

}  // namespace tenon::host
