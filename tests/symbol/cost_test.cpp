// What plans cost, against counts by hand and against executors' own numbers; and budgets.
#include <tenon/autodiff/scan.hpp>
#include <tenon/loss/cross_entropy.hpp>
#include <tenon/ops/joining.hpp>
#include <tenon/ops/ordering.hpp>
#include <tenon/ops/running.hpp>
#include <tenon/ops/trigonometric.hpp>
#include <tenon/symbol/budget.hpp>

#include "../support.hpp"

using namespace tenon;
using test::contains;
using test::thrown;

namespace {

const variable<"x", float, 32, 3> X;
const variable<"w", float, 3, 2> W;
const variable<"x", float, "batch", 3> N;
const variable<"y", int, "batch"> Y;
const variable<"s", double, "batch", "time", 8> S;
const variable<"d", float, dyn, 5> D;

auto two_outputs() {
  const auto logits = matmul(N, W);
  return group(-mean(pick(log_softmax(logits), Y)), logits);
}

}  // namespace

TEST_CASE("a product and its epilogue, counted by hand while compiling") {
  const auto e = tanh(matmul(X, W));
  static_assert(kernel_count(e) == 2);
  static_assert(flops(e) == 2 * 32 * 3 * 2 + 32 * 2);
  static_assert(bytes_read(e) == 4 * (32 * 3 + 3 * 2 + 32 * 2));
  static_assert(bytes_written(e) == 4 * (32 * 2 + 32 * 2));
  static_assert(bytes_moved(e) == bytes_read(e) + bytes_written(e));
  static_assert(argument_bytes(e) == 4 * (32 * 3 + 3 * 2));
  static_assert(output_bytes(e) == 4 * 32 * 2);
  static_assert(arena_bytes(e) == 256 + 64);  // the product; 64 bytes to spare
  static_assert(unplanned_bytes(e) == 256 + 64);
  static_assert(peak_bytes(e) == argument_bytes(e) + output_bytes(e) + arena_bytes(e));
  static_assert(peak_bytes(e) <= 2048);
  CHECK(kernel_count(e) == 2);
}

TEST_CASE("what counts as work") {
  // one kernel: exp and multiply on [32, 3]; a sum of 3 is two additions; astype and reshape are none
  const auto e = sum(exp(X) * X, axis<1>);
  static_assert(kernel_count(e) == 1);
  static_assert(flops(e) == 2 * 32 * 3 + 32 * 2);
  static_assert(bytes_read(e) == 4 * 32 * 3);  // x twice in it, once from memory
  static_assert(bytes_written(e) == 4 * 32);
  static_assert(arena_bytes(e) == 0);
  const auto c = astype<double>(X);
  static_assert(flops(c) == 0);
  static_assert(bytes_read(c) == 4 * 32 * 3 && bytes_written(c) == 8 * 32 * 3);
  // a common subexpression is computed once
  static_assert(flops(exp(X) + exp(X)) == 2 * 32 * 3);
  // a slice reads its elements alone
  static_assert(bytes_read(exp(slice<0, 0, 8>(X))) == 4 * 8 * 3);
  // opaque ops: bytes, and no FLOPs; they say so where they do not move elements alone
  const auto joined = concat<0>(X, X);
  static_assert(flops(joined) == 0);
  static_assert(bytes_read(joined) == 2 * 4 * 32 * 3 && bytes_written(joined) == 4 * 64 * 3);
  CHECK(!contains(explain(joined), "?"));
  static_assert(flops(sort(X)) == 0);
  CHECK(contains(explain(sort(X)), "?"));
  // stacks: [2, 4, 3] x [3, 5], and a sum over two axes
  constexpr variable<"a", float, 2, 4, 3> A;
  constexpr variable<"b", float, 3, 5> B;
  static_assert(flops(matmul(A, B)) == 2 * (2 * 4 * 3 * 5));
  CHECK(flops(e) == 256);
}

