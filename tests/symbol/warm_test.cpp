// Warm executors allocate nothing, whatever they were bound with.
#define TENON_NO_BUFFER_CACHE  // every buffer is to be counted

#include <tenon/symbol/hybrid.hpp>
#include <tenon/symbol/training.hpp>

#include "allocations.hpp"
#include "models.hpp"

using namespace tenon;

namespace {
const variable<"x", float, "batch", 8> X;
const variable<"w", float, 8, 4> W;
const auxiliary<"mean", float, 4> M;
auto output() { return tanh(matmul(X, W)); }
}  // namespace

TEST_CASE("sums of gradients, states and updates" * doctest::skip(!TENON_COUNTS)) {
  auto ex = simple_bind(
      group(sum(square(output() - M)), becomes<"mean">(0.9_c * M + 0.1_c * mean(output(), axis<0>))), cpu(0),
      extent_of<"batch"> = 64, requests<grad_req::add, "w">);
  CHECK(allocations_of([&] {
          ex.forward(mode::train);
          ex.backward();
        }) == 0);
  CHECK(allocations_of([&] { ex.zero_grad(); }) == 0);
  CHECK(allocations_of([&] {
          ex.forward(mode::train);
          ex.backward();
          update(ex, [](auto& w, const auto& g, const variable_attributes& a) { w -= float(a.lr_mult) * g; });
        }) == 0);
}

TEST_CASE("several heads with seeds" * doctest::skip(!TENON_COUNTS)) {
  auto ex = simple_bind(group(output(), sum(output())), cpu(0), heads<>, extent_of<"batch"> = 64);
  const auto seed = ones<float, "batch", 4>(64);
  CHECK(allocations_of([&] {
          ex.forward(mode::train);
          ex.backward(seed, 2.f);
        }) <= 10);  // the number as an array
  auto scalars =
      simple_bind(group(sum(output()), mean(square(output()))), cpu(0), heads<>, extent_of<"batch"> = 64);
  CHECK(allocations_of([&] {
          scalars.forward(mode::train);
          scalars.backward();
        }) == 0);
}

TEST_CASE("reshape keeps the plan's memory when it fits" * doctest::skip(!TENON_COUNTS)) {
  const variable<"v", float, 8, 512> V;
  auto ex = simple_bind(sum(square(tanh(matmul(X, V)))), cpu(0), extent_of<"batch"> = 64);
  const auto pass = [&](tenon::index n) {
    ex.reshape(extent_of<"batch"> = n);
    const long before = allocated_bytes;
    ex.forward(mode::train);
    ex.backward();
    return allocated_bytes - before;
  };
  CHECK(pass(64) > ex.arena_bytes());
  CHECK(ex.arena_bytes() >= 64 * 512 * 4);
  for (const tenon::index n : {63, 64, 48, 64, 50, 60, 64}) {
    CAPTURE(n);
    // outputs and gradients alone: two of them, small beside the arena
    CHECK(pass(n) < 64 * 512 * 4 / 2);
  }
}

TEST_CASE("hybrid models" * doctest::skip(!TENON_COUNTS)) {
  const auto model = test::started<test::net<8, 16, 4>>();
  const auto fast = hybridize(model);
  const auto x = test::features<8>(64);
  CHECK(allocations_of([&] { fast(x); }) == 0);
}
