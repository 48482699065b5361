// Philox4x32-10, a counter-based generator: the i-th block of random bits is a function of i and a key, so it
// does not matter who asks for which blocks, or in what order.
// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
#pragma once

#include "tenon/core/config.hpp"

namespace tenon {

/// 128 random bits.
struct random_block {
  std::uint32_t word[4];

  /// Words 0 and 1, or words 2 and 3, as one number.
  TENON_INLINE constexpr std::uint64_t pair(int i) const {
    return std::uint64_t(word[2 * i]) | std::uint64_t(word[2 * i + 1]) << 32;
  }
};

/// The ten rounds of Philox on a 128-bit counter under a 64-bit key.
TENON_INLINE constexpr random_block philox4x32(random_block c, std::uint32_t key0, std::uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t(0xD2511F53u) * c.word[0];
    const std::uint64_t b = std::uint64_t(0xCD9E8D57u) * c.word[2];
    c = {{static_cast<std::uint32_t>(b >> 32) ^ c.word[1] ^ key0, static_cast<std::uint32_t>(b),
          static_cast<std::uint32_t>(a >> 32) ^ c.word[3] ^ key1, static_cast<std::uint32_t>(a)}};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return c;
}

/// A stream of 2^64 random blocks, one of 2^64 that a seed has.
struct random_key {
  std::uint64_t seed = 0, stream = 0;

  TENON_INLINE constexpr random_block block(std::uint64_t i) const {
    return philox4x32({{static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i >> 32),
                        static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)}},
                      static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
  }
  constexpr bool operator==(const random_key&) const = default;
};

/// How many numbers of T in [0, 1) a block makes: 4 floats or 2 doubles.
template <class T>
inline constexpr int uniforms_per_block = 16 / int(sizeof(T));

/// The k-th number of a block in [0, 1): a multiple of 2^-24 for float, of 2^-53 for double.
template <class T>
TENON_INLINE constexpr T uniform_of(const random_block& block, int k) {
  if constexpr (sizeof(T) == 4)
    return static_cast<T>(block.word[k] >> 8) * static_cast<T>(0x1p-24);
  else
    return static_cast<T>(block.pair(k) >> 11) * static_cast<T>(0x1p-53);
}

}  // namespace tenon
