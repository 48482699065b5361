// Small arrays of static extents: which they are, and their elements as a plain value.
//
// Such an array holds its elements inside itself, as std::array does: no allocation, a copy is a copy, and
// the compiler sees through it. The limit is 4 x 4 x 4 elements, and 512 bytes: docs/architecture.md says
// what was measured.
#pragma once

#include <cstring>

#include "tenon/core/dtype.hpp"
#include "tenon/core/extent.hpp"

#if !defined(__CUDACC__) && defined(__SSE2__)
#include <immintrin.h>
#endif

namespace tenon::detail {

inline constexpr index most_small_elements = 64, most_small_bytes = 512;

/// The number of elements of a shape, at most a few thousand; -1 where an extent is not static or there are
/// more.
template <class Shape>
inline constexpr index small_count = -1;
template <class D>
inline constexpr index small_extent = -1;
template <index N>
inline constexpr index small_extent<size<N>> = N >= 0 && N <= most_small_elements ? N : -1;
constexpr index count_small(const index* extent, int rank) {
  index n = 1;
  for (int k = 0; k < rank; ++k) {
    if (extent[k] < 0) return -1;
    n = n > most_small_elements && extent[k] != 0 ? n : n * extent[k];
  }
  return n;
}
template <class... D>
inline constexpr index small_count<shape<D...>> = [] {
  constexpr index extent[sizeof...(D) + 1] = {small_extent<D>..., 0};
  return count_small(extent, int(sizeof...(D)));
}();

/// Whether arrays of T with this shape hold their elements inside themselves.
template <class T, class Shape>
inline constexpr bool is_small =
    small_count<Shape> >= 0 &&
    small_count<Shape> <= most_small_elements&& small_count<Shape>* index(sizeof(T)) <= most_small_bytes;

/// As far as its size allows without padding, a block is aligned to the 64 bytes of other buffers.
constexpr std::size_t small_alignment(std::size_t bytes, std::size_t element) {
  std::size_t a = bytes & (~bytes + 1);
  return a < element ? element : a > 64 ? 64 : a;
}

/// N elements, not initialised.
template <class T, index N>
struct alignas(small_alignment(std::size_t(N > 0 ? N : 1) * sizeof(T), alignof(T))) small_block {
  static constexpr index count = N;
  T v[N > 0 ? N : 1];
};
/// Of no elements; set, since it is copied and never filled.
template <class T>
struct alignas(small_alignment(sizeof(T), alignof(T))) small_block<T, 0> {
  static constexpr index count = 0;
  T v[1]{};
};

/// Copies bytes by the registers that tiles are read with. As copies of arrays they stay in memory: GCC 12
/// does not forward what was stored as an array to a load of a register, and each operator of a statement
/// copied its operands' elements once more (7.9 instead of 2.8 ns for a chain of five on 16 floats).
template <std::size_t Bytes>
TENON_HOST_INLINE void copy_bytes(unsigned char* to, const unsigned char* from) {
#if !defined(__CUDACC__) && defined(__SSE2__)
#if defined(__AVX512F__)
  constexpr std::size_t step = Bytes >= 64 ? 64 : Bytes >= 32 ? 32 : Bytes >= 16 ? 16 : Bytes >= 8 ? 8 : 4;
  if constexpr (step == 64) _mm512_storeu_si512(to, _mm512_loadu_si512(from));
#elif defined(__AVX__)
  constexpr std::size_t step = Bytes >= 32 ? 32 : Bytes >= 16 ? 16 : Bytes >= 8 ? 8 : 4;
#else
  constexpr std::size_t step = Bytes >= 16 ? 16 : Bytes >= 8 ? 8 : 4;
#endif
#if defined(__AVX__)
  if constexpr (step == 32)
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
#endif
  if constexpr (step == 16)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  if constexpr (step <= 8) std::memcpy(to, from, Bytes < step ? Bytes : step);
  if constexpr (Bytes > step) copy_bytes<Bytes - step>(to + step, from + step);
#else
  std::memcpy(to, from, Bytes);
#endif
}
template <class T, index N>
TENON_HOST_INLINE void copy_block(small_block<T, N>& to, const small_block<T, N>& from) {
  if constexpr (N > 0)
    copy_bytes<std::size_t(N) * sizeof(T)>(reinterpret_cast<unsigned char*>(to.v),
                                           reinterpret_cast<const unsigned char*>(from.v));
}
template <class T, class Shape>
using small_block_of = small_block<T, small_count<Shape>>;

/// The extents of a static shape and its row-major strides, as arrays.
template <class Shape>
struct small_layout;
template <class... D>
struct small_layout<shape<D...>> {
  static constexpr int rank = sizeof...(D);
  static constexpr index extent[sizeof...(D) + 1] = {small_extent<D>..., 0};
  struct steps {
    index at[sizeof...(D) + 1]{};
  };
  static constexpr steps compute() {
    steps s;
    index step = 1;
    for (int k = rank - 1; k >= 0; --k) {
      s.at[k] = step;
      step *= extent[k];
    }
    return s;
  }
  static constexpr steps stride = compute();
};

}  // namespace tenon::detail
