// Loops in the partition: the steps of one stand together, and what it reads lives as long as it runs.
#pragma once

#include "tenon/plan/partition.hpp"

namespace tenon::detail {

template <class Computation>
constexpr void partitioner<Computation>::place_in_loop(int i) {
  const int l = loop_of(i);
  if (l < 0) return;
  if (begins[l] == 0) {
    int first = stage[i];
    if (c.loop[l].parent >= 0) first = begins[c.loop[l].parent] + 1;
    for (int j = i; j < N; ++j)
      if (within(j, l))
        for (int k = 0; k < row(j).arity; ++k)
          if (reads(j, k) && node(j).in[k] < i && available(node(j).in[k]) > first)
            first = available(node(j).in[k]);
    begins[l] = first + 1;  // never 0
  }
  if (result(i)) {
    if (ends[l] == 0) {
      for (int j = 0; j < i; ++j)
        if (within(j, l) && !source(j) && stage[j] > ends[l]) ends[l] = stage[j];
      ends[l] = (ends[l] > begins[l] ? ends[l] : begins[l]) + 1;
    }
    raise(i, ends[l]);
  } else {
    raise(i, part(i) == loop_part::carry ? begins[l] : begins[l] + 1);
  }
}

template <class Computation>
constexpr void partitioner<Computation>::number_loop(int l, int result_node) {
  p.begin[l] = p.count;
  new_step(result_node, false, l);
  for (int s = 0; s <= last_stage; ++s) number_stage(s, l);
  p.end[l] = p.count;
  new_step(result_node, false, l);
}

template <class Computation>
constexpr void partitioner<Computation>::keep_through_loops() {
  for (int i = 0; i < N; ++i)
    for (int k = 0; k < row(i).arity; ++k) {
      if (!reads(i, k)) continue;
      const int x = p.base[node(i).in[k]];
      for (int l = loop_of(i); l >= 0 && !within(x, l); l = c.loop[l].parent) keep(x, p.end[l]);
    }
  for (int i = 0; i < N; ++i) {
    if (!result(i)) continue;
    const int l = loop_of(i), x = node(i).in[0];
    keep(i, p.end[l]);
    if (part(i) == loop_part::stack) {
      p.inside[x] = i;
      continue;
    }
    const int value = node(i).in[1];
    keep(x, p.end[l]);
    keep(value, p.end[l]);
    p.born[value] = p.begin[l];
  }
}

}  // namespace tenon::detail
