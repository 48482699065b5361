// What a plan computes, as arrays: a graph, its derivatives, and only the nodes that its outputs need.
#pragma once

#include "tenon/graph/passes/forward.hpp"
#include "tenon/graph/passes/loops.hpp"

namespace tenon::detail {

enum class derive {
  nothing,   // outputs: the roots
  gradient,  // the roots, then the cotangents of leaves Wrt; root 0 has rank 0
  pullback,  // the same, with a seed for each of the first roots: the last nodes of the graph
  tangent,   // the roots, then root 0's tangent; the last nodes of the graph are the tangents of leaves Wrt
  curvature  // the roots, cotangents of leaves Wrt, then tangents of those cotangents
};

template <int... I>
struct places {
  static constexpr int n = sizeof...(I);
  static constexpr int at[n + 1] = {I..., -1};
};

/// Numbers of leaves that passes add: seeds and tangents.
inline constexpr int first_extra_argument = 1000;

/// How dynamic extents that meet are taken: as equal (the usual case, all fused), or as maybe 1.
enum class dynamic_extents { equal, any };

template <int Nodes, int Shapes, int Outputs>
struct computation {
  array_node node[Nodes + 1]{};
  extents shape[Shapes + 1]{};
  bool backward[Nodes + 1]{};  // exists because a derivative was asked for
  // What an output looks like: a view that was resolved away may have changed the shape.
  int outputs[Outputs + 1]{}, output_view[Outputs + 1]{}, output_shape[Outputs + 1]{};
  int n = 0, shapes = 0, output_count = 0;
  bool idle[Nodes + 1]{};  // only its shape matters: it is not computed
  int home[Nodes + 1]{};   // each node's innermost loop, or -1
  open_loop loop[max_loops]{};
  int loops = 0;
  index dynamics = 0;
  bool unified = false;  // dynamic extents were taken as equal
  misfit error = misfit::none;
  bool overflow = false, irreversible = false;
};

/// The passes for one graph: lower, differentiate, drop what no output needs. Rules: the set of rewritings.
template <class Graph, class Roots, derive Kind, class Wrt, dynamic_extents Dynamic = dynamic_extents::equal,
          unsigned Rules = pass::exact>
struct passes {
  static constexpr bool fuses = (Rules & pass::unfused) == 0;
  static constexpr int order = Kind == derive::nothing ? 0 : Kind == derive::curvature ? 2 : 1;
  using world = universe<Graph, order>;
  using nodes = flat<Graph, typename world::names, typename world::ops>;
  static constexpr int size = graph_info<Graph>::size;

  /// How many roots have a seed.
  static constexpr int count_seeds() {
    int n = 0;
    while (n < size && nodes::value.at[size - 1 - n].argument >= first_extra_argument) ++n;
    return n > 1 ? n : 1;
  }
  static constexpr int seeds = Kind == derive::pullback ? count_seeds() : 1;

  static constexpr bool has_dynamic() {
    for (int i = 0; i < size; ++i)
      for (int k = 0; k < nodes::value.at[i].target.rank; ++k)
        if (nodes::value.at[i].target.d[k].code == dyn_code) return true;
    return false;
  }

