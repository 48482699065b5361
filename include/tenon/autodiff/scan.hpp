// scan: a step function along the first axis of arrays, with values that each step hands on to the next.
//
//   auto [last, hs] = scan([](auto h, auto x, auto w) { auto n = tanh(matmul(h, w) + x);
//                                                           return std::pair(n, n); },
//                          h0, xs, w);
//
// One node of the graph whatever the number of steps, which may be known at run time alone: its step is
// planned once, fuses, and differentiates in both modes.
#pragma once

#include "tenon/autodiff/loops.hpp"

namespace tenon {

/// Options of scan, joined with |.
namespace scans {
inline constexpr unsigned reverse =
    loop_trait::reverse;  // from the last element to the first; stacked results keep their places
inline constexpr unsigned recompute =
    loop_trait::recompute;  // backwards, steps are computed again from what they were given, not kept
}  // namespace scans

namespace detail {

/// What a step returned: the values it hands on, and those to be stacked.
template <class R>
auto step_carries(const R& r) {
  if constexpr (is_pair<R>)
    return as_values(r.first);
  else
    return as_values(r);
}
template <class R>
auto step_stacks(const R& r) {
  if constexpr (is_pair<R>)
    return as_values(r.second);
  else
    return std::tuple<>{};
}
template <class Tuple>
struct expressions_of;
template <class... X>
struct expressions_of<std::tuple<const X&...>> {
  using type = std::tuple<std::remove_cvref_t<decltype(loop_operand<0>(std::declval<const X&>()))>...>;
};
template <>
struct expressions_of<std::tuple<>> {
  using type = std::tuple<>;
};

template <class X>
constexpr bool has_axis() {
  if constexpr (tensor_like<X>)
    return value_types<X>::shape_type::rank > 0;
  else
    return true;  // refused for that
}
template <class Values>
struct have_axes;
template <class... X>
struct have_axes<std::tuple<X...>> {
  static constexpr bool value = (has_axis<std::remove_cvref_t<X>>() && ...);
};
template <class Values>
struct are_arrays;
template <class... X>
struct are_arrays<std::tuple<X...>> {
  static constexpr bool value =
      ((tensor_like<std::remove_cvref_t<X>> || plain_number<std::remove_cvref_t<X>>)&&...);
};

template <class Xs, index Length>
struct scan_extent {
  using type = size<Length>;
};
template <class X, class... More, index Length>
struct scan_extent<std::tuple<const X&, More...>, Length> {
  using type = typename without_first<typename value_types<X>::shape_type>::first;
};

template <class D, class Carries, class Stacks>
struct scan_types;
template <class D, class... C, class... Y>
struct scan_types<D, std::tuple<C...>, std::tuple<Y...>> {
  template <class Unit, class Loop>
  static auto results(const Loop& loop) {
    return results_of<
        Unit, result_type<typename C::value_type, typename C::shape_type>...,
        result_type<typename Y::value_type, typename with_first<D, typename Y::shape_type>::type>...>(loop);
  }
};

template <std::size_t First, class Tuple, std::size_t... I>
auto sub_tuple(Tuple& t, std::index_sequence<I...>) {
  return std::make_tuple(std::move(std::get<First + I>(t))...);
}
/// As the user gave or returned them: one value, or a tuple.
template <bool Tuple, std::size_t First, std::size_t N, class All>
auto taken(All& t) {
  if constexpr (Tuple)
    return sub_tuple<First>(t, std::make_index_sequence<N>{});
  else
    return std::move(std::get<First>(t));
}

}  // namespace detail

/// Runs (carry, y) = f(carry, x, shared...) for each x along the first axis of xs, from the first carry
/// `init` on. f is traced once; it returns std::pair(carry, y), or the carry alone. init, xs and what f
/// returns are arrays or std::tuples of them; xs may also be steps<N>{}, and then f gets no x. `shared` are
/// arrays that every step reads (those that f captures are read, too, but each mention of one counts as an
/// array of its own).
///
/// Returns std::pair(last carry, ys), ys stacked along a new first axis; or the last carry alone, where f
/// returns no y. Of arrays the results are arrays, computed at once; where something is traced, expressions.
/// Carries keep their dtype and shape. Throws shape_error where arrays of xs differ in their first extent.
template <unsigned Options = 0, class F, class Init, class Xs, class... Shared, class Unit = this_unit>
auto scan(F f, const Init& init, const Xs& xs, const Shared&... shared) {
  using namespace detail;
  constexpr type_id body = detail::identity<F>::id;
  const auto inits = as_values(init);
  const auto arrays = as_values(xs);
  const auto read = std::tuple<const Shared&...>(shared...);
  constexpr int carries = int(std::tuple_size_v<decltype(inits)>),
                slices = int(std::tuple_size_v<decltype(arrays)>),
                given = carries + slices + int(sizeof...(Shared));
  static_assert(carries + slices > 0, "tenon: scan: nothing to hand on and no array to go through");
  constexpr bool axes = have_axes<std::remove_cvref_t<decltype(arrays)>>::value;
  static_assert(axes, "tenon: scan goes through arrays along their first axis; an array of rank 0 has none");
  constexpr bool given_arrays = are_arrays<std::remove_cvref_t<decltype(inits)>>::value &&
                                are_arrays<std::remove_cvref_t<decltype(arrays)>>::value;
  static_assert(given_arrays, "tenon: scan takes arrays, or std::tuples of arrays");
  if constexpr (axes && given_arrays) {
    const auto c = placeholders<carried_like, body, 0>(inits);
    const auto x = placeholders<sliced_like, body, carries>(arrays);
    const auto s = placeholders<carried_like, body, carries + slices>(read);
    const auto returned = std::apply(
        [&](const auto&... more) {
          if constexpr (step_count<Xs> >= 0)
            return f(as_given<is_tuple<Init>>(c), more...);
          else
            return f(as_given<is_tuple<Init>>(c), as_given<is_tuple<Xs>>(x), more...);
        },
        s);
    using R = std::remove_cvref_t<decltype(returned)>;
    const auto next = step_carries(returned);
    const auto stacked = step_stacks(returned);
    using given_carries = std::remove_cvref_t<decltype(c)>;
    using next_carries = typename expressions_of<std::remove_cvref_t<decltype(next)>>::type;
    using stacks = typename expressions_of<std::remove_cvref_t<decltype(stacked)>>::type;
    using fit = hand_on<given_carries, next_carries>;
    static_assert(fit::count, "tenon: scan: the step hands on another number of values than it is given");
    static_assert(fit::dtypes,
                  "tenon: scan: a value that the step hands on has another dtype than it was given");
    static_assert(fit::shapes,
                  "tenon: scan: a value that the step hands on has another shape than it was given");
    if constexpr (fit::count && fit::dtypes && fit::shapes) {
      constexpr int ys = int(std::tuple_size_v<stacks>);
      using form = loop_form<carries, slices, ys, step_count<Xs>, Options>;
      const auto loop =
          whole_loop<form, body, given>(pack_tuples(inits, arrays, read), pack_tuples(next, stacked));
      auto results =
          scan_types<typename scan_extent<std::remove_cvref_t<decltype(arrays)>, step_count<Xs>>::type,
                     given_carries, stacks>::template results<Unit>(loop);
      auto last = taken<(is_tuple<Init>), 0, std::size_t(carries)>(results);
      if constexpr (ys == 0) {
        return last;
      } else {
        constexpr bool several = [] {
          if constexpr (is_pair<R>)
            return is_tuple<typename R::second_type>;
          else
            return false;
        }();
        return std::pair(std::move(last), taken<several, std::size_t(carries), std::size_t(ys)>(results));
      }
    }
  }
}

}  // namespace tenon
