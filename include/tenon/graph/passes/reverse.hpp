// The reverse sweep: cotangents from a root to leaves, as nodes spliced into the same graph.
//
//   x̄_k  +=  sum_to_shape_of(x_k)( select_k ? ȳ * partial_k(y, x...) : 0 )
//
// A mask travels beside its cotangent and is applied last, so that it reaches every partial that it
// dominates: a branch not taken contributes exactly 0, whatever inf or NaN its partials hold. Past an op
// marked singular, products absorb: 0 * inf = 0.
#pragma once

#include "tenon/graph/lower.hpp"
#include "tenon/graph/passes/reverse_parts.hpp"

namespace tenon::detail {

struct cotangent {
  int value = -1, mask = -1;
  bool singular = false;
};

/// Whether a derivative may flow from operand k to the node.
constexpr bool differentiable(const op_row& op, int k) {
  return op.smooth && k != op.condition && k != op.shape_only && k != op.places && op.kind != op_kind::leaf &&
         op.kind != op_kind::constant && op.kind != op_kind::bound_scalar;
}

/// Marks the nodes that depend on the marked leaves through floating-point numbers; a carry does through what
/// it becomes, too.
constexpr void mark_active(const graph_builder& b, int n, bool* active) {
  for (bool again = true; again;) {
    again = false;
    for (int i = 0; i < n; ++i) {
      const op_row& op = b.op_of(i);
      for (int k = 0; k < op.arity && !active[i]; ++k)
        active[i] = differentiable(op, k) && active[b.node[i].in[k]] && is_floating(b.node[i].type);
      if (op.part == loop_part::next && active[i] && !active[b.node[i].in[0]])
        active[b.node[i].in[0]] = again = true;
    }
  }
}

template <int Capacity>
struct reverse_sweep {
  graph_builder& b;
  const derivative_rules* rules;
  bool active[Capacity]{};
  cotangent at[Capacity]{};

  constexpr int masked(const cotangent& c) {
    return c.mask < 0 ? c.value : b.push(core::where, c.mask, c.value, b.number(0));
  }

  /// The number 0 is no contribution.
  constexpr bool nothing(const cotangent& c) const { return b.on(pass::simplify) && b.is_number(c.value, 0); }

  constexpr void accumulate(int x, const cotangent& c) {
    if (scope >= 0 && !b.within(b.home[x], scope)) {
      gather(x, c);
      return;
    }
    if (at[x].value < 0 || nothing(at[x]))
      at[x] = c;
    else if (nothing(c))
      return;
    else
      at[x] = {joined_parts(b, b.push(core::add, masked(at[x]), masked(c))), -1,
               at[x].singular || c.singular};
  }

  /// One number for the whole node, as rank 0; else -1.
  constexpr int uniform(const cotangent& c) {
    const extents& e = b.shape_of(c.value);
    for (int i = 0; i < e.rank; ++i)
      if (e[i].code != 1) return -1;
    return c.mask >= 0 ? -1 : b.push(core::squeeze, c.value, -1, -1, {{(index(1) << e.rank) - 1}});
  }

  constexpr void through_map(int i, int k) {
    const array_node node = b.node[i];
    const int x = node.in[k];
    const bool broadcast = b.node[x].shape != node.shape;
    const int arguments[] = {i, node.in[0], node.in[1], node.in[2]};
    cotangent c = at[i];
    if (broadcast) c = {b.broadcast_to_shape_of(masked(c), i), -1, c.singular};
    c.singular = c.singular || b.op_of(i).singular;
    const derivative_rules& r = rules[node.op];
    if (r.select[k].n > 0) {
      const int mask = b.splice(r.select[k], arguments);
      c.mask = c.mask < 0 ? mask : b.push(core::logical_and, c.mask, mask);
    }
    if (node.op == core::cast)
      c = {b.convert(masked(c), b.node[x].type), -1, c.singular};
    else if (r.partial[k].n > 0)
      c.value = b.product(c.value, b.splice(r.partial[k], arguments), c.singular);
    if (broadcast) c = {b.sum_to_shape_of(masked(c), x), -1, c.singular};
    accumulate(x, c);
  }

  constexpr void through_reduction(int i) {
    const auto weight = b.op_of(i).weight;
    int value = masked(at[i]);
    if (b.op_of(i).weighted) value = b.product(value, weight(b, i), at[i].singular);
    accumulate(b.node[i].in[0], {value, -1, at[i].singular});
  }

  constexpr void through_structure(int i, int k) {
    const op_row& op = b.op_of(i);
    const bool product = op.kind == op_kind::contraction;
    if (const int same = op.kind == op_kind::view && !op.leaves_out ? uniform(at[i]) : -1; same >= 0)
      accumulate(b.node[i].in[k], {same, -1, at[i].singular});
    else
      accumulate(b.node[i].in[k], {op.pullback(b, i, k, b.broadcast_to_shape_of(masked(at[i]), i)), -1,
                                   at[i].singular && !product});
  }

  // ---- loops: passes/reverse_loops.hpp --------------------------------------------------------------------

  int scope = -1;  // the loop whose step is being differentiated
  struct gathered {
    int node;
    cotangent c;
  };
  gathered outside[64]{};  // cotangents of what steps read from outside, of each loop after those around it
  int outsides = 0, first_outside = 0;
  bool kept[Capacity]{};  // nodes that a loop got so that its step backwards may read what it computed

  constexpr void gather(int x, const cotangent& c);
  constexpr void sweep(int from, int to);
  constexpr void through_loop(int l, int from, int to);
  constexpr void read_forward(int l, int r, int from, int mark, int* value, int values);
  constexpr bool computed_again(int i, int l) const;
  constexpr int stack_of(int l, int i) const;
  constexpr int stacked(int l, int i);
  constexpr int lifted(int r, int x);
  constexpr int product_of_steps(int r, int c);

  int last = -1;  // the last node with a seed

  /// A further root, before `run`.
  constexpr void seed(int root, int cotangent) {
    accumulate(root, {cotangent, -1, false});
    last = root > last ? root : last;
  }

  /// From node i to its operands.
  constexpr void step(int i) {
    if (at[i].value < 0 || !active[i]) return;
    const op_row& op = b.op_of(i);
    if (op.part == loop_part::enter) accumulate(b.node[i].in[0], at[i]);
    if (op.part != loop_part::none) return;
    for (int k = 0; k < op.arity; ++k) {
      const int x = b.node[i].in[k];
      if (!differentiable(op, k) || !active[x]) continue;
      if (op.kind == op_kind::map)
        through_map(i, k);
      else if (op.kind == op_kind::reduction)
        through_reduction(i);
      else
        through_structure(i, k);
    }
  }

  /// From the seeds at the roots down to every active leaf; afterwards `at` holds their cotangents.
  constexpr void run(int root, int cotangent) {
    seed(root, cotangent);
    mark_active(b, last + 1, active);
    if (b.loops > 0)
      sweep(last, 0);
    else
      for (int i = last; i >= 0; --i) step(i);
  }

  /// The cotangent of a leaf; zeros where the root does not depend on it.
  constexpr int of(int leaf) {
    const int c = at[leaf].value < 0 ? b.number(0, b.node[leaf].type) : masked(at[leaf]);
    return b.broadcast_to_shape_of(c, leaf);
  }
};

}  // namespace tenon::detail

#include "tenon/graph/passes/reverse_loops.hpp"