  /// An upper bound for the nodes before the last pass: what is inlined, and per node what its rules may
  /// insert.
  static constexpr int bound() {
    int n = 16;
    for (int i = 0; i < size; ++i) n += bound_of(nodes::value.at[i]);
    return order == 2 ? 6 * n + 256 : n + 64;
  }
  static constexpr int bound_of(const flat_node& f) {
    const op_row& op = world::rows()[f.op];
    int n = 4;
    if (op.kind == op_kind::call) {
      const flat_graph& body = world::called()[f.op];
      for (int i = 0; i < body.n; ++i) n += bound_of(body.node[i]);
      // the step backwards, with what it reads of the step forwards, and once more when it is written anew
      if (body.loops) n = (order > 0 ? 4 : 2) * n + 64;
    } else if (order > 0 && op.kind != op_kind::leaf && op.kind != op_kind::constant) {
      n += 8 + op.arity * op.rule_nodes;
      for (int k = 0; k < op.arity; ++k)
        n += world::rules()[f.op].partial[k].n + world::rules()[f.op].select[k].n + 8;
    }
    return n;
  }
  static constexpr int capacity = bound();
  /// With loops more would take a compiler longer than it allows itself for one evaluation.
  static constexpr int most_capacity = 1 << 15;
  static constexpr int loops_of(const flat_graph& body) {
    int n = body.loops;
    for (int i = 0; i < body.n; ++i)
      if (world::rows()[body.node[i].op].kind == op_kind::call)
        n += loops_of(world::called()[body.node[i].op]);
    return n;
  }
  static constexpr bool too_large() {
    int loops = 0;
    for (int i = 0; i < size; ++i)
      if (const flat_node& f = nodes::value.at[i]; world::rows()[f.op].kind == op_kind::call)
        loops += loops_of(world::called()[f.op]);
    return loops > max_loops || (loops > 0 && capacity > most_capacity);
  }
  /// Rules of ops on whole matrices make shapes of their own, and each a new one where extents are dynamic.
  static constexpr int shapes_of(const flat_node& f) {
    const op_row& op = world::rows()[f.op];
    int n = order * op.rule_nodes;
    if (op.kind == op_kind::call) {
      const flat_graph& body = world::called()[f.op];
      for (int i = 0; i < body.n; ++i) n += shapes_of(body.node[i]) + (body.loops ? 2 + order : 0);
      if (body.loops) n += 16;
    }
    return n;
  }
  static constexpr int shape_bound() {
    int n = 48 + 2 * size;
    for (int i = 0; i < size; ++i) n += shapes_of(nodes::value.at[i]);
    return n;
  }
  static constexpr int shape_capacity = shape_bound();
  static constexpr int output_capacity = Roots::n + (Kind == derive::tangent     ? 1
                                                     : Kind == derive::curvature ? 2 * Wrt::n
                                                                                 : Wrt::n);
  using lowered = computation<capacity, shape_capacity, output_capacity>;

  struct scratch {
    array_node node[capacity]{};
    int chain[capacity]{}, home[capacity]{};
    extents shape[shape_capacity]{};
  };

  /// Lowers the graph's nodes; `to` says where each went.
  static constexpr void lower(graph_builder& b, int* to) {
    for (int i = 0; i < size; ++i) {
      flat_node f = nodes::value.at[i];
      f.argument = -1;  // at the top, numbered arguments are leaves like others
      to[i] = b.splice_node(f, to, nullptr, nodes::value.at);
    }
  }

  static constexpr graph_builder builder(scratch& s) {
    graph_builder b{s.node,
                    s.chain,
                    capacity,
                    s.shape,
                    shape_capacity,
                    world::rows(),
                    world::called(),
                    world::table::id,
                    world::table::size,
                    Rules & ~pass::unfused};
    b.home = s.home;
    return b;
  }

  static constexpr void same_extents(graph_builder& b, int x, int y) {
    for (int k = 0; k < b.shape_of(x).rank && k < b.shape_of(y).rank; ++k)
      b.scope.equate(b.shape_of(x)[k], b.shape_of(y)[k]);
  }

  /// Each dynamic extent that is not another's class makes a shape of its own.
  struct classes {
    static constexpr int room = has_dynamic() ? shape_capacity * max_rank : 0;
    index of[room + 1]{};
    index n = 0;
    bool meet = false;  // at least two of them
  };
  /// Which dynamic extents the graph makes meet: one lowering that only records it.
  static constexpr void find_classes(classes& c) {
    scratch s;
    int to[size + 1]{};
    graph_builder b = builder(s);
    b.scope.dynamic = c.of;
    b.dynamic_classes = classes::room;
    lower(b, to);
    if constexpr (Kind == derive::pullback)
      for (int r = 0; r < seeds; ++r) same_extents(b, to[Roots::at[r]], to[size - seeds + r]);
    if constexpr (Kind == derive::tangent || Kind == derive::curvature)
      for (int w = 0; w < Wrt::n; ++w) same_extents(b, to[Wrt::at[w]], to[size - Wrt::n + w]);
    c.n = b.dynamics;
    for (index i = 0; i < c.n; ++i) {
      c.of[i] = b.scope.find(first_dyn_code - i);
      c.meet = c.meet || c.of[i] != first_dyn_code - i;
    }
  }

