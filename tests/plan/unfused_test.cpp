// passes::unfused: each op a kernel of its own, the same values and gradients.
#include <tenon/autodiff/scan.hpp>
#include <tenon/loss/cross_entropy.hpp>
#include <tenon/ops/joining.hpp>
#include <tenon/seeing.hpp>
#include <tenon/symbol/compile.hpp>

#include "../support.hpp"

using namespace tenon;

namespace {

template <class T>
void fill(T& t, double scale) {
  for (tenon::index k = 0; k < t.size(); ++k)
    t.data()[k] = typename T::value_type(scale * double((k * 7919) % 101 - 50) / 50);
}

/// The most ops of any one kernel.
template <class Compiled>
std::size_t most_ops(const Compiled& c) {
  std::size_t most = 0;
  for (const kernel_cost& k : kernel_costs(c)) most = std::max(most, k.ops.size());
  return most;
}

template <class A, class B>
void close(const A& a, const B& b, double epsilon) {
  const test::vec x = test::values(a), y = test::values(b);
  REQUIRE(x.size() == y.size());
  double largest = 1e-300;
  for (const double v : x) largest = std::max(largest, std::fabs(v));
  for (std::size_t k = 0; k < x.size(); ++k) CHECK(std::fabs(x[k] - y[k]) <= epsilon * largest);
}

}  // namespace

TEST_CASE("a chain of elementwise ops") {
  const auto f = [](const auto& x, const auto& y) { return exp(x * y) - tanh(x) / y; };
  auto fused = compile(f, spec<float, 40, 50>{}, spec<float, 50>{});
  auto apart = compile(f, passes::exact | passes::unfused, spec<float, 40, 50>{}, spec<float, 50>{});
  static_assert(decltype(passes::exact | passes::unfused)::bits != decltype(passes::exact)::bits);
  CHECK(kernel_count(fused) == 1);
  CHECK(kernel_count(apart) == 5);
  CHECK(most_ops(apart) == 1);
  tensor<float, 40, 50> x;
  tensor<float, 50> y;
  fill(x, 1), fill(y, 3);
  y += 4.f;
  close(fused(x, y), apart(x, y), 1e-6);
}

TEST_CASE("softmax") {
  const auto f = [](const auto& x) { return softmax(x); };
  auto fused = compile(f, spec<double, "n", 33>{});
  auto apart = compile(f, passes::exact | passes::unfused, spec<double, "n", 33>{});
  CHECK(kernel_count(fused) == 1);
  CHECK(kernel_count(apart) == 9);  // greatest, made finite by four, subtract, exp, sum, divide
  tensor<double, 17, 33> x;
  fill(x, 4);
  // the sums are the same ones, and nothing can be contracted: the same bits
  const auto n = tensor<double, "n", 33>(x);
  CHECK(test::values(fused(n)) == test::values(apart(n)));
}

TEST_CASE("a training step of two layers") {
  const auto f = [](const auto& w, const auto& v, const auto& b, const auto& x, const auto& y) {
    return loss::softmax_cross_entropy(matmul(tanh(matmul(x, w) + b), v), y);
  };
  tensor<float, 7, 16> w;
  tensor<float, 16, 3> v;
  tensor<float, 16> b;
  tensor<float, 64, 7> x;
  tensor<std::int32_t, 64> y;
  fill(w, 0.5), fill(v, 0.5), fill(b, 0.1), fill(x, 1);
  for (int k = 0; k < 64; ++k) y.data()[k] = k % 3;
  const auto step = [&](auto set) {
    return compile(value_and_grad<0, 1, 2>(f), set, spec<float, 7, 16>{}, spec<float, 16, 3>{},
                   spec<float, 16>{}, spec<float, 64, 7>{}, spec<std::int32_t, 64>{});
  };
  auto fused = step(passes::exact);
  auto apart = step(passes::exact | passes::unfused);
  auto plain_apart = step(passes::none | passes::unfused);
  CHECK(kernel_count(fused) <= 10);
  CHECK(kernel_count(apart) >= 20);
  CHECK(most_ops(fused) > 3);
  CHECK(most_ops(apart) == 1);
  CHECK(most_ops(plain_apart) == 1);
  CHECK(kernel_count(plain_apart) >= kernel_count(apart));
  CHECK(2 * bytes_moved(apart) > 3 * bytes_moved(fused));
  const auto a = fused(w, v, b, x, y), c = apart(w, v, b, x, y), d = plain_apart(w, v, b, x, y);
  close(a.value, c.value, 1e-6);
  close(a.value, d.value, 1e-6);
  close(std::get<0>(a.gradient), std::get<0>(c.gradient), 1e-5);
  close(std::get<1>(a.gradient), std::get<1>(c.gradient), 1e-5);
  close(std::get<2>(a.gradient), std::get<2>(c.gradient), 1e-5);
  close(std::get<0>(a.gradient), std::get<0>(d.gradient), 1e-5);
}

TEST_CASE("loops: the ops of a step are kernels of their own, too") {
  const auto f = [](const auto& w, const auto& xs) {
    const auto zero = zeros_like(sum(xs, axis<0>));
    return sum(scan([&](const auto& h, const auto& x) { return tanh(matmul(h, w) + x) * x; }, zero, xs));
  };
  tensor<double, 6, 6> w;
  tensor<double, 5, 4, 6> xs;
  fill(w, 0.5), fill(xs, 1);
  const auto step = [&](auto set) {
    return compile(value_and_grad<0, 1>(f), set, spec<double, 6, 6>{}, spec<double, 5, 4, 6>{});
  };
  auto fused = step(passes::exact);
  auto apart = step(passes::exact | passes::unfused);
  CHECK(kernel_count(apart) > kernel_count(fused) + 4);
  CHECK(most_ops(apart) == 1);
  const auto a = fused(w, xs), b = apart(w, xs);
  close(a.value, b.value, 1e-14);
  close(std::get<0>(a.gradient), std::get<0>(b.gradient), 1e-13);
  close(std::get<1>(a.gradient), std::get<1>(b.gradient), 1e-13);
}

TEST_CASE("positions, accumulations, nests and bound graphs") {
  const auto f = [](const auto& x, const auto& y) {
    return group(sum(exp(x), axis<0>), concat<0>(concat<0>(x, y), x * y));
  };
  constexpr variable<"x", double, 6, 5> X;
  constexpr variable<"y", double, 6, 5> Y;
  auto e = f(X, Y);
  tensor<double, 6, 5> x, y;
  fill(x, 1), fill(y, 2);
  auto fused = bind(e, cpu(0), arg<"x"> = x, arg<"y"> = y);
  auto apart = bind(e, cpu(0), passes::exact | passes::unfused, arg<"x"> = x, arg<"y"> = y);
  fused.forward(), apart.forward();
  CHECK(most_ops(apart) == 1);
  CHECK(kernel_count(apart) == 5);
  CHECK(kernel_count(fused) == 3);
  CHECK(test::values(fused.template output<0>()) == test::values(apart.template output<0>()));
  CHECK(test::values(fused.template output<1>()) == test::values(apart.template output<1>()));
}

TEST_CASE("small arrays: kernels instead of straight code") {
  const auto f = [](const auto& x) { return sum(x * x + x); };
  auto apart = compile(value_and_grad(f), passes::exact | passes::unfused, spec<float, 3>{});
  CHECK(most_ops(apart) == 1);
  const auto [v, g] = apart(tensor<float, 3>{1, 2, 3});
  CHECK(v.item() == 20);
  CHECK(test::values(g) == test::vec{3, 5, 7});
}
