// Three ways of training give one result: statements, a bound symbolic graph and a compiled step.
#include <tenon/optim/sgd.hpp>
#include <tenon/symbol/compile.hpp>
#include <tenon/symbol/executor.hpp>

#include "models.hpp"

using namespace tenon;
using test::classes;
using test::features;

TEST_CASE("symbolic and compiled losses are equal to the bit, imperative ones to rounding, over 100 steps") {
  using model = test::net<8, 12, 3>;
  auto imperative = test::started<model>(), symbolic = imperative, compiled = imperative;
  optim::sgd a{.lr = 0.1, .momentum = 0.9}, b = {.lr = 0.1, .momentum = 0.9}, c{.lr = 0.1, .momentum = 0.9};
  const variable<"x", float, "batch", 8> X;
  const variable<"y", std::int32_t, "batch"> Y;
  auto ex = bind(test::loss_of(symbolic, X, Y), cpu(0), wrt<"parameters">);
  auto step = compile(value_and_grad(test::loss_of), compiled, spec<float, "batch", 8>{},
                      spec<std::int32_t, "batch">{});
  const auto eager = value_and_grad(test::loss_of);
  float first = 0, last = 0;
  bool bits = true, close = true;
  for (int i = 0; i < 100; ++i) {
    const tenon::index n = i % 10 == 9 ? 5 : 32;  // the last batch of an epoch is short
    const auto x = features<8>(n, 0.1 * double(i % 10));
    const auto y = classes(n, 3, i % 3);
    const auto [value, gradients] = eager(imperative, x, y);
    a.step(imperative, gradients);
    ex.forward(mode::train, arg<"x"> = x, arg<"y"> = y);
    ex.backward();
    b.step(symbolic, ex.gradients());
    const auto& [loss, list] = step(compiled, x, y);
    c.step(compiled, list);
    bits = bits && test::same_bits(ex.output(), loss);
    close = close && std::fabs(value.item() - loss.item()) <= 1e-5f * std::fabs(loss.item());
    (i == 0 ? first : last) = loss.item();
  }
  CHECK(bits);
  CHECK(close);
  CHECK(test::hash_of(symbolic) == test::hash_of(compiled));
  CHECK(std::isfinite(last));
  CHECK(last != first);
}
