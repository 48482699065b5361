// Arithmetic.
#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

/// x ^ y in x's dtype. Tenon's kinds do not mix: integers meet floats as floats.
value power(const value& x, const value& y) {
  const int rank = std::max(x.rank(), y.rank());
  using bases = types<std::int32_t, std::int64_t, float>;
  using exponents = types<std::int32_t, std::int64_t, std::uint32_t, std::uint64_t, float>;
  return among(bases{}, x.type, [&]<class X>(X) {
    return among(exponents{}, y.type, [&]<class Y>(Y) {
      const auto a = wide<X>(x);
      const auto b = wide<Y>(y);
      if constexpr (std::is_same_v<X, Y>)
        return give_wide(pow(a, b), rank);
      else if constexpr (std::is_same_v<X, float>)
        return give_wide(pow(a, astype<float>(b)), rank);
      else
        return give_wide(astype<X>(pow(astype<double>(a), astype<double>(b))), rank);
    });
  });
}

}  // namespace

void add_arithmetic(operators& t) {
  constexpr types<float, double, std::int32_t, std::int64_t, std::uint8_t> some;
  t["Add"] = binary(some, [](const auto& x, const auto& y) { return x + y; });
  t["Sub"] = binary(some, [](const auto& x, const auto& y) { return x - y; });
  t["Mul"] = binary(some, [](const auto& x, const auto& y) { return x * y; });
  t["Div"] = binary(some, [](const auto& x, const auto& y) { return x / y; });

  t["Pow"] = [](const call& c) -> results { return {power(c[0], c[1])}; };
  t["Mod"] = [](const call& c) -> results {  // of the divisor's sign, or of the dividend's
    if (c.integer("fmod", 0) != 0)
      return binary(types<float16, float, double, std::int64_t>{},
                    [](const auto& x, const auto& y) { return fmod(x, y); })(c);
    return binary(integers{}, [](const auto& x, const auto& y) { return remainder(x, y); })(c);
  };
}

}  // namespace onnx
