// Derivatives at branches, ties and shared parameters: exactly zero where a branch was not taken.
#include "differences.hpp"

#include <limits>

using namespace tenon;
using test::checked_gradient;
using test::close;
using test::values;
using test::vec;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

struct tied {
  parameter<double, 2, 2> w;
  auto operator()(const auto& x) const { return matmul(tanh(matmul(x, w)), w); }
};

}  // namespace

TEST_CASE("where: nothing comes from the branch that was not taken, be it NaN or infinite") {
  // log'(0) = inf, log(-1) = NaN, sqrt'(0) = inf: none of them may reach the gradient
  const tensor<double, 5> x{-1, 0, 2, -infinity, 0.5};
  const auto f = [](const auto& v) { return sum(where(v > 0_c, log(v) + sqrt(v), v * v)); };
  const tensor<double, 4> y{-1, 0, 2, 0.5};
  const auto [v, g] = value_and_grad(f)(y);
  CHECK(close(values(g), vec{-2, 0, 0.5 + 0.5 / std::sqrt(2.), 2 + 0.5 / std::sqrt(0.5)}));
  CHECK(std::isfinite(v.item()));
  const auto h = hvp(f, y, ones<double, 4>());
  CHECK(close(values(h), vec{2, 2, -0.25 - 0.25 * std::pow(2., -1.5), -4 - 0.25 * std::pow(0.5, -1.5)}));
  CHECK(close({jvp(f, primals(y), tangents(ones<double, 4>())).tangent.item()},
              {-2 + 0.5 + 0.5 / std::sqrt(2.) + 2 + 0.5 / std::sqrt(0.5)}));

  const auto guarded = [](const auto& u) { return sum(where(u > 0_c, exp(u) / u, constant<0>)); };
  const auto z = grad(guarded)(x);
  CHECK(z(0) == 0);
  CHECK(z(1) == 0);
  CHECK(z(3) == 0);
  CHECK(z(2) == doctest::Approx(std::exp(2) / 4).epsilon(1e-14));
}

TEST_CASE("where: operands as arguments") {
  const tensor<bool, 3> c{true, false, true};
  const auto f = [&](const auto& a, const auto& b) { return sum(square(where(c, a, b))); };
  const auto [ga, gb] = checked_gradient(f, tensor<double, 3>{1, 2, 3}, tensor<double, 3>{4, 5, 6});
  CHECK(values(ga) == vec{2, 0, 6});
  CHECK(values(gb) == vec{0, 10, 0});
}

TEST_CASE("ties share the derivative of a maximum, NaN passes") {
  const tensor<double, 2, 4> x{{1, 3, 3, 2}, {5, 5, 5, 5}};
  CHECK(values(grad([](const auto& v) { return sum(max(v, axis<1>)); })(x)) ==
        vec{0, 0.5, 0.5, 0, 0.25, 0.25, 0.25, 0.25});
  CHECK(values(grad([](const auto& v) { return min(v); })(x)) == vec{1, 0, 0, 0, 0, 0, 0, 0});
  const tensor<double, 3> a{1, 2, 3}, b{1, 5, 0};
  const auto [v, g] =
      value_and_grad<0, 1>([](const auto& p, const auto& q) { return sum(maximum(p, q)); })(a, b);
  CHECK(values(std::get<0>(g)) == vec{0.5, 0, 1});
  CHECK(values(std::get<1>(g)) == vec{0.5, 1, 0});
  const tensor<double, 3> kinks{-1, 0, 2};
  CHECK(values(grad([](const auto& u) { return sum(relu(u) + abs(u)); })(kinks)) == vec{-1, 0, 2});
}

TEST_CASE("a parameter that is used twice has the sum of its gradients") {
  tied model;
  const vec start{0.5, -1, 0.25, 2};
  std::copy_n(start.data(), 4, model.w.own());
  const tensor<double, 3, 2> x{{1, 2}, {-1, 0.5}, {0, 3}};
  const auto f = [](const auto& m, const auto& in) { return sum(square(m(in))); };
  const auto both = value_and_grad(f);
  const auto [v, g] = both(model, x);
  const auto of_w = g.of(model.w);
  static_assert(std::is_same_v<std::remove_const_t<decltype(of_w)>, tensor<double, 2, 2>>);
  test::compare_with_differences(
      [&](const tensor<double, 2, 2>& w) {
        tied other;
        std::copy_n(w.flat(), 4, other.w.own());
        return both(other, x).value.item();
      },
      tensor<double, 2, 2>{{0.5, -1}, {0.25, 2}}, of_w);
  // the same as an argument, which is one leaf
  const auto h = grad([&](const auto& w) { return sum(square(matmul(tanh(matmul(x, w)), w))); })(
      tensor<double, 2, 2>{{0.5, -1}, {0.25, 2}});
  CHECK(close(values(of_w), values(h)));
  parameter<double, 2, 2> other;
  CHECK_THROWS_AS(g.of(other), usage_error);
}
