// The kernel of matrix products: blocks of the result are summed in registers; parts of large operands are
// packed into panels first, so that a step of a block reads both in order.
//
// A panel of b has two registers of numbers for each k, one of a the numbers of a block's rows. A step of a
// block loads the two registers and multiplies them by each number of a.
#pragma once

#include <tenon/core/transposing.hpp>
#include <tenon/eval/cpu/gemm_operand.hpp>
#include <tenon/eval/cpu/packets.hpp>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace tenon::host::detail {

constexpr index round_up(index value, index step) { return (value + step - 1) / step * step; }

constexpr index parts(index value, index part) { return (value + part - 1) / part; }

/// A block of a product, [Rows, Columns registers]: the sums over k of a[r, k] b[k, s]. Element (r, k) of a
/// lies at a + r * a_row + k * a_column, row k of b at b + k * b_row.
template <class Packet, int Rows, int Columns>
struct register_block {
  using T = typename Packet::value;
  static constexpr int width = Packet::width;

  Packet sum[Rows][Columns];

  TENON_HOST_INLINE register_block(index k, const T* a, index a_row, index a_column, const T* b,
                                   index b_row) {
    TENON_UNROLL for (int r = 0; r < Rows; ++r) TENON_UNROLL for (int s = 0; s < Columns; ++s) sum[r][s] =
        Packet::all(T(0));
    for (index p = 0; p < k; ++p, a += a_column, b += b_row) {
      Packet row[Columns];
      TENON_UNROLL for (int s = 0; s < Columns; ++s) row[s] = Packet::load(b + s * width);
      TENON_UNROLL for (int r = 0; r < Rows; ++r) {
        const Packet factor = Packet::all(a[r * a_row]);
        TENON_UNROLL for (int s = 0; s < Columns; ++s) sum[r][s].multiply_add(factor, row[s]);
      }
    }
  }
  TENON_HOST_INLINE void store(T* c, index c_row) const {
    TENON_UNROLL for (int r = 0; r < Rows; ++r) TENON_UNROLL for (int s = 0; s < Columns; ++s) sum[r][s]
        .store(c + r * c_row + s * width);
  }
  TENON_HOST_INLINE void add_to(T* c, index c_row) const {
    TENON_UNROLL for (int r = 0; r < Rows; ++r) TENON_UNROLL for (int s = 0; s < Columns; ++s) {
      Packet whole = Packet::load(c + r * c_row + s * width);
      whole += sum[r][s];
      whole.store(c + r * c_row + s * width);
    }
  }
};

template <class T, class Unit>
struct gemm_kernel {
  using packet = register_packet<T, Unit>;
  static constexpr index width = register_width<T, Unit>;
  static constexpr index columns = 2 * width;  // of a block and of a panel of b

  /// Rows of a block and of a panel of a: sums, two registers of b and a number of a fill 16 registers; of 32
  /// more are no faster (Zen 4: 8 x 2 to 6 x 4 registers all at 117 Gflop/s in float, the machine's peak).
  static constexpr int rows = Unit::vector == vector_extension::avx512 ? 8 : 6;
  static constexpr int few_rows = rows / 2;

  /// Numbers of an operand packed: its last panel is as wide as it must be.
  static index packed_a(index m, index depth) { return round_up(m, few_rows) * depth; }
  static index packed_b(index n, index depth) { return round_up(n, width) * depth; }

  /// Packs rows of a, from (row, column) on, [m, depth].
  static void pack_a(T* to, const gemm_matrix<T>& a, index row, index m, index column, index depth) {
    for (index i = 0; i < m; i += rows, to += rows * depth) {
      const index lanes = std::min<index>(rows, m - i);
      pack(to, a.at(row + i, column), a.stride, !a.rows, lanes, lanes > few_rows ? rows : few_rows, depth);
    }
  }
  /// Packs columns of b, from (row, column) on, [depth, n].
  static void pack_b(T* to, const gemm_matrix<T>& b, index row, index depth, index column, index n) {
    for (index j = 0; j < n; j += columns, to += columns * depth) {
      const index lanes = std::min(columns, n - j);
      pack(to, b.at(row, column + j), b.stride, b.rows, lanes, lanes > width ? columns : width, depth);
    }
  }

  /// c = a b, or c += a b, of packed operands: [m, n], rows of c c_row apart.
  static void multiply(T* c, index c_row, const T* a, const T* b, index m, index n, index depth, bool add) {
    for (index j = 0; j < n; j += columns, b += columns * depth) {
      const bool two = n - j > width;
      for (index i = 0; i < m; i += rows) {
        const place at{c + i * c_row + j, c_row, std::min<index>(rows, m - i), std::min(columns, n - j), add};
        if (at.m > few_rows)
          two ? block<rows, 2>(depth, a + i * depth, b, at) : block<rows, 1>(depth, a + i * depth, b, at);
        else
          two ? block<few_rows, 2>(depth, a + i * depth, b, at)
              : block<few_rows, 1>(depth, a + i * depth, b, at);
      }
    }
  }

 private:
  /// Where a block goes: [m, n] of it.
  struct place {
    T* c;
    index c_row, m, n;
    bool add;
  };

  template <int Rows, int Columns>
  static TENON_NOINLINE void block(index depth, const T* a, const T* b, const place& at) {
    const register_block<packet, Rows, Columns> sums(depth, a, 1, Rows, b, Columns * width);
    if (at.m == Rows && at.n == Columns * width)
      return at.add ? sums.add_to(at.c, at.c_row) : sums.store(at.c, at.c_row);
    T whole[Rows * Columns * width];
    sums.store(whole, Columns * width);
    for (index i = 0; i < at.m; ++i)
      for (index j = 0; j < at.n; ++j) {
        T& to = at.c[i * at.c_row + j];
        to = at.add ? to + whole[i * Columns * width + j] : whole[i * Columns * width + j];
      }
  }

  /// Packs one panel: to[p * wide + l] is lane l of step p, 0 from `lanes` on. Lanes of a step lie side by
  /// side (`together`), and steps `stride` apart; or the other way round.
  static void pack(T* to, const T* from, index stride, bool together, index lanes, index wide, index depth) {
    if (lanes < wide) std::fill_n(to, wide * depth, T(0));
    if (together) {
      if (lanes == columns && wide == columns)
        for (index p = 0; p < depth; ++p)
          for (int s = 0; s < 2; ++s)
            packet::load(from + p * stride + s * width).store(to + p * columns + s * width);
      else
        for (index p = 0; p < depth; ++p)
          for (index l = 0; l < lanes; ++l) to[p * wide + l] = from[p * stride + l];
      return;
    }
    // As many rows at a time as squares have: all of them would be as many pages.
    constexpr index size = sizeof(T), side = tenon::detail::largest_side<size>();
    for (index l = 0; l < lanes; l += side)
      tenon::detail::transpose_lines<size, Unit>(reinterpret_cast<std::byte*>(to + l), wide * size,
                                                 reinterpret_cast<const std::byte*>(from + l * stride),
                                                 stride * size, depth, std::min(side, lanes - l));
  }
};

}  // namespace tenon::host::detail
