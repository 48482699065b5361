// Identities of + - * / and unary minus on floating-point numbers, special values among them.
#pragma once

#include "specials.hpp"

namespace test {

/// Whether the default passes change no bit of what these expressions give for T.
template <class T>
void check_identities() {
  using namespace tenon;
  constexpr auto minus_zero = detail::constant_of_bits<detail::bits_of(-0.0)>;
  const test::pairs<T> v(test::specials<T>());
  const auto &a = v.a, &b = v.b;
  CHECK(test::unchanged(a + (-b)));
  CHECK(test::unchanged(a - (-b)));
  CHECK(test::unchanged(-a + b));
  CHECK(test::unchanged(-a * -b));
  CHECK(test::unchanged(-a / -b));
  CHECK(test::unchanged(-(-a)));
  CHECK(test::unchanged(a * 1_c));
  CHECK(test::unchanged(a / 1_c));
  CHECK(test::unchanged(a + minus_zero));
  CHECK(test::unchanged(a - 0_c));
  CHECK(test::unchanged(minus_zero - a));
  CHECK(test::unchanged(a * constant<-1>));
  CHECK(test::unchanged(a / constant<-1>));
  CHECK(test::unchanged(-a * 3_c));
  CHECK(test::unchanged(-(a * 3_c)));
  CHECK(test::unchanged(-(0.3_c / a)));
  CHECK(test::unchanged(0.3_c / -a));
  CHECK(test::unchanged(-a / 3_c));
  CHECK(test::unchanged(a / 8_c));
  CHECK(test::unchanged(a / 0.25_c));
  CHECK(test::unchanged(a / constant<-1024>));
  CHECK(test::unchanged(3_c * (2_c * a)));
  CHECK(test::unchanged(1.7_c * (constant<-4> * a)));
  // what the default must not touch
  CHECK(test::unchanged(a + 0_c));
  CHECK(test::unchanged(0_c - a));
  CHECK(test::unchanged(a * 0_c));
  CHECK(test::unchanged(a - a));
  CHECK(test::unchanged(0.5_c * (2_c * a)));
  CHECK(test::unchanged(0.25_c * (0.5_c * a)));
  CHECK(test::unchanged(-(a - b)));
}

}  // namespace test
