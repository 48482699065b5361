// Executors: one program for every batch size; what binding copies, moves and shares; results that are kept.
#include <tenon/symbol/executor.hpp>

#include "../support.hpp"

using namespace tenon;
using test::contains;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

namespace {

const variable<"x", float, "batch", 3> X;
const variable<"w", float, 3, 2> W;
const variable<"y", int, "batch"> Y;

auto rows(tenon::index n, float first = 0) {
  auto x = zeros<float, "batch", 3>(n);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = first + 0.25f * float(i % 7);
  return x;
}
auto labels(tenon::index n) {
  auto y = zeros<int, "batch">(n);
  for (tenon::index i = 0; i < n; ++i) y.own()[i] = int(i % 2);
  return y;
}
tensor<float, 3, 2> weights() { return {{0.5f, -1}, {0.25f, 0.75f}, {-0.5f, 1}}; }

auto two_outputs() {
  const auto logits = matmul(X, W);
  return group(-mean(pick(log_softmax(logits), Y)), logits);
}
auto bound_executor() {
  return bind(two_outputs(), cpu(0), arg<"x"> = rows(32), arg<"w"> = weights(), arg<"y"> = labels(32));
}

}  // namespace

TEST_CASE("one executor trains at batch 32 and predicts at 7, 1 and 0") {
  auto ex = bound_executor();
  ex.forward(mode::train);
  ex.backward();
  const vec gradient = values(ex.grad<"w">());
  CHECK(values(ex.output<1>()) == values(matmul(rows(32), weights())));
  const auto [loss, logits] = ex.all_outputs();
  CHECK(values(loss) == values(ex.output<0>()));
  CHECK(values(logits) == values(ex.output<1>()));
  for (const tenon::index n : {7, 1, 0}) {
    CAPTURE(n);
    ex.forward(arg<"x"> = rows(n, 1), arg<"y"> = labels(n));
    CHECK(test::extents(ex.output<1>()) == dims{n, 2});
    CHECK(values(ex.output<1>()) == values(matmul(rows(n, 1), weights())));
  }
  ex.forward(mode::train, arg<"x"> = rows(32), arg<"y"> = labels(32));
  ex.backward();
  CHECK(values(ex.grad<"w">()) == gradient);
}

TEST_CASE("sizes that contradict each other are named, and the executor goes on") {
  auto ex = bound_executor();
  ex.forward();
  const auto before = values(ex.output<1>());
  const std::string line =
      thrown<shape_error>([&] { ex.forward(arg<"x"> = rows(32), arg<"y"> = labels(31)); });
  CHECK(contains(line, "\"batch\""));
  CHECK(contains(line, "32"));
  CHECK(contains(line, "31"));
  CHECK_FALSE(contains(line, "\n"));
  // nothing of another size can be read after that
  CHECK(
      contains(thrown<usage_error>([&] { ex.output<1>(); }), "no result for the arguments as they are now"));
  CHECK_THROWS_AS(ex.backward(), usage_error);
  ex.forward(arg<"y"> = labels(32));
  CHECK(values(ex.output<1>()) == before);
  CHECK_THROWS_AS(ex.forward(mode::train, arg<"y"> = labels(5)), shape_error);
  CHECK_THROWS_AS(ex.backward(), usage_error);
  ex.forward(mode::train, arg<"x"> = rows(5));
  ex.backward();
  CHECK(values(ex.output<1>()) == values(matmul(rows(5), weights())));
}

TEST_CASE("what is missing or comes in the wrong order") {
  auto ex = bind(two_outputs(), cpu(0), arg<"w"> = weights(), arg<"x"> = rows(4));
  CHECK_THROWS_AS(ex.output<0>(), usage_error);
  CHECK(contains(thrown<usage_error>([&] { ex.forward(); }), "the variable \"y\" has no value"));
  CHECK(contains(thrown<usage_error>([&] { ex.arg<"y">(); }), "\"y\""));
  ex.forward(arg<"y"> = labels(4));
  CHECK(contains(thrown<usage_error>([&] { ex.backward(); }), "forward(mode::train)"));
  CHECK_THROWS_AS(ex.grad<"w">(), usage_error);
  ex.forward(mode::train);
  CHECK_THROWS_AS(ex.grad<"w">(), usage_error);
  ex.backward();
  CHECK(test::extents(ex.grad<"w">()) == dims{3, 2});
}

TEST_CASE("static extents of an argument are checked when it is bound") {
  const auto dynamic = zeros<float>(4, 2);  // [dyn, dyn] for [batch, 3]
  auto ex = bound_executor();
  const std::string line = thrown<shape_error>([&] { ex.forward(arg<"x"> = dynamic); });
  CHECK(contains(line, "2"));
  CHECK(contains(line, "3"));
  CHECK(contains(line, "batch"));
  ex.forward(arg<"x"> = zeros<float>(32, 3));
  CHECK(values(ex.output<1>()) == vec(64, 0.));
}

