// How a binding fills in what kernels and matrix products are called with: iteration spaces with their axes
// merged, and tasks cut by shape alone.
#pragma once

#include "tenon/plan/binding.hpp"

namespace tenon::detail {

template <class Unit>
typename binding<Unit>::axis_strides binding<Unit>::aligned(const kernel_operand& o, const extents& space,
                                                            int inner) const {
  const node_memory& m = memory_[std::size_t(o.node)];
  axis_strides r;
  const int rank = o.form == row_form::squeezed ? space.rank - inner : space.rank;
  for (int a = 0; a < rank; ++a) {
    const int k = a - (rank - m.shape.rank);
    if (k >= 0 && m.shape[k].size != 1) r.stride[a] = m.stride[k];
  }
  return r;
}

template <class Unit>
TENON_COLD void binding<Unit>::fill_fused(int q, operand_binding* loads, output_binding* outputs) {
  const step_row& s = t_->step[q];
  fused_launch& l = launches_[std::size_t(q)].fused;
  l.operands = loads;
  l.outputs = outputs;
  const extents space = sized_space(s);
  plain_list<axis_strides> walk(std::size_t(s.loads + s.outputs));
  for (int i = 0; i < s.loads; ++i) walk[std::size_t(i)] = aligned(s.load[i], space, s.inner);
  for (int i = 0; i < s.outputs; ++i) walk[std::size_t(s.loads + i)] = aligned(s.output[i], space, s.inner);

  // axes of the rows, merged where every operand walks through both as through one
  merged_axis axes[max_rank];
  int n = 0;
  index trailing = 1;
  const index row_end = epilogue_columns(q);  // rows end where the product's do
  const int outer_axes = space.rank - s.inner;
  const auto counted = [&](int a) { return s.kernel->positions && a == space.rank - 1; };
  for (int a = outer_axes - 1; a >= 0; --a) {
    if (space[a].size == 1 && !counted(a)) continue;
    bool merges = n > 0 && !counted(axes[n - 1].last) && trailing != row_end;
    for (const axis_strides& w : walk)
      merges = merges && w.stride[a] == w.stride[axes[n - 1].last] * axes[n - 1].extent;
    if (merges)
      axes[n - 1].extent *= space[a].size;
    else
      axes[n++] = {space[a].size, a};
    trailing *= space[a].size;
  }
  int first_outer = 0;             // axes[] is right to left
  merged_axis row_axes[max_rank];  // right to left
  int row_rank = 0;
  l.columns = 1;
  if (s.inner > 0) {
    for (int a = space.rank - 1; a >= outer_axes; --a) {
      l.columns *= space[a].size;
      if (space[a].size != 1) row_axes[row_rank++] = {space[a].size, a};
    }
  } else if (n > 0 && !accumulates_along(s, walk, axes[0].last)) {
    const bool joins = !s.kernel->positions && !accumulates(s);
    do {
      l.columns *= axes[first_outer].extent;
      row_axes[row_rank++] = axes[first_outer++];
    } while (joins && first_outer < n && l.columns < short_row && l.columns != row_end);
  }
  l.rows = 1;
  l.outer_rank = 0;
  for (int k = n - 1; k >= first_outer; --k) {
    l.outer_extent[l.outer_rank] = axes[k].extent;
    for (int i = 0; i < s.loads; ++i)
      loads[i].outer[l.outer_rank] =
          walk[std::size_t(i)].stride[axes[k].last] * size_of(t_->node[s.load[i].node].type);
    for (int i = 0; i < s.outputs; ++i)
      outputs[i].outer[l.outer_rank] =
          walk[std::size_t(s.loads + i)].stride[axes[k].last] * size_of(t_->node[s.output[i].node].type);
    l.rows *= axes[k].extent;
    ++l.outer_rank;
  }
  bool gathers = false, tiles = false;
  int scratch_rows = s.kernel->scratch_rows;
  for (int i = 0; i < s.loads; ++i) {
    set_row_pattern(loads[i], walk[std::size_t(i)], row_axes, row_rank);
    loads[i].data = at(s.load[i].node).data;
    loads[i].element_size = static_cast<int>(size_of(t_->node[s.load[i].node].type));
    if (s.load[i].row) loads[i].pattern = row_pattern::contiguous;  // read once a row
    if (loads[i].pattern != row_pattern::gathered) continue;
    const bool side_by_side = l.outer_rank > 0 && l.outer_extent[l.outer_rank - 1] > 1 &&
                              loads[i].outer[l.outer_rank - 1] == loads[i].element_size;
    loads[i].tile =
        side_by_side && (!s.kernel->reduces_rows || l.columns <= 8192) ? operand_binding::most_tile : 1;
    loads[i].scratch_row = scratch_rows;
    scratch_rows += loads[i].tile;
    gathers = true;
    tiles = tiles || loads[i].tile > 1;
  }
  l.block_row = scratch_rows;
  scratch_rows += s.kernel->accumulations;
  cut(q, gathers, tiles);
  for (int i = 0; i < s.outputs; ++i) set_output(outputs[i], s.output[i], l);
  l.scratch_row_bytes = padded((l.columns_per_task + 16) * widest());
  if (s.kernel->reduces_rows && l.columns <= 16)  // short rows are taken across, up to 16 at once
    l.scratch_row_bytes = std::max<index>(l.scratch_row_bytes, 16 * 16 * widest());
  l.scratch_per_worker = scratch_rows * l.scratch_row_bytes;
}

template <class Unit>
TENON_COLD void binding<Unit>::join_steps(int first, int last) {
  for (int q = std::max(first, 1); q < last; ++q) {
    if (!t_->step[q].follows) continue;
    step_launch& l = launches_[std::size_t(q)];
    product_launch& p = launches_[std::size_t(q - 1)].product;
    l.joined = !apart_ && epilogue_columns(q) == l.fused.columns && l.fused.rows == p.m && l.copies == 0 &&
               l.fused.scratch_per_worker == 0 && !t_->step[q].kernel->positions && spares_operands(q);
    p.epilogue = l.joined ? product_epilogue{t_->step[q].kernel->run, &l.fused} : product_epilogue{};
  }
}

template <class Unit>
bool binding<Unit>::spares_operands(int q) const {
  const step_row &s = t_->step[q], &product = t_->step[q - 1];
  for (int o = 0; o < s.outputs; ++o) {
    const node_memory& to = memory_[std::size_t(s.output[o].node)];
    const index bytes = bytes_of(to.shape, t_->node[s.output[o].node].type);
    for (int k = 0; k < 2; ++k)
      if (!launches_[std::size_t(q - 1)].product.copied[k] &&
          lies_in(t_->node[product.first].in[k], to.data, bytes))
        return false;
  }
  return true;
}

template <class Unit>
index binding<Unit>::widest() const {
  for (int i = 0; i < t_->nodes; ++i)
    if (t_->node[i].type == dtype::complex128) return 16;
  return 8;
}

template <class Unit>
void binding<Unit>::set_row_pattern(operand_binding& o, const axis_strides& w, const merged_axis* axes,
                                    int rank) {
  // one stride through all axes of a row, if there is one
  index step = 0, expected = 0;
  bool regular = true;
  for (int i = 0; i < rank; ++i) {
    const index stride = w.stride[axes[i].last];
    if (i == 0)
      step = stride;
    else if (stride != expected)
      regular = false;
    expected = stride * axes[i].extent;
    o.extent[rank - 1 - i] = axes[i].extent;
    o.stride[rank - 1 - i] = stride;
  }
  o.rank = rank;
  o.pattern = rank == 0              ? row_pattern::single
              : regular && step == 1 ? row_pattern::contiguous
              : regular && step == 0 ? row_pattern::single
                                     : row_pattern::gathered;
}

template <class Unit>
void binding<Unit>::set_output(output_binding& b, const kernel_operand& o, const fused_launch& l) {
  const node_memory& m = at(o.node);
  b.data = b.result = m.data;
  if (!o.accumulated) return;
  b.elements = 1;
  for (int k = 0; k < m.shape.rank; ++k) b.elements *= m.shape[k].size;
  b.partial_stride = l.row_tasks > 1 ? padded(b.elements * size_of(t_->node[o.node].type) + 64) : 0;
}

template <class Unit>
TENON_COLD void binding<Unit>::cut(int q, bool gathers, bool tiles) {
  const step_row& s = t_->step[q];
  fused_launch& l = launches_[std::size_t(q)].fused;
  const index grain = s.kernel->grain;
  const index rows = std::max<index>(l.rows, 1), columns = std::max<index>(l.columns, 1);
  index accumulated = 0;
  for (int i = 0; i < s.outputs; ++i)
    if (s.output[i].accumulated) {
      index n = 1;
      for (int k = 0; k < at(s.output[i].node).shape.rank; ++k) n *= at(s.output[i].node).shape[k].size;
      accumulated += n;
    }
  l.rows_per_task = std::max<index>(1, grain / columns);
  l.columns_per_task = columns;
  const index most_columns = tiles ? 1024 : gathers ? 8192 : grain;
  if (!s.kernel->reduces_rows && columns > most_columns) l.columns_per_task = most_columns;
  if (tiles) l.rows_per_task = (l.rows_per_task + 15) / 16 * 16;
  if (accumulated >
      0) {  // each row task has partial results: few of them, and none where they would be large
    const index few = accumulated <= 64 ? 4096 : rows;  // rows in a chain where partial results are cheap
    l.rows_per_task = std::max(l.rows_per_task, std::min((rows + 15) / 16, few));
    if (accumulated * 16 > rows * columns) l.rows_per_task = rows;
    if (!s.kernel->reduces_rows && l.rows_per_task == rows && columns > 1024) l.columns_per_task = 1024;
    // few long rows: some columns a task, so that nothing is partial ([64, 100000] took 1.5 ms, now 1.1)
    if (!s.kernel->reduces_rows && accumulated * 256 > rows * columns && columns >= 32768) {
      l.rows_per_task = rows;
      l.columns_per_task = 8192;
    }
  }
  if (s.kernel->split_reductions > 0 && rows <= 32 && columns >= 65536) {  // few long rows: in parts
    l.rows_per_task = 1;
    l.columns_per_task = std::max<index>(32768, (columns / 1024 + 4095) / 4096 * 4096);
  }
  l.row_tasks = l.rows == 0 ? 0 : (rows + l.rows_per_task - 1) / l.rows_per_task;
  l.column_tasks = (columns + l.columns_per_task - 1) / l.columns_per_task;
  if (!has_work(s, l) && accumulated == 0) l.row_tasks = 0;
  if (accumulated > 0 && l.row_tasks == 0) l.row_tasks = 1;  // identities still have to be written
}

template <class Unit>
TENON_COLD void binding<Unit>::fill_product(int q) {
  const array_node& node = t_->node[t_->step[q].first];
  product_launch& p = launches_[std::size_t(q)].product;
  index stride[2][max_rank];
  for (int k = 0; k < 2; ++k) std::copy_n(at(node.in[k]).stride, max_rank, stride[k]);
  const product_operand a{at(node.in[0]).shape, stride[0]}, b{at(node.in[1]).shape, stride[1]};
  p.copied[0] = p.copied[1] = false;
  // a copy of one operand may make matrices so large that the other has to be copied, too
  while (const int copies = product_layout::make(p, a, b, node.attribute))
    for (int k = 0; k < 2; ++k)
      if (((copies >> k) & 1) != 0) {
        p.copied[k] = true;
        row_major(at(node.in[k]).shape, stride[k]);
      }
  for (int k = 0; k < 2; ++k) p.set(k, p.copied[k] ? copy_for(q, node.in[k]) : at(node.in[k]).data);
  p.c = at(t_->step[q].first).data;
}

}  // namespace tenon::detail
