// Straight code on the other dtypes: bool, integers of all sizes, 16-bit floating-point and complex numbers.
#include "small_values.hpp"

using namespace tenon;
using test::compare;
using test::varied;

TEST_CASE_TEMPLATE("integers", T, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t,
                   std::uint16_t, std::uint32_t, std::uint64_t) {
  const auto a = varied<tensor<T, 3, 5>>(1), b = varied<tensor<T, 3, 5>>(2);
  const auto row = varied<tensor<T, 5>>(3);
  compare(
      true, "arithmetic", [](const auto& x, const auto& y, const auto& z) { return (x + y) * z - x / y; }, a,
      b, row);
  compare(
      true, "choices", [](const auto& x, const auto& y) { return where(x > y, transpose(transpose(x)), y); },
      a, b);
  compare(
      true, "sums", [](const auto& x) { return sum(x, axis<0>) + sum(x); }, a);
  compare(
      true, "products", [](const auto& x, const auto& y) { return matmul(x, transpose(y)); }, a, b);
}

TEST_CASE_TEMPLATE("16-bit floating-point numbers", T, float16, bfloat16) {
  const auto a = varied<tensor<T, 3, 5>>(1), b = varied<tensor<T, 3, 5>>(2);
  compare(
      true, "arithmetic", [](const auto& x, const auto& y) { return (x + y) * x / y; }, a, b);
  compare(
      false, "sums", [](const auto& x) { return x - sum(x, axis<1>, keepdims); }, a);
  compare(
      false, "products", [](const auto& x, const auto& y) { return matmul(x, transpose(y)); }, a, b);
  compare(
      true, "astype", [](const auto& x) { return astype<float>(x) + 1.f; }, a);
}

TEST_CASE_TEMPLATE("complex numbers", T, complex64, complex128) {
  const auto a = varied<tensor<T, 2, 3>>(1), b = varied<tensor<T, 2, 3>>(2);
  compare(
      true, "arithmetic", [](const auto& x, const auto& y) { return (x + y) * x; }, a, b);
  compare(
      false, "sums and products",
      [](const auto& x, const auto& y) { return matmul(x, transpose(y)) + sum(x); }, a, b);
  compare(
      true, "parts", [](const auto& x) { return real(x) - imag(x); }, a);
}

TEST_CASE("truth values") {
  const auto a = varied<tensor<bool, 3, 5>>(1), b = varied<tensor<bool, 3, 5>>(2);
  compare(
      true, "logic", [](const auto& x, const auto& y) { return (x && y) || !x; }, a, b);
  compare(
      true, "reductions", [](const auto& x, const auto& y) { return any(x, axis<0>) || all(y, axis<0>); }, a,
      b);
  compare(
      true, "as numbers", [](const auto& x) { return sum(astype<std::int32_t>(x)); }, a);
}
