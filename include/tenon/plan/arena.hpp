// The arena: values that live at different times share memory. One account of what is in it and where, for
// bindings, which know the extents when they run, and for costs, which are told while a unit compiles.
#pragma once

#include "tenon/plan/values.hpp"

namespace tenon::detail {

constexpr index padded(index bytes) { return (bytes + 63) / 64 * 64; }

/// A stored value, or a copy of a view that strides cannot express.
struct arena_place {
  index offset = 0, bytes = 0;
  int first = 0, last = 0;  // the steps between which it lives
  int value = -1;
  bool copy = false;
  int below = -1;  // the place whose end is this one's offset
};

/// Tells `m` what of a plan is in the arena, and sets the strides of views. Leaves' strides are there, and
/// those of other arrays, row-major.
///
///   m.shape(i), m.stride(i), m.bytes(i)   of node i, with sizes
///   m.elsewhere(i)                        it has memory of its own
///   m.until(i)                            the last step that needs it
///   m.add(place)                          a value with a place of its own, or a copy of a view
template <class Memory>
TENON_COLD constexpr void list_arena(const plan_values& p, Memory& m) {
  for (int i = 0; i < p.nodes; ++i) {
    const bool number = p.is_stored_number(i);
    if ((!p.stored[i] && !number) || p.inside[i] >= 0 || m.elsewhere(i)) continue;
    const bool lasting = number || p.step_of[i] < p.prologue;
    if (p.shares[i] < 0)
      m.add(arena_place{0, padded(m.bytes(i) + 64), lasting ? -1 : p.born[i], lasting ? p.steps : m.until(i),
                        i});
  }
  for (int i = 0; i < p.nodes; ++i) {
    if (!p.is_view(i)) continue;
    const int x = p.node[i].in[0];
    view_strides from, to;
    for (int k = 0; k < max_rank; ++k) from.stride[k] = m.stride(x)[k];
    const bool expressed = p.op[p.node[i].op].strides(m.shape(x), m.shape(i), p.node[i].attribute, from, to);
    if (expressed)
      for (int k = 0; k < max_rank; ++k) m.stride(i)[k] = to.stride[k];
    else  // row-major
      m.add(arena_place{0, padded(m.bytes(i) + 64), p.first_reader(i), p.steps, i, true});
  }
}

/// Places n values: largest first, each at the lowest offset that is free while it lives. Returns the one
/// that ends last, -1 where n is 0. `order` and `placed` are room for n numbers.
TENON_COLD constexpr int place_in_arena(arena_place* item, int n, int* order, int* placed) {
  for (int k = 0; k < n; ++k) {  // of equal ones the first is first
    int at = k;
    for (; at > 0 && item[k].bytes > item[order[at - 1]].bytes; --at) order[at] = order[at - 1];
    order[at] = k;
  }
  int top = -1;
  for (int k = 0; k < n; ++k) {
    arena_place& a = item[order[k]];
    for (int j = 0; j < k; ++j) {  // those placed, by offset
      const arena_place& o = item[placed[j]];
      if (o.first > a.last || a.first > o.last) continue;
      if (a.offset + a.bytes <= o.offset) break;
      if (o.offset + o.bytes > a.offset) {
        a.offset = o.offset + o.bytes;
        a.below = placed[j];
      }
    }
    int at = k;
    for (; at > 0 && item[placed[at - 1]].offset > a.offset; --at) placed[at] = placed[at - 1];
    placed[at] = order[k];
    if (top < 0 || a.offset + a.bytes > item[top].offset + item[top].bytes) top = order[k];
  }
  return top;
}

}  // namespace tenon::detail
