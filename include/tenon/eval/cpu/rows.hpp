// What fused kernels share: a task's walk over the rows of an iteration space, and sums of partial results.
//
// Nothing here depends on a program, so a unit compiles it once (per op and dtype), not in each kernel; that
// was a third of the kernels' code.
#pragma once

#include "tenon/eval/cpu/functions.hpp"
#include "tenon/eval/cpu/gather.hpp"
#include "tenon/plan/launch.hpp"

namespace tenon::host {

using tenon::detail::fused_launch;
using tenon::detail::operand_binding;
using tenon::detail::row_pattern;

/// The rows of one task, with a pointer for each operand and output that moves from row to row.
template <class Unit>
struct row_walk {
  const fused_launch* launch;
  index row = 0, last = 0;   // the current row, and the one behind the task's last
  index begin = 0, end = 0;  // the task's columns
  bool steady = true;        // operands are read in place, row after row

  row_walk(const fused_launch& l, index task, int loads, const std::byte** source, int outputs,
           std::byte** place)
      : launch(&l), loads_(loads), outputs_(outputs), source_(source), place_(place) {
    if (task == 0 && l.outer_rank == 0)  // as of a vector: some 5 ns less
      start_line();
    else if (task == 0)  // small arrays have no other: two divisions are some 5 ns
      start(0, 0);
    else
      start(task / l.column_tasks, task % l.column_tasks);
  }
  /// All rows of a launch.
  row_walk(const fused_launch& l, int loads, const std::byte** source, int outputs, std::byte** place)
      : launch(&l), last(l.rows), loads_(loads), outputs_(outputs), source_(source), place_(place) {
    point_to_first();
  }

  /// The next row, of as many operands and outputs as it was made with: as numbers that the compiler knows
  /// (loops of any length took 10 ns a row).
  template <int... Load, int... Output>
  TENON_HOST_INLINE void next(std::integer_sequence<int, Load...>, std::integer_sequence<int, Output...>) {
    ++row;
    const fused_launch& l = *launch;
    const int k = l.outer_rank - 1;
    if (k < 0) return;
    ((source_[Load] += l.operands[Load].outer[k]), ...);
    ((place_[Output] += l.outputs[Output].outer[k]), ...);
    if (++at_[k] == l.outer_extent[k]) carry();
  }

  /// Whether the next row does not follow this one along the last outer axis.
  bool ends_line() const {
    const int k = launch->outer_rank - 1;
    return row + 1 == last || at_[k] + 1 == launch->outer_extent[k];
  }

  /// How many rows from the current one on are gathered at once.
  index rows_in_tile() const {
    const index left = last - row,
                most = left < operand_binding::most_tile ? left : operand_binding::most_tile;
    const int k = launch->outer_rank - 1;
    return k >= 0 && launch->outer_extent[k] - at_[k] < most ? launch->outer_extent[k] - at_[k] : most;
  }

  /// Rows whose elements lie side by side are gathered several at once: counts the current row among them.
  TENON_HOST_INLINE void next_tile() {
    if (tiled_ && ++in_tile_ >= tile_) begin_tile();
  }
  /// The current row of a strided operand, as contiguous elements that columns index from 0 on.
  TENON_HOST_INLINE const std::byte* gathered(const operand_binding& o, const std::byte* from,
                                              std::byte* scratch) const {
    std::byte* to = scratch + o.scratch_row * launch->scratch_row_bytes;
    if (o.tile > 1)
      to = gathered_tile(o, from, to);
    else
      detail::gather_row<Unit>(o, from, to, begin, end);
    return to - begin * o.element_size;
  }

 private:
  int loads_, outputs_;
  const std::byte** source_;
  std::byte** place_;
  index at_[max_rank]{};           // along the outer axes
  index tile_ = 0, in_tile_ = -1;  // rows that are gathered at once, and which of them is the current one
  bool tiled_ = false;

