// Random numbers of many distributions against their exact cumulative functions, at fixed seeds.
#include <tenon/array/parameters.hpp>
#include <tenon/array/sampling.hpp>
#include <tenon/array/shapes.hpp>

#include "../support.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

using namespace tenon;
using test::contains;
using test::thrown;
using test::values;
using test::vec;

namespace {

constexpr int many = 60000;
constexpr double infinite = std::numeric_limits<double>::infinity();

/// Kolmogorov and Smirnov's distance, times sqrt(n): above 2.5 once in 100,000 times.
double distance(vec x, const std::function<double(double)>& cumulative) {
  std::sort(x.begin(), x.end());
  const auto n = static_cast<double>(x.size());
  double most = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double f = cumulative(x[i]);
    most = std::max({most, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  return most * std::sqrt(n);
}

/// Pearson's statistic in standard deviations from its mean, bins with few expected joined to one.
double pearson(const vec& x, const std::function<double(int)>& probability, int bins) {
  std::vector<double> seen(static_cast<std::size_t>(bins) + 1);
  for (const double v : x) seen[static_cast<std::size_t>(std::min<double>(v, bins))] += 1;
  const auto n = static_cast<double>(x.size());
  double sum = 0, rest = n, rest_seen = n;
  int degrees = 0;
  for (int k = 0; k < bins; ++k) {
    const double expected = n * probability(k);
    if (expected < 10) continue;
    const double miss = seen[static_cast<std::size_t>(k)] - expected;
    sum += miss * miss / expected;
    rest -= expected;
    rest_seen -= seen[static_cast<std::size_t>(k)];
    ++degrees;
  }
  if (rest >= 10)
    sum += (rest_seen - rest) * (rest_seen - rest) / rest;
  else if (std::abs(rest_seen - rest) > 60)
    return infinite;
  return (sum - degrees) / std::sqrt(2.0 * degrees);
}

double negative_binomial_probability(double r, double p, int k) {
  return std::exp(std::lgamma(k + r) - std::lgamma(k + 1.0) - std::lgamma(r) + r * std::log(p) +
                  k * std::log1p(-p));
}

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

/// The regularised lower incomplete gamma function, by its series and its continued fraction.
double gamma_cdf(double a, double x) {
  if (x <= 0) return 0;
  const double front = std::exp(a * std::log(x) - x - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (int k = 1; k < 2000 && term > 1e-17 * sum; ++k) sum += term *= x / (a + k);
    return front * sum;
  }
  double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
  for (int k = 1; k < 2000; ++k) {
    const double an = -k * (k - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
  }
  return 1 - front * h;
}
/// The regularised incomplete beta function, by its continued fraction.
double beta_cdf(double a, double b, double x) {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - beta_cdf(b, a, 1 - x);
  double c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), h = d;
  for (int m = 1; m < 500; ++m) {
    double e = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + e * d);
    c = 1 + e / c;
    h *= d * c;
    e = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + e * d);
    c = 1 + e / c;
    h *= d * c;
  }
  return std::exp(a * std::log(x) + b * std::log1p(-x) + std::lgamma(a + b) - std::lgamma(a) -
                  std::lgamma(b)) *
         h / a;
}

double poisson_probability(double mean, int k) {
  return std::exp(k * std::log(mean) - mean - std::lgamma(k + 1.0));
}
double binomial_probability(int n, double p, int k) {
  return k > n ? 0
               : std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) +
                          k * std::log(p) + (n - k) * std::log1p(-p));
}

template <class F>
bool refuses(F f) {
  const std::string line = thrown<usage_error>(f);
  return contains(line, "expected") || contains(line, "does not hold") || contains(line, "cannot choose");
}

}  // namespace

