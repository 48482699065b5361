// The type of a computation: a flat, hash-consed list of nodes in SSA form; how two of them merge into one.
//
//   graph<node<variable<x>>, node<variable<w>>, node<matmul, 0, 1>, node<tanh, 2>>
//
// Operand types never nest (nested types double in cost with every shared operand in clang and nvcc), and no
// computed expression is a template argument of a node or graph: nvcc would keep the expression's tree.
#pragma once

#include "tenon/core/small.hpp"
#include "tenon/graph/list.hpp"

namespace tenon {

template <class Op, int... Operands>
struct node {};
template <class... Nodes>
struct graph {};

/// An op with attributes, such as the axes of a reduction. Passes see attributes as values.
template <class Op, index... Attributes>
struct with {};

/// A leaf that reads the array at place Slot of the expression. Equal types are not equal arrays, so merging
/// gives each operand's slots new places.
template <int Slot, class T, class Shape>
struct slot {};

/// A leaf that is a parameter of a model: the Number-th on the way to where it is used. Equal types are taken
/// for the same parameter, and merging checks at run time that they are.
template <int Number, class Name, class T, class Shape>
struct model_parameter {};

/// A leaf with a name (a symbol) or with a number (an argument of a traced function): equal types are equal
/// nodes.
template <class Name, class T, class Shape>
struct named_leaf {};
template <int Number>
struct number {};

namespace detail {

template <class Leaf>
inline constexpr bool is_slot = false;
template <int K, class T, class S>
inline constexpr bool is_slot<slot<K, T, S>> = true;
template <class Leaf>
inline constexpr bool is_parameter = false;
template <int K, class N, class T, class S>
inline constexpr bool is_parameter<model_parameter<K, N, T, S>> = true;
template <class Leaf>
inline constexpr bool is_named_leaf = false;
template <class N, class T, class S>
inline constexpr bool is_named_leaf<named_leaf<N, T, S>> = true;

/// Whether an op leaves a graph small: it is none with an array behind it, or one whose array is small.
template <class Op>
inline constexpr bool keeps_small = true;
template <int K, class T, class S>
inline constexpr bool keeps_small<slot<K, T, S>> = is_small<T, S>;
template <int K, class N, class T, class S>
inline constexpr bool keeps_small<model_parameter<K, N, T, S>> = false;
template <class N, class T, class S>
inline constexpr bool keeps_small<named_leaf<N, T, S>> = false;

inline constexpr int max_operands = 3;
struct operands {
  int at[max_operands];
};

template <class Node>
struct node_info;
template <class Op, int... In>
struct node_info<node<Op, In...>> {
  using op = Op;
  static constexpr int arity = sizeof...(In);
  static constexpr operands in = [] {
    operands o{{-1, -1, -1}};
    int k = 0;
    ((o.at[k++] = In), ...);
    return o;
  }();
};

template <class Graph>
struct graph_info;
template <class... N>
struct graph_info<graph<N...>> {
  static constexpr int size = sizeof...(N);
  static constexpr type_id id[size + 1] = {identity<N>::id..., 0};
  static constexpr type_id op[size + 1] = {identity<typename node_info<N>::op>::id..., 0};
  static constexpr operands in[size + 1] = {node_info<N>::in..., operands{}};
  static constexpr bool slot[size + 1] = {is_slot<typename node_info<N>::op>..., false};
  static constexpr bool parameter[size + 1] = {is_parameter<typename node_info<N>::op>..., false};
  static constexpr bool named[size + 1] = {is_named_leaf<typename node_info<N>::op>..., false};
  static constexpr int count(const bool (&what)[size + 1]) {
    int n = 0;
    for (int i = 0; i < size; ++i) n += what[i];
    return n;
  }
  static constexpr int slots = count(slot);
  static constexpr int parameters = count(parameter);
  static constexpr bool symbolic = parameters + count(named) > 0;
  static constexpr int leaves = slots + parameters;  // those with an array behind them
  /// Whether all its leaves are small arrays, which an expression holds as they are (small_leaves).
  static constexpr bool kept_small[size + 1] = {keeps_small<typename node_info<N>::op>..., true};
  static constexpr bool small = slots > 0 && count(kept_small) == size;  // no fold: clang's end at 256
};

// ---- one more node ----------------------------------------------------------------------------------------

template <bool Add, class Graph, class Node>
struct append_if {
  using type = Graph;
};
template <class... A, class Node>
struct append_if<true, graph<A...>, Node> {
  using type = graph<A..., Node>;
};

template <class Graph, class Node>
struct append {
  static constexpr int find() {
    using G = graph_info<Graph>;
    for (int i = G::size - 1; i >= 0; --i)
      if (G::id[i] == identity<Node>::id) return i;
    return G::size;
  }
  static constexpr int root = find();
  static constexpr bool fresh = root == graph_info<Graph>::size;
  using type = typename append_if<fresh, Graph, Node>::type;
};

/// The graph with one more leaf at its end.
template <class Graph, class Leaf>
struct with_leaf;
template <class... N, class Leaf>
struct with_leaf<graph<N...>, Leaf> {
  using type = graph<N..., node<Leaf>>;
};

// ---- two graphs into one ----------------------------------------------------------------------------------

enum class relation { same, left_is_prefix, right_is_prefix, right_is_leaf, general };

template <class A, class B>
constexpr relation relate() {
  using GA = graph_info<A>;
  using GB = graph_info<B>;
  if constexpr (GB::slots == 0) {
    constexpr int n = GA::size < GB::size ? GA::size : GB::size;
    bool prefix = true;
    for (int i = n - 1; i >= 0 && prefix; --i) prefix = GA::id[i] == GB::id[i];
    if (prefix)
      return GA::size == GB::size  ? relation::same
             : GA::size < GB::size ? relation::left_is_prefix
                                   : relation::right_is_prefix;
  }
  return GB::size == 1 ? relation::right_is_leaf : relation::general;
}

// The node of B as it stands in the merged graph: operands renumbered, a slot at its new place.
template <class Node, int Slot, int M0, int M1, int M2>
struct renode;
template <class Op, int S, int M0, int M1, int M2>
struct renode<node<Op>, S, M0, M1, M2> {
  using type = node<Op>;
};
template <int K, class T, class Shape, int S, int M0, int M1, int M2>
struct renode<node<slot<K, T, Shape>>, S, M0, M1, M2> {
  using type = node<slot<S, T, Shape>>;
};
template <class Op, int A, int S, int M0, int M1, int M2>
struct renode<node<Op, A>, S, M0, M1, M2> {
  using type = node<Op, M0>;
};
template <class Op, int A, int B, int S, int M0, int M1, int M2>
struct renode<node<Op, A, B>, S, M0, M1, M2> {
  using type = node<Op, M0, M1>;
};
template <class Op, int A, int B, int C, int S, int M0, int M1, int M2>
struct renode<node<Op, A, B, C>, S, M0, M1, M2> {
  using type = node<Op, M0, M1, M2>;
};

/// merge<A, B>: `type`, the graph that holds both (A's nodes first), and `map(i)`, where B's node i went.
template <class A, class B, relation = relate<A, B>()>
struct merge;
template <class A, class B>
struct merge<A, B, relation::same> {
  using type = A;
  static constexpr int map(int i) { return i; }
};
template <class A, class B>
struct merge<A, B, relation::left_is_prefix> {
  using type = B;
  static constexpr int map(int i) { return i; }
};
template <class A, class B>
struct merge<A, B, relation::right_is_prefix> {
  using type = A;
  static constexpr int map(int i) { return i; }
};
template <class A, class Leaf>
struct merge<A, graph<Leaf>, relation::right_is_leaf> {
  static constexpr int place = graph_info<A>::slots;
  using appended = append<A, typename renode<Leaf, place, 0, 0, 0>::type>;
  using type = typename appended::type;
  static constexpr int map(int) { return appended::root; }
};
template <class... A, class... B>
struct merge<graph<A...>, graph<B...>, relation::general> {
  static constexpr int na = sizeof...(A), nb = sizeof...(B);
  using GA = graph_info<graph<A...>>;
  using GB = graph_info<graph<B...>>;
  struct result {
    int to[nb]{}, added[nb]{}, slot[nb]{}, n = 0;
    operands in[nb]{};
  };
  static constexpr result compute() {
    result r;
    int slots = GA::slots;
    for (int j = 0; j < nb; ++j) {
      operands in = GB::in[j];
      for (int& k : in.at) k = k < 0 ? -1 : r.to[k];
      int found = -1;
      if (!GB::slot[j])
        for (int i = 0; i < na && found < 0; ++i)
          if (GA::op[i] == GB::op[j] && GA::in[i].at[0] == in.at[0] && GA::in[i].at[1] == in.at[1] &&
              GA::in[i].at[2] == in.at[2])
            found = i;
      if (found < 0) {
        found = na + r.n;
        r.in[r.n] = in;
        r.slot[r.n] = GB::slot[j] ? slots++ : 0;
        r.added[r.n++] = j;
      }
      r.to[j] = found;
    }
    return r;
  }
  static constexpr result plan = compute();
  template <class Out, int K, bool>
  struct grow {
    using type = Out;
  };
  template <class... O, int K>
  struct grow<graph<O...>, K, true> {
    using moved = typename renode<at<plan.added[K], graph<B...>>, plan.slot[K], plan.in[K].at[0],
                                  plan.in[K].at[1], plan.in[K].at[2]>::type;
    using type = typename grow<graph<O..., moved>, K + 1, (K + 1 < plan.n)>::type;
  };
  using type = typename grow<graph<A...>, 0, (plan.n > 0)>::type;
  static constexpr int map(int i) { return plan.to[i]; }
};

}  // namespace detail
}  // namespace tenon
