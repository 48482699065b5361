// Tensors of a few elements: statements, and compiled functions of the same.
#include <memory>

#include <tenon/tenon.hpp>

#include "arrays.hpp"

using namespace tenon;

namespace arrays {

namespace {

/// A case over two operands, as a statement and as a compiled function.
template <class Y, class A, class B, class F>
void small_case(const std::string& name, F f, const A& a, const B& b) {
  struct operands {
    A a;
    B b;
    Y y;
  };
  const auto x = std::make_shared<operands>(operands{a, b, Y()});
  add(name, "tenon", [x, f] {
    x->y = f(x->a, x->b);
    keep(x->y.flat());
  });
}
template <class Y, class A, class B, class F, class Compiled>
void small_case(const std::string& name, F f, Compiled compiled, const A& a, const B& b) {
  small_case<Y>(name, f, a, b);
  struct operands {
    A a;
    B b;
    Y y;
    Compiled f;
  };
  const auto x = std::make_shared<operands>(operands{a, b, Y(), compiled});
  add(name + ", compiled", "tenon", [x] {
    x->y = x->f(x->a, x->b);
    keep(x->y.flat());
  });
}

template <int R, int C>
void few_elements() {
  const std::string n = ", " + std::to_string(R * C) + " elements";
  const tensor<float, R, C> a = full<float, R, C>(0.5f), b = full<float, R, C>(0.25f);
  const spec<float, R, C> s{};
  using m = tensor<float, R, C>;
  const auto sum_of = [](const auto& x, const auto& y) { return x + y; };
  const auto fma = [](const auto& x, const auto& y) { return x * y + x; };
  const auto chain = [](const auto& x, const auto& y) { return (x + y) * x - x / (y * y + 1.0f); };
  const auto waves = [](const auto& x, const auto& y) { return tanh(x * y) + x; };
  const auto total = [](const auto& x, const auto&) { return sum(x); };
  const auto dots = [](const auto& x, const auto& y) { return sum(x * y); };
  small_case<m>("a + b" + n, sum_of, compile(sum_of, s, s), a, b);
  small_case<m>("a * b + a" + n, fma, compile(fma, s, s), a, b);
  small_case<m>("(a + b) a - a / (b b + 1)" + n, chain, compile(chain, s, s), a, b);
  small_case<m>("tanh(a b) + a" + n, waves, compile(waves, s, s), a, b);
  small_case<tensor<float>>("sum" + n, total, a, b);
  small_case<tensor<float>>("dot" + n, dots, compile(dots, s, s), a, b);
}

}  // namespace

void tenon_small() {
  few_elements<2, 2>();
  few_elements<4, 4>();
  few_elements<8, 8>();
  const auto product = [](const auto& x, const auto& y) { return matmul(x, y); };
  const tensor<float, 4, 4> m = full<float, 4, 4>(0.5f);
  const tensor<float, 4> v = full<float, 4>(0.25f);
  const tensor<float, 3> u{1, 2, 3};
  small_case<tensor<float, 4, 4>>("matmul 4 x 4 by 4 x 4", product,
                                  compile(product, spec<float, 4, 4>{}, spec<float, 4, 4>{}), m, m);
  small_case<tensor<float, 4>>("matmul 4 x 4 by 4", product,
                               compile(product, spec<float, 4, 4>{}, spec<float, 4>{}), m, v);
  small_case<tensor<float, 4, 4>>(
      "transpose 4 x 4", [](const auto& x, const auto&) { return transpose(x); }, m, v);
  small_case<tensor<float, 3>>(
      "v / norm(v), 3 elements", [](const auto& x, const auto&) { return x / sqrt(sum(x * x)); }, u, v);
}

}  // namespace arrays
