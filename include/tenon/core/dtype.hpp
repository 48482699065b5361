// The element types, their names and their promotion: within a kind as the Python array API standard has it;
// mixed kinds need `astype`.
#pragma once

#include "tenon/core/config.hpp"

namespace tenon {

enum class dtype : std::uint8_t { none, weak, boolean, int32, int64, float32, float64 };
inline constexpr int dtype_count = 7;

/// The type of a number that takes the dtype of its partner: `constant<2>` and the numbers of derivative
/// rules.
struct weak_number {};
/// The type of operands inside derivative rules, which hold for every dtype.
struct any_dtype {};

template <class T>
inline constexpr dtype dtype_of = dtype::none;
template <>
inline constexpr dtype dtype_of<bool> = dtype::boolean;
template <>
inline constexpr dtype dtype_of<std::int32_t> = dtype::int32;
template <>
inline constexpr dtype dtype_of<std::int64_t> = dtype::int64;
template <>
inline constexpr dtype dtype_of<float> = dtype::float32;
template <>
inline constexpr dtype dtype_of<double> = dtype::float64;
template <>
inline constexpr dtype dtype_of<weak_number> = dtype::weak;

template <class T>
concept element = dtype_of<T>
!= dtype::none&& dtype_of<T> != dtype::weak;

namespace detail {
template <dtype D>
struct dtype_type {
  using type = weak_number;  // none: an error was reported, and should not cause others
};
template <>
struct dtype_type<dtype::boolean> {
  using type = bool;
};
template <>
struct dtype_type<dtype::int32> {
  using type = std::int32_t;
};
template <>
struct dtype_type<dtype::int64> {
  using type = std::int64_t;
};
template <>
struct dtype_type<dtype::float32> {
  using type = float;
};
template <>
struct dtype_type<dtype::float64> {
  using type = double;
};
template <>
struct dtype_type<dtype::weak> {
  using type = weak_number;
};
}  // namespace detail

template <dtype D>
using type_of = typename detail::dtype_type<D>::type;

constexpr bool is_floating(dtype d) { return d == dtype::float32 || d == dtype::float64; }
constexpr bool is_integer(dtype d) { return d == dtype::int32 || d == dtype::int64; }

constexpr index size_of(dtype d) {
  return d == dtype::boolean ? 1 : d == dtype::int32 || d == dtype::float32 ? 4 : 8;
}

constexpr const char* name_of(dtype d) {
  constexpr const char* names[] = {"none", "weak", "bool", "int32", "int64", "float32", "float64"};
  return names[static_cast<int>(d)];
}

/// The dtype that two operands share; `none` where kinds mix.
constexpr dtype promote(dtype a, dtype b) {
  if (a == dtype::weak) return b;
  if (b == dtype::weak || a == b) return a;
  const bool fits = (is_floating(a) && is_floating(b)) || (is_integer(a) && is_integer(b));
  return !fits ? dtype::none : a > b ? a : b;
}

}  // namespace tenon
