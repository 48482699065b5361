// Checks an activation function against its definition in long double, at large arguments too, and its derivatives.
#pragma once

#include "../support.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/activation.hpp>

#include <cmath>
#include <limits>

namespace test {

using namespace tenon;

using real = long double;

inline real soft(real x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
inline real logistic(real x) { return 1 / (1 + std::exp(-x)); }
inline real between(real x, real low, real high) { return x < low ? low : x > high ? high : x; }

/// From -30 to 30 and beyond.
template <class T>
tensor<T, dyn> telling_points() {
  vec points;
  for (int i = -60; i <= 60; ++i) points.push_back(i / 2. + 0.013);
  points.insert(points.end(), {-1e4, -200, 200, 1e4, 0});
  auto x = zeros<T>(tenon::index(points.size()));
  for (tenon::index i = 0; i < x.size(); ++i) x(i) = T(points[std::size_t(i)]);
  return x;
}
template <class T>
void check_points(const tensor<T, dyn>& x, const vec& got, real (*expected)(real), double units) {
  double worst = 0;
  for (tenon::index i = 0; i < x.size(); ++i) {
    const real exact = expected(real(x(i)));
    const real error = std::fabs(real(got[std::size_t(i)]) - exact) / std::max(std::fabs(exact), real(1e-3));
    worst = std::max(worst, double(error) / double(std::numeric_limits<T>::epsilon()));
  }
  CHECK(worst <= units);
}

/// f on these points, within `units` of eps relative to the larger of value and 1e-3.
template <class T, class F>
void check_values(F f, real (*expected)(real), double units = 8) {
  const auto x = telling_points<T>();
  check_points<T>(x, values(f(x)), expected, units);
  CHECK(std::isnan(values(f(tensor<T, 1>{std::numeric_limits<T>::quiet_NaN()}))[0]));
  const tensor<double, 5> at{-2.3, -0.4, 0.2, 1.7, 4.1};
  if constexpr (sizeof(T) == 8)
    check_grads([f](const auto& v) { return sum(f(v)); }, primals(at), {.order = 1});
}
template <class F>
void check(F f, real (*expected)(real), double units = 8) {
  check_values<double>(f, expected, units);
}

}  // namespace test
