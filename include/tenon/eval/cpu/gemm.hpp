// The matrix product of the CPU: c[m, n] = a[m, k] * b[k, n] for numbers of every dtype but the 16-bit
// floats.
//
// Floats go through a kernel of our own (gemm_kernel): see docs/architecture.md.
//
// The bits of a result depend on m, n and k alone: how the product is cut is fixed by them (gemm_plan), each
// part is computed by one thread in an order of its own, and partial sums are added in a fixed order.
#pragma once

#include <tenon/core/math.hpp>
#include <tenon/eval/cpu/gemm_plan.hpp>
#include <tenon/eval/cpu/threads.hpp>
#include <tenon/eval/cpu/vector_products.hpp>
#include <tenon/plan/launch.hpp>

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
  using epilogue = tenon::detail::product_epilogue;

  static_assert(!float_of_16_bits<T>, "16-bit numbers are multiplied as floats: graph/builder.hpp");

  /// The bytes of scratch memory that run() needs for this shape on at most `threads` threads.
  static index workspace(index m, index n, index k, int threads) noexcept {
    const detail::gemm_plan plan = planner::cut(m, n, k);
    if (plan.how == detail::gemm_plan::way::direct) return 0;
    return layout(plan, m, n, threads).bytes;
  }

  /// c = a * b, where row i of c starts at c + i * ldc. Extents may be 0; with k = 0, c is filled with zeros.
  /// `memory` has workspace(m, n, k, threads) bytes and is aligned to 64; c overlaps neither operand.
  /// Integers wrap around. The epilogue, if there is one, goes over c: tile by tile, or when all is there.
  static void run(index m, index n, index k, gemm_operand a, gemm_operand b, void* c, index ldc, void* memory,
                  int threads, const epilogue& after = {}) noexcept {
    if (m <= 0 || n <= 0) return;
    if constexpr (std::is_floating_point_v<T>)  // as of one prediction: what follows would be 20 ns of it
      if (m == 1 && n > 1 && planner::one_vector(m, n, k) && (a.column_stride == 1 || k == 1)) {
        row(static_cast<T*>(c), static_cast<const T*>(a.data), detail::gemm_read<T>(b, n), n, k);
        return finish(after, threads);
      }
    job work;
    work.after = &after;
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
        if (by_blas(work)) return finish(after, threads);
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
          T* const x = work.numbers(work.at.a);
          for (index i = 0; i < work.m; ++i) {
            for (index p = 0; p < k; ++p) x[i * k + p] = work.a(i, p);
          }
          work.a = {x, k, true};
        }
        if (work.plan.k_parts == 1) {
          parallel_for(work.plan.tasks, &vectors, &work, threads);
        } else if (work.b.rows || work.n == 1) {
          parallel_for(work.plan.k_parts, &vector_part, &work, threads);
          combine(work, work.plan.k_parts);
          finish(after, threads);
        } else {  // columns of b lie in memory one after the other, and may be few
          work.plan.columns = detail::round_up(detail::parts(work.n, work.plan.k_parts), 4);
          parallel_for(detail::parts(work.n, work.plan.columns), &vectors, &work, threads);
        }
        return;
      }
      if (work.plan.how == detail::gemm_plan::way::split) {
        parallel_for(work.plan.tasks, &split, &work, threads);
        combine(work, work.plan.tasks);
        return finish(after, threads);
      }
      const index length = detail::round_up(detail::parts(k, detail::parts(k, work.plan.panel)), 8);
      for (work.column = 0; work.column < work.n; work.column += work.plan.band)
        for (work.first = 0; work.first < k; work.first += length) {
          work.count = std::min(length, k - work.first);
          work.columns = std::min(work.plan.band, work.n - work.column);
          for (int i = 0; i < work.at.workers; ++i) *work.packed(i) = -1;
          if (work.plan.row_tiles > 1)
            parallel_for(detail::parts(work.columns, pack_columns), &pack, &work, threads);
          parallel_for(work.plan.row_tiles * detail::parts(work.columns, work.plan.columns), &tile, &work,
                       threads);
        }
    }
  }

  /// The whole of an epilogue, where the product has no tiles.
  static void finish(const epilogue& after, int threads) noexcept {
    if (after.run != nullptr) parallel_for(after.launch->tasks(), after.run, after.launch, threads);
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
  using kernel = detail::gemm_kernel<T, Unit>;
  using matrix = detail::gemm_matrix<T>;

  static constexpr index pack_columns = 8 * kernel::columns;  // of b, which one task packs

  struct places {
    index a, b, c;  // within a worker's memory; where there are rows of tiles, b is for all workers
    index worker;   // bytes of it
    index parts;    // of the partial sums
    index bytes;
    int workers;
  };

  struct job {
    const epilogue* after;
    plan_type plan;
    places at;
    matrix a, b;
    T* c;
    index row_step, column_step;  // of c
    index m, n, k;
    index first, count;     // the panel of k
    index column, columns;  // the band of c
    char* memory;

    /// The row whose part of a a worker packed last.
    index* packed(int worker) const { return reinterpret_cast<index*>(memory + worker * at.worker); }
    T* numbers(index offset) const { return reinterpret_cast<T*>(memory + offset); }
    T* part(index i) const { return reinterpret_cast<T*>(memory + at.parts) + i * m * n; }
  };

  static places layout(const plan_type& plan, index m, index n, int threads) {
    places at{};
    const auto bytes = [](index count) { return detail::round_up(count * index{sizeof(T)}, 64); };
    if (plan.how == plan_type::way::vectors) {
      at.a = bytes(plan.rows * std::max(m, n));
      at.parts = at.a + bytes(plan.rows * plan.depth);
      at.bytes = at.parts + (plan.k_parts > 1 ? bytes(plan.k_parts * m * n) : 0);
      return at;
    }
    const bool split = plan.how == plan_type::way::split, thin = !split && plan.row_tiles == 1;
    const index depth = detail::round_up(std::min(plan.depth, plan.panel), 8);
    const index b = bytes(thin ? kernel::columns * depth : kernel::packed_b(split ? n : plan.band, depth));
    at.workers = static_cast<int>(std::min<index>(std::max(threads, 1), plan.tasks));
    at.a = 64;
    at.c = at.a + bytes(kernel::packed_a(plan.rows, depth));
    at.b = at.c + (plan.flipped ? bytes(plan.rows * plan.columns) : 0);
    at.worker = split || thin ? at.b + b : at.b;
    at.parts = at.workers * at.worker;
    if (!split && !thin) {
      at.b = at.parts;
      at.parts += b;
    }
    at.bytes = at.parts + (split ? bytes(plan.tasks * m * n) : 0);
    return at;
  }

  /// Some columns of the band, for one panel of k.
  static void pack(const void* context, index task, int) {
    const job& work = *static_cast<const job*>(context);
    const index column = task * pack_columns;
    kernel::pack_b(work.numbers(work.at.b) + column * work.count, work.b, work.first, work.count,
                   work.column + column, std::min(pack_columns, work.columns - column));
  }

  /// One tile of the band, for one panel of k. A worker keeps the rows of a that it packed last.
  static void tile(const void* context, index task, int worker) {
    const job& work = *static_cast<const job*>(context);
    const plan_type& plan = work.plan;
    const index memory = worker * work.at.worker;
    T* const packed_a = work.numbers(memory + work.at.a);
    const index tiles = detail::parts(work.columns, plan.columns);
    const index column = task % tiles * plan.columns;
    const index columns = std::min(plan.columns, work.columns - column);
    const index row = task / tiles * plan.rows;
    const index rows = std::min(plan.rows, work.m - row);
    if (*work.packed(worker) != row) {
      kernel::pack_a(packed_a, work.a, row, rows, work.first, work.count);
      *work.packed(worker) = row;
    }
    if (plan.row_tiles > 1) {
      const T* const packed_b = work.numbers(work.at.b) + column * work.count;
      multiply(work, row, rows, column, columns, packed_a, packed_b, memory);
      if (work.first + work.count >= work.k) over(work, row, rows, work.column + column, columns, worker);
      return;
    }
    T* const panel = work.numbers(memory + work.at.b);  // what one task alone reads: a panel at a time
    for (index j = column; j < column + columns; j += kernel::columns) {
      const index n = std::min(kernel::columns, column + columns - j);
      kernel::pack_b(panel, work.b, work.first, work.count, work.column + j, n);
      multiply(work, row, rows, j, n, packed_a, panel, memory);
    }
    if (work.first + work.count >= work.k) over(work, row, rows, work.column + column, columns, worker);
  }
  /// The epilogue, over a part of c that is there. (`flipped` is undone.)
  static void over(const job& work, index row, index rows, index column, index columns, int worker) {
    if (work.after->run == nullptr) return;
    if (work.plan.flipped)
      work.after->over_tile(column, columns, row, rows, worker);
    else
      work.after->over_tile(row, rows, column, columns, worker);
  }
  static void multiply(const job& work, index row, index rows, index column, index columns, const T* packed_a,
                       const T* packed_b, index memory) {
    const bool add = work.first > 0;
    T* const c = work.c + row * work.row_step + (work.column + column) * work.column_step;
    if (!work.plan.flipped)
      return kernel::multiply(c, work.row_step, packed_a, packed_b, rows, columns, work.count, add);
    T* const own = work.numbers(memory + work.at.c);
    kernel::multiply(own, columns, packed_a, packed_b, rows, columns, work.count, false);
    for (index j = 0; j < columns; ++j) {
      T* const to = c + j * work.column_step;
      for (index i = 0; i < rows; ++i) to[i] = own[i * columns + j] + (add ? to[i] : T(0));
    }
  }

  /// The product over one part of k, into a c of its own.
  static void split(const void* context, index task, int worker) {
    const job& work = *static_cast<const job*>(context);
    const index memory = worker * work.at.worker;
    T* const packed_a = work.numbers(memory + work.at.a);
    T* const packed_b = work.numbers(memory + work.at.b);
    const index start = task * work.plan.depth, end = std::min(work.k, start + work.plan.depth);
    for (index first = start; first < end; first += work.plan.panel) {
      const index count = std::min(work.plan.panel, end - first);
      kernel::pack_b(packed_b, work.b, first, count, 0, work.n);
      kernel::pack_a(packed_a, work.a, 0, work.m, first, count);
      kernel::multiply(work.part(task), work.n, packed_a, packed_b, work.m, work.n, count, first > start);
    }
  }

  static void combine(const job& work, index parts) {
    const index total = work.m * work.n;
    for (index step = 1; step < parts; step *= 2) {
      for (index i = 0; i + step < parts; i += 2 * step) add(work.part(i), work.part(i + step), total);
    }
    const T* from = work.part(0);
    for (index i = 0; i < work.m; ++i)
      for (index j = 0; j < work.n; ++j) work.c[i * work.row_step + j * work.column_step] = *from++;
  }

  static void add(T* to, const T* from, index count) {
    using packet = detail::register_packet<T, Unit>;
    index i = 0;
    for (; i + packet::width <= count; i += packet::width) {
      packet sum = packet::load(to + i);
      sum += packet::load(from + i);
      sum.store(to + i);
    }
    for (; i < count; ++i) to[i] += from[i];
  }

  static void direct(const void* context, index task, int worker) {
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
    over(work, row, rows, 0, work.n, worker);
  }

  /// A c of few rows, over one part of k.
  static void vector_part(const void* context, index task, int) {
    const job& work = *static_cast<const job*>(context);
    const index depth = detail::round_up(detail::parts(work.k, work.plan.k_parts), 16);
    const index first = std::min(task * depth, work.k), count = std::min(depth, work.k - first);
    for (index i = 0; i < work.m; ++i) {
      T* const sums = work.part(task) + i * work.n;
      const matrix b{work.b.at(first, 0), work.b.stride, work.b.rows};
      if (work.n == 1)
        *sums = vector_product::dot(work.a.at(i, first), b, count);
      else
        vector_product::sum_rows(sums, work.a.at(i, first), b.data, b.stride, work.n, count);
    }
  }

  /// Some columns of a c of few rows.
  static void vectors(const void* context, index task, int worker) {
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
      row(sums, x, {work.b.at(0, column), work.b.stride, work.b.rows}, columns, work.k);
      if (sums != c) {
        for (index j = 0; j < columns; ++j) c[j * work.column_step] = sums[j];
      }
    }
    over(work, 0, work.m, column, columns, worker);
  }
  /// c = x b, for a vector x.
  static void row(T* c, const T* x, const matrix& b, index columns, index k) {
    b.rows ? vector_product::sum_rows(c, x, b.data, b.stride, columns, k)
           : vector_product::dot_columns(c, x, b.data, b.stride, columns, k);
  }
};

}  // namespace tenon::host
