// Groups in the partition: nodes join the kernels of their operands, groups the one that reads them, and nodes move
// to the one kernel that reads them.
#pragma once

#include "tenon/plan/partition.hpp"

namespace tenon::detail {

template <class Computation>
constexpr void partitioner<Computation>::place_reduction(int i) {
  const int x = node(i).in[0], inner = trailing(i);
  space[i] = node(x).shape;
  if (inner > 0) {
    p.where[i] = place::row;
    p.form[i] = row_form::kept;
    p.inner[i] = inner;
  } else {
    p.where[i] = place::full;  // it accumulates where its operand is
    if (fuse && joinable[x] && p.where[x] == place::row) {
      space[i] = space[x];
      p.form[i] = p.form[x];
    } else {
      most_inner[i] = kept_trailing(i);
    }
  }
  join(i);
  if (inner == 0) joinable[i] = false;
}

template <class Computation>
constexpr void partitioner<Computation>::join(int i) {
  joinable[i] = true;
  counts[i] = is_position(i);
  for (int k = 0; k < row(i).arity; ++k) {
    if (!reads(i, k)) continue;
    const int x = node(i).in[k];
    raise(i, fits_group(i, x) && bound[x] == bound[i] ? stage[x] : available(x));
  }
  int total = 1, inner = p.inner[i], most = most_inner[i];
  bool fits = true, counted = counts[i];
  int seen[max_operands] = {-1, -1, -1};
  for (int k = 0; k < row(i).arity; ++k) {
    if (!joins(i, k)) continue;
    const int g = find(node(i).in[k]);
    bool again = false;
    for (int s = 0; s < k; ++s) again = again || seen[s] == g;
    seen[k] = g;
    if (!again) total += members[g];
    if (group_inner[g] != 0 && inner != 0 && group_inner[g] != inner) fits = false;
    if (group_inner[g] != 0) inner = group_inner[g];
    if (most_inner[g] < most) most = most_inner[g];
    counted = counted || counts[g];
  }
  if ((counted && inner > 1) || inner > most) fits = false;
  if (total > max_kernel_nodes || !fits) {
    ++stage[i];
    group_inner[i] = p.inner[i];
    if (row(i).kind ==
        op_kind::reduction) {  // it walks its operand's memory, not the space of another kernel
      space[i] = node(node(i).in[0]).shape;
      p.form[i] = row_form::kept;
      if (p.where[i] == place::full) most_inner[i] = kept_trailing(i);
    }
    if (p.where[i] == place::row &&
        row(i).kind != op_kind::reduction) {  // it is an element of its own space now
      p.where[i] = place::full;
      p.inner[i] = group_inner[i] = 0;
      space[i] = node(i).shape;
      if (row(i).kind == op_kind::view) leave(i);
    }
    return;
  }
  for (int k = 0; k < row(i).arity; ++k)
    if (joins(i, k)) parent[find(node(i).in[k])] = i;
  members[i] = total;
  group_inner[i] = inner;
  most_inner[i] = most;
  counts[i] = counted;
}

template <class Computation>
constexpr void partitioner<Computation>::list_consumers() {
  int fill[N + 2]{};
  for (int i = 0; i < N; ++i)
    for (int k = 0; k < row(i).arity; ++k)
      if (reads(i, k)) ++first_consumer[node(i).in[k] + 1];
  for (int i = 0; i < N; ++i) {
    first_consumer[i + 1] += first_consumer[i];
    fill[i] = first_consumer[i];
  }
  for (int i = 0; i < N; ++i)
    for (int k = 0; k < row(i).arity; ++k)
      if (reads(i, k)) consumer[fill[node(i).in[k]]++] = i;
}

template <class Computation>
constexpr void partitioner<Computation>::merge_groups() {
  for (int i = 0; i < N; ++i) next_member[i] = i;
  for (int i = 0; i < N; ++i)
    if (in_fused(i) && p.base[i] == i && find(i) != i) join_rings(i, find(i));
  int target[N + 1]{};  // of each group: -1 none yet, -2 several or unfit
  for (int i = 0; i < N; ++i) target[i] = -1;
  for (int i = N - 1; i >= 0; --i) {  // later groups are settled first
    if (!in_fused(i) || p.base[i] != i || bound[i]) continue;
    const int g = find(i);
    if (is_output(i) || !joinable[i]) target[g] = -2;
    for (int k = first_consumer[i]; k < first_consumer[i + 1] && target[g] != -2; ++k) {
      const int to = consumer[k];
      if (in_fused(to) && find(to) == g) continue;
      const bool fits = in_fused(to) && !bound[to] && c.home[to] == c.home[i] && reads_directly(to, i) &&
                        space[to] == space[i] && p.where[i] == place::full &&
                        (p.where[to] == place::full || row(to).kind == op_kind::reduction) &&
                        stage[to] > stage[i] && (target[g] == -1 || target[g] == find(to));
      target[g] = fits ? find(to) : -2;
    }
  }
  for (int i = N - 1; i >= 0; --i) {
    if (!in_fused(i) || p.base[i] != i || bound[i] || find(i) != i || target[i] < 0) continue;
    const int to = find(target[i]);
    const bool inner_fits = group_inner[i] == 0 || group_inner[to] == 0 || group_inner[i] == group_inner[to];
    if (to == i || !inner_fits || members[i] + members[to] > max_kernel_nodes || space[i] != space[to])
      continue;
    const int later = stage[to], inner = group_inner[i] > group_inner[to] ? group_inner[i] : group_inner[to];
    const int most = most_inner[i] < most_inner[to] ? most_inner[i] : most_inner[to];
    if ((inner > 1 && (counts[i] || counts[to])) || inner > most) continue;
    counts[to] = counts[to] || counts[i];
    int j = i;
    do stage[j] = later;
    while ((j = next_member[j]) != i);
    join_rings(i, to);
    members[to] += members[i];
    group_inner[to] = inner;
    most_inner[to] = most;
    parent[i] = to;
  }
}

template <class Computation>
constexpr void partitioner<Computation>::sink() {
  for (int i = N - 1; i >= 0; --i) {
    if (row(i).kind != op_kind::map || !joinable[i] || p.where[i] != place::full || bound[i] ||
        is_output(i) || group_inner[find(i)] != 0 || first_consumer[i] == first_consumer[i + 1])
      continue;
    const int target = consumer[first_consumer[i]];
    bool ok = in_fused(target) && stage[target] > stage[i] && space[target] == space[i] &&
              c.home[target] == c.home[i];
    for (int k = first_consumer[i]; k < first_consumer[i + 1] && ok; ++k) {
      const int to = consumer[k];
      ok = in_fused(to) && group(to) == group(target) && space[to] == space[i] && stage[to] == stage[target];
    }
    if (!ok || members[group(target)] >= max_kernel_nodes || (split && c.backward[target] && !c.backward[i]))
      continue;
    int fresh = 0;  // operands that would have to be stored for this
    for (int k = 0; k < row(i).arity; ++k) {
      const int x = node(i).in[k];
      if (reads(i, k) && !source(x) && joinable[x] && stage[x] == stage[i] &&
          first_consumer[x + 1] - first_consumer[x] == 1)
        ++fresh;
    }
    if (fresh > 1 || lonely(i) || (is_position(i) && group_inner[group(target)] > 1)) continue;
    stage[i] = stage[target];
    moved[i] = true;
    moved_to[i] = group(target);
    ++members[moved_to[i]];
  }
}

template <class Computation>
constexpr bool partitioner<Computation>::lonely(int i) const {
  int operands_in_group = 0;
  for (int k = 0; k < row(i).arity; ++k)
    if (joins(i, k) && (k == 0 || node(i).in[k] != node(i).in[0])) ++operands_in_group;
  return operands_in_group > 1;
}

}  // namespace tenon::detail