TEST_CASE("uniform numbers between bounds") {
  generator g{11};
  const auto x = values(uniform<double>(g, -3.0, 5.0, many));
  CHECK(distance(x, [](double v) { return (v + 3) / 8; }) < 2);
  CHECK(*std::min_element(x.begin(), x.end()) >= -3);
  CHECK(*std::max_element(x.begin(), x.end()) < 5);
  CHECK(distance(values(uniform<float>(g, 0, 0.5f, many)), [](double v) { return 2 * v; }) < 2);
  CHECK(values(uniform<float, "n", 2>(g, 2.0, 2.0, 3)) == vec(6, 2));
  const float one = 1, next = std::nextafter(1.f, 2.f);
  CHECK(values(uniform<float>(g, one, next, 1000)) == vec(1000, 1));  // half of them round to high
  for (const double v : values(uniform<float16>(g, 0.0, 1.0, 20000))) CHECK_UNARY(v >= 0 && v < 1);
  for (const double v : values(uniform<bfloat16>(g, -1.0, 0.0, 20000))) CHECK_UNARY(v >= -1 && v < 0);
  const auto half = values(uniform<float16>(g, many)), brain = values(uniform<bfloat16>(g, many));
  CHECK(*std::max_element(half.begin(), half.end()) == 1 - 0x1p-11);
  CHECK(*std::max_element(brain.begin(), brain.end()) == 1 - 0x1p-8);
  CHECK(distance(half, [](double v) { return v + 0x1p-12; }) < 2.5);
  CHECK(refuses([&] { (void)uniform<float>(g, 1.0, 0.0, 3); }));
  CHECK(refuses([&] { (void)uniform<float>(g, 0.0, infinite, 3); }));
  CHECK(refuses([&] { (void)uniform<float>(g, std::nan(""), 1.0, 3); }));
  CHECK(refuses([&] { (void)uniform<double>(g, -1e308, 1e308, 3); }));
}

TEST_CASE("integers") {
  generator g{12};
  const auto x = values(randint(g, 0, 7, many));
  CHECK(std::abs(pearson(
            x, [](int) { return 1. / 7; }, 7)) < 4);
  for (const double v : values(randint<std::int8_t>(g, -128, 128, 1000))) CHECK_UNARY(v >= -128 && v <= 127);
  const auto bytes = values(randint<std::uint8_t>(g, 250, 256, many));
  vec shifted;
  for (const double v : bytes) shifted.push_back(v - 250);
  CHECK(std::abs(pearson(
            shifted, [](int) { return 1. / 6; }, 6)) < 4);
  CHECK(values(randint<int, 2, 2>(g, 5, 6)) == vec(4, 5));
  // three quarters of 2^32: a quarter of the words is refused
  const auto large = values(randint(g, 0, std::int64_t(3) << 30, many));
  CHECK(distance(large, [](double v) { return v / (3 * 0x1p30); }) < 2);
  const auto wide = values(
      randint(g, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), many));
  CHECK(distance(wide, [](double v) { return v * 0x1p-64 + 0.5; }) < 2);
  CHECK(refuses([&] { (void)randint(g, 3, 3, 1); }));
  CHECK(refuses([&] { (void)randint<std::int8_t>(g, 0, 129, 1); }));
  CHECK(refuses([&] { (void)randint<std::uint64_t>(g, -1, 3, 1); }));
}

TEST_CASE("continuous distributions") {
  generator g{13};
  CHECK(distance(values(exponential<double>(g, 2.5, many)), [](double x) { return -std::expm1(-x / 2.5); }) <
        2);
  CHECK(distance(values(laplace<float>(g, 1.0, 0.5, many)), [](double x) {
          return x < 1 ? 0.5 * std::exp((x - 1) / 0.5) : 1 - 0.5 * std::exp((1 - x) / 0.5);
        }) < 2);
  for (const double a : {0.05, 0.3, 1.0, 1.7, 9.0, 500.0}) {
    CAPTURE(a);
    CHECK(distance(values(gamma<double>(g, a, 3.0, many)), [a](double x) { return gamma_cdf(a, x / 3); }) <
          2);
  }
  for (const auto& [a, b] :
       {std::pair(0.2, 0.3), std::pair(1.0, 1.0), std::pair(2.0, 5.0), std::pair(80.0, 0.7)}) {
    CAPTURE(a);
    CHECK(distance(values(beta<double>(g, a, b, many)),
                   [a = a, b = b](double x) { return beta_cdf(a, b, x); }) < 2);
  }
  for (const double v : values(beta<float>(g, 1e-5, 1e-5, 1000))) CHECK_UNARY(v >= 0 && v <= 1);
  CHECK(values(exponential<float>(g, 0.0, 5)) == vec(5, 0));
  CHECK(refuses([&] { (void)exponential<float>(g, -1.0, 3); }));
  CHECK(refuses([&] { (void)laplace<float>(g, infinite, 1.0, 3); }));
  CHECK(refuses([&] { (void)gamma<float>(g, 0.0, 1.0, 3); }));
  CHECK(refuses([&] { (void)gamma<float>(g, 1.0, std::nan(""), 3); }));
  CHECK(refuses([&] { (void)beta<float>(g, 1.0, -1.0, 3); }));
}

