// Expressions made of expressions: compose puts expressions in the place of variables, internals takes inner
// nodes out.
//
//   auto mlp = compose(head, arg<"h"> = tanh(matmul(X, W)));
//   auto inner = internals(mlp);   inner.get<"tanh0">();   inner.get<3>();
#pragma once

#include <tuple>

#include "tenon/symbol/given.hpp"
#include "tenon/symbol/rewriting.hpp"

namespace tenon {

namespace detail {

/// The graphs of all substitutes as one; root(i) is where the i-th has its value.
template <class Before, class E>
struct one_more {
  using merged = merge<typename Before::type, typename E::graph_type>;
  using type = typename merged::type;
  static constexpr int n = Before::n + 1;
  static constexpr int root(int i) { return i < Before::n ? Before::root(i) : merged::map(E::root); }
};
template <class E>
struct first_one {
  using type = typename E::graph_type;
  static constexpr int n = 1;
  static constexpr int root(int) { return E::root; }
};
template <class Have, class... E>
struct merged_substitutes {
  using type = Have;
};
template <class Have, class E, class... Rest>
struct merged_substitutes<Have, E, Rest...> : merged_substitutes<one_more<Have, E>, Rest...> {};

/// Whether an expression of shape B may stand for a variable of shape A: extents agree, or one is dyn.
template <class A, class B>
inline constexpr bool may_stand_for = false;
template <class X, class Y>
inline constexpr bool extents_may_agree =
    std::is_same_v<X, Y> || std::is_same_v<X, dyn_size> || std::is_same_v<Y, dyn_size>;
template <class... A, class... B>
requires(sizeof...(A) == sizeof...(B)) inline constexpr bool may_stand_for<shape<A...>, shape<B...>> =
    (extents_may_agree<A, B> && ...);

/// Refuses an expression of another dtype or shape than the variable that it stands for; the types quote
/// both.
template <bool Dtype, bool Shape, class Variable, class Expression>
struct stands_for {
  static_assert(Dtype, "tenon: the expression has another dtype than the variable; see astype<T>(x)");
  static_assert(Shape, "tenon: the expression has another shape than the variable");
};

/// Graph with its leaves Names replaced by the roots of the merged graph Into.
template <class Graph, class Into, class... Names>
struct replaced_leaves {
  using tables = named_leaf_tables<typename leaves_of<Graph>::type>;
  struct starts {
    int at[graph_info<Graph>::size + 1];
  };
  static constexpr starts compute() {
    starts s{};
    for (int& i : s.at) i = -1;
    int i = 0;
    ((s.at[leaves_of<Graph>::places(tables::template find_name<Names>())] = Into::root(i++)), ...);
    return s;
  }
  static constexpr starts table = compute();
  static constexpr int shift = graph_info<typename Into::type>::parameters;
  static constexpr int start(int j) { return table.at[j]; }
};

template <class... E>
struct composed_into;
template <class First, class... Rest>
struct composed_into<First, Rest...> : merged_substitutes<first_one<First>, Rest...> {};

/// Refuses what is no expression given by name.
template <bool Expressions, class... Given>
struct expressions_are_named {
  static_assert(
      Expressions,
      "tenon: compose puts expressions, given by name, in the place of variables: arg<\"x\"> = a + b; "
      "arrays are bound: bind(e, cpu(0), arg<\"x\"> = x)");
};

/// Puts the leaves of all substitutes where merging them one after the other has them.
template <class Have, class Result, class Next, class... Rest>
void fill_more(Result& r, const Next& next, const Rest&... rest) {
  using merged = merge<typename Have::type, typename Next::graph_type>;
  join_expression(r, graph_info<typename Have::type>::leaves, next,
                  merged_leaves<typename Next::graph_type, merged>::table());
  if constexpr (sizeof...(Rest) > 0) fill_more<one_more<Have, Next>>(r, rest...);
}

template <class Result, class First, class... Rest>
void fill_all(Result& r, const First& first, const Rest&... rest) {
  join_expression(r, 0, first, nullptr);
  if constexpr (sizeof...(Rest) > 0) fill_more<first_one<First>>(r, rest...);
}

/// Whether a name is there, and E can stand for it.
template <class Tables, class Leaves, class Name, class E>
struct substitute_fits {
  using named = names_known<Tables, list<Name>>;
  using L = leaf_traits<at<Tables::template by_name<Name>::leaf, Leaves>>;
  static constexpr bool dtype = std::is_same_v<typename L::element_type, typename E::value_type>,
                        shape = may_stand_for<typename L::shape_type, typename E::shape_type>,
                        value = named::value && dtype && shape;
  static constexpr void say() {
    named::say();
    if constexpr (named::value)
      (void)sizeof(stands_for<dtype, shape, typename L::shape_type, typename E::shape_type>);
  }
};

}  // namespace detail

/// The expression e with expressions in the place of variables: compose(e, arg<"x"> = a + b, arg<"w"> = W2).
/// Equal nodes are one, also across what is put together. A name that e has not, another dtype or another
/// shape are compile errors; extents that are `dyn` on one side take those of the other.
template <tensor_like X, class... Name, class... E>
requires(sizeof...(Name) > 0) auto compose(const X& x, const detail::named_expression<Name, E>&... given) {
  using namespace detail;
  const auto& e = as_expression<0>(x);
  using Of = std::remove_cvref_t<decltype(e)>;
  using G = typename Of::graph_type;
  using leaves = typename leaves_of<G>::type;
  using tables = named_leaf_tables<leaves>;
  using once = given_once<named_expression<Name, E>...>;
  (substitute_fits<tables, leaves, Name, E>::say(), ...);
  once::say();
  if constexpr (once::value && (substitute_fits<tables, leaves, Name, E>::value && ...)) {
    using into = typename composed_into<E...>::type;
    using made = appended_nodes<typename into::type, G, replaced_leaves<G, into, Name...>>;
    using whole = typename made::type;
    constexpr int root = made::map(Of::root);
    // what a replaced leaf left behind is cut off: variables that nothing reads
    typename make_expression<whole, root, typename node_value<whole, root>::value_type,
                             typename node_value<whole, root>::shape_type>::type r;
    fill_all(r, given.value...);
    move_into<moved_leaves<G, made>>(r, graph_info<typename into::type>::leaves, e);
    return part_of<root>(r);
  } else {
    return Of(e);
  }
}

/// Says what else it takes than what it was given.
template <class E, class... Given>
requires(tensor_like<E> || detail::is_group<E>) auto compose(const E& e, const Given&...) {
  (void)sizeof(detail::expressions_are_named<!std::is_same_v<E, E>, Given...>);
  return e;
}

namespace detail {
template <class S>
struct with_value;
template <class Name, class Old>
struct with_value<new_state<Name, Old>> {
  template <class E>
  using of = new_state<Name, E>;
};

/// A member of a group as an expression of its own.
template <int I, class G, int L, int... R, class... E>
auto member_of(const expression_group<G, L, places<R...>, E...>& g) {
  auto value = part_of<places<R...>::at[I]>(g);
  using member = at<I, list<E...>>;
  if constexpr (is_new_state<member>)
    return typename with_value<member>::template of<decltype(value)>{value};
  else
    return value;
}
template <class E, class Name>
inline constexpr bool has_name =
    named_leaf_tables<typename leaves_of<typename E::graph_type>::type>::template find_name<Name>() >= 0;

template <class E, class... Name, class... S>
auto compose_present(const E& e, const named_expression<Name, S>&... given) {
  return std::apply(
      [&](const auto&... present) {
        if constexpr (sizeof...(present) == 0)
          return e;
        else
          return compose(e, present...);
      },
      std::tuple_cat([&] {
        if constexpr (has_name<E, Name>)
          return std::tuple<const named_expression<Name, S>&>(given);
        else
          return std::tuple<>();
      }()...));
}
template <class State, class E, class... Name, class... S>
auto compose_present(const new_state<State, E>& s, const named_expression<Name, S>&... given) {
  auto value = compose_present(s.value, given...);
  return new_state<State, decltype(value)>{value};
}
}  // namespace detail

/// Member I of a group as an expression of its own.
template <int I, class G, int L, class Roots, class... M>
auto member(const expression_group<G, L, Roots, M...>& g) {
  constexpr bool there = I >= 0 && I < int(sizeof...(M));
  (void)sizeof(detail::position_is_there<there, I, int(sizeof...(M))>);
  return detail::member_of < there ? I : 0 > (g);
}

/// The same of each member of a group that has such variables.
template <class G, int L, class Roots, class... M, class... Name, class... E>
requires(sizeof...(Name) > 0) auto compose(const expression_group<G, L, Roots, M...>& g,
                                           const detail::named_expression<Name, E>&... given) {
  using tables = detail::named_leaf_tables<typename detail::leaves_of<G>::type>;
  using named = detail::names_known<tables, list<Name...>>;
  named::say();
  if constexpr (named::value) {
    return [&]<int... I>(std::integer_sequence<int, I...>) {
      return group(detail::compose_present(detail::member_of<I>(g), given...)...);
    }
    (std::make_integer_sequence<int, int(sizeof...(M))>{});
  } else {
    return g;
  }
}

namespace detail {
/// Refuses the name of a node that a graph has not; the names that it has stand in the type.
template <bool Found, class Asked, class... TheGraphHas>
struct node_is_known {
  static_assert(Found,
                "tenon: there is no node of this name; Asked is the name, TheGraphHas lists those that there "
                "are");
};
template <class Text, class Indices>
struct spelled_text;
template <class Text, int... C>
struct spelled_text<Text, std::integer_sequence<int, C...>> {
  using type = named<Text::value.at[C]...>;
};
template <class Graph, class Asked, class Indices>
struct refused_node;
template <class Graph, class Asked, int... I>
struct refused_node<Graph, Asked, std::integer_sequence<int, I...>> {
  template <int K, class Text = text_of_node<Graph, K, false>>
  using name = typename spelled_text<Text, std::make_integer_sequence<int, Text::value.n>>::type;
  using type = node_is_known<false, Asked, name<I>...>;
};
}  // namespace detail

/// The nodes of the graph of an expression or group: variables and everything computed from them.
template <class E>
class internal_nodes {
  using graph_type = typename detail::group_of<E>::graph_type;
  using names = detail::node_names<graph_type>;

