// Gradient requests, several heads, sums of gradients, attributes, first values and updates.
#include <tenon/nn/dense.hpp>
#include <tenon/symbol/training.hpp>

#include "../support.hpp"

using namespace tenon;
using test::contains;
using test::thrown;
using test::values;
using test::vec;

namespace {

const variable<"x", float, "batch", 3> X;
const variable<"w", float, 3, 2> W;
const variable<"b", float, 2> B;

tensor<float, "batch", 3> rows(tenon::index n) {
  auto x = zeros<float, "batch", 3>(n);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = 0.125f * float(i % 11) - 0.5f;
  return x;
}
tensor<float, 3, 2> weights() { return {{0.5f, -1}, {0.25f, 0.75f}, {-0.5f, 1}}; }
tensor<float, 2> bias() { return {0.5f, -0.25f}; }

auto loss() { return sum(square(matmul(X, W) + B)); }
template <class... Options>
auto bound(const Options&... options) {
  return bind(loss(), cpu(0), options..., arg<"x"> = rows(4), arg<"w"> = weights(), arg<"b"> = bias());
}

/// d sum((xw + b)^2): 2 x'(xw + b), and 2 sum over rows of it, by loops in double precision.
struct reference {
  vec x = vec(12, 0.), w = vec(6, 0.), b = vec(2, 0.);
  explicit reference(double scale = 1) {
    const auto xs = values(rows(4)), ws = values(weights()), bs = values(bias());
    for (std::size_t n = 0; n < 4; ++n)
      for (std::size_t j = 0; j < 2; ++j) {
        double y = bs[j];
        for (std::size_t i = 0; i < 3; ++i) y += xs[3 * n + i] * ws[2 * i + j];
        b[j] += 2 * scale * y;
        for (std::size_t i = 0; i < 3; ++i) {
          w[2 * i + j] += 2 * scale * y * xs[3 * n + i];
          x[3 * n + i] += 2 * scale * y * ws[2 * i + j];
        }
      }
  }
};
void check_near(const vec& got, const vec& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-6));
}

}  // namespace

TEST_CASE("write: a gradient replaces the last one; by name and by position") {
  auto ex = bound();
  for (int i = 0; i < 2; ++i) {
    ex.forward(mode::train);
    ex.backward();
    check_near(values(ex.grad<"w">()), reference().w);
    check_near(values(ex.grad<"b">()), reference().b);
    check_near(values(ex.grad<"x">()), reference().x);
    CHECK(values(ex.grad<0>()) == values(ex.grad<"x">()));
    CHECK(values(ex.grad<1>()) == values(ex.grad<"w">()));
    CHECK(values(ex.arg<2>()) == values(bias()));
  }
}

TEST_CASE("add: gradients are summed until zero_grad; the others are written") {
  auto ex = bound(requests<grad_req::add, "w", "b">);
  for (int i = 1; i <= 3; ++i) {
    ex.forward(mode::train);
    ex.backward();
    check_near(values(ex.grad<"w">()), reference(i).w);
    check_near(values(ex.grad<"b">()), reference(i).b);
    check_near(values(ex.grad<"x">()), reference().x);
  }
  const auto kept = ex.grad<"w">();
  ex.zero_grad();
  ex.forward(mode::train);
  ex.backward();
  check_near(values(ex.grad<"w">()), reference().w);
  check_near(values(kept), reference(3).w);  // what is kept stays
}

TEST_CASE("add for all, and changes at run time") {
  auto ex = bound(requests<grad_req::add>);
  const auto pass = [&] {
    ex.forward(mode::train);
    ex.backward();
  };
  pass();
  pass();
  check_near(values(ex.grad<"x">()), reference(2).x);
  ex.request<"w">(grad_req::write);
  pass();
  check_near(values(ex.grad<"w">()), reference().w);
  check_near(values(ex.grad<"x">()), reference(3).x);
  ex.request<"b">(grad_req::null);
  pass();
  CHECK(contains(thrown<usage_error>([&] { ex.grad<"b">(); }), "\"b\" is null"));
  ex.request(grad_req::null);
  ex.forward(mode::train);
  CHECK(contains(thrown<usage_error>([&] { ex.backward(); }), "every gradient request is null"));
  ex.request(grad_req::write);
  ex.backward();
  check_near(values(ex.grad<"w">()), reference().w);
}

TEST_CASE("a sum of gradients of another size is refused before anything is computed") {
  auto ex = bound(requests<grad_req::add>);
  ex.forward(mode::train);
  ex.backward();
  ex.forward(mode::train, arg<"x"> = rows(5));
  const auto line = thrown<shape_error>([&] { ex.backward(); });
  CHECK(contains(line, "\"x\""));
  CHECK(contains(line, "[5, 3]"));
  CHECK(contains(line, "[4, 3]"));
  ex.zero_grad();
  ex.backward();
  CHECK(test::extents(ex.grad<"x">()) == test::dims{5, 3});
}

