// Gradients through slices that make up an array, and through arrays that are joined.
#include "differences.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/autodiff/scan.hpp>
#include <tenon/seeing.hpp>
#include <tenon/tenon.hpp>

using namespace tenon;
using test::checked_gradient;
using test::close;
using test::values;

namespace {

/// How often an op stands in the plan of f's gradient.
template <class F, class... Spec>
int count(const std::string& op, const F& f, Spec... specs) {
  std::ostringstream text;
  text << explain(compile(value_and_grad(f), specs...));
  int n = 0;
  for (std::size_t at = 0; (at = text.str().find(op, at)) != std::string::npos; at += op.size()) ++n;
  return n;
}

template <extent... E>
tensor<double, E...> sample() {
  generator g{3};
  return normal<double, E...>(g);
}

}  // namespace

TEST_CASE("parts that make up an axis: their cotangents one after the other") {
  const auto gates = [](const auto& x) {
    const auto a = slice<1, 0, 3>(x);
    const auto b = slice<1, 3, 4>(x);
    const auto c = slice<1, 4, 7>(x);
    return sum(c * sigmoid(a) * b) + sum(tanh(b));
  };
  CHECK(count("concat", gates, spec<double, 5, 7>{}) == 2);
  CHECK(count("embed", gates, spec<double, 5, 7>{}) == 0);
  checked_gradient(gates, sample<5, 7>());
  check_grads(gates, std::tuple(sample<5, 7>()), {.order = 2});
  const auto rows = [](const auto& x) {
    return sum(exp(slice<0, 1, 3>(x)) * slice<0, 3, 5>(x)) - sum(tenon::sin(slice<0, 0, 1>(x)));
  };
  CHECK(count("concat", rows, spec<double, 5, 2>{}) == 2);
  CHECK(count("embed", rows, spec<double, 5, 2>{}) == 0);
  checked_gradient(rows, sample<5, 2>());
}

TEST_CASE("parts beside other terms") {
  const auto f = [](const auto& x) {
    return sum(square(x)) + sum(exp(slice<1, 2, 4>(x)) * slice<1, 0, 2>(x)) + sum(tenon::cos(x) * x);
  };
  CHECK(count("concat", f, spec<double, 3, 4>{}) == 1);
  CHECK(count("embed", f, spec<double, 3, 4>{}) == 0);
  checked_gradient(f, sample<3, 4>());
}

TEST_CASE("parts that do not make up an axis") {
  const auto gap = [](const auto& x) { return sum(exp(slice<0, 0, 2>(x)) * slice<0, 3, 5>(x)); };
  CHECK(count("concat", gap, spec<double, 5>{}) == 0);
  checked_gradient(gap, sample<5>());
  const auto overlap = [](const auto& x) { return sum(exp(slice<0, 0, 3>(x)) * slice<0, 2, 5>(x)); };
  CHECK(count("concat", overlap, spec<double, 5>{}) == 0);
  checked_gradient(overlap, sample<5>());
  const auto steps = [](const auto& x) { return sum(exp(slice<0, 0, 6, 2>(x)) * slice<0, 1, 6, 2>(x)); };
  CHECK(count("concat", steps, spec<double, 6>{}) == 0);
  checked_gradient(steps, sample<6>());
  const auto backwards = [](const auto& x) { return sum(exp(slice<0, 2, -1, -1>(x)) * slice<0, 3, 6>(x)); };
  CHECK(count("concat", backwards, spec<double, 6>{}) == 0);
  checked_gradient(backwards, sample<6>());
  const auto crossed = [](const auto& x) { return sum(exp(slice<0, 0, 2>(x))) * sum(slice<1, 2, 4>(x)); };
  CHECK(count("concat", crossed, spec<double, 4, 4>{}) == 0);
  const auto square_parts = [](const auto& x) {
    return sum(exp(slice<0, 0, 2>(x)) * transpose(slice<1, 2, 4>(x)));
  };
  CHECK(count("concat", square_parts, spec<double, 4, 4>{}) == 0);
  checked_gradient(square_parts, sample<4, 4>());
}

