// Products of small matrices, a batch of which would spend its time on packing: c[m, n] = a[m, k] * b[k, n].
//
// Blocks of c are held in registers while k is walked. Elements of a are read one by one, under any strides;
// b is read along its rows, and first copied to scratch memory where its rows are not contiguous. The last
// block of rows or columns lies over the one before and finds the same sums there, so that no part of c is
// summed by other instructions than the rest. Integers wrap around.
#pragma once

#include "tenon/eval/cpu/gemm.hpp"

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

  /// Rows of c may be shared out among threads: an element is summed in the same order in any block.
  static void run(index m, index n, index k, operands x, void* memory, int threads = 1) noexcept {
    if (x.b_column != 1) {
      T* const packed = static_cast<T*>(memory);
      for (index p = 0; p < k; ++p)
        for (index j = 0; j < n; ++j) packed[p * n + j] = x.b[p * x.b_row + j * x.b_column];
      x.b = packed;
      x.b_row = n;
      x.b_column = 1;
    }
    const index tasks = std::min(m / 8,  // no part has the one row that `plain` would take
                                 m * n * (k + 2) / task_work);
    if (threads < 2 || tasks < 2) return rows_of(m, n, k, x);
    const job work{m, n, k, tasks, x};
    parallel_for(tasks, &task, &work, threads);
  }

 private:
  static constexpr bool many_registers = Unit::vector == vector_extension::avx512;  // 32, not 16
  /// Multiplications that are worth a task, 2.5 us; an element's store counts as two.
  static constexpr index task_work = index(1) << 17;

  struct job {
    index m, n, k, tasks;
    operands x;
  };
  static void task(const void* context, index number, int) {
    const job& work = *static_cast<const job*>(context);
    const index first = work.m * number / work.tasks, end = work.m * (number + 1) / work.tasks;
    operands x = work.x;
    x.a += first * x.a_row;
    x.c += first * x.c_row;
    rows_of(end - first, work.n, work.k, x);
  }

  static void rows_of(index m, index n, index k, const operands& x) noexcept {
    if constexpr (std::is_floating_point_v<T>) {
      if (m < 2) return plain(m, n, k, x);  // blocks have two rows or more
      using widest = detail::register_packet<T, Unit>;
      constexpr int half = widest::width / 2, quarter = widest::width / 4;
      constexpr auto in_register = [](int width) { return width * int{sizeof(T)} >= 16; };
      if (n >= widest::width) return columns < widest, many_registers ? 8 : 4, 8 > (m, n, k, x);
      if constexpr (in_register(half))
        if (n >= half) return columns<detail::packet<T, half>, 0, 8>(m, n, k, x);
      if constexpr (in_register(quarter))
        if (n >= quarter) return columns<detail::packet<T, quarter>, 0, 4>(m, n, k, x);
    }
    plain(m, n, k, x);
  }

  /// Blocks of two registers' columns, where there are as many, then of one; of up to so many rows.
  template <class Packet, int RowsOfTwo, int RowsOfOne>
  static void columns(index m, index n, index k, const operands& x) {
    constexpr index width = Packet::width;
    index j = 0;
    if constexpr (RowsOfTwo > 0)
      for (; j + 2 * width <= n; j += 2 * width) rows<Packet, 2, RowsOfTwo>(m, k, x, j);
    for (; j < n; j += width) {
      j = std::min(j, n - width);
      rows<Packet, 1, RowsOfOne>(m, k, x, j);
    }
  }

  template <class Packet, int Columns, int Rows>
  static void rows(index m, index k, const operands& x, index j) {
    if constexpr (Rows > 2)
      if (m < Rows) return rows<Packet, Columns, Rows / 2>(m, k, x, j);
    for (index i = 0; i < m; i += Rows) block<Packet, Columns, Rows>(k, x, std::min(i, m - Rows), j);
  }

  template <class Packet, int Columns, int Rows>
  static TENON_NOINLINE void block(index k, const operands& x, index i, index j) {
    const detail::register_block<Packet, Rows, Columns> sums(k, x.a + i * x.a_row, x.a_row, x.a_column,
                                                             x.b + j, x.b_row);
    sums.store(x.c + i * x.c_row + j, x.c_row);
  }

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
    constexpr int chains = 4;  // sums that do not wait for each other
    for (index i = 0; i < m; ++i) {
      wrapping sum[chains][Columns]{};
      const T* a = x.a + i * x.a_row;
      const T* b = x.b;
      const auto step = [&](int chain) {
        for (int j = 0; j < Columns; ++j)
          sum[chain][j] += static_cast<wrapping>(*a) * static_cast<wrapping>(b[j]);
        a += x.a_column;
        b += x.b_row;
      };
      index p = 0;
      for (; p + chains <= k; p += chains)
        for (int chain = 0; chain < chains; ++chain) step(chain);
      for (; p < k; ++p) step(0);
      for (int j = 0; j < Columns; ++j)
        x.c[i * x.c_row + j] = static_cast<T>((sum[0][j] + sum[1][j]) + (sum[2][j] + sum[3][j]));
    }
  }
};

}  // namespace tenon::host