TEST_CASE("null: such gradients are not computed") {
  auto ex = bound(requests<grad_req::null, "x", "b">);
  ex.forward(mode::train);
  ex.backward();
  check_near(values(ex.grad<"w">()), reference().w);
  static_assert(decltype(ex)::gradient_of(0) < 0 && decltype(ex)::gradient_of(1) == 0);
}

TEST_CASE("heads: a seed for each output, summed over outputs") {
  const auto y = matmul(X, W) + B;
  // one head is used by another one, and one is a number
  auto ex = bind(group(y, sum(square(y)), tanh(y)), cpu(0), heads<0, 1>, arg<"x"> = rows(4),
                 arg<"w"> = weights(), arg<"b"> = bias());
  ex.forward(mode::train);
  auto seed = zeros<float>(4, 2);
  ex.backward(seed, 1.f);
  check_near(values(ex.grad<"w">()), reference().w);
  ex.backward(ones<float>(4, 2), 0.5f);
  const vec direct = values(matmul(transpose(rows(4)), ones<float>(4, 2)));
  vec expected = reference(0.5).w;
  for (std::size_t i = 0; i < 6; ++i) expected[i] += direct[i];
  check_near(values(ex.grad<"w">()), expected);
  CHECK(values(ex.output<2>()) == values(tanh(matmul(rows(4), weights()) + bias())));
  CHECK(contains(thrown<shape_error>([&] { ex.backward(ones<float>(3, 2), 1.f); }), "[3, 2]"));
  ex.backward(seed, 1.f);
  check_near(values(ex.grad<"w">()), reference().w);
}

TEST_CASE("heads: all of them, in any order, and numbers without seeds") {
  const auto y = matmul(X, W) + B;
  auto all_heads = bind(group(sum(y), sum(square(y))), cpu(0), heads<>, arg<"x"> = rows(4),
                        arg<"w"> = weights(), arg<"b"> = bias());
  all_heads.forward(mode::train);
  all_heads.backward();  // seeds of 1
  vec expected = reference().b;
  for (double& v : expected) v += 4;
  check_near(values(all_heads.grad<"b">()), expected);
  all_heads.backward(3.f, 0.f);
  check_near(values(all_heads.grad<"b">()), vec{12, 12});
  all_heads.backward();
  check_near(values(all_heads.grad<"b">()), expected);

  auto second = bind(group(sum(y), sum(square(y))), cpu(0), heads<1>, arg<"x"> = rows(4),
                     arg<"w"> = weights(), arg<"b"> = bias());
  second.forward(mode::train);
  second.backward();
  check_near(values(second.grad<"b">()), reference().b);
  CHECK(values(second.output<0>()) == values(sum(matmul(rows(4), weights()) + bias())));
  second.backward(-2.f);
  check_near(values(second.grad<"w">()), reference(-2).w);
}

TEST_CASE("requests are for the parameters of models, too") {
  nn::dense<3, 2> layer;
  layer.weight = weights();
  layer.bias = bias();
  auto ex = bind(sum(square(layer(X))), cpu(0), requests<grad_req::add>, arg<"x"> = rows(4));
  for (int i = 1; i <= 2; ++i) {
    ex.forward(mode::train);
    ex.backward();
    check_near(values(ex.gradients().of(layer.weight)), reference(i).w);
    check_near(values(ex.gradients().of(layer.bias)), reference(i).b);
  }
  ex.zero_grad();
  ex.forward(mode::train);
  ex.backward();
  check_near(values(ex.gradients().of(layer.weight)), reference().w);
}

TEST_CASE("an executor may move between its passes") {
  auto ex = bind(group(matmul(X, W) + B * 2.f, sum(B)), cpu(0), heads<>, requests<grad_req::add, "w">,
                 arg<"x"> = rows(4), arg<"w"> = weights(), arg<"b"> = bias());
  ex.forward(mode::train);
  ex.backward(ones<float>(4, 2), 1.f);
  auto moved = std::move(ex);
  moved.backward(ones<float>(4, 2), 1.f);
  auto again = std::move(moved);
  check_near(values(again.grad<"w">()), values(2.f * matmul(transpose(rows(4)), ones<float>(4, 2))));
  check_near(values(again.grad<"b">()), vec{9, 9});
  again.forward(mode::train);
  again.backward(ones<float>(4, 2), 0.f);
  check_near(values(again.grad<"b">()), vec{8, 8});
}

