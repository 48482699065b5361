// How a matrix product is cut into tasks, tiles and panels: by its shape alone, which so fixes the bits of
// its result.
#pragma once

#include <tenon/core/config.hpp>
#include <tenon/eval/cpu/gemm_kernel.hpp>

#include <algorithm>
#include <bit>
#include <type_traits>
#include <utility>

namespace tenon::host::detail {

/// How a product is cut, by its shape alone.
///
/// direct: plain loops (integers, and a handful of floats). vectors: c has at most three rows, each the
/// product of a vector and b, summed in `k_parts` where columns are too few for the threads. tiles: c is cut
/// into bands of columns, and k into panels, one after the other; of each the part of b is packed, and tiles
/// of the band are tasks. split: k is cut into `tasks` parts of `depth`, each summed into a c of its own.
/// `flipped`: c^T = b^T * a^T is what is computed.
struct gemm_plan {
  enum class way { direct, vectors, tiles, split };

  way how = way::direct;
  bool flipped = false;
  index rows = 0;     // of a tile of c
  index columns = 0;  // of a tile of c
  index band = 0;     // columns of c whose part of b is packed at once, at most
  index panel = 0;    // of k, at most, in one call of the kernel
  index depth = 0;    // of k in one part (split), else k
  index row_tiles = 1;
  index k_parts = 1;
  index tasks = 1;  // of a band of full width, where there are tiles
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
      if (direct(m, n, k)) return plan;
      const index least = std::min(m, n);
      const index most = std::max(m, n);
      if (least == 1 || (least <= 3 && k >= 16)) {
        plan.how = gemm_plan::way::vectors;
        plan.flipped = n < m;
        plan.rows = least;
        plan.columns = most;
        if (one_task(m, n, k)) return plan;
        const index wanted = wanted_tasks(m, n, vector_slowness * k);
        plan.columns = std::min(most, std::max(parts(most, wanted), vector_columns(most * k)));
        plan.tasks = parts(most, plan.columns);
        if (plan.tasks < std::min<index>(wanted, 8) && most <= 4096 && k >= 256) {
          plan.k_parts = std::min({wanted, k / 128, index{16}});
          plan.columns = most;
          plan.tasks = 1;
        }
        return plan;
      }
      const index wanted = wanted_tasks(m, n, k);
      plan.panel = panel_bytes / index{sizeof(T)};
      if (wanted > 1 && m * n <= 16384 && k >= 512 && n >= kernel::width) {
        plan.how = gemm_plan::way::split;
        plan.tasks = static_cast<index>(std::bit_floor(static_cast<unsigned>(std::min(wanted, k / 192))));
        plan.depth = round_up(parts(k, plan.tasks), 8);
        plan.tasks = parts(k, plan.depth);
        return plan;
      }
      plan.how = gemm_plan::way::tiles;
      plan.flipped = n < kernel::width && m > n && k >= 32;
      if (plan.flipped) std::swap(m, n);
      plan.band = std::min(n, most_band);
      const index depth = std::min(k, plan.panel) * index{sizeof(T)};
      const index row_tiles = std::max(std::clamp(m / least_rows, index{1}, wanted),
                                       parts(m, std::clamp(tile_bytes / depth, least_rows, most_rows)));
      const index column_tiles =
          std::clamp(plan.band / (4 * kernel::columns), index{1}, std::max(index{1}, wanted / row_tiles));
      plan.rows = round_up(parts(m, row_tiles), kernel::rows);
      plan.columns = round_up(parts(plan.band, column_tiles), kernel::columns);
      plan.row_tiles = parts(m, plan.rows);
      plan.tasks = plan.row_tiles * parts(plan.band, plan.columns);
    }
    return plan;
  }

  /// Whether a row times a matrix is one task: the plan of most products of one prediction, told sooner.
  static bool one_vector(index m, index n, index k) {
    return m == 1 && k > 0 && !direct(m, n, k) && one_task(m, n, k);
  }

 private:
  using kernel = gemm_kernel<T, Unit>;

  static bool direct(index m, index n, index k) {
    return std::max({m, n, k}) <= direct_limit && m * n * k <= direct_limit;
  }
  static bool one_task(index m, index n, index k) { return vector_slowness * m * n * k < 2 * task_work; }

  /// Multiplications that are worth a task of their own: some 5 us.
  static constexpr index task_work = index{1} << 18;
  static constexpr index most_tasks = 32;

  /// At most so many multiplications are done without packing: 0.1 us less.
  static constexpr index direct_limit = 128;

  /// Columns of a task of a matrix-vector product, at least: 128 took 1.6 times as long on 2048 x 2048, for
  /// they read too little of each row. A matrix in the level-2 cache may be cut finer.
  static constexpr index vector_columns(index elements) {
    return elements * index{sizeof(T)} <= (index{1} << 20) ? 512 : 1024;
  }
  /// A product with a vector does so many times fewer multiplications in the same time.
  static constexpr index vector_slowness = 8;

  /// A panel's bytes per lane: of b it streams from the level-2 cache, of a it stays in the first.
  static constexpr index panel_bytes = 2048;
  /// A tile's part of a stays in the level-2 cache, a band's part of b in the third.
  static constexpr index tile_bytes = index{256} << 10;
  static constexpr index least_rows = 24, most_rows = 256;
  static constexpr index most_band = 2048;

  static index wanted_tasks(index m, index n, index k) {
    const double work = static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k) / task_work;
    if (work >= most_tasks) return most_tasks;
    return work < 2 ? 1 : static_cast<index>(std::bit_floor(static_cast<unsigned>(work)));
  }
};

}  // namespace tenon::host::detail
