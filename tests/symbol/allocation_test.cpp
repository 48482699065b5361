// Warm steps allocate nothing: every allocation of the process is counted.
#define TENON_NO_BUFFER_CACHE  // every buffer is to be counted

#include <tenon/ops/einsum.hpp>
#include <tenon/optim/adam.hpp>
#include <tenon/optim/compile_step.hpp>
#include <tenon/symbol/compile.hpp>
#include <tenon/symbol/executor.hpp>

#include "allocations.hpp"
#include "models.hpp"

namespace {

using namespace tenon;

struct default_threads {
  ~default_threads() { set_num_threads(0); }
};

using model = test::net<57, 64, 2>;

}  // namespace

TEST_CASE("allocations are counted" * doctest::skip(!TENON_COUNTS)) {
  const long before = allocations;
  { const storage s(100); }
  void* volatile p = std::malloc(10);
  std::free(p);
  CHECK(allocations - before == 2);
}

TEST_CASE("a warm compiled step and its optimiser allocate nothing" * doctest::skip(!TENON_COUNTS)) {
  const default_threads restore;
  const auto x = test::features<57>(300);
  const auto y = test::classes(300, 2);
  auto m = test::started<model>();
  auto step =
      compile(value_and_grad(test::loss_of), m, spec<float, "batch", 57>{}, spec<std::int32_t, "batch">{});
  for (const int threads : {1, 2}) {
    CAPTURE(threads);
    set_num_threads(threads);
    optim::sgd plain{.lr = 0.01}, heavy{.lr = 0.01, .momentum = 0.9};
    optim::adam adam{.lr = 0.001};
    float loss = 0;
    const auto with = [&](auto& opt) {
      return allocations_of([&] {
        const auto& [value, gradients] = step(m, x, y);
        opt.step(m, gradients);
        loss = value.item();
      });
    };
    CHECK(with(plain) == 0);
    CHECK(with(heavy) == 0);
    CHECK(with(adam) == 0);
    CHECK(std::isfinite(loss));
  }
}

TEST_CASE("a warm compiled step of training allocates nothing" * doctest::skip(!TENON_COUNTS)) {
  const default_threads restore;
  const auto x = test::features<57>(300);
  const auto y = test::classes(300, 2);
  auto m = test::started<model>();
  for (const int threads : {1, 2}) {
    CAPTURE(threads);
    set_num_threads(threads);
    optim::sgd sgd{.lr = 0.01};
    optim::adam adam{.lr = 0.001};
    const auto with = [&](auto& opt) {
      auto train =
          compile_step(test::loss_of, opt, m, spec<float, "batch", 57>{}, spec<std::int32_t, "batch">{});
      float loss = 0;
      const auto step = [&] { loss = train(m, x, y).item(); };
      CHECK(allocations_of(step) == 0);
      opt.lr /= 2;
      CHECK(allocations_of(step) == 0);
      CHECK(std::isfinite(loss));
    };
    with(sgd);
    sgd.momentum = 0.9;
    with(sgd);
    with(adam);
  }
}

TEST_CASE("a warm executor allocates nothing" * doctest::skip(!TENON_COUNTS)) {
  const default_threads restore;
  const variable<"x", float, "batch", 57> X;
  const variable<"y", std::int32_t, "batch"> Y;
  const auto x = test::features<57>(300);
  const auto y = test::classes(300, 2);
  auto m = test::started<model>();
  for (const int threads : {1, 2}) {
    CAPTURE(threads);
    set_num_threads(threads);
    auto ex = bind(test::loss_of(m, X, Y), cpu(0), wrt<"parameters">);
    optim::adam adam{.lr = 0.001};
    CHECK(allocations_of([&] {
            ex.forward(mode::train, arg<"x"> = x, arg<"y"> = y);
            ex.backward();
            adam.step(m, ex.gradients());
          }) == 0);
    CHECK(allocations_of([&] { ex.forward(arg<"x"> = x, arg<"y"> = y); }) == 0);
  }
}

TEST_CASE("stacks of products, some of them of copies, allocate nothing" * doctest::skip(!TENON_COUNTS)) {
  const default_threads restore;
  const variable<"a", float, 40, 6, 5> A;
  const variable<"b", float, 40, 5, 7> B;
  const variable<"w", float, 6, 64, 40> W;
  const auto a = full<float, 40, 6, 5>(0.5f);
  const auto b = full<float, 40, 5, 7>(0.25f);
  const auto w = full<float, 6, 64, 40>(0.125f);
  for (const int threads : {1, 2}) {
    CAPTURE(threads);
    set_num_threads(threads);
    // W's axes are summed over in another order than they have in memory
    auto ex = bind(sum(square(einsum<"bij,iob->jo">(matmul(A, B), W))), cpu(0), arg<"a"> = a, arg<"b"> = b,
                   arg<"w"> = w);
    CHECK(allocations_of([&] {
            ex.forward(mode::train);
            ex.backward();
          }) == 0);
  }
}