TEST_CASE("truncated normal numbers") {
  generator g{14};
  const auto check = [&](double low, double high) {
    CAPTURE(low);
    CAPTURE(high);
    const auto x = values(truncated_normal<double>(g, 0.0, 1.0, low, high, many));
    CHECK(*std::min_element(x.begin(), x.end()) >= low);
    CHECK(*std::max_element(x.begin(), x.end()) <= high);
    const bool right = low > 0;  // the upper tail is exact where 1 - cdf cancels
    const double all_of_it =
        right ? normal_cdf(-low) - normal_cdf(-high) : normal_cdf(high) - normal_cdf(low);
    CHECK(distance(x, [&](double v) {
            return (right ? normal_cdf(-low) - normal_cdf(-v) : normal_cdf(v) - normal_cdf(low)) / all_of_it;
          }) < 2);
  };
  for (const auto& [low, high] :
       {std::pair(-2., 2.), std::pair(-infinite, infinite), std::pair(0., 1.), std::pair(0., infinite),
        std::pair(0.5, 0.6), std::pair(3., infinite), std::pair(3., 4.), std::pair(-1., 0.),
        std::pair(-0.1, 5.), std::pair(8., infinite), std::pair(-30., -5.), std::pair(-2.4, 0.1)})
    check(low, high);
  CHECK(distance(values(truncated_normal<float>(g, many)), [](double v) {
          return (normal_cdf(v) - normal_cdf(-2)) / (normal_cdf(2) - normal_cdf(-2));
        }) < 2);
  CHECK(values(truncated_normal<float>(g, 0.0, 1.0, 3.0, 3.0, 4)) == vec(4, 3));
  const auto shifted = values(truncated_normal<float>(g, 10.0, 2.0, 9.0, infinite, 1000));
  CHECK(*std::min_element(shifted.begin(), shifted.end()) >= 9);
  CHECK(refuses([&] { (void)truncated_normal<float>(g, 0.0, 1.0, 2.0, 1.0, 3); }));
  CHECK(refuses([&] { (void)truncated_normal<float>(g, 0.0, 0.0, 1.0, 2.0, 3); }));
  CHECK(refuses([&] { (void)truncated_normal<float>(g, 0.0, 1.0, infinite, infinite, 3); }));
}

