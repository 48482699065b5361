// The matrix product of the CPU: c[m, n] = a[m, k] * b[k, n] for float, double, int32 and int64.
//
// Floats go through the packing routines and the block kernel of Eigen's GEMM, which this header calls itself, not
// through an Eigen product: the buffers are then ours (Eigen's product allocates its own), one kernel and two
// routines a side serve all four storage orders, and a mapper type of ours carries the Unit into the names of all
// that Eigen emits here. The compile time of a unit: see the end of this comment.
//
// The bits of a result depend on m, n and k alone: how the product is cut is fixed by them (gemm_plan), each part is
// computed by one thread in an order of its own, and partial sums are added in a fixed order.
#pragma once

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <Eigen/Core>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "tenon/core/config.hpp"
#include "tenon/eval/cpu/threads.hpp"

namespace tenon::cpu {

/// A matrix in memory: element (i, j) lies at data + i * row_stride + j * column_stride, in elements. One of the two
/// strides is 1; the stride along an extent of 1 does not matter, nor must it then be the other that is 1.
struct gemm_operand {
  const void* data;
  index row_stride;
  index column_stride;
};

namespace detail {

constexpr index round_up(index value, index step) { return (value + step - 1) / step * step; }

constexpr index parts(index value, index part) { return (value + part - 1) / part; }

/// An operand whose unit stride is known: `rows` true where it lies along a row. `stride` is the other stride.
template <class T>
struct gemm_matrix {
  const T* data;
  index stride;
  bool rows;

  T operator()(index i, index j) const { return rows ? data[i * stride + j] : data[i + j * stride]; }

  const T* at(index i, index j) const { return data + (rows ? i * stride + j : i + j * stride); }

  gemm_matrix transposed() const { return {data, stride, !rows}; }
};

template <class T>
gemm_matrix<T> gemm_read(gemm_operand operand, index columns) {
  const T* const data = static_cast<const T*>(operand.data);
  if (columns == 1 || operand.column_stride == 1) return {data, operand.row_stride, true};
  return {data, operand.column_stride, false};
}

/// How a product is cut, by its shape alone.
///
/// direct: rows of c from dot products or sums of rows of b, nothing packed. tiles: c is cut into tiles and k into
/// panels, one after the other. split: k is cut into `tasks` parts of `depth`, each summed into a c of its own.
/// With `flipped` the transposed product is computed, tile by tile, and copied to c: the kernel wants a wide c.
struct gemm_plan {
  enum class way { direct, tiles, split };

  way how = way::direct;
  bool flipped = false;
  index rows = 0;     // of a tile of c
  index columns = 0;  // of a tile of c
  index panel = 0;    // of k, at most, in one call of the kernel
  index depth = 0;    // of k in one part (split), else k
  index row_tiles = 1;
  index column_tiles = 1;
  index tasks = 1;
};

}  // namespace detail

template <class T, class Unit = this_unit>
struct gemm {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int32_t> ||
                std::is_same_v<T, std::int64_t>);

  /// The bytes of scratch memory that run() needs for this shape on at most `threads` threads.
  static index workspace(index m, index n, index k, int threads) noexcept {
    const detail::gemm_plan plan = cut(m, n, k);
    if (plan.how == detail::gemm_plan::way::direct) return 0;
    return layout(plan, m, n, threads).bytes;
  }

  /// c = a * b, where row i of c starts at c + i * ldc. Extents may be 0; with k = 0, c is filled with zeros.
  /// `memory` has workspace(m, n, k, threads) bytes and is aligned to 64; c overlaps neither operand.
  /// Integers wrap around.
  static void run(index m, index n, index k, gemm_operand a, gemm_operand b, void* c, index ldc, void* memory,
                  int threads) noexcept {
    if (m <= 0 || n <= 0) return;
    job work;
    work.plan = cut(m, n, k);
    work.a = detail::gemm_read<T>(a, k);
    work.b = detail::gemm_read<T>(b, n);
    work.c = static_cast<T*>(c);
    work.row_step = ldc;
    work.column_step = 1;
    work.m = m;
    work.n = n;
    work.k = k;
    if (work.plan.flipped) {
      const detail::gemm_matrix<T> left = work.a;
      work.a = work.b.transposed();
      work.b = left.transposed();
      std::swap(work.m, work.n);
      std::swap(work.row_step, work.column_step);
    }
    if (work.plan.how == detail::gemm_plan::way::direct) {
      parallel_for(work.plan.tasks, &direct, &work, threads);
      return;
    }
    if constexpr (std::is_floating_point_v<T>) {
      work.at = layout(work.plan, m, n, threads);
      work.memory = static_cast<char*>(memory);
      if (work.plan.how == detail::gemm_plan::way::split) {
        parallel_for(work.plan.tasks, &split, &work, threads);
        combine(work);
        return;
      }
      const index panels = detail::parts(k, work.plan.panel);
      const index length = detail::round_up(detail::parts(k, panels), 8);
      for (work.first = 0; work.first < k; work.first += length) {
        work.count = std::min(length, k - work.first);
        for (int i = 0; i < work.at.workers; ++i) *work.packed(i) = -1;
        parallel_for(work.plan.tasks, &tile, &work, threads);
      }
    }
  }

