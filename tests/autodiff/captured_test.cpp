// What a traced callable captures: tensors and plain numbers are leaves of their own; stop_gradient is a constant.
#include "differences.hpp"

using namespace tenon;
using test::values;
using test::vec;

TEST_CASE("captured tensors and plain numbers are not mixed up") {
  const tensor<double, 2> x{1, 2};
  const tensor<double, 2> p{3, 4}, q{5, 6};
  SUBCASE("two numbers") {
    const auto [v, g] = value_and_grad([](const auto& a) { return sum(a * 2.0 + a * a * 3.0); })(x);
    CHECK(v.item() == 21);
    CHECK(values(g) == vec{8, 14});
    const auto h = grad([](const auto& a) { return sum(a * 2.f + a * 3.f); })(tensor<float, 2>{1, 2});
    CHECK(values(h) == vec{5, 5});
  }
  SUBCASE("two tensors of one type, and other values at the next call") {
    const auto with = [](const auto& c, const auto& d, double k) {
      return [=](const auto& a) { return sum(a * c * k + a * a * d); };
    };
    CHECK(values(grad(with(p, q, 2))(x)) == vec{6 + 10, 8 + 24});
    CHECK(values(grad(with(q, p, 1))(x)) == vec{5 + 6, 6 + 16});
  }
}

TEST_CASE("stop_gradient: a constant for both modes") {
  const tensor<double, 2> x{2, 3};
  const auto f = [](const auto& a) { return sum(a * stop_gradient(a * a)); };
  const auto [v, g] = value_and_grad(f)(x);
  CHECK(v.item() == 35);
  CHECK(values(g) == vec{4, 9});
  CHECK(jvp(f, primals(x), tangents(ones<double, 2>())).tangent.item() == 13);
}

TEST_CASE("seeds and tangents of another size are refused") {
  const tensor<double, dyn> x{1, 2, 3}, other{1, 2};
  const auto f = [](const auto& a) { return a * a; };
  const auto [y, back] = vjp(f, x);
  CHECK_THROWS_AS(back(other), shape_error);
  CHECK(values(back(x)) == vec{2, 8, 18});
  CHECK_THROWS_AS(jvp(f, primals(x), tangents(other)), shape_error);
  CHECK(values(jvp(f, primals(x), tangents(x)).tangent) == vec{2, 8, 18});
}