  static constexpr lowered compute() {
    lowered all;
    scratch s;
    int to[size + 1]{};
    graph_builder b = builder(s);
    [[maybe_unused]] constexpr bool unify = has_dynamic() && Dynamic == dynamic_extents::equal;
    classes c;
    if constexpr (unify) {
      find_classes(c);
      b.dynamic_class = c.of;
      b.dynamic_classes = c.n;
      all.unified = c.meet;
    }
    lower(b, to);
    const int forward = b.n, forward_loops = b.loops;
    for (int r = 0; r < Roots::n; ++r) all.outputs[all.output_count++] = to[Roots::at[r]];
    if constexpr (order > 0) derive_outputs(b, to, all);
    name_outputs(b, all);
    keep_live(b, forward, forward_loops, all);
    return all;
  }

  template <class All>
  static constexpr void derive_outputs(graph_builder& b, const int* to, All& all) {
    const int root = to[Roots::at[0]];
    if constexpr (Kind == derive::tangent) {
      forward_sweep<capacity> sweep{b, world::rules()};
      for (int w = 0; w < Wrt::n; ++w) sweep.at[to[Wrt::at[w]]] = to[size - Wrt::n + w];
      sweep.run(root);
      all.outputs[all.output_count++] = sweep.of(root);
    } else {
      reverse_sweep<capacity> sweep{b, world::rules()};
      for (int w = 0; w < Wrt::n; ++w) sweep.active[to[Wrt::at[w]]] = true;
      for (int r = 1; r < seeds; ++r) sweep.seed(to[Roots::at[r]], to[size - seeds + r]);
      sweep.run(root, Kind == derive::pullback ? to[size - seeds] : b.number(1, b.node[root].type));
      int gradient[Wrt::n + 1]{}, last = 0;
      for (int w = 0; w < Wrt::n; ++w) {
        gradient[w] = all.outputs[all.output_count++] = sweep.of(to[Wrt::at[w]]);
        last = gradient[w] > last ? gradient[w] : last;
      }
      if constexpr (Kind == derive::curvature) {
        forward_sweep<capacity> second{b, world::rules()};
        for (int w = 0; w < Wrt::n; ++w) second.at[to[Wrt::at[w]]] = to[size - Wrt::n + w];
        second.run(last);
        for (int w = 0; w < Wrt::n; ++w) all.outputs[all.output_count++] = second.of(gradient[w]);
      }
    }
  }

  /// Gives each output a node of its own that computes it: a leaf, a strided view or a repeated output is
  /// copied. A view that keeps the order of elements is its operand, as far as memory goes.
  template <class All>
  static constexpr void name_outputs(graph_builder& b, All& all) {
    for (int o = 0; o < all.output_count; ++o) {
      int& out = all.outputs[o];
      all.output_shape[o] = b.node[out].shape;
      const int view = out;
      int base = out;
      bool reshaped = false;
      while (b.op_of(base).aliases || b.is(base, core::reshape)) {
        reshaped = reshaped || b.is(base, core::reshape);
        base = b.node[base].in[0];
      }
      const op_kind behind = b.op_of(base).kind;
      if (behind == op_kind::map || behind == op_kind::reduction || behind == op_kind::contraction ||
          behind == op_kind::opaque || behind == op_kind::loop)
        out = base;
      const op_kind kind = b.op_of(out).kind;
      bool copied = kind == op_kind::leaf || kind == op_kind::constant || kind == op_kind::bound_scalar ||
                    kind == op_kind::view;
      for (int other = 0; other < o; ++other) copied = copied || all.outputs[other] == out;
      if (copied) out = b.copy_of(out, o);
      all.output_view[o] = reshaped ? view : out;
    }
  }

