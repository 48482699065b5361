// Loops: a function traced once on placeholders and run for many steps, as nodes of a graph.
//
//   in types    pack(pack(init), xs) -> whole<body> -> result<0>, result<1> ...
//   in arrays   carry(init), slice(xs), the body's nodes, next(carry, value), stack(value)
//
// A body is a graph of its own whose leaves are numbered: carries first, then slices, then arrays that every
// step reads. Lowering opens it (builder::open_loop): nodes that depend on a carry or slice are at home in
// the loop and run once a step; all others are outside of it, computed once. Passes see plain nodes, so that
// a loop's body fuses, folds and differentiates as everything else does.
#pragma once

#include "tenon/graph/call.hpp"

namespace tenon {

/// How a loop runs: once for each element of the slices' first axis or, without slices, Length times; Traits
/// are loop_trait bits.
template <int Carries, int Slices, int Stacks, index Length, unsigned Traits>
struct loop_form {};

template <class Form, class Body, int Root>
struct loop_op : op_defaults {
  static constexpr auto name = "loop";
  static constexpr op_kind kind = op_kind::call;
  static constexpr int arity = 1;
  static constexpr loop_part part = loop_part::whole;
};
/// Operands of a loop, a list: one more after those of the first operand.
struct pack_op : op_defaults {
  static constexpr auto name = "pack";
  static constexpr op_kind kind = op_kind::call;
  static constexpr int arity = 2;
  static constexpr loop_part part = loop_part::pack;
};
struct first_pack_op : op_defaults {
  static constexpr auto name = "pack";
  static constexpr op_kind kind = op_kind::call;
  static constexpr int arity = 1;
  static constexpr loop_part part = loop_part::pack;
};
/// Attribute 0: which result: carries, then stacks.
struct loop_result_op : op_defaults {
  static constexpr auto name = "loop_result";
  static constexpr op_kind kind = op_kind::call;
  static constexpr int arity = 1;
  static constexpr loop_part part = loop_part::result;
};

namespace detail {

/// The name of a placeholder while a body is traced. A body that reads placeholders of a loop around it has
/// their types in its own, as a closure has, so that names in each other's reach differ.
template <type_id Body, int K>
struct step_argument {};

/// The dtype of what is no array: packs and loops.
struct no_value {};

// ---- expressions side by side -----------------------------------------------------------------------------

template <class Op, class T, class Shape, class... E>
struct applied_as : merged_operands<E...> {
  using last = typename merged_operands<E...>::template with_node<Op>;
  using type = typename make_expression<typename last::type, last::root, T, Shape>::type;
};
template <class Op, class T, class Shape, class... E>
constexpr auto apply_as(E... e) {
  return join<applied_as<Op, T, Shape, E...>>(std::make_integer_sequence<int, int(sizeof...(E))>{},
                                              static_cast<E&&>(e)...);
}
template <class E>
constexpr auto packed(E e) {
  return apply_as<first_pack_op, no_value, shape<>>(static_cast<E&&>(e));
}
template <class P, class E, class... More>
constexpr auto packed_onto(P p, E e, More... more) {
  auto longer = apply_as<pack_op, no_value, shape<>>(static_cast<P&&>(p), static_cast<E&&>(e));
  if constexpr (sizeof...(More) == 0)
    return longer;
  else
    return packed_onto(std::move(longer), static_cast<More&&>(more)...);
}
template <class E, class... More>
constexpr auto packed(E e, More... more) {
  return packed_onto(packed(static_cast<E&&>(e)), static_cast<More&&>(more)...);
}

// ---- types of parts and results ---------------------------------------------------------------------------

template <class Shape>
struct without_first;
template <class D, class... More>
struct without_first<shape<D, More...>> {
  using first = D;
  using type = shape<More...>;
};
template <class D, class Shape>
struct with_first;
template <class D, class... More>
struct with_first<D, shape<More...>> {
  using type = shape<D, More...>;
};

/// Operands of a pack: the node that the K-th one is.
template <class Graph, int Pack>
struct packed_nodes {
  static constexpr int at(int k) {
    using G = graph_info<Graph>;
    int count = 1, i = Pack;
    while (G::in[i].at[1] >= 0) {
      ++count;
      i = G::in[i].at[0];
    }
    i = Pack;
    while (--count > k) i = G::in[i].at[0];
    return G::in[i].at[1] >= 0 ? G::in[i].at[1] : G::in[i].at[0];
  }
};

// ---- a body's leaves as numbers ---------------------------------------------------------------------------

template <type_id Body, class Op>
inline constexpr int step_number = -1;
template <type_id Body, int K, class T, class S>
inline constexpr int step_number<Body, named_leaf<step_argument<Body, K>, T, S>> = K;

template <class Op>
struct leaf_types {
  static constexpr bool leaf = false;
};
template <class T, class S>
struct leaf_types_of {
  static constexpr bool leaf = true;
  template <int K>
  struct as_argument {
    using type = node<named_leaf<number<K>, T, S>>;
  };
};
template <int K, class T, class S>
struct leaf_types<slot<K, T, S>> : leaf_types_of<T, S> {
  template <int>
  struct alone {
    using type = expression<graph<node<slot<0, T, S>>>, 0, T, S>;
  };
};
template <int K, class N, class T, class S>
struct leaf_types<model_parameter<K, N, T, S>> : leaf_types_of<T, S> {
  template <int Shift>
  struct alone {
    static constexpr int number = K + Shift;
    template <int Number>
    struct make {
      using type = expression<graph<node<model_parameter<Number, N, T, S>>>, 0, T, S>;
    };
    using type = typename make<number>::type;
  };
};
template <class N, class T, class S>
struct leaf_types<named_leaf<N, T, S>> : leaf_types_of<T, S> {
  template <int>
  struct alone {
    using type = expression<graph<node<named_leaf<N, T, S>>>, 0, T, S>;
  };
};

template <int K, class Node, class Types>
struct leaf_as_argument {
  using type = typename Types::template as_argument<K>::type;
};
template <class Node, class Types>
struct leaf_as_argument<-1, Node, Types> {
  using type = Node;
};

/// The graph of a traced body with numbers for its leaves: given placeholders keep theirs, and the arrays
/// that it captured come after the `given`.
template <type_id Body, int Given, class Graph>
struct closed_body;
template <type_id Body, int Given, class... N>
struct closed_body<Body, Given, graph<N...>> {
  static constexpr int size = sizeof...(N);
  struct numbers {
    int at[size + 1]{};        // the number of each leaf, -1 of other nodes
    int captured[size + 1]{};  // the nodes of captured leaves
    int ordinal[size + 1]{};   // their places among the leaves with an array
    int count = 0;
  };
  static constexpr numbers compute() {
    constexpr bool leaf[] = {leaf_types<typename node_info<N>::op>::leaf..., false};
    constexpr int step[] = {step_number<Body, typename node_info<N>::op>..., -1};
    using G = graph_info<graph<N...>>;
    numbers r;
    int ordinal = 0;
    for (int i = 0; i < size; ++i) {
      r.at[i] = step[i];
      if (leaf[i] && step[i] < 0) {
        r.captured[r.count] = i;
        r.ordinal[r.count] = ordinal;
        r.at[i] = Given + r.count++;
      }
      ordinal += G::slot[i] || G::parameter[i];
    }
    return r;
  }
  static constexpr numbers leaves = compute();
  template <class Indices>
  struct make;
  template <int... I>
  struct make<std::integer_sequence<int, I...>> {
    using type =
        graph<typename leaf_as_argument<leaves.at[I], N, leaf_types<typename node_info<N>::op>>::type...>;
  };
  using type = typename make<std::make_integer_sequence<int, size>>::type;
};

/// The J-th captured leaf of a traced body as an expression.
template <class Closed, int J, int Shift, class E>
auto captured_leaf(const E& e) {
  using op = typename node_info<at<Closed::leaves.captured[J], typename E::graph_type>>::op;
  typename leaf_types<op>::template alone<Shift>::type r;
  if constexpr (std::remove_reference_t<decltype(r)>::leaf_count > 0)
    set_leaf(r, 0, leaf_at(e, Closed::leaves.ordinal[J]));
  return r;
}

}  // namespace detail
}  // namespace tenon
