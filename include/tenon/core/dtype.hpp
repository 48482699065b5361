// The element types, their names and their promotion as the Python array API standard has it. Kinds do not
// mix, but for real and complex floating-point numbers; `astype` converts.
#pragma once

#include "tenon/core/complex.hpp"
#include "tenon/core/float16.hpp"

namespace tenon {

/// The type of a number that takes the dtype of its partner: `constant<2>` and the numbers of derivative
/// rules.
struct weak_number {};
/// The type of operands inside derivative rules, which hold for every dtype.
struct any_dtype {};

namespace detail {
/// The C++ types, in the order of `dtype`; of `none` an error was reported, and it should not cause others.
template <dtype D>
struct dtype_type {
  using type = weak_number;
};
template <class T>
struct dtype_number {
  static constexpr dtype value = dtype::none;
};
#define TENON_DTYPE(name, T)                    \
  template <>                                   \
  struct dtype_type<dtype::name> {              \
    using type = T;                             \
  };                                            \
  template <>                                   \
  struct dtype_number<T> {                      \
    static constexpr dtype value = dtype::name; \
  };
TENON_DTYPE(weak, weak_number)
TENON_DTYPE(boolean, bool)
TENON_DTYPE(int8, std::int8_t)
TENON_DTYPE(int16, std::int16_t)
TENON_DTYPE(int32, std::int32_t)
TENON_DTYPE(int64, std::int64_t)
TENON_DTYPE(uint8, std::uint8_t)
TENON_DTYPE(uint16, std::uint16_t)
TENON_DTYPE(uint32, std::uint32_t)
TENON_DTYPE(uint64, std::uint64_t)
TENON_DTYPE(float16, float16)
TENON_DTYPE(bfloat16, bfloat16)
TENON_DTYPE(float32, float)
TENON_DTYPE(float64, double)
TENON_DTYPE(complex64, complex64)
TENON_DTYPE(complex128, complex128)
#undef TENON_DTYPE
}  // namespace detail

template <class T>
inline constexpr dtype dtype_of = detail::dtype_number<T>::value;
template <dtype D>
using type_of = typename detail::dtype_type<D>::type;

template <class T>
concept element = dtype_of<T>
!= dtype::none&& dtype_of<T> != dtype::weak;

constexpr bool is_signed_integer(dtype d) { return d >= dtype::int8 && d <= dtype::int64; }
constexpr bool is_unsigned_integer(dtype d) { return d >= dtype::uint8 && d <= dtype::uint64; }
constexpr bool is_integer(dtype d) { return d >= dtype::int8 && d <= dtype::uint64; }
/// Real floating-point numbers.
constexpr bool is_floating(dtype d) { return d >= dtype::float16 && d <= dtype::float64; }
constexpr bool is_complex(dtype d) { return d >= dtype::complex64; }

/// Bytes of an element.
constexpr index size_of(dtype d) {
  constexpr unsigned char bytes[dtype_count] = {0, 0, 1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 2, 4, 8, 8, 16};
  return bytes[static_cast<int>(d)];
}
inline constexpr index max_element_size = 16;

constexpr const char* name_of(dtype d) {
  constexpr const char* names[dtype_count] = {
      "none",   "weak",   "bool",    "int8",     "int16",   "int32",   "int64",     "uint8",     "uint16",
      "uint32", "uint64", "float16", "bfloat16", "float32", "float64", "complex64", "complex128"};
  return names[static_cast<int>(d)];
}

/// The dtype that two operands share; `none` where kinds mix. Signed with unsigned integers give the least
/// signed type that holds both, where there is one; float16 with bfloat16 gives float32.
constexpr dtype promote(dtype a, dtype b) {
  if (a == dtype::weak) return b;
  if (b == dtype::weak || a == b) return a;
  if (b < a) {
    const dtype c = a;
    a = b;
    b = c;
  }
  if (is_signed_integer(a) && is_unsigned_integer(b)) {
    if (b == dtype::uint64) return dtype::none;
    const dtype wider = static_cast<dtype>(static_cast<int>(b) - static_cast<int>(dtype::uint8) +
                                           static_cast<int>(dtype::int16));
    return wider > a ? wider : a;
  }
  if (is_integer(a) && is_integer(b)) return b;
  if (!is_floating(a) && !is_complex(a)) return dtype::none;
  if (a == dtype::float16 && b == dtype::bfloat16) return dtype::float32;
  return a == dtype::float64 && b == dtype::complex64 ? dtype::complex128 : b;
}

/// Whether promotion takes one dtype to another: can_cast(dtype::int8, dtype::int32), can_cast<std::int8_t,
/// int>(). astype converts any to any other.
constexpr bool can_cast(dtype from, dtype to) { return from != dtype::none && promote(from, to) == to; }
template <class From, class To>
constexpr bool can_cast() {
  return can_cast(dtype_of<From>, dtype_of<To>);
}

/// The type of a sum of many elements: integers in 64 bits, 16-bit floating-point numbers in 32.
constexpr dtype sum_dtype(dtype d) {
  return is_signed_integer(d)                          ? dtype::int64
         : is_unsigned_integer(d)                      ? dtype::uint64
         : d == dtype::float16 || d == dtype::bfloat16 ? dtype::float32
                                                       : d;
}

namespace detail {
/// Calls f with an element of the type of a dtype that run time knows.
template <class F>
constexpr decltype(auto) with_type(dtype type, F f) {
  switch (type) {
    case dtype::int8:
      return f(std::int8_t{});
    case dtype::int16:
      return f(std::int16_t{});
    case dtype::int32:
      return f(std::int32_t{});
    case dtype::int64:
      return f(std::int64_t{});
    case dtype::uint8:
      return f(std::uint8_t{});
    case dtype::uint16:
      return f(std::uint16_t{});
    case dtype::uint32:
      return f(std::uint32_t{});
    case dtype::uint64:
      return f(std::uint64_t{});
    case dtype::float16:
      return f(float16{});
    case dtype::bfloat16:
      return f(bfloat16{});
    case dtype::float32:
      return f(float{});
    case dtype::float64:
      return f(double{});
    case dtype::complex64:
      return f(complex64{});
    case dtype::complex128:
      return f(complex128{});
    default:
      return f(bool{});
  }
}
}  // namespace detail

}  // namespace tenon
