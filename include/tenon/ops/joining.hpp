// Arrays joined along an axis: concat, stack.
#pragma once

#include "tenon/graph/call.hpp"
#include "tenon/ops/concat.hpp"
#include "tenon/ops/indexing.hpp"

namespace tenon {

/// Arrays one after the other along an axis, their other extents equal: concat<0>(a, b, c). Static extents
/// add up; others give a dynamic one. Dtypes are promoted.
template <int Axis, tensor_like A>
constexpr auto concat(A&& a) {
  return detail::as_expression<0>(static_cast<A&&>(a));
}
template <int Axis, tensor_like A, tensor_like B>
constexpr auto concat(A&& a, B&& b) {
  return apply<with<concat_op, detail::chosen_axis<Axis, A>()>>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <int Axis, tensor_like A, tensor_like B, tensor_like C, tensor_like... More>
constexpr auto concat(A&& a, B&& b, C&& c, More&&... more) {
  if constexpr (sizeof...(More) == 0)
    return concat<Axis>(concat<Axis>(static_cast<A&&>(a), static_cast<B&&>(b)), static_cast<C&&>(c));
  else  // halves, which keep types short; no element is copied twice, since concatenations nest
    return concat<Axis>(concat<Axis>(static_cast<A&&>(a), static_cast<B&&>(b)),
                        concat<Axis>(static_cast<C&&>(c), static_cast<More&&>(more)...));
}

/// Arrays of one shape along a new axis: stack<0>(a, b): [n], [n] -> [2, n].
template <int Axis, tensor_like... X>
constexpr auto stack(X&&... x) {
  return concat<Axis>(expand_dims<Axis>(static_cast<X&&>(x))...);
}

}  // namespace tenon
