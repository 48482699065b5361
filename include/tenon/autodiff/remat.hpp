// remat: what a function computed on the way forward is not kept for the way back, but computed again from
// its arguments. Memory for time: a chain of n such functions keeps its n arguments only.
#pragma once

#include "tenon/autodiff/scan.hpp"

namespace tenon {

namespace detail {
/// x of shape [1, ...] without its first axis.
template <class X>
auto first_of_one(const X& x) {
  if constexpr (is_expression<X>)
    return squeeze<0>(x);
  else
    return eval(squeeze<0>(x));
}
}  // namespace detail

/// A function whose derivatives compute it again. See remat.
template <class F>
struct rematerialised {
  F f;

  template <class... X, class Unit = this_unit>
  auto operator()(const X&... x) const {
    using namespace detail;
    constexpr type_id body = detail::identity<rematerialised<F>>::id;
    const auto read = std::tuple<const X&...>(x...);
    const auto returned = std::apply(f, placeholders<carried_like, body, 0>(read));
    const auto values = as_values(returned);
    using results = typename expressions_of<std::remove_cvref_t<decltype(values)>>::type;
    constexpr int n = int(std::tuple_size_v<results>);
    using form = loop_form<0, 0, n, 1, loop_trait::recompute | loop_trait::enters>;
    const auto loop = whole_loop<form, body, int(sizeof...(X))>(pack_tuples(read), pack_tuples(values));
    auto stacked = scan_types<size<1>, std::tuple<>, results>::template results<Unit>(loop);
    auto taken_out =
        std::apply([](const auto&... v) { return std::make_tuple(first_of_one(v)...); }, stacked);
    return taken<(is_tuple<std::remove_cvref_t<decltype(returned)>>), 0, std::size_t(n)>(taken_out);
  }
};

/// f with another plan for its derivatives in reverse mode: nothing of what it computes is kept but its
/// arguments. f takes arrays (models and other arrays it may capture) and returns one array or a std::tuple
/// of them.
template <class F>
rematerialised<F> remat(F f) {
  return {static_cast<F&&>(f)};
}

}  // namespace tenon
