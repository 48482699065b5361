// Which nodes share a kernel, and which values are stored: the planner's first half.
//
// A fused kernel walks one iteration space, rows of elements. Its nodes are `full` (one value per element) or
// `row` (one per row: what a reduction over trailing axes gives, and what is computed from it). So map ->
// reduce -> map along rows (softmax, losses) is one kernel. Reductions over other axes end in the kernel that
// computes their operand. Matrix products and opaque ops are steps of their own; views are no steps at all.
#pragma once

#include "tenon/graph/passes/computation.hpp"
#include "tenon/plan/values.hpp"

namespace tenon::detail {

enum class place : unsigned char { none, full, row };    // where a node's value lives in its kernel
enum class row_form : unsigned char { kept, squeezed };  // a row value's shape: [rows..., 1...] or [rows...]

/// Beyond this a kernel runs out of registers (measured: without a cap a residual network became one kernel).
inline constexpr int max_kernel_nodes = 32;

template <int N>
struct partition {
  int step[N + 1]{};  // the step that computes a node; -1 for leaves, numbers and views
  int base[N + 1]{};  // the node whose memory a view reads; else the node itself
  bool stored[N + 1]{};
  place where[N + 1]{};
  row_form form[N + 1]{};
  int last_use[N + 1]{};  // the last step that reads a stored node
  int born[N + 1]{};      // the step from which on it has memory
  // the node whose memory it takes over, for the last time read where it is written; or -1
  int shares[N + 1]{};
  int into[N + 1]{};    // the output that takes a node over; it may live in that output's memory; or -1
  int until[N + 1]{};   // the last step that reads a stored node, or what takes its memory over
  int pass[N + 1]{};    // of its kernel, over a row, that computes a node
  int inside[N + 1]{};  // the stack that a node's memory is in, a part of it in each step of a loop; or -1
  // steps
  int count = 0, prologue = 0,
      forward = 0;     // prologue steps run once per binding; then forward steps; then backward
  int first[N + 1]{};  // a node of the step
  int space[N + 1]{};  // fused: the shape of its iteration space
  int inner[N + 1]{};  // fused: trailing axes that rows reduce over; 0 where no row value is
  bool fused[N + 1]{};
  bool follows[N + 1]{};  // fused: may go over what the product before it makes, tile by tile
  int loop[N + 1]{};      // the loop that a step begins or ends; or -1
  int begin[max_loops + 1]{}, end[max_loops + 1]{};  // steps of each loop; -1 where it is not there
};

template <class Computation>
struct partitioner {
  const Computation& c;
  const op_row* op;
  bool split;  // keep forward and backward steps apart
  bool fuse;   // else each node that computes is a kernel of its own

  static constexpr int N = sizeof(Computation::backward) / sizeof(bool) - 1;
  int stage[N + 1]{}, parent[N + 1]{}, members[N + 1]{}, group_inner[N + 1]{}, space[N + 1]{};
  bool joinable[N + 1]{};   // computed in a fused kernel, and readable there by others
  int most_inner[N + 1]{};  // of groups that accumulate: the trailing axes that every accumulation keeps
  bool bound[N + 1]{};      // one number that is known once extents are
  bool counts[N + 1]{};     // groups that count positions along the last axis: no row of theirs has two axes
  int forward_stages = 0;
  partition<N> p{};

  constexpr const array_node& node(int i) const { return c.node[i]; }
  constexpr const op_row& row(int i) const { return op[c.node[i].op]; }
  constexpr const extents& shape(int i) const { return c.shape[c.node[i].shape]; }
  constexpr bool source(int i) const {
    const op_kind k = row(i).kind;
    return k == op_kind::leaf || k == op_kind::constant || k == op_kind::bound_scalar || c.idle[i];
  }
  constexpr bool reads(int i, int k) const {
    return k < row(i).arity && k != row(i).shape_only && !c.idle[i];
  }
  constexpr bool is_position(int i) const {
    return row(i).kind == op_kind::map && row(i).arity == 1 && row(i).shape_only == 0;
  }
  bool output[N + 1]{};
  constexpr bool is_output(int i) const { return output[i]; }
  constexpr bool in_fused(int i) const { return p.where[i] != place::none; }
  constexpr int find(int i) const {
    while (parent[i] != i) i = parent[i];
    return i;
  }
  constexpr int available(int x) const {
    const int b = p.base[x];
    return source(b) || bound[b] ? 0 : stage[b] + 1;
  }
  constexpr bool one_element(int i) const {
    for (int k = 0; k < shape(i).rank; ++k)
      if (shape(i)[k].code != 1) return false;
    return true;
  }

  /// Whether shape s is that of a row value in a space whose rows reduce over `inner` trailing axes.
  constexpr bool is_row_shape(const extents& s, int space_id, int inner, row_form& form) const {
    const extents& full = c.shape[space_id];
    const int outer = full.rank - inner;
    if (inner == 0 || (s.rank != full.rank && s.rank != outer)) return false;
    for (int k = 0; k < s.rank; ++k)
      if (s[k].code != (k < outer ? full[k].code : 1)) return false;
    form = s.rank == full.rank ? row_form::kept : row_form::squeezed;
    return true;
  }

