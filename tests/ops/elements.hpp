// Arrays held against a function of the coordinates, element by element.
#pragma once

#include "../support.hpp"

namespace test {

/// Checks extents, and each of the elements in row-major order against f(context, coordinates).
inline void check_elements(const dims& extents, const vec& elements, const dims& expected,
                           double (*f)(void* context, const dims&), void* context) {
  REQUIRE(extents == expected);
  dims at(expected.size(), 0);
  index wrong = 0;
  for (const double got : elements) {
    const double want = f(context, at);
    wrong += !(want == got || (want != want && got != got));
    for (int k = int(at.size()) - 1; k >= 0; --k) {
      if (++at[std::size_t(k)] < expected[std::size_t(k)]) break;
      at[std::size_t(k)] = 0;
    }
  }
  CHECK(wrong == 0);
}

/// Checks the extents of an expression, and each element against f(coordinates). What does not depend on its
/// type is compiled once.
template <class X, class F>
void check_elements(const X& x, const dims& expected, F f) {
  const auto t = tenon::eval(x);
  vec elements;
  for (index i = 0; i < t.size(); ++i) elements.push_back(double(t.data()[i]));
  check_elements(
      dims(t.shape().begin(), t.shape().end()), elements, expected,
      [](void* call, const dims& at) { return double((*static_cast<F*>(call))(at)); }, &f);
}

/// 1, 2, 3, ... under some extents.
template <class T, tenon::extent... E, std::integral... N>
auto counted(N... sizes) {
  auto x = tenon::zeros<T, E...>(sizes...);
  for (index i = 0; i < x.size(); ++i) x.own()[i] = static_cast<T>(i + 1);
  return x;
}

}  // namespace test
