// An optimiser's step on models of few and of many parameters, gradients given.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "tenon/array/random.hpp"
#include "tenon/nn/dense.hpp"
#include "tenon/optim/adam.hpp"

using namespace tenon;

namespace {

template <int N>
struct small_layers {
  std::array<nn::dense<64, 64>, N> layer;
};
struct tiny {
  nn::dense<8, 8> layer;
};
struct one_matrix {
  parameter<float, 1024, 1024> w;
};

template <class F>
double least(F f) {
  using clock = std::chrono::steady_clock;
  double best = 1e9;
  for (int k = 0; k < 20; ++k) f();
  for (int round = 0; round < 60; ++round) {
    const auto start = clock::now();
    for (int k = 0; k < 20; ++k) f();
    best = std::min(best, std::chrono::duration<double>(clock::now() - start).count() / 20);
  }
  return best;
}

template <class Model>
void line(const char* what) {
  Model model;
  generator g{1};
  model_gradients gradients;
  for_each_parameter(model, [&](auto& p) {
    const auto u = normal<float>(g, p.size());
    std::copy_n(u.flat(), p.size(), p.own());
    storage s(p.size() * 4);
    std::copy_n(u.flat(), p.size(), reinterpret_cast<float*>(s.data()));
    gradients.add(&p, s, p.size(), dtype::float32);
  });
  std::printf("| %s |", what);
  for (const int threads : {1, 2}) {
    set_num_threads(threads);
    optim::sgd plain{.lr = 1e-6}, heavy{.lr = 1e-6, .momentum = 0.9};
    optim::adam adam{.lr = 1e-6};
    const auto time = [&](auto& opt) { return least([&] { opt.step(model, gradients); }) * 1e6; };
    const double a = time(plain), b = time(heavy), c = time(adam);
    std::printf(" %.2f | %.2f | %.2f |", a, b, c);
  }
  std::printf("\n");
}

}  // namespace

int main() {
  std::printf(
      "| us a step | sgd | momentum | adam | sgd, 2 threads | momentum | adam "
      "|\n|---|---|---|---|---|---|---|\n");
  line<tiny>("2 parameters, 8 x 8 and 8");
  line<small_layers<1>>("2 parameters, 64 x 64 and 64");
  line<small_layers<10>>("20 parameters of these sizes");
  line<small_layers<25>>("50 parameters");
  line<one_matrix>("one of 1024 x 1024");
}