TEST_CASE("binding copies: later changes are not seen; what was moved is not either") {
  auto w = weights();
  auto x = rows(2);
  SUBCASE("copies") {
    auto ex = bind(two_outputs(), cpu(0), arg<"w"> = w, arg<"x"> = x, arg<"y"> = labels(2));
    w = zeros<float, 3, 2>();
    x(0, 0) = 9;
    ex.forward();
    CHECK(values(ex.output<1>()) == values(matmul(rows(2), weights())));
    CHECK(values(ex.arg<"w">()) == values(weights()));
    CHECK(values(ex.arg<"x">()) == values(rows(2)));
  }
  SUBCASE("moves") {
    const float* const before = std::as_const(x).flat();
    auto ex =
        bind(two_outputs(), cpu(0), arg<"w"> = std::move(w), arg<"x"> = std::move(x), arg<"y"> = labels(2));
    ex.forward();
    CHECK(values(ex.output<1>()) == values(matmul(rows(2), weights())));
    CHECK(ex.arg<"x">().flat() == before);
  }
  SUBCASE("shares") {
    auto ex = bind(two_outputs(), cpu(0), arg<"w"> = ref(w), arg<"x"> = ref(x), arg<"y"> = labels(2));
    ex.forward();
    w = w * 2.f;
    ex.forward();
    CHECK(values(ex.output<1>()) == values(matmul(rows(2), weights() * 2.f)));
    x(0, 0) = 9;
    ex.forward();
    CHECK(values(ex.output<1>()) == values(matmul(x, w)));
    x = rows(3, 2);  // another size and buffer
    ex.forward(arg<"y"> = labels(3));
    CHECK(values(ex.output<1>()) == values(matmul(rows(3, 2), w)));
    CHECK(values(ex.arg<"x">()) == values(x));
    ex.forward(arg<"x"> = rows(3));  // no longer shared
    x(0, 0) = 7;
    ex.forward();
    CHECK(values(ex.output<1>()) == values(matmul(rows(3), w)));
  }
}

TEST_CASE("an executor that was moved from has no arguments, and takes new ones") {
  auto from = bound_executor();
  from.forward(mode::train);
  from.backward();
  const auto kept = values(from.output<1>());
  auto to = std::move(from);
  CHECK(values(to.output<1>()) == kept);
  CHECK_THROWS_AS(from.output<1>(), usage_error);
  CHECK_THROWS_AS(from.backward(), usage_error);
  CHECK_THROWS_AS(from.grad<"w">(), usage_error);
  CHECK_THROWS_AS(from.arg<"w">(), usage_error);
  CHECK_THROWS_AS(from.forward(), usage_error);
  CHECK_THROWS_AS(from.forward(mode::train), usage_error);
  from.forward(arg<"w"> = weights(), arg<"x"> = rows(2), arg<"y"> = labels(2));
  CHECK(values(from.output<1>()) == values(matmul(rows(2), weights())));
  to.forward();
  CHECK(values(to.output<1>()) == kept);
  from = std::move(to);
  CHECK(values(from.output<1>()) == kept);
  CHECK_THROWS_AS(to.forward(), usage_error);

  const variable<"x", float, "batch", 3> rows_of_three;
  auto captures = bind(rows_of_three * tensor<float, 3>{1, 2, 3}, cpu(0), arg<"x"> = rows(2));
  const auto taken = std::move(captures);
  CHECK_THROWS_WITH_AS(captures.forward(arg<"x"> = rows(2)), "forward: this executor was moved from",
                       usage_error);
}

TEST_CASE("results that are kept stay as they were") {
  auto ex = bound_executor();
  ex.forward(mode::train);
  ex.backward();
  const auto logits = ex.output<1>();
  const auto g = ex.grad<"w">();
  const vec kept_logits = values(logits), kept_gradient = values(g);
  ex.forward(mode::train, arg<"x"> = rows(32, -3));
  ex.backward();
  CHECK(values(ex.output<1>()) != kept_logits);
  CHECK(values(ex.grad<"w">()) != kept_gradient);
  CHECK(values(logits) == kept_logits);
  CHECK(values(g) == kept_gradient);
  ex.forward(arg<"x"> = rows(1), arg<"y"> = labels(1));
  CHECK(values(logits) == kept_logits);
  auto changed = ex.output<1>();
  const vec now = values(changed);
  changed = changed * 0.f;  // the user's own
  CHECK(values(ex.output<1>()) == now);
}

TEST_CASE("an array that is shared may not be replaced between forward and backward") {
  tensor<float, 3, dyn> w = weights();  // a small one cannot move: it holds its elements inside itself
  auto ex = bind(two_outputs(), cpu(0), arg<"x"> = rows(4), arg<"w"> = ref(w), arg<"y"> = labels(4));
  ex.forward(mode::train);
  const auto keeps_the_buffer = w;
  w = zeros<float, 3, 2>();
  CHECK(contains(thrown<usage_error>([&] { ex.backward(); }), "\"w\""));
  ex.forward(mode::train);
  ex.backward();
  CHECK(values(ex.arg<"w">()) == vec(6, 0.));
}
