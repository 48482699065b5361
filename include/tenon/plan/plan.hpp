// A plan: tables that one executor walks, and one kernel type per distinct fused program.
#pragma once

#include "tenon/plan/launch.hpp"
#include "tenon/plan/partition.hpp"
#include "tenon/plan/program.hpp"

namespace tenon::detail {

// ---- a kernel's program as values -------------------------------------------------------------------------

struct raw_step {
  step_kind kind = step_kind::load;
  bool row = false;
  dtype type = dtype::none;
  int op = -1, slot = -1, out = -1;
  int in[max_operands] = {-1, -1, -1};
  index bits = 0;
};

/// How a load or an output of a kernel lies in its iteration space.
struct kernel_operand {
  int node = -1;
  bool row = false;                // no axes of the row
  row_form form = row_form::kept;  // squeezed: the axes are those of the rows alone
  bool accumulated = false;
};

template <int Steps>
struct raw_program {
  raw_step step[Steps + 1]{};
  kernel_operand load[Steps + 1]{}, output[Steps + 1]{};
  int n = 0, loads = 0, outputs = 0;
};

template <class Computation, int N>
constexpr auto make_program(const Computation& c, const partition<N>& p, const op_row* op, int which) {
  constexpr int most = 4 * max_kernel_nodes + 8;
  raw_program<most> r;
  int local[N + 1]{}, local_row[N + 1]{}, local_squeezed[N + 1]{};
  for (int i = 0; i < N; ++i) local[i] = local_row[i] = local_squeezed[i] = -1;
  for (int i = 0; i < N; ++i) {
    if (p.step[i] != which) continue;
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
      if (p.step[x] == which && p.base[x] == x) {
        s.in[k] = local[x];
        operand_row = p.where[x] == place::row;
        continue;
      }
      if (op[c.node[x].op].kind == op_kind::constant) {
        if (local[x] < 0) {
          local[x] = r.n;
          raw_step number;
          number.kind = step_kind::literal;
          number.row = true;
          number.type = c.node[x].type;
          number.bits = c.node[x].attribute.a[0];
          r.step[r.n++] = number;
        }
        s.in[k] = local[x];
        continue;
      }
      // an operand from memory: for the whole row where its row axes have extent 1, and where a row value
      // reads it
      const extents& e = c.shape[c.node[x].shape];
      bool whole_row = s.kind != step_kind::row_reduction && p.inner[which] > 0;
      for (int a = 0; a < p.inner[which] && !s.row; ++a) whole_row = whole_row && e.from_right(a).code == 1;
      const bool squeezed = s.row && s.kind == step_kind::map && p.form[i] == row_form::squeezed;
      int& known = squeezed ? local_squeezed[x] : whole_row ? local_row[x] : local[x];
      if (known < 0) {
        known = r.n;
        raw_step l;
        l.kind = step_kind::load;
        l.row = whole_row;
        l.type = c.node[x].type;
        l.slot = r.loads;
        r.load[r.loads++] = {x, whole_row, squeezed ? row_form::squeezed : row_form::kept, false};
        r.step[r.n++] = l;
      }
      s.in[k] = known;
      operand_row = whole_row;
    }
    if (s.kind == step_kind::accumulation) s.row = operand_row;
    if (row.arity == 1 && row.shape_only == 0) s.kind = step_kind::position;
    if (p.stored[i]) {
      s.out = r.outputs;
      r.output[r.outputs++] = {i, s.row, p.form[i], s.kind == step_kind::accumulation};
    }
    local[i] = r.n;
    r.step[r.n++] = s;
  }
  return r;
}

// ---- the executor's tables --------------------------------------------------------------------------------

/// A compiled kernel, without types.
struct kernel_row {
  void (*run)(const void* launch, index task, int worker);
  void (*clear)(const fused_launch&);  // null without accumulations
  void (*combine)(const fused_launch&);
  int scratch_rows, passes;
  bool reduces_rows;
  bool positions;  // rows are along the last axis of the space, and along no other
};

struct product_row {
  index (*workspace)(index m, index n, index k, int threads);
  void (*run)(const product_launch&, int threads);
};

struct step_row {
  const kernel_row* kernel = nullptr;    // a fused kernel, or
  const product_row* product = nullptr;  // a matrix product; neither: an embedding
  int first = -1, space = -1, inner = 0;
  const kernel_operand *load = nullptr, *output = nullptr;
  int loads = 0, outputs = 0;
};

/// Everything about a plan that run time needs: plain arrays.
struct plan_table {
  int nodes, steps, prologue, forward, outputs, leaves, names, total_loads, total_outputs;
  index dynamics;
  const array_node* node;
  const extents* shape;
  const op_row* op;
  const int *step_of, *base, *last_use, *output, *output_shape,
      *leaf;  // leaf: the place of a node among the graph's leaves, or -1
  const bool* stored;
  const step_row* step;
  const char* const* name;
};

template <class T>
struct text_of;
template <class... C>
struct text_of<list<C...>> {
  static constexpr const char* value[sizeof...(C) + 1] = {C::text..., nullptr};
};

