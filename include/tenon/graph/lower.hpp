// From the type of a graph to arrays: the table of its ops, the rules of their derivatives, its nodes.
#pragma once

#include "tenon/graph/builder.hpp"
#include "tenon/graph/loop.hpp"
#include "tenon/ops/core_ops.hpp"
#include "tenon/ops/loop_parts.hpp"

namespace tenon::detail {

// ---- rules: partial<K> and select<K> of an op as small graphs over placeholders y, x0, x1, x2 -------------

template <int K>
using rule_operand = argument<K, any_dtype, any_shape>;

template <class Op, int K>
constexpr auto partial_rule() {
  constexpr rule_operand<0> y;
  constexpr rule_operand<1> a;
  constexpr rule_operand<2> b;
  constexpr rule_operand<3> c;
  if constexpr (requires { Op::template partial<K>(y, a); })
    return Op::template partial<K>(y, a);
  else if constexpr (requires { Op::template partial<K>(y, a, b); })
    return Op::template partial<K>(y, a, b);
  else if constexpr (requires { Op::template partial<K>(y, a, b, c); })
    return Op::template partial<K>(y, a, b, c);
  else
    return 1_c;
}
template <class Op, int K>
constexpr auto select_rule() {
  if constexpr (Op::arity == 1)
    return Op::template select<K>(rule_operand<0>{}, rule_operand<1>{});
  else if constexpr (Op::arity == 2)
    return Op::template select<K>(rule_operand<0>{}, rule_operand<1>{}, rule_operand<2>{});
  else
    return Op::template select<K>(rule_operand<0>{}, rule_operand<1>{}, rule_operand<2>{}, rule_operand<3>{});
}

struct no_rule {
  using graph_type = graph<>;
  static constexpr int root = -1;
};
template <class Op, int K>
constexpr bool has_partials =
    Op::kind == op_kind::map&& Op::smooth&& K < Op::arity&& K != Op::shape_only&& K != Op::condition;
template <class Op>
concept selects = requires {
  Op::template select<1>(rule_operand<0>{}, rule_operand<1>{}, rule_operand<2>{});
}
|| requires { Op::template select<0>(rule_operand<0>{}, rule_operand<1>{}); }
|| requires {
  Op::template select<1>(rule_operand<0>{}, rule_operand<1>{}, rule_operand<2>{}, rule_operand<3>{});
};

template <class Op, int K, bool = has_partials<Op, K>>
struct partial_of : no_rule {};
template <class Op, int K>
struct partial_of<Op, K, true> {
  using rule = decltype(partial_rule<Op, K>());
  using graph_type = typename rule::graph_type;
  static constexpr int root = rule::root;
};
template <class Op, int K, bool = has_partials<Op, K>&& selects<Op>>
struct select_of : no_rule {};
template <class Op, int K>
struct select_of<Op, K, true> {
  using rule = decltype(select_rule<Op, K>());
  using graph_type = typename rule::graph_type;
  static constexpr int root = rule::root;
};

// ---- the table of ops: those that passes insert, those of the graph, and those of rules and calls ---------

template <class Graph>
struct entries_of;
template <class... N>
struct entries_of<graph<N...>> {
  using type = distinct<list<typename op_parts<typename node_info<N>::op>::op...>>;
};

template <class X>
struct called_entries {
  using type = list<>;
};
template <class Graph, int R, int A>
struct called_entries<call_op<Graph, R, A>> {
  using type = typename entries_of<Graph>::type;
};
template <class Form, class Graph, int R>
struct called_entries<loop_op<Form, Graph, R>> {
  using type = typename flattened<typename entries_of<Graph>::type, loop_parts>::type;
};
template <class List>
struct with_bodies;
template <class... X>
struct with_bodies<list<X...>> {
  using type = distinct<typename flattened<list<X...>, typename called_entries<X>::type...>::type>;
};
/// With the ops of bodies, and of the bodies in them.
template <class List, int Known>
struct closed_under_bodies : closed_under_bodies<typename with_bodies<List>::type, List::size> {};
template <class... X>
struct closed_under_bodies<list<X...>, int(sizeof...(X))> {
  using type = list<X...>;
};
template <class List>
using all_bodies = typename closed_under_bodies<List, -1>::type;

/// The ops that an op's pullback pushes, those of core apart.
template <class X>
struct inserted_entries {
  using type = list<>;
};
template <class X>
requires requires { typename X::inserts; }
struct inserted_entries<X> {
  using type = typename X::inserts;
};

template <class List>
struct rule_entries;
template <class... X>
struct rule_entries<list<X...>> {
  using type =
      distinct<typename flattened<list<X...>, typename inserted_entries<X>::type...,
                                  typename entries_of<typename partial_of<X, 0>::graph_type>::type...,
                                  typename entries_of<typename partial_of<X, 1>::graph_type>::type...,
                                  typename entries_of<typename partial_of<X, 2>::graph_type>::type...,
                                  typename entries_of<typename select_of<X, 0>::graph_type>::type...,
                                  typename entries_of<typename select_of<X, 1>::graph_type>::type...,
                                  typename entries_of<typename select_of<X, 2>::graph_type>::type...>::type>;
};

/// The ops of one plan: everything that derivatives up to an order may insert.
template <class List>
struct op_table;
template <class... X>
struct op_table<list<X...>> {
  static constexpr int size = sizeof...(X);
  static constexpr op_row row[size] = {row_of<X>()...};
  static constexpr type_id id[size] = {identity<X>::id...};
  static constexpr int find(type_id what) {
    for (int i = 0; i < size; ++i)
      if (id[i] == what) return i;
    return -1;
  }
};

// ---- nodes ------------------------------------------------------------------------------------------------

template <class X>
inline constexpr int argument_number = -1;
template <int K, class T, class Shape>
inline constexpr int argument_number<named_leaf<number<K>, T, Shape>> = K;

template <class Graph, class Names>
struct flat_nodes;
template <class... N, class Names>
struct flat_nodes<graph<N...>, Names> {
  static constexpr int size = sizeof...(N);
  struct nodes {
    flat_node at[sizeof...(N) + 1];
    type_id op[sizeof...(N) + 1];
  };
  template <class X>
  static constexpr extents target() {
    using shape = typename op_parts<X>::target;
    if constexpr (std::is_same_v<shape, any_shape>)
      return {};
    else
      return extents_of<shape, Names>::value;
  }
  static constexpr nodes compute() {
    nodes r{{flat_node{-1,
                       {node_info<N>::in.at[0], node_info<N>::in.at[1], node_info<N>::in.at[2]},
                       argument_number<typename node_info<N>::op>,
                       leaf_dtype<typename node_info<N>::op>,
                       op_parts<typename node_info<N>::op>::attribute,
                       target<typename node_info<N>::op>()}...},
            {identity<typename op_parts<typename node_info<N>::op>::op>::id...}};
    return r;
  }
};

/// The nodes of a graph, their ops as places in table List.
template <class Graph, class Names, class List>
struct flat {
  using nodes = flat_nodes<Graph, Names>;
  static constexpr typename nodes::nodes compute() {
    typename nodes::nodes r = nodes::compute();
    for (int i = 0; i < nodes::size; ++i) r.at[i].op = op_table<List>::find(r.op[i]);
    return r;
  }
  static constexpr typename nodes::nodes value = compute();
  static constexpr flat_graph graph(int root) { return {value.at, nodes::size, root}; }
};

template <class X, class Names, class List>
struct body_of {
  static constexpr flat_graph value{};
};
template <class Graph, int R, int A, class Names, class List>
struct body_of<call_op<Graph, R, A>, Names, List> {
  static constexpr flat_graph value = flat<Graph, Names, List>::graph(R);
};

template <int Carries, int Slices, int Stacks, index Length, unsigned Traits>
constexpr loop_frame frame_of(loop_form<Carries, Slices, Stacks, Length, Traits>) {
  return {Carries, Slices, Stacks, Length, Traits};
}
template <class Form, class Graph, int R, class Names, class List>
struct body_of<loop_op<Form, Graph, R>, Names, List> {
  static constexpr flat_graph value{flat<Graph, Names, List>::value.at, graph_info<Graph>::size, R, true,
                                    frame_of(Form{})};
};

template <class Rule, class List>
constexpr flat_graph rule_graph() {
  if constexpr (Rule::root < 0)
    return {};
  else
    return flat<typename Rule::graph_type, list<>, List>::graph(Rule::root);
}

/// The derivative rules of one op, for each operand.
struct derivative_rules {
  flat_graph partial[max_operands], select[max_operands];
};

template <class Op, class List, bool Wanted>
constexpr derivative_rules rules_of() {
  if constexpr (!Wanted)
    return {};
  else
    return {{rule_graph<partial_of<Op, 0>, List>(), rule_graph<partial_of<Op, 1>, List>(),
             rule_graph<partial_of<Op, 2>, List>()},
            {rule_graph<select_of<Op, 0>, List>(), rule_graph<select_of<Op, 1>, List>(),
             rule_graph<select_of<Op, 2>, List>()}};
}

/// Arithmetic of core: passes may make it of other ops, so its rules are there for every derivative. They
/// name ops of core alone, by numbers that are the same in each table, and are shared by all of them.
using core_arithmetic = list<subtract_op, multiply_op, absorbing_multiply_op, divide_op, negate_op, where_op>;
template <class Op>
struct core_rules {
  static constexpr derivative_rules value = rules_of<Op, core_ops, true>();
};
template <class Op, class List, class Wanted, int Order>
constexpr derivative_rules table_rules() {
  if constexpr (Order > 0 && position<Op, core_arithmetic>::value >= 0)
    return core_rules<Op>::value;
  else
    return rules_of<Op, List, (position<Op, Wanted>::value >= 0)>();
}

// ---- the universe of a graph: all tables that its passes read ---------------------------------------------

template <class X>
struct dim_names {
  using type = typename names_of<typename op_parts<X>::target>::type;
};
template <int K>
struct dim_names<named_leaf<number<K>, any_dtype, any_shape>> {
  using type = list<>;
};
template <class List>
struct all_names;
template <class... X>
struct all_names<list<X...>> {
  using type = distinct<typename flattened<typename dim_names<X>::type...>::type>;
};
template <class Graph>
struct target_names;
template <class... N>
struct target_names<graph<N...>> {
  using type = typename flattened<typename dim_names<typename node_info<N>::op>::type...>::type;
};
template <class X>
struct body_names {
  using type = list<>;
};
template <class Graph, int R, int A>
struct body_names<call_op<Graph, R, A>> {
  using type = typename target_names<Graph>::type;
};
template <class Form, class Graph, int R>
struct body_names<loop_op<Form, Graph, R>> {
  using type = typename target_names<Graph>::type;
};
template <class Graph, class List>
struct graph_names;
template <class Graph, class... X>
struct graph_names<Graph, list<X...>> {
  using type =
      distinct<typename flattened<typename target_names<Graph>::type, typename body_names<X>::type...>::type>;
};

/// The ops of a plan that takes derivatives Order times, and those of them whose rules it needs:
/// differentiating needs rules for what is there, and inserts what the rules hold.
template <class Direct, int Order>
struct closure {
  using wanted = typename closure<Direct, Order - 1>::ops;
  using ops = distinct<typename flattened<typename closure<Direct, Order - 1>::ops,
                                          typename rule_entries<wanted>::type>::type>;
};
template <class Direct>
struct closure<Direct, 0> {
  using wanted = list<>;
  using ops = distinct<typename flattened<core_ops, Direct>::type>;
};
template <class Direct>
struct closure<Direct, 1> {
  using wanted = Direct;
  using ops = distinct<
      typename flattened<typename closure<Direct, 0>::ops, typename rule_entries<wanted>::type>::type>;
};

template <class Graph, int Order>
struct universe {
  using direct = all_bodies<typename entries_of<Graph>::type>;
  using wanted = typename closure<direct, Order>::wanted;
  using ops = typename closure<direct, Order>::ops;
  using names = typename graph_names<Graph, direct>::type;
  using table = op_table<ops>;

  template <class List>
  struct of;
  template <class... X>
  struct of<list<X...>> {
    static constexpr derivative_rules rules[sizeof...(X)] = {table_rules<X, ops, wanted, Order>()...};
    static constexpr flat_graph called[sizeof...(X)] = {body_of<X, names, ops>::value...};
  };
  static constexpr const derivative_rules* rules() { return of<ops>::rules; }
  static constexpr const flat_graph* called() { return of<ops>::called; }
  static constexpr const op_row* rows() { return table::row; }
};

}  // namespace tenon::detail
