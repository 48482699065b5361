// The reverse sweep through a loop: another loop, which goes through the steps from the last to the first.
//
//   c_T = cotangent of the last carry;   (c_t, x̄_t, w̄ += ...) = vjp of the step at t (c_{t+1}, ȳ_t)
//
// What a step read from outside gathers its cotangent in a carry of the new loop. What the step backwards
// reads of the step forwards is kept: stacked by the one, sliced by the other. Views, conversions and
// conditions are made again from what was kept; where the loop says `recompute`, all is, from the carries
// alone.
#pragma once

#include "tenon/graph/passes/loops.hpp"
#include "tenon/graph/passes/reverse.hpp"

namespace tenon::detail {

/// Whether a node is a copy that each step of loop l makes.
constexpr bool settles(const graph_builder& b, int i, int l) {
  return b.is(i, core::broadcast_like) && b.node[i].attribute.a[1] == l + 1;
}

template <int Capacity>
constexpr void reverse_sweep<Capacity>::gather(int x, const cotangent& c) {
  for (int k = first_outside; k < outsides; ++k) {
    if (outside[k].node != x) continue;
    if (!nothing(c))
      outside[k].c = {b.push(core::add, masked(outside[k].c), masked(c)), -1,
                      outside[k].c.singular || c.singular};
    return;
  }
  if (outsides == 64)
    b.overflow = true;
  else
    outside[outsides++] = {x, c};
}

/// Nodes from..to of the running scope, the last first; a loop among them as a whole.
template <int Capacity>
constexpr void reverse_sweep<Capacity>::sweep(int from, int to) {
  const int here = scope;
  for (int i = from; i >= to; --i) {
    const int w = written_in(b, i);
    if (here >= 0 && (!b.within(w, here) || (w == here && b.home[i] != here))) continue;
    int inner = w;
    while (inner >= 0 && b.loop[inner].parent != here) inner = b.loop[inner].parent;
    if (w == here || inner < 0) {
      step(i);
      continue;
    }
    int first = i;
    for (int j = i; j >= to; --j)
      if (b.within(written_in(b, j), inner)) first = j;
    through_loop(inner, i, first);
    for (int j = i; j >= first; --j)  // what the loop reads and stands between its nodes
      if (!b.within(written_in(b, j), inner) && (here < 0 || b.within(written_in(b, j), here))) step(j);
    i = first;
  }
}

template <int Capacity>
constexpr void reverse_sweep<Capacity>::through_loop(int l, int from, int to) {
  bool any = false;
  for (int i = to; i <= from; ++i)
    any = any || (b.home[i] != l && written_in(b, i) == l && at[i].value >= 0 && active[i]);
  if (!any) return;
  if (b.loop[l].flag && b.loop[l].length < 0) {
    b.irreversible = true;
    return;
  }
  open_loop back = b.loop[l];
  back.reverse = !back.reverse;
  back.carries = back.stacks = 0;
  const int r = b.new_loop(back), around = b.inside, outer_scope = scope, outer_first = first_outside;
  const int mark = b.n;

  // cotangents of the carries, handed on from step to step; of stacks, one part each step
  constexpr int most = graph_builder::max_packed;
  int carried[most]{}, handed[most]{}, carries = 0;
  int flag = -1;
  if (back.flag)
    for (int i = to; i <= from && flag < 0; ++i)
      if (b.op_of(i).part == loop_part::carry && b.node[i].attribute.a[0] == l &&
          b.node[i].attribute.a[1] == 0)
        flag = b.carry(r, b.node[i].in[0]);
  scope = l;
  first_outside = outsides;
  for (int i = to; i <= from; ++i) {
    if (b.home[i] == l || written_in(b, i) != l || !active[i]) continue;
    const array_node node = b.node[i];
    if (b.op_of(i).part == loop_part::stack) {
      if (at[i].value >= 0)
        accumulate(node.in[0], {b.slice(r, b.broadcast_to_shape_of(masked(at[i]), i)), -1, at[i].singular});
    } else if (carries == most) {
      b.overflow = true;
    } else {
      const int c = at[i].value < 0 ? b.number(0, node.type) : masked(at[i]);
      carried[carries] = node.in[0];
      handed[carries] = b.carry(r, b.broadcast_to_shape_of(c, node.in[0]));
      accumulate(node.in[1], {handed[carries], -1, at[i].value >= 0 && at[i].singular});
      ++carries;
    }
  }
  b.inside = r;
  sweep(from, to);
  b.inside = around;

  // what a step gives: for each carry, each slice, and all that was read from outside
  int value[3 * most]{}, slices[most]{}, values = 0, sliced = 0;
  for (int k = 0; k < carries; ++k)
    value[values++] = at[carried[k]].value < 0
                          ? b.broadcast_to_shape_of(b.number(0, b.node[carried[k]].type), carried[k])
                          : b.broadcast_to_shape_of(masked(at[carried[k]]), carried[k]);
  for (int i = to; i <= from && sliced < most; ++i)
    if (b.op_of(i).part == loop_part::slice && b.node[i].attribute.a[0] == l && active[i] &&
        at[i].value >= 0) {
      slices[sliced++] = i;
      value[values++] = b.broadcast_to_shape_of(masked(at[i]), i);
    }
  for (int k = first_outside; k < outsides && values < 3 * most; ++k)
    value[values++] = b.broadcast_to_shape_of(masked(outside[k].c), outside[k].node);
  read_forward(l, r, to, mark, value, values);

  const int read = first_outside, reads = outsides;
  scope = outer_scope;
  first_outside = outer_first;
  outsides = read;
  gathered from_outside[64]{};
  for (int k = read; k < reads; ++k) from_outside[k] = outside[k];
  if (flag >= 0) b.next(r, flag, b.number(0, dtype::boolean));
  int v = 0;
  for (int k = 0; k < carries; ++k)
    accumulate(b.node[carried[k]].in[0], {b.next(r, handed[k], value[v++]), -1, false});
  for (int k = 0; k < sliced; ++k) accumulate(b.node[slices[k]].in[0], {b.stack(r, value[v++]), -1, false});
  for (int k = read; k < reads; ++k) {
    const int x = from_outside[k].node;
    int c = value[v++];
    for (bool more = true; more && c >= 0;) {  // terms that are products of what the steps have
      more = false;
      const bool sum = b.is(c, core::add) && b.home[c] == r;
      for (int side = 0; side < (sum ? 2 : 1) && !more; ++side) {
        const int p = product_of_steps(r, sum ? b.node[c].in[side] : c);
        if (p < 0) continue;
        accumulate(x, {p, -1, false});
        c = sum ? b.node[c].in[1 - side] : -1;
        more = true;
      }
    }
    if (c < 0) continue;
    if (b.loop[r].length == 1 && !b.loop[r].flag) {  // one step: nothing to add up
      accumulate(x, {b.push(core::squeeze, b.stack(r, c), -1, -1, {{1}}), -1, false});
      continue;
    }
    const int sum = b.carry(r, b.broadcast_to_shape_of(b.number(0, b.node[x].type), x));
    accumulate(x, {b.next(r, sum, b.push(core::add, sum, c)), -1, false});
  }
}

/// Node x of loop r's step for all steps at once, along a new first axis.
template <int Capacity>
constexpr int reverse_sweep<Capacity>::lifted(int r, int x) {
  const array_node node = b.node[x];
  if (b.op_of(x).part == loop_part::slice && node.attribute.a[0] == r) return node.in[0];
  if (b.is(x, core::permute) && b.home[x] == r) {
    index packed = 0;
    for (int i = 0; i < b.shape_of(x).rank; ++i)
      packed |= index(axis_at(node.attribute.a[0], i) + 1) << (4 * (i + 1));
    return b.push(core::permute, lifted(r, node.in[0]), -1, -1, {{packed}});
  }
  const int there = stack_of(r, x);
  return there >= 0 ? there : b.stack(r, x);
}

/// A sum over all steps of a matrix product is one product, whose inner axes are longer by the steps: the
/// gradient of a weight takes one large product after the loop and not a small one in each step. -1 where c
/// is no such product.
template <int Capacity>
constexpr int reverse_sweep<Capacity>::product_of_steps(int r, int c) {
  const array_node node = b.node[c];
  if (b.op_of(c).kind != op_kind::contraction || b.home[c] != r || b.loop[r].flag || b.loop[r].recompute)
    return -1;
  const int a = node.in[0], other = node.in[1];
  const int left = int(node.attribute.a[0]), inner = int(node.attribute.a[1]),
            right = int(node.attribute.a[2]);
  const int rank = b.shape_of(a).rank;
  if (rank != left + inner || b.shape_of(other).rank != inner + right || b.home[a] != r ||
      b.home[other] != r || rank == max_rank || inner + right == max_rank)
    return -1;
  index packed = 0;  // [steps, left, inner] to [left, steps, inner]
  for (int i = 0; i <= rank; ++i) packed |= index(i < left ? i + 1 : i == left ? 0 : i) << (4 * i);
  const int first = b.push(core::permute, lifted(r, a), -1, -1, {{packed}});
  return b.push(core::matmul, first, lifted(r, other), -1, {{left, inner + 1, right}});
}

/// The stack of loop l's node i, if there is one: all its steps.
template <int Capacity>
constexpr int reverse_sweep<Capacity>::stack_of(int l, int i) const {
  for (int k = 0; k < b.n; ++k)
    if (b.op_of(k).part == loop_part::stack && b.node[k].attribute.a[0] == l) {
      const int x = b.node[k].in[0];
      if (x == i || (settles(b, x, l) && b.node[x].in[0] == i)) return k;
    }
  return -1;
}

template <int Capacity>
constexpr int reverse_sweep<Capacity>::stacked(int l, int i) {
  if (const int there = stack_of(l, i); there >= 0) return there;
  const int before = b.n, made = b.stack(l, i);
  for (int k = before; k < b.n; ++k) kept[k] = true;
  return made;
}

/// Whether the step backwards of loop l makes node i again, from its operands.
template <int Capacity>
constexpr bool reverse_sweep<Capacity>::computed_again(int i, int l) const {
  const op_row& op = b.op_of(i);
  if (op.part != loop_part::none || b.home[i] != l) return false;
  if (op.kind == op_kind::view) return true;
  if (op.kind == op_kind::map && (!op.computes || b.node[i].type == dtype::boolean)) return true;
  return b.loop[l].recompute;
}

/// Puts in loop r what nodes from `mark` on, as far as `value` needs them, read of loop l's step: those nodes
/// are written anew, since what they read has to come before them.
template <int Capacity>
constexpr void reverse_sweep<Capacity>::read_forward(int l, int r, int from, int mark, int* value,
                                                     int values) {
  const int end = b.n;
  bool reached[Capacity]{}, wanted[Capacity]{};
  const auto of_step = [&](int x) { return b.within(b.home[x], l) && (x < mark || kept[x]); };
  const auto want = [&](int x) {
    if (x < 0) return;
    if (of_step(x))
      wanted[x] = true;
    else if (x >= mark)
      reached[x] = true;
  };
  for (int k = 0; k < values; ++k) want(value[k]);
  // a carry of a loop within needs what it becomes
  for (bool again = true; again;) {
    again = false;
    for (int i = end - 1; i >= mark; --i)
      if (reached[i])
        for (int k = 0; k < b.op_of(i).arity; ++k)
          if (k != b.op_of(i).shape_only || b.node[i].in[k] >= mark) want(b.node[i].in[k]);
    for (int i = mark; i < end; ++i)
      if (b.op_of(i).part == loop_part::next && !reached[i] && !kept[i] && b.node[i].attribute.a[0] != r &&
          (reached[b.node[i].in[0]] ||
           (b.node[i].attribute.a[1] == 0 && b.loop[b.node[i].attribute.a[0]].flag)))
        reached[i] = again = true;
  }
  for (int i = end - 1; i >= from; --i)
    if (wanted[i] && (computed_again(i, l) || (b.op_of(i).part == loop_part::none && settles(b, i, l))))
      for (int k = 0; k < b.op_of(i).arity; ++k) {
        const int x = b.node[i].in[k];
        if (k != b.op_of(i).shape_only && of_step(x)) wanted[x] = true;
      }

  int to[Capacity]{};
  for (int i = 0; i < end; ++i) to[i] = i;
  const auto copy = [&](int i) {
    array_node node = b.node[i];
    bool other = false;
    for (int k = 0; k < b.op_of(i).arity; ++k)
      if (k != b.op_of(i).shape_only || node.in[k] >= mark) {
        other = other || to[node.in[k]] != node.in[k];
        node.in[k] = to[node.in[k]];
      }
    return other ? b.insert(node) : i;
  };
  for (int i = from; i < end; ++i) {
    if (wanted[i]) {
      const loop_part part = b.op_of(i).part;
      if (part == loop_part::slice && b.home[i] == l) {
        to[i] = b.slice(r, b.node[i].in[0]);
      } else if (part == loop_part::enter && b.home[i] == l) {
        to[i] = b.enter(r, b.node[i].in[0]);
      } else if (part == loop_part::none && settles(b, i, l)) {
        to[i] = to[b.node[i].in[0]];
      } else if (computed_again(i, l)) {
        to[i] = copy(i);
      } else {
        to[i] = b.slice(r, stacked(l, i));
      }
    } else if (reached[i] && !kept[i]) {
      to[i] = copy(i);
      if (to[i] != i && b.op_of(i).part != loop_part::none)
        b.node[i].attribute.a[1] = -1;  // that one is no more
    }
  }
  for (int k = 0; k < values; ++k) value[k] = to[value[k]];
}

}  // namespace tenon::detail
