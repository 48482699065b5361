// Steps in the partition: nodes and groups in the order in which they run.
#pragma once

#include "tenon/plan/partition.hpp"

namespace tenon::detail {

template <class Computation>
constexpr void partitioner<Computation>::number_stage(int s, int home) {
  if (p.count > p.prologue && !p.fused[p.count - 1] && p.loop[p.count - 1] < 0)
    for (int i = of_stage[s + 1]; i >= 0; i = in_stage[i])
      if (c.home[i] == home && in_fused(i) && number[group(i)] < 0 &&
          reads_directly(i, p.first[p.count - 1])) {
        number[group(i)] = p.count;
        new_step(i, true, -1);
        break;
      }
  number_stage(s, home, false);
  number_stage(s, home, true);
}

template <class Computation>
constexpr void partitioner<Computation>::number_stage(int s, int home, bool products) {
  for (int i = of_stage[s + 1]; i >= 0; i = in_stage[i]) {
    if (c.home[i] != home || part(i) == loop_part::carry || (row(i).kind == op_kind::contraction) != products)
      continue;
    if (result(i)) {
      const int l = loop_of(i);
      if (p.begin[l] < 0) number_loop(l, i);
      number[i] = part(i) == loop_part::next ? p.end[l] : p.begin[l];
      continue;
    }
    const int g = in_fused(i) ? group(i) : i;
    if (number[g] >= 0) continue;
    number[g] = p.count;
    new_step(i, in_fused(i), -1);
  }
}

template <class Computation>
constexpr void partitioner<Computation>::number_steps() {
  for (int i = 0; i < N; ++i) last_stage = stage[i] > last_stage ? stage[i] : last_stage;
  for (int l = 0; l <= c.loops; ++l) p.begin[l] = p.end[l] = -1;
  // the nodes of each stage, in order; first the prologue
  for (int s = 0; s <= last_stage + 1; ++s) of_stage[s] = -1;
  for (int i = N - 1; i >= 0; --i) {
    number[i] = -1;
    if (source(i) || p.base[i] != i || around(i) >= 0) continue;
    const int s = bound[i] ? 0 : stage[i] + 1;
    in_stage[i] = of_stage[s];
    of_stage[s] = i;
  }
  for (int s = -1; s <= last_stage; ++s) {  // s = -1: the prologue
    number_stage(s, -1);
    if (s < 0)
      p.prologue = p.forward = p.count;
    else if (!split || forward_stages == 0 || s < forward_stages)
      p.forward = p.count;
  }
  for (int i = 0; i < N; ++i) {
    if (source(i) || p.base[i] != i) continue;
    p.step[i] = part(i) == loop_part::carry ? p.begin[loop_of(i)] : number[in_fused(i) ? group(i) : i];
  }
  for (int i = N - 1; i >= 0; --i)  // readers stand behind
    if (const int j = around(i); j >= 0) p.step[i] = p.step[j];
}

}  // namespace tenon::detail
