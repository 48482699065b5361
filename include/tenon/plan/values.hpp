// The values of a plan: which step computes each, which are stored, and for how long. What bindings run by, and
// what costs are told from.
#pragma once

#include "tenon/graph/builder.hpp"

namespace tenon::detail {

/// The steps of a loop, which stand together: begin and end are steps without work.
struct loop_row {
  int begin = -1, end = -1;
  bool flag = false, reverse = false;
  bool branch = false;  // a step or none, as a condition says
};

/// How the nodes of a kernel read an operand element by element, at the place that they compute.
///
/// A kernel takes each row in passes, and in each pass each element through its nodes, in order; an operand
/// is loaded before the first node that reads it, in each pass that reads it.
struct element_reads {
  int first = -1, last_pass = -1;

  /// Nodes come in order.
  constexpr void add(int reader, int pass) {
    if (first < 0) first = reader;
    if (pass > last_pass) last_pass = pass;
  }
  /// Whether all of them come before node i, computed in `pass`, is written.
  constexpr bool before(int i, int pass) const {
    return pass > last_pass || (pass == last_pass && first <= i);
  }
};

/// Plain arrays, by node and by step; of most of them see partition.
struct plan_values {
  int nodes = 0, steps = 0, prologue = 0, forward = 0, outputs = 0, names = 0;
  index dynamics = 0;
  const array_node* node = nullptr;
  const extents* shape = nullptr;
  const op_row* op = nullptr;
  const char* const* name = nullptr;  // of extents
  const int *output = nullptr, *output_shape = nullptr;
  const int* leaf = nullptr;  // the place of a node among the graph's leaves, or -1
  const int *step_of = nullptr, *base = nullptr, *last_use = nullptr;
  const int *born = nullptr, *inside = nullptr, *shares = nullptr, *until = nullptr;
  const bool* stored = nullptr;
  const int* pass = nullptr;
  const bool* fused = nullptr;  // of steps
  const int* first = nullptr;   // of steps: a node
  int loops = 0;
  const loop_row* loop = nullptr;

  constexpr op_kind kind(int i) const { return op[node[i].op].kind; }
  constexpr bool is_view(int i) const { return base[i] != i && base[i] >= 0; }
  /// Whether node i is view x, or a view of it.
  constexpr bool reaches(int i, int x) const {
    while (i != x && is_view(i)) i = node[i].in[0];
    return i == x;
  }
  /// Numbers known before anything runs, in memory: those that extents decide, and constants that an opaque
  /// op, a view or a loop reads, for kernels hold theirs in their code.
  constexpr bool is_stored_number(int i) const {
    if (kind(i) != op_kind::constant) return kind(i) == op_kind::bound_scalar;
    for (int j = i + 1; j < nodes; ++j) {
      if (kind(j) != op_kind::opaque && kind(j) != op_kind::view && kind(j) != op_kind::loop) continue;
      for (const int x : node[j].in)
        if (x == i) return true;
    }
    return false;
  }
  /// The first step that reads view i.
  constexpr int first_reader(int i) const {
    int q = steps;
    for (int j = 0; j < nodes; ++j)
      for (const int x : node[j].in)
        if (x >= 0 && step_of[j] >= 0 && step_of[j] < q && reaches(x, i)) q = step_of[j];
    return q;
  }

  // ---- arrays that are changed while the plan runs --------------------------------------------------------

  /// The last step that computes node i or reads it.
  constexpr int last_reader(int i) const {
    int q = step_of[i];
    for (int j = 0; j < nodes; ++j)
      for (const int x : node[j].in)
        if (x >= 0 && base[x] == i && step_of[j] > q) q = step_of[j];
    return q;
  }
  /// The step after which leaf k may be changed by what output o says: nothing that may throw comes later, as
  /// opaque ops may, nor does a reader of either. The last one where there are loops.
  constexpr int updated_after(int k, int o) const {
    if (loops > 0) return steps - 1;
    int q = prologue - 1;
    for (int p = prologue; p < steps; ++p)
      if (!fused[p] && kind(first[p]) != op_kind::contraction) q = p;
    for (int i = 0; i < nodes; ++i)
      if (leaf[i] == k || i == output[o]) q = last_reader(i) > q ? last_reader(i) : q;
    return q;
  }
};

}  // namespace tenon::detail
