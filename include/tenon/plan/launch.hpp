// What a kernel gets when it runs: pointers, strides and how the work is cut. Plain records, filled once per
// binding.
#pragma once

#include "tenon/core/config.hpp"

namespace tenon::detail {

/// How a kernel reads one operand along its rows.
enum class row_pattern : unsigned char {
  contiguous,  // element after element
  single,      // one element for the whole row
  gathered     // any strides: each row is first copied to scratch memory
};

struct operand_binding {
  const std::byte* data = nullptr;
  index outer[max_rank]{};  // bytes from one row to the next, along each outer axis
  row_pattern pattern = row_pattern::contiguous;
  // gathered: the axes of a row
  int rank = 0;
  index extent[max_rank]{}, stride[max_rank]{};  // elements
  int element_size = 0;
  int scratch_row = -1;
  // rows whose elements lie side by side, as a transposed matrix has them: so many are copied at once
  static constexpr int most_tile = 16;
  int tile = 1;

  /// Whether rows of it may be copied to memory without room behind them.
  bool copies_in_place() const {
    return pattern == row_pattern::contiguous || (pattern == row_pattern::gathered && stride[rank - 1] != 0);
  }
};

struct output_binding {
  std::byte* data = nullptr;
  index outer[max_rank]{};  // bytes from one row to the next
  // accumulations: each row task has partial results of its own, combined into `result` at the end
  index partial_stride = 0, elements = 0;
  std::byte* result = nullptr;
};

/// One fused kernel: rows of an iteration space, cut into tasks by shape alone.
struct fused_launch {
  int outer_rank = 0;
  index outer_extent[max_rank]{};
  index rows = 1, columns = 1;            // behind the last ones
  index first_row = 0, first_column = 0;  // of a part of the space
  index rows_per_task = 1, columns_per_task = 1, row_tasks = 1, column_tasks = 1;
  const operand_binding* operands = nullptr;
  output_binding* outputs = nullptr;
  std::byte* scratch = nullptr;  // per worker
  // rows reduced in parts, a column task each: for each row and part a slot for each reduction, else null
  std::byte* parts = nullptr;
  index scratch_per_worker = 0, scratch_row_bytes = 0;
  int block_row = 0;  // the first scratch row of accumulations that go by blocks of rows

  static constexpr index part_bytes = 16;  // of a slot: the largest element
  index tasks() const { return row_tasks * column_tasks; }
};

/// An axis that products are walked along: strides in elements, 0 in the operand that is the same all along.
struct product_axis {
  index extent, a, b, c;
};

/// A kernel that goes over each tile of a product as soon as it is there, while the caches hold it. The rows
/// and columns of its launch are the product's.
struct product_epilogue {
  void (*run)(const void* launch, index task, int worker) = nullptr;  // null: there is none
  const fused_launch* launch = nullptr;

  void over_tile(index row, index rows, index column, index columns, int worker) const {
    if (rows == launch->rows && columns == launch->columns && launch->tasks() == 1)
      return run(launch, 0, worker);
    fused_launch tile = *launch;
    tile.first_row = row;
    tile.rows = row + rows;
    tile.rows_per_task = rows;
    tile.first_column = column;
    tile.columns = column + columns;
    tile.columns_per_task = columns;
    tile.row_tasks = tile.column_tasks = 1;
    run(&tile, 0, worker);
  }
};

/// Matrix products [m, k] x [k, n], one at each place of `axis`; see plan/product.hpp.
struct product_launch {
  index m = 0, n = 0, k = 0;
  const void *a = nullptr, *b = nullptr;
  index a_row = 0, a_column = 0, b_row = 0, b_column = 0;  // strides in elements
  index c_row = 0;                                         // a row of c is contiguous
  void* c = nullptr;
  void* workspace = nullptr;
  int rank = 0;
  product_axis axis[max_rank]{};
  index count = 1;       // places
  bool swapped = false;  // a is the second operand
  bool copied[2]{};      // operands that are read from a copy
  product_epilogue epilogue;

  void set(int operand, const void* data) { ((operand == 0) != swapped ? a : b) = data; }
};

}  // namespace tenon::detail
