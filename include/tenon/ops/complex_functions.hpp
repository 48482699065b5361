// Functions of complex numbers that are made of functions of their parts.
#pragma once

#include <numbers>

#include "tenon/graph/call.hpp"
#include "tenon/ops/complex.hpp"
#include "tenon/ops/exponential.hpp"
#include "tenon/ops/rounding.hpp"
#include "tenon/ops/trigonometric.hpp"

namespace tenon {

/// 2 to the power of z.
template <tensor_like Z>
requires detail::complex_operand<Z>
constexpr auto exp2(Z&& z) {
  return call(
      [](auto v) {
        const auto r = exp2(real(v));
        const auto angle = imag(v) * detail::constant_of_bits<detail::bits_of(std::numbers::ln2)>;
        return make_complex(r * cos(angle), r * sin(angle));
      },
      static_cast<Z&&>(z));
}

/// exp(z) - 1, exact where z is small.
template <tensor_like Z>
requires detail::complex_operand<Z>
constexpr auto expm1(Z&& z) {
  return call(
      [](auto v) {
        const auto x = real(v);
        const auto y = imag(v);
        // e^x cos y - 1 = (e^x - 1) cos y - 2 sin^2(y / 2)
        return make_complex(expm1(x) * cos(y) - 2_c * square(sin(0.5_c * y)), exp(x) * sin(y));
      },
      static_cast<Z&&>(z));
}

/// log(1 + z), exact where z is small.
template <tensor_like Z>
requires detail::complex_operand<Z>
constexpr auto log1p(Z&& z) {
  return call(
      [](auto v) {
        const auto x = real(v);
        const auto y = imag(v);
        // |1 + z|^2 - 1 = x (2 + x) + y^2, which overflows where z is large
        const auto near = 0.5_c * log1p(x * (2_c + x) + square(y));
        return make_complex(where(abs(x) + abs(y) < 0.5_c, near, log(hypot(1_c + x, y))), atan2(y, 1_c + x));
      },
      static_cast<Z&&>(z));
}

/// The logarithm to base 2.
template <tensor_like Z>
requires detail::complex_operand<Z>
constexpr auto log2(Z&& z) {
  return call(
      [](auto v) {
        const auto l = log(v);
        const auto per_bit = detail::constant_of_bits<detail::bits_of(std::numbers::log2e)>;
        return make_complex(real(l) * per_bit, imag(l) * per_bit);
      },
      static_cast<Z&&>(z));
}

/// z / |z|; 0 at 0.
template <tensor_like Z>
requires detail::complex_operand<Z>
constexpr auto sign(Z&& z) {
  return call(
      [](auto v) {
        const auto r = abs(v);
        const auto length = where(r == 0_c, 1_c, r);
        return make_complex(real(v) / length, imag(v) / length);
      },
      static_cast<Z&&>(z));
}

/// Both parts rounded, halves to even.
template <tensor_like Z>
requires detail::complex_operand<Z>
constexpr auto round(Z&& z) {
  return call([](auto v) { return make_complex(round(real(v)), round(imag(v))); }, static_cast<Z&&>(z));
}

/// Whether a part is NaN.
template <tensor_like Z>
requires detail::complex_operand<Z>
constexpr auto isnan(Z&& z) {
  return call([](auto v) { return isnan(real(v)) || isnan(imag(v)); }, static_cast<Z&&>(z));
}
/// Whether a part is infinite.
template <tensor_like Z>
requires detail::complex_operand<Z>
constexpr auto isinf(Z&& z) {
  return call([](auto v) { return isinf(real(v)) || isinf(imag(v)); }, static_cast<Z&&>(z));
}
/// Whether both parts are neither infinite nor NaN.
template <tensor_like Z>
requires detail::complex_operand<Z>
constexpr auto isfinite(Z&& z) {
  return call([](auto v) { return isfinite(real(v)) && isfinite(imag(v)); }, static_cast<Z&&>(z));
}

}  // namespace tenon
