// passes::arena_within: intermediate values fit, and results are to the bit those of the plan without it.
#include <tenon/array/host_call.hpp>
#include <tenon/array/random.hpp>
#include <tenon/autodiff/scan.hpp>
#include <tenon/loss/cross_entropy.hpp>
#include <tenon/nn/dense.hpp>
#include <tenon/ops/running.hpp>
#include <tenon/seeing.hpp>
#include <tenon/symbol/arena_within.hpp>

#include "../support.hpp"

using namespace tenon;
using test::contains;

namespace {

template <class X>
auto normalised(const X& x) {
  const auto c = x - mean(x, axis<-1>, keepdims);
  return c / sqrt(mean(c * c, axis<-1>, keepdims) + constant<1> / constant<100000>);
}

struct deep {
  nn::dense<64, 128> first;
  nn::dense<128, 128> a, b, c, d, e, f, g;
  nn::dense<128, 10> last;
  auto operator()(const auto& x) const {
    const auto layer = [](const auto& h, const auto& one) { return tanh(one(h)); };
    return last(layer(layer(layer(layer(layer(layer(layer(layer(x, first), a), b), c), d), e), f), g));
  }
};
struct residual {
  nn::dense<64, 48> first;
  nn::dense<48, 48> a1, a2, b1, b2, c1, c2;
  nn::dense<48, 10> last;
  auto operator()(const auto& x) const {
    const auto block = [](const auto& h, const auto& one, const auto& two) {
      return h + two(relu(one(normalised(h))));
    };
    return last(normalised(block(block(block(first(x), a1, a2), b1, b2), c1, c2)));
  }
};

template <class Model>
void fill_model(Model& model) {
  generator g{7};
  for_each_parameter(model, [&](auto& p) {
    if constexpr (std::remove_reference_t<decltype(p)>::rank == 2)
      p = normal<float>(g, p.extent(0), p.extent(1)) * (1 / std::sqrt(float(p.extent(0))));
  });
}
template <class T>
void fill(T& t, double scale) {
  for (tenon::index k = 0; k < t.size(); ++k)
    t.data()[k] = typename T::value_type(scale * double((k * 7919) % 101 - 50) / 50);
}

constexpr auto cross_entropy = [](const auto& model, const auto& x, const auto& labels) {
  return loss::softmax_cross_entropy(model(x), labels);
};

struct batch {
  tensor<float, "batch", 64> x;
  tensor<std::int32_t, "batch"> y;
  explicit batch(tenon::index n) : x(zeros<float, "batch", 64>(n)), y(zeros<std::int32_t, "batch">(n)) {
    generator g{1};
    x = normal<float, "batch", 64>(g, n);
    for (tenon::index i = 0; i < n; ++i) y.data()[i] = std::int32_t(i % 10);
  }
};

template <class Model, class... Set>
auto training(const Model& model, Set... set) {
  return compile(value_and_grad(cross_entropy), set..., model, spec<float, "batch", 64>{},
                 spec<std::int32_t, "batch">{});
}

/// The loss and all gradients, one after the other.
template <class Step, class Model>
test::vec numbers(Step& step, const Model& model, const batch& b) {
  const auto& [value, gradients] = step(model, b.x, b.y);
  test::vec all{double(value.item())};
  for_each_parameter(model, [&](const auto& p) {
    for (const double v : test::values(gradients.of(p))) all.push_back(v);
  });
  return all;
}

/// The usual plan of a task, to tell plans apart.
template <class Step>
using plan_of =
    typename detail::task_behind<Step, false,
                                 detail::default_options>::type::template plans_type<this_unit>::usual;

}  // namespace

