// Gradients by central differences, in double, of the very program that computes the gradient.
#pragma once

#include <tenon/autodiff/transforms.hpp>

#include "../support.hpp"

#include <cmath>
#include <tuple>
#include <type_traits>

namespace test {

/// Every element of a gradient against central differences; wants double.
template <class Value, class X, class G>
void compare_with_differences(Value value, const X& x, const G& gradient) {
  static_assert(std::is_same_v<typename X::value_type, double>);
  REQUIRE(extents(gradient) == extents(x));
  const double step = 1e-5;
  for (index i = 0; i < x.size(); ++i) {
    const double was = x.flat()[i];
    X moved = x;
    moved.own()[i] = was + step;
    const double up = value(moved);
    moved.own()[i] = was - step;
    const double down = value(moved);
    const double expected = (up - down) / (2 * step), got = gradient.flat()[i];
    CAPTURE(i);
    CHECK(std::fabs(got - expected) <= 1e-8 * std::fmax(1., std::fmax(std::fabs(got), std::fabs(expected))));
  }
}

/// f's gradients with respect to all its arguments, checked element by element.
template <class F, class A>
auto checked_gradient(F f, const A& a) {
  const auto both = tenon::value_and_grad(f);
  const auto [value, gradient] = both(a);
  compare_with_differences([&](const A& x) { return double(both(x).value.item()); }, a, gradient);
  return gradient;
}
template <class F, class A, class B>
auto checked_gradient(F f, const A& a, const B& b) {
  const auto both = tenon::value_and_grad<0, 1>(f);
  const auto [value, gradient] = both(a, b);
  compare_with_differences([&](const A& x) { return double(both(x, b).value.item()); }, a,
                           std::get<0>(gradient));
  compare_with_differences([&](const B& x) { return double(both(a, x).value.item()); }, b,
                           std::get<1>(gradient));
  return gradient;
}

inline bool close(const vec& a, const vec& b, double tolerance = 1e-12) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(std::fabs(a[i] - b[i]) <= tolerance * std::fmax(1., std::fabs(b[i])))) return false;
  return true;
}

}  // namespace test
