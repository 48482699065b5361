// The matrix product of the CPU: c[m, n] = a[m, k] * b[k, n] for numbers of every dtype but the 16-bit
// floats.
//
// Floats go through the packing routines and the block kernel of Eigen's GEMM, called from here and not
// through an Eigen product: the buffers are then ours (Eigen's product allocates its own), one kernel and two
// routines a side serve all four storage orders, and a mapper type of ours carries the Unit into the names of
// all that Eigen emits. For float it adds 1.5 s to a unit with Eigen/Core (GCC 12, AVX-512); the four
// products of Map<Matrix> that it stands for add 4 s.
//
// The bits of a result depend on m, n and k alone: how the product is cut is fixed by them (gemm_plan), each
// part is computed by one thread in an order of its own, and partial sums are added in a fixed order.
#pragma once

#include <tenon/core/math.hpp>
#include <tenon/eval/cpu/eigen_core.hpp>
#include <tenon/eval/cpu/gemm_operand.hpp>
#include <tenon/eval/cpu/gemm_plan.hpp>
#include <tenon/eval/cpu/threads.hpp>
#include <tenon/eval/cpu/vector_products.hpp>

#if defined(TENON_BLAS)
#if __has_include(<cblas.h>)
#include <cblas.h>
#else
#include <mkl_cblas.h>
#endif
#endif

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

// GCC says that registers lose attributes as template arguments; they are found again where they are used.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
#endif

namespace tenon::host {
namespace detail {

/// What integers are multiplied in, so that they wrap; other numbers themselves.
template <class T>
struct wrapping {
  using type = T;
};
template <math::integer T>
struct wrapping<T> {
  using type = math::detail::wrapping<T>;
};

}  // namespace detail

template <class T, class Unit = this_unit>
struct gemm {
  static_assert(!float_of_16_bits<T>, "16-bit numbers are multiplied as floats: graph/builder.hpp");