TEST_CASE("counts") {
  generator g{15};
  for (const double mean : {0.1, 2.0, 9.9, 10.0, 31.5, 400.0}) {
    CAPTURE(mean);
    CHECK(std::abs(pearson(
              values(poisson(g, mean, many)), [mean](int k) { return poisson_probability(mean, k); }, 1000)) <
          4);
  }
  for (const auto& [n, p] : {std::pair(1, 0.3), std::pair(40, 0.5), std::pair(41, 0.02), std::pair(1000, 0.9),
                             std::pair(100000, 0.0001)}) {
    CAPTURE(n);
    CHECK(std::abs(pearson(
              values(binomial(g, n, p, many)),
              [n = n, p = p](int k) { return binomial_probability(n, p, k); }, 1001)) < 4);
  }
  for (const auto& [r, p] :
       {std::pair(1.0, 0.5), std::pair(0.3, 0.2), std::pair(7.5, 0.9), std::pair(40.0, 0.3)}) {
    CAPTURE(r);
    const auto probability = [r = r, p = p](int k) { return negative_binomial_probability(r, p, k); };
    CHECK(std::abs(pearson(values(negative_binomial(g, r, p, many)), probability, 1000)) < 4);
    const double mean = r * (1 - p) / p;
    CHECK(std::abs(pearson(values(generalized_negative_binomial(g, mean, 1 / r, many)), probability, 1000)) <
          4);
  }
  CHECK(values(negative_binomial<int>(g, 3.0, 1.0, 3)) == vec(3, 0));
  CHECK(std::abs(pearson(
            values(generalized_negative_binomial(g, 2.0, 0.0, many)),
            [](int k) { return poisson_probability(2.0, k); }, 1000)) < 4);
  CHECK(refuses([&] { (void)negative_binomial(g, 0.0, 0.5, 3); }));
  CHECK(refuses([&] { (void)negative_binomial(g, 1.0, 0.0, 3); }));
  CHECK(refuses([&] { (void)negative_binomial(g, 1.0, 1e-16, 3); }));
  CHECK(refuses([&] { (void)negative_binomial<std::int8_t>(g, 1.0, 0.1, 3); }));
  CHECK(refuses([&] { (void)generalized_negative_binomial(g, -1.0, 0.5, 3); }));
  CHECK(refuses([&] { (void)generalized_negative_binomial(g, 1.0, std::nan(""), 3); }));
  CHECK(values(poisson<int>(g, 0.0, 3)) == vec(3, 0));
  CHECK(values(binomial<int>(g, 1000, 1.0, 3)) == vec(3, 1000));
  CHECK(values(binomial<int>(g, 1000, 0.0, 3)) == vec(3, 0));
  CHECK(values(binomial<int>(g, 0, 0.5, 3)) == vec(3, 0));
  CHECK(std::abs(pearson(
            values(bernoulli(g, 0.3, many)), [](int k) { return k == 0 ? 0.7 : 0.3; }, 2)) < 4);
  CHECK(values(bernoulli<float>(g, 1.0, 3)) == vec(3, 1));
  CHECK(values(bernoulli<bool, "n">(g, 0.0, 3)) == vec(3, 0));
  CHECK(refuses([&] { (void)poisson(g, -1.0, 3); }));
  CHECK(refuses([&] { (void)poisson<std::int8_t>(g, 200.0, 3); }));
  CHECK(refuses([&] { (void)binomial(g, -1, 0.5, 3); }));
  CHECK(refuses([&] { (void)binomial(g, 3, 1.5, 3); }));
  CHECK(refuses([&] { (void)binomial<std::int8_t>(g, 300, 0.5, 3); }));
  CHECK(refuses([&] { (void)bernoulli(g, std::nan(""), 3); }));
}

TEST_CASE("the same bits for any number of threads, and element by element") {
  const auto check = [](auto draw) {
    generator a{3}, b{3}, c{3};
    set_num_threads(1);
    const auto one = draw(a, 70001);
    set_num_threads(2);
    const auto two = draw(b, 70001);
    set_num_threads(0);
    CHECK(values(one) == values(two));
    const auto few = values(draw(c, 100));
    const auto x = values(one);
    CHECK(std::equal(few.begin(), few.end(), x.begin()));
  };
  check([](generator& g, int n) { return uniform<float>(g, n); });
  check([](generator& g, int n) { return uniform<double>(g, 1.0, 2.0, n); });
  check([](generator& g, int n) { return normal<float>(g, n); });
  check([](generator& g, int n) { return normal<bfloat16>(g, n); });
  check([](generator& g, int n) { return gamma<float>(g, 0.5, 1.0, n); });
  check([](generator& g, int n) { return poisson(g, 20.0, n); });
  check([](generator& g, int n) { return negative_binomial(g, 2.5, 0.2, n); });
  check([](generator& g, int n) { return gamma<double>(g, full<float>(0.5f, n), tensor<float>(2)); });
  check([](generator& g, int n) { return randint(g, 0, std::int64_t(3) << 30, n); });
}

