// Identities of + - * / and unary minus change no integer, whatever wraps, and no bit of 16-bit floating-point numbers.
#include "specials.hpp"

using namespace tenon;

namespace {
constexpr auto minus_zero = detail::constant_of_bits<detail::bits_of(-0.0)>;
}  // namespace

TEST_CASE("16-bit results keep every bit") {
  const auto check = [](auto zero_of_type) {
    using T = decltype(zero_of_type);
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
  };
  check(float16{});
  check(bfloat16{});
}

TEST_CASE("integers wrap as before") {
  const auto check = [](auto zero_of_type) {
    using T = decltype(zero_of_type);
    const test::pairs<T> v(test::integers<T>());
    const auto &a = v.a, &b = v.b;
    CHECK(test::unchanged(a + (-b)));
    CHECK(test::unchanged(a - (-b)));
    CHECK(test::unchanged(-a * -b));
    CHECK(test::unchanged(-a / -b));
    CHECK(test::unchanged(-(a - b)));
    CHECK(test::unchanged(a - a));
    CHECK(test::unchanged(0_c - a));
    CHECK(test::unchanged(a * 0_c));
    CHECK(test::unchanged(-(a * 3_c)));
    CHECK(test::unchanged(-a * 3_c));
    CHECK(test::unchanged(-a / 3_c));
    CHECK(test::unchanged(a / 4_c));
    CHECK(test::unchanged(3_c * (2_c * a)));
    if constexpr (std::is_signed_v<T>) {
      CHECK(test::unchanged(a / constant<-1>));
      CHECK(test::unchanged(a * constant<-1>));
    }
  };
  check(std::int8_t{});
  check(std::int32_t{});
  check(std::int64_t{});
  check(std::uint8_t{});
}
