// Loops in symbolic graphs: bound, explained, composed, recorded.
#include <doctest/doctest.h>
#include <tenon/autodiff/branches.hpp>
#include <tenon/autodiff/remat.hpp>
#include <tenon/seeing.hpp>
#include <tenon/tenon.hpp>

#include <cmath>
#include <string>

#include "../support.hpp"

using namespace tenon;

namespace {
const variable<"h", float, "batch", 8> H;
const variable<"w", float, 8, 8> W;
const variable<"xs", float, "time", "batch", 8> X;

const auto step = [](auto h, auto x, auto w) {
  auto n = tanh(matmul(h, w) + x);
  return std::pair(n, n);
};
const auto rnn = scan(step, H, X, W);
const auto cost = sum(rnn.second * rnn.second) + sum(rnn.first);

template <extent... E>
auto sample(std::uint64_t seed, auto... sizes) {
  generator g{seed};
  return normal<float, E...>(g, sizes...);
}
bool near(double a, double b) { return std::fabs(a - b) <= 1e-4 * (1 + std::fabs(b)); }
}  // namespace

TEST_CASE("a bound loop: values, gradients, another length, another batch") {
  const auto names = list_arguments(cost);
  CHECK(names.size() == 3);
  static_assert(std::is_same_v<decltype(rnn.second)::shape_type,
                               shape<named<'t', 'i', 'm', 'e'>, named<'b', 'a', 't', 'c', 'h'>, size<8>>>);
  const tensor<float, 8, 8> w = sample<8, 8>(1) * 0.3f;
  auto ex = simple_bind(cost, cpu(0), extent_of<"batch"> = 2, extent_of<"time"> = 3);
  for (const auto& [batch, time] : {std::pair<tenon::index, tenon::index>{2, 3}, {5, 7}, {5, 1}, {1, 0}}) {
    const auto h = sample<"batch", 8>(2, batch);
    const auto x = sample<"time", "batch", 8>(3, time, batch);
    const auto run = [&] {
      ex.forward(mode::train, arg<"h"> = h, arg<"xs"> = x, arg<"w"> = w);
      return double(ex.output<0>().item());
    };
    const double value = run();
    // written out
    std::vector<double> state(h.flat(), h.flat() + h.size());
    double expected = 0;
    for (tenon::index t = 0; t < time; ++t) {
      std::vector<double> next(state.size());
      for (tenon::index b = 0; b < batch; ++b)
        for (tenon::index j = 0; j < 8; ++j) {
          double s = x(t, b, j);
          for (tenon::index k = 0; k < 8; ++k) s += state[std::size_t(b * 8 + k)] * double(w(k, j));
          next[std::size_t(b * 8 + j)] = std::tanh(s);
          expected += std::tanh(s) * std::tanh(s);
        }
      state = next;
    }
    for (const double s : state) expected += s;
    CHECK(near(value, expected));
    ex.backward();
    const tensor<float, 8, 8> g = ex.grad<"w">();
    const tensor<float, dyn, 8> gh = ex.grad<"h">();
    tensor<float, 8, 8> moved = w;
    moved(2, 3) += 0.01f;
    ex.forward(mode::train, arg<"w"> = moved);
    const double up = ex.output<0>().item();
    moved(2, 3) -= 0.02f;
    ex.forward(mode::train, arg<"w"> = moved);
    const double down = ex.output<0>().item();
    CHECK(std::fabs((up - down) / 0.02 - double(g(2, 3))) < 2e-2 * (1 + std::fabs(double(g(2, 3)))));
    if (time == 0) CHECK(gh(0, 0) == 1);
  }
}

TEST_CASE("what is said of a loop: its kernels, its cost, its memory") {
  const auto sizes = [](auto f) { return f(extent_of<"batch"> = 4, extent_of<"time"> = 5); };
  const std::string text = sizes([](auto... n) { return explain(cost, n...); });
  CHECK(text.find("loop: 5 steps") != std::string::npos);
  CHECK(text.find("end of the loop") != std::string::npos);
  CHECK(explain(cost).find("loop: time steps") != std::string::npos);
  // five products of [4, 8] by [8, 8], and per element: add, tanh, square, two sums
  const tenon::index products = 5 * 2 * 4 * 8 * 8, elements = 4 * 8;
  CHECK(sizes([](auto... n) { return flops(cost, n...); }) ==
        products + 5 * elements * 2 + 5 * elements + (5 * elements - 1) + (elements - 1) + 1);
  CHECK(sizes([](auto... n) { return kernel_costs(cost, n...); }).size() == std::size_t(kernel_count(cost)));
  CHECK(flops(cost).text().find("1024*time*batch") == std::string::npos);
  CHECK(flops(cost)(extent_of<"batch"> = 4, extent_of<"time"> = 5) ==
        sizes([](auto... n) { return flops(cost, n...); }));
  // what is planned is what is allocated
  for (const tenon::index t : {1, 5, 40}) {
    auto ex = simple_bind(cost, cpu(0), extent_of<"batch"> = 4, extent_of<"time"> = t);
    ex.forward(mode::train);
    ex.backward();
    CHECK(ex.arena_bytes() == arena_bytes(cost, mode::train, extent_of<"batch"> = 4, extent_of<"time"> = t));
  }
  const std::string picture = to_svg(cost);
  CHECK(picture.find("loop: time steps") != std::string::npos);
  CHECK(picture.find("end of the loop") != std::string::npos);
  CHECK(to_dot(cost).find("digraph") != std::string::npos);
}

