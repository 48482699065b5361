// A plan: tables that one executor walks, and one kernel type per distinct fused program.
#pragma once

#include "tenon/plan/arena.hpp"
#include "tenon/plan/launch.hpp"
#include "tenon/plan/programs.hpp"

namespace tenon::detail {

// ---- the executor's tables --------------------------------------------------------------------------------

/// A compiled kernel, without types.
struct kernel_row {
  void (*run)(const void* launch, index task, int worker);
  void (*clear)(const fused_launch&);    // null without accumulations
  void (*combine)(const fused_launch&);  // null without accumulations and parts
  int scratch_rows, passes;
  bool reduces_rows;
  bool positions;  // rows are along the last axis of the space, and along no other
  int accumulations = 0;
  int split_reductions = 0;  // where rows may be reduced in parts: how many reductions there are; else 0
  index grain = 16384;       // elements of a task
};

struct product_row {
  index (*workspace)(const product_launch&, int threads);
  void (*run)(const product_launch&, int threads);
};

struct step_row {
  const kernel_row* kernel = nullptr;    // a fused kernel, or
  const product_row* product = nullptr;  // a matrix product; neither: an opaque op
  int first = -1, space = -1, inner = 0;
  const kernel_operand *load = nullptr, *output = nullptr;
  int loads = 0, outputs = 0;
  int loop = -1;         // the loop that this step begins, or ends
  bool follows = false;  // fused: may go over the tiles of the product before it
};

/// Everything about a plan that run time needs: plain arrays.
struct plan_table : plan_values {
  int leaves, total_loads, total_outputs;
  const step_row* step;
  const int* into;  // see partition
};

template <class T>
struct text_of;
template <class... C>
struct text_of<list<C...>> {
  static constexpr const char* value[sizeof...(C) + 1] = {C::text..., nullptr};
};

// ---- programs as types ------------------------------------------------------------------------------------

/// The instruction that a step stands for.
template <step_kind Kind, class Op, class T, bool Row, int Out, int A, int B, int C>
struct instruction_of;
template <class Op, class T, bool Row, int Out, int A>
struct instruction_of<step_kind::map, Op, T, Row, Out, A, -1, -1> {
  using type = instruction<Op, T, Row, Out, A>;
};
template <class Op, class T, bool Row, int Out, int A, int B>
struct instruction_of<step_kind::map, Op, T, Row, Out, A, B, -1> {
  using type = instruction<Op, T, Row, Out, A, B>;
};
template <class Op, class T, bool Row, int Out, int A, int B, int C>
struct instruction_of<step_kind::map, Op, T, Row, Out, A, B, C> {
  using type = instruction<Op, T, Row, Out, A, B, C>;
};
template <class Op, class T, bool Row, int Out, int A>
struct instruction_of<step_kind::row_reduction, Op, T, Row, Out, A, -1, -1> {
  using type = row_reduction<Op, T, Out, A>;
};
template <class Op, class T, bool Row, int Out, int A>
struct instruction_of<step_kind::accumulation, Op, T, Row, Out, A, -1, -1> {
  using type = accumulation<Op, T, Row, Out, A>;
};

/// The plan of a graph for an evaluator: `Backend::kernel<Program>` gives the row of a program's kernel.
template <class Passes, class Backend, bool Split>
struct plan {
  using world = typename Passes::world;
  static constexpr const auto& graph = Passes::result;
  using passes_type = Passes;
  static constexpr int nodes = graph.n;
  static_assert(
      !Passes::unbounded.irreversible,
      "tenon: while_loop has reverse derivatives only with a bound: while_loop(condition, step, init, "
      "max_steps<N>{})");

  static constexpr auto make_partition() {
    partitioner<std::remove_cvref_t<decltype(graph)>> p{graph, world::rows(), Split, Passes::fuses};
    return p.run();
  }
  static constexpr auto parts = make_partition();
  static constexpr int steps = parts.count;

  static constexpr auto write_programs() {
    program_writer<std::remove_cvref_t<decltype(graph)>, nodes> w{graph, parts, world::rows()};
    w.run();
    return w.all;
  }
  static constexpr auto programs = write_programs();
  static constexpr auto operands = operands_of<programs.loads, programs.outputs>(programs);

  template <int I, step_kind Kind = programs.step[I].kind>
  struct lifted_step {
    static constexpr raw_step s = programs.step[I];
    using type = typename instruction_of<Kind, at<s.op, typename world::ops>, type_of<s.type>, s.row, s.out,
                                         s.in[0], s.in[1], s.in[2]>::type;
  };
  template <int I>
  struct lifted_step<I, step_kind::load> {
    static constexpr raw_step s = programs.step[I];
    using type = read_operand<s.slot, type_of<s.type>, s.row>;
  };
  template <int I>
  struct lifted_step<I, step_kind::literal> {
    static constexpr raw_step s = programs.step[I];
    using type = literal<type_of<s.type>, s.bits>;
  };
  template <int I>
  struct lifted_step<I, step_kind::position> {
    static constexpr raw_step s = programs.step[I];
    using type = row_position<type_of<s.type>, s.out>;
  };
  template <int First, class Indices>
  struct lifted_steps;
  template <int First, int... I>
  struct lifted_steps<First, std::integer_sequence<int, I...>> {
    using type = program<typename lifted_step<First + I>::type...>;
  };
  /// The P-th distinct program as a type.
  template <int P>
  struct lifted : lifted_steps<programs.first[P], std::make_integer_sequence<int, programs.length(P)>> {};

