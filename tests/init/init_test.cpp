// Glorot's weights: bounds, variance, and that they follow the generator.
#include "tenon/init/init.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace {

template <class W>
double variance(const W& w) {
  double sum = 0, squares = 0;
  for (const double v : w) {
    sum += v;
    squares += v * v;
  }
  const auto n = static_cast<double>(w.size());
  return squares / n - sum / n * (sum / n);
}

}  // namespace

TEST_CASE_TEMPLATE("init: Glorot's weights", T, float, double) {
  tenon::generator g{1};
  const auto u = tenon::glorot_uniform<T, 300, 100>(g);
  const auto n = tenon::glorot_normal<T, 300, 100>(g);
  static_assert(std::is_same_v<std::remove_const_t<decltype(u)>, tenon::tensor<T, 300, 100>>);
  static_assert(std::is_same_v<std::remove_const_t<decltype(n)>, tenon::tensor<T, 300, 100>>);
  CHECK(variance(u) == doctest::Approx(2.0 / 400).epsilon(0.03));
  CHECK(variance(n) == doctest::Approx(2.0 / 400).epsilon(0.03));
  const auto [low, high] = std::minmax_element(u.begin(), u.end());
  const double bound = std::sqrt(6.0 / 400);
  CHECK(*low >= static_cast<T>(-bound));
  CHECK(*high < static_cast<T>(bound));
  CHECK(*low < -0.99 * bound);
  CHECK(*high > 0.99 * bound);
}

TEST_CASE("init: equal seeds give equal weights") {
  tenon::generator a{9}, b{9};
  const auto x = tenon::glorot_uniform<float, 5, 3>(a), y = tenon::glorot_uniform<float, 5, 3>(b);
  CHECK(std::equal(x.begin(), x.end(), y.begin()));
  const auto z = tenon::glorot_uniform<float, 5, 3>(b);
  CHECK(!std::equal(x.begin(), x.end(), z.begin()));
}