template <int N>
struct kernel_operands {
  kernel_operand at[N + 1]{};
};
template <int N>
constexpr kernel_operands<N> cut(const kernel_operand* from) {
  kernel_operands<N> r;
  for (int i = 0; i < N; ++i) r.at[i] = from[i];
  return r;
}

/// The plan of a graph for an evaluator: `Backend::kernel<Program>` gives the row of a program's kernel.
template <class Passes, class Backend, bool Split>
struct plan {
  using world = typename Passes::world;
  static constexpr const auto& graph = Passes::result;
  static constexpr int nodes = Passes::unbounded.n;

  static constexpr auto make_partition() {
    partitioner<std::remove_cvref_t<decltype(graph)>> p{graph, world::rows(), Split};
    return p.run();
  }
  static constexpr auto parts = make_partition();
  static constexpr int steps = parts.count;

  template <int Q>
  struct lifted {
    static constexpr auto raw = make_program(graph, parts, world::rows(), Q);
    // what run time reads, at its own size: the raw program is no object of the program
    static constexpr auto load = cut<raw.loads>(raw.load);
    static constexpr auto output = cut<raw.outputs>(raw.output);
    template <int I>
    static auto instruction_type() {
      constexpr raw_step s = raw.step[I];
      using T = type_of<s.type>;
      if constexpr (s.kind == step_kind::load)
        return read_operand<s.slot, T, s.row>{};
      else if constexpr (s.kind == step_kind::literal)
        return literal<T, s.bits>{};
      else if constexpr (s.kind == step_kind::position)
        return row_position<T, s.out>{};
      else
        return computed<I, T, entry_op<at<s.op, typename world::ops>>>();
    }
    template <int I, class T, class Op>
    static auto computed() {
      constexpr raw_step s = raw.step[I];
      if constexpr (s.kind == step_kind::row_reduction)
        return row_reduction<Op, T, s.out, s.in[0]>{};
      else if constexpr (s.kind == step_kind::accumulation)
        return accumulation<Op, T, s.row, s.out, s.in[0]>{};
      else if constexpr (s.in[2] >= 0)
        return instruction<Op, T, s.row, s.out, s.in[0], s.in[1], s.in[2]>{};
      else if constexpr (s.in[1] >= 0)
        return instruction<Op, T, s.row, s.out, s.in[0], s.in[1]>{};
      else
        return instruction<Op, T, s.row, s.out, s.in[0]>{};
    }
    template <class Indices>
    struct make;
    template <int... I>
    struct make<std::integer_sequence<int, I...>> {
      using type = program<decltype(instruction_type<I>())...>;
    };
    using type = typename make<std::make_integer_sequence<int, raw.n>>::type;
  };

  template <int Q>
  static constexpr step_row step() {
    step_row s;
    s.first = parts.first[Q];
    if constexpr (parts.fused[Q]) {
      using L = lifted<Q>;
      s.kernel = &Backend::template kernel<typename L::type>;
      s.space = parts.space[Q];
      s.inner = parts.inner[Q];
      s.load = L::load.at;
      s.output = L::output.at;
      s.loads = L::raw.loads;
      s.outputs = L::raw.outputs;
    } else {
      constexpr array_node node = graph.node[parts.first[Q]];
      if constexpr (world::rows()[node.op].kind == op_kind::contraction)
        s.product = &Backend::template product<type_of<node.type>>;
    }
    return s;
  }

  template <class Indices>
  struct tables;
  template <int... Q>
  struct tables<std::integer_sequence<int, Q...>> {
    static constexpr step_row value[sizeof...(Q) + 1] = {step<Q>()..., step_row{}};
  };
  using step_tables = tables<std::make_integer_sequence<int, steps>>;

  struct leaf_places {
    int at[nodes + 1];
    int n;
  };
  /// Leaves keep the order of the graph's type.
  static constexpr leaf_places find_leaves() {
    leaf_places r{};
    for (int i = 0; i < nodes; ++i) r.at[i] = -1;
    for (int g = 0; g < Passes::size; ++g) {
      const int op = Passes::nodes::value.at[g].op;
      if (world::rows()[op].kind != op_kind::leaf) continue;
      for (int i = 0; i < nodes; ++i)
        if (graph.node[i].op == op) r.at[i] = r.n;
      ++r.n;
    }
    return r;
  }
  static constexpr leaf_places leaves = find_leaves();

  static constexpr int total(int step_row::*what) {
    int n = 0;
    for (int q = 0; q < steps; ++q) n += step_tables::value[q].*what;
    return n;
  }

  static constexpr plan_table table{nodes,
                                    steps,
                                    parts.prologue,
                                    parts.forward,
                                    graph.output_count,
                                    leaves.n,
                                    world::names::size,
                                    total(&step_row::loads),
                                    total(&step_row::outputs),
                                    graph.dynamics,
                                    graph.node,
                                    graph.shape,
                                    world::bound_rows(),
                                    parts.step,
                                    parts.base,
                                    parts.last_use,
                                    graph.outputs,
                                    graph.output_shape,
                                    leaves.at,
                                    parts.stored,
                                    step_tables::value,
                                    text_of<typename world::names>::value};
};

}  // namespace tenon::detail
