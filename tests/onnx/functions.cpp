// Functions of one number.
#include "operators.hpp"

namespace onnx {

using namespace tenon;

void add_functions(operators& t) {
  constexpr types<float> real;  // what the data has
  t["Acos"] = unary(real, [](const auto& x) { return acos(x); });
  t["Acosh"] = unary(real, [](const auto& x) { return acosh(x); });
  t["Asin"] = unary(real, [](const auto& x) { return asin(x); });
  t["Asinh"] = unary(real, [](const auto& x) { return asinh(x); });
  t["Atan"] = unary(real, [](const auto& x) { return atan(x); });
  t["Atanh"] = unary(real, [](const auto& x) { return atanh(x); });
  t["Cos"] = unary(real, [](const auto& x) { return cos(x); });
  t["Cosh"] = unary(real, [](const auto& x) { return cosh(x); });
  t["Sin"] = unary(real, [](const auto& x) { return sin(x); });
  t["Sinh"] = unary(real, [](const auto& x) { return sinh(x); });
  t["Tan"] = unary(real, [](const auto& x) { return tan(x); });
  t["Tanh"] = unary(real, [](const auto& x) { return tanh(x); });
  t["Exp"] = unary(real, [](const auto& x) { return exp(x); });
  t["Log"] = unary(real, [](const auto& x) { return log(x); });
  t["Sqrt"] = unary(real, [](const auto& x) { return sqrt(x); });
  t["Erf"] = unary(real, [](const auto& x) { return erf(x); });
  t["Reciprocal"] = unary(real, [](const auto& x) { return reciprocal(x); });
  t["Ceil"] = unary(real, [](const auto& x) { return ceil(x); });
  t["Floor"] = unary(real, [](const auto& x) { return floor(x); });
  t["Round"] = unary(real, [](const auto& x) { return round(x); });

  constexpr types<float, std::int32_t, std::int64_t> signed_numbers;
  t["Abs"] = unary(signed_numbers, [](const auto& x) { return abs(x); });
  t["Neg"] = unary(signed_numbers, [](const auto& x) { return -x; });
  t["Sign"] = unary(signed_numbers, [](const auto& x) { return sign(x); });
}

}  // namespace onnx
