// What each elementwise op must compute, written down a second time: by name, on long double and on integers.
#pragma once

#include <tenon/ops/all_ops.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <type_traits>

namespace test {

using real = long double;

/// Derivative number n of digamma: by the sums of Euler and Maclaurin from 60 + n on.
inline real polygamma_reference(real order, real a) {
  const real n = std::nearbyint(order), pi = 3.14159265358979323846264338327950288L;
  if (n == 0) {
    if (a == 0) return -1 / a;
    real sum = 0;
    if (a < 0) {
      const real r = a - std::nearbyint(a);
      if (r == 0 || std::isinf(a)) return NAN;
      if (std::fabs(r) != 0.5L) sum = -pi / std::tan(pi * r);
      a = 1 - a;
    }
    for (; a < 60; a += 1) sum -= 1 / a;
    const real z = 1 / (a * a);
    return sum + std::log(a) - 0.5L / a -
           z * (1 / 12.L - z * (1 / 120.L - z * (1 / 252.L - z * (1 / 240.L - z / 132))));
  }
  if (!(n >= 1 && n <= 1000 && a >= 0)) return NAN;
  const real sign = std::fmod(n, 2) == 0 ? -1 : 1, s = n + 1;
  if (a == 0) return sign * std::numeric_limits<real>::infinity();
  if (std::isinf(a)) return 0;
  real x = a, zeta = 0;
  for (; x < 60 + n; x += 1) zeta += std::pow(a / x, s);
  const real p = std::pow(a / x, s);
  zeta += p * (x / n + 0.5L);
  const real b[] = {1 / 12.L, -1 / 720.L, 1 / 30240.L, -1 / 1209600.L, 1 / 47900160.L};
  real term = p / x * s;
  for (int k = 0; k < 5; ++k, term *= (s + 2 * k - 1) * (s + 2 * k) / (x * x)) zeta += b[k] * term;
  return sign * zeta * std::tgamma(s) * std::pow(a, -s);
}

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
      {"sin", [](real a, real, real) { return std::sin(a); }},
      {"cos", [](real a, real, real) { return std::cos(a); }},
      {"tan", [](real a, real, real) { return std::tan(a); }},
      {"asin", [](real a, real, real) { return std::asin(a); }},
      {"acos", [](real a, real, real) { return std::acos(a); }},
      {"atan", [](real a, real, real) { return std::atan(a); }},
      {"hypot", [](real a, real b, real) { return std::hypot(a, b); }},
      {"atan2", [](real a, real b, real) { return std::atan2(a, b); }},
      {"sinh", [](real a, real, real) { return std::sinh(a); }},
      {"cosh", [](real a, real, real) { return std::cosh(a); }},
      {"asinh", [](real a, real, real) { return std::asinh(a); }},
      {"acosh", [](real a, real, real) { return std::acosh(a); }},
      {"atanh", [](real a, real, real) { return std::atanh(a); }},
      {"exp2", [](real a, real, real) { return std::exp2(a); }},
      {"expm1", [](real a, real, real) { return std::expm1(a); }},
      {"log1p", [](real a, real, real) { return std::log1p(a); }},
      {"log2", [](real a, real, real) { return std::log2(a); }},
      {"log10", [](real a, real, real) { return std::log10(a); }},
      {"logaddexp",
       [](real a, real b, real) {
         const real top = std::max(a, b);
         return std::isnan(a) || std::isnan(b) ? a + b
                : std::isinf(top)              ? top
                                               : top + std::log1p(std::exp(std::min(a, b) - top));
       }},
      {"pow", [](real a, real b, real) { return std::pow(a, b); }},
      {"cbrt", [](real a, real, real) { return std::cbrt(a); }},
      {"xlogy", [](real a, real b, real) { return a == 0 && !std::isnan(b) ? 0 : a * std::log(b); }},
      {"erf", [](real a, real, real) { return std::erf(a); }},
      {"erfc", [](real a, real, real) { return std::erfc(a); }},
      {"erfinv",
       [](real a, real, real) {  // by bisection of erf
         if (!(std::fabs(a) < 1)) return std::fabs(a) == 1 ? a * std::numeric_limits<real>::infinity() : NAN;
         if (std::fabs(a) < 1e-15L) return a * 0.886226925452758013649083741670572591L;
         real low = 0, high = 10;
         for (int i = 0; i < 80; ++i) {
           const real y = (low + high) / 2;
           const bool below =
               std::fabs(a) < 0.5L ? std::erf(y) < std::fabs(a) : std::erfc(y) > 1 - std::fabs(a);
           (below ? low : high) = y;
         }
         return std::copysign(low, a);
       }},
      {"logaddexp2",
       [](real a, real b, real) {
         const real top = std::max(a, b);
         return std::isnan(a) || std::isnan(b) ? a + b
                : std::isinf(top)              ? top
                                               : top + std::log1p(std::exp2(std::min(a, b) - top)) *
                                              1.44269504088896340735992468100189214L;
       }},
      {"lgamma", [](real a, real, real) { return std::lgamma(a); }},
      {"gamma", [](real a, real, real) { return std::tgamma(a); }},
      {"digamma", [](real a, real, real) { return polygamma_reference(0, a); }},
      {"polygamma", [](real n, real a, real) { return polygamma_reference(n, a); }},
      {"fmax", [](real a, real b, real) { return std::fmax(a, b); }},
      {"fmin", [](real a, real b, real) { return std::fmin(a, b); }},
      {"heaviside", [](real a, real b, real) { return std::isnan(a) ? a
                                                      : a == 0      ? b
                                                                    : real(a > 0); }},
      {"scale_by_power",
       [](real a, real b, real) {
         return std::isnan(a) || std::isnan(b) ? a + b : std::ldexp(a, int(std::clamp<real>(b, -5000, 5000)));
       }},
      {"frexp_mantissa",
       [](real a, real, real) {
         int e;
         return std::frexp(a, &e);
       }},
      {"frexp_exponent",
       [](real a, real, real) {
         int e = 0;
         if (std::isfinite(a)) (void)std::frexp(a, &e);
         return real(e);
       }},
      {"floor", [](real a, real, real) { return std::floor(a); }},
      {"ceil", [](real a, real, real) { return std::ceil(a); }},
      {"trunc", [](real a, real, real) { return std::trunc(a); }},
      {"round", [](real a, real, real) { return std::nearbyint(a); }},
      {"isnan", [](real a, real, real) { return real(std::isnan(a)); }},
      {"isinf", [](real a, real, real) { return real(std::isinf(a)); }},
      {"isfinite", [](real a, real, real) { return real(std::isfinite(a)); }},
      {"signbit", [](real a, real, real) { return real(std::signbit(a)); }},
      {"sign", [](real a, real, real) { return std::isnan(a) ? a : real((a > 0) - (a < 0)); }},
      {"copysign", [](real a, real b, real) { return std::copysign(a, b); }},
      {"fmod", [](real a, real b, real) { return std::fmod(a, b); }},
      {"remainder",
       [](real a, real b, real) {
         const real r = std::fmod(a, b);
         return r != 0 && std::signbit(r) != std::signbit(b) ? r + b : r;
       }},
      {"floor_divide",
       [](real a, real b, real) {  // of an infinity by a number NumPy and Python give NaN
         if (b == 0) return a / b;
         if (!std::isfinite(a)) return real(NAN);
         const real r = std::fmod(a, b), q = a / b;
         if (std::isinf(b))
           return a != 0 && std::signbit(a) != std::signbit(b) ? -1 : std::copysign(real(0), q);
         return r == 0 ? std::nearbyint(q) : std::floor(q);
       }},
  };
  return table;
}