  /// The bytes of scratch memory that run() needs for this shape on at most `threads` threads.
  static index workspace(index m, index n, index k, int threads) noexcept {
    const detail::gemm_plan plan = planner::cut(m, n, k);
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
    work.plan = planner::cut(m, n, k);
    work.a = detail::gemm_read<T>(a, k);
    work.b = detail::gemm_read<T>(b, n);
    work.c = static_cast<T*>(c);
    work.row_step = ldc;
    work.column_step = 1;
    work.m = m;
    work.n = n;
    work.k = k;
#if defined(TENON_BLAS)
    if constexpr (std::is_floating_point_v<T>)
      if (work.plan.how == detail::gemm_plan::way::tiles || work.plan.how == detail::gemm_plan::way::split)
        if (by_blas(work)) return;
#endif
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
      if (work.plan.how == detail::gemm_plan::way::vectors) {
        if (!work.a.rows && (work.m > 1 || work.a.stride != 1)) {
          T* const x = reinterpret_cast<T*>(work.memory + work.at.parts);
          for (index i = 0; i < work.m; ++i) {
            for (index p = 0; p < k; ++p) x[i * k + p] = work.a(i, p);
          }
          work.a = {x, k, true};
        }
        parallel_for(work.plan.tasks, &vectors, &work, threads);
        return;
      }
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
#if defined(TENON_BLAS)
  /// The whole product in one call, on as many threads as the library takes, whose promises of equal bits are
  /// its own; false where it cannot be said in one.
  template <class Job>
  static bool by_blas(const Job& work) noexcept {
    constexpr index most = 2147483647;
    if (std::max({work.m, work.n, work.k, work.a.stride, work.b.stride, work.row_step}) > most) return false;
    // Lines that overlap, as those of a broadcast operand do, have no leading dimension.
    if ((work.a.rows ? work.m : work.k) > 1 && work.a.stride < (work.a.rows ? work.k : work.m)) return false;
    if ((work.b.rows ? work.k : work.n) > 1 && work.b.stride < (work.b.rows ? work.n : work.k)) return false;
    const auto flag = [](bool rows) { return rows ? CblasNoTrans : CblasTrans; };
    const auto leading = [](const detail::gemm_matrix<T>& x, index across) {
      return static_cast<int>(std::max({x.stride, across, index{1}}));
    };
    const int m = static_cast<int>(work.m), n = static_cast<int>(work.n), k = static_cast<int>(work.k);
    const int lda = leading(work.a, work.a.rows ? work.k : work.m);
    const int ldb = leading(work.b, work.b.rows ? work.n : work.k);
    const int ldc = static_cast<int>(work.row_step);
    if constexpr (std::is_same_v<T, float>)
      cblas_sgemm(CblasRowMajor, flag(work.a.rows), flag(work.b.rows), m, n, k, 1.0f, work.a.data, lda,
                  work.b.data, ldb, 0.0f, work.c, ldc);
    else
      cblas_dgemm(CblasRowMajor, flag(work.a.rows), flag(work.b.rows), m, n, k, 1.0, work.a.data, lda,
                  work.b.data, ldb, 0.0, work.c, ldc);
    return true;
  }
#endif

  using plan_type = detail::gemm_plan;
  using planner = detail::gemm_planner<T, Unit>;
  using vector_product = detail::vector_products<T, Unit>;
  using matrix = detail::gemm_matrix<T>;
  using size = Eigen::Index;

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

  static places layout(const plan_type& plan, index m, index n, int threads) {
    places at{};
    const auto bytes = [](index count) { return detail::round_up(count * index{sizeof(T)}, 64); };
    if (plan.how == plan_type::way::vectors) {
      at.parts = bytes(plan.rows * std::max(m, n));
      at.bytes = at.parts + bytes(plan.rows * plan.depth);
      return at;
    }
    const index rows = plan.rows;
    const index columns = std::min(plan.columns, plan.flipped ? m : n);
    const index depth = detail::round_up(std::min(plan.depth, plan.panel), 8);
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
                                   typename traits::LhsPacket4Packing, Order>()(
        to, source<Order>(from, stride), depth, columns);
  }

  template <int Order>
  static void pack_a(T* to, const T* from, index stride, index depth, index rows) {
    using traits = Eigen::internal::gebp_traits<T, T>;
    Eigen::internal::gemm_pack_rhs<T, size, source<Order>, traits::nr, Order>()(
        to, source<Order>(from, stride), depth, rows);
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
    if (columns == stride) {
      columns *= rows;
      rows = 1;
    }
    const std::size_t bytes = static_cast<std::size_t>(columns) * sizeof(T);
    for (index i = 0; i < rows; ++i) std::memset(c + i * stride, 0, bytes);
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
      for (index i = 0; i < rows; ++i) to[i] = own[i * columns + j] + (work.first == 0 ? T(0) : to[i]);
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
      std::memcpy(work.c + i * work.row_step, work.part(0) + i * work.n,
                  static_cast<std::size_t>(work.n) * sizeof(T));
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
    using wrapping = typename detail::wrapping<T>::type;
    const job& work = *static_cast<const job*>(context);
    const index row = task * work.plan.rows;
    const index rows = std::min(work.plan.rows, work.m - row);
    for (index i = row; i < row + rows; ++i) {
      T* const c = work.c + i * work.row_step;
      if (work.b.rows || work.k == 0) {
        for (index j = 0; j < work.n; ++j) c[j] = T(0);
        for (index p = 0; p < work.k; ++p) {
          const wrapping factor = static_cast<wrapping>(work.a(i, p));
          const T* const from = work.b.at(p, 0);
          for (index j = 0; j < work.n; ++j) {
            c[j] = static_cast<T>(static_cast<wrapping>(c[j]) + factor * static_cast<wrapping>(from[j]));
          }
        }
      } else {
        for (index j = 0; j < work.n; ++j) {
          const T* const from = work.b.at(0, j);
          wrapping sum = wrapping(0);
          for (index p = 0; p < work.k; ++p) {
            sum += static_cast<wrapping>(work.a(i, p)) * static_cast<wrapping>(from[p]);
          }
          c[j] = static_cast<T>(sum);
        }
      }
    }
  }

  /// Some columns of a c of few rows.
  static void vectors(const void* context, index task, int) {
    const job& work = *static_cast<const job*>(context);
    const index column = task * work.plan.columns;
    const index columns = std::min(work.plan.columns, work.n - column);
    for (index i = 0; i < work.m; ++i) {
      T* const c = work.c + i * work.row_step + column * work.column_step;
      T* const sums = work.column_step == 1 ? c : reinterpret_cast<T*>(work.memory) + i * work.n + column;
      const T* const x = work.a.at(i, 0);
      if (work.n == 1) {
        *c = vector_product::dot(x, work.b, work.k);
        continue;
      }
      if (work.b.rows) {
        vector_product::sum_rows(sums, x, work.b.at(0, column), work.b.stride, columns, work.k);
      } else {
        vector_product::dot_columns(sums, x, work.b.at(0, column), work.b.stride, columns, work.k);
      }
      if (sums != c) {
        for (index j = 0; j < columns; ++j) c[j * work.column_step] = sums[j];
      }
    }
  }
};

}  // namespace tenon::host

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
