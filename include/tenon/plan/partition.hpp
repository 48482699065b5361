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

  constexpr void place_reduction(int i) {
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

  constexpr void raise(int i, int to) { stage[i] = stage[i] < to ? to : stage[i]; }

  constexpr void join(int i) {
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

  // ---- consumers ------------------------------------------------------------------------------------------

  int first_consumer[N + 2]{}, consumer[max_operands * N + 1]{};
  constexpr void list_consumers() {
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

  /// Joins a group to the one that reads all its values, where both walk the same space.
  int next_member[N + 1]{};
  constexpr void join_rings(int a, int b) {
    const int after = next_member[a];
    next_member[a] = next_member[b];
    next_member[b] = after;
  }
  constexpr void merge_groups() {
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
      const bool inner_fits =
          group_inner[i] == 0 || group_inner[to] == 0 || group_inner[i] == group_inner[to];
      if (to == i || !inner_fits || members[i] + members[to] > max_kernel_nodes || space[i] != space[to])
        continue;
      const int later = stage[to],
                inner = group_inner[i] > group_inner[to] ? group_inner[i] : group_inner[to];
      const int most = most_inner[i] < most_inner[to] ? most_inner[i] : most_inner[to];
      if ((inner > 1 && (counts[i] || counts[to])) || inner > most) continue;
      counts[to] = counts[to] || counts[i];
      int j = i;  // the members of a group are a ring
      do stage[j] = later;
      while ((j = next_member[j]) != i);
      join_rings(i, to);
      members[to] += members[i];
      group_inner[to] = inner;
      most_inner[to] = most;
      parent[i] = to;
    }
  }
  constexpr bool reads_directly(int i, int x) const {
    for (int k = 0; k < row(i).arity; ++k)
      if (reads(i, k) && node(i).in[k] == x) return true;
    return false;
  }

  /// Moves an elementwise node to the one kernel that reads it, where that stores at most one value more.
  constexpr void sink() {
    for (int i = N - 1; i >= 0; --i) {
      if (row(i).kind != op_kind::map || !joinable[i] || p.where[i] != place::full || bound[i] ||
          is_output(i) || group_inner[find(i)] != 0 || first_consumer[i] == first_consumer[i + 1])
        continue;
      const int target = consumer[first_consumer[i]];
      bool ok = in_fused(target) && stage[target] > stage[i] && space[target] == space[i] &&
                c.home[target] == c.home[i];
      for (int k = first_consumer[i]; k < first_consumer[i + 1] && ok; ++k) {
        const int to = consumer[k];
        ok =
            in_fused(to) && group(to) == group(target) && space[to] == space[i] && stage[to] == stage[target];
      }
      if (!ok || members[group(target)] >= max_kernel_nodes ||
          (split && c.backward[target] && !c.backward[i]))
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
  bool moved[N + 1]{};
  int moved_to[N + 1]{};
  // a node whose group would fall apart stays: others of its group reach each other through it
  constexpr bool lonely(int i) const {
    int operands_in_group = 0;
    for (int k = 0; k < row(i).arity; ++k)
      if (joins(i, k) && (k == 0 || node(i).in[k] != node(i).in[0])) ++operands_in_group;
    return operands_in_group > 1;
  }

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
  constexpr void number_stage(int s, int home) {
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
  constexpr void number_stage(int s, int home, bool products) {
    for (int i = of_stage[s + 1]; i >= 0; i = in_stage[i]) {
      if (c.home[i] != home || part(i) == loop_part::carry ||
          (row(i).kind == op_kind::contraction) != products)
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
  constexpr void number_loop(int l, int result_node);
  constexpr void number_steps() {
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

  // ---- memory (partition_memory.hpp) ------------------------------------------------------------------------

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

#include "tenon/plan/partition_loops.hpp"
#include "tenon/plan/partition_memory.hpp"