  static constexpr bool multiplies(dtype type) {
    for (int q = 0; q < steps; ++q) {
      const array_node& node = graph.node[parts.first[q]];
      if (!parts.fused[q] && node.type == type && world::rows()[node.op].kind == op_kind::contraction)
        return true;
    }
    return false;
  }
  static constexpr bool has_products() {
    for (int q = 0; q < steps; ++q)
      if (!parts.fused[q] && world::rows()[graph.node[parts.first[q]].op].kind == op_kind::contraction)
        return true;
    return false;
  }
  template <dtype D>
  static constexpr const product_row* product() {
    if constexpr (multiplies(D))
      return &Backend::template product<type_of<D>>;
    else
      return nullptr;
  }

  struct step_table {
    step_row at[steps + 1]{};
  };
  template <int... P, int... D>
  static constexpr step_table make_steps(std::integer_sequence<int, P...>, std::integer_sequence<int, D...>) {
    constexpr const kernel_row* kernels[] = {&Backend::template kernel<typename lifted<P>::type>..., nullptr};
    constexpr const product_row* products[] = {product<static_cast<dtype>(D)>()..., nullptr};
    step_table t;
    for (int q = 0; q < steps; ++q) {
      step_row& s = t.at[q];
      s.first = parts.first[q];
      s.loop = parts.loop[q];
      if (parts.fused[q]) {
        const kernel_use& use = programs.use[q];
        s.kernel = kernels[use.program];
        s.space = parts.space[q];
        s.inner = parts.inner[q];
        s.load = operands.load + use.load;
        s.output = operands.output + use.output;
        s.loads = use.loads;
        s.outputs = use.outputs;
        s.follows = parts.follows[q];
      } else if (world::rows()[graph.node[s.first].op].kind == op_kind::contraction) {
        s.product = products[static_cast<int>(graph.node[s.first].type)];
      }
    }
    return t;
  }
  static constexpr step_table step_rows =
      make_steps(std::make_integer_sequence<int, programs.programs>{},
                 std::make_integer_sequence<int, has_products() ? dtype_count : 0>{});

  struct loop_table {
    loop_row at[graph.loops + 1]{};
  };
  static constexpr loop_table make_loops() {
    loop_table t;
    for (int l = 0; l < graph.loops; ++l)
      t.at[l] = {parts.begin[l], parts.end[l], graph.loop[l].flag, graph.loop[l].reverse,
                 graph.loop[l].flag && graph.loop[l].length == 1};
    return t;
  }
  static constexpr loop_table loops = make_loops();

  struct op_rows {
    op_row at[world::table::size]{};
  };
  /// Rows as run time needs them: of the ops that are there, without derivatives. What a row names, each unit
  /// compiles.
  static constexpr op_rows bound_ops() {
    op_rows r;
    for (int i = 0; i < nodes; ++i) {
      op_row& row = r.at[graph.node[i].op];
      row = world::rows()[graph.node[i].op];
      row.pullback = nullptr;
      row.weight = nullptr;
      row.pushforward = nullptr;
    }
    return r;
  }
  static constexpr op_rows ops = bound_ops();

  struct leaf_places {
    int at[nodes + 1];
    int n;
  };
  /// Leaves keep the order of the graph's type.
  static constexpr leaf_places find_leaves() {
    leaf_places r{};
    int found[nodes + 1]{}, n = 0;
    for (int i = 0; i < nodes; ++i) {
      r.at[i] = -1;
      if (world::rows()[graph.node[i].op].kind == op_kind::leaf) found[n++] = i;
    }
    for (int g = 0; g < Passes::size; ++g) {
      const flat_node& leaf = Passes::nodes::value.at[g];
      if (world::rows()[leaf.op].kind != op_kind::leaf) continue;
      for (int k = 0; k < n; ++k)
        if (graph.node[found[k]].attribute == leaf.attribute) r.at[found[k]] = r.n;
      ++r.n;
    }
    return r;
  }
  static constexpr leaf_places leaves = find_leaves();

  static constexpr plan_values values{nodes,
                                      steps,
                                      parts.prologue,
                                      parts.forward,
                                      graph.output_count,
                                      world::names::size,
                                      graph.dynamics,
                                      graph.node,
                                      graph.shape,
                                      ops.at,
                                      text_of<typename world::names>::value,
                                      graph.outputs,
                                      graph.output_shape,
                                      leaves.at,
                                      parts.step,
                                      parts.base,
                                      parts.last_use,
                                      parts.born,
                                      parts.inside,
                                      parts.shares,
                                      parts.until,
                                      parts.stored,
                                      parts.pass,
                                      parts.fused,
                                      parts.first,
                                      graph.loops,
                                      loops.at};
  static constexpr plan_table table{values,           leaves.n,     programs.loads,
                                    programs.outputs, step_rows.at, parts.into};
};

}  // namespace tenon::detail
