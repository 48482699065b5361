// Tracing: a generic callable, called once on numbered leaves, becomes a graph; and how its leaves find their
// arrays.
#pragma once

#include "tenon/nn/parameter.hpp"
#include "tenon/symbol/variable.hpp"

namespace tenon::detail {

/// The stand-in for argument K: a leaf for an array, a leaf of rank 0 for a number, a model as it is.
template <int K, class A>
decltype(auto) traced_argument(const A& a) {
  if constexpr (model_like<A>)
    return (a);
  else if constexpr (plain_number<A>)
    return argument<K, typename operand_types<A>::type, shape<>>{};
  else {
    using E = std::remove_cvref_t<decltype(as_expression<0>(a))>;
    return argument<K, typename E::value_type, typename E::shape_type>{};
  }
}

template <class F, int... K, class... A>
auto traced(const F& f, std::integer_sequence<int, K...>, const A&... a) {
  return as_expression<0>(f(traced_argument<K>(a)...));
}

/// f on stand-ins for its arguments, as an expression.
template <class F, class... A>
auto traced(const F& f, const A&... a) {
  return traced(f, std::make_integer_sequence<int, int(sizeof...(A))>{}, a...);
}

/// The array of an argument, as a leaf.
template <class A>
leaf argument_leaf(const A& a) {
  if constexpr (model_like<A>)
    return {};
  else if constexpr (plain_number<A>)
    return leaf_at(scalar_leaf<typename operand_types<A>::type>(a), 0);
  else if constexpr (is_expression<A>) {
    if constexpr (A::is_leaf)
      return leaf_at(a, 0);
    else
      return evaluated_leaf<A, this_unit>(a);
  } else
    return leaf_at(as_expression<0>(a), 0);
}

// ---- leaves in the order of the graph ---------------------------------------------------------------------

/// Where a leaf's array comes from: the expression's own (>= 0: its place there), argument K (-1 - K), or a
/// name.
template <class Leaf>
struct leaf_traits;
template <int K, class T, class S>
struct leaf_traits<slot<K, T, S>> {
  using element_type = T;
  using shape_type = S;
  using name = void;
  static constexpr int argument = -1;
  static constexpr bool own = true, parameter = false;
};
template <int K, class N, class T, class S>
struct leaf_traits<model_parameter<K, N, T, S>> {
  using element_type = T;
  using shape_type = S;
  using name = void;
  static constexpr int argument = -1;
  static constexpr bool own = true, parameter = true;
};
template <class N, class T, class S>
struct leaf_traits<named_leaf<N, T, S>> {
  using element_type = T;
  using shape_type = S;
  using name = N;
  static constexpr int argument = -1;
  static constexpr bool own = false, parameter = false;
};
template <int K, class T, class S>
struct leaf_traits<named_leaf<number<K>, T, S>> {
  using element_type = T;
  using shape_type = S;
  using name = void;
  static constexpr int argument = K;
  static constexpr bool own = false, parameter = false;
};

template <class Op>
struct leaf_or_nothing {
  using type = list<>;
};
template <int K, class T, class S>
struct leaf_or_nothing<slot<K, T, S>> {
  using type = list<slot<K, T, S>>;
};
template <int K, class N, class T, class S>
struct leaf_or_nothing<model_parameter<K, N, T, S>> {
  using type = list<model_parameter<K, N, T, S>>;
};
template <class N, class T, class S>
struct leaf_or_nothing<named_leaf<N, T, S>> {
  using type = list<named_leaf<N, T, S>>;
};

/// The leaves of a graph as a list of types.
template <class Graph>
struct leaves_of;
template <class... N>
struct leaves_of<graph<N...>> {
  using type = typename flattened<typename leaf_or_nothing<typename node_info<N>::op>::type...>::type;
  /// Each leaf's node.
  static constexpr int places(int which) {
    constexpr int count[] = {leaf_or_nothing<typename node_info<N>::op>::type::size..., 0};
    for (int i = 0, k = 0; i < int(sizeof...(N)); ++i) {
      if (count[i] == 0) continue;
      if (k++ == which) return i;
    }
    return -1;
  }
};

template <class Leaves>
struct leaf_tables;
template <class... L>
struct leaf_tables<list<L...>> {
  static constexpr int n = sizeof...(L);
  static constexpr bool own[n + 1] = {leaf_traits<L>::own..., false};
  static constexpr bool parameter[n + 1] = {leaf_traits<L>::parameter..., false};
  static constexpr int argument[n + 1] = {leaf_traits<L>::argument..., -1};
  static constexpr int rank[n + 1] = {leaf_traits<L>::shape_type::rank..., 0};
  static constexpr dtype type[n + 1] = {dtype_of<typename leaf_traits<L>::element_type>..., dtype::none};
  static constexpr bool floating[n + 1] = {is_floating(dtype_of<typename leaf_traits<L>::element_type>)...,
                                           false};
};

/// The nodes of leaves that a predicate chooses, as places<...>.
template <class Graph, class Chosen>
struct chosen_leaves {
  using all = typename leaves_of<Graph>::type;
  using tables = leaf_tables<all>;
  static constexpr int count() {
    int n = 0;
    for (int i = 0; i < tables::n; ++i) n += Chosen::template take<tables>(i);
    return n;
  }
  static constexpr int nth(int k) {
    for (int i = 0; i < tables::n; ++i)
      if (Chosen::template take<tables>(i) && k-- == 0) return i;
    return -1;
  }
  template <class Indices>
  struct make;
  template <int... K>
  struct make<std::integer_sequence<int, K...>> {
    using nodes = places<leaves_of<Graph>::places(nth(K))...>;
    using leaves = places<nth(K)...>;
  };
  using made = make<std::make_integer_sequence<int, count()>>;
  using nodes = typename made::nodes;    // as places in the graph
  using leaves = typename made::leaves;  // as places among the leaves
};

}  // namespace tenon::detail