TEST_CASE("formulas in names: as text, and at sizes") {
  const auto e = tanh(matmul(N, W));
  CHECK(flops(e).text() == "14*batch");  // 2 * 3 * 2 + 2
  CHECK(bytes_read(e).text() == "20*batch + 24");
  CHECK(bytes_written(e).text() == "16*batch");
  CHECK(argument_bytes(e).text() == "12*batch + 24");
  CHECK(arena_bytes(e).text() == "64 + up64(8*batch)");
  CHECK(peak_bytes(e).text() == "20*batch + 88 + up64(8*batch)");
  static_assert(flops(e)(extent_of<"batch"> = 32) == 14 * 32);
  static_assert(peak_bytes(e, extent_of<"batch"> = 32) == peak_bytes(tanh(matmul(X, W))));
  static_assert(arena_bytes(e, extent_of<"batch"> = 3) == 64 + 64);
  const auto wide = exp(sum(S, axis<2>)) + 1_c;
  CHECK(argument_bytes(wide).text() == "64*batch*time");
  CHECK(flops(wide).text() == "9*batch*time");  // 7 additions, exp, + 1
  CHECK(flops(wide)(extent_of<"batch"> = 2, extent_of<"time"> = 5) == 90);
  for (const tenon::index n : {0, 1, 7, 31, 32, 1000}) {
    const tenon::index expected = 12 * n + 24 + 8 * n + 64 + (8 * n + 63) / 64 * 64;
    CHECK(peak_bytes(e)(extent_of<"batch"> = n) == expected);
  }
}

TEST_CASE("dynamic extents are called by leaf and axis") {
  const auto e = exp(D) * D;
  CHECK(flops(e).text() == "10*d.0");
  static_assert(flops(e)(extent_of<"d.0"> = 7) == 70);
  CHECK(contains(thrown<usage_error>([&] { (void)flops(e)(); }), "d"));
  CHECK(contains(thrown<usage_error>([&] { (void)flops(e)(extent_of<"d.1"> = 5); }), "\"d.1\""));
  CHECK(contains(thrown<usage_error>([&] { (void)flops(e)(extent_of<"q"> = 5); }), "\"q\""));
  CHECK(contains(thrown<usage_error>([&] { (void)flops(tanh(N))(); }), "\"batch\""));
  CHECK_THROWS_AS((void)flops(tanh(N))(extent_of<"batch"> = -1), usage_error);
  // an extent that the shape rule computes
  const auto j = exp(concat<0>(D, D));
  CHECK(flops(j)(extent_of<"d.0"> = 4) == 40);
}

TEST_CASE("the arena is the executor's, for prediction and training, at several sizes") {
  auto g = two_outputs();
  auto ex = bind(g, cpu(0), arg<"w"> = zeros<float, 3, 2>());
  const auto predict = arena_bytes(ex);
  for (const tenon::index n : {1, 2, 5, 16, 33, 100, 1000}) {
    CAPTURE(n);
    auto alone = bind(g, cpu(0), arg<"w"> = zeros<float, 3, 2>(), arg<"x"> = zeros<float, "batch", 3>(n),
                      arg<"y"> = zeros<int, "batch">(n));
    alone.forward();
    CHECK(predict(extent_of<"batch"> = n) == alone.arena_bytes());
    CHECK(arena_bytes(g, extent_of<"batch"> = n) == alone.arena_bytes());
    alone.forward(mode::train);
    alone.backward();
    CHECK(arena_bytes(g, mode::train, extent_of<"batch"> = n) == alone.arena_bytes());
    CHECK(arena_bytes(alone, mode::train)(extent_of<"batch"> = n) == alone.arena_bytes());
    CHECK(unplanned_bytes(g, mode::train, extent_of<"batch"> = n) >= alone.arena_bytes());
  }
}

