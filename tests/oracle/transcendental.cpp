#include <tenon/ops/exponential.hpp>
#include <tenon/ops/trigonometric.hpp>

#include "cases.hpp"

namespace oracle {

#define UNARY(T, name) unary<T, 3>(to, #name, 45, [](const auto& x) { return tenon::name(x); })
#define BINARY(T, name) \
  binary<T, T, 3, 3>(to, #name, 60, [](const auto& a, const auto& b) { return tenon::name(a, b); })

namespace {

template <class T>
void of_reals(report& to) {
  UNARY(T, exp);
  UNARY(T, log);
  UNARY(T, tanh);
  UNARY(T, sigmoid);
  UNARY(T, exp2);
  UNARY(T, expm1);
  UNARY(T, log1p);
  UNARY(T, log2);
  UNARY(T, log10);
  UNARY(T, cbrt);
  UNARY(T, rsqrt);
  UNARY(T, erf);
  UNARY(T, erfc);
  UNARY(T, erfinv);
  UNARY(T, sin);
  UNARY(T, cos);
  UNARY(T, tan);
  UNARY(T, asin);
  UNARY(T, acos);
  UNARY(T, atan);
  UNARY(T, sinh);
  UNARY(T, cosh);
  UNARY(T, asinh);
  UNARY(T, acosh);
  UNARY(T, atanh);
  BINARY(T, hypot);
  BINARY(T, atan2);
  BINARY(T, logaddexp);
  BINARY(T, xlogy);
  const auto exp = [](const auto& x) { return tenon::exp(x); };
  unary<T, 0>(to, "exp", 20, exp);
  unary<T, 1>(to, "exp", 30, exp);
  unary<T, 2>(to, "exp", 30, exp);
  unary<T, 4>(to, "exp", 30, exp);
}

}  // namespace

void transcendental(report& to) {
  of_reals<float>(to);
  of_reals<double>(to);
}

}  // namespace oracle
