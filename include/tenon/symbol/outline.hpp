// From an expression, a group, a compiled function or an executor to the outline of the plan that runs for
// it.
#pragma once

#include "tenon/plan/outline.hpp"
#include "tenon/symbol/bind.hpp"
#include "tenon/symbol/compile.hpp"

namespace tenon::detail {

// ---- from what users hold to the task that would run ------------------------------------------------------

template <class Members, bool Train, class Options>
struct graph_task : task_by<outputs_task<Members>, typename Options::passes> {};
template <class Members, class Options>
struct graph_task<Members, true, Options>
    : task_by<typename differentiation<Members, Options>::task, typename Options::passes> {};

template <class X, bool Train, class Options>
struct task_behind {
  static constexpr bool known = false;
};
template <class G, int R, class T, class S, bool Train, class Options>
struct task_behind<expression<G, R, T, S>, Train, Options>
    : graph_task<executor_members<G, places<R>, list<expression<G, R, T, S>>>, Train, Options> {
  static constexpr bool known = true;
  using graph_type = G;
  using roots = places<R>;
};
template <class G, int L, class... E, int... R, bool Train, class Options>
struct task_behind<expression_group<G, L, places<R...>, E...>, Train, Options>
    : graph_task<executor_members<G, places<R...>, list<E...>>, Train, Options> {
  static constexpr bool known = true;
  using graph_type = G;
  using roots = places<R...>;
};
template <class G, class Roots, class Values, class Own, class Unit, bool Train, class Options>
struct task_behind<executor<G, Roots, Values, Own, Unit>, Train, Options>
    : graph_task<executor_members<G, Roots, Values>, Train, Own> {
  static constexpr bool known = true;
  using graph_type = G;
  using roots = Roots;
};
template <class F, class E, class Unit, class Passes, class... A, bool Train, class Options>
struct task_behind<compiled<F, E, Unit, Passes, A...>, Train, Options> {
  static constexpr bool known = true;
  using type = typename task_by<typename compiled_task<F, E, A...>::type, Passes>::type;
  static_assert(!Train, "tenon: a compiled function has one plan; compile value_and_grad(f) to train");
  using graph_type = typename group_of<E>::graph_type;
  using roots = typename group_of<E>::roots;
};

// ---- the outline of a task's plan -------------------------------------------------------------------------

template <class L>
struct layer_of {
  using name = void;
};
template <int K, class N, class T, class S>
struct layer_of<model_parameter<K, N, T, S>> {
  using name = N;
};
template <class L>
constexpr leaf_label label_of() {
  leaf_label l;
  if constexpr (!std::is_void_v<typename leaf_traits<L>::name>) l.name = leaf_traits<L>::name::text;
  if constexpr (!std::is_void_v<typename layer_of<L>::name>) l.name = layer_of<L>::name::text;
  l.argument = leaf_traits<L>::argument;
  l.parameter = leaf_traits<L>::parameter;
  l.seed = l.argument >= first_extra_argument;
  return l;
}

template <class Leaves>
struct leaf_labels;
template <class... L>
struct leaf_labels<list<L...>> {
  static constexpr leaf_label at[sizeof...(L) + 1] = {label_of<L>()..., leaf_label{}};
};

/// How many nodes there were before what no output needs was dropped.
template <class P, derive Kind>
struct written_nodes {
  static constexpr int opened(const flat_node& f) {
    if (P::world::rows()[f.op].kind != op_kind::call) return 1;
    const flat_graph& body = P::world::called()[f.op];
    int n = 0;
    for (int i = 0; i < body.n; ++i) n += body.node[i].argument < 0 ? opened(body.node[i]) : 0;
    return n;
  }
  static constexpr int written() {
    int n = 0;
    for (int i = 0; i < P::size; ++i) n += opened(P::nodes::value.at[i]);
    return n - (Kind == derive::pullback);
  }
  static constexpr int distinct_nodes() {
    typename P::scratch s;
    int to[P::size + 1]{};
    graph_builder b = P::builder(s);
    P::lower(b, to);
    if constexpr (Kind != derive::nothing) {
      typename P::lowered unused;
      P::derive_outputs(b, to, unused);
    }
    return b.n;
  }
};

/// The plan of a task, by how it takes dynamic extents that meet.
template <class Plans, dynamic_extents>
struct plan_for {
  using type = typename Plans::usual;
};
template <class Graph, class Roots, derive Kind, class Wrt, bool Split, class Unit, unsigned Rules>
struct plan_for<plans<Graph, Roots, Kind, Wrt, Split, Unit, Rules>, dynamic_extents::any> {
  using type = cpu_plan<Graph, Roots, Kind, Wrt, dynamic_extents::any, Split, Unit, Rules>;
};

/// A task whose gradients update parameters within the plan; see optim/step_outline.hpp.
template <class Task>
struct updating_task : Task {
  static constexpr bool updates = true;
};

template <class Task, dynamic_extents Dynamic = dynamic_extents::equal>
struct outline_of {
  using plan_type = typename plan_for<typename Task::template plans_type<this_unit>, Dynamic>::type;
  using passes_type = typename plan_type::passes_type;
  using world = typename passes_type::world;
  using counts = written_nodes<passes_type, Task::kind>;
  static constexpr const auto& graph = passes_type::result;
  static constexpr int nodes = graph.n;
  static constexpr int names = world::names::size;
  static constexpr int dynamics = int(graph.dynamics);

  static constexpr const bool* find_copies() {
    if constexpr (requires { graph.again[0]; })
      return graph.again;
    else
      return nullptr;
  }

  struct leaf_numbers {
    int at[Task::wrt::n + 1]{};
  };
  static constexpr leaf_numbers find_wrt() {
    leaf_numbers r;
    for (int w = 0; w < Task::wrt::n; ++w)
      for (int i = 0; i < Task::wrt::at[w]; ++i)
        r.at[w] += world::rows()[passes_type::nodes::value.at[i].op].kind == op_kind::leaf;
    return r;
  }
  static constexpr leaf_numbers wrt = find_wrt();

  static constexpr plan_outline make() {
    plan_outline o{plan_type::values};
    o.backward = graph.backward;
    o.follows = plan_type::parts.follows;
    o.use = plan_type::programs.use;
    o.load = plan_type::operands.load;
    o.out = plan_type::operands.output;
    o.label = leaf_labels<typename Task::leaves>::at;
    o.written = counts::written();
    o.distinct = counts::distinct_nodes();
    o.forward_only = Task::kind == derive::nothing;
    o.roots = Task::roots::n;
    o.wrt_leaves = wrt.at;
    o.loop_of_step = plan_type::parts.loop;
    o.copies = find_copies();
    o.updates = requires { Task::updates; };
    return o;
  }
  static constexpr plan_outline value = make();
  using sizes = sized_plan<nodes, names, dynamics>;

  /// Whether every extent of the leaves is a size.
  static constexpr bool is_static() {
    for (int i = 0; i < nodes; ++i)
      for (int k = 0; k < value.shape[value.node[i].shape].rank; ++k)
        if (!tenon::is_static(value.shape[value.node[i].shape][k].code)) return false;
    return true;
  }
};

}  // namespace tenon::detail
