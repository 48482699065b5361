// What rewriting and planning save in a training step: kernels, bytes moved, memory with and without the plan,
// and time, by sets of passes.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "tenon/array/create.hpp"
#include "tenon/array/random.hpp"
#include "tenon/autodiff/scan.hpp"
#include "tenon/loss/cross_entropy.hpp"
#include "tenon/nn/dense.hpp"
#include "tenon/seeing.hpp"
#include "tenon/symbol/compile.hpp"

using namespace tenon;

namespace {

template <class Model>
void fill(Model& model) {
  generator g{7};
  for_each_parameter(model, [&](auto& p) {
    if constexpr (std::remove_reference_t<decltype(p)>::rank == 2)
      p = normal<float>(g, p.extent(0), p.extent(1)) * (1 / std::sqrt(float(p.extent(0))));
  });
}

template <class F>
double least(F f) {
  using clock = std::chrono::steady_clock;
  double best = 1e9;
  for (int round = 0; round < 30; ++round) {
    const auto start = clock::now();
    for (int k = 0; k < 5; ++k) f();
    best = std::min(best, std::chrono::duration<double>(clock::now() - start).count() / 5);
  }
  return best;
}

/// One line; returns the loss.
template <class Step, class Model, class X, class Y>
double line(const char* what, const char* set, Step& step, Model& model, const X& x, const Y& y) {
  constexpr tenon::index batch = 256;
  const tenon::index moved = bytes_moved(step, extent_of<"batch"> = batch),
                     arena = arena_bytes(step, extent_of<"batch"> = batch),
                     unplanned = unplanned_bytes(step, extent_of<"batch"> = batch);
  double loss = 0;
  const double seconds = least([&] {
    const auto& [value, gradients] = step(model, x, y);
    loss = double(value.item());
  });
  std::printf("| %s | %s | %d | %.2f | %.2f | %.2f | %.2f | %.3f |\n", what, set, kernel_count(step),
              double(moved) / 1e6, double(arena) / 1e6, double(unplanned) / 1e6,
              double(arena) / double(unplanned), seconds * 1e3);
  return loss;
}

/// The step of a model by three sets of passes.
template <class F, class Model, class X, class Y, class SpecX, class SpecY>
void compare(const char* what, F f, Model& model, const X& x, const Y& y, SpecX sx, SpecY sy) {
  auto none = compile(value_and_grad(f), passes::none, model, sx, sy);
  auto exact = compile(value_and_grad(f), passes::exact, model, sx, sy);
  auto every = compile(value_and_grad(f), passes::all, model, sx, sy);
  const double a = line(what, "none", none, model, x, y),
               b = line(what, "exact (default)", exact, model, x, y),
               c = line(what, "all", every, model, x, y);
  if (std::fabs(a - b) > 1e-5 * std::fabs(a) || std::fabs(a - c) > 1e-4 * std::fabs(a))
    std::printf("the losses differ: %.9g %.9g %.9g\n", a, b, c);
}

template <class X>
auto normalised(const X& x) {
  const auto c = x - mean(x, axis<-1>, keepdims);
  return c / sqrt(mean(c * c, axis<-1>, keepdims) + constant<1> / constant<100000>);
}

struct residual {
  nn::dense<784, 128> first;
  nn::dense<128, 128> a1, a2, b1, b2, c1, c2;
  nn::dense<128, 10> last;
  auto operator()(const auto& x) const {
    const auto block = [](const auto& h, const auto& one, const auto& two) {
      return h + two(tenon::relu(one(normalised(h))));
    };
    return last(normalised(block(block(block(first(x), a1, a2), b1, b2), c1, c2)));
  }
};

/// An LSTM over the rows of an image, and a layer on its last state.
template <unsigned Options>
struct recurrent {
  static constexpr int units = 64;
  nn::dense<28, 4 * units> input;
  nn::dense<units, 4 * units, "recurrent"> hidden;
  nn::dense<units, 10> last;
  auto operator()(const auto& rows) const {
    const auto one = sum(slice<0, 0, 1>(rows), axes<0, 2>);  // [batch]
    const auto zero = zeros_like(expand_dims<1>(one) * ones<float, units>());
    const auto state = scan<Options>(
        [this](const auto& carry, const auto& x) {
          const auto& [h, c] = carry;
          const auto gates = input(x) + hidden(h);
          const auto part = [&]<int K>(std::integral_constant<int, K>) {
            return slice<1, K * units, (K + 1) * units>(gates);
          };
          const auto i = sigmoid(part(std::integral_constant<int, 0>{}));
          const auto f = sigmoid(part(std::integral_constant<int, 1>{}));
          const auto g = tenon::tanh(part(std::integral_constant<int, 2>{}));
          const auto o = sigmoid(part(std::integral_constant<int, 3>{}));
          const auto next = f * c + i * g;
          return std::tuple(o * tenon::tanh(next), next);
        },
        std::tuple(zero, zero), rows);
    return last(std::get<0>(state));
  }
};

}  // namespace

int main() {
  set_num_threads(1);
  generator g{1};
  const auto x = normal<float, "batch", 784>(g, 256);
  auto y = zeros<std::int32_t, "batch">(256);
  for (tenon::index i = 0; i < y.size(); ++i) y.own()[i] = std::int32_t(i % 10);
  const auto loss = [](const auto& m, const auto& in, const auto& labels) {
    return loss::softmax_cross_entropy(m(in), labels);
  };
  std::printf(
      "| step, batch 256 | passes | kernels | MB moved | MB, planned | MB, unplanned | planned / unplanned | "
      "ms |\n"
      "|---|---|---|---|---|---|---|---|\n");
  nn::sequential<nn::dense<784, 128>, nn::relu, nn::dense<128, 10>> mlp;
  fill(mlp);
  compare("MLP 784-128-10, softmax cross-entropy", loss, mlp, x, y, spec<float, "batch", 784>{},
          spec<std::int32_t, "batch">{});
  residual deep;
  fill(deep);
  compare("residual MLP, three blocks of 128, layer norm", loss, deep, x, y, spec<float, "batch", 784>{},
          spec<std::int32_t, "batch">{});
  const auto rows = normal<float, 28, "batch", 28>(g, 256);
  recurrent<0> lstm;
  fill(lstm);
  compare("LSTM of 64 units, 28 steps of 28", loss, lstm, rows, y, spec<float, 28, "batch", 28>{},
          spec<std::int32_t, "batch">{});
  recurrent<scans::recompute> again;
  fill(again);
  compare("the same, steps computed again", loss, again, rows, y, spec<float, 28, "batch", 28>{},
          spec<std::int32_t, "batch">{});
}
