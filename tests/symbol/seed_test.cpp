// Executors whose output is no number: backward(seed), simple_bind, wrt.
#include <tenon/symbol/executor.hpp>

#include "../support.hpp"

using namespace tenon;
using test::contains;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

namespace {
const variable<"x", float, "batch", 3> X;
const variable<"w", float, 3, 2> W;
const tensor<float, 3, 2> w{{0.5f, -1}, {0.25f, 0.75f}, {-0.5f, 1}};

auto rows(tenon::index n) {
  auto x = zeros<float, "batch", 3>(n);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = 0.125f * float(i % 5);
  return x;
}
}  // namespace

TEST_CASE("backward(seed): cotangents of an output of any shape") {
  auto ex = bind(square(matmul(X, W)), cpu(0), arg<"x"> = rows(4), arg<"w"> = w);
  const auto expected = [](const auto& x, const auto& seed) {
    return values(matmul(transpose(x), 2.f * seed * matmul(x, w)));
  };
  auto seed = zeros<float>(4, 2);
  for (int i = 0; i < 8; ++i) seed.own()[i] = float(i) - 3;
  const auto gradient = [&] { return values(ex.grad<"w">()); };

  ex.forward(mode::train);
  ex.backward(seed);
  CHECK(gradient() == expected(rows(4), seed));

  SUBCASE("an output that is kept between forward and backward") {
    ex.forward(mode::train);
    const auto y = ex.output();
    const vec before = values(y);
    ex.backward(seed);
    CHECK(values(y) == before);
    CHECK(values(ex.output()) == before);
    CHECK(gradient() == expected(rows(4), seed));
  }
  SUBCASE("another seed, and a kept gradient") {
    const auto kept = ex.grad<"w">();
    const vec was = values(kept);
    ex.backward(seed * 2.f);
    CHECK(values(kept) == was);
    CHECK(gradient() == expected(rows(4), seed * 2.f));
  }
  SUBCASE("a seed with strides of its own") {
    tensor<float, 2, 4> turned;
    for (int i = 0; i < 8; ++i) turned(i % 2, i / 2) = seed.flat()[i];
    ex.forward(mode::train);
    ex.backward(transpose(turned));
    CHECK(gradient() == expected(rows(4), seed));
    CHECK(values(ex.output()) == values(square(matmul(rows(4), w))));
    auto wide = zeros<float>(4, 5);
    wide.slice(all, range(1, 3)) = seed;
    ex.backward(std::as_const(wide).slice(all, range(1, 3)));
    CHECK(gradient() == expected(rows(4), seed));
  }
  SUBCASE("other batch sizes") {
    ex.forward(mode::train, arg<"x"> = rows(2));
    ex.backward(ones<float>(2, 2));
    CHECK(gradient() == expected(rows(2), ones<float>(2, 2)));
    ex.forward(mode::train, arg<"x"> = rows(0));
    ex.backward(ones<float>(0, 2));
    CHECK(gradient() == vec(6, 0.));
  }
  SUBCASE("a seed of another shape") {
    CHECK(contains(thrown<shape_error>([&] { ex.backward(ones<float>(3, 2)); }), "[3, 2]"));
    ex.backward(seed);
    CHECK(gradient() == expected(rows(4), seed));
  }
}

TEST_CASE("simple_bind makes zeros of the sizes that are named") {
  auto ex = simple_bind(matmul(X, W), cpu(0), extent_of<"batch"> = 4, arg<"w"> = w);
  CHECK(test::extents(ex.arg<"x">()) == dims{4, 3});
  ex.forward();
  CHECK(values(ex.output()) == vec(8, 0.));
  ex.forward(arg<"x"> = rows(2));
  CHECK(values(ex.output()) == values(matmul(rows(2), w)));
  CHECK(contains(thrown<usage_error>([] { simple_bind(matmul(X, W), cpu(0)); }), "\"x\""));
}

TEST_CASE("wrt: gradients of those variables alone") {
  auto ex = bind(sum(square(matmul(X, W))), cpu(0), wrt<"x">, arg<"x"> = rows(2), arg<"w"> = w);
  ex.forward(mode::train);
  ex.backward();
  CHECK(values(ex.grad<"x">()) == values(2.f * matmul(matmul(rows(2), w), transpose(w))));
}

TEST_CASE("backward as often as one likes after one forward pass") {
  const variable<"x", float, 16, 16> X;
  const variable<"a", float, 16, 16> A;
  const variable<"b", float, 16, 16> B;
  const variable<"c", float, 16, 16> C;
  const auto layer = [](const auto& h, const auto& w) { return tanh(matmul(h, w)); };
  const auto deep = layer(layer(layer(layer(X, A), B), C), A);
  tensor<float, 16, 16> w;
  for (tenon::index i = 0; i < w.size(); ++i) w.data()[i] = float(i * 37 % 64 - 32) / 128;
  auto ex = bind(sum(square(deep)), cpu(0), arg<"x"> = w, arg<"a"> = w, arg<"b"> = w, arg<"c"> = w);
  ex.forward(mode::train);
  ex.backward();
  const test::vec a = test::values(ex.grad<"a">()), c = test::values(ex.grad<"c">());
  ex.backward();
  ex.backward();
  CHECK(test::values(ex.grad<"a">()) == a);
  CHECK(test::values(ex.grad<"c">()) == c);
}
