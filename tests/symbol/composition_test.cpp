// Expressions made of expressions: compose, internals, child.
#include <tenon/nn/dense.hpp>
#include <tenon/symbol/composition.hpp>
#include <tenon/symbol/executor.hpp>

#include "../support.hpp"

using namespace tenon;
using test::dims;
using test::values;
using test::vec;

namespace {
const variable<"x", float, "batch", 3> X;
const variable<"w", float, 3, 2> W;
const variable<"h", float, "batch", 2> H;
const variable<"v", float, 2, 4> V;

tensor<float, "batch", 3> rows(tenon::index n) {
  auto x = zeros<float, "batch", 3>(n);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = 0.25f * float(i % 7) - 0.5f;
  return x;
}
const tensor<float, 3, 2> w{{0.5f, -1}, {0.25f, 0.75f}, {-0.5f, 1}};
const tensor<float, 2, 4> v{{1, -1, 0.5f, 2}, {0.25f, 3, -2, 1}};

template <class E>
inline constexpr int nodes = detail::graph_info<typename E::graph_type>::size;
}  // namespace

TEST_CASE("compose: an expression in the place of a variable is what operators make") {
  const auto head = softmax(matmul(H, V));
  const auto body = tanh(matmul(X, W));
  const auto net = compose(head, arg<"h"> = body);
  const auto direct = softmax(matmul(tanh(matmul(X, W)), V));
  static_assert(nodes<std::remove_cvref_t<decltype(net)>> == nodes<std::remove_cvref_t<decltype(direct)>>);
  static_assert(std::is_same_v<decltype(net)::shape_type, decltype(direct)::shape_type>);
  const auto names = list_arguments(net);
  CHECK(names.size() == 3);  // h is gone
  auto ex = bind(net, cpu(0), arg<"x"> = rows(5), arg<"w"> = w, arg<"v"> = v);
  ex.forward();
  CHECK(values(ex.output()) == values(softmax(matmul(tanh(matmul(rows(5), w)), v))));
}

TEST_CASE("compose: equal nodes are one across what is put together") {
  const variable<"a", float, dyn> A;
  const variable<"b", float, dyn> B;
  // a becomes tanh(b): then both addends are the same node
  const auto e = compose(exp(A) + exp(tanh(B)), arg<"a"> = tanh(B));
  static_assert(nodes<std::remove_cvref_t<decltype(e)>> == 4);  // b, tanh, exp, add
  const tensor<float, 3> b{-1, 0, 2};
  CHECK(values(eval(e, arg<"b"> = b)) == values(exp(tanh(b)) + exp(tanh(b))));
}

TEST_CASE("compose: several variables at once, swapped, renamed") {
  const variable<"a", double, dyn> A;
  const variable<"b", double, dyn> B;
  const variable<"c", double, dyn> C;
  const tensor<double, 2> a{1, 2}, b{3, 5};
  const auto e = A - 2. * B;
  CHECK(values(eval(compose(e, arg<"a"> = B, arg<"b"> = A), arg<"a"> = a, arg<"b"> = b)) ==
        vec{3 - 2, 5 - 4});
  CHECK(values(eval(compose(e, arg<"a"> = C + 1., arg<"b"> = C * C), arg<"c"> = a)) == vec{2 - 2, 3 - 8});
  const auto twice = compose(compose(e, arg<"a"> = B * B), arg<"b"> = exp(C));
  CHECK(list_arguments(twice).size() == 1);
  const auto direct = eval(exp(a) * exp(a) - 2. * exp(a));
  CHECK(values(eval(twice, arg<"c"> = a)) == values(direct));
}

