// Graphs as types: appending nodes, merging two graphs, what is shared and how slots are renumbered.
#include <tenon/graph/call.hpp>
#include <tenon/ops/composite.hpp>

#include <doctest/doctest.h>

#include <type_traits>

using namespace tenon;
using namespace tenon::detail;

namespace {

template <extent N, class T, extent... E>
using variable_of =
    expression<graph<node<named_leaf<spelled<N>, T, shape_of_extents<E...>>>>, 0, T, shape_of_extents<E...>>;
using S = shape<size<3>>;
using X = node<named_leaf<named<'x'>, float, S>>;
using Y = node<named_leaf<named<'y'>, float, S>>;
using Z = node<named_leaf<named<'z'>, float, S>>;
template <int K>
using slot_node = node<slot<K, float, S>>;
template <class Op, int... In>
using op = node<Op, In...>;

template <class A, class B>
constexpr relation related = relate<A, B>();
template <class A, class B>
using merged = typename merge<A, B>::type;

constexpr variable_of<"x", float, 3> x{};
constexpr variable_of<"y", float, 3> y{};
constexpr variable_of<"z", float, 3> z{};
template <class E>
using graph_of = typename std::remove_cvref_t<E>::graph_type;

}  // namespace

TEST_CASE("a node that is there is not added again") {
  using G = graph<X, op<exp_op, 0>>;
  CHECK(append<G, op<exp_op, 0>>::root == 1);
  CHECK_FALSE(append<G, op<exp_op, 0>>::fresh);
  CHECK(std::is_same_v<append<G, op<exp_op, 0>>::type, G>);
  CHECK(append<G, op<exp_op, 1>>::root == 2);
  CHECK(std::is_same_v<append<G, op<exp_op, 1>>::type, graph<X, op<exp_op, 0>, op<exp_op, 1>>>);
}

TEST_CASE("the relation of two graphs") {
  using A = graph<X, op<exp_op, 0>>;
  using Longer = graph<X, op<exp_op, 0>, op<tanh_op, 1>>;
  CHECK(related<A, A> == relation::same);
  CHECK(related<A, Longer> == relation::left_is_prefix);
  CHECK(related<Longer, A> == relation::right_is_prefix);
  CHECK(related<Longer, graph<X>> == relation::right_is_prefix);
  CHECK(related<Longer, graph<Y>> == relation::right_is_leaf);
  CHECK(related<graph<X>, graph<Y>> == relation::right_is_leaf);
  CHECK(related<A, graph<Y, op<exp_op, 0>>> == relation::general);
  // slots are never the same, however equal their types are
  CHECK(related<graph<slot_node<0>>, graph<slot_node<0>>> == relation::right_is_leaf);
  using B = graph<slot_node<0>, op<exp_op, 0>>;
  CHECK(related<B, B> == relation::general);
  CHECK(related<A, B> == relation::general);
  CHECK(related<B, A> == relation::general);
}

TEST_CASE("merging keeps the left graph's nodes and says where the right one's went") {
  using A = graph<X, op<exp_op, 0>>;
  using Longer = graph<X, op<exp_op, 0>, op<tanh_op, 1>>;
  CHECK(std::is_same_v<merged<A, Longer>, Longer>);
  CHECK(std::is_same_v<merged<Longer, A>, Longer>);
  CHECK(merge<Longer, A>::map(1) == 1);
  // a leaf: found, or put at the end
  using L = merge<Longer, graph<Y>>;
  CHECK(std::is_same_v<L::type, graph<X, op<exp_op, 0>, op<tanh_op, 1>, Y>>);
  CHECK(L::map(0) == 3);
  using Has = graph<Y, X, op<add_op, 0, 1>>;
  CHECK(std::is_same_v<merged<Has, graph<X>>, Has>);
  CHECK(merge<Has, graph<X>>::map(0) == 1);
  // in general: shared nodes are found, others come behind with their operands renumbered
  using C = graph<Y, X, op<exp_op, 1>, op<add_op, 0, 2>>;
  using M = merge<A, C>;
  CHECK(std::is_same_v<M::type, graph<X, op<exp_op, 0>, Y, op<add_op, 2, 1>>>);
  CHECK(M::map(0) == 2);
  CHECK(M::map(1) == 0);
  CHECK(M::map(2) == 1);
  CHECK(M::map(3) == 3);
}

TEST_CASE("slots get new places and are never shared") {
  using B = graph<slot_node<0>, op<exp_op, 0>>;
  using M = merge<B, B>;
  CHECK(std::is_same_v<M::type, graph<slot_node<0>, op<exp_op, 0>, slot_node<1>, op<exp_op, 2>>>);
  CHECK(M::map(1) == 3);
  using Twice = merge<M::type, B>;
  CHECK(std::is_same_v<at<4, Twice::type>, slot_node<2>>);
  using Leaf = merge<M::type, graph<slot_node<0>>>;
  CHECK(std::is_same_v<at<4, Leaf::type>, slot_node<2>>);
  CHECK(graph_info<Twice::type>::slots == 3);
  CHECK(graph_info<Twice::type>::leaves == 3);
  // variables beside slots are still shared
  using V = graph<slot_node<0>, X, op<add_op, 0, 1>>;
  using W = merge<V, V>;
  CHECK(std::is_same_v<W::type, graph<slot_node<0>, X, op<add_op, 0, 1>, slot_node<1>, op<add_op, 3, 1>>>);
}

TEST_CASE("operators build one node for one computation") {
  CHECK(std::is_same_v<graph_of<decltype(x + x)>, graph<X, op<add_op, 0, 0>>>);
  CHECK(std::is_same_v<graph_of<decltype(exp(x) * exp(x))>, graph<X, op<exp_op, 0>, op<multiply_op, 1, 1>>>);
  CHECK(std::is_same_v<decltype((x + y) * (x + y))::graph_type,
                       graph<X, Y, op<add_op, 0, 1>, op<multiply_op, 2, 2>>>);
  CHECK(decltype((x + y) * (x + y))::root == 3);
  CHECK(std::is_same_v<graph_of<decltype(where(x < y, x, y))>,
                       graph<X, Y, op<less_op, 0, 1>, op<where_op, 2, 0, 1>>>);
  // a chain of residual additions is linear in nodes
  const auto a = tanh(x) + x;
  const auto b = tanh(a) + a;
  const auto c = tanh(b) + b;
  CHECK(graph_info<graph_of<decltype(c)>>::size == 7);
  CHECK(graph_info<graph_of<decltype(c * z + b * y)>>::size == 7 + 5);
}

TEST_CASE("symbols, their leaves and traits") {
  using E = decltype(x + y);
  CHECK(E::symbolic);
  CHECK(E::traced);
  CHECK(E::leaf_count == 0);
  CHECK(std::is_empty_v<E>);
  using T = expression<graph<slot_node<0>>, 0, float, S>;
  CHECK_FALSE(T::symbolic);
  CHECK(T::is_leaf);
  CHECK(T::leaf_count == 1);
  CHECK(decltype(x + std::declval<T>())::leaf_count == 1);
  CHECK(decltype(x + 1.f)::leaf_count == 1);
  CHECK(decltype(x + 1_c)::leaf_count == 0);
}
