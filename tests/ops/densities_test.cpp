// log_density against products of elementary functions in long double, against sums and integrals that are 1, and
// against differences.
#include "../support.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/densities.hpp>

#include <cmath>
#include <limits>

using namespace tenon;
using test::dims;
using test::values;
using test::vec;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The terms of f at 0, 1, ... n - 1.
template <class F>
double total(F f, int n) {
  auto x = zeros<double>(n);
  for (int i = 0; i < n; ++i) x.own()[i] = i;
  return values(sum(exp(f(x))))[0];
}
/// The integral of exp(f) over [a, b], by the midpoints of n parts.
template <class F>
double integral(F f, double a, double b, int n) {
  auto x = zeros<double>(n);
  for (int i = 0; i < n; ++i) x.own()[i] = a + (b - a) * (i + 0.5) / n;
  return values(sum(exp(f(x))))[0] * (b - a) / n;
}

}  // namespace

TEST_CASE("densities and probabilities add up to 1") {
  namespace d = log_density;
  const auto near_1 = [](double v) { return std::abs(v - 1) < 1e-6; };
  CHECK(near_1(integral([](const auto& x) { return d::normal(x, 1.5, 0.7); }, -8, 10, 20000)));
  CHECK(near_1(integral([](const auto& x) { return d::uniform(x, -1.0, 3.0); }, -3, 5, 20000)));
  CHECK(near_1(integral([](const auto& x) { return d::exponential(x, 0.5); }, -2, 18, 20000)));
  CHECK(near_1(integral([](const auto& x) { return d::gamma(x, 2.5, 0.6); }, -1, 31, 20000)));
  CHECK(near_1(total([](const auto& x) { return d::poisson(x, 3.5); }, 60)));
  CHECK(near_1(total([](const auto& x) { return d::negative_binomial(x, 2.5, 0.3); }, 200)));
  CHECK(near_1(total([](const auto& x) { return d::generalized_negative_binomial(x, 3.0, 0.4); }, 200)));
  // two probabilities: the beta distribution
  double sum_of = 0;
  for (int i = 0; i < 20000; ++i) {
    const double p = (i + 0.5) / 20000;
    sum_of +=
        std::exp(values(d::dirichlet(tensor<double, 2>{p, 1 - p}, tensor<double, 2>{2.5, 3.0}))[0]) / 20000;
  }
  CHECK(near_1(sum_of));
}

TEST_CASE("single values") {
  namespace d = log_density;
  const auto close = [](double got, long double expected) {
    return std::abs(got - double(std::log(expected))) < 1e-13 * (1 + std::abs(std::log(expected)));
  };
  const auto at = [](double v) { return tensor<double, 1>{v}; };
  CHECK(close(values(d::normal(at(2), 1, 0.5))[0],
              std::exp(-2.0L) / (0.5L * std::sqrt(2 * 3.14159265358979323846L))));
  CHECK(close(values(d::gamma(at(2), 3, 0.5))[0], 4 * std::exp(-4.0L) / (2 * 0.125L)));
  CHECK(close(values(d::poisson(at(3), 2))[0], 8 * std::exp(-2.0L) / 6));
  CHECK(close(values(d::negative_binomial(at(2), 3, 0.25))[0], 6 * 0.015625L * 0.5625L));
  // mean 9 of k = 3 successes of probability 1/4
  CHECK(std::abs(values(d::generalized_negative_binomial(at(2), 9, 1. / 3))[0] -
                 values(d::negative_binomial(at(2), 3, 0.25))[0]) < 1e-13);
  CHECK(close(values(d::dirichlet(tensor<double, 3>{0.2, 0.3, 0.5}, tensor<double, 3>{1, 2, 3}))[0],
              60 * 0.3L * 0.25L));
}

TEST_CASE("limits: nothing outside, and 0 log 0 is 0") {
  namespace d = log_density;
  const tensor<double, 3> x{-1, 0, 1};
  CHECK(values(d::exponential(x, 1.0)) == vec{-infinity, 0, -1});
  CHECK(values(d::gamma(x, 1.0, 1.0)) == vec{-infinity, 0, -1});
  CHECK(values(d::uniform(x, 0.0, 1.0)) == vec{-infinity, 0, 0});
  CHECK(values(d::poisson(x, 0.0)) == vec{-infinity, 0, -infinity});
  CHECK(values(d::negative_binomial(x, 1.0, 1.0)) == vec{-infinity, 0, -infinity});
  const tensor<double, 1> not_a_number{std::nan("")};
  CHECK(std::isnan(values(d::normal(not_a_number, 0.0, 1.0))[0]));
  CHECK(std::isnan(values(d::uniform(not_a_number, 0.0, 1.0))[0]));
  CHECK(std::isnan(values(d::exponential(not_a_number, 1.0))[0]));
  CHECK(std::isnan(values(d::gamma(not_a_number, 1.0, 1.0))[0]));
  CHECK(std::isnan(values(d::poisson(not_a_number, 1.0))[0]));
  CHECK(std::isnan(values(d::negative_binomial(not_a_number, 1.0, 0.5))[0]));
}

TEST_CASE("parameters that broadcast, dtypes, and nothing") {
  namespace d = log_density;
  const tensor<float, 2> x{0, 1};
  const tensor<float, 3, 1> mean{{0}, {1}, {2}};
  const vec r = values(d::normal(x, mean, 1));
  REQUIRE(r.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) {
    const double z = double(i % 2) - double(i / 2);
    CHECK(std::abs(r[i] + 0.5 * z * z + 0.91893853320467274) < 1e-6);
  }
  CHECK(test::extents(d::poisson(zeros<float>(0, 2), 3)) == dims{0, 2});
  CHECK(test::extents(d::dirichlet(zeros<float>(0, 2), ones<float>(2))) == dims{0});
  static_assert(std::is_same_v<decltype(d::gamma(x, 2, 3))::value_type, float>);
}

TEST_CASE("derivatives by numbers and parameters") {
  namespace d = log_density;
  const tensor<double, 3> x{0.4, 1.3, 2.2}, a{1.2, 0.7, 2.5}, p{0.3, 0.6, 0.8};
  check_grads([](const auto& v, const auto& m, const auto& s) { return d::normal(v, m, s); },
              primals(x, a, p));
  check_grads([](const auto& v, const auto& s) { return d::exponential(v, s); }, primals(x, a));
  check_grads([](const auto& v, const auto& m, const auto& s) { return d::gamma(v, m, s); },
              primals(x, a, p));
  check_grads([](const auto& v, const auto& m) { return d::poisson(v, m); }, primals(x, a));
  check_grads([](const auto& v, const auto& k, const auto& q) { return d::negative_binomial(v, k, q); },
              primals(x, a, p));
  check_grads(
      [](const auto& v, const auto& m, const auto& s) { return d::generalized_negative_binomial(v, m, s); },
      primals(x, a, p));
  check_grads([](const auto& v, const auto& s) { return d::dirichlet(v, s); }, primals(p, a));
}