TEST_CASE("compose: arrays and numbers of both sides keep their places") {
  const variable<"a", double, dyn> A;
  const variable<"b", double, dyn> B;
  const tensor<double, 2> a{1, 2}, p{10, 20}, q{0.5, 0.25}, r{7, 8};
  const auto e = (A + p) * q - (B + 3.) * r;
  const auto made = compose(e, arg<"a"> = (B * r - 2.) / p, arg<"b"> = A * 5. + q);
  const auto expected = ((p * 0. + a * 0.) + ((a * 2. * r - 2.) / p + p) * q - (a * 5. + q + 3.) * r);
  CHECK(values(eval(made, arg<"a"> = a, arg<"b"> = a * 2.)) == values(expected));
}

TEST_CASE("compose: open extents take those of what comes in; derivatives go through") {
  const variable<"z", float, dyn, dyn> Z;
  const auto e = compose(sum(square(Z)), arg<"z"> = matmul(X, W));
  auto ex = bind(e, cpu(0), wrt<"w">, arg<"x"> = rows(4), arg<"w"> = w);
  ex.forward(mode::train);
  ex.backward();
  CHECK(values(ex.grad<"w">()) == values(2.f * matmul(transpose(rows(4)), matmul(rows(4), w))));
}

TEST_CASE("compose: equal layers on both sides are told apart, and each has its gradient") {
  nn::dense<3, 3> first, second;
  for (int i = 0; i < 9; ++i) {
    first.weight.own()[i] = 0.125f * float(i % 4) - 0.25f;
    second.weight.own()[i] = 0.25f * float(i % 3) - 0.125f;
  }
  second.bias = tensor<float, 3>{1, 2, 3};
  const variable<"g", float, "batch", 3> G;
  const auto e = compose(sum(square(second(tanh(G)) + G)), arg<"g"> = first(X));
  auto ex = bind(e, cpu(0), arg<"x"> = rows(4));
  const auto h = first(rows(4));
  auto direct = bind(sum(square(second(tanh(first(X))) + first(X))), cpu(0), arg<"x"> = rows(4));
  ex.forward(mode::train);
  ex.backward();
  direct.forward(mode::train);
  direct.backward();
  CHECK(values(ex.output()) == values(sum(square(second(tanh(h)) + h))));
  CHECK(values(ex.gradients().of(second.weight)) == values(direct.gradients().of(second.weight)));
  CHECK(values(ex.gradients().of(first.weight)) == values(direct.gradients().of(first.weight)));
  CHECK(values(ex.gradients().of(second.bias)) == values(direct.gradients().of(second.bias)));
  CHECK(values(ex.grad<"x">()) == values(direct.grad<"x">()));
}

TEST_CASE("compose: of a group, in each member that has the variable") {
  const variable<"a", double, dyn> A;
  const variable<"b", double, dyn> B;
  const tensor<double, 2> b{3, 5}, c{2, 4};
  const auto g = compose(group(A * c, B + 1., A - B), arg<"a"> = B * B);
  auto ex = bind(g, cpu(0), arg<"b"> = b);
  ex.forward();
  CHECK(values(ex.output<0>()) == vec{18, 100});
  CHECK(values(ex.output<1>()) == vec{4, 6});
  CHECK(values(ex.output<2>()) == vec{6, 20});
  CHECK(values(eval(member<1>(g), arg<"b"> = b)) == vec{4, 6});
  CHECK(list_arguments(member<1>(group(A * c, B + 1.))).size() == 1);
}

TEST_CASE("compose: of a group with new values of states") {
  const auxiliary<"mean", float, 2> M;
  const auto g = group(sum(square(H - M)), H - M, becomes<"mean">(0.5_c * M + 0.5_c * mean(H, axis<0>)));
  const auto net = compose(g, arg<"h"> = matmul(X, W));
  const auto names = list_arguments(net);
  const auto states = list_auxiliary_states(net);
  CHECK(names.size() == 2);
  CHECK(states[0] == "mean");
  auto ex = bind(net, cpu(0), arg<"x"> = rows(5), arg<"w"> = w, arg<"mean"> = tensor<float, 2>{2, 4});
  auto direct = bind(g, cpu(0), arg<"h"> = eval(matmul(rows(5), w)), arg<"mean"> = tensor<float, 2>{2, 4});
  ex.forward(mode::train);
  direct.forward(mode::train);
  CHECK(values(ex.output<1>()) == values(direct.output<1>()));
  CHECK(values(ex.aux<"mean">()) == values(direct.aux<"mean">()));
}

