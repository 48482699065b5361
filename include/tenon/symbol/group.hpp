// Several expressions as one graph: group(loss, logits). One plan evaluates them together.
#pragma once

#include "tenon/symbol/variable.hpp"

namespace tenon {

namespace detail {
template <int... I>
struct places;

/// A member of a group that is no output: the value that a state gets by forward(mode::train).
template <class Name, class E>
struct new_state {
  E value;
};
}  // namespace detail

/// Several expressions as one: group(loss, logits). An executor's output<I>() is the I-th; derivatives are of
/// the first, or of those that heads<...> names.
template <class Graph, int Leaves, class Roots, class... E>
struct expression_group : detail::leaf_array<Leaves> {
  static constexpr int leaf_count = Leaves;
};

namespace detail {

template <class E>
struct group_of;
template <class G, int R, class T, class S>
struct group_of<expression<G, R, T, S>> {
  using graph_type = G;
  using roots = places<R>;
  using values = list<expression<G, R, T, S>>;
};
template <class G, int L, class... E, int... R>
struct group_of<expression_group<G, L, places<R...>, E...>> {
  using graph_type = G;
  using roots = places<R...>;
  using values = list<E...>;
};

/// Merging the graphs of a group: the roots of earlier members keep their places.
template <class A, class B>
struct grouped;
template <class GA, int LA, int... RA, class... EA, class G, int R, class T, class S>
struct grouped<expression_group<GA, LA, places<RA...>, EA...>, expression<G, R, T, S>> {
  using merged = merge<GA, G>;
  static constexpr int root = merged::map(R);
  template <int Root, class Member>
  struct make {
    using type = expression_group<typename merged::type, graph_info<typename merged::type>::leaves,
                                  places<RA..., Root>, EA..., Member>;
  };
  using type = typename make<root, expression<G, R, T, S>>::type;
};
template <class Group, class Name, class E>
struct grouped<Group, new_state<Name, E>> : grouped<Group, E> {
  using base = grouped<Group, E>;
  using type = typename base::template make<base::root, new_state<Name, E>>::type;
};

template <class G, int R, class T, class S>
auto group_of_one(const expression<G, R, T, S>& e) {
  expression_group<G, graph_info<G>::leaves, places<R>, expression<G, R, T, S>> g;
  join_expression(g, 0, e, nullptr);
  return g;
}

template <class E>
const E& value_of_member(const E& e) {
  return e;
}
template <class Name, class E>
const E& value_of_member(const new_state<Name, E>& s) {
  return s.value;
}

template <class Rule, class G, int L, class... In, class E>
auto join_group(const expression_group<G, L, In...>& have, const E& e) {
  typename Rule::type r;
  if constexpr (L > 0) join_leaves(r.leaves, 0, have.leaves, nullptr, L);
  join_expression(r, L, e, merged_leaves<typename E::graph_type, typename Rule::merged>::table());
  return r;
}

template <class Group, class... E>
auto grow_group(const Group& have, const E&... more) {
  if constexpr (sizeof...(E) == 0)
    return have;
  else
    return [&](const auto& next, const auto&... rest) {
      return grow_group(
          join_group<grouped<Group, typename bare<decltype(next)>::type>>(have, value_of_member(next)),
          rest...);
    }(more...);
}

template <class X>
decltype(auto) group_member(const X& x) {
  return as_expression<0>(x);
}
template <class Name, class E>
const new_state<Name, E>& group_member(const new_state<Name, E>& s) {
  return s;
}

template <class X>
inline constexpr bool is_new_state = false;
template <class Name, class E>
inline constexpr bool is_new_state<new_state<Name, E>> = true;
template <class X>
inline constexpr bool is_group = false;
template <class G, int L, class Roots, class... E>
inline constexpr bool is_group<expression_group<G, L, Roots, E...>> = true;

/// What may follow the first member of a group.
template <class X>
concept groupable = tensor_like<X> || is_new_state<X>;

}  // namespace detail

/// The value that a state gets by forward(mode::train), for a group: becomes<"mean">(expression).
template <extent Name, tensor_like E>
auto becomes(const E& e) {
  return detail::new_state<spelled<Name>, std::remove_cvref_t<decltype(detail::as_expression<0>(e))>>{
      detail::as_expression<0>(e)};
}

/// Several expressions, evaluated by one plan. Among those after the first may be new values of states:
/// group(loss, becomes<"mean">(0.9_c * M + 0.1_c * mean(X))).
template <class A, class... More>
requires(tensor_like<A> && (detail::groupable<More> && ...)) auto group(const A& a, const More&... more) {
  return detail::grow_group(detail::group_of_one(detail::as_expression<0>(a)), detail::group_member(more)...);
}

}  // namespace tenon
