// Loops among the passes: what they keep alive, and an order of nodes in which each loop stands together.
#pragma once

#include "tenon/graph/builder.hpp"

namespace tenon::detail {

/// Whether a carry says how often its loop runs.
constexpr bool decides(const graph_builder& b, int carry) {
  const attributes& a = b.node[carry].attribute;
  return b.loop[a.a[0]].flag && a.a[1] == 0;
}

/// Marks what marked nodes are computed from; `values`: not that of which they need only the shape. A carry
/// needs what it becomes at the end of a step.
constexpr void mark_needed(const graph_builder& b, bool* needed, bool values) {
  const auto mark = [&](int x) {
    const bool fresh = x >= 0 && !needed[x];
    if (fresh) needed[x] = true;
    return fresh;
  };
  bool runs[max_loops]{};  // loops of which a part is needed
  for (bool again = true; again;) {
    again = false;
    for (int i = b.n - 1; i >= 0; --i) {
      if (!needed[i]) continue;
      for (int k = 0; k < max_operands; ++k)
        if (const int x = b.node[i].in[k]; !(values && k == b.op_of(i).shape_only) && mark(x))
          again = again || (b.loops > 0 && x > i);  // see own_shapes
      if (b.op_of(i).part != loop_part::none) runs[b.node[i].attribute.a[0]] = true;
    }
    for (int i = 0; i < b.n && b.loops > 0; ++i)
      if (b.op_of(i).part == loop_part::next && !needed[i] &&
          (needed[b.node[i].in[0]] || (decides(b, b.node[i].in[0]) && runs[b.node[i].attribute.a[0]])))
        again = mark(i) || again;
  }
}

/// The innermost loop that a node is written in, the loop that it is a result of included.
constexpr int written_in(const graph_builder& b, int i) {
  const loop_part part = b.op_of(i).part;
  return part == loop_part::next || part == loop_part::stack ? static_cast<int>(b.node[i].attribute.a[0])
                                                             : b.home[i];
}

/// A node outside of a loop that the loop reads may have its shape of a node inside: zeros like a carry. The
/// loop gets a copy of its own of such a node; other readers keep the one outside. Copies stand after their
/// readers.
template <int Capacity>
constexpr void own_shapes(graph_builder& b, const bool* live) {
  for (int l = 0; l < b.loops; ++l) {
    bool any = false;
    const auto inside = [&](int i) { return b.within(written_in(b, i), l); };
    const int n = b.n;
    for (int i = 0; i < n && !any; ++i)
      if (const int k = b.op_of(i).shape_only; live[i] && k >= 0)
        any = b.within(b.home[b.node[i].in[k]], l) && !inside(i);
    if (!any) continue;
    any = false;
    bool depends[Capacity]{}, wanted[Capacity]{};
    for (int i = 0; i < n; ++i)
      for (int k = 0; k < b.op_of(i).arity && live[i] && !inside(i) && !depends[i]; ++k) {
        const int x = b.node[i].in[k];
        depends[i] = depends[x] || (b.within(b.home[x], l) && k == b.op_of(i).shape_only);
      }
    for (int i = n - 1; i >= 0; --i)
      for (int k = 0; k < b.op_of(i).arity && live[i] && (inside(i) || wanted[i]); ++k)
        if (const int x = b.node[i].in[k]; depends[x]) wanted[x] = any = true;
    if (!any) continue;
    int to[Capacity]{};
    for (int i = 0; i < n; ++i) {
      to[i] = i;
      if (!wanted[i]) continue;
      array_node node = b.node[i];
      for (int k = 0; k < b.op_of(i).arity; ++k) node.in[k] = to[node.in[k]];
      to[i] = b.append(node, l);
    }
    for (int i = 0; i < n; ++i)
      if (inside(i))
        for (int& x : b.node[i].in)
          if (x >= 0) x = to[x];
  }
}

/// Whether a node is part of a loop that stands in the graph itself: what a derivative adds to such a loop
/// runs with it.
constexpr bool belongs_to_forward(const graph_builder& b, int i, int forward_loops) {
  int l = written_in(b, i);
  while (l >= 0 && b.loop[l].parent >= 0) l = b.loop[l].parent;
  return l >= 0 && l < forward_loops;
}

/// A topological order of live nodes in which a loop's nodes are neighbours: first what it reads, then the
/// loop, its results last. Loops inside of it likewise.
template <int Capacity>
struct loop_order {
  const graph_builder& b;
  const bool* live;
  int at[Capacity]{}, n = 0;
  bool done[Capacity]{};
  int of[Capacity]{};  // the innermost loop that a node is written in, results included
  // how many operands nodes wait for, and loops: of those, what is outside
  int waits[Capacity]{}, loop_waits[max_loops]{};
  // who reads a node: numbers of operands, from 1 on, as lists
  int first_reader[Capacity]{}, next_reader[max_operands * Capacity]{};

  /// Calls f with the loops that node i is in and operand x is not.
  template <class F>
  constexpr void entered(int i, int x, F f) const {
    for (int l = of[i]; l >= 0 && !b.within(of[x], l); l = b.loop[l].parent) f(l);
  }
  constexpr void find_readers() {
    for (int i = 0; i < b.n; ++i) of[i] = written_in(b, i);
    for (int i = 0; i < b.n; ++i)
      for (int k = 0; k < b.op_of(i).arity && live[i]; ++k) {
        const int x = b.node[i].in[k], r = i * max_operands + k;
        next_reader[r] = first_reader[x];
        first_reader[x] = r + 1;
        ++waits[i];
        entered(i, x, [&](int l) { ++loop_waits[l]; });
      }
  }
  constexpr void put(int x) {
    done[x] = true;
    at[n++] = x;
    for (int r = first_reader[x]; r > 0; r = next_reader[r - 1]) {
      const int i = (r - 1) / max_operands;
      --waits[i];
      entered(i, x, [&](int l) { --loop_waits[l]; });
    }
  }
  constexpr int expected() const {
    int count = 0;
    for (int i = 0; i < b.n; ++i) count += live[i];
    return count;
  }
  /// Of the loops that node i is written in, the one right inside `scope`; -1 if there is none.
  constexpr int child(int i, int scope) const {
    int l = of[i];
    while (l >= 0 && b.loop[l].parent != scope) l = b.loop[l].parent;
    return l;
  }
  constexpr bool ends(int i, int scope) const {
    const loop_part part = b.op_of(i).part;
    return scope >= 0 && (part == loop_part::next || part == loop_part::stack) &&
           b.node[i].attribute.a[0] == scope;
  }
  constexpr void run(int scope) {
    for (bool more = true; more;) {
      more = false;
      for (int i = 0; i < b.n; ++i) {
        if (!live[i] || done[i] || ends(i, scope) || (scope >= 0 && !b.within(of[i], scope))) continue;
        const int inner = child(i, scope);
        if (inner >= 0) {
          if (loop_waits[inner] > 0) continue;
          run(inner);
          more = true;
        } else {
          if (waits[i] > 0) continue;
          put(i);
          more = true;
        }
      }
    }
    for (int i = 0; i < b.n; ++i)
      if (live[i] && ends(i, scope)) put(i);
  }
  constexpr void run() {
    find_readers();
    run(-1);
  }
};

}  // namespace tenon::detail
