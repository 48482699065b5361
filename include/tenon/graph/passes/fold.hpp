// Arithmetic on the constants of a graph, in the dtype that they have there.
//
// A constant is a double and a dtype. Its value is what the dtype makes of the double; a weak one is a
// double. Only numbers of ordinary size are folded, so that nothing here overflows or loses digits to
// subnormal numbers: constant evaluation refuses what a processor would round.
#pragma once

#include <bit>

#include "tenon/core/dtype.hpp"

namespace tenon::detail {

/// A number that may be there.
struct folded {
  bool known = false;
  double value = 0;
};

constexpr bool is_negative_zero(double v) {
  return std::bit_cast<std::uint64_t>(v) == std::uint64_t(1) << 63;
}

/// Whether v's magnitude is 0 or between 1/limit and limit.
constexpr bool ordinary(double v, double limit) {
  const double m = v < 0 ? -v : v;  // NaN fails both
  return m == 0 || (m <= limit && m * limit >= 1);
}

/// The bounds of an integer dtype that a double counts exactly: of 64 bits, those of 32.
struct integer_bounds {
  double least, most;
};
constexpr integer_bounds bounds_of(dtype type) {
  switch (type) {
    case dtype::int8:
      return {-128, 127};
    case dtype::int16:
      return {-32768, 32767};
    case dtype::uint8:
      return {0, 255};
    case dtype::uint16:
      return {0, 65535};
    case dtype::uint32:
    case dtype::uint64:
      return {0, 4294967295.0};
    default:
      return {-2147483648.0, 2147483647.0};
  }
}

/// A result of arithmetic in `type`, where it is exact or rounded as the dtype rounds.
constexpr folded rounded(dtype type, double v) {
  switch (type) {
    case dtype::weak:
    case dtype::float64:
      return {ordinary(v, 1e200), v};
    case dtype::float32:
      return {ordinary(v, 1e30), ordinary(v, 1e30) ? static_cast<double>(static_cast<float>(v)) : 0};
    case dtype::float16:
      if (!ordinary(v, 1e4)) return {};
      return {true, static_cast<double>(static_cast<float>(static_cast<float16>(v)))};
    case dtype::bfloat16:
      if (!ordinary(v, 1e30)) return {};
      return {true, static_cast<double>(static_cast<float>(static_cast<bfloat16>(v)))};
    case dtype::boolean:
      return {true, v != 0 ? 1.0 : 0.0};
    default:
      break;
  }
  if (!is_integer(type)) return {};
  const integer_bounds b = bounds_of(type);
  if (!(v >= b.least && v <= b.most)) return {};
  const double whole = static_cast<double>(static_cast<std::int64_t>(v));
  return {whole == v, whole};
}

/// The value of a constant of a dtype, where arithmetic with it can be done here.
constexpr folded constant_value(dtype type, double v) {
  if (type == dtype::weak || type == dtype::float64) return {ordinary(v, 1e100), v};
  if (type == dtype::float32 || type == dtype::bfloat16)
    return ordinary(v, 1e15) ? rounded(type, v) : folded{};
  return rounded(type, v);
}

enum class arithmetic { add, subtract, multiply, divide };

/// a op b in a dtype, of values that constant_value gave.
constexpr folded fold_arithmetic(arithmetic what, dtype type, double a, double b) {
  if (type == dtype::boolean) return {};
  if (what == arithmetic::divide && b == 0) return {is_integer(type), 0};  // of integers 0, as everywhere
  if (is_integer(type)) {
    const auto m = static_cast<std::int64_t>(a), n = static_cast<std::int64_t>(b);
    // at most 33 bits a side, but products: those that leave a double's exact integers are refused by
    // `rounded`
    const std::int64_t r = what == arithmetic::add              ? m + n
                           : what == arithmetic::subtract       ? m - n
                           : what == arithmetic::divide         ? m / n
                           : (m > 2147483647 || n > 2147483647) ? (std::int64_t(1) << 60)
                                                                : m * n;
    return rounded(type, static_cast<double>(r));
  }
  const bool wide = type == dtype::weak || type == dtype::float64;
  const float f = static_cast<float>(wide ? 1 : a), g = static_cast<float>(wide ? 1 : b);
  switch (what) {
    case arithmetic::add:
      return rounded(type, wide ? a + b : static_cast<double>(f + g));
    case arithmetic::subtract:
      return rounded(type, wide ? a - b : static_cast<double>(f - g));
    case arithmetic::multiply:
      return rounded(type, wide ? a * b : static_cast<double>(f * g));
    default:
      return rounded(type, wide ? a / b : static_cast<double>(f / g));
  }
}

/// k where v is 2^k or -2^k and neither it nor 1/v is subnormal in the dtype; else -10000.
constexpr int power_of_two(dtype type, double v) {
  const auto bits = std::bit_cast<std::uint64_t>(v);
  const int k = static_cast<int>(bits >> 52 & 2047) - 1023;
  const int most = type == dtype::float64 || type == dtype::weak ? 1022 : type == dtype::float16 ? 14 : 126;
  return (bits & ((std::uint64_t(1) << 52) - 1)) == 0 && k >= -most && k <= most ? k : -10000;
}
inline constexpr int no_power = -10000;

}  // namespace tenon::detail