 public:
  static constexpr int size = names::n;

  explicit internal_nodes(const E& e) : e_(e) {}
  /// Node I as an expression that needs only its own variables.
  template <int I>
  auto get() const {
    constexpr bool there = I >= 0 && I < size;
    (void)sizeof(detail::position_is_there<there, I, size>);
    return detail::part_of < there ? I : 0 > (e_);
  }
  /// A node by name: a variable's, or that of an op and its number among the nodes of that op:
  /// get<"tanh0">().
  template <extent Name>
  requires(Name.is_named()) auto get() const {
    constexpr int i = find(spelled<Name>::text);
    if constexpr (i < 0)
      (void)sizeof(typename detail::refused_node<graph_type, spelled<Name>,
                                                 std::make_integer_sequence<int, size>>::type);
    return detail::part_of<(i < 0 ? 0 : i)>(e_);
  }
  /// The names of all nodes, in order.
  static constexpr std::array<std::string_view, std::size_t(size)> list() {
    return []<int... I>(std::integer_sequence<int, I...>) {
      return std::array<std::string_view, std::size_t(size)>{
          detail::text_of_node<graph_type, I, false>::view...};
    }
    (std::make_integer_sequence<int, size>{});
  }

 private:
  static constexpr int find(const char* text) {
    for (int i = 0; i < size; ++i)
      if (names::name(i) == text) return i;
    return -1;
  }
  E e_;
};

/// The inner nodes of an expression, each to be bound as an output.
template <tensor_like E>
auto internals(const E& e) {
  return internal_nodes<detail::symbol_type<E>>(detail::as_expression<0>(e));
}
template <class G, int L, class Roots, class... M>
auto internals(const expression_group<G, L, Roots, M...>& g) {
  return internal_nodes<expression_group<G, L, Roots, M...>>(g);
}
/// The operands of an expression's outermost op: child<0>(a + b) is a.
template <int K, tensor_like E>
auto child(const E& e) {
  using X = detail::symbol_type<E>;
  constexpr auto in = detail::graph_info<typename X::graph_type>::in[X::root];
  constexpr int count = (in.at[0] >= 0) + (in.at[1] >= 0) + (in.at[2] >= 0);
  constexpr bool there = K >= 0 && K < count;
  (void)sizeof(detail::position_is_there<there, K, count>);
  return detail::part_of < there ? in.at[K] : X::root > (detail::as_expression<0>(e));
}

}  // namespace tenon
