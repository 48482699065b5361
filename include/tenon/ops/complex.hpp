// Complex numbers: their parts, conjugate, magnitude and angle, and complex numbers of two parts. Derivatives
// do not pass through complex numbers.
#pragma once

#include "tenon/ops/elementwise.hpp"

namespace tenon {

/// |z|, without overflow on the way; see abs.
struct magnitude_op : elementwise<1> {
  static constexpr auto name = "abs";
  static constexpr domain takes = domain::complex;
  static constexpr yields gives = yields::real;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static auto value(V z) {
    using namespace math;
    return hypot(real_part(z), imaginary_part(z));
  }
};
struct angle_op : elementwise<1> {
  static constexpr auto name = "angle";
  static constexpr domain takes = domain::complex;
  static constexpr yields gives = yields::real;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static auto value(V z) {
    using namespace math;
    return atan2(imaginary_part(z), real_part(z));
  }
};
struct real_op : elementwise<1> {
  static constexpr auto name = "real";
  static constexpr domain takes = domain::complex;
  static constexpr yields gives = yields::real;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static auto value(V z) {
    using namespace math;
    return real_part(z);
  }
};
struct imag_op : elementwise<1> {
  static constexpr auto name = "imag";
  static constexpr domain takes = domain::complex;
  static constexpr yields gives = yields::real;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static auto value(V z) {
    using namespace math;
    return imaginary_part(z);
  }
};
struct conj_op : elementwise<1> {
  static constexpr auto name = "conj";
  static constexpr unsigned laws = law::involution;
  static constexpr domain takes = domain::complex;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static auto value(V z) {
    using namespace math;
    return conjugate(z);
  }
};
struct complex_op : elementwise<2> {
  static constexpr auto name = "make_complex";
  static constexpr domain takes = domain::floating;
  static constexpr yields gives = yields::complex;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static auto value(V re, V im) {
    using namespace math;
    return complex_of(re, im);
  }
};

namespace detail {
template <class X>
inline constexpr bool complex_operand = is_complex(dtype_of_operand<X>.type);
}  // namespace detail

/// The real part; of real arrays themselves.
template <tensor_like Z>
constexpr auto real(Z&& z) {
  if constexpr (detail::complex_operand<Z>)
    return apply<real_op>(static_cast<Z&&>(z));
  else
    return detail::as_expression<0>(static_cast<Z&&>(z));
}
/// The imaginary part; of real arrays zeros.
template <tensor_like Z>
constexpr auto imag(Z&& z) {
  if constexpr (detail::complex_operand<Z>)
    return apply<imag_op>(static_cast<Z&&>(z));
  else
    return broadcast_like(astype<type_of<detail::dtype_of_operand<Z>.type>>(0_c), static_cast<Z&&>(z));
}
/// The complex conjugate; of real arrays themselves.
template <tensor_like Z>
constexpr auto conj(Z&& z) {
  if constexpr (detail::complex_operand<Z>)
    return apply<conj_op>(static_cast<Z&&>(z));
  else
    return detail::as_expression<0>(static_cast<Z&&>(z));
}
/// The angle of a complex number with the positive real axis, in (-pi, pi].
template <tensor_like Z>
constexpr auto angle(Z&& z) {
  return apply<angle_op>(static_cast<Z&&>(z));
}
/// re + i im: complex64 of float32, complex128 of float64.
template <class Re, class Im>
requires operands<Re, Im>
constexpr auto make_complex(Re&& re, Im&& im) {
  constexpr dtype a = detail::dtype_of_operand<Re>.type, b = detail::dtype_of_operand<Im>.type;
  static_assert(size_of(a) >= 4 && size_of(b) >= 4,
                "tenon: complex numbers have parts of float or double; see astype<float>(x)");
  return apply<complex_op>(static_cast<Re&&>(re), static_cast<Im&&>(im));
}

}  // namespace tenon
