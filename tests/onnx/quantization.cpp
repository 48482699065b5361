// Integers that stand for floating-point numbers by a scale and a zero point.
#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

/// The extents of an operand that has one number, or one for each place of an axis.
extent_list beside(const value& x, const value& scale, onnx::index a) {
  extent_list e(x.extent.size(), 1);
  if (scale.size() > 1) e[std::size_t(lines(x.extent, a).axis)] = scale.size();
  return e;
}
value with_extent(value v, const extent_list& e) {
  v.extent = e;
  return v;
}

/// round(x / scale) + zero in zero's dtype, at most its greatest number and at least its least.
template <class Q, class X, class S, class Z>
auto quantized(const X& x, const S& scale, const Z& zero) {
  using limits = std::numeric_limits<Q>;
  return astype<Q>(clip(round(x / scale) + astype<float>(zero), float(limits::min()), float(limits::max())));
}

/// ONNX: the range is made to contain 0, and is divided into 255 steps.
results dynamically_quantized(const call& c) {
  const auto x = wide<float>(c[0]);
  const auto low = eval(minimum(min(x), 0_c)), high = eval(maximum(max(x), 0_c));
  const auto scale = eval((high - low) / 255_c);
  const auto zero = eval(astype<std::uint8_t>(clip(round(-low / scale), 0_c, 255_c)));
  return {give(quantized<std::uint8_t>(x, scale, zero), c[0].extent), give(scale, {}), give(zero, {})};
}

}  // namespace

void add_quantization(operators& t) {
  t["QuantizeLinear"] = [](const call& c) -> results {
    const extent_list e = beside(c[0], c[1], c.integer("axis", 1));
    const auto x = wide<float>(c[0]), scale = wide<float>(with_extent(c[1], e));
    return {among(types<std::int8_t, std::uint8_t>{}, c.has(2) ? c[2].type : dtype::uint8, [&]<class Q>(Q) {
      const auto zero = c.has(2) ? wide<Q>(with_extent(c[2], e)) : zeros<Q>(1, 1, 1, 1, 1, 1, 1);
      return give(quantized<Q>(x, scale, zero), c[0].extent);
    })};
  };
  t["DequantizeLinear"] = [](const call& c) -> results {
    const extent_list e = beside(c[0], c[1], c.integer("axis", 1));
    return {among(types<std::int8_t, std::uint8_t>{}, c[0].type, [&]<class Q>(Q) {
      const auto scale = wide<float>(with_extent(c[1], e));
      const auto x = astype<float>(wide<Q>(c[0]));
      if (!c.has(2)) return give(x * scale, c[0].extent);
      return give((x - astype<float>(wide<Q>(with_extent(c[2], e)))) * scale, c[0].extent);
    })};
  };
  t["DynamicQuantizeLinear"] = dynamically_quantized;
}

}  // namespace onnx
