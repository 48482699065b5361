// The forward sweep: tangents from leaves to a root, from the same partial derivatives as the reverse sweep.
#pragma once

#include "tenon/graph/passes/reverse.hpp"

namespace tenon::detail {

template <int Capacity>
struct forward_sweep {
  graph_builder& b;
  const derivative_rules* rules;
  int at[Capacity]{};  // the tangent of each node, 0 for none (node 0 never is one)
  bool singular[Capacity]{};

  constexpr int through_map(int i, int k) {
    const array_node node = b.node[i];
    const int x = node.in[k];
    const int arguments[] = {i, node.in[0], node.in[1], node.in[2]};
    const derivative_rules& r = rules[node.op];
    int t = at[x];
    if (node.op == core::cast) return b.convert(t, node.type);
    if (r.partial[k].n > 0) t = b.product(t, b.splice(r.partial[k], arguments), singular[i]);
    return r.select[k].n == 0 ? t : b.push(core::where, b.splice(r.select[k], arguments), t, b.number(0));
  }

  bool active[Capacity]{};  // where there are loops: what depends on the leaves that have tangents

  /// The tangents of a loop's parts are more parts of the same loop.
  constexpr int through_loop(int i) {
    const array_node node = b.node[i];
    const int l = static_cast<int>(node.attribute.a[0]);
    switch (b.op_of(i).part) {
      case loop_part::carry:
        return b.carry(l, of(node.in[0]));
      case loop_part::next:
        return b.next(l, at[node.in[0]], of(node.in[1]));
      case loop_part::stack:
        return b.stack(l, of(node.in[0]));
      case loop_part::slice:
        return b.slice(l, of(node.in[0]));
      default:
        return b.enter(l, of(node.in[0]));
    }
  }

  constexpr int through(int i, int k) {
    const array_node node = b.node[i];
    const op_row& op = b.op_of(i);
    if (op.kind == op_kind::map) return through_map(i, k);
    if (op.kind == op_kind::reduction && op.weighted)
      return b.push(core::sum, b.product(at[node.in[0]], op.weight(b, i), singular[i]), -1, -1,
                    node.attribute);
    if (op.pushes) return op.pushforward(b, i, k, at[node.in[k]]);
    int in[] = {node.in[0], node.in[1], node.in[2]};
    in[k] = at[node.in[k]];
    return b.push(node.op, in[0], in[1], in[2], node.attribute);
  }

  /// The tangent of an op that is linear in all its operands together.
  constexpr int through_joint(int i) {
    const array_node node = b.node[i];
    int in[] = {node.in[0], node.in[1], node.in[2]};
    for (int k = 0; k < b.op_of(i).arity; ++k)
      if (differentiable(b.op_of(i), k)) in[k] = of(in[k]);
    return b.push(node.op, in[0], in[1], in[2], node.attribute);
  }

  /// Fills `at` for nodes up to the root, from the tangents that were put in for leaves.
  constexpr void run(int root) {
    if (b.loops > 0) {
      for (int i = 0; i <= root; ++i) active[i] = at[i] != 0;
      mark_active(b, root + 1, active);
    }
    for (int i = 0; i <= root; ++i) {
      const op_row& op = b.op_of(i);
      if (at[i] != 0 || !is_floating(b.node[i].type)) continue;
      if (op.part != loop_part::none) {
        if (active[i]) at[i] = through_loop(i);
        continue;
      }
      int sum = -1;
      singular[i] = op.singular;
      for (int k = 0; k < op.arity; ++k)
        if (differentiable(op, k) && op.kind != op_kind::contraction)
          singular[i] = singular[i] || singular[b.node[i].in[k]];
      for (int k = 0; k < op.arity; ++k) {
        if (!differentiable(op, k) || at[b.node[i].in[k]] == 0) continue;
        if (op.joint && sum >= 0) break;  // the other operands are in it already
        const int t = op.joint ? through_joint(i) : through(i, k);
        sum = sum < 0 ? t : b.push(core::add, sum, t);
      }
      if (sum >= 0) at[i] = b.broadcast_to_shape_of(sum, i);
    }
  }

  constexpr int of(int node) {
    return at[node] != 0 ? at[node] : b.broadcast_to_shape_of(b.number(0, b.node[node].type), node);
  }
};

}  // namespace tenon::detail
