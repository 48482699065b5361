// Arrays held against a function of the coordinates, element by element.
#pragma once

#include "../support.hpp"

namespace test {

/// Checks the extents of an expression, and each element against f(coordinates).
template <class X, class F>
void check_elements(const X& x, const dims& expected, F f) {
  const auto t = tenon::eval(x);
  REQUIRE(dims(t.shape().begin(), t.shape().end()) == expected);
  dims at(expected.size(), 0);
  index wrong = 0;
  for (index i = 0; i < t.size(); ++i) {
    const double want = double(f(static_cast<const dims&>(at))), got = double(t.data()[i]);
    wrong += !(want == got || (want != want && got != got));
    for (int k = int(at.size()) - 1; k >= 0; --k) {
      if (++at[std::size_t(k)] < expected[std::size_t(k)]) break;
      at[std::size_t(k)] = 0;
    }
  }
  CHECK(wrong == 0);
}

/// 1, 2, 3, ... under some extents.
template <class T, tenon::extent... E, std::integral... N>
auto counted(N... sizes) {
  auto x = tenon::zeros<T, E...>(sizes...);
  for (index i = 0; i < x.size(); ++i) x.own()[i] = static_cast<T>(i + 1);
  return x;
}

}  // namespace test
