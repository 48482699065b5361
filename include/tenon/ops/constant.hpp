// Numbers that the graph may fold: constant<2>, 2_c, 0.5_c.
#pragma once

#include "tenon/graph/apply.hpp"

namespace tenon {

struct constant_op : op_defaults {
  static constexpr auto name = "constant";
  static constexpr op_kind kind = op_kind::constant;
  static constexpr int arity = 0;
};

namespace detail {
template <index Bits>
using constant_expression = expression<graph<node<with<constant_op, Bits>>>, 0, weak_number, shape<>>;

constexpr double parse_number(const char* text) {
  double value = 0, scale = 1;
  int exponent = 0;
  bool fraction = false;
  for (; *text != 0; ++text) {
    if (*text == '\'') continue;
    if (*text == '.') {
      fraction = true;
    } else if (*text == 'e' || *text == 'E') {
      const bool negative = *++text == '-';
      if (*text == '-' || *text == '+') ++text;
      for (; *text != 0; ++text) exponent = exponent * 10 + (*text - '0');
      if (negative) exponent = -exponent;
      break;
    } else {
      value = value * 10 + (*text - '0');
      if (fraction) scale *= 10;
    }
  }
  for (; exponent > 0; --exponent) value *= 10;
  for (; exponent < 0; ++exponent) scale *= 10;
  return value / scale;
}
}  // namespace detail

/// A number of weak dtype that the graph may fold, as in constant<2> * x.
template <auto V>
inline constexpr detail::constant_expression<std::bit_cast<index>(static_cast<double>(V))> constant{};

namespace detail {
/// A number that is computed while compiling, by its bits: clang 16 takes no floating template arguments.
template <index Bits>
inline constexpr constant_expression<Bits> constant_of_bits{};
constexpr index bits_of(double v) { return std::bit_cast<index>(v); }
}  // namespace detail

inline namespace literals {
/// 2_c, 0.5_c: the literal form of constant<V>; works with compilers that take no floating template
/// arguments.
template <char... Digits>
constexpr auto operator""_c() {
  constexpr char text[] = {Digits..., 0};
  constexpr index bits = std::bit_cast<index>(detail::parse_number(text));
  return detail::constant_expression<bits>{};
}
}  // namespace literals

}  // namespace tenon
