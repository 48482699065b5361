// How the builder opens loops into their parts: carries, slices and results, with the body's nodes between them. See
// graph/loop.hpp.
#pragma once

#include "tenon/graph/builder.hpp"

namespace tenon {

constexpr int graph_builder::unpack(const flat_node* body, int pack, const int* to,
                                    int (&operand)[max_packed]) {
  const flat_node& f = body[pack];
  const bool first = op[f.op].arity == 1;
  const int before = first ? 0 : unpack(body, f.in[0], to, operand);
  if (before == max_packed) {
    overflow = true;
    return before;
  }
  operand[before] = to[first ? f.in[0] : f.in[1]];
  return before + 1;
}

constexpr int graph_builder::new_loop(const open_loop& l) {
  if (loops == max_loops) {
    overflow = true;
    return 0;
  }
  loop[loops] = l;
  loop[loops].parent = inside;
  loop[loops].depth = inside < 0 ? 1 : loop[inside].depth + 1;
  return loops++;
}

constexpr int graph_builder::part(int op_id, int a, int b, attributes attribute) {
  array_node made;
  made.op = op_id;
  made.in[0] = a;
  made.in[1] = b;
  made.type = node[a].type == dtype::weak ? dtype::float32 : node[a].type;
  made.attribute = attribute;
  infer_shape(made);
  return insert(made);
}

constexpr int graph_builder::settled(int l, int i, index which) {
  const op_kind kind = op_of(i).kind;
  if (home[i] == l && (kind == op_kind::contraction || kind == op_kind::opaque) && !is_settled(i)) return i;
  array_node c;
  c.op = core::broadcast_like;
  c.in[0] = c.in[1] = i;
  c.shape = node[i].shape;
  c.type = node[i].type;
  c.attribute = {{which, l + 1}};
  return insert(c);
}

constexpr bool graph_builder::is_settled(int i) const {
  for (int k = 0; k < n; ++k)
    if ((op_of(k).part == loop_part::next && node[k].in[1] == i) ||
        (op_of(k).part == loop_part::stack && node[k].in[0] == i))
      return true;
  return false;
}

constexpr int graph_builder::open(const flat_graph& body, const int* operand, int operands) {
  const loop_frame& f = body.loop;
  if ((f.traits & loop_trait::branch) != 0) return open_branches(body, operand, operands);
  open_loop made;
  made.flag = (f.traits & loop_trait::flag) != 0;
  made.reverse = (f.traits & loop_trait::reverse) != 0;
  made.recompute = (f.traits & loop_trait::recompute) != 0;
  made.length = f.length;
  made.like = f.slices > 0 ? operand[f.carries] : -1;
  const int l = new_loop(made), outer = inside;
  inside = l;
  int argument[max_packed]{};
  for (int k = 0; k < operands; ++k) {
    const int x = operand[k];
    if (k < f.carries)
      argument[k] = carry(l, x);
    else if (k < f.carries + f.slices)
      argument[k] = slice(l, x);
    else
      argument[k] = (f.traits & loop_trait::enters) != 0 ? enter(l, x) : x;
    if (k >= f.carries && k < f.carries + f.slices) scope.equate(shape_of(x)[0], shape_of(made.like)[0]);
  }
  int root[max_packed]{};
  const int roots = splice_roots(body, argument, root);
  inside = outer;
  for (int k = 0; k < roots; ++k) root[k] = k < f.carries ? next(l, argument[k], root[k]) : stack(l, root[k]);
  return keep_results(root, roots);
}

constexpr int graph_builder::splice_roots(const flat_graph& body, const int* argument,
                                          int (&root)[max_packed]) {
  int to[max_body]{};
  splice_into(to, body, argument);
  return unpack(body.node, body.root, to, root);
}

constexpr int graph_builder::keep_results(const int* made, int count) {
  if (results + count > max_results) {
    overflow = true;
    return 0;
  }
  for (int k = 0; k < count; ++k) result[results++] = made[k];
  return results - count;
}

constexpr int graph_builder::open_branches(const flat_graph& body, const int* operand, int operands) {
  const int outer = inside;
  int value[max_packed]{};
  const int roots = splice_roots(body, operand + 1, value), n_results = roots / 2;  // of them, only shapes
  for (int k = 0; k < n_results; ++k)
    value[k] = broadcast_to_shape_of(number(0, node[value[k]].type), value[k]);
  int runs = operand[0];
  for (int branch = 0; branch < 2; ++branch) {
    open_loop made;
    made.flag = true;
    made.length = 1;
    const int l = new_loop(made);
    inside = l;
    const int flag = carry(l, runs);
    int carried[max_packed]{}, argument[max_packed]{}, root[max_packed]{};
    for (int k = 0; k < n_results; ++k) carried[k] = carry(l, value[k]);
    for (int k = 1; k < operands; ++k) argument[k - 1] = enter(l, operand[k]);
    splice_roots(body, argument, root);
    inside = outer;
    for (int k = 0; k < n_results; ++k) value[k] = next(l, carried[k], root[branch * n_results + k]);
    next(l, flag, number(0, dtype::boolean));
    runs = push(core::logical_not, runs);
  }
  return keep_results(value, n_results);
}

constexpr int graph_builder::home_of(const array_node& made) const {
  if (loops == 0) return -1;
  const op_row& row = op[made.op];
  if (row.part == loop_part::next || row.part == loop_part::stack) return loop[made.attribute.a[0]].parent;
  if (row.part != loop_part::none) return static_cast<int>(made.attribute.a[0]);
  if (made.op == core::broadcast_like && made.attribute.a[1] > 0)
    return static_cast<int>(made.attribute.a[1]) - 1;
  int r = -1;
  for (int k = 0; k < row.arity; ++k) {
    if (k == row.shape_only) continue;
    const int h = home[made.in[k]];
    if (h >= 0 && (r < 0 || loop[h].depth > loop[r].depth)) r = h;
  }
  return r;
}

}  // namespace tenon
