// Graphs made of graphs, at the level of types: a variable replaced by an expression, a part cut out.
//
// Each is one constant evaluation over the nodes, which says of every node where it goes, and one walk that
// writes the new graph's type.
#pragma once

#include "tenon/symbol/arguments.hpp"

namespace tenon::detail {

// ---- the dtype and shape of any node ----------------------------------------------------------------------

template <class Graph, int I>
struct node_value;

template <class Graph, index K, class Loop>
struct loop_result_types;

template <class Graph, class Node>
struct typed_node;
template <class Graph, class Op, int... In>
struct typed_node<Graph, node<Op, In...>> {
  using value_type = typename dtype_result<false, Op, typename node_value<Graph, In>::value_type...>::type;
  using shape_type = typename shape_result<false, Op, typename node_value<Graph, In>::shape_type...>::type;
};
template <class T, class Shape>
struct typed_leaf {
  using value_type = T;
  using shape_type = Shape;
};
template <class Graph, int K, class T, class S>
struct typed_node<Graph, node<slot<K, T, S>>> : typed_leaf<T, S> {};
template <class Graph, int K, class N, class T, class S>
struct typed_node<Graph, node<model_parameter<K, N, T, S>>> : typed_leaf<T, S> {};
template <class Graph, class N, class T, class S>
struct typed_node<Graph, node<named_leaf<N, T, S>>> : typed_leaf<T, S> {};
template <class Graph, class Body, int R, int A, int... In>
struct typed_node<Graph, node<call_op<Body, R, A>, In...>> : node_value<Body, R> {};
template <class Graph, int A>
struct typed_node<Graph, node<first_pack_op, A>> : typed_leaf<no_value, shape<>> {};
template <class Graph, int A, int B>
struct typed_node<Graph, node<pack_op, A, B>> : typed_leaf<no_value, shape<>> {};
template <class Graph, class Form, class Body, int R, int P>
struct typed_node<Graph, node<loop_op<Form, Body, R>, P>> : typed_leaf<no_value, shape<>> {};
template <class Graph, index K, int L>
struct typed_node<Graph, node<with<loop_result_op, K>, L>> : loop_result_types<Graph, K, at<L, Graph>> {};
template <class Graph, index Bits>
struct typed_node<Graph, node<with<constant_op, Bits>>> : typed_leaf<weak_number, shape<>> {};

template <class Graph, int I>
struct node_value : typed_node<Graph, at<I, Graph>> {};

/// What a loop's K-th result is: a carry as it came in, the value of a branch, or a stack.
template <class D, class Value>
struct stacked_types {
  using value_type = typename Value::value_type;
  using shape_type = typename with_first<D, typename Value::shape_type>::type;
};
template <class Graph, index K, int C, int S, int Y, index Length, unsigned Traits, class Body, int R, int P>
struct loop_result_types<Graph, K, node<loop_op<loop_form<C, S, Y, Length, Traits>, Body, R>, P>> {
  static constexpr bool branch = (Traits & loop_trait::branch) != 0, carry = K < C;
  static constexpr int operand = packed_nodes<Graph, P>::at(carry ? int(K) : C);
  static constexpr int value = packed_nodes<Body, R>::at(int(K));
  template <int Kind, class Unused = void>
  struct choose : node_value<Body, value> {};
  template <class Unused>
  struct choose<1, Unused> : node_value<Graph, operand> {};
  template <class Unused>
  struct choose<2, Unused>
      : stacked_types<typename without_first<typename node_value<Graph, operand>::shape_type>::first,
                      node_value<Body, value>> {};
  template <class Unused>
  struct choose<3, Unused> : stacked_types<size<Length>, node_value<Body, value>> {};
  using chosen = choose<branch ? 0 : carry ? 1 : Length >= 0 ? 3 : 2>;
  using value_type = typename chosen::value_type;
  using shape_type = typename chosen::shape_type;
};

/// Node I of a graph as the type of an expression.
template <class Graph, int I>
struct expression_at : make_expression<Graph, I, typename node_value<Graph, I>::value_type,
                                       typename node_value<Graph, I>::shape_type> {};

// ---- nodes of one graph appended to another ---------------------------------------------------------------

/// A parameter's leaf with another number, other nodes as they are.
template <class Node, int Shift>
struct renumbered {
  using type = Node;
};
template <int K, class N, class T, class S, int Shift>
struct renumbered<node<model_parameter<K, N, T, S>>, Shift> {
  static constexpr int number = K + Shift;
  template <int Number>
  struct make {
    using type = node<model_parameter<Number, N, T, S>>;
  };
  using type = typename make<number>::type;
};

/// Appends nodes of graph From to graph To, as merge does; Chosen says which: `start(j)` is -1 for a node to
/// append, -2 for one to leave out, else the node of To that it is. Parameters get numbers higher by `shift`,
/// so that those of To, which may be others of the same type, are told apart from them.
template <class To, class From, class Chosen>
struct appended_nodes;
template <class... A, class... B, class Chosen>
struct appended_nodes<graph<A...>, graph<B...>, Chosen> {
  static constexpr int na = sizeof...(A), nb = sizeof...(B), buckets = 64;
  using GA = graph_info<graph<A...>>;
  using GB = graph_info<graph<B...>>;
  struct result {
    int to[nb + 1]{}, added[nb + 1]{}, slot[nb + 1]{}, n = 0;
    operands in[nb + 1]{};
  };
  /// Nodes by their op and operands: each distinct one once, at a few steps each.
  struct table {
    int head[buckets]{}, next[na + nb + 1]{};
    static constexpr int bucket(type_id op, const operands& in) {
      return int((op + 7 * type_id(in.at[0] + 1) + 13 * type_id(in.at[1] + 1)) % buckets);
    }
    constexpr void insert(int i, type_id op, const operands& in) {
      int& h = head[bucket(op, in)];
      next[i] = h;
      h = i + 1;
    }
  };
  static constexpr bool same(const operands& a, const operands& b) {
    return a.at[0] == b.at[0] && a.at[1] == b.at[1] && a.at[2] == b.at[2];
  }
  static constexpr result compute() {
    result r;
    table t;
    for (int i = 0; i < na; ++i)
      if (!GA::slot[i]) t.insert(i, GA::op[i], GA::in[i]);
    int slots = GA::slots;
    for (int j = 0; j < nb; ++j) {
      const int start = Chosen::start(j);
      if (start != -1) {
        r.to[j] = start;
        continue;
      }
      operands in = GB::in[j];
      for (int& k : in.at) k = k < 0 ? -1 : r.to[k];
      int found = -1;
      const bool unique = GB::slot[j] || (GB::parameter[j] && Chosen::shift > 0);
      if (!unique)
        for (int i = t.head[table::bucket(GB::op[j], in)]; i != 0 && found < 0; i = t.next[i - 1]) {
          const int k = i - 1;
          if (k < na ? GA::op[k] == GB::op[j] && same(GA::in[k], in)
                     : GB::op[r.added[k - na]] == GB::op[j] && same(r.in[k - na], in))
            found = k;
        }
      if (found < 0) {
        found = na + r.n;
        if (!unique) t.insert(found, GB::op[j], in);
        r.in[r.n] = in;
        r.slot[r.n] = GB::slot[j] ? slots++ : 0;
        r.added[r.n++] = j;
      }
      r.to[j] = found;
    }
    return r;
  }
  static constexpr result plan = compute();
  template <class Indices>
  struct make;
  template <int... K>
  struct make<std::integer_sequence<int, K...>> {
    using type =
        graph<A...,
              typename renode<typename renumbered<at<plan.added[K], graph<B...>>, Chosen::shift>::type,
                              plan.slot[K], plan.in[K].at[0], plan.in[K].at[1], plan.in[K].at[2]>::type...>;
  };
  using type = typename make<std::make_integer_sequence<int, plan.n>>::type;
  static constexpr int map(int i) { return plan.to[i]; }
};

// ---- a part of a graph ------------------------------------------------------------------------------------

/// The nodes that node Root needs.
template <class Graph, int Root>
struct needed_nodes {
  static constexpr int size = graph_info<Graph>::size;
  struct marks {
    bool at[size + 1]{};
  };
  static constexpr marks compute() {
    marks m;
    m.at[Root] = true;
    for (int i = Root; i >= 0; --i)
      if (m.at[i])
        for (const int k : graph_info<Graph>::in[i].at)
          if (k >= 0) m.at[k] = true;
    return m;
  }
  static constexpr marks needed = compute();
  static constexpr int shift = 0;
  static constexpr int start(int j) { return needed.at[j] ? -1 : -2; }
};
template <class Graph, int Root>
struct subgraph : appended_nodes<graph<>, Graph, needed_nodes<Graph, Root>> {
  static constexpr int root = subgraph::plan.to[Root];
};

/// For each leaf of From with an array behind it: its place among those of the new graph, or -1.
template <class From, class Rewritten>
struct moved_leaves {
  using from = graph_info<From>;
  using into = graph_info<typename Rewritten::type>;
  static constexpr std::array<int, from::leaves + 1> compute() {
    int ordinal[into::size + 1]{};
    for (int i = 0; i < into::size; ++i) ordinal[i + 1] = ordinal[i] + (into::slot[i] || into::parameter[i]);
    std::array<int, from::leaves + 1> r{};
    int k = 0;
    for (int j = 0; j < from::size; ++j)
      if (from::slot[j] || from::parameter[j])
        r[std::size_t(k++)] = Rewritten::map(j) < 0 ? -1 : ordinal[Rewritten::map(j)];
    return r;
  }
  static constexpr std::array<int, from::leaves + 1> place = compute();
};
/// Copies leaves to their places; two at one place must be the same parameter.
template <class Moved, class Result, class E>
void move_into(Result& r, [[maybe_unused]] int filled, const E& e) {
  if constexpr (E::leaf_count > 0 && Moved::into::leaves > 0)
    for (int j = 0; j < E::leaf_count; ++j) {
      const int to = Moved::place[std::size_t(j)];
      if (to < 0) continue;
      leaf l = leaf_at(e, j);
      if constexpr (Moved::into::small)
        set_leaf(r, to, std::move(l));
      else
        join_leaves(r.leaves, filled, &l, &Moved::place[std::size_t(j)], 1);
    }
}

/// The part of an expression or group that computes node I of its graph.
template <int I, class E>
auto part_of(const E& e) {
  using G = typename group_of<E>::graph_type;
  static_assert(!std::is_same_v<typename node_value<G, I>::value_type, no_value>,
                "tenon: this node is a loop, or the list of its operands, and no array; its results are");
  using cut = subgraph<G, I>;
  typename make_expression<typename cut::type, cut::root, typename node_value<G, I>::value_type,
                           typename node_value<G, I>::shape_type>::type r;
  move_into<moved_leaves<G, cut>>(r, 0, e);
  return r;
}

}  // namespace tenon::detail
