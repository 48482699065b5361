// Graphs larger than most: many nodes where extents are dynamic, many outputs.
#include <tenon/array/random.hpp>
#include <tenon/autodiff/transforms.hpp>
#include <tenon/nn/dense.hpp>
#include <tenon/nn/model.hpp>
#include <tenon/optim/compile_step.hpp>
#include <tenon/optim/sgd.hpp>
#include <tenon/symbol/compile.hpp>

#include "../support.hpp"

#include <cmath>

using namespace tenon;
using test::values;

namespace {

/// K steps of two sums, a product and a tanh, all over the same extents.
template <int K, class X, class Y>
auto steps_of(const X& x, const Y& y) {
  if constexpr (K == 0)
    return x + y;
  else
    return steps_of<K - 1>(tenon::tanh(x * y + y) + x, y);
}
constexpr int depth = 30;
const auto chain = [](const auto& x, const auto& y) { return steps_of<depth>(x, y); };

double one(double x, double y) {
  for (int k = 0; k < depth; ++k) x += std::tanh(x * y + y);
  return x + y;
}

using layer = nn::sequential<nn::dense<3, 3>, nn::tanh>;
struct four {
  layer a, b, c, d;
  auto operator()(const auto& x) const { return x + d(c(b(a(x)))); }
};
struct sixteen {
  four a, b, c, d;
  auto operator()(const auto& x) const { return d(c(b(a(x)))); }
};
struct deep {
  sixteen a, b, c;
  auto operator()(const auto& x) const { return c(b(a(x))); }
};

}  // namespace

TEST_CASE("more nodes than a compiler folds over at once") {
  constexpr variable<"x", double, 8> x;
  constexpr variable<"y", double, 8> y;
  const auto e = steps_of<70>(x, y);
  static_assert(detail::graph_info<std::remove_cvref_t<decltype(e)>::graph_type>::size > 256);
}

TEST_CASE("122 nodes with dynamic extents: as one plan, and as the one where an extent is 1") {
  auto f = compile(chain, spec<double, dyn, dyn>{}, spec<double, dyn, dyn>{});
  const auto check = [&](tenon::index m, tenon::index rows) {
    auto x = zeros<double>(m, 5), y = zeros<double>(rows, 5);
    for (tenon::index k = 0; k < x.size(); ++k) x.data()[k] = 0.1 * double(k % 7);
    for (tenon::index k = 0; k < y.size(); ++k) y.data()[k] = 0.05 * double(k % 5) - 0.1;
    const tensor<double, dyn, dyn> r = f(x, y);
    REQUIRE(r.extent(0) == m);
    for (tenon::index i = 0; i < m; ++i)
      for (tenon::index k = 0; k < 5; ++k)
        CHECK(r(i, k) == doctest::Approx(one(x(i, k), y(rows == 1 ? 0 : i, k))));
  };
  check(4, 4);
  check(4, 1);
  check(1, 1);
  check(0, 0);
}

TEST_CASE("their gradients") {
  auto f = compile(value_and_grad<0, 1>([](const auto& x, const auto& y) { return sum(chain(x, y)); }),
                   spec<double, dyn>{}, spec<double, dyn>{});
  tensor<double, dyn> x = full<double>(0.3, 3), y = full<double>(-0.2, 3);
  const auto [value, gradients] = f(x, y);
  const double h = 1e-6;
  CHECK(value.item() == doctest::Approx(3 * one(0.3, -0.2)));
  const double by_x = (one(0.3 + h, -0.2) - one(0.3 - h, -0.2)) / (2 * h),
               by_y = (one(0.3, -0.2 + h) - one(0.3, -0.2 - h)) / (2 * h);
  for (int k = 0; k < 3; ++k) {
    CHECK(std::get<0>(gradients)(k) == doctest::Approx(by_x).epsilon(1e-5));
    CHECK(std::get<1>(gradients)(k) == doctest::Approx(by_y).epsilon(1e-5));
  }
}

TEST_CASE("96 parameters: a gradient for each") {
  deep model;
  generator g{1};
  int n = 0;
  for_each_parameter(model, [&](auto& p) {
    ++n;
    if constexpr (std::remove_reference_t<decltype(p)>::rank == 2) p = uniform<float>(g, 3, 3) - 0.5f;
  });
  CHECK(n == 96);
  auto train = compile_step([](const auto& m, const auto& x) { return sum(square(m(x))); },
                            optim::sgd{.lr = 0.01}, model, spec<float, dyn, 3>{});
  const auto x = uniform<float>(g, 6, 3);
  const double before = train(model, x).item();
  for (int k = 0; k < 20; ++k) train(model, x);
  CHECK(train(model, x).item() < before);
}
