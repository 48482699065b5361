// Running sums, products, extrema and recurrences, several lines at once: numbers of lines about those that are taken
// together, along every axis, forwards and backwards, operands under strides, every dtype; against loops.
#include "../support.hpp"

#include <tenon/autodiff/transforms.hpp>
#include <tenon/ops/running.hpp>

#include <cmath>

using namespace tenon;
using test::dims;
using test::values;
using test::vec;

namespace {

template <class T>
using cube = tensor<T, dyn, dyn, dyn>;

template <class T>
cube<T> sample(const dims& e) {
  auto x = zeros<T>(e[0], e[1], e[2]);
  unsigned state = 7;
  for (tenon::index i = 0; i < x.size(); ++i) {
    state = state * 1664525u + 1013904223u;
    x.own()[i] = T(float(int((state >> 16) % 9) - (std::is_unsigned_v<T> ? 0 : 4)));
  }
  return x;
}

/// y = f(y before, x) along an axis, y = x at its beginning; from its end where `back`.
template <class T, class F>
vec by_hand(const cube<T>& x, int axis, F f, bool back = false) {
  auto y = zeros<double>(x.extent(0), x.extent(1), x.extent(2));
  const tenon::index step[3] = {x.extent(1) * x.extent(2), x.extent(2), 1};
  for (tenon::index i = 0; i < x.size(); ++i) {
    const tenon::index at = back ? x.size() - 1 - i : i, place = at / step[axis] % x.extent(axis);
    const bool first = back ? place + 1 == x.extent(axis) : place == 0;
    const double v = double(x.data()[at]);
    y.own()[at] = first ? v : f(y.data()[at + (back ? step[axis] : -step[axis])], v);
  }
  return values(y);
}
const auto plus = [](double a, double b) { return a + b; };
const auto greater = [](double a, double b) { return std::isnan(a) || a >= b ? a : b; };

const dims shapes[] = {{1, 1, 1},  {2, 3, 4},   {3, 1, 7}, {5, 4, 8},
                       {1, 9, 17}, {4, 6, 300}, {3, 0, 5}, {9, 40, 3}};

template <class T>
void check_sums() {
  for (const dims& e : shapes) {
    const auto x = sample<T>(e);
    CHECK(values(cumsum<0>(x)) == by_hand(x, 0, plus));
    CHECK(values(cumsum<1>(x)) == by_hand(x, 1, plus));
    CHECK(values(cumsum<-1>(x)) == by_hand(x, 2, plus));
    CHECK(values(cummax<1>(x)) == by_hand(x, 1, greater));
  }
}

}  // namespace

TEST_CASE("sums and extrema of every dtype") {
  check_sums<float>();
  check_sums<double>();
  check_sums<float16>();
  check_sums<std::int8_t>();
  check_sums<std::int32_t>();
  check_sums<std::uint16_t>();
  check_sums<std::int64_t>();
}

TEST_CASE("float sums are kept in double") {
  auto x = full<float>(0.1f, 3, 5000);
  const auto y = eval(cumsum<1>(x));
  CHECK(y(2, 4999) == float(5000 * double(0.1f)));
  const auto across = eval(cumsum<0>(transpose(x) * 1.0f));
  CHECK(across(4999, 1) == float(5000 * double(0.1f)));
}

TEST_CASE("backwards: the derivative of a running sum") {
  for (const dims& e : shapes) {
    const auto x = sample<double>(e);
    const auto back = [&](auto f) { return values(grad([&](const auto& v) { return sum(f(v) * x); })(x)); };
    CHECK(back([](const auto& v) { return cumsum<0>(v); }) == by_hand(x, 0, plus, true));
    CHECK(back([](const auto& v) { return cumsum<1>(v); }) == by_hand(x, 1, plus, true));
    CHECK(back([](const auto& v) { return cumsum<2>(v); }) == by_hand(x, 2, plus, true));
  }
}

TEST_CASE("recurrences, forwards and backwards") {
  for (const dims& e : shapes) {
    const auto a = sample<double>(e);
    const auto halves = eval(a * 0.5);
    const auto step = [&](int axis) {
      auto r = zeros<double>(e[0], e[1], e[2]);
      const tenon::index apart[3] = {e[1] * e[2], e[2], 1};
      for (tenon::index i = 0; i < r.size(); ++i) {
        const bool first = i / apart[axis] % e[std::size_t(axis)] == 0;
        r.own()[i] = (first ? 0 : halves.data()[i] * r.data()[i - apart[axis]]) + a.data()[i];
      }
      return values(r);
    };
    CHECK(values(linear_recurrence<0>(halves, a)) == step(0));
    CHECK(values(linear_recurrence<1>(halves, a)) == step(1));
    CHECK(values(linear_recurrence<2>(halves, a)) == step(2));
    if (a.size() == 0) continue;
    // with r = L b, the cotangent of b is L' s: s' L b is the same number either way
    const auto r = eval(linear_recurrence<1>(halves, a));
    const auto g = grad([&](const auto& b) { return sum(linear_recurrence<1>(halves, b) * halves); })(a);
    CHECK(eval(sum(g * a)).item() == doctest::Approx(eval(sum(r * halves)).item()));
  }
  const tensor<double, 3> infinite{INFINITY, 2, 3}, ones_of{0, 1, 1};
  CHECK(values(linear_recurrence(infinite, ones_of)) == vec{0, 1, 4});  // the first factor is not read
}

TEST_CASE("NaN, signs of zeros, strides") {
  const double nan = std::nan("");
  const tensor<double, 2, 5> x{{1, nan, 3, -1, nan}, {-0.0, -0.0, 2, 2, 1}};
  const auto m = values(cummax<1>(x));
  CHECK(m[0] == 1);
  for (int i = 1; i < 5; ++i) CHECK(std::isnan(m[std::size_t(i)]));
  CHECK(vec(m.begin() + 7, m.end()) == vec{2, 2, 2});
  CHECK(std::signbit(values(cumsum<1>(x))[5]));
  const auto y = sample<float>({6, 11, 10});
  const auto same = [](const auto& view) {
    const cube<float> copy = view;
    CHECK(values(cumsum<0>(view)) == by_hand(copy, 0, plus));
    CHECK(values(cumsum<1>(view)) == by_hand(copy, 1, plus));
    CHECK(values(cumsum<2>(view)) == by_hand(copy, 2, plus));
  };
  same(permute<2, 0, 1>(y));
  same(flip(y, axes<1, 2>));
  same(permute<1, 2, 0>(flip(y, axis<0>)));
}
