#include <tenon/ops/rounding.hpp>

#include <tenon/ops/exponential.hpp>

#include "cases.hpp"

namespace oracle {

#define UNARY(T, name) unary<T, 3>(to, #name, 40, [](const auto& x) { return tenon::name(x); })
#define BINARY(T, name) \
  binary<T, T, 3, 3>(to, #name, 60, [](const auto& a, const auto& b) { return tenon::name(a, b); })

namespace {

template <class T>
void of_numbers(report& to) {
  UNARY(T, floor);
  UNARY(T, ceil);
  UNARY(T, trunc);
  UNARY(T, round);
  BINARY(T, fmod);
  BINARY(T, remainder);
  BINARY(T, floor_divide);
  BINARY(T, pow);
}

template <class T>
void of_reals(report& to) {
  UNARY(T, nan_to_num);
  UNARY(T, sqrt);
  UNARY(T, reciprocal);
  BINARY(T, copysign);
}

}  // namespace

void rounding(report& to) {
  of_numbers<float>(to);
  of_numbers<double>(to);
  of_numbers<i32>(to);
  of_numbers<i64>(to);
  of_reals<float>(to);
  of_reals<double>(to);
}

}  // namespace oracle
