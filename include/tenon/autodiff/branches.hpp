// cond and while_loop: what is computed depends on a value that is computed.
#pragma once

#include "tenon/autodiff/scan.hpp"

namespace tenon {

/// For while_loop: no more than that many steps, which gives it reverse derivatives.
template <index N>
struct max_steps {
  static_assert(N >= 0, "tenon: max_steps<N>: how many steps cannot be negative");
};

namespace detail {

template <class X>
inline constexpr index step_bound = -1;
template <index N>
inline constexpr index step_bound<max_steps<N>> = N;

template <class X>
inline constexpr bool is_condition = false;
template <class X>
requires tensor_like<X>
inline constexpr bool is_condition<X> =
    std::is_same_v<typename value_types<X>::element_type, bool> && value_types<X>::shape_type::rank == 0;
template <>
inline constexpr bool is_condition<bool> = true;

/// What a branch may return.
template <class X>
inline constexpr bool is_value = tensor_like<X> || plain_number<X>;
template <class... X>
inline constexpr bool is_value<std::tuple<X...>> = (is_value<X> && ...);

/// Whether the functions of a while_loop can be called with what it carries.
template <class Carry, class... F>
inline constexpr bool take_carry = (std::is_invocable_v<const F&, const Carry&> && ...);
template <bool Take>
struct functions_take_carry {
  static_assert(
      Take,
      "tenon: while_loop: condition and step take what init is: one array, or one std::tuple of arrays");
};

template <class A, class B>
struct same_values;
template <class... A, class... B>
struct same_values<std::tuple<A...>, std::tuple<B...>> {
  static constexpr bool count = sizeof...(A) == sizeof...(B);
  static constexpr bool dtypes = [] {
    if constexpr (count)
      return (std::is_same_v<typename A::value_type, typename B::value_type> && ...);
    else
      return true;
  }();
  static constexpr bool shapes = [] {
    if constexpr (count)
      return (std::is_same_v<typename A::shape_type, typename B::shape_type> && ...);
    else
      return true;
  }();
};
template <class Tuple>
struct value_results;
template <class... V>
struct value_results<std::tuple<V...>> {
  template <class Unit, class Loop>
  static auto of(const Loop& loop) {
    return results_of<Unit, result_type<typename V::value_type, typename V::shape_type>...>(loop);
  }
};
template <class Tuple>
struct all_traced;
template <class... V>
struct all_traced<std::tuple<V...>> {
  static constexpr bool any = (V::traced || ...);
};

template <class Values>
auto evaluated(const Values& v) {
  return std::apply([](const auto&... e) { return std::make_tuple(eval(e)...); }, v);
}
template <class R>
auto copied_values(const R& r) {
  return std::apply([](const auto&... v) { return std::make_tuple(loop_operand<0>(v)...); }, as_values(r));
}

}  // namespace detail

/// f(operands...) where `condition` (a bool, or a bool array of rank 0) is true, else g(operands...): of the
/// two, only that one is computed. Both return one array or a std::tuple, of the same dtypes and shapes. Of
/// arrays the result is computed at once; where something is traced, it is an expression, and a branch not
/// taken adds exactly 0 to derivatives.
template <class P, class F, class G, class... X, class Unit = this_unit>
auto cond(const P& condition, F f, G g, const X&... operands) {
  using namespace detail;
  static_assert(is_condition<P>, "tenon: cond: the condition is a bool or a bool array of rank 0");
  constexpr type_id body = detail::identity<list<F, G>>::id;
  const auto read = std::tuple<const X&...>(operands...);
  const auto x = placeholders<carried_like, body, 0>(read);
  const auto then = std::apply(f, x);
  const auto otherwise = std::apply(g, x);
  constexpr bool arrays =
      is_value<std::remove_cvref_t<decltype(then)>> && is_value<std::remove_cvref_t<decltype(otherwise)>>;
  static_assert(arrays, "tenon: cond: a branch returns one array, or a std::tuple of arrays");
  if constexpr (is_condition<P> && arrays) {
    using then_values = decltype(copied_values(then));
    using other_values = decltype(copied_values(otherwise));
    using agree = same_values<then_values, other_values>;
    static_assert(agree::count, "tenon: cond: the branches return different numbers of values");
    static_assert(agree::dtypes, "tenon: cond: the branches return values of different dtypes");
    static_assert(agree::shapes, "tenon: cond: the branches return values of different shapes");
    if constexpr (agree::count && agree::dtypes && agree::shapes) {
      constexpr int n = int(std::tuple_size_v<then_values>);
      constexpr bool several = is_tuple<std::remove_cvref_t<decltype(then)>>;
      using form = loop_form<0, 0, n, 1, loop_trait::branch | loop_trait::enters>;
      const auto loop =
          whole_loop<form, body, int(sizeof...(X))>(pack_tuples(std::tuple<const P&>(condition), read),
                                                    pack_tuples(as_values(then), as_values(otherwise)));
      auto results = value_results<then_values>::template of<Unit>(loop);
      return taken<several, 0, std::size_t(n)>(results);
    }
  }
}

/// Runs carry = step(carry) while condition(carry) is true, from `init` on, an array or a std::tuple of them;
/// returns the last carry. Both functions get the values as scan's step does. Derivatives in forward mode; in
/// reverse mode with a bound: while_loop(condition, step, init, max_steps<100>{}), which stops after so many
/// steps at the latest.
template <class C, class F, class Init, class Bound = void, class Unit = this_unit>
auto while_loop(C condition, F step, const Init& init) {
  using namespace detail;
  constexpr type_id body = detail::identity<list<C, F>>::id;
  const auto inits = as_values(init);
  constexpr int n = int(std::tuple_size_v<decltype(inits)>);
  const auto c = placeholders<carried_like, body, 1>(inits);
  const auto first = copied_values(init);
  constexpr bool take = take_carry<decltype(as_given<is_tuple<Init>>(c)), C, F>;
  (void)sizeof(functions_take_carry<take>);
  if constexpr (take) {
    const auto runs = condition(as_given<is_tuple<Init>>(first));
    static_assert(is_condition<std::remove_cvref_t<decltype(runs)>>,
                  "tenon: while_loop: the condition gives a bool of rank 0");
    const auto returned = step(as_given<is_tuple<Init>>(c));
    const auto next = copied_values(returned);
    using fit = hand_on<std::remove_cvref_t<decltype(c)>, std::remove_cvref_t<decltype(next)>>;
    static_assert(fit::count,
                  "tenon: while_loop: the step hands on another number of values than it is given");
    static_assert(fit::dtypes,
                  "tenon: while_loop: a value that the step hands on has another dtype than it was given");
    static_assert(fit::shapes,
                  "tenon: while_loop: a value that the step hands on has another shape than it was given");
    if constexpr (fit::count && fit::dtypes && fit::shapes) {
      const auto more = condition(as_given<is_tuple<Init>>(next));
      using form = loop_form<1 + n, 0, 0, -1, loop_trait::flag | loop_trait::enters>;
      const auto loop = whole_loop<form, body, 1 + n>(pack_tuples(std::tie(runs), as_values(first)),
                                                      pack_tuples(std::tie(more), as_values(next)));
      using values = decltype(std::tuple_cat(std::tuple<expression<graph<>, 0, bool, shape<>>>(),
                                             std::remove_cvref_t<decltype(c)>{}));
      auto results = value_results<values>::template of<Unit>(loop);
      return taken<is_tuple<Init>, 1, std::size_t(n)>(results);
    }
  }
}
template <class C, class F, class Init, index N>
auto while_loop(C condition, F step, const Init& init, max_steps<N>) {
  return scan(
      [&](const auto& carry) {
        const auto same = [](const auto&... v) {
          if constexpr (detail::is_tuple<Init>)
            return std::make_tuple(v...);
          else
            return std::get<0>(std::tie(v...));
        };
        const auto once = [&](const auto&... v) {
          if constexpr (detail::is_tuple<Init>)
            return step(std::make_tuple(v...));
          else
            return step(v...);
        };
        constexpr bool take = detail::take_carry<decltype(carry), C, F>;
        (void)sizeof(detail::functions_take_carry<take>);
        if constexpr (take)
          return std::apply([&](const auto&... v) { return cond(condition(carry), once, same, v...); },
                            detail::as_values(carry));
        else
          return carry;  // after the message
      },
      init, steps<N>{});
}

}  // namespace tenon