 private:
  using plan_type = detail::gemm_plan;
  using matrix = detail::gemm_matrix<T>;
  using size = Eigen::Index;

  /// Multiplications that are worth a task of their own: some 5 us.
  static constexpr index task_work = index{1} << 18;
  static constexpr index most_tasks = 32;

  struct places {
    index a, b, c;  // within a worker's memory
    index worker;   // bytes of it
    index parts;    // of the partial sums
    index bytes;
    int workers;
  };

  struct job {
    plan_type plan;
    places at;
    matrix a, b;
    T* c;
    index row_step, column_step;  // of c
    index m, n, k;
    index first, count;  // the panel of k
    char* memory;

    index* packed(int worker) const { return reinterpret_cast<index*>(memory + worker * at.worker); }
    T* part(index i) const { return reinterpret_cast<T*>(memory + at.parts) + i * m * n; }
  };

  static index wanted_tasks(index m, index n, index k) {
    const double work = static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k) / task_work;
    if (work >= most_tasks) return most_tasks;
    return work < 2 ? 1 : static_cast<index>(std::bit_floor(static_cast<unsigned>(work)));
  }

  static constexpr index direct_limit = 4096;

  static plan_type cut(index m, index n, index k) {
    plan_type plan;
    plan.depth = k;
    const index wanted = wanted_tasks(m, n, k);
    if constexpr (!std::is_floating_point_v<T>) {
      plan.rows = detail::round_up(detail::parts(m, wanted), 4);
      plan.columns = n;
      plan.tasks = plan.row_tiles = std::max(index{1}, detail::parts(m, plan.rows));
    } else {
      using traits = Eigen::internal::gebp_traits<T, T>;
      constexpr index mr = traits::mr;
      // As Eigen chooses its kc, for a level-1 cache of 32 KiB, which Eigen takes for larger with AVX-512.
      constexpr index cache = (Unit::vector == vector_extension::avx512 ? 192 : 32) * 1024;
      constexpr index most_depth = cache / ((mr + traits::nr) * index{sizeof(T)}) / 8 * 8;
      if (m <= 1 || n <= 1 || k == 0 || (m * n <= direct_limit && m * n * k <= direct_limit)) {
        plan.flipped = n <= 1;
        const index outputs = std::max(m, n);
        if (m <= 1 || n <= 1) {
          plan.rows = 1;
          plan.columns = detail::round_up(detail::parts(outputs, wanted), 128);
        } else {
          plan.rows = m;
          plan.columns = n;
        }
        plan.tasks = plan.column_tiles = std::max(index{1}, detail::parts(outputs, plan.columns));
        if (m > 1 && n > 1) plan.tasks = plan.column_tiles = 1;
        return plan;
      }
      plan.flipped = n < 16 && m > n;
      if (plan.flipped) std::swap(m, n);
      plan.panel = most_depth;
      if (wanted > 1 && m * n <= 16384 && k >= 512 && !plan.flipped) {
        plan.how = plan_type::way::split;
        plan.rows = m;
        plan.columns = n;
        plan.tasks = std::min({wanted, k / 256, index{16}});
        plan.depth = detail::round_up(detail::parts(k, plan.tasks), 8);
        plan.tasks = detail::parts(k, plan.depth);
        return plan;
      }
      plan.how = plan_type::way::tiles;
      const index depth = std::min(k, most_depth);
      const index row_tiles = std::max(std::min(wanted, detail::parts(m, 16)), detail::parts(m, 256));
      plan.rows = detail::round_up(detail::parts(m, row_tiles), 4);
      plan.row_tiles = detail::parts(m, plan.rows);
      const index widest = std::max(mr, (index{1} << 20) / (depth * index{sizeof(T)}) / mr * mr);
      const index column_tiles = std::max(std::max(index{1}, wanted / plan.row_tiles), detail::parts(n, widest));
      plan.columns = detail::round_up(detail::parts(n, column_tiles), mr);
      plan.column_tiles = detail::parts(n, plan.columns);
      plan.tasks = plan.row_tiles * plan.column_tiles;
    }
    return plan;
  }

  static places layout(const plan_type& plan, index m, index n, int threads) {
    const index rows = plan.rows;
    const index columns = std::min(plan.columns, plan.flipped ? m : n);
    const index depth = detail::round_up(std::min(plan.depth, plan.panel), 8);
    const auto bytes = [](index count) { return detail::round_up(count * index{sizeof(T)}, 64); };
    places at;
    at.workers = static_cast<int>(std::min<index>(std::max(threads, 1), plan.tasks));
    at.a = 64;
    at.b = at.a + bytes(rows * depth);
    at.c = at.b + bytes(columns * depth);
    at.worker = at.c + (plan.flipped ? bytes(rows * columns) : 0);
    at.parts = at.workers * at.worker;
    at.bytes = at.parts + (plan.how == plan_type::way::split ? bytes(plan.tasks * m * n) : 0);
    return at;
  }

  // Eigen's mappers under names of this unit.
  template <int Order>
  struct source : Eigen::internal::const_blas_data_mapper<T, size, Order> {
    using Eigen::internal::const_blas_data_mapper<T, size, Order>::const_blas_data_mapper;
  };

  struct sink : Eigen::internal::blas_data_mapper<T, size, Eigen::ColMajor, Eigen::Unaligned, 1> {
    using Eigen::internal::blas_data_mapper<T, size, Eigen::ColMajor, Eigen::Unaligned, 1>::blas_data_mapper;
  };

  // A row-major c = a * b is a column-major c^T = b^T * a^T, so b is the left side of Eigen's kernel.
  template <int Order>
  static void pack_b(T* to, const T* from, index stride, index depth, index columns) {
    using traits = Eigen::internal::gebp_traits<T, T>;
    Eigen::internal::gemm_pack_lhs<T, size, source<Order>, traits::mr, traits::LhsProgress,
                                   typename traits::LhsPacket4Packing, Order>()(to, source<Order>(from, stride),
                                                                                depth, columns);
  }

  template <int Order>
  static void pack_a(T* to, const T* from, index stride, index depth, index rows) {
    using traits = Eigen::internal::gebp_traits<T, T>;
    Eigen::internal::gemm_pack_rhs<T, size, source<Order>, traits::nr, Order>()(to, source<Order>(from, stride),
                                                                                depth, rows);
  }

  static void pack_b(T* to, const matrix& b, index row, index depth, index column, index columns) {
    if (b.rows) {
      pack_b<Eigen::ColMajor>(to, b.at(row, column), b.stride, depth, columns);
    } else {
      pack_b<Eigen::RowMajor>(to, b.at(row, column), b.stride, depth, columns);
    }
  }

  static void pack_a(T* to, const matrix& a, index row, index rows, index column, index depth) {
    if (a.rows) {
      pack_a<Eigen::ColMajor>(to, a.at(row, column), a.stride, depth, rows);
    } else {
      pack_a<Eigen::RowMajor>(to, a.at(row, column), a.stride, depth, rows);
    }
  }

  /// c += packed a * packed b, with the rows of c `stride` apart.
  static void multiply(T* c, index stride, const T* a, const T* b, index rows, index columns, index depth) {
    using traits = Eigen::internal::gebp_traits<T, T>;
    Eigen::internal::gebp_kernel<T, T, size, sink, traits::mr, traits::nr, false, false>()(
        sink(c, stride), b, a, columns, depth, rows, T(1));
  }

  static void clear(T* c, index stride, index rows, index columns) {
    for (index i = 0; i < rows; ++i) std::memset(c + i * stride, 0, static_cast<std::size_t>(columns) * sizeof(T));
  }

  /// One tile of c, for one panel of k. A worker keeps the columns of b that it packed last.
  static void tile(const void* context, index task, int worker) {
    const job& work = *static_cast<const job*>(context);
    const plan_type& plan = work.plan;
    char* const memory = work.memory + worker * work.at.worker;
    T* const packed_a = reinterpret_cast<T*>(memory + work.at.a);
    T* const packed_b = reinterpret_cast<T*>(memory + work.at.b);
    const index column = task / plan.row_tiles * plan.columns;
    const index columns = std::min(plan.columns, work.n - column);
    const index row = task % plan.row_tiles * plan.rows;
    const index rows = std::min(plan.rows, work.m - row);
    if (*work.packed(worker) != column) {
      pack_b(packed_b, work.b, work.first, work.count, column, columns);
      *work.packed(worker) = column;
    }
    pack_a(packed_a, work.a, row, rows, work.first, work.count);
    T* const c = work.c + row * work.row_step + column * work.column_step;
    if (!plan.flipped) {
      if (work.first == 0) clear(c, work.row_step, rows, columns);
      multiply(c, work.row_step, packed_a, packed_b, rows, columns, work.count);
      return;
    }
    T* const own = reinterpret_cast<T*>(memory + work.at.c);
    clear(own, columns, rows, columns);
    multiply(own, columns, packed_a, packed_b, rows, columns, work.count);
    for (index j = 0; j < columns; ++j) {
      T* const to = c + j * work.column_step;
      for (index i = 0; i < rows; ++i) to[i] = work.first == 0 ? own[i * columns + j] : to[i] + own[i * columns + j];
    }
  }

  /// The product over one part of k, into a c of its own.
  static void split(const void* context, index task, int worker) {
    const job& work = *static_cast<const job*>(context);
    char* const memory = work.memory + worker * work.at.worker;
    T* const packed_a = reinterpret_cast<T*>(memory + work.at.a);
    T* const packed_b = reinterpret_cast<T*>(memory + work.at.b);
    T* const c = work.part(task);
    const index end = std::min(work.k, (task + 1) * work.plan.depth);
    clear(c, work.n, work.m, work.n);
    for (index first = task * work.plan.depth; first < end; first += work.plan.panel) {
      const index count = std::min(work.plan.panel, end - first);
      pack_b(packed_b, work.b, first, count, 0, work.n);
      pack_a(packed_a, work.a, 0, work.m, first, count);
      multiply(c, work.n, packed_a, packed_b, work.m, work.n, count);
    }
  }

  static void combine(const job& work) {
    const index tasks = work.plan.tasks;
    const index total = work.m * work.n;
    for (index step = 1; step < tasks; step *= 2) {
      for (index i = 0; i + step < tasks; i += 2 * step) add(work.part(i), work.part(i + step), total);
    }
    for (index i = 0; i < work.m; ++i) {
      std::memcpy(work.c + i * work.row_step, work.part(0) + i * work.n, static_cast<std::size_t>(work.n) * sizeof(T));
    }
  }

  static void add(T* to, const T* from, index count) {
    constexpr index width = Eigen::internal::packet_traits<T>::size;
    using packet = typename Eigen::internal::packet_traits<T>::type;
    index i = 0;
    for (; i + width <= count; i += width) {
      Eigen::internal::pstoreu(to + i, Eigen::internal::padd(Eigen::internal::ploadu<packet>(to + i),
                                                             Eigen::internal::ploadu<packet>(from + i)));
    }
    for (; i < count; ++i) to[i] += from[i];
  }

  static void direct(const void* context, index task, int) {
    const job& work = *static_cast<const job*>(context);
    const index column = task / work.plan.row_tiles * work.plan.columns;
    const index columns = std::min(work.plan.columns, work.n - column);
    const index row = task % work.plan.row_tiles * work.plan.rows;
    const index rows = std::min(work.plan.rows, work.m - row);
    for (index i = row; i < row + rows; ++i) {
      T* const c = work.c + i * work.row_step + column * work.column_step;
      const T* const x = work.a.at(i, 0);
      const index step = work.a.rows ? 1 : work.a.stride;
      const T* const b = work.b.at(0, column);
      if constexpr (!std::is_floating_point_v<T>) {
        integer_row(c, x, step, b, work, columns);
      } else if (work.b.rows) {
        sum_rows(c, work.column_step, x, step, b, work.b.stride, columns, work.k);
      } else {
        dot_columns_apart(c, work.column_step, x, step, b, work.b.stride, columns, work.k);
      }
    }
  }

  static void integer_row(T* c, const T* x, index step, const T* b, const job& work, index columns) {
    using wrapping =
        typename std::conditional_t<std::is_integral_v<T>, std::make_unsigned<T>, std::type_identity<T>>::type;
    const index down = work.b.rows ? work.b.stride : 1;
    const index along = work.b.rows ? 1 : work.b.stride;
    for (index j = 0; j < columns; ++j) c[j] = 0;
    for (index p = 0; p < work.k; ++p) {
      const wrapping factor = static_cast<wrapping>(x[p * step]);
      const T* const from = b + p * down;
      for (index j = 0; j < columns; ++j) {
        c[j] = static_cast<T>(static_cast<wrapping>(c[j]) + factor * static_cast<wrapping>(from[j * along]));
      }
    }
  }

  template <int Packets>
  static void sum_strip(T* c, index c_step, const T* x, index step, const T* b, index stride, index k) {
    constexpr index width = Eigen::internal::packet_traits<T>::size;
    using packet = typename Eigen::internal::packet_traits<T>::type;
    packet sum[Packets];
    for (int s = 0; s < Packets; ++s) sum[s] = Eigen::internal::pset1<packet>(T(0));
    for (index p = 0; p < k; ++p) {
      const packet factor = Eigen::internal::pset1<packet>(x[p * step]);
      const T* const from = b + p * stride;
      for (int s = 0; s < Packets; ++s) {
        sum[s] = Eigen::internal::pmadd(factor, Eigen::internal::ploadu<packet>(from + s * width), sum[s]);
      }
    }
    if (c_step == 1) {
      for (int s = 0; s < Packets; ++s) Eigen::internal::pstoreu(c + s * width, sum[s]);
    } else {
      T out[Packets * width];
      for (int s = 0; s < Packets; ++s) Eigen::internal::pstoreu(out + s * width, sum[s]);
      for (index j = 0; j < Packets * width; ++j) c[j * c_step] = out[j];
    }
  }

  /// c[j] = sum over p of x[p] * b[p, j], where b lies along its rows.
  static void sum_rows(T* c, index c_step, const T* x, index step, const T* b, index stride, index columns, index k) {
    constexpr index width = Eigen::internal::packet_traits<T>::size;
    index j = 0;
    for (; j + 8 * width <= columns; j += 8 * width) sum_strip<8>(c + j * c_step, c_step, x, step, b + j, stride, k);
    for (; j + 2 * width <= columns; j += 2 * width) sum_strip<2>(c + j * c_step, c_step, x, step, b + j, stride, k);
    if (j + width <= columns) {
      sum_strip<1>(c + j * c_step, c_step, x, step, b + j, stride, k);
      j += width;
    }
    for (; j < columns; ++j) {
      T sum = 0;
      for (index p = 0; p < k; ++p) sum += x[p * step] * b[p * stride + j];
      c[j * c_step] = sum;
    }
  }

  template <int Columns>
  static void dot_strip(T* c, index c_step, const T* x, const T* b, index stride, index k) {
    constexpr index width = Eigen::internal::packet_traits<T>::size;
    using packet = typename Eigen::internal::packet_traits<T>::type;
    packet sum[Columns];
    for (int s = 0; s < Columns; ++s) sum[s] = Eigen::internal::pset1<packet>(T(0));
    index p = 0;
    for (; p + width <= k; p += width) {
      const packet factor = Eigen::internal::ploadu<packet>(x + p);
      for (int s = 0; s < Columns; ++s) {
        sum[s] = Eigen::internal::pmadd(factor, Eigen::internal::ploadu<packet>(b + s * stride + p), sum[s]);
      }
    }
    for (int s = 0; s < Columns; ++s) {
      T total = Eigen::internal::predux(sum[s]);
      for (index q = p; q < k; ++q) total += x[q] * b[s * stride + q];
      c[s * c_step] = total;
    }
  }

  /// The same where b lies along its columns, and x without gaps.
  static void dot_columns(T* c, index c_step, const T* x, const T* b, index stride, index columns, index k) {
    index j = 0;
    for (; j + 4 <= columns; j += 4) dot_strip<4>(c + j * c_step, c_step, x, b + j * stride, stride, k);
    for (; j < columns; ++j) dot_strip<1>(c + j * c_step, c_step, x, b + j * stride, stride, k);
  }

  static void dot_columns_apart(T* c, index c_step, const T* x, index step, const T* b, index stride, index columns,
                                index k) {
    constexpr index block = 256;
    T near[block];
    T sums[128];
    for (index j = 0; j < columns; ++j) c[j * c_step] = 0;
    for (index p = 0; p < k; p += block) {
      const index count = std::min(block, k - p);
      for (index q = 0; q < count; ++q) near[q] = x[(p + q) * step];
      for (index j = 0; j < columns; j += 128) {
        const index width = std::min(index{128}, columns - j);
        dot_columns(sums, 1, near, b + p + j * stride, stride, width, count);
        for (index i = 0; i < width; ++i) c[(j + i) * c_step] += sums[i];
      }
    }
  }
};

}  // namespace tenon::cpu
