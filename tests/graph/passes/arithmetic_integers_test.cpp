// Identities of + - * / and unary minus change no integer, whatever wraps, and no bit of 16-bit floating-point numbers.
#include "identities.hpp"

using namespace tenon;

TEST_CASE("16-bit results keep every bit") {
  test::check_identities<float16>();
  test::check_identities<bfloat16>();
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
