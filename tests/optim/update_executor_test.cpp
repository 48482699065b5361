// update(ex, opt): an executor's variables by optimisers, against loops in double; multipliers, requests, errors.
#include <tenon/optim/adam.hpp>
#include <tenon/optim/update_executor.hpp>

#include "../support.hpp"

#include <cmath>

using namespace tenon;
using test::contains;
using test::thrown;
using test::values;
using test::vec;

namespace {
const variable<"x", float, "batch", 3> X;
const variable<"w", float, 3, dyn> W;  // in memory of its own
const variable<"b", float, 2> B;       // inside of its tensor
const variable<"s", double> S;         // a number, of another dtype
const variable<"unused", float, 4> Unused;

auto loss() { return sum(square(matmul(X, W) + B)) + astype<float>(square(S) * 3.) + sum(Unused); }

template <class... Options>
auto bound(Options... options) {
  auto x = zeros<float>(4, 3);
  auto w = zeros<float>(3, 2);
  for (int i = 0; i < 12; ++i) x.own()[i] = 0.25f * float(i % 5) - 0.5f;
  for (int i = 0; i < 6; ++i) w.own()[i] = 0.125f * float(i) - 0.25f;
  return bind(loss(), cpu(0), arg<"x"> = x, arg<"w"> = w, arg<"b"> = tensor<float, 2>{0.5f, -0.25f},
              arg<"s"> = tensor<double>(1.5), arg<"unused"> = ones<float, 4>(),
              requests<grad_req::null, "x", "unused">, attr<"w"> = {.lr_mult = 0.5, .wd_mult = 3},
              attr<"b"> = {.lr_mult = 2, .wd_mult = 0}, options...);
}
/// The same by hand: a rule for one number, with the multipliers of its variable.
struct by_hand {
  vec value[3], memory[3], second[3];
  explicit by_hand(const auto& ex) {
    value[0] = values(ex.template arg<"w">());
    value[1] = values(ex.template arg<"b">());
    value[2] = values(ex.template arg<"s">());
    for (int i = 0; i < 3; ++i) memory[i] = second[i] = vec(value[i].size(), 0.);
  }
  template <class Rule>
  void step(const auto& ex, Rule rule) {
    const vec g[] = {values(ex.template grad<"w">()), values(ex.template grad<"b">()),
                     values(ex.template grad<"s">())};
    const double lr[] = {0.5, 2, 1}, wd[] = {3, 0, 1};
    for (int i = 0; i < 3; ++i)
      for (std::size_t k = 0; k < g[i].size(); ++k)
        value[i][k] -= lr[i] * rule(value[i][k], g[i][k], memory[i][k], second[i][k], wd[i]);
  }
  void check(const auto& ex) const {
    const vec got[] = {values(ex.template arg<"w">()), values(ex.template arg<"b">()),
                       values(ex.template arg<"s">())};
    for (int i = 0; i < 3; ++i)
      for (std::size_t k = 0; k < value[i].size(); ++k)
        CHECK(got[i][k] == doctest::Approx(value[i][k]).epsilon(2e-5));
  }
};
template <class Optimiser, class Rule>
void trained(Optimiser opt, Rule rule) {
  auto ex = bound();
  by_hand expected(ex);
  for (int step = 0; step < 4; ++step) {
    ex.forward(mode::train);
    ex.backward();
    expected.step(ex, rule);
    update(ex, opt);
    expected.check(ex);
  }
  CHECK(values(ex.template arg<"unused">()) == vec{1, 1, 1, 1});
  ex.forward(mode::train);  // what was updated is what it computes with
  const double now = values(ex.output())[0];
  auto fresh = bind(loss(), cpu(0), arg<"x"> = ex.template arg<"x">(), arg<"w"> = ex.template arg<"w">(),
                    arg<"b"> = ex.template arg<"b">(), arg<"s"> = ex.template arg<"s">(),
                    arg<"unused"> = ex.template arg<"unused">());
  fresh.forward();
  CHECK(values(fresh.output())[0] == now);
}
}  // namespace

TEST_CASE("sgd: the rate times lr_mult, the decay times wd_mult") {
  trained(optim::sgd{.lr = 0.05, .weight_decay = 0.01},
          [](double w, double g, double&, double&, double wd) { return 0.05 * (g + 0.01 * wd * w); });
}
TEST_CASE("momentum") {
  trained(optim::sgd{.lr = 0.02, .momentum = 0.9, .weight_decay = 0.01},
          [](double w, double g, double& v, double&, double wd) {
            v = 0.9 * v + g + 0.01 * wd * w;
            return 0.02 * v;
          });
}
TEST_CASE("adam") {
  int calls = 0;
  trained(optim::adam{.lr = 0.02}, [&](double, double g, double& m, double& v, double) {
    const double n = 1 + calls++ / 9;  // nine numbers a step
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    return 0.02 * (m / (1 - std::pow(0.9, n))) / (std::sqrt(v / (1 - std::pow(0.999, n))) + 1e-8);
  });
}

TEST_CASE("requests at run time: what is null stays, and the others keep what the optimiser remembers") {
  auto ex = bound();
  optim::sgd opt{.lr = 0.02, .momentum = 0.9};
  const auto pass = [&] {
    ex.forward(mode::train);
    ex.backward();
  };
  pass();
  update(ex, opt);
  ex.request<"w">(grad_req::null);
  pass();
  const vec w = values(ex.arg<"w">());
  const double s = values(ex.arg<"s">())[0], g = values(ex.grad<"s">())[0];
  update(ex, opt);
  CHECK(values(ex.arg<"w">()) == w);
  CHECK(values(ex.arg<"s">())[0] ==
        doctest::Approx(s - 0.02 * (g + 0.9 * 9)));  // 9: the first gradient, 6 * 1.5
}

TEST_CASE("an executor may move, and copies of its arrays keep their values") {
  auto ex = bound();
  optim::sgd opt{.lr = 0.02, .momentum = 0.9};
  ex.forward(mode::train);
  ex.backward();
  const auto w = ex.arg<"w">();
  const vec was = values(w);
  update(ex, opt);
  CHECK(values(w) == was);
  CHECK(values(ex.arg<"w">()) != was);
  auto moved = std::move(ex);
  moved.forward(mode::train);
  moved.backward();
  const double s = values(moved.arg<"s">())[0], g = values(moved.grad<"s">())[0];
  update(moved, opt);
  CHECK(values(moved.arg<"s">())[0] == doctest::Approx(s - 0.02 * (g + 0.9 * 9)));
}

TEST_CASE("what is refused changes nothing") {
  auto ex = bound();
  optim::adam opt;
  CHECK(contains(thrown<usage_error>([&] { update(ex, opt); }), "call backward() first"));
  const auto w = ones<float>(3, 2);
  ex.forward(mode::train, arg<"w"> = ref(w));
  ex.backward();
  CHECK(contains(thrown<usage_error>([&] { update(ex, opt); }), "\"w\" shared by ref()"));
  opt.lr = -1;
  ex.forward(mode::train, arg<"w"> = w);
  ex.backward();
  CHECK(contains(thrown<usage_error>([&] { update(ex, opt); }), "learning rate"));
  CHECK(values(ex.arg<"w">()) == vec(6, 1.));
  CHECK(values(ex.arg<"s">()) == vec{1.5});
  CHECK(opt.steps == 0);
  opt.lr = 0.1;
  update(ex, opt);
  CHECK(opt.steps == 1);
  CHECK(contains(thrown<usage_error>([&] { ex.backward(); }), "updated since"));
}