  template <class All>
  static constexpr void keep_live(graph_builder& b, int forward, int forward_loops, All& all) {
    bool live[capacity]{};
    int to[capacity]{};
    for (int o = 0; o < all.output_count;
         ++o)  // a reshape resolved away too: run time infers and checks extents
      live[all.outputs[o]] = live[all.output_view[o]] = true;
    for (int i = 0; i < b.n;
         ++i)  // also what only lends its extents: they are checked, whatever was simplified away
      live[i] = live[i] || b.op_of(i).kind == op_kind::leaf;
    if (b.loops > 0) {
      bool first[capacity]{};
      for (int o = 0; o < all.output_count; ++o) first[all.outputs[o]] = first[all.output_view[o]] = true;
      mark_needed(b, first, false);
      own_shapes<capacity>(b, first);
    }
    bool computed[capacity]{};
    for (int o = 0; o < all.output_count; ++o) computed[all.outputs[o]] = true;
    mark_needed(b, computed, true);
    mark_needed(b, live, false);
    loop_order<capacity> sorted{b, live};
    if (b.loops > 0) sorted.run();
    for (int k = 0; k < (b.loops > 0 ? sorted.n : b.n); ++k) {
      const int i = b.loops > 0 ? sorted.at[k] : k;
      if (!live[i]) continue;
      to[i] = all.n;
      array_node node = b.node[i];
      for (int& x : node.in) x = x < 0 ? -1 : to[x];
      if (node.type == dtype::weak) node.type = dtype::float32;
      all.home[all.n] = b.home[i];
      all.idle[all.n] = !computed[i] && b.op_of(i).kind != op_kind::leaf;
      all.backward[all.n] = i >= forward && !belongs_to_forward(b, i, forward_loops);
      all.node[all.n++] = node;
    }
    for (int l = 0; l < b.loops; ++l) all.loop[l] = b.loop[l];
    all.loops = b.loops;
    for (int o = 0; o < all.output_count; ++o) all.outputs[o] = to[all.outputs[o]];
    for (int i = 0; i < b.shapes; ++i) all.shape[all.shapes++] = b.shape[i];
    all.dynamics = b.dynamics;
    all.error = b.scope.error;
    all.overflow = b.overflow || (b.loops > 0 && sorted.n < sorted.expected());
    all.irreversible = b.irreversible;
  }

  static constexpr lowered start() { return too_large() ? lowered{.overflow = true} : compute(); }
  static constexpr auto unbounded = start();
  static_assert(
      !unbounded.overflow,
      "tenon: this graph is larger than its passes can hold, or has more than 32 loops; what a plain "
      "number stands in (x * 0.5) is copied wherever it is read: write 0.5_c, or pass it as an argument");
  static_assert(unbounded.error == misfit::none, "tenon: the extents inside this graph do not fit");

  static constexpr auto shrunk() {
    computation<unbounded.n, unbounded.shapes, unbounded.output_count> r;
    r.n = unbounded.n;
    r.shapes = unbounded.shapes;
    r.output_count = unbounded.output_count;
    r.dynamics = unbounded.dynamics;
    r.loops = unbounded.loops;
    for (int l = 0; l < r.loops; ++l) r.loop[l] = unbounded.loop[l];
    for (int i = 0; i < r.n; ++i) {
      r.home[i] = unbounded.home[i];
      r.idle[i] = unbounded.idle[i];
      r.node[i] = unbounded.node[i];
      r.backward[i] = unbounded.backward[i];
    }
    for (int i = 0; i < r.shapes; ++i) r.shape[i] = unbounded.shape[i];
    for (int i = 0; i < r.output_count; ++i) {
      r.outputs[i] = unbounded.outputs[i];
      r.output_shape[i] = unbounded.output_shape[i];
    }
    return r;
  }
  static constexpr auto result = shrunk();
};

}  // namespace tenon::detail
