// The programs of a plan's kernels as values: written in one pass over the nodes, each distinct program once.
//
// Equal blocks of a network give equal programs on other operands; those become one type and one kernel, so
// what a block adds to a plan is rows of tables.
#pragma once

#include "tenon/plan/partition.hpp"
#include "tenon/plan/program.hpp"

namespace tenon::detail {

struct raw_step {
  step_kind kind = step_kind::load;
  bool row = false;
  dtype type = dtype::none;
  int op = -1, slot = -1, out = -1;
  int in[max_operands] = {-1, -1, -1};
  index bits = 0;

  constexpr bool same(const raw_step& o) const {
    return op == o.op && in[0] == o.in[0] && in[1] == o.in[1] && in[2] == o.in[2] && kind == o.kind &&
           row == o.row && type == o.type && slot == o.slot && out == o.out && bits == o.bits;
  }
};

/// How a load or an output of a kernel lies in its iteration space.
struct kernel_operand {
  int node = -1;
  bool row = false;                // no axes of the row
  row_form form = row_form::kept;  // squeezed: the axes are those of the rows alone
  bool accumulated = false;
};

/// What a fused step of a plan runs: a program, and where its operands begin.
struct kernel_use {
  int program = -1, load = 0, loads = 0, output = 0, outputs = 0;
};

/// The programs of a plan of N nodes.
template <int N>
struct program_set {
  raw_step step[4 * N + 1]{};  // of the distinct programs, one after the other
  int first[N + 2]{};          // where each begins
  kernel_operand load[3 * N + 1]{}, output[N + 1]{};
  kernel_use use[N + 1]{};  // of each step of the plan
  int programs = 0, steps = 0, loads = 0, outputs = 0;

  constexpr int length(int program) const { return first[program + 1] - first[program]; }
};

template <class Computation, int N>
struct program_writer {
  const Computation& c;
  const partition<N>& p;
  const op_row* op;

  program_set<N> all{};
  // the step of the current program that has a node's value: as it is, for the whole row, squeezed
  struct places {
    int whose = -1, full = -1, row = -1, squeezed = -1;
  };
  places local[N + 1]{};
  int begin = 0;  // where the current program begins

  constexpr places& at(int node, int which) {
    places& l = local[node];
    if (l.whose != which) l = {which, -1, -1, -1};
    return l;
  }

  constexpr int write(const raw_step& s) {
    all.step[all.steps] = s;
    return all.steps++ - begin;
  }

  constexpr int number(int x, places& known) {
    if (known.full < 0) {
      raw_step s;
      s.kind = step_kind::literal;
      s.row = true;
      s.type = c.node[x].type;
      s.bits = c.node[x].attribute.a[0];
      known.full = write(s);
    }
    return known.full;
  }

  constexpr int load(int x, int& known, bool row, row_form form, kernel_use& use) {
    if (known < 0) {
      raw_step s;
      s.kind = step_kind::load;
      s.row = row;
      s.type = c.node[x].type;
      s.slot = use.loads++;
      all.load[all.loads++] = {x, row, form, false};
      known = write(s);
    }
    return known;
  }

  constexpr void add(int i, int which, kernel_use& use) {
    const array_node& node = c.node[i];
    const op_row& row = op[node.op];
    raw_step s;
    s.type = node.type;
    s.op = row.aliases ? int(core::broadcast_like) : node.op;
    s.row = p.where[i] == place::row;
    s.kind = row.kind != op_kind::reduction ? step_kind::map
             : s.row                        ? step_kind::row_reduction
                                            : step_kind::accumulation;
    bool operand_row = s.row;
    for (int k = 0; k < row.arity; ++k) {
      const int x = node.in[k];
      if (k == row.shape_only) continue;
      places& known = at(x, which);
      if (p.step[x] == which && p.base[x] == x) {
        s.in[k] = known.full;
        operand_row = p.where[x] == place::row;
        continue;
      }
      if (op[c.node[x].op].kind == op_kind::constant) {
        s.in[k] = number(x, known);
        continue;
      }
      // an operand from memory: for the whole row where its row axes have extent 1, where a row value reads
      // it, and where it is one number
      const extents& e = c.shape[c.node[x].shape];
      const int inner = p.inner[which] > 0 ? p.inner[which] : e.rank;
      bool whole_row = p.inner[which] > 0 ? s.kind != step_kind::row_reduction : s.kind == step_kind::map;
      for (int a = 0; a < inner && !s.row; ++a) whole_row = whole_row && e.from_right(a).code == 1;
      const bool squeezed = s.row && s.kind == step_kind::map && p.form[i] == row_form::squeezed;
      s.in[k] = load(x,
                     squeezed    ? known.squeezed
                     : whole_row ? known.row
                                 : known.full,
                     whole_row, squeezed ? row_form::squeezed : row_form::kept, use);
      operand_row = whole_row;
    }
    if (s.kind == step_kind::accumulation) s.row = operand_row;
    if (row.arity == 1 && row.shape_only == 0) s.kind = step_kind::position;
    if (p.stored[i]) {
      s.out = use.outputs++;
      all.output[all.outputs++] = {i, s.row, p.form[i], s.kind == step_kind::accumulation};
    }
    at(i, which).full = write(s);
  }

  /// The current program becomes one of the set, or is found there.
  constexpr int intern() {
    const int n = all.steps - begin;
    for (int q = 0; q < all.programs; ++q) {
      int k = 0;
      if (all.length(q) == n)
        while (k < n && all.step[all.first[q] + k].same(all.step[begin + k])) ++k;
      if (k != n) continue;
      all.steps = begin;
      return q;
    }
    begin = all.first[all.programs + 1] = all.steps;
    return all.programs++;
  }

  constexpr void run() {
    int head[N + 1]{}, next[N + 1]{};  // the nodes of each step, in order
    for (int q = 0; q < p.count; ++q) head[q] = -1;
    for (int i = N - 1; i >= 0; --i) {
      if (p.step[i] < 0) continue;
      next[i] = head[p.step[i]];
      head[p.step[i]] = i;
    }
    for (int q = 0; q < p.count; ++q) {
      if (!p.fused[q]) continue;
      kernel_use& use = all.use[q];
      use.load = all.loads;
      use.output = all.outputs;
      for (int i = head[q]; i >= 0; i = next[i]) add(i, q, use);
      use.program = intern();
    }
  }
};

/// The loads and outputs of a plan's kernels at their own size: what of all this is in the program's memory.
template <int Loads, int Outputs>
struct operand_table {
  kernel_operand load[Loads + 1]{}, output[Outputs + 1]{};
};
template <int Loads, int Outputs, class Set>
constexpr operand_table<Loads, Outputs> operands_of(const Set& set) {
  operand_table<Loads, Outputs> r;
  for (int i = 0; i < Loads; ++i) r.load[i] = set.load[i];
  for (int i = 0; i < Outputs; ++i) r.output[i] = set.output[i];
  return r;
}

}  // namespace tenon::detail
