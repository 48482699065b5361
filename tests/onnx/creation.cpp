// Tensors made of numbers: constants, ranges, identity matrices, triangles, windows.
#include <numbers>

#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

/// Diagonals are template arguments: calls f(constant) for k from -8 to 8.
template <int K = -8, class F>
value with_diagonal(onnx::index k, F f) {
  if constexpr (K > 8)
    throw not_applicable("a diagonal that is a template argument and not among those mapped");
  else if (k == K)
    return f(std::integral_constant<int, K>{});
  else
    return with_diagonal<K + 1>(k, f);
}

results triangle(const call& c) {
  const auto& e = c[0].extent;
  const onnx::index k = c.has(1) ? integers_in(c[1]).at(0) : 0, m = e[e.size() - 2], n = e.back(),
                    stack = m * n > 0 ? c[0].size() / (m * n) : count(extent_list(e.begin(), e.end() - 2));
  const auto x = as<std::int64_t, 3>(c[0], {stack, m, n});
  if (c.integer("upper", 1) != 0) return {with_diagonal(k, [&](auto d) { return give(triu<d>(x), e); })};
  return {with_diagonal(k, [&](auto d) { return give(tril<d>(x), e); })};
}

/// a - b cos(2 pi i / n) + d cos(4 pi i / n) for i = 0 ... n - 1; with n - 1 in place of n, symmetric.
auto window(double a, double b, double d) {
  return [=](const call& c) -> results {
    const onnx::index size = integers_in(c[0]).at(0);
    const double n = double(c.integer("periodic", 1) != 0 ? size : size - 1);
    const auto turn = arange<float>(0, float(size)) * float(2 * std::numbers::pi / n);
    return {give(float(a) - float(b) * cos(turn) + float(d) * cos(2 * turn), {size})};
  };
}

results filled(const call& c) {
  const extent_list e = integers_in(c[0]);
  const attribute* a = c.find("value");
  if (!a) return {give(full<float>(0, count(e)), e)};
  return {among(moved{}, a->tensor.type,
                [&]<class T>(T) { return give(full<T>(number<T>(a->tensor), count(e)), e); })};
}

results constant_value(const call& c) {
  if (const attribute* a = c.find("value")) return {a->tensor};
  if (const attribute* a = c.find("value_int")) {
    const tensor<std::int64_t> n = std::int64_t(a->integer);
    return {give(n, {})};
  }
  if (const attribute* a = c.find("value_float")) {
    const tensor<float> x = float(a->real);
    return {give(x, {})};
  }
  if (const attribute* a = c.find("value_ints"))
    return {give(from_data<std::int64_t>(a->integers.data(), a->integers.size()),
                 {onnx::index(a->integers.size())})};
  throw not_applicable("a constant of another kind");
}

}  // namespace

void add_creation(operators& t) {
  t["Constant"] = constant_value;
  t["ConstantOfShape"] = filled;
  t["Range"] = [](const call& c) -> results {
    return {among(types<float, double, std::int32_t, std::int64_t>{}, c[0].type, [&]<class T>(T) {
      const auto x = arange<T>(number<T>(c[0]), number<T>(c[1]), number<T>(c[2]));
      return give(x, {x.size()});
    })};
  };
  t["EyeLike"] = [](const call& c) -> results {
    const auto& e = c[0].extent;
    const dtype type = c.find("dtype") ? dtype_numbered(c.integer("dtype", 1)) : c[0].type;
    return {among(types<float, double, std::int32_t>{}, type,
                  [&]<class T>(T) { return give(eye<T>(e.at(0), e.at(1), c.integer("k", 0)), e); })};
  };
  t["Trilu"] = triangle;
  t["HannWindow"] = window(0.5, 0.5, 0);
  t["HammingWindow"] = window(25.0 / 46, 21.0 / 46, 0);
  t["BlackmanWindow"] = window(0.42, 0.5, 0.08);
}

}  // namespace onnx
