// What each elementwise op must compute, written down a second time: by name, on long double and on integers.
#pragma once

#include <tenon/ops/all_ops.hpp>

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <type_traits>

namespace test {

using real = long double;
using real_function = real (*)(real, real, real);

inline const std::map<std::string, real_function>& real_references() {
  static const std::map<std::string, real_function> table{
      {"add", [](real a, real b, real) { return a + b; }},
      {"subtract", [](real a, real b, real) { return a - b; }},
      {"multiply", [](real a, real b, real) { return a * b; }},
      {"divide", [](real a, real b, real) { return a / b; }},
      {"negate", [](real a, real, real) { return -a; }},
      {"absorbing_multiply",
       [](real a, real b, real) {
         return (a == 0 && std::isinf(b)) || (b == 0 && std::isinf(a)) ? 0 : a * b;
       }},
      {"less", [](real a, real b, real) { return real(a < b); }},
      {"less_equal", [](real a, real b, real) { return real(a <= b); }},
      {"greater", [](real a, real b, real) { return real(a > b); }},
      {"greater_equal", [](real a, real b, real) { return real(a >= b); }},
      {"equal", [](real a, real b, real) { return real(a == b); }},
      {"not_equal", [](real a, real b, real) { return real(a != b); }},
      {"where", [](real c, real a, real b) { return c != 0 ? a : b; }},
      {"maximum",
       [](real a, real b, real) { return std::isnan(a) || std::isnan(b) ? a + b
                                         : a > b                        ? a
                                                                        : b; }},
      {"minimum",
       [](real a, real b, real) { return std::isnan(a) || std::isnan(b) ? a + b
                                         : a < b                        ? a
                                                                        : b; }},
      {"relu", [](real a, real, real) { return std::isnan(a) || a > 0 ? a : 0; }},
      {"abs", [](real a, real, real) { return std::fabs(a); }},
      {"exp", [](real a, real, real) { return std::exp(a); }},
      {"log", [](real a, real, real) { return std::log(a); }},
      {"tanh", [](real a, real, real) { return std::tanh(a); }},
      {"sigmoid", [](real a, real, real) { return 1 / (1 + std::exp(-a)); }},
      {"sqrt", [](real a, real, real) { return std::sqrt(a); }},
      {"square", [](real a, real, real) { return a * a; }},
      {"stop_gradient", [](real a, real, real) { return a; }},
  };
  return table;
}

using word = std::uint64_t;
using word_function = word (*)(std::int64_t, std::int64_t, std::int64_t);

/// Modulo 2^64; narrower integers are the low bits.
inline const std::map<std::string, word_function>& integer_references() {
  using i = std::int64_t;
  static const std::map<std::string, word_function> table{
      {"add", [](i a, i b, i) { return word(a) + word(b); }},
      {"subtract", [](i a, i b, i) { return word(a) - word(b); }},
      {"multiply", [](i a, i b, i) { return word(a) * word(b); }},
      {"absorbing_multiply", [](i a, i b, i) { return word(a) * word(b); }},
      {"divide", [](i a, i b, i) { return b == 0    ? 0
                                          : b == -1 ? 0 - word(a)
                                                    : word(a / b); }},
      {"negate", [](i a, i, i) { return 0 - word(a); }},
      {"less", [](i a, i b, i) { return word(a < b); }},
      {"less_equal", [](i a, i b, i) { return word(a <= b); }},
      {"greater", [](i a, i b, i) { return word(a > b); }},
      {"greater_equal", [](i a, i b, i) { return word(a >= b); }},
      {"equal", [](i a, i b, i) { return word(a == b); }},
      {"not_equal", [](i a, i b, i) { return word(a != b); }},
      {"logical_and", [](i a, i b, i) { return word(a != 0 && b != 0); }},
      {"logical_or", [](i a, i b, i) { return word(a != 0 || b != 0); }},
      {"logical_not", [](i a, i, i) { return word(a == 0); }},
      {"where", [](i c, i a, i b) { return word(c != 0 ? a : b); }},
      {"maximum", [](i a, i b, i) { return word(a > b ? a : b); }},
      {"minimum", [](i a, i b, i) { return word(a < b ? a : b); }},
      {"relu", [](i a, i, i) { return word(a > 0 ? a : 0); }},
      {"abs", [](i a, i, i) { return a < 0 ? 0 - word(a) : word(a); }},
      {"square", [](i a, i, i) { return word(a) * word(a); }},
      {"stop_gradient", [](i a, i, i) { return word(a); }},
  };
  return table;
}

/// Whether an op takes elements of type T.
template <class Op, class T>
constexpr bool takes() {
  constexpr tenon::dtype d = tenon::dtype_of<T>;
  using tenon::domain;
  return Op::takes == domain::any || (Op::takes == domain::floating && tenon::is_floating(d)) ||
         (Op::takes == domain::numeric && d != tenon::dtype::boolean) ||
         (Op::takes == domain::boolean && d == tenon::dtype::boolean);
}

/// The operand type of operand K: bool where it is the condition.
template <class Op, int K, class T>
using operand_type = std::conditional_t<Op::condition == K, bool, T>;

template <class List>
struct for_each_op;
template <class... Op>
struct for_each_op<tenon::list<Op...>> {
  template <class F>
  static void run(F f) {
    (f.template operator()<Op>(), ...);
  }
};

}  // namespace test