TEST_CASE("parts of an axis without elements") {
  const auto f = [](const auto& other, const auto& x) {
    return sum(other) + sum(exp(slice<0, 0, 0>(x)) * slice<0, 0, 0>(x)) + sum(square(x)) +
           sum(tanh(slice<0, 0, 0>(x)));
  };
  auto step = compile(value_and_grad<1>(f), passes::none, spec<double, 5, 2>{}, spec<double, 0, 3>{});
  const auto g = step(sample<5, 2>(), zeros<double, 0, 3>()).gradient;
  CHECK(g.extent(0) == 0);
  CHECK(g.extent(1) == 3);
}

TEST_CASE("a part twice, beside the rest: the whole once, and the part again") {
  const auto f = [](const auto& x) {
    const auto a = slice<0, 0, 2>(x);
    return sum(exp(a) * slice<0, 2, 4>(x)) + sum(slice<0, 0, 3>(x) * slice<0, 1, 4>(x));
  };
  checked_gradient(f, sample<4>());
}

TEST_CASE("an extent that is known at run time alone") {
  const auto f = [](const auto& x) { return sum(exp(slice<0, 0, 2>(x)) * slice<0, 2, 4>(x)); };
  CHECK(count("concat", f, spec<double, "n">{}) == 0);  // n may be 5
  auto five = zeros<double, dyn>(5), four = zeros<double, dyn>(4);
  for (int i = 0; i < 5; ++i) five.own()[i] = std::sin(i);
  for (int i = 0; i < 4; ++i) four.own()[i] = std::sin(i);
  checked_gradient(f, five);
  checked_gradient(f, four);
}

TEST_CASE("arrays that are joined: views of the cotangent") {
  const auto f = [](const auto& a, const auto& b) { return sum(exp(concat<1>(a, b, a))); };
  const auto plan = compile(value_and_grad<0, 1>(f), spec<double, 3, 2>{}, spec<double, 3, 4>{});
  std::ostringstream text;
  text << explain(plan);
  CHECK(text.str().find("end_like") == std::string::npos);
  CHECK(text.str().find("slice") == std::string::npos);  // no kernel copies a view
  checked_gradient(f, sample<3, 2>(), sample<3, 4>());
  const auto g = [](const auto& a) { return sum(exp(concat<0>(a, square(a))) * concat<0>(a, a)); };
  check_grads(g, std::tuple(sample<3>()), {.order = 2});
  auto open = zeros<double, dyn>(3);
  for (int i = 0; i < 3; ++i) open.own()[i] = std::sin(i);
  checked_gradient(g, open);
}

TEST_CASE("a loop stacks what two products read once") {
  const auto f = [](const auto& w, const auto& u) {
    const auto xs = ones<double, 5, 2, 3>();
    const auto h0 = zeros<double, 2, 2>();
    return sum(scan(
        [](const auto& h, const auto& x, const auto& in, const auto& own) {
          const auto gates = matmul(x, in) + matmul(h, own);
          return sigmoid(slice<1, 0, 2>(gates)) * tanh(slice<1, 2, 4>(gates)) + h;
        },
        h0, xs, w, u));
  };
  const auto w = sample<3, 4>();
  const auto u = sample<2, 4>();
  checked_gradient(f, w, u);
}

TEST_CASE("a loop keeps what products and gates read, each value once") {
  constexpr tenon::index steps = 20, batch = 16, units = 32, part = 8 * steps * batch * units;
  const auto f = [](const auto& in, const auto& own, const auto& xs, const auto& h0) {
    return sum(scan(
        [](const auto& h, const auto& x, const auto& a, const auto& b) {
          const auto gates = matmul(x, a) + matmul(h, b);
          return sigmoid(slice<1, 0, 32>(gates)) * tanh(slice<1, 32, 64>(gates)) + h;
        },
        h0, xs, in, own));
  };
  const auto plan = compile(value_and_grad<0, 1>(f), spec<double, 8, 64>{}, spec<double, 32, 64>{},
                            spec<double, steps, batch, 8>{}, spec<double, batch, units>{});
  // h, sigmoid and tanh of each step, and the cotangents of both gates, which two products read; beside them
  // what one step has
  CHECK(arena_bytes(plan) < 5 * part + 20 * part / steps);
  CHECK(arena_bytes(plan) > 5 * part);
}
