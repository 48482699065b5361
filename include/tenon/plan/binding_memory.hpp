// Where a binding keeps values: the arena, views and copies of those that strides cannot express, workspace, and
// which memory may be written to.
#pragma once

#include "tenon/plan/binding.hpp"

namespace tenon::detail {

template <class Unit>
TENON_COLD void binding<Unit>::place_anew(std::byte* const* outputs) {
  threads_ = num_threads();
  launches_.assign(std::size_t(t_->steps) + 1, {});
  operands_.assign(std::size_t(t_->total_loads) + 1, {});
  results_.assign(std::size_t(t_->total_outputs) + 1, {});
  arena_items_.clear();
  copies_.clear();
  extra_.clear();
  workspace_bytes_ = 0;
  for (int o = 0; o < t_->outputs; ++o)
    if (outputs[o] != nullptr) at(t_->output[o]).data = outputs[o];
  plan_arena();
  allocate();
  resolve_views();
  fill_constants();
  for (int q = 0, l = 0, r = 0; q < t_->steps; ++q) {
    const step_row& s = t_->step[q];
    if (s.kernel != nullptr)
      fill_fused(q, operands_.data() + l, results_.data() + r);
    else if (s.product != nullptr)
      fill_product(q);
    l += s.loads;
    r += s.outputs;
  }
  reserve_workspace();
  order_copies();
  join_steps(0, t_->steps);
  run_steps(0, t_->prologue);
  placed_ = true;
  for (int o = 0; o < t_->outputs; ++o) placed_ = placed_ && outputs[o] != nullptr;
}

template <class Unit>
TENON_COLD bool binding<Unit>::may_write(const std::byte* to, int o) const {
  const index bytes = bytes_of(shapes_[std::size_t(o)], type_of_output(o));
  for (int k = 0; k < t_->leaves; ++k) {
    const int i = leaf_node_[std::size_t(k)];
    if (i < 0 || !lies_in(i, to, bytes)) continue;
    if (memory_[std::size_t(i)].data != to || !in_place(k, o)) return false;
  }
  return true;
}

template <class Unit>
TENON_COLD bool binding<Unit>::in_place(int k, int o) const {
  if (t_->loops > 0) return false;
  const int out = t_->output[o], writer = t_->step_of[out];
  const step_row& w = t_->step[writer];
  element_reads read;
  for (int j = 0; j < t_->nodes; ++j) {
    if (t_->step_of[j] < writer && t_->step_of[j] >= 0) continue;
    for (const int i : t_->node[j].in) {
      if (i < 0 || t_->base[i] < 0 || t_->leaf[t_->base[i]] != k) continue;
      if (t_->step_of[j] < 0 && t_->base[j] != j) continue;  // its readers count
      if (t_->step_of[j] > writer || w.kernel == nullptr || i != t_->base[i] ||
          !same_walk(memory_[std::size_t(i)], memory_[std::size_t(out)].shape))
        return false;
      read.add(j, t_->pass[j]);
    }
  }
  if (!read.before(out, t_->pass[out])) return false;
  for (int q = 0; q < w.outputs; ++q)
    if (w.output[q].node == out && (w.output[q].accumulated || (w.kernel->passes > 1 && w.output[q].row)))
      return false;
  return true;
}

template <class Unit>
typename binding<Unit>::byte_range binding<Unit>::range_of(int i) const {
  const node_memory& m = memory_[std::size_t(i)];
  const index size = size_of(t_->node[i].type);
  byte_range r{0, size};
  for (int a = 0; a < m.shape.rank; ++a) {
    if (m.shape[a].size == 0) return {0, 0};
    (m.stride[a] < 0 ? r.low : r.high) += (m.shape[a].size - 1) * m.stride[a] * size;
  }
  return r;
}

template <class Unit>
TENON_COLD void binding<Unit>::plan_arena() {
  struct memory {
    binding& b;
    const extents& shape(int i) const { return b.at(i).shape; }
    index* stride(int i) const { return b.at(i).stride; }
    index bytes(int i) const { return bytes_of(b.at(i).shape, b.t_->node[i].type); }
    bool elsewhere(int i) const { return b.is_placed_output(i); }
    int until(int i) const { return b.end_of(i); }
    void add(const arena_place& a) {
      b.arena_items_.push_back(a);
      if (!a.copy) return;
      view_copy copy;
      copy.node = a.value;
      copy.step = a.first;
      b.copies_.push_back(copy);
    }
  };
  memory m{*this};
  list_arena(*t_, m);
  const std::size_t n = arena_items_.size();
  plain_list<int> order(n), placed(n);
  const int top = place_in_arena(arena_items_.data(), static_cast<int>(n), order.data(), placed.data());
  arena_top_ = top < 0 ? 0 : arena_items_[std::size_t(top)].offset + arena_items_[std::size_t(top)].bytes;
}

template <class Unit>
TENON_COLD void binding<Unit>::allocate() {
  reserve(arena_, arena_capacity_, arena_top_ + 64);
  for (const arena_place& a : arena_items_)
    if (!a.copy) at(a.value).data = arena_.data() + a.offset;
  for (view_copy& copy : copies_) copy.memory = own_place(copy.node);
  share_memory(0, t_->nodes);
}

template <class Unit>
void binding<Unit>::share_memory(int first, int last) {
  for (int i = first; i < last; ++i) {
    if (t_->into[i] >= 0) {
      std::byte* const to = at(t_->into[i]).data;
      at(i).data = to != nullptr && is_placed_output(t_->into[i]) && own_place(t_->into[i]) == nullptr &&
                           apart_from_leaves(to, t_->into[i])
                       ? to
                       : own_place(i);
    }
    if (t_->shares[i] >= 0) at(i).data = at(t_->shares[i]).data;
  }
}

template <class Unit>
bool binding<Unit>::lies_in(int i, const std::byte* memory, index bytes) const {
  const byte_range r = range_of(i);
  if (bytes == 0 || r.low == r.high) return false;
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const auto data = reinterpret_cast<std::uintptr_t>(memory_[std::size_t(i)].data);
  return data + static_cast<std::uintptr_t>(r.low) < begin + static_cast<std::uintptr_t>(bytes) &&
         begin < data + static_cast<std::uintptr_t>(r.high);
}

template <class Unit>
bool binding<Unit>::apart_from_leaves(const std::byte* to, int i) const {
  const index bytes = bytes_of(memory_[std::size_t(i)].shape, t_->node[i].type);
  for (int k = 0; k < t_->leaves; ++k)
    if (const int x = leaf_node_[std::size_t(k)]; x >= 0 && lies_in(x, to, bytes)) return false;
  return true;
}

template <class Unit>
TENON_COLD void binding<Unit>::resolve_views() {
  for (int i = 0; i < t_->nodes; ++i) {
    if (!is_view(i)) continue;
    node_memory& m = at(i);
    const node_memory& x = at(t_->node[i].in[0]);
    view_strides from, to;
    std::copy(x.stride, x.stride + max_rank, from.stride);
    if (t_->op[t_->node[i].op].strides(x.shape, m.shape, t_->node[i].attribute, from, to)) {
      m.data = x.data + to.offset * size_of(t_->node[i].type);
      continue;
    }
    for (view_copy& copy : copies_)
      if (copy.node == i) {
        m.data = copy.memory;
        set_copy(copy, t_->node[i].in[0], copy.memory);
      }
  }
}

template <class Unit>
TENON_COLD void binding<Unit>::reserve_workspace() {
  workspace_bytes_ = 0;
  for (int q = 0; q < t_->steps; ++q)
    if (t_->step[q].product != nullptr)
      workspace_bytes_ = std::max(
          workspace_bytes_, t_->step[q].product->workspace(launches_[std::size_t(q)].product, threads_));
  index scratch = 0, partial = 0;
  for (int q = 0; q < t_->steps; ++q) {
    const fused_launch& l = launches_[std::size_t(q)].fused;
    scratch = std::max(scratch, l.scratch_per_worker * threads_);
    index p = parts_bytes(t_->step[q], l);
    for (int i = 0; i < t_->step[q].outputs; ++i)
      if (t_->step[q].output[i].accumulated) p += partial_bytes(l, l.outputs[i]);
    partial = std::max(partial, p);
  }
  reserve(workspace_, workspace_capacity_, padded(std::max(scratch + partial, workspace_bytes_)) + 64);
  for (int q = 0; q < t_->steps; ++q) {
    fused_launch& l = launches_[std::size_t(q)].fused;
    launches_[std::size_t(q)].product.workspace = workspace_.data();
    l.scratch = workspace_.data();
    std::byte* next = workspace_.data() + padded(scratch);
    const index parts = parts_bytes(t_->step[q], l);
    l.parts = parts > 0 ? next : nullptr;
    next += parts;
    for (int i = 0; i < t_->step[q].outputs; ++i)
      if (t_->step[q].output[i].accumulated && l.row_tasks > 1) {
        l.outputs[i].data = next;
        next += partial_bytes(l, l.outputs[i]);
      }
  }
}

template <class Unit>
TENON_COLD void binding<Unit>::order_copies() {
  sort(copies_, [](const view_copy& a, const view_copy& b) { return a.step < b.step; });
  for (std::size_t c = copies_.size(); c-- > 0;) {
    step_launch& l = launches_[std::size_t(copies_[c].step)];
    l.first_copy = static_cast<int>(c);
    ++l.copies;
  }
}

template <class Unit>
TENON_COLD const void* binding<Unit>::copy_for(int q, int x) {
  view_copy copy;
  copy.node = x;
  copy.step = q;
  extra_.push_back(storage(padded(bytes_of(at(x).shape, t_->node[x].type) + 64)));
  set_copy(copy, x, extra_.back().data());
  copies_.push_back(copy);
  return extra_.back().data();
}

}  // namespace tenon::detail
