// Values of every elementwise op on uint32, and on uint64 as far as int64 goes; beyond it by C++'s own.
#include "values.hpp"

using namespace tenon;

TEST_CASE("every elementwise op computes its function on uint32 and uint64") {
  test::check_values_of_ops<elementwise_ops, std::uint32_t, std::uint64_t>();
}

TEST_CASE("uint64 has all of its range") {
  constexpr std::uint64_t most = ~std::uint64_t{0}, half = most / 2 + 1;
  const tensor<std::uint64_t, 4> a{most, half, most, 7}, b{half, most, 2, most - 1};
  const auto larger = eval(maximum(a, b)), quotient = eval(a / b), rest = eval(fmod(a, b)), sum = eval(a + b);
  const auto below = eval(a < b);
  const auto shifted = eval(right_shift(a, full<std::uint64_t>(60, 4)));
  const auto real = eval(astype<double>(a));
  for (int i = 0; i < 4; ++i) {
    const std::uint64_t x = a(i), y = b(i);
    CHECK(larger(i) == std::max(x, y));
    CHECK(quotient(i) == x / y);
    CHECK(rest(i) == x % y);
    CHECK(sum(i) == x + y);
    CHECK(below(i) == (x < y));
    CHECK(shifted(i) == x >> 60);
    CHECK(real(i) == static_cast<double>(x));
  }
  CHECK(eval(max(a)).item() == most);
  CHECK(eval(min(a)).item() == 7);
}