/// Units in the last place that an op may be off: none for arithmetic; the functions of lanes.hpp state at
/// most 3, those of the platform are within 2.
inline int allowed_ulps(const std::string& name, bool floating_only) {
  static const std::map<std::string, int> own{{"copysign", 0},       {"pow", 1},
                                              {"floor_divide", 1},   {"remainder", 1},
                                              {"lgamma", 6},         {"gamma", 10},
                                              {"digamma", 10},       {"polygamma", 60},
                                              {"frexp_mantissa", 0}, {"frexp_exponent", 0},
                                              {"scale_by_power", 0}, {"heaviside", 0}};
  const auto known = own.find(name);
  return known != own.end() ? known->second : floating_only ? 3 : 0;
}

/// Points at which an op is smooth, for operands that move over [-1, 1]: what they are scaled by and shifted
/// by.
struct test_domain {
  double scale, shift, scale_b, shift_b;
};
inline test_domain domain_of(const std::string& name) {
  static const std::map<std::string, test_domain> own{
      {"log", {2, 2.5, 1, 0}},     {"sqrt", {2, 2.5, 1, 0}},        {"log2", {2, 2.5, 1, 0}},
      {"log10", {2, 2.5, 1, 0}},   {"log1p", {0.9, 0, 1, 0}},       {"asin", {0.9, 0, 1, 0}},
      {"acos", {0.9, 0, 1, 0}},    {"atanh", {0.9, 0, 1, 0}},       {"acosh", {2, 3.5, 1, 0}},
      {"erfinv", {0.9, 0, 1, 0}},  {"pow", {2, 2.5, 2, 0.3}},       {"xlogy", {2, 0.1, 2, 2.5}},
      {"cbrt", {2, 2.5, 1, 0}},    {"fmod", {0.8, 4.1, 0.2, 2.7}},  {"remainder", {0.8, 4.1, 0.2, 2.7}},
      {"tan", {1.4, 0, 1, 0}},     {"lgamma", {2, 2.5, 1, 0}},      {"gamma", {2, 2.5, 1, 0}},
      {"digamma", {2, 2.5, 1, 0}}, {"polygamma", {0.4, 2, 2, 2.5}},
  };
  const auto known = own.find(name);
  return known != own.end() ? known->second : test_domain{2.05, 0.03, 1.87, -0.14};
}

