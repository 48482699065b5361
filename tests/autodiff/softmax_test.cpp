// Gradients of softmax, log_softmax, logsumexp and pick.
#include "differences.hpp"

#include <limits>

using namespace tenon;
using test::checked_gradient;
using test::close;
using test::values;
using test::vec;

TEST_CASE("softmax, log_softmax and logsumexp") {
  auto x = zeros<double, dyn, 3>(2);
  for (int i = 0; i < 6; ++i) x.own()[i] = std::sin(2.1 * i);
  SUBCASE("logsumexp over all elements: softmax of them is its gradient") {
    const auto g = checked_gradient([](const auto& v) { return logsumexp(v, axes<>); }, x);
    CHECK(close(values(g), values(softmax(reshape<dyn>(x)))));
    checked_gradient([](const auto& v) { return sum(v * logsumexp(v, axes<0, 1>, keepdims)); }, x);
  }
  SUBCASE("logsumexp: softmax is its gradient") {
    const auto g = checked_gradient([](const auto& v) { return sum(logsumexp(v)); }, x);
    CHECK(close(values(g), values(softmax(x))));
  }
  SUBCASE("softmax of all axes' elements") {
    const tensor<double, 3> w{1, -2, 0.5};
    checked_gradient([&](const auto& v) { return sum(square(softmax(v)) * w); }, x);
  }
  SUBCASE("log_softmax along the first axis") {
    checked_gradient([](const auto& v) { return sum(log_softmax<0>(v) * v); }, x);
  }
  SUBCASE("huge and infinite logits") {
    const tensor<double, 1, 3> huge{{1e300, -1e300, 1e300}};
    CHECK(values(grad([](const auto& v) { return sum(logsumexp(v)); })(huge)) == vec{0.5, 0, 0.5});
    const tensor<double, 1, 3> masked{{1, -std::numeric_limits<double>::infinity(), 1}};
    CHECK(close(values(grad([](const auto& v) { return sum(logsumexp(v)); })(masked)), vec{0.5, 0, 0.5}));
  }
}

TEST_CASE("pick: the gradient is at the labels alone") {
  auto x = zeros<double, "batch", 3>(4);
  for (int i = 0; i < 12; ++i) x.own()[i] = std::cos(1.1 * i);
  const auto labels = from_data<int, "batch">(std::array{2, 0, -1, 7}.data(), 4);
  const auto g = checked_gradient([&](const auto& v) { return sum(square(pick(v, labels))); }, x);
  vec expected(12, 0.);
  expected[2] = 2 * x(0, 2);
  expected[3] = 2 * x(1, 0);
  CHECK(close(values(g), expected));
  // integers take no gradient and are arguments nevertheless
  const auto f = [](const auto& v, const auto& l) { return sum(square(pick(v, l))); };
  CHECK(values(value_and_grad(f)(x, labels).gradient) == values(g));
}
