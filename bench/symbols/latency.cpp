// The time of one prediction, batch 1: an MLP bound, compiled and as eager statements, against the same written
// with Eigen by hand. Median and 99th percentile of single calls, the four taken in turns of a hundred calls: a
// call among others' finds their code in the caches, and their branches predicted.
#include <Eigen/Core>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "tenon/array/random.hpp"
#include "tenon/nn/dense.hpp"
#include "tenon/ops/activation.hpp"
#include "tenon/symbol/compile.hpp"
#include "tenon/symbol/executor.hpp"

using namespace tenon;

namespace {

using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using row = Eigen::Matrix<float, 1, Eigen::Dynamic>;

struct times {
  std::vector<double> ns;
  template <class F>
  void call(F f) {
    const auto start = std::chrono::steady_clock::now();
    f();
    ns.push_back(std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count());
  }
  double at(double part) {
    std::sort(ns.begin(), ns.end());
    return ns[static_cast<std::size_t>(part * static_cast<double>(ns.size() - 1))];
  }
};

volatile float sink;
constexpr int in_a_row = 100;

template <tenon::index In, tenon::index Hidden, tenon::index Out>
void measure(int calls) {
  nn::sequential<nn::dense<In, Hidden>, nn::relu, nn::dense<Hidden, Out>> model;
  generator g{1};
  for_each_parameter(model, [&](auto& p) {
    if constexpr (std::remove_reference_t<decltype(p)>::rank == 2)
      p = 0.1f * normal<float>(g, p.extent(0), p.extent(1));
  });
  const tensor<float, 1, In> x = normal<float>(g, 1, In);

  const auto symbols = model(variable<"x", float, 1, In>{});
  auto bound = bind(symbols, cpu(0), arg<"x"> = ref(x));
  auto compiled = compile([](const auto& m, const auto& in) { return m(in); }, model, spec<float, 1, In>{});

  const auto mapped = [](const auto& t) {
    return Eigen::Map<const matrix>(t.flat(), t.rank == 2 ? t.extent(0) : 1, t.extent(t.rank - 1));
  };
  const matrix w1 = mapped(model.template layer<0>().weight), w2 = mapped(model.template layer<2>().weight);
  const row b1 = mapped(model.template layer<0>().bias), b2 = mapped(model.template layer<2>().bias);
  row hidden(Hidden), out(Out);
  const Eigen::Map<const row> in(x.flat(), In);

  times of_bound, of_compiled, eager, eigen;
  const auto in_turn = [&](times& t, auto f) {
    for (int i = 0; i < in_a_row; ++i) t.call(f);
  };
  for (int i = 0; i < calls; i += in_a_row) {
    in_turn(of_bound, [&] { bound.forward(); });
    in_turn(of_compiled, [&] { sink = compiled(model, x).flat()[0]; });
    in_turn(eager, [&] {
      const tensor<float, 1, Out> y = model(x);
      sink = y.flat()[0];
    });
    in_turn(eigen, [&] {
      hidden.noalias() = in * w1;
      hidden = (hidden + b1).cwiseMax(0.f);
      out.noalias() = hidden * w2;
      out += b2;
      sink = out[0];
    });
  }
  const float ours = bound.template output<0>().flat()[0], theirs = out[0];
  if (std::abs(ours - theirs) > 1e-4f * (1 + std::abs(theirs)))
    std::printf("the results differ: %g and %g\n", double(ours), double(theirs));
  const auto line = [&](const char* name, times& t) {
    std::printf("| %d-%d-%d | %s | %.2f | %.2f | %.2f | %.2f |\n", int(In), int(Hidden), int(Out), name,
                t.at(0.5) / 1e3, t.at(0.99) / 1e3, t.at(0.5) / eigen.at(0.5), t.at(0.99) / eigen.at(0.99));
  };
  line("bound", of_bound);
  line("compiled", of_compiled);
  line("eager", eager);
  line("Eigen by hand", eigen);
}

}  // namespace

int main(int argc, char** argv) {
  const int calls = argc > 1 ? std::atoi(argv[1]) : 20000;
  set_num_threads(1);
  std::printf(
      "| layers | | median, us | 99 %%, us | median / Eigen's | 99 %% / Eigen's "
      "|\n|---|---|---|---|---|---|\n");
  measure<57, 64, 2>(calls);
  measure<784, 128, 10>(calls);
  measure<1024, 1024, 1000>(calls / 10);
}
