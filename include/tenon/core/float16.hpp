// The 16-bit floating-point numbers: float16 of IEEE 754 (5 bits of exponent, 10 of fraction) and bfloat16
// (8 and 7). They are stored so and computed with as floats: each result of an operation is rounded to
// nearest, ties to even, which for + - * / and sqrt is the correctly rounded result.
#pragma once

#include <bit>
#include <concepts>
#include <limits>

#include "tenon/core/dtype_list.hpp"

namespace tenon {

namespace detail {

/// A float rounded to a sign, `Exponent` bits of exponent and `Fraction` bits of fraction; NaN stays NaN,
/// with what fits of its payload, and quiet.
template <int Exponent, int Fraction>
TENON_HD constexpr std::uint16_t round_to_16_bits(float value) {
  constexpr int dropped = 23 - Fraction, bias = (1 << (Exponent - 1)) - 1;
  constexpr std::uint32_t infinity = ((1u << Exponent) - 1) << Fraction;
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 31 << 15, magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u)
    return static_cast<std::uint16_t>(sign | infinity | 1u << (Fraction - 1) |
                                      (magnitude & 0x7fffffu) >> dropped);
  const int exponent = static_cast<int>(magnitude >> 23) - 127 + bias;
  if (exponent >= (1 << Exponent) - 1) return static_cast<std::uint16_t>(sign | infinity);
  std::uint32_t kept = magnitude;
  int shift = dropped;
  if (exponent <= 0) {  // subnormal here: the leading one becomes explicit
    if (exponent < -Fraction) return static_cast<std::uint16_t>(sign);
    if (Exponent < 8) {
      kept = (magnitude & 0x7fffffu) | 0x800000u;
      shift += 1 - exponent;
    }
  } else {
    kept -= static_cast<std::uint32_t>(127 - bias) << 23;
  }
  const std::uint32_t half = 1u << (shift - 1), odd = kept >> shift & 1u;
  return static_cast<std::uint16_t>(sign | (kept + half - 1 + odd) >> shift);
}

template <int Exponent, int Fraction>
TENON_HD constexpr float from_16_bits(std::uint16_t bits) {
  constexpr int bias = (1 << (Exponent - 1)) - 1;
  constexpr std::uint32_t most = (1u << Exponent) - 1;
  const std::uint32_t sign = std::uint32_t(bits >> 15) << 31;
  const std::uint32_t exponent = (bits >> Fraction) & most, fraction = bits & ((1u << Fraction) - 1);
  if (exponent == 0 && Exponent < 8) {  // fraction * 2^(1 - bias - Fraction), exact
    constexpr float unit = std::bit_cast<float>(std::uint32_t(127 + 1 - bias - Fraction) << 23);
    const float magnitude = static_cast<float>(fraction) * unit;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | sign);
  }
  const std::uint32_t wide = Exponent == 8 ? exponent : exponent == most ? 255u : exponent + 127 - bias;
  const std::uint32_t quiet = exponent == most && fraction != 0 ? 0x400000u : 0;
  return std::bit_cast<float>(sign | wide << 23 | fraction << (23 - Fraction) | quiet);
}

/// A number of 16 bits; converts from and to float, by which arithmetic with it gives floats.
template <int Exponent, int Fraction>
class small_float {
 public:
  small_float() = default;
  TENON_HD constexpr small_float(float value) : bits_(round_to_16_bits<Exponent, Fraction>(value)) {}
  template <class N>
  requires std::integral<N> || std::same_as<N, double> || std::same_as<N, long double>
      TENON_HD constexpr explicit small_float(N value) : small_float(odd_float(value)) {}
  TENON_HD constexpr operator float() const { return from_16_bits<Exponent, Fraction>(bits_); }

  TENON_HD static constexpr small_float from_bits(std::uint16_t bits) {
    small_float r;
    r.bits_ = bits;
    return r;
  }
  TENON_HD constexpr std::uint16_t bits() const { return bits_; }

  TENON_HD constexpr small_float operator-() const { return from_bits(bits_ ^ 0x8000u); }
  TENON_HD constexpr small_float& operator+=(float b) { return *this = float(*this) + b; }
  TENON_HD constexpr small_float& operator-=(float b) { return *this = float(*this) - b; }
  TENON_HD constexpr small_float& operator*=(float b) { return *this = float(*this) * b; }
  TENON_HD constexpr small_float& operator/=(float b) { return *this = float(*this) / b; }

 private:
  /// A wider number as a float that rounds on as the number itself would: rounded to odd, so that no tie is
  /// made where there was none.
  template <class N>
  TENON_HD static constexpr float odd_float(N value) {
    const float near = static_cast<float>(value);
    if constexpr (std::integral<N> && sizeof(N) <= 2) return near;
    const double wide = static_cast<double>(value), back = static_cast<double>(near);
    if (!(wide != back) || !(wide == wide) || back - back != 0) return near;
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(near);
    if ((bits & 1u) != 0) return near;
    const bool towards_zero = (wide < 0 ? -wide : wide) < (back < 0 ? -back : back);
    return std::bit_cast<float>(towards_zero ? bits - 1 : bits + 1);
  }

  std::uint16_t bits_ = 0;
};

}  // namespace detail

/// The 16-bit number of IEEE 754: 11 significant bits, up to 65504.
using float16 = detail::small_float<5, 10>;
/// The upper half of a float: 8 significant bits, the range of float.
using bfloat16 = detail::small_float<8, 7>;

template <class T>
concept float_of_16_bits = std::same_as<T, float16> || std::same_as<T, bfloat16>;

}  // namespace tenon

template <int Exponent, int Fraction>
struct std::numeric_limits<tenon::detail::small_float<Exponent, Fraction>> : std::numeric_limits<float> {
 private:
  using number = tenon::detail::small_float<Exponent, Fraction>;
  static constexpr unsigned top = ((1u << Exponent) - 1) << Fraction;
  static constexpr number of(unsigned bits) { return number::from_bits(static_cast<std::uint16_t>(bits)); }

 public:
  static constexpr int digits = Fraction + 1, digits10 = Fraction * 301 / 1000,
                       max_digits10 = 2 + (Fraction + 1) * 301 / 1000;
  static constexpr int max_exponent = 1 << (Exponent - 1), min_exponent = 3 - max_exponent;
  static constexpr int max_exponent10 = Exponent == 5 ? 4 : 38, min_exponent10 = Exponent == 5 ? -4 : -37;
  static constexpr number min() noexcept { return of(1u << Fraction); }
  static constexpr number max() noexcept { return of(top - 1); }
  static constexpr number lowest() noexcept { return of(0x8000u | (top - 1)); }
  static constexpr number epsilon() noexcept {
    return of(((1u << (Exponent - 1)) - 1 - Fraction) << Fraction);
  }
  static constexpr number round_error() noexcept { return number(0.5f); }
  static constexpr number infinity() noexcept { return of(top); }
  static constexpr number quiet_NaN() noexcept { return of(top | 1u << (Fraction - 1)); }
  static constexpr number signaling_NaN() noexcept { return of(top | 1u); }
  static constexpr number denorm_min() noexcept { return of(1u); }
};
