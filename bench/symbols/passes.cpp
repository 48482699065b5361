// What rewriting, fusion and planning save in a training step, and what a limit on memory costs: kernels,
// FLOPs, bytes moved, memory with and without the plan, and time.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "tenon/array/create.hpp"
#include "tenon/array/random.hpp"
#include "tenon/autodiff/scan.hpp"
#include "tenon/loss/cross_entropy.hpp"
#include "tenon/nn/dense.hpp"
#include "tenon/seeing.hpp"
#include "tenon/symbol/arena_within.hpp"

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

constexpr tenon::index batch = 256;

/// What is measured: a step by one set of passes.
struct measured {
  std::string set;
  int kernels;
  double flops, moved, arena, unplanned, loss, seconds;
  std::function<double()> run;
};

template <class Step, class Model, class X, class Y>
measured by(std::string set, Step& step, Model& model, const X& x, const Y& y) {
  constexpr auto n = extent_of<"batch"> = batch;
  return {std::move(set),
          kernel_count(step),
          double(flops(step, n)),
          double(bytes_moved(step, n)),
          double(arena_bytes(step, n)),
          double(unplanned_bytes(step, n)),
          0,
          1e9,
          [&] { return double(step(model, x, y).value.item()); }};
}

/// Times all in turns and prints a line for each.
void print(const char* what, std::vector<measured> all) {
  using clock = std::chrono::steady_clock;
  for (int round = 0; round < 30; ++round)
    for (measured& m : all) {
      const auto start = clock::now();
      for (int k = 0; k < 5; ++k) m.loss = m.run();
      m.seconds = std::min(m.seconds, std::chrono::duration<double>(clock::now() - start).count() / 5);
    }
  for (const measured& m : all) {
    std::printf("| %s | %s | %d | %.1f | %.2f | %.2f | %.2f | %.2f | %.3f |\n", what, m.set.c_str(),
                m.kernels, m.flops / 1e6, m.moved / 1e6, m.arena / 1e6, m.unplanned / 1e6,
                m.arena / m.unplanned, m.seconds * 1e3);
    if (std::fabs(m.loss - all[0].loss) > 1e-4 * std::fabs(m.loss))
      std::printf("the losses differ: %.9g %.9g\n", m.loss, all[0].loss);
  }
}

std::string megabytes(tenon::index bytes) {
  char text[64];
  std::snprintf(text, sizeof text, "arena within %.2f MB", double(bytes) / 1e6);
  return text;
}

/// The step of a model by sets of passes, and within limits on memory.
template <tenon::index... Limits, class F, class Model, class X, class Y, class SpecX, class SpecY>
void compare(const char* what, F f, Model& model, const X& x, const Y& y, SpecX sx, SpecY sy) {
  const auto step = [&](auto set) { return compile(value_and_grad(f), set, model, sx, sy); };
  auto none = step(passes::none);
  auto exact = step(passes::exact);
  auto every = step(passes::all);
  auto apart = step(passes::exact | passes::unfused);
  auto within = std::make_tuple(step(passes::arena_within<Limits, "batch", batch>)...);
  std::vector<measured> all{by("none", none, model, x, y), by("exact (default)", exact, model, x, y),
                            by("all", every, model, x, y), by("exact, unfused", apart, model, x, y)};
  std::apply([&](auto&... s) { (all.push_back(by(megabytes(Limits), s, model, x, y)), ...); }, within);
  print(what, std::move(all));
}

template <class X>
auto normalised(const X& x) {
  const auto c = x - mean(x, axis<-1>, keepdims);
  return c / sqrt(mean(c * c, axis<-1>, keepdims) + constant<1> / constant<100000>);
}

struct deep {
  nn::dense<784, 128> first;
  nn::dense<128, 128> b, c, d, e, f, g, h;
  nn::dense<128, 10> last;
  auto operator()(const auto& x) const {
    const auto layer = [](const auto& in, const auto& one) { return tenon::tanh(one(in)); };
    return last(layer(layer(layer(layer(layer(layer(layer(layer(x, first), b), c), d), e), f), g), h));
  }
};

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
  const auto x = normal<float, "batch", 784>(g, batch);
  auto y = zeros<std::int32_t, "batch">(batch);
  for (tenon::index i = 0; i < y.size(); ++i) y.own()[i] = std::int32_t(i % 10);
  const auto loss = [](const auto& m, const auto& in, const auto& labels) {
    return loss::softmax_cross_entropy(m(in), labels);
  };
  std::printf(
      "| step, batch 256 | passes | kernels | MFLOP | MB moved | MB, planned | MB, unplanned | planned / "
      "unplanned | ms |\n"
      "|---|---|---|---|---|---|---|---|---|\n");
  nn::sequential<nn::dense<784, 128>, nn::relu, nn::dense<128, 10>> mlp;
  fill(mlp);
  compare("MLP 784-128-10, softmax cross-entropy", loss, mlp, x, y, spec<float, "batch", 784>{},
          spec<std::int32_t, "batch">{});
  deep layers;
  fill(layers);
  compare<1000000>("MLP, eight layers of 128, tanh", loss, layers, x, y, spec<float, "batch", 784>{},
                   spec<std::int32_t, "batch">{});
  residual blocks;
  fill(blocks);
  compare<2000000, 1500000, 1000000>("residual MLP, three blocks of 128, layer norm", loss, blocks, x, y,
                                     spec<float, "batch", 784>{}, spec<std::int32_t, "batch">{});
  const auto rows = normal<float, 28, "batch", 28>(g, batch);
  recurrent<0> lstm;
  fill(lstm);
  compare("LSTM of 64 units, 28 steps of 28", loss, lstm, rows, y, spec<float, 28, "batch", 28>{},
          spec<std::int32_t, "batch">{});
  recurrent<scans::recompute> again;
  fill(again);
  compare("the same, steps computed again", loss, again, rows, y, spec<float, 28, "batch", 28>{},
          spec<std::int32_t, "batch">{});
}
