// Lines whose elements lie side by side, as those of a transposed matrix do: squares of elements are turned
// in registers.
//
// Element by element, [64, 128, 100] permuted to 0, 2, 1 took 297 us in floats; by squares of 4, 162 us; of 8,
// 118 us (on one core that copies these arrays in 85).
#pragma once

#include "tenon/core/access.hpp"

#if !defined(__CUDACC__) && defined(__SSE2__)
#include <immintrin.h>
#endif

namespace tenon::detail {

/// Side elements of each of Side lines, `from_step` bytes from one element of a line to the next and Size
/// bytes from line to line; in the copy elements follow each other, and lines are `to_line` bytes apart.
template <index Size, index Side>
struct turned_square {
  static constexpr index smaller = 1;  // the next side that there is
  TENON_HOST_INLINE static void copy(std::byte* to, index, const std::byte* from, index) {
    std::memcpy(to, from, Size);
  }
};

#if !defined(__CUDACC__) && defined(__SSE2__)
template <>
struct turned_square<2, 8> {
  static constexpr index smaller = 1;
  TENON_HOST_INLINE static void copy(std::byte* to, index to_line, const std::byte* from, index from_step) {
    __m128i x[8], y[8];
    for (int i = 0; i < 8; ++i)
      x[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * from_step));
    for (int i = 0; i < 4; ++i) {
      y[2 * i] = _mm_unpacklo_epi16(x[i], x[i + 4]);
      y[2 * i + 1] = _mm_unpackhi_epi16(x[i], x[i + 4]);
    }
    for (int i = 0; i < 4; ++i) {
      x[2 * i] = _mm_unpacklo_epi16(y[i], y[i + 4]);
      x[2 * i + 1] = _mm_unpackhi_epi16(y[i], y[i + 4]);
    }
    for (int i = 0; i < 4; ++i) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 2 * i * to_line), _mm_unpacklo_epi16(x[i], x[i + 4]));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + (2 * i + 1) * to_line),
                       _mm_unpackhi_epi16(x[i], x[i + 4]));
    }
  }
};
template <>
struct turned_square<4, 4> {
  static constexpr index smaller = 1;
  TENON_HOST_INLINE static void copy(std::byte* to, index to_line, const std::byte* from, index from_step) {
    const auto line = [&](index i) {
      return _mm_loadu_ps(reinterpret_cast<const float*>(from + i * from_step));
    };
    const __m128 a = line(0), b = line(1), c = line(2), d = line(3);
    const __m128 ab = _mm_unpacklo_ps(a, b), AB = _mm_unpackhi_ps(a, b), cd = _mm_unpacklo_ps(c, d),
                 CD = _mm_unpackhi_ps(c, d);
    const auto put = [&](index i, __m128 v) { _mm_storeu_ps(reinterpret_cast<float*>(to + i * to_line), v); };
    put(0, _mm_movelh_ps(ab, cd));
    put(1, _mm_movehl_ps(cd, ab));
    put(2, _mm_movelh_ps(AB, CD));
    put(3, _mm_movehl_ps(CD, AB));
  }
};
template <>
struct turned_square<8, 2> {
  static constexpr index smaller = 1;
  TENON_HOST_INLINE static void copy(std::byte* to, index to_line, const std::byte* from, index from_step) {
    const __m128d a = _mm_loadu_pd(reinterpret_cast<const double*>(from)),
                  b = _mm_loadu_pd(reinterpret_cast<const double*>(from + from_step));
    _mm_storeu_pd(reinterpret_cast<double*>(to), _mm_unpacklo_pd(a, b));
    _mm_storeu_pd(reinterpret_cast<double*>(to + to_line), _mm_unpackhi_pd(a, b));
  }
};
#if defined(__AVX__)
template <>
struct turned_square<4, 8> {
  static constexpr index smaller = 4;
  TENON_HOST_INLINE static void copy(std::byte* to, index to_line, const std::byte* from, index from_step) {
    const auto half = [&](index i, index first) {
      return _mm_loadu_ps(reinterpret_cast<const float*>(from + i * from_step + first * 4));
    };
    const auto put = [&](index i, __m256 v) {
      _mm256_storeu_ps(reinterpret_cast<float*>(to + i * to_line), v);
    };
    for (index h = 0; h < 8;
         h += 4) {  // four lines: elements 0 to 3 in the lower halves, 4 to 7 in the upper
      const auto pair = [&](index i) {
        return _mm256_insertf128_ps(_mm256_castps128_ps256(half(i, h)), half(i + 4, h), 1);
      };
      const __m256 a = pair(0), b = pair(1), c = pair(2), d = pair(3);
      const __m256 ab = _mm256_unpacklo_ps(a, b), AB = _mm256_unpackhi_ps(a, b),
                   cd = _mm256_unpacklo_ps(c, d), CD = _mm256_unpackhi_ps(c, d);
      put(h, _mm256_shuffle_ps(ab, cd, 0x44));
      put(h + 1, _mm256_shuffle_ps(ab, cd, 0xee));
      put(h + 2, _mm256_shuffle_ps(AB, CD, 0x44));
      put(h + 3, _mm256_shuffle_ps(AB, CD, 0xee));
    }
  }
};
template <>
struct turned_square<8, 4> {
  static constexpr index smaller = 2;
  TENON_HOST_INLINE static void copy(std::byte* to, index to_line, const std::byte* from, index from_step) {
    const auto half = [&](index i, index first) {
      return _mm_loadu_pd(reinterpret_cast<const double*>(from + i * from_step + first * 8));
    };
    const auto put = [&](index i, __m256d v) {
      _mm256_storeu_pd(reinterpret_cast<double*>(to + i * to_line), v);
    };
    for (index h = 0; h < 4; h += 2) {
      const auto pair = [&](index i) {
        return _mm256_insertf128_pd(_mm256_castpd128_pd256(half(i, h)), half(i + 2, h), 1);
      };
      const __m256d a = pair(0), b = pair(1);
      put(h, _mm256_unpacklo_pd(a, b));
      put(h + 1, _mm256_unpackhi_pd(a, b));
    }
  }
};
#endif
#endif

