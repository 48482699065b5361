// Random tensors: their distributions, and that they depend on seed, call and place alone.
#include "tenon/array/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using tenon::dyn;
using tenon::generator;
using tenon::normal;
using tenon::permutation;
using tenon::tensor;
using tenon::uniform;

template <class X>
std::vector<double> values(const X& x) {
  return {x.begin(), x.end()};
}

double mean_of(const std::vector<double>& x, int power) {
  double sum = 0;
  for (const double v : x) sum += std::pow(v, power);
  return sum / static_cast<double>(x.size());
}

/// The mean of the products of neighbours `lag` apart, of numbers with mean 0.
double correlation(const std::vector<double>& x, const std::vector<double>& y, std::size_t lag) {
  double sum = 0;
  for (std::size_t i = 0; i + lag < x.size(); ++i) sum += x[i] * y[i + lag];
  return sum / static_cast<double>(x.size() - lag);
}

/// Kolmogorov and Smirnov's distance from a distribution, times sqrt(n): above 2.5 once in 100,000 times.
template <class F>
double distance(std::vector<double> x, F cumulative) {
  std::sort(x.begin(), x.end());
  const auto n = static_cast<double>(x.size());
  double most = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double f = cumulative(x[i]);
    most = std::max({most, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  return most * std::sqrt(n);
}

constexpr int many = 200000;

}  // namespace

TEST_CASE("random: extents as for zeros") {
  generator g{1};
  static_assert(std::is_same_v<decltype(uniform<float>(g, 3, 4)), tensor<float, dyn, dyn>>);
  static_assert(std::is_same_v<decltype(uniform<float, "batch", 10>(g, 32)), tensor<float, "batch", 10>>);
  static_assert(std::is_same_v<decltype(normal<double, 2, 3>(g)), tensor<double, 2, 3>>);
  static_assert(std::is_same_v<decltype(normal<double>(g)), tensor<double>>);
  CHECK(uniform<float>(g, 3, 4).shape() == std::array<tenon::index, 2>{3, 4});
  CHECK(normal<float, "batch", 10>(g, 32).shape() == std::array<tenon::index, 2>{32, 10});
  CHECK(uniform<double>(g, 0, 4).size() == 0);
  CHECK_THROWS_AS(uniform<float>(g, -1), tenon::shape_error);
}

TEST_CASE("random: the first numbers are the published ones") {
  generator g{0};
  const auto f = uniform<float>(g, 6);
  CHECK(f(0) == static_cast<float>(0x6627e8d5 >> 8) * 0x1p-24f);
  CHECK(f(3) == static_cast<float>(0x9b00dbd8 >> 8) * 0x1p-24f);
  generator h{0};
  CHECK(uniform<double>(h, 1).item() == static_cast<double>(0xe169c58d6627e8d5 >> 11) * 0x1p-53);
}

TEST_CASE_TEMPLATE("random: uniform numbers", T, float, double) {
  generator g{7};
  const auto u = uniform<T>(g, many);
  auto x = values(u);
  CHECK(std::all_of(x.begin(), x.end(), [](double v) { return v >= 0 && v < 1; }));
  CHECK(distance(x, [](double v) { return v; }) < 2.5);
  for (int power = 1; power <= 4; ++power)
    CHECK(mean_of(x, power) == doctest::Approx(1.0 / (power + 1)).epsilon(0.01));
  for (double& v : x) v = (v - 0.5) * std::sqrt(12.0);
  for (std::size_t lag = 1; lag <= 8; ++lag)
    CHECK(std::abs(correlation(x, x, lag)) < 5 / std::sqrt(double(many)));
}

TEST_CASE_TEMPLATE("random: normal numbers", T, float, double) {
  generator g{8};
  const auto x = values(normal<T>(g, many));
  CHECK(distance(x, [](double v) { return std::erfc(-v / std::sqrt(2.0)) / 2; }) < 2.5);
  const double error = 1 / std::sqrt(double(many));
  CHECK(std::abs(mean_of(x, 1)) < 5 * error);
  CHECK(std::abs(mean_of(x, 2) - 1) < 5 * error * std::sqrt(2.0));
  CHECK(std::abs(mean_of(x, 3)) < 5 * error * std::sqrt(15.0));
  CHECK(std::abs(mean_of(x, 4) - 3) < 5 * error * std::sqrt(96.0));
  for (std::size_t lag = 1; lag <= 8; ++lag) CHECK(std::abs(correlation(x, x, lag)) < 5 * error);
  std::vector<double> squares;
  for (const double v : x) squares.push_back((v * v - 1) / std::sqrt(2.0));
  for (std::size_t lag = 1; lag <= 4; ++lag) CHECK(std::abs(correlation(squares, squares, lag)) < 5 * error);
}

TEST_CASE_TEMPLATE("random: an element depends on seed, call and place alone", T, float, double) {
  for (const int n : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 99}) {
    generator a{5}, b{5};
    const auto few = values(normal<T>(a, n)), more = values(normal<T>(b, 100));
    CHECK(std::equal(few.begin(), few.end(), more.begin()));
    // Whatever the call made, the next one is the same.
    CHECK(a == b);
    const auto next = values(uniform<T>(a, 2, 3)), flat = values(uniform<T>(b, 6));
    CHECK(next == flat);
    CHECK(flat != std::vector<double>(more.begin(), more.begin() + 6));
  }
}