  /// The trailing axes of a row reduction; 0 for reductions over other axes.
  constexpr int trailing(int i) const {
    if (row(i).kind != op_kind::reduction || node(i).op == core::sum_to_like) return 0;
    const extents& x = shape(node(i).in[0]);
    const index mask = node(i).attribute.a[0];
    const auto reduced = [&](int axis) { return ((mask >> axis) & 1) != 0; };
    int from = x.rank;
    while (from > 0 && (reduced(from - 1) || x[from - 1].code == 1)) --from;
    while (from < x.rank && !reduced(from))
      ++from;  // axes of extent 1 before the first reduced one stay outside
    const bool others = (mask & ((index(1) << from) - 1)) != 0;
    return others ? 0 : x.rank - from;
  }

  constexpr bool fits_group(int i, int x) const {
    if (!fuse || !joinable[x] || space[x] != space[i] || c.home[x] != c.home[i]) return false;
    const int g = group_inner[find(x)];
    if (g != 0 && p.inner[i] != 0 && g != p.inner[i]) return false;
    if (p.where[i] == place::row && row(i).kind != op_kind::reduction)
      return p.where[x] == place::row && (p.form[x] == p.form[i] || row(i).aliases);
    return p.where[x] == place::full || p.form[x] == row_form::kept || row(i).kind == op_kind::reduction;
  }

  /// A map or an aliasing view may be a row value of a kernel that one of its operands is a row value of.
  constexpr bool try_row(int i) {
    for (int k = 0; k < row(i).arity; ++k) {
      if (!reads(i, k)) continue;
      const int x = node(i).in[k];
      if (!joinable[x] || p.where[x] != place::row || c.home[x] != c.home[i]) continue;
      const int inner = group_inner[find(x)];
      row_form form{};
      if (!is_row_shape(shape(i), space[x], inner, form)) continue;
      if (!row(i).aliases && form != p.form[x]) continue;
      space[i] = space[x];
      p.where[i] = place::row;
      p.form[i] = form;
      p.inner[i] = inner;
      return true;
    }
    return false;
  }

  constexpr void place_node(int i) {
    const op_kind kind = row(i).kind;
    p.step[i] = -1;
    p.base[i] = i;
    parent[i] = i;
    members[i] = 1;
    stage[i] = -1;
    most_inner[i] = max_rank;
    if (source(i)) return;
    bound[i] = one_element(i) && kind == op_kind::map && c.home[i] < 0;
    for (int k = 0; k < row(i).arity; ++k)
      if (reads(i, k)) {
        const int x = p.base[node(i).in[k]];
        bound[i] = bound[i] &&
                   (bound[x] || row(x).kind == op_kind::constant || row(x).kind == op_kind::bound_scalar);
      }
    stage[i] = split && c.backward[i] && !bound[i] ? forward_stages : 0;
    if constexpr (requires { c.after[0]; })
      if (c.after[i] >= 0) raise(i, available(c.after[i]));
    if (c.loops > 0) place_in_loop(i);
    const bool maybe_row = fuse && (kind == op_kind::map || (kind == op_kind::view && row(i).aliases));
    if (maybe_row && !bound[i] && try_row(i)) {
      join(i);
    } else if (kind == op_kind::map) {
      space[i] = node(i).shape;
      p.where[i] = place::full;
      join(i);
    } else if (kind == op_kind::reduction) {
      place_reduction(i);
    } else if (kind == op_kind::view) {
      p.base[i] = p.base[node(i).in[0]];
      stage[i] = stage[p.base[i]];
    } else if (kind != op_kind::loop) {
      for (int k = 0; k < row(i).arity; ++k)
        if (reads(i, k)) raise(i, available(node(i).in[k]));
    }
  }

  // ---- loops: all steps of one stand together, as one stage of what is around it --------------------------

  int begins[max_loops + 1]{}, ends[max_loops + 1]{};  // stages; a begin of 0: not known yet
  constexpr loop_part part(int i) const { return row(i).part; }
  constexpr bool result(int i) const { return part(i) == loop_part::next || part(i) == loop_part::stack; }
  constexpr int loop_of(int i) const {
    return result(i) ? static_cast<int>(node(i).attribute.a[0]) : c.home[i];
  }
  constexpr bool within(int i, int l) const {
    int h = loop_of(i);
    while (h >= 0 && h != l) h = c.loop[h].parent;
    return h == l;
  }
  /// Nodes of a loop are neighbours, and come after all that it reads: passes/loops.hpp sees to that.
  constexpr void place_in_loop(int i);

