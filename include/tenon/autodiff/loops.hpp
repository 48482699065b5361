// What scan, cond and while_loop share: bodies traced on placeholders, operands packed, results taken out.
#pragma once

#include <tuple>

#include "tenon/autodiff/runner.hpp"
#include "tenon/graph/loop.hpp"

namespace tenon {

/// For scan without arrays to go through: that many steps.
template <index N>
struct steps {
  static_assert(N >= 0, "tenon: steps<N>: how many steps cannot be negative");
};

namespace detail {

// ---- one value or a tuple of them -------------------------------------------------------------------------

template <class X>
inline constexpr bool is_tuple = false;
template <class... X>
inline constexpr bool is_tuple<std::tuple<X...>> = true;
template <class X>
inline constexpr bool is_pair = false;
template <class A, class B>
inline constexpr bool is_pair<std::pair<A, B>> = true;
template <class X>
inline constexpr index step_count = -1;
template <index N>
inline constexpr index step_count<steps<N>> = N;

/// An operand of a loop as an expression; numbers have their own dtype.
template <int Number, class X>
auto loop_operand(const X& x) {
  if constexpr (plain_number<X>)
    return scalar_leaf<typename operand_types<X>::type>(x);
  else
    return std::remove_cvref_t<decltype(as_expression<Number>(x))>(as_expression<Number>(x));
}

template <class X>
auto as_values(const X& x) {
  if constexpr (is_tuple<X>)
    return std::apply([](const auto&... v) { return std::tie(v...); }, x);
  else if constexpr (step_count<X> >= 0)
    return std::tuple<>{};
  else
    return std::tuple<const X&>(x);
}

/// Operands side by side: a pack's expression. Parameters come after those before them.
template <class P>
auto pack_operands(P p) {
  return p;
}
template <class P, class X, class... More>
auto pack_operands(P p, const X& x, const More&... more) {
  if constexpr (std::is_same_v<P, no_value>)
    return pack_operands(packed(loop_operand<0>(x)), more...);
  else
    return pack_operands(
        packed_onto(std::move(p), loop_operand<graph_info<typename P::graph_type>::parameters>(x)), more...);
}
template <class... Tuples>
auto pack_tuples(const Tuples&... t) {
  return std::apply([](const auto&... v) { return pack_operands(no_value{}, v...); }, std::tuple_cat(t...));
}

// ---- placeholders -----------------------------------------------------------------------------------------

template <class X>
struct value_types {
  using E = std::remove_cvref_t<decltype(loop_operand<0>(std::declval<const X&>()))>;
  using element_type = typename E::value_type;
  using shape_type = typename E::shape_type;
};
template <type_id Body, int K, class T, class Shape>
using placeholder = expression<graph<node<named_leaf<step_argument<Body, K>, T, Shape>>>, 0, T, Shape>;

template <type_id Body, int First, class X>
struct carried_like {
  using type =
      placeholder<Body, First, typename value_types<X>::element_type, typename value_types<X>::shape_type>;
};
template <type_id Body, int First, class X>
struct sliced_like {
  static_assert(value_types<X>::shape_type::rank > 0,
                "tenon: scan goes through arrays along their first axis; an array of rank 0 has none");
  using type = placeholder<Body, First, typename value_types<X>::element_type,
                           typename without_first<typename value_types<X>::shape_type>::type>;
};
template <template <type_id, int, class> class Like, type_id Body, int First, class Indices, class... X>
struct placeholders_of;
template <template <type_id, int, class> class Like, type_id Body, int First, int... I, class... X>
struct placeholders_of<Like, Body, First, std::integer_sequence<int, I...>, X...> {
  using type = std::tuple<typename Like<Body, First + I, X>::type...>;
};
/// Placeholders for the values of a tuple, numbered from First on.
template <template <type_id, int, class> class Like, type_id Body, int First, class... X>
auto placeholders(const std::tuple<const X&...>&) {
  return typename placeholders_of<Like, Body, First, std::make_integer_sequence<int, int(sizeof...(X))>,
                                  X...>::type{};
}
/// As the function wants them: one value, or a tuple where there was one.
template <bool Tuple, class Values>
decltype(auto) as_given(const Values& v) {
  if constexpr (Tuple)
    return (v);
  else
    return (std::get<0>(v));
}

// ---- what a body returns ----------------------------------------------------------------------------------

/// Whether a step hands on what it was given: the same dtype, and a shape that fits.
template <class Given, class Returned>
struct hands_on {
  static constexpr bool dtype_kept =
      std::is_same_v<typename Given::value_type, typename Returned::value_type>;
  static constexpr bool shape_kept =
      result_shape<loop_next_op, typename Given::shape_type, typename Returned::shape_type>::value.error ==
      misfit::none;
};
template <class Given, class Returned>
struct hand_on;
template <class... Given, class... Returned>
struct hand_on<std::tuple<Given...>, std::tuple<Returned...>> {
  static constexpr bool count = sizeof...(Given) == sizeof...(Returned);
  static constexpr bool each(bool of_dtypes) {
    if constexpr (count)
      return of_dtypes ? (hands_on<Given, Returned>::dtype_kept && ...)
                       : (hands_on<Given, Returned>::shape_kept && ...);
    else
      return true;
  }
  static constexpr bool dtypes = each(true), shapes = each(false);
};

// ---- a loop as an expression ------------------------------------------------------------------------------

/// The results of a loop, as types.
template <class T, class Shape>
struct result_type {
  using value_type = T;
  using shape_type = Shape;
};

template <class P>
auto pack_leaves(P p) {
  return p;
}
template <class P, class E, class... More>
auto pack_leaves(P p, E e, More... more) {
  if constexpr (std::is_same_v<P, no_value>)
    return pack_leaves(packed(std::move(e)), std::move(more)...);
  else
    return pack_leaves(packed_onto(std::move(p), std::move(e)), std::move(more)...);
}
template <class O>
inline constexpr int parameters_of_pack = graph_info<typename O::graph_type>::parameters;
template <>
inline constexpr int parameters_of_pack<no_value> = 0;

/// The loop over packed operands whose body is an expression of packed results. What the body captured comes
/// after the `Given` operands.
template <class Form, type_id Body, int Given, class O, class P>
auto whole_loop(O operands, const P& results) {
  using closed = closed_body<Body, Given, typename P::graph_type>;
  auto all = [&]<int... J>(std::integer_sequence<int, J...>) {
    return pack_leaves(std::move(operands), captured_leaf<closed, J, parameters_of_pack<O>>(results)...);
  }
  (std::make_integer_sequence<int, closed::leaves.count>{});
  return apply_as<loop_op<Form, typename closed::type, P::root>, no_value, shape<>>(std::move(all));
}
template <int K, class Result, class Loop>
auto loop_result(const Loop& loop) {
  return apply_as<with<loop_result_op, K>, typename Result::value_type, typename Result::shape_type>(
      Loop(loop));
}

/// All results of a loop: expressions where something may be traced through them, else arrays, which one
/// evaluation makes.
template <class Loop, class Indices, class... Results>
struct loop_results;
template <class Loop, int... K, class... Results>
struct loop_results<Loop, std::integer_sequence<int, K...>, Results...> {
  template <class Graph, int I, class Roots>
  struct chain;
  template <class Graph, int I, int... R>
  struct chain<Graph, I, places<R...>> {
    using last = append<Graph, typename make_node<with<loop_result_op, I>, Loop::root>::type>;
    using type = typename chain<typename last::type, I + 1, places<R..., last::root>>::type;
  };
  template <class Graph, int... R>
  struct chain<Graph, int(sizeof...(K)), places<R...>> {
    using type = task<Graph, places<R...>, derive::nothing, places<>>;
  };
  using task_type = typename chain<typename Loop::graph_type, 0, places<>>::type;

  template <class Unit>
  static auto values(const Loop& loop) {
    if constexpr (Loop::traced) {
      return std::make_tuple(loop_result<K, Results>(loop)...);
    } else {
      runner<task_type, Unit>& r = eager_runner<task_type, Unit>();
      r.set_own(loop);
      r.run();
      auto v = std::make_tuple(
          r.template output<typename Results::value_type, typename Results::shape_type>(K)...);
      r.release();
      return v;
    }
  }
};
template <class Unit, class... Results, class Loop>
auto results_of(const Loop& loop) {
  return loop_results<Loop, std::make_integer_sequence<int, int(sizeof...(Results))>,
                      Results...>::template values<Unit>(loop);
}

}  // namespace detail
}  // namespace tenon
