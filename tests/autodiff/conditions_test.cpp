// cond, while_loop, remat and host_call.
#include <doctest/doctest.h>

#include <atomic>
#include <cmath>

#include "tenon/array/host_call.hpp"
#include "tenon/autodiff/branches.hpp"
#include "tenon/autodiff/check.hpp"
#include "tenon/autodiff/remat.hpp"
#include "tenon/tenon.hpp"

#include "../support.hpp"

namespace {

using namespace tenon;

template <class A, class B>
bool same(const A& a, const B& b, double tolerance) {
  if (a.size() != b.size()) return false;
  for (tenon::index k = 0; k < a.size(); ++k)
    if (!(std::fabs(double(a.flat()[k]) - double(b.flat()[k])) <=
          tolerance * (1 + std::fabs(double(b.flat()[k])))))
      return false;
  return true;
}

std::atomic<int> calls_of_left{0}, calls_of_right{0};
const auto left = [](const auto& x) {
  return host_call(
      [](tensor<double, 3> v) {
        ++calls_of_left;
        for (tenon::index i = 0; i < 3; ++i) v(i) = 2 * v(i);
        return v;
      },
      x);
};
const auto right = [](const auto& x) {
  return host_call(
      [](tensor<double, 3> v) {
        ++calls_of_right;
        return v;
      },
      x);
};

TEST_CASE("one branch runs, and the other does not") {
  auto f = compile([](const auto& p, const auto& x) { return cond(p, left, right, x) + 1_c; }, spec<bool>{},
                   spec<double, 3>{});
  const tensor<double, 3> x{1, 2, 3};
  calls_of_left = calls_of_right = 0;
  CHECK(same(tensor<double, 3>(f(tensor<bool>(true), x)), tensor<double, 3>{3, 5, 7}, 0));
  CHECK(calls_of_left == 1);
  CHECK(calls_of_right == 0);
  CHECK(same(tensor<double, 3>(f(tensor<bool>(false), x)), tensor<double, 3>{2, 3, 4}, 0));
  CHECK(calls_of_left == 1);
  CHECK(calls_of_right == 1);
}

TEST_CASE("the branch not taken gives exactly zero, whatever its derivative would be") {
  // log(0) = -inf and 1/0 = inf in the branch that is not taken; so with where alone
  const auto f = [](const auto& x) {
    return sum(cond(
        sum(x) > 0.0, [](auto v) { return log(v); }, [](auto v) { return v * v; }, x));
  };
  const tensor<double, 3> negative{0, -1, -2};
  const auto g = value_and_grad(f)(negative);
  CHECK(g.value.item() == 5);
  CHECK(same(g.gradient, tensor<double, 3>{0, -2, -4}, 0));
  const tensor<double, 3> positive{1, 2, 4};
  CHECK(same(value_and_grad(f)(positive).gradient, tensor<double, 3>{1, 0.5, 0.25}, 1e-15));
  check_grads(f, primals(positive), {.order = 2});
  check_grads(f, primals(tensor<double, 3>{-3, -1, -2}), {.order = 2});
}

TEST_CASE("several results, of dtypes and ranks of their own, and captured arrays") {
  const tensor<float, 2> w{10, 20};
  for (const bool p : {true, false}) {
    const auto [a, b, c] = cond(
        p, [&](auto x, auto k) { return std::make_tuple(x * w, k + 1, sum(x)); },
        [&](auto x, auto k) { return std::make_tuple(x - w, k * 2, min(x)); }, tensor<float, 2>{1, 2},
        tensor<int>(7));
    CHECK(a(1) == (p ? 40 : -18));
    CHECK(b.item() == (p ? 8 : 14));
    CHECK(c.item() == (p ? 3 : 1));
  }
}

TEST_CASE("extents known at run time alone") {
  auto f = compile(
      [](const auto& x) {
        return cond(
            sum(x) > 0.f, [](auto v) { return v * 2.f; }, [](auto v) { return v + 1.f; }, x);
      },
      spec<float, "batch", dyn>{});
  for (const tenon::index n : {1, 4, 0}) {
    const tensor<float, dyn, dyn> x = full<float>(-1.f, n, 2);
    CHECK(f(x).extent(0) == n);
    CHECK((n == 0 || f(x)(0, 1) == 0));
  }
}

TEST_CASE("while: a condition that the values decide") {
  const auto newton = [](const auto& a) {  // the square root of a
    return while_loop([a](auto x) { return abs(x * x - a) > 1e-12; },
                      [a](auto x) { return (x + a / x) * 0.5_c; }, a * 1_c);
  };
  for (const double a : {2.0, 9.0, 0.3, 1e4}) {
    const tensor<double> t(a);
    CHECK(std::fabs(newton(t).item() - std::sqrt(a)) < 1e-9);
    auto f = compile(newton, spec<double>{});
    CHECK(std::fabs(f(t).item() - std::sqrt(a)) < 1e-9);
    const auto [value, tangent] = jvp(newton, primals(t), tangents(tensor<double>(1.0)));
    CHECK(std::fabs(tangent.item() - 0.5 / std::sqrt(a)) < 1e-6);
  }
  // Collatz: 27 takes 111 steps
  const auto [n, count] = while_loop([](const auto& s) { return std::get<0>(s) > 1; },
                                     [](const auto& s) {
                                       const auto& [k, c] = s;
                                       return std::tuple(where(k % 2 == 0, k / 2, 3 * k + 1), c + 1);
                                     },
                                     std::tuple(27, 0));
  CHECK(n.item() == 1);
  CHECK(count.item() == 111);
}

TEST_CASE("while with a bound has derivatives in reverse") {
  const auto f = [](const auto& x) {
    const auto y = while_loop([](auto v) { return sum(v) < 100.0; }, [](auto v) { return v * v + 1.0; }, x,
                              max_steps<6>{});
    return sum(y * y);
  };
  const tensor<double, 3> x{1, 2, 3};
  // two steps: y = (x^2 + 1)^2 + 1
  const auto g = value_and_grad(f)(x);
  tensor<double, 3> expected;
  double value = 0;
  for (tenon::index i = 0; i < 3; ++i) {
    const double s = x(i) * x(i) + 1, y = s * s + 1;
    value += y * y;
    expected(i) = 2 * y * 2 * s * 2 * x(i);
  }
  CHECK(g.value.item() == value);
  CHECK(same(g.gradient, expected, 1e-14));
  // stopped by the bound
  const auto h = while_loop([](auto v) { return v < 1000; }, [](auto v) { return v + 1; }, tensor<int>(0),
                            max_steps<5>{});
  CHECK(h.item() == 5);
}

TEST_CASE("conditions in a scan, and a scan in a condition") {
  const auto f = [](const auto& xs) {
    return sum(scan(
        [](auto c, auto x) {
          return cond(
              sum(x) > 0.0, [](auto h, auto v) { return h * v; }, [](auto h, auto v) { return h + exp(v); },
              c, x);
        },
        reshape<2>(slice<0, 0, 1>(xs)), xs));
  };
  const tensor<double, 4, 2> xs{{1, 0.5}, {-1, -0.2}, {2, 0.3}, {-0.4, 0.1}};
  double c[2] = {xs(0, 0), xs(0, 1)};
  for (tenon::index t = 0; t < 4; ++t)
    for (tenon::index j = 0; j < 2; ++j)
      c[j] = xs(t, 0) + xs(t, 1) > 0 ? c[j] * xs(t, j) : c[j] + std::exp(xs(t, j));
  CHECK(std::fabs(compile(f, spec<double, 4, 2>{})(xs).item() - c[0] - c[1]) < 1e-13);
  check_grads(f, primals(xs));
  const auto g = [](const auto& ys) {
    return cond(
        sum(ys) > 0.0,
        [](auto v) {
          return sum(scan([](auto s, auto x) { return s + sin(x) * s; }, reshape<2>(slice<0, 1, 2>(v)), v));
        },
        [](auto v) { return sum(v); }, ys);
  };
  check_grads(g, primals(xs));
  check_grads(g, primals(tensor<double, 4, 2>(-xs)));
}

TEST_CASE("remat gives the same values and gradients, and keeps less") {
  const auto block = [](const auto& x, const auto& w) {
    return tanh(matmul(sin(matmul(x, w)) * x + cos(x), w));
  };
  const auto chain = [](auto f) {
    return [f](const auto& x, const auto& w) { return sum(f(f(f(f(x, w), w), w), w)); };
  };
  generator g{4};
  const tensor<double, 64, 32> x = normal<double, 64, 32>(g);
  const tensor<double, 32, 32> w = normal<double, 32, 32>(g) * 0.2;
  auto plain = compile(value_and_grad<0, 1>(chain(block)), spec<double, 64, 32>{}, spec<double, 32, 32>{});
  auto again =
      compile(value_and_grad<0, 1>(chain(remat(block))), spec<double, 64, 32>{}, spec<double, 32, 32>{});
  const auto a = plain(x, w), b = again(x, w);
  CHECK(std::fabs(a.value.item() - b.value.item()) <= 1e-12 * std::fabs(a.value.item()));
  CHECK(same(std::get<0>(b.gradient), std::get<0>(a.gradient), 1e-12));
  CHECK(same(std::get<1>(b.gradient), std::get<1>(a.gradient), 1e-12));
  MESSAGE("arena: " << plain.arena_bytes() << " kept, " << again.arena_bytes() << " computed again");
  CHECK(again.arena_bytes() < plain.arena_bytes());
  const auto [left_part, right_part] = remat([](auto v) { return std::make_tuple(v + 1.0, sum(v)); })(x);
  CHECK(left_part(3, 4) == x(3, 4) + 1.0);
  CHECK(std::fabs(right_part.item() - eval(sum(x)).item()) < 1e-9);
}

// Both results of the branches are read, each by a loop of its own where the condition captures a number: of
// the other result the derivative then needs the shape alone.
TEST_CASE("cond: two results, a number in the condition, derivatives of both branches") {
  const auto f = [](const auto& x, const auto& y) {
    const auto [a, b] = cond(
        sum(x) > 1.0, [](auto v, auto u) { return std::tuple(v * u, sum(v)); },
        [](auto v, auto u) { return std::tuple(v + u, sum(u)); }, x, y);
    return sum(a) * b;
  };
  for (const double x0 : {1., -4.}) {
    const tensor<double, 2> x{x0, 2}, y{3, 2};
    const bool first = x0 > 0;  // (x0 y0 + 2 y1) (x0 + 2), or (x0 + 2 + y0 + y1) (y0 + y1)
    const auto [value, gradient] = value_and_grad<0, 1>(f)(x, y);
    CHECK(value.item() == (first ? 7 * 3 : 3 * 5));
    CHECK(test::values(std::get<0>(gradient)) == (first ? test::vec{3 * 3 + 7, 2 * 3 + 7} : test::vec{5, 5}));
    CHECK(test::values(std::get<1>(gradient)) == (first ? test::vec{1 * 3, 2 * 3} : test::vec{5 + 3, 5 + 3}));
    check_grads(f, primals(x, y));
  }
}

TEST_CASE("a host function: captures, two operands, extents of the operand, errors") {
  int calls = 0;
  const auto scaled = [&calls](const auto& x, const auto& y) {
    return host_call(
        [&calls](const tensor<float, dyn, 2>& a, const tensor<float, 2>& b) {
          ++calls;
          tensor<double, dyn, 2> r = astype<double>(a);
          for (tenon::index i = 0; i < r.extent(0); ++i)
            for (tenon::index j = 0; j < 2; ++j) r(i, j) *= double(b(j));
          return r;
        },
        x + 1.f, y);
  };
  const tensor<float, dyn, 2> x = ones<float>(3, 2);
  const tensor<float, 2> y{2, 5};
  const tensor<double, dyn, 2> r = scaled(x, y) * 10.0;
  CHECK(r(2, 0) == 40);
  CHECK(r(0, 1) == 100);
  CHECK(calls == 1);
  tensor<double, dyn, 2> kept = r;
  const auto wrong =
      host_call([](const tensor<double, dyn, 2>&) { return tensor<double, dyn, 2>(zeros<double>(7, 2)); }, r);
  CHECK_THROWS_WITH_AS(
      kept = wrong, "host_call: axis 0 of what the function returned has extent 7, expected 3", shape_error);
  CHECK(same(kept, r, 0));
  struct mine {};
  const auto thrower = host_call(
      [](tensor<double, dyn, 2> v) {
        if (v.size() > 0) throw mine{};
        return v;
      },
      r);
  CHECK_THROWS_AS(kept = thrower, mine);
  CHECK(same(kept, r, 0));
}

}  // namespace
