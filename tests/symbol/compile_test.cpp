// compile: what eager evaluation gives, to the bit, for any batch size, with results that may be kept.
#include <tenon/symbol/compile.hpp>

#include "models.hpp"

using namespace tenon;
using test::contains;
using test::dims;
using test::features;
using test::same_bits;
using test::values;
using test::vec;

TEST_CASE("a compiled function gives what f gives") {
  const auto f = [](const auto& x, const auto& w, const auto& s) { return softmax(tanh(matmul(x, w)) * s); };
  auto compiled = compile(f, spec<float, "batch", 5>{}, spec<float, 5, 3>{}, spec<float>{});
  tensor<float, 5, 3> w;
  for (int i = 0; i < 15; ++i) w.own()[i] = 0.3f * float(i % 4) - 0.5f;
  for (const tenon::index n : {4, 1, 33, 0}) {
    CAPTURE(n);
    const auto x = features<5>(n, double(n));
    const tensor<float> s(1.5f);
    const auto expected = eval(f(x, w, s));
    const auto got = compiled(x, w, s);
    CHECK(test::extents(got) == dims{n, 3});
    CHECK(same_bits(got, expected));
  }
  const auto x = features<5>(6);
  // results are kept
  const auto first = compiled(x, w, tensor<float>(1.f));
  const vec was = values(first);
  const auto second = compiled(x, w, tensor<float>(-2.f));
  CHECK(values(first) == was);
  CHECK(values(second) != was);
  // operands of dynamic extents, and slices
  auto wide = zeros<float>(9, 8);
  wide.slice(range(2, 8), range(1, 6)) = x;
  CHECK(values(compiled(std::as_const(wide).slice(range(2, 8), range(1, 6)), w, tensor<float>(1.f))) == was);
  CHECK(contains(test::thrown<shape_error>([&] { compiled(wide, w, tensor<float>(1.f)); }), "8"));
  CHECK(values(compiled(x, w, tensor<float>(1.f))) == was);
}

TEST_CASE("value_and_grad, compiled, gives what eager value_and_grad gives") {
  const auto f = [](const auto& x, const auto& w) { return mean(square(tanh(matmul(x, w)))); };
  auto step = compile(value_and_grad<0, 1>(f), spec<float, "batch", 5>{}, spec<float, 5, 3>{});
  tensor<float, 5, 3> w;
  for (int i = 0; i < 15; ++i) w.own()[i] = 0.3f * float(i % 4) - 0.5f;
  for (const tenon::index n : {4, 17}) {
    const auto x = features<5>(n);
    const auto [v, g] = value_and_grad<0, 1>(f)(x, w);
    const auto [cv, cg] = step(x, w);
    CHECK(same_bits(v, cv));
    CHECK(same_bits(std::get<0>(g), std::get<0>(cg)));
    CHECK(same_bits(std::get<1>(g), std::get<1>(cg)));
    const vec kept = values(std::get<1>(cg));
    const auto again = step(x * 2.f, w);
    CHECK(values(std::get<1>(cg)) == kept);
    CHECK(values(std::get<1>(again.gradient)) != kept);
  }
}
