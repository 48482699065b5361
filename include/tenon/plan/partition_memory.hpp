// Memory in the partition: which values are stored, how long each is needed, and which are written over others.
#pragma once

#include "tenon/plan/partition.hpp"

namespace tenon::detail {

template <class Computation>
constexpr void partitioner<Computation>::find_stored() {
  for (int i = 0; i < N; ++i) {
    p.last_use[i] = p.step[i];
    p.stored[i] =
        p.base[i] == i && !source(i) && (is_output(i) || !in_fused(i) || !joinable[i]) && around(i) < 0;
  }
  for (int i = 0; i < N; ++i) {
    if (p.base[i] != i) continue;
    for (int k = 0; k < row(i).arity; ++k) {
      if (!reads(i, k)) continue;
      const int x = node(i).in[k], b = p.base[x];
      if (x == b && p.step[b] == p.step[i]) continue;
      if (!source(b)) p.stored[b] = true;
      if (p.last_use[b] < p.step[i]) p.last_use[b] = p.step[i];
    }
  }
  find_followers();
  for (int i = 0; i < N; ++i) {  // what follows a product tile by tile must not lie over its operands
    p.born[i] = p.step[i] >= 0 && p.follows[p.step[i]] ? p.step[i] - 1 : p.step[i];
    p.inside[i] = -1;
  }
  if (c.loops > 0) keep_through_loops();
  for (int o = 0; o < c.output_count; ++o) p.last_use[c.outputs[o]] = p.count;
  for (int i = 0; i < N; ++i)
    if (p.step[i] >= 0 && p.step[i] < p.prologue) p.last_use[i] = p.count;
  if (split)  // backward may run again
    for (int i = 0; i < N; ++i)
      if (p.step[i] >= 0 && p.step[i] < p.forward && p.last_use[i] >= p.forward) p.last_use[i] = p.count;
  find_passes();
  share_memory();
}

/// As program_info has them: a row's reductions end a pass.
template <class Computation>
constexpr void partitioner<Computation>::find_passes() {
  for (int i = 0; i < N; ++i) {
    const int q = p.step[i];
    if (q < 0 || !p.fused[q] || p.inner[q] == 0) continue;
    for (int k = 0; k < row(i).arity; ++k) {
      const int x = node(i).in[k];
      if (!reads(i, k) || p.step[x] != q || p.base[x] != x) continue;
      const int after = p.pass[x] + (row(x).kind == op_kind::reduction);
      if (after > p.pass[i]) p.pass[i] = after;
    }
  }
}

template <class Computation>
constexpr void partitioner<Computation>::share_memory() {
  element_reads read[N + 1]{};
  bool elsewhere[N + 1]{}, taken[N + 1]{};
  int result_of[N + 1]{}, next_result[N + 1]{}, opaque_steps[N + 2]{};
  for (int q = 0; q < p.count; ++q) {
    const bool opaque = !p.fused[q] && row(p.first[q]).kind != op_kind::contraction;
    opaque_steps[q + 1] = opaque_steps[q] + opaque;
    result_of[q] = -1;
  }
  for (int i = 0; i < N; ++i)  // the memory of carries changes places
    if (part(i) == loop_part::next) taken[node(i).in[1]] = true;
  const auto whole = [&](int i, int q) {
    return p.stored[i] && p.base[i] == i && p.inside[i] < 0 && node(i).shape == p.space[q];
  };
  for (int i = N - 1; i >= 0; --i) {
    const int q = p.step[i];
    if (q < 0 || !p.fused[q] || p.where[i] != place::full) continue;
    if (row(i).kind == op_kind::reduction || !whole(i, q)) continue;
    next_result[i] = result_of[q];
    result_of[q] = i;
  }
  for (int i = 0; i < N; ++i) {
    const int q = p.step[i];
    if (q < 0) continue;
    for (int k = 0; k < row(i).arity; ++k) {
      if (!reads(i, k)) continue;
      const int x = node(i).in[k], b = p.base[x];
      if (q != p.last_use[b]) continue;
      const bool for_row = p.where[i] == place::row && row(i).kind != op_kind::reduction;
      // under other strides, by a view, or for a row as a whole
      if (x != b || node(b).shape != p.space[q] || for_row) elsewhere[b] = true;
      read[b].add(i, p.pass[i]);
    }
  }
  for (int x = 0; x < N; ++x) p.shares[x] = p.into[x] = -1;
  for (int x = 0; x < N; ++x) {
    p.until[x] = p.last_use[x];
    const int q = p.last_use[x];
    if (!fuse || p.step[x] < p.prologue || q <= p.step[x] || q >= p.count || !p.fused[q] || !whole(x, q) ||
        elsewhere[x] || is_output(x))
      continue;
    const int memory = p.shares[x] >= 0 ? p.shares[x] : x;
    for (int i = result_of[q]; i >= 0; i = next_result[i]) {
      if (taken[i] || node(i).type != node(x).type || !read[x].before(i, p.pass[i])) continue;
      if (!is_output(i))
        p.shares[i] = memory;
      else if (opaque_steps[p.step[memory]] ==
               opaque_steps[q])  // none that may throw: outputs stay as they are
        p.into[memory] = i;
      else
        continue;
      taken[i] = true;
      break;
    }
  }
  for (int i = 0; i < N; ++i)
    if (p.shares[i] >= 0 && p.until[p.shares[i]] < p.last_use[i]) p.until[p.shares[i]] = p.last_use[i];
}

template <class Computation>
constexpr void partitioner<Computation>::find_followers() {
  bool reads_product[N + 1]{};
  for (int q = 1; q < p.count; ++q)
    p.follows[q] = fuse && p.fused[q] && p.inner[q] == 0 && !p.fused[q - 1] && p.loop[q] < 0 &&
                   p.loop[q - 1] < 0 && q - 1 >= p.prologue && q != p.forward &&
                   row(p.first[q - 1]).kind == op_kind::contraction;
  for (int i = 0; i < N; ++i) {
    const int q = p.step[i];
    if (q < 0 || !p.follows[q] || p.base[i] != i) continue;
    if (row(i).kind != op_kind::map) p.follows[q] = false;
    for (int k = 0; k < row(i).arity; ++k)
      if (node(i).in[k] == p.first[q - 1] && node(p.first[q - 1]).shape == p.space[q])
        reads_product[q] = true;
  }
  for (int q = 1; q < p.count; ++q) p.follows[q] = p.follows[q] && reads_product[q];
}

}  // namespace tenon::detail
