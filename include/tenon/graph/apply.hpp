// Applying an op to operands: the types of the result, the messages when they do not fit, and the leaves
// joined.
#pragma once

#include <cstring>

#include "tenon/graph/expression.hpp"
#include "tenon/graph/op.hpp"

namespace tenon {

struct cast_op;      // ops/elementwise.hpp
struct constant_op;  // ops/constant.hpp

namespace detail {

// ---- shapes: types to values and back ---------------------------------------------------------------------

template <class D>
inline constexpr bool is_named_dim = false;
template <char... C>
inline constexpr bool is_named_dim<named<C...>> = true;

/// The code of a dimension's type, names numbered by their place in a list.
template <class D, class Names>
inline constexpr index code_of = dyn_code;
template <index N, class Names>
inline constexpr index code_of<size<N>, Names> = N;
template <char... C, class Names>
inline constexpr index code_of<named<C...>, Names> = first_name_code - position<named<C...>, Names>::value;

template <class Shape, class Names>
struct extents_of;
template <class... D, class Names>
struct extents_of<shape<D...>, Names> {
  static constexpr extents compute() {
    static_assert(sizeof...(D) <= max_rank, "tenon: at most 8 axes");
    constexpr index codes[] = {code_of<D, Names>..., 0};
    extents e;
    for (int i = 0; i < int(sizeof...(D)); ++i) e[e.rank++] = {codes[i], codes[i] >= 0 ? codes[i] : -1};
    return e;
  }
  static constexpr extents value = compute();
};

template <class D>
struct name_list {
  using type = list<>;
};
template <char... C>
struct name_list<named<C...>> {
  using type = list<named<C...>>;
};
template <class... Shapes>
struct names_of;
template <class... D>
struct names_of<shape<D...>> : concat<typename name_list<D>::type...> {};
template <class... S>
requires(sizeof...(S) != 1) struct names_of<S...> : concat<typename names_of<S>::type...> {
};

template <index Code, class Names,
          int Kind = is_static(Code) ? 0
                     : is_name(Code) ? 1
                                     : 2>
struct dim_type {
  using type = size<Code>;
};
template <index Code, class Names>
struct dim_type<Code, Names, 1> {
  static constexpr int at_name = static_cast<int>(first_name_code - Code);
  using type = at<at_name, Names>;
};
template <index Code, class Names>
struct dim_type<Code, Names, 2> {
  using type = dyn_size;
};

// Codes travel to types through a list of plain numbers.
template <class Names, index... Codes>
struct shape_of_codes {
  using type = shape<typename dim_type<Codes, Names>::type...>;
};

// ---- the result's dtype and shape -------------------------------------------------------------------------

template <class X, class... Shapes>
struct result_shape {
  using parts = op_parts<X>;
  using names = unique<typename concat<typename names_of<Shapes>::type...,
                                       typename names_of<typename parts::target>::type>::type>;
  struct outcome {
    extents shape;
    misfit error;
  };
  static constexpr outcome compute() {
    const extents in[] = {extents_of<Shapes, names>::value..., extents{}};
    shape_scope scope;
    outcome o{};
    o.shape =
        parts::op::shape(scope, {in, parts::attribute, extents_of<typename parts::target, names>::value});
    o.error = scope.error;
    return o;
  }
  static constexpr outcome value = compute();
  static constexpr index code(int i) {
    const index c = value.shape.d[i].code;
    return c <= first_dyn_code ? dyn_code : c;
  }
  template <class Indices>
  struct make;
  template <int... I>
  struct make<std::integer_sequence<int, I...>> : shape_of_codes<names, code(I)...> {};
  using type = typename make<std::make_integer_sequence<int, value.shape.rank>>::type;
};

template <class X, class... T>
struct result_dtype {
  static constexpr dtype in[sizeof...(T) + 1] = {dtype_of<T>..., dtype::none};
  static constexpr dtype_rule rule =
      resolve_dtypes(row_of<typename op_parts<X>::op>(), in, op_parts<X>::attribute);
  using type = type_of<rule.result>;
};

template <class... T>
inline constexpr bool in_rule = (std::is_same_v<T, any_dtype> || ...);

/// What is wrong with operands, as values. The functions that users call assert on them themselves: an
/// assertion in here would put templates between the message and the user's line, and messages are read from
/// the top.
template <class X, class... E>
struct fitting {
  static constexpr dtype_rule types() {
    if constexpr (in_rule<typename E::value_type...>)
      return {};
    else
      return result_dtype<X, typename E::value_type...>::rule;
  }
  static constexpr misfit shapes() {
    if constexpr (in_rule<typename E::value_type...>)
      return misfit::none;
    else
      return result_shape<X, typename E::shape_type...>::value.error;
  }
  static constexpr misfit why = shapes();
  static constexpr bool kinds = !types().mixed, dtypes = types().mixed || !types().refused;
  static constexpr bool names = why != misfit::names, sizes = why != misfit::sizes,
                        ranks = why != misfit::rank, elements = why != misfit::elements,
                        ranges = why != misfit::range;
  static constexpr bool ok = kinds && dtypes && why == misfit::none;
};

/// A node or an expression whose numbers are computed. To name `node<X, last::root>` would be to keep, in
/// nvcc's front end, the expression behind the number and a tree of those before it; so computed numbers are
/// arguments of these classes alone (see list.hpp).
template <class X, int... R>
struct make_node {
  using type = node<X, R...>;
};
template <class Graph, int Root, class T, class Shape>
struct make_expression;
template <class... N, int R, class T, class... D>
struct make_expression<graph<N...>, R, T, shape<D...>> {
  using type = expression<graph<N...>, R, T, shape<D...>>;
};
template <class... N, int R, class T>
struct make_expression<graph<N...>, R, T, any_shape> {
  using type = expression<graph<N...>, R, T, any_shape>;
};

// By dtypes and by shapes apart, never by operands: nvcc spells a result's type by the class that it came
// from, and operands among that class's arguments would make a tree of all operands before them (measured:
// time doubled with each residual add).
template <bool InRule, class X, class... T>
struct dtype_result : result_dtype<X, T...> {};
template <class X, class... T>
struct dtype_result<true, X, T...> {
  using type = any_dtype;
};
template <bool InRule, class X, class... S>
struct shape_result : result_shape<X, S...> {};
template <class X, class... S>
struct shape_result<true, X, S...> {
  using type = any_shape;
};

/// How operands' graphs become one, and where their roots are in it.
template <class... E>
struct merged_operands;
template <class G, int R, class T, class S>
struct merged_operands<expression<G, R, T, S>> {
  using graph_type = G;
  template <class X>
  struct with_node : append<G, typename make_node<X, R>::type> {};
};
template <class GA, int RA, class TA, class SA, class GB, int RB, class TB, class SB>
struct merged_operands<expression<GA, RA, TA, SA>, expression<GB, RB, TB, SB>> {
  using merged = merge<GA, GB>;
  template <class X>
  struct with_node : append<typename merged::type, typename make_node<X, RA, merged::map(RB)>::type> {};
};
template <class GA, int RA, class TA, class SA, class GB, int RB, class TB, class SB, class GC, int RC,
          class TC, class SC>
struct merged_operands<expression<GA, RA, TA, SA>, expression<GB, RB, TB, SB>, expression<GC, RC, TC, SC>> {
  using first = merge<GA, GB>;
  using merged = merge<typename first::type, GC>;
  template <class X>
  struct with_node
      : append<typename merged::type, typename make_node<X, RA, first::map(RB), merged::map(RC)>::type> {};
};

template <class X, class... E>
struct applied : merged_operands<E...> {
  using last = typename merged_operands<E...>::template with_node<X>;
  static constexpr bool rule = in_rule<typename E::value_type...>;
  using type =
      typename make_expression<typename last::type, last::root,
                               typename dtype_result<rule, X, typename E::value_type...>::type,
                               typename shape_result<rule, X, typename E::shape_type...>::type>::type;
};

// ---- leaves -----------------------------------------------------------------------------------------------

/// For each leaf of graph G, its place among the leaves of the graph that G was merged into.
template <class G, class Merged, class Map>
constexpr auto leaf_places(Map map) {
  using from = graph_info<G>;
  using into = graph_info<Merged>;
  std::array<int, from::leaves + 1> place{};
  int k = 0;
  for (int j = 0; j < from::size; ++j) {
    if (!from::slot[j] && !from::parameter[j]) continue;
    int ordinal = 0;
    for (int i = 0; i < map(j); ++i) ordinal += into::slot[i] || into::parameter[i];
    place[k++] = ordinal;
  }
  return place;
}

[[noreturn]] inline void throw_same_place() {
  throw usage_error(
      "model: two parameters of one dtype and shape stand at the same place of a traced function and cannot "
      "be told "
      "apart; give one of the two layers a name, as in nn::dense<64, 64, \"query\">");
}

template <class Result, class Leaf, class Places>
void join_leaves(Result& result, int filled, Leaf* from, const Places& place, int n) {
  for (int j = 0; j < n; ++j) {
    if (place[j] >= filled)
      result.leaves[place[j]] = std::move(from[j]);  // a copy where Leaf is const
    else if (result.leaves[place[j]].parameter != from[j].parameter)
      throw_same_place();
  }
}

/// The expression `Rule::type` with the leaves of its operands.
template <class Rule, class A>
constexpr typename Rule::type join(A&& a) {
  typename Rule::type r;
  if constexpr (detail::bare<A>::type::leaf_count > 0)
    for (int i = 0; i < detail::bare<A>::type::leaf_count; ++i) r.leaves[i] = static_cast<A&&>(a).leaves[i];
  return r;
}

template <class G, class Merge>
struct merged_leaves {
  static constexpr auto place = leaf_places<G, typename Merge::type>([](int i) { return Merge::map(i); });
};

/// Temporaries give their leaves away: an array that they alone still held could not be written in place.
template <class Merge, class Result, class X>
constexpr void join_operand(Result& r, int filled, X&& e) {
  using E = typename detail::bare<X>::type;
  if constexpr (E::leaf_count > 0) {
    constexpr const auto& place = merged_leaves<typename E::graph_type, Merge>::place;
    if constexpr (std::is_lvalue_reference_v<X>)
      join_leaves(r, filled, std::as_const(e.leaves).data(), place, E::leaf_count);
    else
      join_leaves(r, filled, e.leaves.data(), place, E::leaf_count);
  }
}

template <class Rule, class A, class B>
constexpr typename Rule::type join(A&& a, B&& b) {
  auto r = join<Rule>(static_cast<A&&>(a));
  join_operand<typename Rule::merged>(r, detail::bare<A>::type::leaf_count, static_cast<B&&>(b));
  return r;
}

template <class Rule, class A, class B, class C>
constexpr typename Rule::type join(A&& a, B&& b, C&& c) {
  auto r = join<Rule>(static_cast<A&&>(a));
  join_operand<typename Rule::first>(r, detail::bare<A>::type::leaf_count, static_cast<B&&>(b));
  join_operand<typename Rule::merged>(r, graph_info<typename Rule::first::type>::leaves, static_cast<C&&>(c));
  return r;
}

template <class X, class... E>
constexpr auto apply_to(E&&... e) {
  return join<applied<X, typename detail::bare<E>::type...>>(static_cast<E&&>(e)...);
}

// ---- operands: anything the user may write, as an expression ----------------------------------------------

/// Evaluates an expression to a leaf; the evaluator defines it.
template <class E, class Unit>
const leaf& evaluate_once(const E& e);

template <class T>
using scalar_expression = expression<graph<node<slot<0, T, shape<>>>>, 0, T, shape<>>;

template <class T, class Number>
scalar_expression<T> scalar_leaf(Number value) {
  scalar_expression<T> e;
  const T converted = static_cast<T>(value);
  std::memcpy(e.leaves[0].number, &converted, sizeof(T));
  return e;
}

/// The expression that an operand stands for. Number is the place of a model's parameter, if it is one.
template <int Number, class X>
constexpr decltype(auto) as_expression(X&& x) {
  using E = typename detail::bare<X>::type;
  if constexpr (!is_expression<E>) {
    return operand_traits<E>::template convert<Number>(static_cast<X&&>(x));
  } else if constexpr (std::is_lvalue_reference_v<X> && !E::traced && !E::is_leaf && E::leaf_count > 0) {
    // a named lazy expression is evaluated at most once, whatever number of statements read it
    expression<graph<node<slot<0, typename E::value_type, typename E::shape_type>>>, 0,
               typename E::value_type, typename E::shape_type>
        read;
    read.leaves[0] = evaluate_once<E, this_unit>(x);
    return read;
  } else {
    return static_cast<X&&>(x);
  }
}

template <class X>
constexpr int parameters_in() {
  using E = typename detail::bare<X>::type;
  if constexpr (is_expression<E>)
    return graph_info<typename E::graph_type>::parameters;
  else
    return 0;
}

template <class X>
struct value_type_of {
  using type = weak_number;
};
template <tensor_like X>
struct value_type_of<X> {
  using type = typename detail::bare<decltype(as_expression<0>(std::declval<X>()))>::type::value_type;
};
template <plain_number X>
struct value_type_of<X> {
  using type =
      std::conditional_t<std::is_same_v<typename detail::bare<X>::type, bool>, bool,
                         std::conditional_t<std::is_floating_point_v<typename detail::bare<X>::type>,
                                            std::conditional_t<sizeof(X) <= 4, float, double>,
                                            std::conditional_t<sizeof(X) <= 4, std::int32_t, std::int64_t>>>;
};

/// The dtype of a number's partners.
template <class... X>
struct partner_type {
  static constexpr dtype of_tensors() {
    dtype d = dtype::weak;
    ((d = tensor_like<X> ? promote(d, dtype_of<typename value_type_of<X>::type>) : d), ...);
    return d;
  }
  static constexpr dtype of_all() {
    dtype d = dtype::weak;
    ((d = promote(d, dtype_of<typename value_type_of<X>::type>)), ...);
    return d;
  }
  using type = type_of<of_tensors() == dtype::weak || of_tensors() == dtype::none ? of_all() : of_tensors()>;
};
/// The same among the operands of op X: a condition is none of them.
template <bool Condition, class... X>
struct number_type : partner_type<X...> {};
template <class C, class... X>
struct number_type<true, C, X...> : partner_type<X...> {};

/// Whether all plain numbers among operands X can be numbers of dtype T, a floating-point one or bool.
template <class T, class... X>
struct numbers_fit {
  static constexpr bool compute(bool (*allowed)(dtype)) {
    bool fit = true;
    ((fit = fit && (!operand_kind<X>::number || allowed(dtype_of<typename value_type_of<X>::type>))), ...);
    return fit;
  }
  static constexpr bool floats =
      compute([](dtype number) { return !is_floating(number) || is_floating(dtype_of<T>); });
  static constexpr bool booleans =
      compute([](dtype number) { return number == dtype::boolean || dtype_of<T> != dtype::boolean; });
};

template <class T, int Number, class X>
constexpr decltype(auto) as_operand(X&& x) {
  if constexpr (plain_number<X>)
    return scalar_leaf<T>(x);
  else
    return as_expression<Number>(static_cast<X&&>(x));
}

/// An operand of dtype `To`; a cast is inserted where it has another of the same kind.
template <dtype To, class E>
constexpr decltype(auto) converted(E&& e) {
  using T = typename detail::bare<E>::type::value_type;
  if constexpr (std::is_same_v<T, any_dtype> || dtype_of<T> == To || To == dtype::none ||
                dtype_of<T> == dtype::weak)
    return static_cast<E&&>(e);
  else
    return apply_to<with<cast_op, index(To)>>(static_cast<E&&>(e));
}

/// The expression that operand X of a function becomes.
template <class T, int Number, class X>
struct operand_expression {
  using type = typename bare<decltype(as_operand<T, Number>(std::declval<X>()))>::type;
};

/// All about the operands A of op X.
template <class X, class... A>
struct applying {
  using op = typename op_parts<X>::op;
  using number = typename number_type<op::condition == 0, A...>::type;
  /// A parameter among the operands comes after those inside of its partners.
  template <class B>
  static constexpr int place = (parameters_in<A>() + ...) - parameters_in<B>();

