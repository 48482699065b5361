// value_and_grad, grad, vjp, jvp and hvp against formulas derived by hand.
#include "differences.hpp"

using namespace tenon;
using test::close;
using test::dims;
using test::values;
using test::vec;

namespace {

template <class F>
vec mapped(const vec& x, F f) {
  vec r;
  for (const double v : x) r.push_back(f(v));
  return r;
}

// f = sum(tanh(x)^2 x): f' = 2 t (1 - t^2) x + t^2, f'' = (2 - 8 t^2 + 6 t^4) x + 4 t (1 - t^2), diagonal
constexpr auto cubic_like = [](const auto& x) { return sum(square(tanh(x)) * x); };
double slope(double x) {
  const double t = std::tanh(x);
  return 2 * t * (1 - t * t) * x + t * t;
}
double curvature(double x) {
  const double t = std::tanh(x), d = 1 - t * t;
  return 2 * d * (1 - 3 * t * t) * x + 4 * t * d;
}

const vec points{-2, -0.5, 0, 0.25, 3};

}  // namespace

TEST_CASE("value_and_grad, grad, jvp and hvp of one function") {
  const tensor<double, 5> x{-2, -0.5, 0, 0.25, 3};
  const tensor<double, 5> v{1, -1, 2, 0.5, -3};
  double value = 0;
  for (const double p : points) value += std::tanh(p) * std::tanh(p) * p;
  const vec slopes = mapped(points, slope);

  const auto [f0, g0] = value_and_grad(cubic_like)(x);
  static_assert(std::is_same_v<std::remove_const_t<decltype(f0)>, tensor<double>>);
  static_assert(std::is_same_v<std::remove_const_t<decltype(g0)>, tensor<double, 5>>);
  CHECK(f0.item() == doctest::Approx(value).epsilon(1e-14));
  CHECK(close(values(g0), slopes));
  CHECK(values(grad(cubic_like)(x)) == values(g0));
  test::compare_with_differences([](const auto& p) { return value_and_grad(cubic_like)(p).value.item(); }, x,
                                 g0);

  const auto [f1, df] = jvp(cubic_like, primals(x), tangents(v));
  double along = 0;
  for (int i = 0; i < 5; ++i) along += slopes[std::size_t(i)] * v(i);
  CHECK(f1.item() == doctest::Approx(value).epsilon(1e-14));
  CHECK(df.item() == doctest::Approx(along).epsilon(1e-13));

  vec second = mapped(points, curvature);
  for (int i = 0; i < 5; ++i) second[std::size_t(i)] *= v(i);
  CHECK(close(values(hvp(cubic_like, x, v)), second));
}

TEST_CASE("vjp and jvp of a result of any shape") {
  const auto f = [](const auto& a, const auto& b) { return tanh(a * b); };
  const tensor<double, 3> a{0.5, -1, 2}, b{1, 0.25, -0.5}, da{1, 2, 3}, db{-1, 0, 1}, seed{2, -3, 0.5};
  const auto [y, back] = vjp(f, a, b);
  const auto [ga, gb] = back(seed);
  const auto [z, dz] = jvp(f, primals(a, b), tangents(da, db));
  vec ya, wa, wb, wz;
  for (int i = 0; i < 3; ++i) {
    const double t = std::tanh(a(i) * b(i)), d = 1 - t * t;
    ya.push_back(t);
    wa.push_back(seed(i) * d * b(i));
    wb.push_back(seed(i) * d * a(i));
    wz.push_back(d * (da(i) * b(i) + a(i) * db(i)));
  }
  CHECK(close(values(y), ya));
  CHECK(close(values(z), ya));
  CHECK(close(values(ga), wa));
  CHECK(close(values(gb), wb));
  CHECK(close(values(dz), wz));
  // a pullback may be called again, with another seed, and keeps its arguments
  const auto [ha, hb] = back(ones<double, 3>());
  CHECK(close({ha(0), hb(2)}, {wa[0] / 2, wb[2] / 0.5}));
  CHECK(close(values(ga), wa));
}

TEST_CASE("the pullback has the point at which it was made") {
  tensor<double, 2> x{1, 2};
  const auto [y, back] = vjp([](const auto& v) { return v * v; }, x);
  x = zeros<double, 2>();
  CHECK(values(y) == vec{1, 4});
  CHECK(values(back(ones<double, 2>())) == vec{2, 4});
}

TEST_CASE("several arguments: gradients of those that are asked for, in that order") {
  const auto f = [](const auto& a, const auto& b, const auto& c) { return sum(a * b * b + c); };
  const tensor<double, 2> a{2, 3}, b{5, 7};
  const tensor<double, dyn> c{1, 1};
  const auto [v, g] = value_and_grad<2, 1, 0>(f)(a, b, c);
  CHECK(v.item() == 2 * 25 + 3 * 49 + 2);
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(std::get<0>(g))>, tensor<double, dyn>>);
  CHECK(values(std::get<0>(g)) == vec{1, 1});
  CHECK(values(std::get<1>(g)) == vec{20, 42});
  CHECK(values(std::get<2>(g)) == vec{25, 49});
  CHECK(values(grad<1>(f)(a, b, c)) == vec{20, 42});
}

TEST_CASE("an argument that is not read has the gradient zero, in its shape") {
  const auto f = [](const auto& a, const auto&) { return sum(a * a); };
  const tensor<double, 2> a{2, 3};
  const auto b = ones<double>(3, 2);
  const auto [v, g] = value_and_grad<0, 1>(f)(a, b);
  CHECK(v.item() == 13);
  CHECK(values(std::get<0>(g)) == vec{4, 6});
  CHECK(test::extents(std::get<1>(g)) == dims{3, 2});
  CHECK(values(std::get<1>(g)) == vec(6, 0.));
  CHECK(values(b) == vec(6, 1.));
  CHECK(jvp(f, primals(a, b), tangents(a, b)).tangent.item() == 26);
}

TEST_CASE("numbers are arguments, too") {
  const auto f = [](const auto& x, const auto& k) { return sum(x * x) * k; };
  const tensor<double, 2> x{2, 3};
  const auto [v, g] = value_and_grad<0, 1>(f)(x, 4.0);
  CHECK(v.item() == 52);
  CHECK(values(std::get<0>(g)) == vec{16, 24});
  static_assert(std::remove_cvref_t<decltype(std::get<1>(g))>::rank == 0);
  CHECK(std::get<1>(g).item() == 13);
  CHECK(value_and_grad([](const auto& k) { return k * k * k; })(2.0).gradient.item() == 12);
}

TEST_CASE("lazy expressions are arguments, too") {
  const auto f = [](const auto& x) { return sum(x * x); };
  const tensor<double, dyn> x{1, 2};
  const auto [v, g] = value_and_grad(f)(x * 3.0);
  CHECK(v.item() == 45);
  CHECK(values(g) == vec{6, 12});
}
