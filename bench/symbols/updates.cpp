// An optimiser's step on models of few and of many parameters, gradients given; and a step of training with the
// updates in its plan (compile_step) against value_and_grad and an optimiser's step.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>

#include "tenon/array/create.hpp"
#include "tenon/array/random.hpp"
#include "tenon/loss/cross_entropy.hpp"
#include "tenon/nn/dense.hpp"
#include "tenon/optim/adam.hpp"
#include "tenon/optim/compile_step.hpp"
#include "tenon/seeing.hpp"

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

using wall = std::chrono::steady_clock;

template <class F>
double least(F f) {
  double best = 1e9;
  for (int k = 0; k < 20; ++k) f();
  for (int round = 0; round < 60; ++round) {
    const auto start = wall::now();
    for (int k = 0; k < 20; ++k) f();
    best = std::min(best, std::chrono::duration<double>(wall::now() - start).count() / 20);
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

// ---- steps of training --------------------------------------------------------------------------------------

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

/// Processor time of the two in turns, on one model.
template <class F, class G>
void in_turns(F f, G g, double (&best)[2]) {
  best[0] = best[1] = 1e9;
  for (int round = 0; round < 60; ++round)
    for (int which = 0; which < 2; ++which) {
      const std::clock_t start = std::clock();
      for (int k = 0; k < 5; ++k) which == 0 ? f() : g();
      best[which] = std::min(best[which], double(std::clock() - start) / CLOCKS_PER_SEC / 5 * 1e6);
    }
}

template <class Model>
void steps(const char* what, tenon::index batch) {
  const auto loss = [](const auto& m, const auto& in, const auto& labels) {
    return loss::softmax_cross_entropy(m(in), labels);
  };
  generator g{7};
  const auto x = normal<float, "batch", 784>(g, batch);
  auto y = zeros<std::int32_t, "batch">(batch);
  for (tenon::index i = 0; i < batch; ++i) y.own()[i] = std::int32_t(i % 10);
  Model model;
  tenon::index elements = 0;
  for_each_parameter(model, [&](auto& p) {
    elements += p.size();
    if constexpr (std::remove_reference_t<decltype(p)>::rank == 2)
      p = normal<float>(g, p.extent(0), p.extent(1)) * (1 / std::sqrt(float(p.extent(0))));
  });
  const auto with = [&](const char* rule, int arrays, auto one, auto other) {
    auto grads =
        compile(value_and_grad(loss), model, spec<float, "batch", 784>{}, spec<std::int32_t, "batch">{});
    auto train = compile_step(loss, other, model, spec<float, "batch", 784>{}, spec<std::int32_t, "batch">{});
    double us[2];
    in_turns([&] { one.step(model, grads(model, x, y).gradient); }, [&] { train(model, x, y); }, us);
    const tenon::index moved =
        bytes_moved(grads, extent_of<"batch"> = batch) + (2 * arrays - 1) * 4 * elements;
    std::printf("| %s, batch %d | %s | %d | %.2f | %.2f | %.2f | %.0f | %.0f | %.3f |\n", what, int(batch),
                rule, kernel_count(grads), double(moved) / 1e6,
                double(grads.arena_bytes() + 4 * elements) / 1e6, double(train.arena_bytes()) / 1e6, us[0],
                us[1], us[1] / us[0]);
  };
  with("sgd", 2, optim::sgd{.lr = 1e-5}, optim::sgd{.lr = 1e-5});
  with("momentum", 3, optim::sgd{.lr = 1e-5, .momentum = 0.9}, optim::sgd{.lr = 1e-5, .momentum = 0.9});
  with("adam", 4, optim::adam{.lr = 1e-6}, optim::adam{.lr = 1e-6});
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

  set_num_threads(1);
  std::printf(
      "\n| step | rule | kernels of the plan | MB moved | MB of values, gradients among them: separate | in "
      "the "
      "plan | us, separate | in the plan | ratio |\n|---|---|---|---|---|---|---|---|---|\n");
  using mlp = nn::sequential<nn::dense<784, 128>, nn::relu, nn::dense<128, 10>>;
  using wide =
      nn::sequential<nn::dense<784, 1024>, nn::relu, nn::dense<1024, 1024>, nn::relu, nn::dense<1024, 10>>;
  for (const int batch : {32, 256}) {
    steps<mlp>("MLP 784-128-10", batch);
    steps<residual>("residual MLP, three blocks of 128, layer norm", batch);
  }
  steps<wide>("MLP 784-1024-1024-10", 16);
}
