// The arena of cost.hpp is the one that executors make, to the byte: for graphs of many kinds of op, with and
// without gradients.
#include <tenon/loss/cross_entropy.hpp>
#include <tenon/ops/indexing.hpp>
#include <tenon/ops/joining.hpp>
#include <tenon/ops/ordering.hpp>
#include <tenon/ops/repeating.hpp>
#include <tenon/ops/running.hpp>
#include <tenon/symbol/cost.hpp>

#include "../support.hpp"

using namespace tenon;

namespace {

const variable<"x", float, 6, 10> X;
const variable<"w", float, 10, 10> W;
const variable<"s", float, 3, 6, 10> S;
const variable<"n", float, "batch", "time", 10> N;

template <class E>
void same_arena(const E& e) {
  auto ex = simple_bind(e, cpu(0), extent_of<"batch"> = 5, extent_of<"time"> = 7);
  ex.forward();
  CHECK(arena_bytes(e, extent_of<"batch"> = 5, extent_of<"time"> = 7) == ex.arena_bytes());
  ex.forward(mode::train);
  CHECK(arena_bytes(e, mode::train, extent_of<"batch"> = 5, extent_of<"time"> = 7) == ex.arena_bytes());
}
template <class E>
void same_static_arena(const E& e) {
  auto ex = simple_bind(e, cpu(0));
  ex.forward();
  CHECK(arena_bytes(e) == ex.arena_bytes());
  ex.forward(mode::train);
  CHECK(arena_bytes(e, mode::train) == ex.arena_bytes());
}

}  // namespace

TEST_CASE("views, copies of views, opaque ops, numbers in memory") {
  same_static_arena(sum(tanh(matmul(X, W)) + X));
  same_static_arena(sum(reshape<60>(transpose(exp(X))) * reshape<60>(X)));
  same_static_arena(sum(exp(slice<1, 0, 10, 3>(matmul(X, W)))));
  same_static_arena(sum(concat<0>(exp(X), matmul(X, W)) * 2_c));
  same_static_arena(sum(cumsum<1>(matmul(X, W)) * X));
  same_static_arena(mean(matmul(S, W) * softmax(S)));
  same_static_arena(sum(matmul(permute<1, 0, 2>(S), W)));
  same_static_arena(sum(log_softmax(matmul(X, W)), axis<0>));
  same_static_arena(group(sum(exp(X)), exp(X) * 2_c, sum(X, axis<1>)));
}

TEST_CASE("names") {
  same_arena(sum(tanh(matmul(N, W)) + N));
  same_arena(mean(softmax(matmul(N, W)) * N));
  same_arena(sum(reshape<"time", "batch", 10>(permute<1, 0, 2>(exp(N)))));
}

TEST_CASE("chains: intermediate values take turns") {
  const auto a = matmul(X, W);
  const auto b = matmul(tanh(a), W);
  const auto c = matmul(tanh(b), W);
  const auto d = sum(matmul(tanh(c), W));
  same_static_arena(d);
  static_assert(arena_bytes(d) < unplanned_bytes(d));
  static_assert(arena_bytes(d, mode::train) <= unplanned_bytes(d, mode::train));
}
