// A graph as it was written, as plain records: what files of it hold and what two of them are compared by.
//
// Calls are opened, common subexpressions of equal type are one node already, nothing is simplified: how the
// library simplifies may change from version to version, what was written does not.
#pragma once

#include <string>
#include <vector>

#include "tenon/symbol/cost.hpp"

namespace tenon {

/// An extent of a record: a size, a name, or neither where it is dynamic.
struct recorded_extent {
  index size = -1;
  std::string name;
  bool operator==(const recorded_extent&) const = default;
};

/// A graph as records, in an order in which each node comes after its inputs.
struct graph_record {
  struct node {
    std::string op;     // "variable", "argument", "parameter", "array" for leaves, else the op's name
    std::string name;   // of a variable, or of a parameter's layer
    index number = -1;  // of an argument, a parameter or an array
    std::vector<index> inputs, attributes;  // attributes: as the op declares them, without zeros at the end
    bool has_value = false;
    double value = 0;  // of a constant
    std::string dtype;
    std::vector<recorded_extent> shape;
    bool operator==(const node&) const = default;
  };
  std::vector<node> nodes;
  std::vector<index> outputs;
  bool operator==(const graph_record&) const = default;
};

namespace detail {

/// A node as it was written, with the shape and dtype that lowering finds.
struct written_node {
  int op = -1, leaf = -1;
  int in[max_operands] = {-1, -1, -1};
  attributes attribute{};
  extents shape{};
  dtype type = dtype::none;
};

template <class Graph, class Roots>
struct written_graph {
  using P = passes<Graph, Roots, derive::nothing, places<>>;
  using world = typename P::world;
  static constexpr bool loops() {
    for (int i = 0; i < world::table::size; ++i)
      if (world::rows()[i].part == loop_part::whole) return true;
    return false;
  }
  static constexpr int size = loops() ? P::capacity : written_nodes<P, derive::nothing>::written();
  struct op_text {
    const char* name;
    op_kind kind;
    int arity;
  };
  struct op_texts {
    op_text at[world::table::size]{};
  };
  /// Of ops what records need; what a whole row names, each unit would compile.
  static constexpr op_texts find_ops() {
    op_texts r;
    for (int i = 0; i < world::table::size; ++i)
      r.at[i] = {world::rows()[i].name, world::rows()[i].kind, world::rows()[i].arity};
    return r;
  }
  static constexpr op_texts ops = find_ops();
  struct table {
    written_node at[size + 1]{};
    int n = 0;
    int output[Roots::n + 1]{};
    int written[P::capacity]{};  // what a node in the builder was written as, counted from 1
  };
  /// Where a node of the graph, or of a call's body, went: among what was written, and in the builder.
  struct place {
    int written = -1, lowered = -1;
  };

  /// A loop as lowering opens it: its parts, and between them the nodes of its body.
  static constexpr place add_loop(graph_builder& b, table& t, const flat_node& f, const place* to,
                                  const flat_node* body) {
    int lowered[P::capacity]{}, operand[graph_builder::max_packed]{};
    for (int i = 0; &body[i] != &f; ++i) lowered[i] = to[i].lowered;
    const int operands = b.unpack(body, f.in[0], lowered, operand), first = b.n;
    const int results = b.open(world::called()[f.op], operand, operands);
    for (int i = first; i < b.n; ++i) (void)add_lowered(b, t, i);
    return {-1, results};
  }
  /// A node of the builder, after those that it reads: a loop's own, or what lowering made outside of it.
  static constexpr int add_lowered(graph_builder& b, table& t, int i) {
    if (t.written[i] > 0) return t.written[i] - 1;
    const array_node& n = b.node[i];
    written_node w;
    w.op = n.op;
    for (int k = 0; k < world::rows()[n.op].arity; ++k) w.in[k] = add_lowered(b, t, n.in[k]);
    w.attribute = n.attribute;
    if (n.op == core::reshape) w.attribute = {};
    w.shape = b.shape_of(i);
    w.type = n.type;
    t.at[t.n] = w;
    t.written[i] = ++t.n;
    return t.n - 1;
  }

