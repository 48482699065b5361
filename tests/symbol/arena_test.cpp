// The arena of cost.hpp is the one that executors make, to the byte: for graphs of many kinds of op, loops among
// them, with and without gradients, and for extents that only run time knows.
#include <tenon/autodiff/branches.hpp>
#include <tenon/autodiff/remat.hpp>
#include <tenon/autodiff/scan.hpp>
#include <tenon/loss/cross_entropy.hpp>
#include <tenon/ops/indexing.hpp>
#include <tenon/ops/joining.hpp>
#include <tenon/ops/ordering.hpp>
#include <tenon/ops/repeating.hpp>
#include <tenon/ops/running.hpp>
#include <tenon/symbol/explain.hpp>

#include "../support.hpp"

using namespace tenon;

namespace {

const variable<"x", float, 6, 10> X;
const variable<"w", float, 10, 10> W;
const variable<"s", float, 3, 6, 10> S;
const variable<"n", float, "batch", "time", 10> N;
const variable<"m", float, "time", "batch", 10> M;
const variable<"h", float, "batch", 10> H;

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

TEST_CASE("loops, branches, values that are computed again") {
  const auto step = [](const auto& h, const auto& x, const auto& w) {
    const auto next = tanh(matmul(softmax(h) * x, w) + x) * h;
    return std::pair(next, exp(next) + h);
  };
  const auto run = scan(step, H, M, W);
  same_arena(sum(run.first) + sum(square(run.second)));
  same_arena(sum(square(scan<scans::recompute>(step, H, M, W).first)));
  same_arena(sum(scan(
      [&](const auto& h, const auto& x, const auto& w) {
        return scan([](const auto& v, const auto& r) { return tanh(v * r) - softmax(v); }, h,
                    matmul(w, W) + sum(x));
      },
      H, M, W)));
  same_static_arena(
      sum(while_loop([](const auto& v) { return sum(v) < 9.f; },
                     [](const auto& v) { return exp(softmax(v) * 2_c) + v; }, tanh(X), max_steps<5>{})));
  same_static_arena(sum(cond(
      sum(X) > 1.f, [](const auto& v) { return softmax(v * v) * v; }, [](const auto& v) { return exp(v); },
      X)));
  same_static_arena(sum(remat([](const auto& v) { return softmax(exp(v) + v) * v; })(matmul(X, W))));
}

TEST_CASE("dynamic extents: sizes of the arrays that are given") {
  const auto chain = [](const auto& x, const auto& w, const auto& b) {
    const auto h = tanh(matmul(x, w) + b);
    const auto g = softmax(matmul(h, transpose(w)) + x) * x;
    return sum(matmul(g, w) * h) + sum(reshape<dyn>(transpose(g)));
  };
  auto value = compile(chain, spec<float, dyn, dyn>{}, spec<float, dyn, dyn>{}, spec<float, dyn>{});
  auto gradients = compile(value_and_grad<0, 1, 2>(chain), spec<float, dyn, dyn>{}, spec<float, dyn, dyn>{},
                           spec<float, dyn>{});
  const auto check = [](auto& f, tenon::index m, tenon::index k, tenon::index n) {
    f(ones<float>(m, k), ones<float>(k, n), ones<float>(n));
    CHECK(detail::report_behind(f).total.arena == f.arena_bytes());
  };
  for (const tenon::index m : {0, 1, 7, 64})
    for (const tenon::index n : {1, 5, 33}) {
      check(value, m, 9, n);
      check(gradients, m, 9, n);
      check(gradients, m, 1, n);
    }
}