TEST_CASE("a deep network: every other layer is computed again") {
  deep model;
  fill_model(model);
  auto usual = training(model);
  auto within = training(model, passes::arena_within<1000000, "batch", 256>);
  static_assert(arena_bytes(usual, extent_of<"batch"> = 256) > 1100000);
  static_assert(arena_bytes(within, extent_of<"batch"> = 256) <= 1000000);
  CHECK(flops(within, extent_of<"batch"> = 256) < 1.15 * double(flops(usual, extent_of<"batch"> = 256)));
  CHECK(kernel_count(within) > kernel_count(usual));
  for (const int n : {256, 64, 1}) {  // at other sizes it computes the same
    const batch b(n);
    CHECK(numbers(usual, model, b) == numbers(within, model, b));
    CHECK(within.arena_bytes() == arena_bytes(within, extent_of<"batch"> = n));
    CHECK(within.arena_bytes() < usual.arena_bytes());
  }
}

TEST_CASE("a residual network: elementwise ops and row reductions go first") {
  residual model;
  fill_model(model);
  auto usual = training(model);
  auto within = training(model, passes::exact | passes::arena_within<300000, "batch", 128>);
  auto least = training(model, passes::arena_within<1, "batch", 128>);
  static_assert(arena_bytes(usual, extent_of<"batch"> = 128) > 400000);
  static_assert(arena_bytes(within, extent_of<"batch"> = 128) <= 300000);
  // best effort: not 1 byte, but the least that was found
  static_assert(arena_bytes(least, extent_of<"batch"> = 128) < 220000);
  CHECK(flops(within, extent_of<"batch"> = 128) < 1.01 * double(flops(usual, extent_of<"batch"> = 128)));
  CHECK(flops(least, extent_of<"batch"> = 128) < 2 * flops(usual, extent_of<"batch"> = 128));
  const batch b(128);
  const test::vec expected = numbers(usual, model, b);
  CHECK(numbers(within, model, b) == expected);
  CHECK(numbers(least, model, b) == expected);
}

TEST_CASE("a limit that is kept anyway leaves the plan as it is") {
  using usual = decltype(training(std::declval<const residual&>()));
  using within =
      decltype(training(std::declval<const residual&>(), passes::arena_within<1 << 20, "batch", 32>));
  static_assert(std::is_same_v<plan_of<usual>, plan_of<within>>);
}

TEST_CASE("explain says what is computed again and what it saves") {
  residual model;
  fill_model(model);
  auto within = training(model, passes::arena_within<300000, "batch", 128>);
  const std::string text = explain(within, extent_of<"batch"> = 128);
  const auto usual = training(model);
  CHECK(contains(text, "arena within 300,000 at batch = 128: "));
  CHECK(contains(text, " FLOPs), "));
  const std::string bytes = detail::with_commas(arena_bytes(usual, extent_of<"batch"> = 128)) +
                            " bytes become " +
                            detail::with_commas(arena_bytes(within, extent_of<"batch"> = 128)) + "\n";
  CHECK(contains(text, bytes));
  CHECK(contains(text, "divide'"));
  CHECK(!contains(explain(usual), "'"));
  CHECK(contains(explain(training(model, passes::arena_within<1, "batch", 128>)),
                 ", the least that was found"));
  CHECK(contains(explain(training(model, passes::arena_within<1 << 20, "batch", 32>)),
                 "arena within 1,048,576 at batch = 32: takes "));
}

TEST_CASE("bound graphs: forward and backward apart") {
  constexpr variable<"x", double, "n", 12> X;
  constexpr variable<"w", double, 12, 12> W;
  const auto layer = [](const auto& h, const auto& w) { return normalised(tanh(matmul(h, w)) + h); };
  const auto e = sum(layer(layer(layer(layer(X, W), W), W), W));
  tensor<double, "n", 12> x = zeros<double, "n", 12>(40);
  tensor<double, 12, 12> w;
  fill(x, 1), fill(w, 0.7);
  auto usual = bind(e, cpu(0), arg<"x"> = x, arg<"w"> = w);
  auto within = bind(e, cpu(0), passes::arena_within<50000, "n", 40>, arg<"x"> = x, arg<"w"> = w);
  usual.forward(mode::train), usual.backward();
  within.forward(mode::train), within.backward();
  CHECK(usual.arena_bytes() > 60000);
  CHECK(within.arena_bytes() <= 50000);
  CHECK(test::values(within.output<0>()) == test::values(usual.output<0>()));
  CHECK(test::values(within.grad<"w">()) == test::values(usual.grad<"w">()));
  CHECK(test::values(within.grad<"x">()) == test::values(usual.grad<"x">()));
  within.forward();  // the plan for predictions has a limit of its own, which it keeps
  CHECK(test::values(within.output<0>()) == test::values(usual.output<0>()));
}