TEST_CASE("arrays of parameters: each row is of its own distribution") {
  generator g{21};
  const auto row = [](const auto& x, int k) {
    vec r;
    for (int i = 0; i < many; ++i) r.push_back(static_cast<double>(x(k, i)));
    return r;
  };
  const auto two = [](double a, double b) {
    return eval(broadcast_to<2, many>(tensor<double, 2, 1>{{a}, {b}}));
  };
  const auto n = normal<float>(g, two(0, 5), tensor<double, 2, 1>{{1}, {0.1}});
  CHECK(distance(row(n, 0), normal_cdf) < 2.5);
  CHECK(distance(row(n, 1), [](double x) { return normal_cdf((x - 5) / 0.1); }) < 2.5);
  const auto u = uniform<double>(g, two(0, -2), tensor<float>(1));
  CHECK(distance(row(u, 1), [](double x) { return (x + 2) / 3; }) < 2.5);
  const auto e = exponential<double>(g, two(1, 4));
  CHECK(distance(row(e, 1), [](double x) { return -std::expm1(-x / 4); }) < 2.5);
  const auto a = gamma<double>(g, two(0.5, 3), tensor<double, 2, 1>{{1}, {2}});
  CHECK(distance(row(a, 0), [](double x) { return gamma_cdf(0.5, x); }) < 2.5);
  CHECK(distance(row(a, 1), [](double x) { return gamma_cdf(3, x / 2); }) < 2.5);
  const auto p = poisson(g, two(0.5, 30));
  for (const int k : {0, 1})
    CHECK(std::abs(pearson(
              row(p, k), [k](int c) { return poisson_probability(k == 0 ? 0.5 : 30, c); }, 1000)) < 4);
  const auto b = negative_binomial(g, two(1, 4), two(0.5, 0.25));
  const auto m = generalized_negative_binomial(g, two(1, 12), two(1, 0.25));
  for (const int k : {0, 1}) {
    const auto probability = [k](int c) {
      return negative_binomial_probability(k == 0 ? 1 : 4, k == 0 ? 0.5 : 0.25, c);
    };
    CHECK(std::abs(pearson(row(b, k), probability, 1000)) < 4);
    CHECK(std::abs(pearson(row(m, k), probability, 1000)) < 4);
  }
}

TEST_CASE("arrays of parameters: shapes, limits, and what is refused") {
  generator g{22};
  static_assert(
      std::is_same_v<decltype(normal<float16>(g, zeros<float, "batch", 1>(2), ones<float, 3>()))::shape_type,
                     shape_of_extents<"batch", 3>>);
  CHECK(test::extents(poisson<int>(g, zeros<float>(0, 2))) == test::dims{0, 2});
  CHECK(values(normal<float>(g, tensor<int, 2>{1, 2}, tensor<int>(0))) == vec{1, 2});
  CHECK(values(uniform<float>(g, tensor<float, 2>{1, 2}, tensor<float, 2>{1, 2})) == vec{1, 2});
  for (const double v : values(uniform<bfloat16>(g, zeros<double>(4000), ones<double>(4000))))
    CHECK((v >= 0 && v < 1));
  CHECK(values(poisson(g, tensor<double, 2>{0, 0})) == vec{0, 0});
  const tensor<double, 2> good{1, 2}, bad{1, -1}, unknown{1, std::nan("")};
  CHECK(refuses([&] { (void)normal<float>(g, good, bad); }));
  CHECK(refuses([&] { (void)normal<float>(g, unknown, good); }));
  CHECK(refuses([&] { (void)uniform<float>(g, good, bad); }));
  CHECK(refuses([&] { (void)exponential<float>(g, bad); }));
  CHECK(refuses([&] { (void)gamma<float>(g, bad, good); }));
  CHECK(refuses([&] { (void)poisson(g, bad); }));
  CHECK(refuses([&] { (void)negative_binomial(g, good, good); }));
  CHECK(refuses([&] { (void)generalized_negative_binomial(g, good, bad); }));
  CHECK_THROWS_AS((void)normal<float>(g, zeros<float>(2), zeros<float>(3)), shape_error);
}
