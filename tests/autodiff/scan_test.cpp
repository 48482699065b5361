#include "tenon/autodiff/scan.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "tenon/autodiff/check.hpp"
#include "tenon/tenon.hpp"

namespace {

using namespace tenon;

const auto cell = [](const auto& state, const auto& x, const auto& w, const auto& u, const auto& b) {
  const auto& [h, c] = state;
  const auto gates = matmul(x, w) + matmul(h, u) + b;
  const auto i = sigmoid(slice<1, 0, 3>(gates));
  const auto f = sigmoid(slice<1, 3, 6>(gates));
  const auto g = tanh(slice<1, 6, 9>(gates));
  const auto o = sigmoid(slice<1, 9, 12>(gates));
  const auto next = f * c + i * g;
  const auto out = o * tanh(next);
  return std::pair(std::tuple(out, next), out);
};

template <class T, extent... E>
auto sample(std::uint64_t seed, auto... sizes) {
  generator g{seed};
  return normal<T, E...>(g, sizes...);
}
template <class T>
bool close(T a, T b, double tolerance) {
  return std::fabs(double(a) - double(b)) <= tolerance * (1 + std::fabs(double(b)));
}
template <class A, class B>
bool same(const A& a, const B& b, double tolerance) {
  if (a.size() != b.size()) return false;
  for (tenon::index k = 0; k < a.size(); ++k)
    if (!close(a.flat()[k], b.flat()[k], tolerance)) return false;
  return true;
}

TEST_CASE("a running sum and its stack, step by step") {
  tensor<double, dyn, 3> xs = sample<double, dyn, 3>(1, 7);
  tensor<double, 3> start{1, 2, 3};
  const auto [last, ys] = scan([](auto c, auto x) { return std::pair(c + x, c * x); }, start, xs);
  tensor<double, 3> c = start;
  for (tenon::index t = 0; t < 7; ++t)
    for (tenon::index j = 0; j < 3; ++j) {
      CHECK(ys(t, j) == c(j) * xs(t, j));
      c(j) = c(j) + xs(t, j);
    }
  CHECK(same(last, c, 0));
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(ys)>, tensor<double, dyn, 3>>);
}

TEST_CASE("no elements: the first carry, and nothing stacked") {
  const tensor<float, dyn, 2> none = zeros<float>(0, 2);
  const tensor<float, 2> start{5, 6};
  const auto [last, ys] = scan([](auto c, auto x) { return std::pair(c + x, x); }, start, none);
  CHECK(last(0) == 5);
  CHECK(last(1) == 6);
  CHECK(ys.extent(0) == 0);
}

TEST_CASE("backwards, over strided arrays, several of them, without a stack") {
  tensor<float, 6, 2> a = sample<float, 6, 2>(2);
  tensor<int, 6> k{0, 1, 2, 3, 4, 5};
  const auto last = scan<scans::reverse>(
      [](auto c, const auto& x) {
        const auto& [row, n] = x;
        return c * 0.5f + row * astype<float>(n);
      },
      zeros<float, 2>(), std::tuple(a.slice(range(5, -7, -1), all), k));
  float c[2] = {0, 0};
  for (tenon::index t = 5; t >= 0; --t)
    for (tenon::index j = 0; j < 2; ++j) c[j] = c[j] * 0.5f + a(5 - t, j) * float(t);
  CHECK(close(last(0), c[0], 1e-6));
  CHECK(close(last(1), c[1], 1e-6));
}

TEST_CASE("carries that change places, and a number of steps without arrays") {
  const auto [a, b] = scan([](const auto& c) { return std::tuple(std::get<1>(c), std::get<0>(c)); },
                           std::tuple(tensor<int, 2>{1, 2}, tensor<int, 2>{3, 4}), steps<5>{});
  CHECK(a(0) == 3);
  CHECK(b(1) == 2);
  const auto fibonacci = scan(
      [](const auto& c) {
        const auto& [x, y] = c;
        return std::pair(std::tuple(y, x + y), x);
      },
      std::tuple(std::int64_t{0}, std::int64_t{1}), steps<50>{});
  CHECK(fibonacci.second(49) == 7778742049);
}

template <class T>
auto arguments() {
  generator g{3};
  return std::make_tuple(tensor<T, 5, 2, 4>(normal<T, 5, 2, 4>(g)), tensor<T, 2, 3>(normal<T, 2, 3>(g)),
                         tensor<T, 2, 3>(normal<T, 2, 3>(g)), tensor<T, 4, 12>(normal<T, 4, 12>(g) * T(0.5)),
                         tensor<T, 3, 12>(normal<T, 3, 12>(g) * T(0.5)), tensor<T, 12>(normal<T, 12>(g)));
}
// the loss of an LSTM, by scan and written out
template <unsigned Options>
struct lstm {
  auto operator()(const auto& xs, const auto& h, const auto& c, const auto& w, const auto& u,
                  const auto& b) const {
    const auto r = scan<Options>(cell, std::tuple(h, c), xs, w, u, b);
    return sum(r.second * r.second) + sum(std::get<1>(r.first));
  }
};
struct unrolled {
  template <int T>
  static auto step(const auto& xs, const auto& state, const auto& total, const auto& w, const auto& u,
                   const auto& b) {
    const auto r = cell(state, reshape<2, 4>(slice<0, T, T + 1>(xs)), w, u, b);
    const auto more = total + sum(r.second * r.second);
    if constexpr (T == 4)
      return more + sum(std::get<1>(r.first));
    else
      return step<T + 1>(xs, r.first, more, w, u, b);
  }
  auto operator()(const auto& xs, const auto& h, const auto& c, const auto& w, const auto& u,
                  const auto& b) const {
    return step<0>(xs, std::tuple(h, c), 0_c, w, u, b);
  }
};