TEST_CASE("opaque ops and functions of the program's own run once") {
  int calls = 0;
  const auto counted = [&](const tensor<double, 64, 8>& v) {
    ++calls;
    return tensor<double, 64, 8>(v * 2.0);
  };
  const auto f = [&](const auto& w, const auto& x) {
    const auto a = tanh(matmul(x, w));
    const auto s = cumsum<0>(a);
    const auto c = tanh(a + s);
    const auto h = stop_gradient(host_call(counted, stop_gradient(a)));
    return sum(exp(tanh(matmul(c * h, w)) * s) * a * h);
  };
  auto usual = compile(value_and_grad(f), spec<double, 8, 8>{}, spec<double, 64, 8>{});
  auto within =
      compile(value_and_grad(f), passes::arena_within<1>, spec<double, 8, 8>{}, spec<double, 64, 8>{});
  static_assert(arena_bytes(within) < arena_bytes(usual));
  tensor<double, 8, 8> w;
  tensor<double, 64, 8> x;
  fill(w, 0.4), fill(x, 1);
  const auto a = usual(w, x);
  const int once = std::exchange(calls, 0);
  const auto b = within(w, x);
  CHECK(calls == once);
  CHECK(a.value.item() == b.value.item());
  CHECK(test::values(a.gradient) == test::values(b.gradient));
}

TEST_CASE("loops stay whole; what crosses them is computed again") {
  const auto f = [](const auto& w, const auto& x) {
    const auto a = exp(x * 0.5_c);
    const auto b = a * a + x;  // read at both ends
    const auto h = scan([&](const auto& c) { return tanh(matmul(c, w) + x); }, b, steps<6>{});
    return sum(h * normalised(b) + tanh(a));
  };
  auto usual = compile(value_and_grad<0, 1>(f), spec<double, 8, 8>{}, spec<double, 96, 8>{});
  auto within =
      compile(value_and_grad<0, 1>(f), passes::arena_within<1>, spec<double, 8, 8>{}, spec<double, 96, 8>{});
  static_assert(arena_bytes(within) < arena_bytes(usual));
  tensor<double, 8, 8> w;
  tensor<double, 96, 8> x;
  fill(w, 0.4), fill(x, 1);
  const auto a = usual(w, x), b = within(w, x);
  CHECK(a.value.item() == b.value.item());
  CHECK(test::values(std::get<0>(a.gradient)) == test::values(std::get<0>(b.gradient)));
  CHECK(test::values(std::get<1>(a.gradient)) == test::values(std::get<1>(b.gradient)));
}

TEST_CASE("without derivatives: a value that is read early and late") {
  const auto f = [](const auto& x, const auto& w) {
    const auto skip = exp(x);
    const auto a = matmul(skip, w);
    const auto b = matmul(tanh(a) * a, w);
    const auto c = matmul(tanh(b) * b, w);
    return sum(c * skip, axis<1>);
  };
  auto usual = compile(f, spec<float, dyn, 16>{}, spec<float, 16, 16>{});
  auto within =
      compile(f, passes::arena_within<9000, "arg0.0", 64>, spec<float, dyn, 16>{}, spec<float, 16, 16>{});
  static_assert(arena_bytes(usual, extent_of<"arg0.0"> = 64) > 9000);
  static_assert(arena_bytes(within, extent_of<"arg0.0"> = 64) <= 9000);
  tensor<float, dyn, dyn> x = zeros<float>(64, 16);
  tensor<float, 16, 16> w;
  fill(x, 1), fill(w, 0.4);
  const tensor<float, dyn, 16> rows(x);
  CHECK(test::values(usual(rows, w)) == test::values(within(rows, w)));
}
