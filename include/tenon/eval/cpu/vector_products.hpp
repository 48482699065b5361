// Products of a vector and a matrix, on one thread: what matrix products of few rows consist of.
#pragma once

#include <tenon/eval/cpu/gemm_operand.hpp>
#include <tenon/eval/cpu/packets.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace tenon::host::detail {

template <class T, class Unit>
struct vector_products {
  using packet = register_packet<T, Unit>;
  static constexpr index width = register_width<T, Unit>;

  /// The product of a row and a column.
  static T dot(const T* x, const gemm_matrix<T>& b, index k) {
    constexpr index block = 8 * width;
    packet sum[8];
    for (packet& each : sum) each = packet::all(T(0));
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
        sum[i].multiply_add(packet::load(x + p + i * width), packet::load(y + i * width));
      }
    }
    for (index step = 4; step > 0; step /= 2) {
      for (index i = 0; i < step; ++i) sum[i] += sum[i + step];
    }
    T total = sum[0].sum();
    for (; p < k; ++p) total += x[p] * b(p, 0);
    return total;
  }

  /// c[j] = sum over p of x[p] * b[p, j], where b lies along its rows.
  static void sum_rows(T* c, const T* x, const T* b, index stride, index columns, index k) {
    // A few rows at a time, or each step would touch another page; all rows of a matrix of a few pages.
    const index block = k * stride <= index{32768 / sizeof(T)} ? k : 16;
    std::memset(c, 0, static_cast<std::size_t>(columns) * sizeof(T));
    index wide = 0;
    for (index first = 0; first < k; first += block) {
      const index end = std::min(first + block, k);
      const T* const from = b + first * stride;
      for (wide = 0; wide + 4 * width <= columns; wide += 4 * width) {
        T* const to = c + wide;
        packet s0 = packet::load(to);
        packet s1 = packet::load(to + width);
        packet s2 = packet::load(to + 2 * width);
        packet s3 = packet::load(to + 3 * width);
        const T* row = from + wide;
        for (index p = first; p < end; ++p, row += stride) {
          const packet factor = packet::all(x[p]);
          s0.multiply_add(factor, packet::load(row));
          s1.multiply_add(factor, packet::load(row + width));
          s2.multiply_add(factor, packet::load(row + 2 * width));
          s3.multiply_add(factor, packet::load(row + 3 * width));
        }
        s0.store(to);
        s1.store(to + width);
        s2.store(to + 2 * width);
        s3.store(to + 3 * width);
      }
    }
    // The last packet may lie over the one before: it finds the same sums.
    for (index j = wide; j < columns && columns >= width; j += width) {
      j = std::min(j, columns - width);
      packet sum = packet::all(T(0));
      for (index p = 0; p < k; ++p) sum.multiply_add(packet::all(x[p]), packet::load(b + p * stride + j));
      sum.store(c + j);
    }
    if (columns >= width) return;
    using half = detail::packet<T, std::max(packet::width / 2, 2)>;
    using quarter = detail::packet<T, std::max(packet::width / 4, 2)>;
    if (columns >= half::width) return few_columns<half>(c, x, b, stride, columns, k);
    if (columns >= quarter::width) return few_columns<quarter>(c, x, b, stride, columns, k);
    for (index p = 0; p < k; ++p) {
      for (index j = 0; j < columns; ++j) c[j] += x[p] * b[p * stride + j];
    }
  }
  /// The same for columns between one and two of a packet's: two packets that overlap, of even and odd rows.
  template <class Packet>
  static void few_columns(T* c, const T* x, const T* b, index stride, index columns, index k) {
    const index right = columns - Packet::width;
    Packet s0 = Packet::all(T(0)), s1 = s0, s2 = s0, s3 = s0;
    index p = 0;
    for (; p + 2 <= k; p += 2, b += 2 * stride) {
      const Packet even = Packet::all(x[p]), odd = Packet::all(x[p + 1]);
      s0.multiply_add(even, Packet::load(b));
      s1.multiply_add(even, Packet::load(b + right));
      s2.multiply_add(odd, Packet::load(b + stride));
      s3.multiply_add(odd, Packet::load(b + stride + right));
    }
    if (p < k) {
      s0.multiply_add(Packet::all(x[p]), Packet::load(b));
      s1.multiply_add(Packet::all(x[p]), Packet::load(b + right));
    }
    s0 += s2;
    s1 += s3;
    s0.store(c);
    s1.store(c + right);
  }

  /// The same where b lies along its columns.
  static void dot_columns(T* c, const T* x, const T* b, index stride, index columns, index k) {
    for (index j = 0; j < columns; j += 4) {
      // Columns beyond the last are computed as copies of it.
      const index last = std::min(index{3}, columns - 1 - j);
      const T* const b0 = b + j * stride;
      const T* const b1 = b0 + std::min(index{1}, last) * stride;
      const T* const b2 = b0 + std::min(index{2}, last) * stride;
      const T* const b3 = b0 + last * stride;
      packet s0 = packet::all(T(0));
      packet s1 = s0;
      packet s2 = s0;
      packet s3 = s0;
      index p = 0;
      for (; p + width <= k; p += width) {
        const packet factor = packet::load(x + p);
        s0.multiply_add(factor, packet::load(b0 + p));
        s1.multiply_add(factor, packet::load(b1 + p));
        s2.multiply_add(factor, packet::load(b2 + p));
        s3.multiply_add(factor, packet::load(b3 + p));
      }
      T sums[4] = {s0.sum(), s1.sum(), s2.sum(), s3.sum()};
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
