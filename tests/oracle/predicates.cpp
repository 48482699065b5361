#include <tenon/ops/bits.hpp>
#include <tenon/ops/rounding.hpp>

#include "cases.hpp"

namespace oracle {

#define UNARY(T, name) unary<T, 3>(to, #name, 25, [](const auto& x) { return tenon::name(x); })
#define INFIX(T, name, sign) \
  binary<T, T, 3, 3>(to, name, 30, [](const auto& a, const auto& b) { return a sign b; })
#define BINARY(T, name) \
  binary<T, T, 3, 3>(to, #name, 30, [](const auto& a, const auto& b) { return tenon::name(a, b); })

namespace {

template <class T>
void compared(report& to) {
  INFIX(T, "less", <);
  INFIX(T, "less_equal", <=);
  INFIX(T, "greater", >);
  INFIX(T, "greater_equal", >=);
  INFIX(T, "equal", ==);
  INFIX(T, "not_equal", !=);
}

template <class T>
void tested(report& to) {
  UNARY(T, isnan);
  UNARY(T, isinf);
  UNARY(T, isfinite);
  UNARY(T, signbit);
}

template <class T>
void of_bits(report& to) {
  INFIX(T, "bitwise_and", &);
  INFIX(T, "bitwise_or", |);
  INFIX(T, "bitwise_xor", ^);
  UNARY(T, bitwise_not);
  if constexpr (!std::is_same_v<T, bool>) {
    INFIX(T, "left_shift", <<);
    INFIX(T, "right_shift", >>);
  }
}

template <class From, class... To>
void converted(report& to) {
  (unary<From, 3>(to, "astype", 30, [](const auto& x) { return tenon::astype<To>(x); }), ...);
}

}  // namespace

void predicates(report& to) {
  compared<float>(to);
  compared<double>(to);
  compared<i32>(to);
  compared<i64>(to);
  compared<bool>(to);
  of_all_ranks<float>(to, "less", 8, [](const auto& a, const auto& b) { return a < b; });
  binary<i32, i64, 3, 3>(to, "less", 30, [](const auto& a, const auto& b) { return a < b; });
  binary<float, double, 3, 3>(to, "equal", 30, [](const auto& a, const auto& b) { return a == b; });
  BINARY(bool, logical_and);
  BINARY(bool, logical_or);
  BINARY(bool, logical_xor);
  UNARY(bool, logical_not);
  tested<float>(to);
  tested<double>(to);
  tested<i32>(to);
  tested<i64>(to);
  of_bits<i32>(to);
  of_bits<i64>(to);
  of_bits<bool>(to);
  converted<float, float, double, i32, i64, bool>(to);
  converted<double, float, double, i32, i64, bool>(to);
  converted<i32, float, double, i32, i64, bool>(to);
  converted<i64, float, double, i32, i64, bool>(to);
  converted<bool, float, double, i32, i64, bool>(to);
}

}  // namespace oracle
