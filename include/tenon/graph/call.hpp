// Calls: a function traced once on placeholders and shared as one node. Library composites (softmax, losses)
// are calls, so that an operand is one node however often the function reads it, and so may be blocks of a
// network.
#pragma once

#include "tenon/graph/apply.hpp"

namespace tenon {
namespace detail {

/// The K-th argument of a traced function, of some dtype and shape.
template <int K, class T, class Shape>
using argument = expression<graph<node<named_leaf<number<K>, T, Shape>>>, 0, T, Shape>;

template <int K, class E>
struct argument_like {
  using type = argument<K, typename E::value_type, typename E::shape_type>;
};

template <class Body, class... E>
struct called : merged_operands<E...> {
  using op = call_op<typename Body::graph_type, Body::root, int(sizeof...(E))>;
  using last = typename merged_operands<E...>::template with_node<op>;
  using type = typename make_expression<typename last::type, last::root, typename Body::value_type,
                                        typename Body::shape_type>::type;
};
template <class F, int... K, class... E>
constexpr auto trace_call(F f, std::integer_sequence<int, K...>, list<E...>) {
  return f(typename argument_like<K, E>::type{}...);
}

}  // namespace detail

/// f(x...) as one shared node: f is traced on placeholders, takes one to three operands and holds no arrays
/// itself.
template <class F, tensor_like... X>
requires(sizeof...(X) >= 1 && sizeof...(X) <= 3) constexpr auto call(F f, X&&... x) {
  using namespace detail;
  constexpr auto indices = std::make_integer_sequence<int, int(sizeof...(X))>{};
  return [&](auto&&... e) {
    using body = decltype(trace_call(f, indices, list<typename detail::bare<decltype(e)>::type...>{}));
    static_assert(
        body::leaf_count == 0,
        "tenon: a function given to call() reads arrays or numbers of its own; pass them as operands, or "
        "write numbers as 0.5_c");
    return join<called<body, typename detail::bare<decltype(e)>::type...>>(indices,
                                                                           static_cast<decltype(e)>(e)...);
  }(as_expression<0>(static_cast<X&&>(x))...);
}

}  // namespace tenon