/// The largest square of elements of so many bytes.
template <index Size>
constexpr index largest_side() {
#if !defined(__CUDACC__) && defined(__SSE2__)
#if defined(__AVX__)
  return Size == 2 || Size == 4 ? 8 : Size == 8 ? 4 : 1;
#else
  return Size == 2 ? 8 : Size == 4 ? 4 : Size == 8 ? 2 : 1;
#endif
#else
  return 1;
#endif
}

/// n elements of each of some lines that lie side by side: what does not fill squares, by smaller ones.
template <index Size, class Unit = this_unit, index Side = largest_side<Size>()>
TENON_NOINLINE void transpose_lines(std::byte* to, index to_line, const std::byte* from, index from_step,
                                    index lines, index n) {
  using square = turned_square<Size, Side>;
  const index whole = n - n % Side;
  index l = 0;
  for (; l + Side <= lines; l += Side)
    for (index i = 0; i < whole; i += Side)
      square::copy(to + l * to_line + i * Size, to_line, from + l * Size + i * from_step, from_step);
  if constexpr (Side > 1) {
    constexpr auto* rest = &transpose_lines<Size, Unit, square::smaller>;
    if (whole < n) rest(to + whole * Size, to_line, from + whole * from_step, from_step, l, n - whole);
    if (l < lines) rest(to + l * to_line, to_line, from + l * Size, from_step, lines - l, n);
  }
}

/// The same for elements of a size that run time knows: (to, to_line, from, from_step, lines, n).
using line_transposition = void (*)(std::byte*, index, const std::byte*, index, index, index);
template <class Unit = this_unit>
line_transposition transposition_of(index size) {
  switch (size) {
    case 1:
      return &transpose_lines<1, Unit>;
    case 2:
      return &transpose_lines<2, Unit>;
    case 4:
      return &transpose_lines<4, Unit>;
    case 8:
      return &transpose_lines<8, Unit>;
    default:
      return &transpose_lines<16, Unit>;
  }
}

}  // namespace tenon::detail
