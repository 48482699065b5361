// Complex numbers, laid out as std::complex and converting from and to it. A type of our own, for the
// namespaces of a tensor's template arguments are searched wherever functions of tensors are called.
#pragma once

#include <cmath>
#include <complex>
#include <concepts>

#include "tenon/core/dtype_list.hpp"

namespace tenon {

template <class T>
struct basic_complex {
  T re{}, im{};

  basic_complex() = default;
  TENON_HD constexpr basic_complex(T real, T imaginary = T(0)) : re(real), im(imaginary) {}
  template <class U>
  requires(!std::same_as<T, U>) TENON_HD constexpr explicit basic_complex(const basic_complex<U>& a)
      : re(static_cast<T>(a.re)), im(static_cast<T>(a.im)) {}
  constexpr basic_complex(const std::complex<T>& a) : re(a.real()), im(a.imag()) {}
  constexpr operator std::complex<T>() const { return {re, im}; }

  constexpr T real() const { return re; }
  constexpr T imag() const { return im; }

  TENON_HD friend constexpr bool operator==(const basic_complex&, const basic_complex&) = default;
  TENON_HD friend constexpr basic_complex operator+(basic_complex a, basic_complex b) {
    return {a.re + b.re, a.im + b.im};
  }
  TENON_HD friend constexpr basic_complex operator-(basic_complex a, basic_complex b) {
    return {a.re - b.re, a.im - b.im};
  }
  TENON_HD friend constexpr basic_complex operator*(basic_complex a, basic_complex b) {
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
  }
  /// Smith (1962): the quotient by the larger part first, so that nothing overflows early.
  TENON_HD friend constexpr basic_complex operator/(basic_complex a, basic_complex b) {
    const T x = b.re < T(0) ? -b.re : b.re, y = b.im < T(0) ? -b.im : b.im;
    if (x >= y) {
      if (x == T(0)) return {a.re / x, a.im / x};
      const T ratio = b.im / b.re, scale = b.re + b.im * ratio;
      return {(a.re + a.im * ratio) / scale, (a.im - a.re * ratio) / scale};
    }
    const T ratio = b.re / b.im, scale = b.re * ratio + b.im;
    return {(a.re * ratio + a.im) / scale, (a.im * ratio - a.re) / scale};
  }
  TENON_HD friend constexpr basic_complex operator-(basic_complex a) { return {-a.re, -a.im}; }
  TENON_HD constexpr basic_complex& operator+=(basic_complex b) { return *this = *this + b; }
  TENON_HD constexpr basic_complex& operator-=(basic_complex b) { return *this = *this - b; }
  TENON_HD constexpr basic_complex& operator*=(basic_complex b) { return *this = *this * b; }
  TENON_HD constexpr basic_complex& operator/=(basic_complex b) { return *this = *this / b; }
};

using complex64 = basic_complex<float>;
using complex128 = basic_complex<double>;

template <class T>
concept complex_number = std::same_as<T, complex64> || std::same_as<T, complex128>;

}  // namespace tenon