TEST_CASE("an LSTM has the value and the gradients of its steps written out") {
  const auto x = arguments<double>();
  const auto all_gradients = [&](auto f) {
    return std::apply([&](const auto&... a) { return value_and_grad<0, 1, 2, 3, 4, 5>(f)(a...); }, x);
  };
  const auto expected = all_gradients(unrolled{}), kept = all_gradients(lstm<0>{}),
             recomputed = all_gradients(lstm<scans::recompute>{});
  CHECK(close(kept.value.item(), expected.value.item(), 1e-12));
  const auto compare = [&]<std::size_t... I>(const auto& got, std::index_sequence<I...>) {
    return (same(std::get<I>(got.gradient), std::get<I>(expected.gradient), 1e-11) && ...);
  };
  CHECK(compare(kept, std::make_index_sequence<6>{}));
  CHECK(compare(recomputed, std::make_index_sequence<6>{}));
}

TEST_CASE("an LSTM's derivatives of both orders against differences") {
  const auto x = arguments<double>();
  std::apply([](const auto&... a) { check_grads(lstm<0>{}, primals(a...)); }, x);
}

TEST_CASE("second derivatives, and tangents along a loop") {
  const auto f = [](const auto& xs) {
    const auto r = scan([](auto h, auto v) { return std::pair(tanh(h * v) + h, sin(h)); },
                        reshape<3>(slice<0, 0, 1>(xs)), xs);
    return sum(r.first * r.first) + sum(r.second);
  };
  const tensor<double, 4, 3> xs = sample<double, 4, 3>(5);
  check_grads(f, primals(xs), {.order = 2});
}

TEST_CASE("compiled, with a length that changes from call to call") {
  const auto f = [](const auto& h0, const auto& xs) {
    return scan([](auto h, auto x) { return tanh(h + x); }, h0, xs);
  };
  auto fast = compile(f, spec<float, 4>{}, spec<float, dyn, 4>{});
  for (const tenon::index n : {3, 1, 0, 9}) {
    const tensor<float, dyn, 4> xs = sample<float, dyn, 4>(6, n);
    const tensor<float, 4> h0 = zeros<float, 4>();
    tensor<float, 4> h = h0;
    for (tenon::index t = 0; t < n; ++t) h = tanh(h + xs[t]);
    CHECK(same(tensor<float, 4>(fast(h0, xs)), h, 1e-6));
  }
}

TEST_CASE("a loop in a loop") {
  const auto f = [](const auto& a) {
    return scan(
        [](auto total, auto row) {
          return total + scan([](auto s, auto v) { return s * 0.5_c + v * v; }, total, row);
        },
        sum(a) * 0.1_c, a);
  };
  tensor<double, 3, 4> a = sample<double, 3, 4>(7);
  double total = 0;
  for (tenon::index k = 0; k < 12; ++k) total += 0.1 * a.flat()[k];
  for (tenon::index i = 0; i < 3; ++i) {
    double s = total;
    for (tenon::index j = 0; j < 4; ++j) s = s * 0.5 + a(i, j) * a(i, j);
    total += s;
  }
  CHECK(close(compile(f, spec<double, 3, 4>{})(a).item(), total, 1e-12));
  check_grads(f, primals(a), {.order = 2});
}

// a function that is the body of a loop in its own loop: both hand on a number, which are told apart
struct nested_sum {
  auto operator()(const auto& total, const auto& x) const {
    if constexpr (std::remove_cvref_t<decltype(x)>::shape_type::rank == 0)
      return total * 0.5_c + x;
    else
      return total + scan(*this, total * total, x);
  }
};
TEST_CASE("a function that loops over itself") {
  const tensor<double, 2, 3> a{{1, 2, 3}, {4, 5, 6}};
  double total = 0.5;
  for (tenon::index i = 0; i < 2; ++i) {
    double inner = total * total;
    for (tenon::index j = 0; j < 3; ++j) inner = inner * 0.5 + a(i, j);
    total += inner;
  }
  const auto f = [](const auto& x) { return scan(nested_sum{}, sum(x) * 0_c + 0.5_c, x); };
  CHECK(close(compile(f, spec<double, 2, 3>{})(a).item(), total, 1e-14));
}

TEST_CASE("arrays of different lengths are refused") {
  const tensor<float, dyn> a = zeros<float>(3), b = zeros<float>(4);
  CHECK_THROWS_AS(scan([](auto c, const auto& x) { return c + std::get<0>(x) * std::get<1>(x); },
                       tensor<float>(0.f), std::tuple(a, b)),
                  shape_error);
}

}  // namespace
