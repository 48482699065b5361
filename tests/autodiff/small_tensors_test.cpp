// Derivatives of functions of small tensors, which run as straight code, are those of dynamic ones, which plans
// compute; compiled functions too.
#include <tenon/autodiff/check.hpp>
#include <tenon/symbol/compile.hpp>
#include <tenon/tenon.hpp>

#include "../array/small_values.hpp"

using namespace tenon;
using test::dynamic;
using test::nearly_same;
using test::varied;

namespace {

const auto scalar_of = [](auto x, auto y) { return sum(tanh(matmul(x, y)) * x) / 3.0 + mean(y * y); };
const auto value = [](auto x, auto y) { return softmax(matmul(x, y)) - transpose(y); };

using m3 = tensor<double, 3, 3>;

}  // namespace

TEST_CASE("gradients") {
  const m3 x = varied<m3>(1) * 0.125, y = varied<m3>(2) * 0.25;
  const auto [v, g] = value_and_grad<0, 1>(scalar_of)(x, y);
  const auto [w, h] = value_and_grad<0, 1>(scalar_of)(dynamic(x), dynamic(y));
  static_assert(decltype(v)::inside);
  CHECK(nearly_same(v, w));
  CHECK(nearly_same(std::get<0>(g), std::get<0>(h)));
  CHECK(nearly_same(std::get<1>(g), std::get<1>(h)));
  check_grads(scalar_of, primals(x, y));
  const auto unread = grad<1>([](auto a, auto) { return sum(a); })(x, y);
  CHECK(test::values(unread) == test::vec(9, 0.));
  const auto beside = grad([](auto a, auto b) { return sum(matmul(a, b)); })(x, dynamic(y));  // not all small
  CHECK(nearly_same(beside, grad([](auto a, auto b) { return sum(matmul(a, b)); })(x, y)));
}

TEST_CASE("vjp, jvp, hvp") {
  const m3 x = varied<m3>(1) * 0.125, y = varied<m3>(2) * 0.25, seed = varied<m3>(3);
  const auto [a, back] = vjp(value, x, y);
  const auto [b, large_back] = vjp(value, dynamic(x), dynamic(y));
  CHECK(nearly_same(a, b));
  const auto [ax, ay] = back(seed);
  const auto [bx, by] = large_back(dynamic(seed));
  CHECK(nearly_same(ax, bx));
  CHECK(nearly_same(ay, by));
  const auto p = jvp(value, primals(x, y), tangents(y, x));
  const auto q = jvp(value, primals(dynamic(x), dynamic(y)), tangents(dynamic(y), dynamic(x)));
  CHECK(nearly_same(p.value, q.value));
  CHECK(nearly_same(p.tangent, q.tangent));
  const auto cubes = [](auto z) { return sum(z * z * z); };
  CHECK(nearly_same(hvp(cubes, x, y), hvp(cubes, dynamic(x), dynamic(y))));
}

TEST_CASE("what a function captured, and numbers") {
  const m3 x = varied<m3>(1), scale = varied<m3>(2);
  const double number = 1.5;
  const auto f = [&](auto z) { return sum(z * scale * number) + 2.0; };
  const auto [v, g] = value_and_grad(f)(x);
  CHECK(nearly_same(g, m3(scale * number)));
  CHECK(v.item() == doctest::Approx(eval(f(x)).item()));
  auto compiled = compile(f, spec<double, 3, 3>{});
  auto elsewhere = std::move(compiled);
  CHECK(elsewhere(x).item() == doctest::Approx(v.item()));
  const auto large = zeros<double>(20, 3);
  const auto mixed = [&](auto z) { return sum(matmul(large, z)); };  // captures what is not small
  CHECK(test::values(grad(mixed)(x)) == test::vec(9, 0.));
}

TEST_CASE("compiled functions") {
  const m3 x = varied<m3>(1) * 0.125, y = varied<m3>(2) * 0.25;
  auto f = compile(value, spec<double, 3, 3>{}, spec<double, 3, 3>{});
  const auto large = eval(value(dynamic(x), dynamic(y)));
  CHECK(nearly_same(f(x, y), large));
  CHECK(nearly_same(f(dynamic(x), y), large));  // by a plan
  CHECK(nearly_same(f(x.slice(all, all), transpose(transpose(y))), large));
  auto both = compile(value_and_grad<0, 1>(scalar_of), spec<double, 3, 3>{}, spec<double, 3, 3>{});
  const auto [v, g] = both(x, y);
  const auto [w, h] = value_and_grad<0, 1>(scalar_of)(dynamic(x), dynamic(y));
  CHECK(nearly_same(v, w));
  CHECK(nearly_same(std::get<0>(g), std::get<0>(h)));
  CHECK(nearly_same(std::get<1>(g), std::get<1>(h)));
  auto fast = compile(value, passes::exact | passes::reassociate, spec<double, 3, 3>{}, spec<double, 3, 3>{});
  CHECK(nearly_same(fast(x, y), large));
  CHECK(nearly_same(eval(value(x, y), passes::none), large));
}