TEST_CASE("random: generators are values") {
  generator g{3};
  generator copy = g;
  CHECK(values(uniform<float>(g, 9)) == values(uniform<float>(copy, 9)));
  CHECK(g == copy);
  CHECK(!(generator{3} == g));
  CHECK(generator{3} == generator{3});
  // Seeds that share their lower half differ.
  generator low{1}, high{1 + (std::uint64_t(1) << 32)};
  CHECK(values(uniform<double>(low, 4)) != values(uniform<double>(high, 4)));
}

TEST_CASE("random: a split generator is independent") {
  generator g{11};
  generator first = split(g), second = split(g);
  CHECK(!(first == second));
  generator again{11};
  CHECK(split(again) == first);
  const auto x = values(normal<double>(g, many)), y = values(normal<double>(first, many)),
             z = values(normal<double>(second, many));
  for (std::size_t lag = 0; lag <= 4; ++lag) {
    CHECK(std::abs(correlation(x, y, lag)) < 5 / std::sqrt(double(many)));
    CHECK(std::abs(correlation(y, z, lag)) < 5 / std::sqrt(double(many)));
  }
}

TEST_CASE("random: permutations") {
  generator g{2};
  for (const int n : {0, 1, 2, 17, 1000}) {
    const auto p = permutation(g, n);
    auto sorted = values(p);
    std::sort(sorted.begin(), sorted.end());
    CHECK(sorted == values(tenon::arange<double>(0, n)));
  }
  CHECK_THROWS_AS(permutation(g, -1), tenon::usage_error);
  generator a{2}, b{2};
  CHECK(values(permutation(a, 1000)) == values(permutation(b, 1000)));
  permutation(b, 3);
  permutation(a, 5000);
  CHECK(a == b);
}

TEST_CASE("random: each of the 24 orders of 4 comes as often as the others") {
  generator g{4};
  std::array<int, 256> count{};
  const int rounds = 24000;
  for (int i = 0; i < rounds; ++i) {
    const auto p = permutation(g, 4);
    ++count[std::size_t(p(0) * 64 + p(1) * 16 + p(2) * 4 + p(3))];
  }
  int orders = 0;
  double chi = 0;
  for (const int c : count) {
    orders += c > 0;
    if (c > 0) chi += (c - rounds / 24.0) * (c - rounds / 24.0) / (rounds / 24.0);
  }
  CHECK(orders == 24);
  CHECK(chi < 60);  // 23 degrees of freedom: once in 25,000 times
}

TEST_CASE("random: bounded numbers that do not divide 2^64") {
  tenon::detail::random_sequence numbers(generator{6}.next());
  const std::uint64_t third = ~std::uint64_t(0) / 3 * 2;  // a third of all words is refused
  int low = 0;
  for (int i = 0; i < 10000; ++i) {
    const std::uint64_t v = numbers.below(third);
    REQUIRE(v < third);
    low += v < third / 2;
  }
  CHECK(std::abs(low - 5000) < 250);
  CHECK(numbers.below(1) == 0);
}

TEST_CASE("random: batches hold the words of their blocks, also where the counter's lower half ends") {
  const tenon::random_key key{0x123456789ABCDEFu, 0x9876543210u};
  const std::uint64_t end = std::uint64_t(1) << 32;
  for (const std::uint64_t first : {std::uint64_t(0), std::uint64_t(32), end - 33, end - 32, end - 31,
                                    end - 1, end, 5 * end - 16, ~std::uint64_t(0) - 31}) {
    std::uint32_t words[tenon::host::batch_words];
    tenon::host::random_batch<>::fill(key, first, words);
    for (int b = 0; b < tenon::host::batch_blocks; ++b)
      for (int k = 0; k < 4; ++k)
        REQUIRE(words[4 * b + k] == key.block(first + static_cast<std::uint64_t>(b)).word[k]);
  }
}

TEST_CASE("random: normal numbers are Box and Muller's") {
  generator a{9}, b{9};
  const auto x = values(normal<double>(a, 20000)), u = values(uniform<double>(b, 20000));
  for (std::size_t i = 0; i < x.size(); i += 2) {
    const long double radius = std::sqrt(-2 * std::log(1 - static_cast<long double>(u[i])));
    const long double angle = 2 * 3.14159265358979323846264338327950288L * u[i + 1];
    REQUIRE(std::abs(x[i] - radius * std::cos(angle)) < 4e-15L);
    REQUIRE(std::abs(x[i + 1] - radius * std::sin(angle)) < 4e-15L);
  }
}