using word = std::uint64_t;
using word_function = word (*)(std::int64_t, std::int64_t, std::int64_t);

/// As Euclid has it, the greater by the lesser.
inline word common_divisor(std::int64_t a, std::int64_t b) {
  word x = a < 0 ? 0 - word(a) : word(a), y = b < 0 ? 0 - word(b) : word(b);
  while (x != 0 && y != 0) {
    if (x > y)
      x %= y;
    else
      y %= x;
  }
  return x + y;
}

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
      {"pow",
       [](i a, i b, i) {
         if (b < 0) return a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : word(-1)) : 0;
         word r = 1, p = word(a);
         for (; b > 0; b /= 2, p *= p)
           if (b % 2 != 0) r *= p;
         return r;
       }},
      {"floor", [](i a, i, i) { return word(a); }},
      {"ceil", [](i a, i, i) { return word(a); }},
      {"trunc", [](i a, i, i) { return word(a); }},
      {"round", [](i a, i, i) { return word(a); }},
      {"isnan", [](i, i, i) { return word(0); }},
      {"isinf", [](i, i, i) { return word(0); }},
      {"isfinite", [](i, i, i) { return word(1); }},
      {"signbit", [](i a, i, i) { return word(a < 0); }},
      {"sign", [](i a, i, i) { return word((a > 0) - (a < 0)); }},
      {"fmod", [](i a, i b, i) { return b == 0 || b == -1 ? 0 : word(a % b); }},
      {"remainder",
       [](i a, i b, i) {
         if (b == 0 || b == -1) return word(0);
         return word(a % b != 0 && (a % b < 0) != (b < 0) ? a % b + b : a % b);
       }},
      {"floor_divide",
       [](i a, i b, i) {
         if (b == 0) return word(0);
         if (b == -1) return 0 - word(a);
         return word(a / b) - (a % b != 0 && (a % b < 0) != (b < 0));
       }},
      {"bitwise_count", [](i a, i, i) { return word(std::popcount(a < 0 ? 0 - word(a) : word(a))); }},
      {"gcd", [](i a, i b, i) { return common_divisor(a, b); }},
      {"lcm",
       [](i a, i b, i) {
         if (a == 0 || b == 0) return word(0);
         return (a < 0 ? 0 - word(a) : word(a)) / common_divisor(a, b) * (b < 0 ? 0 - word(b) : word(b));
       }},
      {"fmax", [](i a, i b, i) { return word(a > b ? a : b); }},
      {"fmin", [](i a, i b, i) { return word(a < b ? a : b); }},
      {"bitwise_and", [](i a, i b, i) { return word(a & b); }},
      {"bitwise_or", [](i a, i b, i) { return word(a | b); }},
      {"bitwise_xor", [](i a, i b, i) { return word(a ^ b); }},
      {"bitwise_not", [](i a, i, i) { return word(~a); }},
      {"left_shift", [](i a, i b, i) { return b < 0 || b > 63 ? 0 : word(a) << b; }},
      {"right_shift", [](i a, i b, i) { return word(a >> (b < 0 || b > 63 ? 63 : b)); }},
  };
  return table;
}

/// Whether an op takes elements of type T.
template <class Op, class T>
constexpr bool takes() {
  return tenon::takes_dtype(Op::takes, tenon::dtype_of<T>);
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
