// Products of matrices.
#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

/// A product of stacks of matrices, in int32: the operands less their zero points.
array<std::int32_t, 4> whole_product(const value& a, const value* a_zero, const value& b,
                                     const value* b_zero) {
  const auto whole = [](const value& v, const value* zero) {
    return among(types<std::int8_t, std::uint8_t>{}, v.type, [&]<class T>(T) -> array<std::int32_t, 4> {
      const auto x = eval(astype<std::int32_t>(wide<T, 4>(v)));
      if (!zero) return x;
      return x - astype<std::int32_t>(wide<T, 4>(*zero));
    });
  };
  return astype<std::int32_t>(matmul(whole(a, a_zero), whole(b, b_zero)));
}

results general_product(const call& c) {
  const bool ta = c.integer("transA", 0) != 0, tb = c.integer("transB", 0) != 0;
  using T = float;
  const T alpha = T(c.real("alpha", 1)), beta = T(c.real("beta", 1));
  auto a = wide<T, 2>(c[0]), b = wide<T, 2>(c[1]);
  array<T, 2> y;
  if (ta && tb)
    y = alpha * matmul(transpose(a), transpose(b));
  else if (ta)
    y = alpha * matmul(transpose(a), b);
  else if (tb)
    y = alpha * matmul(a, transpose(b));
  else
    y = alpha * matmul(a, b);
  if (c.has(2)) y = y + beta * wide<T, 2>(c[2]);
  return {give_wide(y, 2)};
}

}  // namespace

void add_products(operators& t) {
  t["MatMul"] = [](const call& c) -> results {
    return {among(floats{}, c[0].type, [&]<class T>(T) {
      return give_wide(matmul(wide<T, 4>(c[0]), wide<T, 4>(c[1])), std::max(c[0].rank(), c[1].rank()));
    })};
  };
  t["MatMulInteger"] = [](const call& c) -> results {
    const value *a_zero = c.has(2) ? &c[2] : nullptr, *b_zero = c.has(3) ? &c[3] : nullptr;
    return {give_wide(whole_product(c[0], a_zero, c[1], b_zero), std::max(c[0].rank(), c[1].rank()))};
  };
  t["QLinearMatMul"] = [](const call& c) -> results {
    const auto y = whole_product(c[0], &c[2], c[3], &c[5]);
    const auto scale = number<float>(c[1]) * number<float>(c[4]) / number<float>(c[6]);
    const auto moved_by = float(real_in(c[7]));
    const auto real = round(astype<float>(y) * scale) + moved_by;
    return {among(types<std::int8_t, std::uint8_t>{}, c[7].type, [&]<class T>(T) {
      using limits = std::numeric_limits<T>;
      return give_wide(astype<T>(clip(real, float(limits::min()), float(limits::max()))),
                       std::max(c[0].rank(), c[3].rank()));
    })};
  };
  t["Gemm"] = general_product;
}

}  // namespace onnx