TEST_CASE("attributes are kept by variable, and update applies them") {
  auto ex = bound(attr<"w"> = {.lr_mult = 0.5, .wd_mult = 2}, attr<"b"> = {.grad = grad_req::null},
                  requests<grad_req::null, "x">);
  CHECK(ex.attributes<"w">().lr_mult == 0.5);
  CHECK(ex.attributes<"w">().wd_mult == 2);
  CHECK(ex.attributes<"x">().lr_mult == 1);
  ex.forward(mode::train);
  ex.backward();
  CHECK_THROWS_AS(ex.grad<"b">(), usage_error);
  int seen = 0;
  update(ex, [&](auto& w, const auto& g, const variable_attributes& a) {
    w -= float(0.1 * a.lr_mult) * (g + float(0.01 * a.wd_mult) * w);
    ++seen;
  });
  CHECK(seen == 1);
  vec expected = values(weights());
  for (std::size_t i = 0; i < 6; ++i) expected[i] -= 0.05 * (reference().w[i] + 0.02 * expected[i]);
  check_near(values(ex.arg<"w">()), expected);
  CHECK(contains(thrown<usage_error>([&] { ex.backward(); }), "updated since"));
  ex.forward(mode::train);
  ex.backward();
  check_near(values(ex.output()), values(sum(square(matmul(rows(4), ex.arg<"w">()) + bias()))));
}

TEST_CASE("update keeps the array when its function throws; shared arrays are refused") {
  auto ex = bound(wrt<"w">);
  CHECK(contains(thrown<usage_error>([&] { update(ex, [](auto&, auto&, auto&) {}); }), "backward()"));
  ex.forward(mode::train);
  ex.backward();
  CHECK_THROWS_AS(update(ex, [](auto&, auto&, auto&) { throw usage_error("mine"); }), usage_error);
  CHECK(values(ex.arg<"w">()) == values(weights()));
  const auto w = weights();
  ex.forward(mode::train, arg<"w"> = ref(w));
  ex.backward();
  CHECK(contains(thrown<usage_error>([&] { update(ex, [](auto&, auto&, auto&) {}); }), "\"w\" is shared"));
}

TEST_CASE("initialise: first values by attribute, the same for one seed") {
  const auto make = [](std::uint64_t seed) {
    auto ex =
        simple_bind(loss(), cpu(0), extent_of<"batch"> = 4, attr<"w"> = {.init = initial::glorot_uniform()},
                    attr<"b"> = {.init = initial::constant(0.5)});
    generator g(seed);
    initialise(ex, g);
    return ex;
  };
  auto ex = make(1);
  CHECK(values(ex.arg<"b">()) == vec{0.5, 0.5});
  CHECK(values(ex.arg<"x">()) == vec(12, 0.));
  const vec w = values(ex.arg<"w">());
  const double limit = std::sqrt(6.0 / 5);
  double least = 1, most = -1;
  for (const double v : w) {
    CHECK(std::abs(v) <= limit);
    least = std::min(least, v);
    most = std::max(most, v);
  }
  CHECK(least < most);
  CHECK(values(make(1).arg<"w">()) == w);
  CHECK(values(make(2).arg<"w">()) != w);
  auto open = bind(loss(), cpu(0), attr<"w"> = {.init = initial::zeros()});
  generator g(1);
  CHECK(contains(thrown<usage_error>([&] { initialise(open, g); }), "\"w\""));
}

TEST_CASE("initial values have the moments they are named for") {
  const variable<"a", double, 400, 600> A;
  const auto moments = [&](const initial& how) {
    auto ex = simple_bind(sum(A), cpu(0), attr<"a"> = {.init = how});
    generator g(3);
    initialise(ex, g);
    double mean = 0, square = 0;
    const auto a = ex.template arg<"a">();
    for (const double v : a) {
      mean += v;
      square += v * v;
    }
    mean /= double(a.size());
    return std::pair(mean, square / double(a.size()) - mean * mean);
  };
  const auto [m1, v1] = moments(initial::normal(0.5, 2));
  CHECK(m1 == doctest::Approx(2).epsilon(0.005));
  CHECK(v1 == doctest::Approx(0.25).epsilon(0.02));
  const auto [m2, v2] = moments(initial::uniform(-1, 3));
  CHECK(m2 == doctest::Approx(1).epsilon(0.01));
  CHECK(v2 == doctest::Approx(16.0 / 12).epsilon(0.02));
  for (const initial& how : {initial::glorot_uniform(), initial::glorot_normal()}) {
    const auto [m, v] = moments(how);
    CHECK(std::abs(m) < 0.001);
    CHECK(v == doctest::Approx(2.0 / 1000).epsilon(0.02));
  }
}