TEST_CASE("what is said of branches, of loops that a condition ends, and of what is computed again") {
  const auto count = [](const std::string& text, const std::string& what) {
    int n = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++n;
    return n;
  };
  const variable<"a", float, 3> A;
  const auto chosen = sum(cond(
      sum(A) > 1.f, [](auto v) { return v * v; }, [](auto v) { return exp(v); }, A));
  for (const auto& [text, pairs] : {std::pair(explain(chosen), 2), std::pair(explain(chosen, mode::train), 4),
                                    std::pair(to_svg(chosen), 2)}) {
    CHECK(count(text, "branch: where a condition holds") == pairs);
    CHECK(count(text, "end of the branch") == pairs);
    CHECK(count(text, "loop:") == 0);
  }
  const auto repeated = while_loop([](auto v) { return sum(v) < 9.f; }, [](auto v) { return v * 2.f; }, A);
  CHECK(count(explain(repeated), "loop: while a condition holds, counted as one step") == 1);
  CHECK(count(explain(repeated), "branch") == 0);
  const auto again = sum(remat([](const auto& v) { return exp(v); })(A));
  CHECK(count(explain(again), "loop: 1 step\n") == 1);
}

TEST_CASE("shapes inferred, records written and read") {
  const auto shapes = infer_shape(rnn.second, arg<"xs"> = {3, 2, 8});
  CHECK(shapes.outputs[0].shape == std::vector<tenon::index>{3, 2, 8});
  CHECK(shapes.of("h") == std::vector<tenon::index>{2, 8});
  const std::string json = to_json(cost);
  CHECK(json.find("\"loop_carry\"") != std::string::npos);
  CHECK(json.find("\"loop_stack\"") != std::string::npos);
}

TEST_CASE("composed: a loop's operand replaced, a loop inside of another graph") {
  const variable<"z", float, "batch", 8> Z;
  const auto net = compose(cost, arg<"h"> = tanh(Z));
  CHECK(list_arguments(net).size() == 3);
  const auto z = sample<"batch", 8>(5, 3);
  const auto x = sample<"time", "batch", 8>(6, 4, 3);
  const tensor<float, 8, 8> w = sample<8, 8>(7) * 0.3f;
  auto a = bind(net, cpu(0), arg<"z"> = z, arg<"xs"> = x, arg<"w"> = w);
  const tensor<float, "batch", 8> h = tanh(z);
  auto b = bind(cost, cpu(0), arg<"h"> = h, arg<"xs"> = x, arg<"w"> = w);
  a.forward();
  b.forward();
  CHECK(near(a.output<0>().item(), b.output<0>().item()));
  const auto inner = internals(cost);
  auto last = bind(inner.get<"loop_result0">(), cpu(0), arg<"h"> = h, arg<"xs"> = x, arg<"w"> = w);
  last.forward();
  CHECK(last.output<0>().extent(0) == (last.output<0>().rank == 2 ? 3 : 4));
}

TEST_CASE("the same bits for one thread and two, and for no passes") {
  const auto f = [](const auto& h, const auto& xs, const auto& w) { return scan(step, h, xs, w).second; };
  const tensor<float, 64, 128> h = sample<64, 128>(1);
  const tensor<float, 6, 64, 128> xs = sample<6, 64, 128>(2);
  const tensor<float, 128, 128> w = sample<128, 128>(3) * 0.1f;
  auto g = compile(f, spec<float, 64, 128>{}, spec<float, 6, 64, 128>{}, spec<float, 128, 128>{});
  auto n =
      compile(f, passes::none, spec<float, 64, 128>{}, spec<float, 6, 64, 128>{}, spec<float, 128, 128>{});
  const int before = num_threads();
  set_num_threads(1);
  const tensor<float, 6, 64, 128> one = g(h, xs, w);
  set_num_threads(2);
  const tensor<float, 6, 64, 128> two = g(h, xs, w), plain = n(h, xs, w);
  set_num_threads(before);
  CHECK(std::memcmp(one.flat(), two.flat(), std::size_t(one.size()) * 4) == 0);
  CHECK(std::memcmp(one.flat(), plain.flat(), std::size_t(one.size()) * 4) == 0);
}
