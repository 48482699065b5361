// One training program of a 57-64-2 MLP. PASSES may be given, to compare what they cost a compiler.
#include <cstdio>

#include "tenon/array/create.hpp"
#include "tenon/loss/cross_entropy.hpp"
#include "tenon/nn/dense.hpp"
#include "tenon/optim/sgd.hpp"
#include "tenon/symbol/compile.hpp"

#if !defined(PASSES)
#define PASSES passes::exact
#endif

using namespace tenon;

int main() {
  nn::sequential<nn::dense<57, 64>, nn::tanh, nn::dense<64, 2>> model;
  unsigned state = 1;
  const auto noise = [&] { return float(state = state * 1664525u + 1013904223u) / 4294967296.f - 0.5f; };
  for_each_parameter(model, [&](auto& p) {
    for (tenon::index i = 0; i < p.size(); ++i) p.own()[i] = p.rank == 2 ? 0.2f * noise() : 0.f;
  });
  auto x = zeros<float, "batch", 57>(64);
  auto y = zeros<std::int32_t, "batch">(64);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = noise();
  for (tenon::index i = 0; i < 64; ++i) y.own()[i] = int(i % 2);

  auto step = compile(value_and_grad([](const auto& m, const auto& in, const auto& labels) {
                        return loss::softmax_cross_entropy(m(in), labels);
                      }),
                      PASSES, model, spec<float, "batch", 57>{}, spec<std::int32_t, "batch">{});
  optim::sgd sgd{.lr = 0.1};
  for (int k = 0; k < 100; ++k) {
    const auto& [value, gradients] = step(model, x, y);
    sgd.step(model, gradients);
    if (k % 10 == 0) std::printf("%g\n", double(value.item()));
  }
}
