// How a matrix product is cut into tasks, tiles and panels: by its shape alone, which so fixes the bits of
// its result.
#pragma once

#include <tenon/core/config.hpp>
#include <tenon/eval/cpu/eigen_core.hpp>

#include <algorithm>
#include <bit>
#include <type_traits>
#include <utility>

// GCC says that registers lose attributes as template arguments; they are found again where they are used.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
#endif

namespace tenon::host::detail {

constexpr index round_up(index value, index step) { return (value + step - 1) / step * step; }

constexpr index parts(index value, index part) { return (value + part - 1) / part; }

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

/// Cuts products of T: for tasks of a few microseconds, tiles that stay in the cache.
template <class T, class Unit>
struct gemm_planner {
  /// The plan of c[m, n] = a[m, k] * b[k, n].
  static gemm_plan cut(index m, index n, index k) {
    gemm_plan plan;
    plan.depth = k;
    plan.rows = m;
    plan.columns = n;
    if (m <= 0 || n <= 0 || k <= 0) return plan;
    if constexpr (!std::is_floating_point_v<T>) {
      plan.rows = parts(m, wanted_tasks(m, n, k));
      plan.tasks = parts(m, plan.rows);
    } else {
      if (std::max({m, n, k}) <= direct_limit && m * n * k <= direct_limit) return plan;
      const index least = std::min(m, n);
      const index most = std::max(m, n);
      if (least == 1 || (least <= 3 && k >= 16)) {
        plan.how = gemm_plan::way::vectors;
        plan.flipped = n < m;
        plan.rows = least;
        const index fewest = vector_columns(most * k);
        plan.columns =
            most <= fewest ? most : std::max(parts(most, wanted_tasks(m, n, vector_slowness * k)), fewest);
        plan.tasks = parts(most, plan.columns);
        return plan;
      }
      const index wanted = wanted_tasks(m, n, k);
      using traits = Eigen::internal::gebp_traits<T, T>;
      constexpr index mr = traits::mr;
      // Eigen's kc for a level-1 cache of 32 KiB; with AVX-512 it counts four times the cache, there 48 KiB.
      constexpr index cache = (Unit::vector == vector_extension::avx512 ? 192 : 32) * 1024;
      constexpr index most_depth = cache / ((mr + traits::nr) * index{sizeof(T)}) / 8 * 8;
      plan.panel = most_depth;
      if (wanted > 1 && m * n <= 16384 && k >= 512 && n >= traits::LhsProgress) {
        plan.how = gemm_plan::way::split;
        plan.tasks = static_cast<index>(std::bit_floor(static_cast<unsigned>(std::min(wanted, k / 192))));
        plan.depth = round_up(parts(k, plan.tasks), 8);
        plan.tasks = parts(k, plan.depth);
        return plan;
      }
      plan.how = gemm_plan::way::tiles;
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
        row_tiles = std::max(row_tiles, parts(m, std::clamp(tile_bytes / depth, index{8}, index{256})));
      }
      if (n * depth > panel_bytes) {
        column_tiles = std::max(column_tiles, parts(n, std::max(mr, panel_bytes / depth / mr * mr)));
      }
      plan.rows = round_up(row_tiles == 1 ? m : parts(m, row_tiles), 4);
      plan.columns = round_up(column_tiles == 1 ? n : parts(n, column_tiles), mr);
      plan.row_tiles = parts(m, plan.rows);
      plan.tasks = plan.row_tiles * parts(n, plan.columns);
    }
    return plan;
  }

 private:
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

  static index wanted_tasks(index m, index n, index k) {
    const double work = static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k) / task_work;
    if (work >= most_tasks) return most_tasks;
    return work < 2 ? 1 : static_cast<index>(std::bit_floor(static_cast<unsigned>(work)));
  }
};

}  // namespace tenon::host::detail

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
