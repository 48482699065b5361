// compile: what eager evaluation gives, to the bit, for any batch size, with results that may be kept.
#include <tenon/seeing.hpp>
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

TEST_CASE("a compiled function may be moved, and keeps no argument alive") {
  const float rate = 3.f;
  std::optional first = compile([rate](const auto& x) { return x * rate; }, spec<float, "n">{});
  tensor<float, dyn> v = zeros<float>(3);
  v = v + 2.f;
  const vec expected = {6, 6, 6};
  CHECK(values((*first)(v)) == expected);
  CHECK(v.buffer().references() == 1);
  auto second = std::move(*first);
  first.reset();
  CHECK(values(second(v)) == expected);
  // the argument's elements change in place, or are elsewhere, or another size
  v.own()[1] = 5.f;
  CHECK(values(second(v)) == vec{6, 15, 6});
  const auto other = eval(v + 1.f);
  CHECK(values(second(other)) == vec{9, 18, 9});
  CHECK(values(second(eval(other.slice(range(1, 3))))) == vec{18, 9});
  // the last result as the next argument
  auto y = second(v);
  y = second(y);
  CHECK(values(y) == vec{18, 45, 18});
  // an argument that was moved from is refused, and the next call is as before
  auto gone = eval(v + 0.f);
  const auto taken = std::move(gone);
  CHECK_THROWS_AS(second(gone), usage_error);
  CHECK(values(second(v)) == vec{6, 15, 6});
}

TEST_CASE("copies of a compiled function have memory of their own; what was moved from computes as before") {
  const auto f = [](const auto& x) { return tanh(x) + exp(x); };
  std::optional first = compile(f, spec<float, "n">{});
  const auto expected = [](float v) { return vec(100, double(std::tanh(v) + std::exp(v))); };
  const auto near = [](const auto& y, const vec& e) {
    const vec v = values(y);
    for (std::size_t i = 0; i < e.size(); ++i)
      if (std::fabs(v[i] - e[i]) > 1e-6) return false;
    return v.size() == e.size();
  };
  const auto one = ones<float>(100), two = full<float>(2.f, 100);
  CHECK(near((*first)(one), expected(1)));
  auto copy = *first;
  CHECK(near(copy(two), expected(2)));
  CHECK(near((*first)(one), expected(1)));
  auto moved = std::move(*first);
  CHECK(near(moved(two), expected(2)));
  CHECK(near((*first)(one), expected(1)));
  first.reset();  // the copy reads nothing of it
  CHECK(near(copy(one), expected(1)));
  CHECK(near(copy(two), expected(2)));
  copy = moved;
  moved = compile(f, spec<float, "n">{});
  CHECK(near(copy(one), expected(1)));
}

TEST_CASE("results that are kept stay as they are, whatever number of them") {
  auto f = compile([](const auto& v) { return v * v; }, spec<float, dyn>{});
  std::vector<tensor<float, dyn>> kept;
  for (int k = 0; k < 5; ++k) kept.push_back(f(full<float>(float(k), 3)));
  for (int k = 0; k < 5; ++k) CHECK(test::values(kept[std::size_t(k)]) == test::vec(3, double(k * k)));
  kept[4](1) = 7;  // and are the caller's own
  CHECK(test::values(f(full<float>(4.f, 3))) == test::vec{16, 16, 16});
  CHECK(test::values(kept[4]) == test::vec{16, 7, 16});
  // two results in turn share two buffers, and sizes may change between
  tensor<float, dyn> a = f(full<float>(1.f, 3)), b = f(full<float>(2.f, 3));
  const float *first = std::as_const(a).data(), *second = std::as_const(b).data();
  a = tensor<float, dyn>();
  a = f(full<float>(3.f, 3));
  CHECK(std::as_const(a).data() == first);
  CHECK(std::as_const(b).data() == second);
  CHECK(test::values(b) == test::vec{4, 4, 4});
  CHECK(test::values(f(full<float>(2.f, 4))) == test::vec{4, 4, 4, 4});
  CHECK(test::values(a) == test::vec{9, 9, 9});
}

TEST_CASE("a function that returns several values: one plan, arrays in the form in which it returned them") {
  const tensor<float, 5> weights{1, -2, 3, -4, 5};
  const auto f = [&](const auto& x) {
    const auto y = tanh(x * weights);
    return std::pair(sum(y, axis<1>), std::tuple(y, x));
  };
  auto compiled = compile(f, spec<float, "batch", 5>{});
  const auto same = [&](const auto& got, const auto& x) {
    const auto expected = f(x);
    CHECK(same_bits(got.first, eval(expected.first)));
    CHECK(same_bits(std::get<0>(got.second), eval(std::get<0>(expected.second))));
    CHECK(same_bits(std::get<1>(got.second), x));
  };
  const auto x = features<5>(4), y = features<5>(7);
  const auto first = compiled(x);
  same(first, x);
  same(compiled(y), y);
  same(first, x);  // what is kept stays
  CHECK(kernel_count(compiled) < kernel_count(compile(f, passes::unfused, spec<float, "batch", 5>{})));

  auto grouped = compile([](const auto& a, const auto& b) { return group(a + b, a * b, b); },
                         spec<double, 2>{}, spec<double, 2>{});
  const auto [total, product, second] = grouped(tensor<double, 2>{2, 3}, tensor<double, 2>{5, 7});
  CHECK(values(total) == vec{7, 10});
  CHECK(values(product) == vec{10, 21});
  CHECK(values(second) == vec{5, 7});
}

TEST_CASE("several values of a model, whose parameters may change") {
  nn::dense<5, 3> layer;
  generator g(1);
  initialise(layer, g);
  auto compiled = compile([](const auto& m, const auto& x) { return std::tuple(m(x), sum(m(x))); }, layer,
                          spec<float, "batch", 5>{});
  const auto x = features<5>(4);
  for (int i = 0; i < 2; ++i) {
    const auto [y, total] = compiled(layer, x);
    CHECK(same_bits(y, eval(layer(x))));
    CHECK(same_bits(total, eval(sum(layer(x)))));
    layer.weight = layer.weight * 2.f;
  }
}