TEST_CASE("the arena where a view is copied first, and where outputs are not of rank 0") {
  const auto e = tanh(reshape<96>(transpose(exp(X)))) + 1_c;
  auto ex = bind(e, cpu(0), arg<"x"> = zeros<float, 32, 3>());
  ex.forward();
  CHECK(arena_bytes(e) == ex.arena_bytes());
  CHECK(arena_bytes(e) == 2 * (384 + 64));  // exp(x), and its transpose
  CHECK(bytes_read(e) == 3 * 384);
  CHECK(bytes_written(e) == 3 * 384);
  ex.forward(mode::train);
  ex.backward(ones<float, 96>());
  CHECK(arena_bytes(e, mode::train) == ex.arena_bytes());
  const auto m = tanh(matmul(N, W));
  auto em = bind(m, cpu(0), arg<"x"> = zeros<float, "batch", 3>(9), arg<"w"> = zeros<float, 3, 2>());
  em.forward(mode::train);
  em.backward(ones<float, "batch", 2>(9));
  CHECK(arena_bytes(m, mode::train, extent_of<"batch"> = 9) == em.arena_bytes());
}

TEST_CASE("gradients: kernels, work and results of the training plan") {
  const auto loss = sum(matmul(X, W));
  // forward: product, sum. d/dx = 1 w^T and d/dw = x^T 1 are products of the size of the first
  CHECK(flops(loss, mode::train, wrt<"w">) == 2 * (2 * 32 * 3 * 2) + 63);
  CHECK(flops(loss, mode::train) == 3 * (2 * 32 * 3 * 2) + 63);
  CHECK(output_bytes(loss, mode::train, wrt<"w">) == 4 + 4 * 6);
  CHECK(output_bytes(loss, mode::train) == 4 + 4 * 6 + 4 * 96);
  CHECK(output_bytes(loss) == 4);
  CHECK(kernel_count(loss) == 2);
}

TEST_CASE("without a plan each step of a loop has memory of its own") {
  constexpr variable<"x", float, 10, 16> rows;
  constexpr variable<"xs", float, "time", 16> timed;
  const auto body = [](auto h, auto x) { return sin(cumsum<0>(h) + x); };
  const auto e = scan(body, zeros<float, 16>(), rows);
  // the carry, and of each step the sum and the next carry
  CHECK(unplanned_bytes(e) == (1 + 10 * 2) * (64 + 64));
  CHECK(arena_bytes(e) == 3 * (64 + 64));
  CHECK(contains(explain(e), "a buffer for each in each step would take 2,688"));
  const auto t = scan(body, zeros<float, 16>(), timed);
  CHECK(unplanned_bytes(t).text() == "256*time + 128");
  CHECK(unplanned_bytes(t)(extent_of<"time"> = 10) == 2688);
}

TEST_CASE("a budget that binding checks") {
  const auto g = two_outputs();
  const auto x = zeros<float, "batch", 3>(32);
  const auto w = zeros<float, 3, 2>();
  const auto y = zeros<int, "batch">(32);
  const tenon::index needs = peak_bytes(g, extent_of<"batch"> = 32);
  const tenon::index trains = peak_bytes(g, mode::train, extent_of<"batch"> = 32);
  CHECK(trains > needs);
  auto ex = bind(g, cpu(0), memory_budget{needs}, arg<"x"> = x, arg<"w"> = w, arg<"y"> = y);
  ex.forward();
  CHECK(test::values(ex.output<1>()) == test::vec(64, 0.));
  const std::string line = thrown<usage_error>(
      [&] { bind(g, cpu(0), memory_budget{needs - 1}, arg<"x"> = x, arg<"w"> = w, arg<"y"> = y); });
  CHECK(contains(line, "the budget is"));
  CHECK_FALSE(contains(line, "\n"));
  (void)bind(g, cpu(0), memory_budget{trains, mode::train}, arg<"x"> = x, arg<"w"> = w, arg<"y"> = y);
  CHECK_THROWS_AS(
      bind(g, cpu(0), memory_budget{trains - 1, mode::train}, arg<"x"> = x, arg<"w"> = w, arg<"y"> = y),
      usage_error);
  (void)bind(g, cpu(0), memory_budget{needs}, extent_of<"batch"> = 32);
  CHECK_THROWS_AS(bind(g, cpu(0), memory_budget{needs}, extent_of<"batch"> = 33), usage_error);
  CHECK(contains(thrown<usage_error>([&] { bind(g, cpu(0), memory_budget{needs}, arg<"w"> = w); }), "sizes"));
}
