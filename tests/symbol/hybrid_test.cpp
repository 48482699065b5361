// hybridize: one forward function, eager or compiled, equal results.
#include <tenon/optim/sgd.hpp>
#include <tenon/symbol/executor.hpp>
#include <tenon/symbol/hybrid.hpp>

#include "models.hpp"

using namespace tenon;
using test::values;

namespace {
using mlp = test::net<5, 8, 3>;

/// A layer with a branch on the argument's type, a skip connection and a parameter that is read twice.
struct block {
  nn::dense<5, 5> inner;
  parameter<float, 5> scale;
  auto operator()(const auto& x) const { return x + relu(inner(x * scale)) * scale; }
};
template <class Y>
bool same(const Y& a, const Y& b) {
  return test::same_bits(a, b);
}
}  // namespace

TEST_CASE("eager and compiled calls give the same bits and types, for layers, models and functions") {
  const auto model = test::started<mlp>();
  auto fast = hybridize(model);
  auto layers = hybridize(test::started<block>());
  layers.model().scale = ones<float, 5>() * 0.5f;
  auto function = hybridize([](const auto& x, const auto& y) { return softmax(x * 2.f - y); });
  for (const tenon::index n : {1, 7, 32, 0}) {
    CAPTURE(n);
    const auto x = test::features<5>(n), y = test::features<5>(n, 0.5);
    fast.hybridize(true), layers.hybridize(true), function.hybridize(true);
    const auto a = fast(x);
    const auto b = layers(x);
    const auto c = function(x, y);
    fast.hybridize(false), layers.hybridize(false), function.hybridize(false);
    static_assert(std::is_same_v<decltype(a), const decltype(eval(model(x)))>);
    CHECK(same(a, fast(x)));
    CHECK(same(b, layers(x)));
    CHECK(same(c, function(x, y)));
    CHECK(same(a, eval(model(x))));
  }
  CHECK(fast.plans() == 1);  // one for every batch size
}

TEST_CASE("a plan for each kind of argument, made once") {
  auto f = hybridize([](const auto& x) { return tanh(x) * x; });
  CHECK(f.plans() == 0);
  const auto x = test::features<5>(3);
  f(x);
  f(x);
  CHECK(f.plans() == 1);
  f(astype<double>(x));
  CHECK(f.plans() == 2);
  f(tensor<float, 4>{1, 2, 3, 4});
  CHECK(f.plans() == 3);
  CHECK(values(f(x.slice(range(0, 2), all))) ==
        values(tanh(x.slice(range(0, 2), all)) * x.slice(range(0, 2), all)));
  CHECK(values(f(x + 1.f)) == values(tanh(x + 1.f) * (x + 1.f)));
}

TEST_CASE("training the model changes what its hybrid computes; results that are kept stay") {
  auto model = test::started<mlp>();
  auto fast = hybridize(model);
  const auto x = test::features<5>(16);
  const auto y = test::classes(16, 3);
  const auto before = fast(x);
  const auto kept = values(before);
  optim::sgd opt{.lr = 0.5};
  auto step =
      compile(value_and_grad(test::loss_of), model, spec<float, "batch", 5>{}, spec<std::int32_t, "batch">{});
  for (int i = 0; i < 3; ++i) {
    const auto& [value, gradients] = step(model, x, y);
    opt.step(model, gradients);
    CHECK(same(fast(x), eval(model(x))));
  }
  CHECK(values(before) == kept);
  CHECK(values(fast(x)) != kept);
}

TEST_CASE("in a graph a hybrid is its forward function: symbols, derivatives, other models") {
  const auto model = test::started<mlp>();
  const auto fast = hybridize(model);
  const auto x = test::features<5>(4);
  const variable<"x", float, "batch", 5> X;
  auto ex = bind(sum(square(fast(X))), cpu(0), arg<"x"> = x);
  auto direct = bind(sum(square(model(X))), cpu(0), arg<"x"> = x);
  ex.forward(mode::train);
  ex.backward();
  direct.forward(mode::train);
  direct.backward();
  CHECK(values(ex.grad<"x">()) == values(direct.grad<"x">()));
  CHECK(values(ex.output()) == values(direct.output()));
  const auto g = grad([&](const auto& z) { return sum(square(fast(z))); })(x);
  CHECK(values(g) == values(direct.grad<"x">()));

  nn::sequential<hybrid<nn::dense<5, 4>>, nn::tanh, hybrid<nn::dense<4, 2>>> net;
  generator r(3);
  initialise(net, r);
  CHECK(parameter_count(net) == 5 * 4 + 4 + 4 * 2 + 2);
  const auto whole = eval(net(x));
  auto fast_net = hybridize(net);
  CHECK(test::extents(whole) == test::dims{4, 2});
  CHECK(values(fast_net(x)) == values(whole));
}

TEST_CASE("copies and moves have models and plans of their own") {
  auto a = hybridize(test::started<mlp>());
  const auto x = test::features<5>(3);
  const auto y = values(a(x));
  auto b = a;
  CHECK(b.plans() == 0);
  for_each_parameter(b.model(), [](auto& p) { std::fill_n(p.own(), p.size(), 0.f); });
  CHECK(values(b(x)) == test::vec(9, 0.));
  CHECK(values(a(x)) == y);
  const auto c = std::move(a);
  CHECK(values(c(x)) == y);
}

namespace {
struct cell {  // a step of a recurrent network: its output, and its states
  nn::dense<5, 4> in;
  auto operator()(const auto& x, const auto& h) const {
    const auto next = tanh(in(x) + h);
    return std::pair(softmax(next), std::tuple(next, h * 0.5f));
  }
};
}  // namespace

TEST_CASE("a model that returns several values: the same ones, compiled or not, and as an expression") {
  cell model;
  generator g(2);
  initialise(model, g);
  auto fast = hybridize(model), plain = hybridize(model);
  plain.hybridize(false);
  const auto x = uniform<float>(g, 3, 5), h = uniform<float>(g, 3, 4);
  const auto [y, states] = fast(x, h);
  const auto [plain_y, plain_states] = plain(x, h);
  CHECK(values(y) == values(plain_y));
  CHECK(values(std::get<0>(states)) == values(std::get<0>(plain_states)));
  CHECK(values(std::get<1>(states)) == values(std::get<1>(plain_states)));
  CHECK(fast.plans() == 1);
  const variable<"x", float, "batch", 5> X;
  const variable<"h", float, "batch", 4> H;
  const auto traced = fast(X, H);
  CHECK(values(eval(traced.first, arg<"x"> = x, arg<"h"> = h)) == values(y));
}
