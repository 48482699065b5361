// Products of a vector and a matrix, on one thread, by Eigen's packets: what matrix products of few rows
// consist of.
#pragma once

#include <tenon/core/config.hpp>
#include <tenon/eval/cpu/eigen_core.hpp>
#include <tenon/eval/cpu/gemm_operand.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>

// GCC says that registers lose attributes as template arguments; they are found again where they are used.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
#endif

namespace tenon::host::detail {

template <class T, class Unit>
struct vector_products {
  /// The product of a row and a column.
  static T dot(const T* x, const gemm_matrix<T>& b, index k) {
    using packet = typename Eigen::internal::packet_traits<T>::type;
    constexpr index width = Eigen::internal::packet_traits<T>::size;
    constexpr index block = 8 * width;
    packet sum[8];
    for (packet& each : sum) each = Eigen::internal::pset1<packet>(T(0));
    T near[block];
    index p = 0;
    for (; p + block <= k; p += block) {
      const T* y = near;
      if (b.rows && b.stride != 1) {
        for (index i = 0; i < block; ++i) near[i] = b(p + i, 0);
      } else {
        y = b.data + p;
      }
      for (index i = 0; i < 8; ++i) {
        sum[i] = Eigen::internal::pmadd(Eigen::internal::ploadu<packet>(x + p + i * width),
                                        Eigen::internal::ploadu<packet>(y + i * width), sum[i]);
      }
    }
    for (index step = 4; step > 0; step /= 2) {
      for (index i = 0; i < step; ++i) sum[i] = Eigen::internal::padd(sum[i], sum[i + step]);
    }
    T total = Eigen::internal::predux(sum[0]);
    for (; p < k; ++p) total += x[p] * b(p, 0);
    return total;
  }

  // Eigen's matrix-vector product is as fast as the two that follow, but adds 0.3 s to the compilation.

  /// c[j] = sum over p of x[p] * b[p, j], where b lies along its rows.
  static void sum_rows(T* c, const T* x, const T* b, index stride, index columns, index k) {
    using namespace Eigen::internal;
    using packet = typename packet_traits<T>::type;
    constexpr index width = packet_traits<T>::size;
    // A few rows at a time, or each step would touch another page; all rows of a matrix of a few pages.
    const index block = k * stride <= index{32768 / sizeof(T)} ? k : 16;
    std::memset(c, 0, static_cast<std::size_t>(columns) * sizeof(T));
    index wide = 0;
    for (index first = 0; first < k; first += block) {
      const index end = std::min(first + block, k);
      const T* const from = b + first * stride;
      for (wide = 0; wide + 4 * width <= columns; wide += 4 * width) {
        T* const to = c + wide;
        packet s0 = ploadu<packet>(to);
        packet s1 = ploadu<packet>(to + width);
        packet s2 = ploadu<packet>(to + 2 * width);
        packet s3 = ploadu<packet>(to + 3 * width);
        const T* row = from + wide;
        for (index p = first; p < end; ++p, row += stride) {
          const packet factor = pset1<packet>(x[p]);
          s0 = pmadd(factor, ploadu<packet>(row), s0);
          s1 = pmadd(factor, ploadu<packet>(row + width), s1);
          s2 = pmadd(factor, ploadu<packet>(row + 2 * width), s2);
          s3 = pmadd(factor, ploadu<packet>(row + 3 * width), s3);
        }
        pstoreu(to, s0);
        pstoreu(to + width, s1);
        pstoreu(to + 2 * width, s2);
        pstoreu(to + 3 * width, s3);
      }
    }
    // The last packet may lie over the one before: it finds the same sums.
    for (index j = wide; j < columns && columns >= width; j += width) {
      j = std::min(j, columns - width);
      packet sum = pset1<packet>(T(0));
      for (index p = 0; p < k; ++p) sum = pmadd(pset1<packet>(x[p]), ploadu<packet>(b + p * stride + j), sum);
      pstoreu(c + j, sum);
    }
    if (columns >= width) return;
    using half = typename unpacket_traits<packet>::half;
    using quarter = typename unpacket_traits<half>::half;
    if (columns >= unpacket_traits<half>::size) return few_columns<half>(c, x, b, stride, columns, k);
    if (columns >= unpacket_traits<quarter>::size) return few_columns<quarter>(c, x, b, stride, columns, k);
    for (index p = 0; p < k; ++p) {
      for (index j = 0; j < columns; ++j) c[j] += x[p] * b[p * stride + j];
    }
  }
  /// The same for columns between one and two of a packet's: two packets that overlap, of even and odd rows.
  template <class Packet>
  static void few_columns(T* c, const T* x, const T* b, index stride, index columns, index k) {
    using namespace Eigen::internal;
    const index right = columns - unpacket_traits<Packet>::size;
    Packet s0 = pset1<Packet>(T(0)), s1 = s0, s2 = s0, s3 = s0;
    index p = 0;
    for (; p + 2 <= k; p += 2, b += 2 * stride) {
      const Packet even = pset1<Packet>(x[p]), odd = pset1<Packet>(x[p + 1]);
      s0 = pmadd(even, ploadu<Packet>(b), s0);
      s1 = pmadd(even, ploadu<Packet>(b + right), s1);
      s2 = pmadd(odd, ploadu<Packet>(b + stride), s2);
      s3 = pmadd(odd, ploadu<Packet>(b + stride + right), s3);
    }
    if (p < k) {
      s0 = pmadd(pset1<Packet>(x[p]), ploadu<Packet>(b), s0);
      s1 = pmadd(pset1<Packet>(x[p]), ploadu<Packet>(b + right), s1);
    }
    pstoreu(c, padd(s0, s2));
    pstoreu(c + right, padd(s1, s3));
  }

  /// The same where b lies along its columns.
  static void dot_columns(T* c, const T* x, const T* b, index stride, index columns, index k) {
    using namespace Eigen::internal;
    using packet = typename packet_traits<T>::type;
    constexpr index width = packet_traits<T>::size;
    for (index j = 0; j < columns; j += 4) {
      // Columns beyond the last are computed as copies of it.
      const index last = std::min(index{3}, columns - 1 - j);
      const T* const b0 = b + j * stride;
      const T* const b1 = b0 + std::min(index{1}, last) * stride;
      const T* const b2 = b0 + std::min(index{2}, last) * stride;
      const T* const b3 = b0 + last * stride;
      packet s0 = pset1<packet>(T(0));
      packet s1 = s0;
      packet s2 = s0;
      packet s3 = s0;
      index p = 0;
      for (; p + width <= k; p += width) {
        const packet factor = ploadu<packet>(x + p);
        s0 = pmadd(factor, ploadu<packet>(b0 + p), s0);
        s1 = pmadd(factor, ploadu<packet>(b1 + p), s1);
        s2 = pmadd(factor, ploadu<packet>(b2 + p), s2);
        s3 = pmadd(factor, ploadu<packet>(b3 + p), s3);
      }
      T sums[4] = {predux(s0), predux(s1), predux(s2), predux(s3)};
      for (; p < k; ++p) {
        sums[0] += x[p] * b0[p];
        sums[1] += x[p] * b1[p];
        sums[2] += x[p] * b2[p];
        sums[3] += x[p] * b3[p];
      }
      for (index i = 0; i <= last; ++i) c[j + i] = sums[i];
    }
  }
};

}  // namespace tenon::host::detail

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