  /// How many trailing axes a row may reduce over in the kernel of accumulation i: those that i keeps,
  /// whatever the extents turn out to be.
  constexpr int kept_trailing(int i) const {
    const extents &x = shape(node(i).in[0]), &r = shape(i);
    int n = 0;
    while (n < x.rank) {
      const int axis = x.rank - 1 - n;
      const bool kept = node(i).op == core::sum_to_like ? n < r.rank && r.from_right(n).code == x[axis].code
                                                        : ((node(i).attribute.a[0] >> axis) & 1) == 0;
      if (!kept && x[axis].code != 1) break;
      ++n;
    }
    return n;
  }

  constexpr void place_reduction(int i);

  constexpr void raise(int i, int to) { stage[i] = stage[i] < to ? to : stage[i]; }

  constexpr void join(int i);

  /// A view that found no kernel: it reads its operand's memory.
  constexpr void leave(int i) {
    p.where[i] = place::none;
    joinable[i] = false;
    p.base[i] = p.base[node(i).in[0]];
    stage[i] = stage[p.base[i]];
  }

  constexpr bool joins(int i, int k) const {
    if (!reads(i, k)) return false;
    const int x = node(i).in[k];
    return stage[x] == stage[i] && bound[x] == bound[i] && fits_group(i, x);
  }

  constexpr partition<N> run() {
    for (int o = 0; o < c.output_count; ++o) output[c.outputs[o]] = true;
    for (int i = 0; i < N; ++i) {
      if (split && c.backward[i] && forward_stages == 0)
        for (int j = 0; j < i; ++j)
          forward_stages = stage[j] + 1 > forward_stages ? stage[j] + 1 : forward_stages;
      place_node(i);
    }
    list_consumers();
    if (fuse) {
      merge_groups();
      sink();
    }
    number_steps();
    find_stored();
    return p;
  }

  // ---- groups (partition_groups.hpp) ---------------------------------------------------------------------

  int first_consumer[N + 2]{}, consumer[max_operands * N + 1]{};
  constexpr void list_consumers();

  int next_member[N + 1]{};  // the members of a group are a ring
  constexpr void join_rings(int a, int b) {
    const int after = next_member[a];
    next_member[a] = next_member[b];
    next_member[b] = after;
  }
  /// Joins a group to the one that reads all its values, where both walk the same space.
  constexpr void merge_groups();
  constexpr bool reads_directly(int i, int x) const {
    for (int k = 0; k < row(i).arity; ++k)
      if (reads(i, k) && node(i).in[k] == x) return true;
    return false;
  }

  /// Moves an elementwise node to the one kernel that reads it, where that stores at most one value more.
  constexpr void sink();
  bool moved[N + 1]{};
  int moved_to[N + 1]{};
  // a node whose group would fall apart stays: others of its group reach each other through it
  constexpr bool lonely(int i) const;

  constexpr int group(int i) const { return moved[i] ? moved_to[i] : find(i); }

  // ---- nests ----------------------------------------------------------------------------------------------

  /// The node that a nested one is computed with: the same op, and its only reader; else -1. See
  /// op_defaults::nests.
  constexpr int around(int i) const {
    if (!fuse || !row(i).nests || is_output(i) || first_consumer[i + 1] - first_consumer[i] != 1) return -1;
    const int j = consumer[first_consumer[i]];
    const bool same = node(j).op == node(i).op && node(j).type == node(i).type &&
                      node(j).attribute == node(i).attribute && c.home[i] == c.home[j] &&
                      reads_directly(j, i);
    return same && !(split && c.backward[i] != c.backward[j]) ? j : -1;
  }

  // ---- steps (partition_steps.hpp) -----------------------------------------------------------------------

  int number[N + 1]{}, of_stage[N + 2]{}, in_stage[N + 1]{}, last_stage = 0;
  constexpr void new_step(int i, bool is_fused, int loop) {
    p.first[p.count] = i;
    p.fused[p.count] = is_fused;
    p.space[p.count] = space[i];
    p.inner[p.count] = is_fused ? group_inner[group(i)] : 0;
    p.loop[p.count++] = loop;
  }
  /// The steps of stage s that are at home in a loop, or in none. Products come last, and before all else
  /// what reads the product that was the last step: see `follows`.
  constexpr void number_stage(int s, int home);
  constexpr void number_stage(int s, int home, bool products);
  constexpr void number_loop(int l, int result_node);
  constexpr void number_steps();

  // ---- memory (partition_memory.hpp) ---------------------------------------------------------------------

  /// What is stored, and until when it is read.
  constexpr void find_stored();
  constexpr void find_passes();
  /// A kernel may write a result over an operand that nothing reads later, if it has read an element by the
  /// time that it writes it.
  constexpr void share_memory();
  /// Kernels of one pass over the elements of a product that is the step before.
  constexpr void find_followers();
  constexpr void keep(int i, int step) { p.last_use[i] = p.last_use[i] < step ? step : p.last_use[i]; }
  /// What a loop reads lives as long as it runs; its carries have two places each, which change their parts.
  constexpr void keep_through_loops();
};

}  // namespace tenon::detail

#include "tenon/plan/partition_groups.hpp"
#include "tenon/plan/partition_loops.hpp"
#include "tenon/plan/partition_memory.hpp"
#include "tenon/plan/partition_steps.hpp"