  static constexpr place add(graph_builder& b, table& t, const flat_node& f, const place* to,
                             const place* arguments, const flat_node* around) {
    if (f.argument >= 0 && arguments != nullptr) return arguments[f.argument];
    const op_row& row = world::rows()[f.op];
    if (row.part == loop_part::pack) return {};
    if (row.part == loop_part::whole) return add_loop(b, t, f, to, around);
    if (row.part == loop_part::result) {
      const int node = b.result[to[f.in[0]].lowered + f.attribute.a[0]];
      return {add_lowered(b, t, node), node};
    }
    place in[max_operands]{};
    for (int k = 0; k < row.arity; ++k) in[k] = to[f.in[k]];
    if (row.kind == op_kind::call) {
      const flat_graph& body = world::called()[f.op];
      place inside[P::capacity]{};
      for (int i = 0; i < body.n; ++i) inside[i] = add(b, t, body.node[i], inside, in, body.node);
      return inside[body.root];
    }
    flat_node alone = f;
    alone.argument = -1;
    int lowered[max_operands]{};
    for (int k = 0; k < row.arity; ++k) {
      lowered[k] = in[k].lowered;
      alone.in[k] = k;
    }
    const place p{t.n, b.splice_node(alone, lowered, nullptr, nullptr)};
    written_node& w = t.at[t.n++];
    w.op = f.op;
    for (int k = 0; k < row.arity; ++k) w.in[k] = in[k].written;
    w.attribute = f.attribute;
    w.shape = b.shape_of(p.lowered);
    w.type = b.node[p.lowered].type;
    t.written[p.lowered] = p.written + 1;
    return p;
  }
  static constexpr table compute() {
    table t;
    typename P::scratch s;
    graph_builder b = P::builder(s);
    place to[P::size + 1]{};
    int leaves = 0;
    for (int i = 0; i < P::size; ++i) {
      const flat_node& f = P::nodes::value.at[i];
      to[i] = add(b, t, f, to, nullptr, P::nodes::value.at);
      if (world::rows()[f.op].kind == op_kind::leaf) t.at[to[i].written].leaf = leaves++;
    }
    for (int r = 0; r < Roots::n; ++r) t.output[r] = to[Roots::at[r]].written;
    return t;
  }
  static constexpr table value = compute();
};

inline graph_record::node record_node(const written_node& w, const char* op, op_kind kind, int arity,
                                      const leaf_label* labels, const char* const* names) {
  graph_record::node n;
  n.op = op;
  n.dtype = name_of(w.type);
  for (int k = 0; k < w.shape.rank; ++k) {
    const index code = w.shape[k].code;
    recorded_extent e;
    if (is_static(code)) e.size = code;
    if (is_name(code)) e.name = names[first_name_code - code];
    n.shape.push_back(e);
  }
  if (w.leaf >= 0) {
    const leaf_label& l = labels[w.leaf];
    n.op = l.parameter ? "parameter" : l.argument >= 0 ? "argument" : l.name[0] != 0 ? "variable" : "array";
    n.name = l.name;
    if (l.argument >= 0) {
      n.number = l.argument;
    } else if (l.parameter || l.name[0] == 0) {
      n.number = 0;
      for (int k = 0; k < w.leaf; ++k)
        n.number += l.parameter ? labels[k].parameter
                                : !labels[k].parameter && labels[k].argument < 0 && labels[k].name[0] == 0;
    }
    return n;
  }
  for (int k = 0; k < arity; ++k) n.inputs.push_back(w.in[k]);
  if (kind == op_kind::constant) {
    n.has_value = true;
    n.value = std::bit_cast<double>(w.attribute.a[0]);
    return n;
  }
  n.attributes.assign(w.attribute.a, w.attribute.a + 4);
  while (!n.attributes.empty() && n.attributes.back() == 0) n.attributes.pop_back();
  return n;
}

}  // namespace detail

/// The graph behind an expression, a group, a compiled function or an executor, as records.
template <detail::explainable X>
graph_record record_graph(const X&) {
  using behind = detail::task_behind<X, false, detail::default_options>;
  using W = detail::written_graph<typename behind::graph_type, typename behind::roots>;
  using leaves = typename detail::leaves_of<typename behind::graph_type>::type;
  graph_record r;
  for (int i = 0; i < W::value.n; ++i) {
    const detail::written_node& w = W::value.at[i];
    const auto& op = W::ops.at[w.op];
    r.nodes.push_back(detail::record_node(w, op.name, op.kind, op.arity, detail::leaf_labels<leaves>::at,
                                          detail::text_of<typename W::world::names>::value));
  }
  for (int o = 0; o < behind::roots::n; ++o) r.outputs.push_back(W::value.output[o]);
  return r;
}

}  // namespace tenon