  TENON_NOINLINE std::byte* gathered_tile(const operand_binding& o, const std::byte* from,
                                          std::byte* to) const {
    const index row_bytes = launch->scratch_row_bytes;
    if (in_tile_ == 0) detail::gather_tile<Unit>(o, from, to, begin, end, tile_, row_bytes);
    return to + in_tile_ * row_bytes;
  }
  TENON_NOINLINE void start(index row_task, index column_task) {
    begin_task(row_task, column_task);
    point(row_task);
  }
  /// The first task, where there are no outer axes.
  TENON_HOST_INLINE void start_line() {
    begin_task(0, 0);
    for (int i = 0; i < loads_; ++i) source_[i] = launch->operands[i].data;
    for (int i = 0; i < outputs_; ++i) place_[i] = launch->outputs[i].data;
  }
  TENON_HOST_INLINE void begin_task(index row_task, index column_task) {
    const fused_launch& l = *launch;
    row = l.first_row + row_task * l.rows_per_task;
    last = row + l.rows_per_task < l.rows ? row + l.rows_per_task : l.rows;
    begin = l.first_column + column_task * l.columns_per_task;
    end = begin + l.columns_per_task < l.columns ? begin + l.columns_per_task : l.columns;
    for (int i = 0; i < loads_; ++i) {
      steady = steady && l.operands[i].pattern == row_pattern::contiguous;
      tiled_ = tiled_ || l.operands[i].tile > 1;
    }
  }
  TENON_HOST_INLINE void point(index row_task) {
    const fused_launch& l = *launch;
    for (index rest = row, k = l.outer_rank - 1; k >= 0 && rest > 0; --k) {
      at_[k] = rest % l.outer_extent[k];
      rest /= l.outer_extent[k];
    }
    for (int i = 0; i < loads_; ++i) {
      source_[i] = l.operands[i].data;
      for (int k = 0; k < l.outer_rank; ++k) source_[i] += at_[k] * l.operands[i].outer[k];
    }
    for (int i = 0; i < outputs_; ++i) {
      place_[i] = l.outputs[i].data + row_task * l.outputs[i].partial_stride;
      for (int k = 0; k < l.outer_rank; ++k) place_[i] += at_[k] * l.outputs[i].outer[k];
    }
  }
  TENON_NOINLINE void point_to_first() { point(0); }
  /// The last outer axis came to its end.
  TENON_NOINLINE void carry() {
    const fused_launch& l = *launch;
    for (int k = l.outer_rank - 1; at_[k] == l.outer_extent[k];) {
      for (int i = 0; i < loads_; ++i) source_[i] -= at_[k] * l.operands[i].outer[k];
      for (int i = 0; i < outputs_; ++i) place_[i] -= at_[k] * l.outputs[i].outer[k];
      at_[k] = 0;
      if (--k < 0) return;
      for (int i = 0; i < loads_; ++i) source_[i] += l.operands[i].outer[k];
      for (int i = 0; i < outputs_; ++i) place_[i] += l.outputs[i].outer[k];
      ++at_[k];
    }
  }
  TENON_NOINLINE void begin_tile() {
    in_tile_ = 0;
    tile_ = rows_in_tile();
  }
};

/// Partial results of an accumulation: one array for each task, or for a block of rows.
template <class Op, class T, class Unit>
struct partial_sums {
  static constexpr index width = lane_count<Unit>;
  using vector = lanes<T, Unit>;

  static vector read(const std::byte* p, index n) {
    return n == width ? vector::load(reinterpret_cast<const T*>(p))
                      : vector::load_partial(reinterpret_cast<const T*>(p), n);
  }
  static void write(std::byte* p, const vector& v, index n) {
    n == width ? v.store(reinterpret_cast<T*>(p)) : v.store_partial(reinterpret_cast<T*>(p), n);
  }
  /// to = to op from, n elements each.
  static TENON_NOINLINE void add(std::byte* to, const std::byte* from, index n) {
    for (index i = 0; i < n; i += width, to += width * index(sizeof(T)), from += width * index(sizeof(T))) {
      const index m = n - i < width ? n - i : width;
      write(to, Op::combine(read(to, m), read(from, m)), m);
    }
  }
  static TENON_NOINLINE void set_identity(std::byte* to, index n) {
    for (index i = 0; i < n; ++i) reinterpret_cast<T*>(to)[i] = Op::template identity<T>();
  }

  static void end_block(std::byte* total, std::byte* block, index n, bool first) {
    if (!first) add(total, block, n);
    set_identity(block, n);
  }
  static void clear(const tenon::detail::output_binding& o, index tasks) {
    for (index t = 0; t < tasks; ++t) set_identity(o.data + t * o.partial_stride, o.elements);
  }
  static void combine(const tenon::detail::output_binding& o, index tasks) {
    if (o.result == o.data) return;
    for (index distance = 1; distance < tasks; distance *= 2)
      for (index t = 0; t + distance < tasks; t += 2 * distance)
        add(o.data + t * o.partial_stride, o.data + (t + distance) * o.partial_stride, o.elements);
    std::memcpy(o.result, o.data, static_cast<std::size_t>(o.elements) * sizeof(T));
  }
};

}  // namespace tenon::host
