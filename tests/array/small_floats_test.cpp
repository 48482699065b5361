// Straight code of floating-point numbers gives the bits of plans; reductions and products, to rounding.
#include "small_values.hpp"

using namespace tenon;
using test::compare;
using test::varied;

namespace {

template <class T, bool Functions, int... N>
void elementwise_cases() {
  using X = tensor<T, N...>;
  auto a = varied<X>(1), b = varied<X>(2), c = varied<X>(3);
  if (a.size() > 3) {
    a.own()[0] = std::numeric_limits<T>::quiet_NaN();
    a.own()[1] = std::numeric_limits<T>::infinity();
    a.own()[2] = T(-0.0);
    b.own()[3] = T(0);
  }
  compare(
      true, "arithmetic",
      [](const auto& x, const auto& y, const auto& z) { return (x - y) / z - abs(x) * T(2); }, a, b, c);
  compare(
      true, "choices",
      [](const auto& x, const auto& y, const auto& z) { return where(x > y, maximum(x, z), minimum(y, z)); },
      a, b, c);
  compare(
      true, "comparisons", [](const auto& x, const auto& y, const auto&) { return (x < y) || (x == y); }, a,
      b, c);
  if constexpr (Functions) {
    compare(
        true, "functions",
        [](const auto& x, const auto& y, const auto&) { return tanh(x) + exp(y) * sqrt(abs(x)); }, a, b, c);
    compare(
        true, "more functions",
        [](const auto& x, const auto& y, const auto&) { return sin(x) + log(abs(y)) + sigmoid(x) * erf(y); },
        a, b, c);
  }
}

}  // namespace

TEST_CASE("elementwise ops of floats, 0 to 64 elements, ranks 0 to 3") {
  elementwise_cases<float, false>();
  elementwise_cases<float, true, 3>();
  elementwise_cases<float, false, 4, 4>();
  elementwise_cases<float, true, 2, 3, 7>();
  elementwise_cases<float, false, 8, 8>();
  elementwise_cases<float, false, 2, 0>();
}
TEST_CASE("elementwise ops of doubles") {
  elementwise_cases<double, false>();
  elementwise_cases<double, true, 5>();
  elementwise_cases<double, false, 4, 4, 4>();
}