  using numbers = numbers_fit<number, A...>;
  using fit = fitting<X, typename operand_expression<number, place<A>, A>::type...>;

  template <class... E>
  static constexpr dtype common() {
    if constexpr (in_rule<typename E::value_type...>)
      return dtype::none;
    else
      return result_dtype<X, typename E::value_type...>::rule.operand;
  }
  /// What operand K is converted to.
  template <int K>
  static constexpr dtype converts = K == op::condition || K == op::shape_only
                                        ? dtype::none
                                        : common<typename operand_expression<number, place<A>, A>::type...>();
};

// Conversions stand in one expression with their use: what they refer to may be a temporary.
template <class X, class A>
constexpr auto apply_fitting(A&& a) {
  return apply_to<X>(as_expression<0>(static_cast<A&&>(a)));
}
template <class X, class A, class B, class All = applying<X, A, B>>
constexpr auto apply_fitting(A&& a, B&& b) {
  return apply_to<X>(converted<All::template converts<0>>(
                         as_operand<typename All::number, All::template place<A>>(static_cast<A&&>(a))),
                     converted<All::template converts<1>>(
                         as_operand<typename All::number, All::template place<B>>(static_cast<B&&>(b))));
}
template <class X, class A, class B, class C, class All = applying<X, A, B, C>>
constexpr auto apply_fitting(A&& a, B&& b, C&& c) {
  return apply_to<X>(converted<All::template converts<0>>(
                         as_operand<typename All::number, All::template place<A>>(static_cast<A&&>(a))),
                     converted<All::template converts<1>>(
                         as_operand<typename All::number, All::template place<B>>(static_cast<B&&>(b))),
                     converted<All::template converts<2>>(
                         as_operand<typename All::number, All::template place<C>>(static_cast<C&&>(c))));
}

template <class Applying, class A, class... More>
constexpr auto first_operand(A&& a, More&&...) {
  return as_operand<typename Applying::number, Applying::template place<A>>(static_cast<A&&>(a));
}

}  // namespace detail

/// The expression that op X makes of one to three operands, numbers among them.
template <class X, class... A>
requires operands<A...>
constexpr auto apply(A&&... a) {
  static_assert(
      detail::applying<X, A...>::numbers::floats,
      "tenon: a floating-point number meets an integer or bool tensor; convert it with astype<float>(x)");
  static_assert(detail::applying<X, A...>::numbers::booleans,
                "tenon: a number meets a bool tensor; convert it with astype<T>(x)");
  static_assert(detail::applying<X, A...>::fit::kinds,
                "tenon: the operands have dtypes of different kinds; convert one with astype<T>(x)");
  static_assert(detail::applying<X, A...>::fit::dtypes,
                "tenon: this operation does not take operands of this dtype; see astype<T>(x)");
  static_assert(detail::applying<X, A...>::fit::names,
                "tenon: extents with two different names never fit, not even when their sizes agree");
  static_assert(detail::applying<X, A...>::fit::sizes,
                "tenon: the shapes of the operands do not fit (sizes differ)");
  static_assert(detail::applying<X, A...>::fit::ranks,
                "tenon: this operation does not take operands of these ranks");
  static_assert(detail::applying<X, A...>::fit::elements, "tenon: the numbers of elements differ");
  static_assert(detail::applying<X, A...>::fit::ranges, "tenon: the range lies outside the extent");
  if constexpr (detail::applying<X, A...>::fit::ok)
    return detail::apply_fitting<X>(static_cast<A&&>(a)...);
  else
    return detail::first_operand<detail::applying<X, A...>>(static_cast<A&&>(a)...);
}

}  // namespace tenon
