// Comparisons, logic, bits and choices.
#include "operators.hpp"

namespace onnx {

using namespace tenon;

void add_comparisons(operators& t) {
  constexpr types<float, double, std::int32_t, std::int64_t> ordered;
  t["Greater"] = binary(ordered, [](const auto& x, const auto& y) { return x > y; });
  t["GreaterOrEqual"] = binary(ordered, [](const auto& x, const auto& y) { return x >= y; });
  t["Less"] = binary(ordered, [](const auto& x, const auto& y) { return x < y; });
  t["LessOrEqual"] = binary(ordered, [](const auto& x, const auto& y) { return x <= y; });
  t["Equal"] = binary(moved{}, [](const auto& x, const auto& y) { return x == y; });

  constexpr types<bool> truth;
  t["And"] = binary(truth, [](const auto& x, const auto& y) { return x && y; });
  t["Or"] = binary(truth, [](const auto& x, const auto& y) { return x || y; });
  t["Xor"] = binary(truth, [](const auto& x, const auto& y) { return logical_xor(x, y); });
  t["Not"] = unary(truth, [](const auto& x) { return !x; });

  t["BitShift"] = [](const call& c) {
    if (c.text("direction", "") == "LEFT")
      return binary(unsigned_integers{}, [](const auto& x, const auto& y) { return x << y; })(c);
    return binary(unsigned_integers{}, [](const auto& x, const auto& y) { return x >> y; })(c);
  };

  t["IsNaN"] = unary(floats{}, [](const auto& x) { return isnan(x); });
  t["IsInf"] = [](const call& c) {
    const bool above = c.integer("detect_positive", 1) != 0, below = c.integer("detect_negative", 1) != 0;
    if (above && below) return unary(floats{}, [](const auto& x) { return isinf(x); })(c);
    if (above) return unary(floats{}, [](const auto& x) { return isinf(x) && x > 0_c; })(c);
    return unary(floats{}, [](const auto& x) { return isinf(x) && x < 0_c; })(c);
  };

  t["Where"] = [](const call& c) -> results {
    const int rank = std::max({c[0].rank(), c[1].rank(), c[2].rank()});
    return {among(moved{}, c[1].type, [&]<class T>(T) {
      return give_wide(where(wide<bool>(c[0]), wide<T>(c[1]), wide<T>(c[2])), rank);
    })};
  };
}

}  // namespace onnx
