// The matrix product of the CPU: c[m, n] = a[m, k] * b[k, n] for numbers of every dtype but the 16-bit floats.
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
#include <tenon/eval/cpu/threads.hpp>

// Under nvcc Eigen would mark everything for the device and switch SIMD on the host off.
#if defined(__CUDACC__)
#if defined(EIGEN_CUDACC)
#error "tenon: Eigen was included before tenon without EIGEN_NO_CUDA; define it, or include tenon first"
#elif !defined(EIGEN_NO_CUDA)
#define EIGEN_NO_CUDA
#endif
#endif

// GCC 12 takes the undefined registers in its own AVX-512 intrinsics, as Eigen uses them, for a mistake.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <Eigen/Core>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#if defined(TENON_BLAS)
#if __has_include(<cblas.h>)
#include <cblas.h>
#else
#include <mkl_cblas.h>
#endif
#endif

#include <algorithm>
#include <bit>
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

/// A matrix in memory: element (i, j) lies at data + i * row_stride + j * column_stride, in elements. One of
/// the strides is 1, except that along an extent of 1 the stride does not matter and the other may be any.
struct gemm_operand {
  const void* data;
  index row_stride;
  index column_stride;
};

namespace detail {

constexpr index round_up(index value, index step) { return (value + step - 1) / step * step; }

constexpr index parts(index value, index part) { return (value + part - 1) / part; }

/// An operand whose unit stride is known: `rows` where it is the one along a row. `stride` is the other one.
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

/// What integers are multiplied in, so that they wrap; other numbers themselves.
template <class T>
struct wrapping {
  using type = T;
};
template <math::integer T>
struct wrapping<T> {
  using type = math::detail::wrapping<T>;
};

/// How a product is cut, by its shape alone.
///
/// direct: plain loops (integers, and a handful of floats). vectors: c has at most three rows, each the
/// product of a vector and b. tiles: c is cut into tiles, and k into panels, one after the other. split: k is
/// cut into `tasks` parts of `depth`, each summed into a c of its own. `flipped`: c^T = b^T * a^T is what is
/// computed.
struct gemm_plan {
  enum class way { direct, vectors, tiles, split };

  way how = way::direct;
  bool flipped = false;
  index rows = 0;     // of a tile of c
  index columns = 0;  // of a tile of c
  index panel = 0;    // of k, at most, in one call of the kernel
  index depth = 0;    // of k in one part (split), else k
  index row_tiles = 1;
  index tasks = 1;
};

}  // namespace detail

template <class T, class Unit = this_unit>
struct gemm {
  static_assert(!float_of_16_bits<T>, "16-bit numbers are multiplied as floats: graph/builder.hpp");

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
  using matrix = detail::gemm_matrix<T>;
  using size = Eigen::Index;

  /// Multiplications that are worth a task of their own: some 5 us.
  static constexpr index task_work = index{1} << 18;
  static constexpr index most_tasks = 32;

  /// At most so many multiplications are done without packing: 0.1 us less.
  static constexpr index direct_limit = 128;

  /// Columns of a task of a matrix-vector product, at least: 128 took 1.6 times as long on 2048 x 2048, for
  /// they read too little of each row. A matrix in the level-2 cache may be cut finer.
  static constexpr index vector_columns(index elements) {
    return elements * index{sizeof(T)} <= panel_bytes ? 512 : 1024;
  }
  /// A product with a vector does so many times fewer multiplications in the same time.
  static constexpr index vector_slowness = 8;

  /// Packed parts of a and of b that stay in the level-2 cache.
  static constexpr index tile_bytes = index{256} << 10;
  static constexpr index panel_bytes = index{1} << 20;

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

  static plan_type cut(index m, index n, index k) {
    plan_type plan;
    plan.depth = k;
    plan.rows = m;
    plan.columns = n;
    if (m <= 0 || n <= 0 || k <= 0) return plan;
    const index wanted = wanted_tasks(m, n, k);
    if constexpr (!std::is_floating_point_v<T>) {
      plan.rows = detail::parts(m, wanted);
      plan.tasks = detail::parts(m, plan.rows);
    } else {
      if (std::max({m, n, k}) <= direct_limit && m * n * k <= direct_limit) return plan;
      const index least = std::min(m, n);
      const index most = std::max(m, n);
      if (least == 1 || (least <= 3 && k >= 16)) {
        plan.how = plan_type::way::vectors;
        plan.flipped = n < m;
        plan.rows = least;
        plan.columns =
            std::max(detail::parts(most, wanted_tasks(m, n, vector_slowness * k)), vector_columns(most * k));
        plan.tasks = detail::parts(most, plan.columns);
        return plan;
      }
      using traits = Eigen::internal::gebp_traits<T, T>;
      constexpr index mr = traits::mr;
      // Eigen's kc for a level-1 cache of 32 KiB; with AVX-512 it counts four times the cache, there 48 KiB.
      constexpr index cache = (Unit::vector == vector_extension::avx512 ? 192 : 32) * 1024;
      constexpr index most_depth = cache / ((mr + traits::nr) * index{sizeof(T)}) / 8 * 8;
      plan.panel = most_depth;
      if (wanted > 1 && m * n <= 16384 && k >= 512 && n >= traits::LhsProgress) {
        plan.how = plan_type::way::split;
        plan.tasks = static_cast<index>(std::bit_floor(static_cast<unsigned>(std::min(wanted, k / 192))));
        plan.depth = detail::round_up(detail::parts(k, plan.tasks), 8);
        plan.tasks = detail::parts(k, plan.depth);
        return plan;
      }
      plan.how = plan_type::way::tiles;
      plan.flipped = n < traits::LhsProgress && m > n && k >= 32;
      if (plan.flipped) std::swap(m, n);
      const index depth = std::min(k, most_depth) * index{sizeof(T)};
      index row_tiles = 1;
      index column_tiles = 1;
      if (wanted > 1 && m > 16) {
        row_tiles = std::min(wanted, m / 8);
      } else if (wanted > 1) {
        column_tiles = std::clamp(n / (2 * mr), index{1}, wanted);
      }
      if (m > 256 || m * depth > tile_bytes) {
        row_tiles =
            std::max(row_tiles, detail::parts(m, std::clamp(tile_bytes / depth, index{8}, index{256})));
      }
      if (n * depth > panel_bytes) {
        column_tiles = std::max(column_tiles, detail::parts(n, std::max(mr, panel_bytes / depth / mr * mr)));
      }
      plan.rows = detail::round_up(row_tiles == 1 ? m : detail::parts(m, row_tiles), 4);
      plan.columns = detail::round_up(column_tiles == 1 ? n : detail::parts(n, column_tiles), mr);
      plan.row_tiles = detail::parts(m, plan.rows);
      plan.tasks = plan.row_tiles * detail::parts(n, plan.columns);
    }
    return plan;
  }

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
        *c = dot(x, work.b, work.k);
        continue;
      }
      if (work.b.rows) {
        sum_rows(sums, x, work.b.at(0, column), work.b.stride, columns, work.k);
      } else {
        dot_columns(sums, x, work.b.at(0, column), work.b.stride, columns, work.k);
      }
      if (sums != c) {
        for (index j = 0; j < columns; ++j) c[j * work.column_step] = sums[j];
      }
    }
  }

  /// The product of a row and a column.
  static T dot(const T* x, const matrix& b, index k) {
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
    constexpr index block = 16;
    clear(c, columns, 1, columns);
    index wide = 0;
    // A few rows at a time, or each step would touch another page.
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

}  // namespace tenon::host

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