TEST_CASE("internals: every inner node is an output, with its own variables alone") {
  const auto net = softmax(matmul(tanh(matmul(X, W)), V) * 2.f);
  const auto inner = internals(net);
  constexpr auto names = decltype(inner)::list();
  CHECK(names[0] == "x");
  CHECK(names[1] == "w");
  CHECK(names[2] == "matmul0");
  CHECK(names[3] == "tanh0");
  const auto hidden = inner.get<"tanh0">();
  CHECK(list_arguments(hidden).size() == 2);
  CHECK(values(eval(hidden, arg<"x"> = rows(2), arg<"w"> = w)) == values(tanh(matmul(rows(2), w))));
  CHECK(values(eval(inner.get<2>(), arg<"x"> = rows(2), arg<"w"> = w)) == values(matmul(rows(2), w)));
  CHECK(list_arguments(inner.get<"v">()).size() == 1);
  // together with the output; shared nodes are computed once
  auto ex = bind(group(net, hidden), cpu(0), arg<"x"> = rows(2), arg<"w"> = w, arg<"v"> = v);
  ex.forward();
  CHECK(values(ex.output<1>()) == values(tanh(matmul(rows(2), w))));
  CHECK(values(ex.output<0>()) == values(softmax(matmul(tanh(matmul(rows(2), w)), v) * 2.f)));
}

TEST_CASE("internals: of a group, the nodes of all members") {
  const auto hidden = tanh(matmul(X, W));
  const auto inner = internals(group(sum(hidden), exp(hidden * 2.f)));
  const auto names = inner.list();
  CHECK(std::find(names.begin(), names.end(), "exp0") != names.end());
  CHECK(std::find(names.begin(), names.end(), "sum0") != names.end());
  const auto h = inner.get<"tanh0">();
  static_assert(list_arguments(h).size() == 2);
  CHECK(values(eval(h, arg<"x"> = rows(2), arg<"w"> = w)) == values(tanh(matmul(rows(2), w))));
  const auto scaled = inner.get<"multiply0">();  // with the number that it reads
  CHECK(values(eval(scaled, arg<"x"> = rows(2), arg<"w"> = w)) == values(tanh(matmul(rows(2), w)) * 2.f));
}

TEST_CASE("internals: each node of a graph of many ops has the value that its prefix has") {
  const variable<"a", double, dyn> A;
  const tensor<double, 4> a{0.5, -1, 2, 3}, p{1, 2, 3, 4};
  const auto e = sum(where(A > 0., exp(A) * p, A / (square(A) + 1.)));
  const auto inner = internals(e);
  CHECK(values(eval(inner.get<"exp0">(), arg<"a"> = a)) == values(exp(a)));
  CHECK(values(eval(inner.get<"greater0">(), arg<"a"> = a)) == vec{1, 0, 1, 1});
  CHECK(values(eval(inner.get<"where0">(), arg<"a"> = a)) ==
        values(where(a > 0., exp(a) * p, a / (square(a) + 1.))));
  CHECK(values(eval(inner.get<decltype(inner)::size - 1>(), arg<"a"> = a)) == values(eval(e, arg<"a"> = a)));
}

TEST_CASE("child: the operands of the outermost op") {
  const variable<"a", double, dyn> A;
  const variable<"b", double, dyn> B;
  const tensor<double, 2> a{1, 2}, b{3, 5};
  const auto e = exp(A) - B;
  CHECK(values(eval(child<0>(e), arg<"a"> = a)) == values(exp(a)));
  CHECK(values(eval(child<1>(e), arg<"b"> = b)) == values(b));
}
