// Gradients of matrix products and of reductions.
#include "differences.hpp"

using namespace tenon;
using test::checked_gradient;
using test::close;
using test::values;
using test::vec;

namespace {

tensor<double, dyn, dyn> table(tenon::index rows, tenon::index columns, double shift = 0) {
  auto t = zeros<double>(rows, columns);
  for (tenon::index i = 0; i < t.size(); ++i) t.own()[i] = std::sin(1.7 * double(i) + shift);
  return t;
}

}  // namespace

TEST_CASE("matrix products: both operands, and one that is both") {
  const auto f = [](const auto& a, const auto& b) { return sum(square(matmul(a, b))); };
  SUBCASE("dynamic") {
    const auto a = table(3, 4), b = table(4, 2, 1);
    const auto [ga, gb] = checked_gradient(f, a, b);
    CHECK(close(values(ga), values(2.0 * matmul(matmul(a, b), transpose(b)))));
    CHECK(close(values(gb), values(2.0 * matmul(transpose(a), matmul(a, b)))));
  }
  SUBCASE("inner extent 1, and one row") {
    checked_gradient(f, table(3, 1), table(1, 2, 1));
    checked_gradient(f, table(1, 4), table(4, 1, 1));
  }
  SUBCASE("static, transposed, twice the same") {
    const tensor<double, 2, 3> a{{1, 2, 3}, {-1, 0.5, 2}};
    checked_gradient([](const auto& x) { return sum(tanh(matmul(x, transpose(x)))); }, a);
  }
}

TEST_CASE("reductions over one axis, over several, with kept axes") {
  auto x = zeros<double, 2, 3, 4>();
  for (int i = 0; i < 24; ++i) x.own()[i] = std::sin(1.9 * i);
  SUBCASE("sum over the first and last") {
    checked_gradient([](const auto& v) { return sum(square(sum(square(v), axes<0, 2>))); }, x);
  }
  SUBCASE("mean over the middle, kept") {
    checked_gradient([](const auto& v) { return sum(square(v - mean(v, axis<1>, keepdims)) * v); }, x);
  }
  SUBCASE("max and min over the last") {
    checked_gradient([](const auto& v) { return sum(square(max(v, axis<-1>)) * min(v, axis<-1>)); }, x);
  }
}

TEST_CASE("means divide by extents that only run time knows") {
  const auto f = [](const auto& v) { return mean(square(mean(v, axis<0>))); };
  for (const tenon::index rows : {1, 2, 5}) {
    const auto x = table(rows, 3);
    const auto g = checked_gradient(f, x);
    const auto m = eval(mean(x, axis<0>));
    CHECK(g(0, 1) == doctest::Approx(2 * m(1) / double(3 * rows)).epsilon(1e-12));
  }
}
