// Layers of one type that read one input: an error that names the remedy, and the remedy.
#include <tenon/autodiff/transforms.hpp>
#include <tenon/nn/dense.hpp>
#include <tenon/nn/model.hpp>

#include "../support.hpp"

using namespace tenon;
using test::contains;
using test::values;

namespace {

struct twins {
  nn::dense<4, 4> query, key;
  auto operator()(const auto& x) const { return query(x) * key(x); }
};
struct named_twins {
  nn::dense<4, 4, "query"> query;
  nn::dense<4, 4, "key"> key;
  auto operator()(const auto& x) const { return query(x) * key(x); }
};
struct chain {  // equal layers at different places need no names
  nn::dense<4, 4> first, second;
  auto operator()(const auto& x) const { return second(first(x)); }
};

template <class Model>
Model started() {
  Model m;
  generator g(3);
  initialise(m, g);
  return m;
}
constexpr auto loss = [](const auto& m, const auto& x) { return sum(square(m(x))); };
const tensor<float, 2, 4> x{{1, 2, 3, 4}, {-1, 0.5f, 0, 2}};

}  // namespace

TEST_CASE("two equal layers that read one input cannot be told apart") {
  const auto m = started<twins>();
  const std::string line = test::thrown<usage_error>([&] { value_and_grad(loss)(m, x); });
  CHECK(contains(line, "name"));
  CHECK(contains(line, "dense<"));
  CHECK_FALSE(contains(line, "\n"));
}

TEST_CASE("names tell them apart") {
  const auto m = started<named_twins>();
  const auto plain = started<twins>();  // the same numbers
  const auto [value, g] = value_and_grad(loss)(m, x);
  tensor<float, dyn, dyn> q = matmul(x, tensor<float, 4, 4>(plain.query.weight)) + plain.query.bias;
  tensor<float, dyn, dyn> k = matmul(x, tensor<float, 4, 4>(plain.key.weight)) + plain.key.bias;
  CHECK(value.item() == doctest::Approx(eval(sum(square(q * k))).item()).epsilon(1e-5));
  const auto dq = values(matmul(transpose(x), 2.f * q * k * k)),
             dk = values(matmul(transpose(x), 2.f * q * q * k));
  const auto gq = values(g.of(m.query.weight)), gk = values(g.of(m.key.weight));
  for (std::size_t i = 0; i < 16; ++i) {
    CHECK(gq[i] == doctest::Approx(dq[i]).epsilon(1e-4));
    CHECK(gk[i] == doctest::Approx(dk[i]).epsilon(1e-4));
  }
}

TEST_CASE("equal layers one after the other need no names") {
  const auto m = started<chain>();
  const auto [value, g] = value_and_grad(loss)(m, x);
  tensor<float, dyn, dyn> h = matmul(x, tensor<float, 4, 4>(m.first.weight)) + m.first.bias;
  tensor<float, dyn, dyn> y = matmul(h, tensor<float, 4, 4>(m.second.weight)) + m.second.bias;
  const auto expected = values(matmul(transpose(h), 2.f * y)), got = values(g.of(m.second.weight));
  for (std::size_t i = 0; i < 16; ++i) CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-4));
}
