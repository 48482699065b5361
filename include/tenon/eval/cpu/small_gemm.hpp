// Products of small matrices, a batch of which would spend its time on packing: c[m, n] = a[m, k] * b[k, n].
//
// Blocks of c are held in registers while k is walked. Elements of a are read one by one, under any strides; b
// is read along its rows, and first copied to scratch memory where its rows are not contiguous. The last block
// of rows or columns lies over the one before and finds the same sums there, so that no part of c is summed by
// other instructions than the rest. Integers wrap around.
#pragma once

#include "tenon/eval/cpu/gemm.hpp"
#include "tenon/eval/cpu/registers.hpp"

namespace tenon::host {

template <class T, class Unit = this_unit>
struct small_gemm {
  struct operands {
    const T* a;
    index a_row, a_column;
    const T* b;
    index b_row, b_column;
    T* c;
    index c_row;
  };

  /// The bytes of scratch memory that run() needs.
  static index workspace(index n, index k, index b_column) {
    return b_column == 1 ? 0 : detail::round_up(n * k * index{sizeof(T)}, 64);
  }

  static void run(index m, index n, index k, operands x, void* memory) noexcept {
    if (x.b_column != 1) {
      T* const packed = static_cast<T*>(memory);
      for (index p = 0; p < k; ++p)
        for (index j = 0; j < n; ++j) packed[p * n + j] = x.b[p * x.b_row + j * x.b_column];
      x.b = packed;
      x.b_row = n;
      x.b_column = 1;
    }
#if defined(TENON_CPU_PACKETS)
    if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>) {
      if (n >= 4) return columns(m, n, k, x);
    }
#endif
    plain(m, n, k, x);
  }

 private:
#if defined(TENON_CPU_PACKETS)
  static constexpr bool many_registers = Unit::vector == vector_extension::avx512;  // 32, not 16
  static constexpr index width = lane_count<Unit> * index{sizeof(float)} / index{sizeof(T)};

  /// Blocks of two registers' columns, then of one, which is not full where there are fewer.
  static void columns(index m, index n, index k, const operands& x) {
    index j = 0;
    for (; j + 2 * width <= n; j += 2 * width) rows<2, many_registers ? 8 : 4>(m, k, x, j, width);
    for (; j < n; j += width) {
      if (n >= width) j = std::min(j, n - width);
      rows<1, 8>(m, k, x, j, std::min(n, width));
    }
  }

  template <int Columns, int Rows>
  static void rows(index m, index k, const operands& x, index j, index used) {
    if constexpr (Rows > 2)
      if (m < Rows) return rows<Columns, Rows / 2>(m, k, x, j, used);
    for (index i = 0; i < m; i += Rows) block<Columns, Rows>(k, x, std::min(i, m - Rows), j, used);
  }

  template <int Columns, int Rows>
  static TENON_NOINLINE void block(index k, const operands& x, index i, index j, index used) {
    typename isa::register_of<T>::type sum[Rows][Columns];
    for (int r = 0; r < Rows; ++r)
      for (int s = 0; s < Columns; ++s) sum[r][s] = isa::set(T(0));
    const bool whole = Columns > 1 || used == width;
    const T* a = x.a + i * x.a_row;
    const T* b = x.b + j;
    for (index p = 0; p < k; ++p, a += x.a_column, b += x.b_row) {
      typename isa::register_of<T>::type row[Columns];
      for (int s = 0; s < Columns; ++s)
        row[s] = whole ? isa::load(b + s * width) : isa::load_some(b, static_cast<int>(used));
      for (int r = 0; r < Rows; ++r) {
        const auto factor = isa::set(a[r * x.a_row]);
        for (int s = 0; s < Columns; ++s) sum[r][s] = isa::multiply_add(factor, row[s], sum[r][s]);
      }
    }
    for (int r = 0; r < Rows; ++r)
      for (int s = 0; s < Columns; ++s) {
        T* const c = x.c + (i + r) * x.c_row + j + s * width;
        whole ? isa::store(c, sum[r][s]) : isa::store_some(c, sum[r][s], static_cast<int>(used));
      }
  }
#endif

  using wrapping = typename detail::wrapping<T>::type;

  static void plain(index m, index n, index k, const operands& x) {
    if (n == 1) return few<1>(m, k, x);
    if (n == 2) return few<2>(m, k, x);
    if (n == 3) return few<3>(m, k, x);
    for (index i = 0; i < m; ++i) {
      T* const c = x.c + i * x.c_row;
      for (index j = 0; j < n; ++j) c[j] = T(0);
      for (index p = 0; p < k; ++p) {
        const wrapping factor = static_cast<wrapping>(x.a[i * x.a_row + p * x.a_column]);
        const T* const row = x.b + p * x.b_row;
        for (index j = 0; j < n; ++j)
          c[j] = static_cast<T>(static_cast<wrapping>(c[j]) + factor * static_cast<wrapping>(row[j]));
      }
    }
  }
  /// Fewer columns than a register has.
  template <int Columns>
  static void few(index m, index k, const operands& x) {
    for (index i = 0; i < m; ++i) {
      wrapping sum[Columns]{};
      const T* a = x.a + i * x.a_row;
      const T* b = x.b;
      for (index p = 0; p < k; ++p, a += x.a_column, b += x.b_row)
        for (int j = 0; j < Columns; ++j) sum[j] += static_cast<wrapping>(*a) * static_cast<wrapping>(b[j]);
      for (int j = 0; j < Columns; ++j) x.c[i * x.c_row + j] = static_cast<T>(sum[j]);
    }
  }
};

}  // namespace tenon::host
