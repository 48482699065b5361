// Where a binding keeps values: the arena, views and copies of those that strides cannot express, workspace, and
// which memory may be written to.
#pragma once

#include "tenon/plan/binding.hpp"

namespace tenon::detail {

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
  for (int i = 0; i < t_->nodes; ++i) {
    if (t_->base[i] < 0 || t_->leaf[t_->base[i]] != k) continue;
    for (int j = 0; j < t_->nodes; ++j) {
      if (t_->step_of[j] < writer && t_->step_of[j] >= 0) continue;
      for (const int x : t_->node[j].in) {
        if (x != i || (t_->step_of[j] < 0 && t_->base[j] != j)) continue;
        if (t_->step_of[j] > writer || w.kernel == nullptr || w.kernel->passes > 1 || i != t_->base[i])
          return false;
        if (!same_walk(memory_[std::size_t(i)], memory_[std::size_t(out)].shape)) return false;
      }
    }
  }
  for (int q = 0; q < w.outputs; ++q)
    if (w.output[q].accumulated && w.output[q].node == out) return false;
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
  arena_top_ = unplanned_ = 0;
  for (int i = 0; i < t_->nodes; ++i) {
    const bool number = is_stored_number(i);
    if ((!t_->stored[i] && !number) || t_->inside[i] >= 0 || is_placed_output(i)) continue;
    const index bytes = padded(bytes_of(at(i).shape, t_->node[i].type) + 64);
    if (t_->shares[i] >= 0) {
      unplanned_ += bytes;
      continue;
    }
    const bool lasting = number || t_->step_of[i] < t_->prologue;
    arena_items_.push_back({0, bytes, lasting ? -1 : t_->born[i], lasting ? t_->steps : end_of(i), i});
  }
  for (int i = 0; i < t_->nodes; ++i) need_copy(i);
  sort(arena_items_, [](const arena_item& a, const arena_item& b) { return a.bytes > b.bytes; });
  plain_list<const arena_item*> placed;
  for (arena_item& item : arena_items_) {
    plain_list<const arena_item*> beside;
    for (const arena_item* o : placed)
      if (o->first <= item.last && item.first <= o->last) beside.push_back(o);
    sort(beside, [](const arena_item* a, const arena_item* b) { return a->offset < b->offset; });
    for (const arena_item* o : beside) {
      if (item.offset + item.bytes <= o->offset) break;
      item.offset = std::max(item.offset, o->offset + o->bytes);
    }
    placed.push_back(&item);
    arena_top_ = std::max(arena_top_, item.offset + item.bytes);
    unplanned_ += item.bytes;
  }
}

template <class Unit>
int binding<Unit>::last_use(int i) const {
  if (i < 0) return -1;
  if (t_->loops > 0) return t_->steps - 1;
  int last = t_->step_of[i];
  for (int j = 0; j < t_->nodes; ++j)
    for (const int x : t_->node[j].in)
      if (x >= 0 && t_->base[x] == i) last = std::max(last, t_->step_of[j]);
  return last;
}

template <class Unit>
TENON_COLD void binding<Unit>::allocate() {
  reserve(arena_, arena_capacity_, arena_top_ + 64);
  for (const arena_item& item : arena_items_)
    if (item.node >= 0) at(item.node).data = arena_.data() + item.offset;
  for (const arena_item& item : arena_items_)
    if ((item.node) < 0) copies_[std::size_t(-1 - item.node)].memory = arena_.data() + item.offset;
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
TENON_COLD void binding<Unit>::need_copy(int i) {
  if (!is_view(i)) return;
  node_memory& m = at(i);
  const node_memory& x = at(t_->node[i].in[0]);
  view_strides from, to;
  std::copy(x.stride, x.stride + max_rank, from.stride);
  if (t_->op[t_->node[i].op].strides(x.shape, m.shape, t_->node[i].attribute, from, to)) {
    std::copy(to.stride, to.stride + max_rank, m.stride);
    return;
  }
  row_major(m.shape, m.stride);
  int first = t_->steps;
  for (int j = 0; j < t_->nodes; ++j)
    for (const int operand : t_->node[j].in)
      if (operand >= 0 && (operand == i || reaches(operand, i)) && t_->step_of[j] >= 0)
        first = std::min(first, t_->step_of[j]);
  view_copy copy;
  copy.node = i;
  copy.step = first;
  arena_items_.push_back({0, padded(bytes_of(m.shape, t_->node[i].type) + 64), first, t_->steps,
                          -1 - static_cast<int>(copies_.size())});
  copies_.push_back(copy);
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
bool binding<Unit>::is_stored_number(int i) const {
  const op_kind kind = t_->op[t_->node[i].op].kind;
  if (kind != op_kind::constant) return kind == op_kind::bound_scalar;
  for (int j = i + 1; j < t_->nodes; ++j) {
    const op_kind reader = t_->op[t_->node[j].op].kind;
    if (reader != op_kind::opaque && reader != op_kind::view && reader != op_kind::loop) continue;
    for (const int x : t_->node[j].in)
      if (x == i) return true;
  }
  return false;
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
