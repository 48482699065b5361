// The whole library in a unit of nvcc: it compiles, and on the host it computes as it does elsewhere. Exit status 1 if not.
#include <tenon/tenon.hpp>

#include <cmath>
#include <cstdio>

using namespace tenon;

namespace {

int failures = 0;

void check(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "wrong under nvcc: %s\n", what);
  ++failures;
}

void arrays() {
  const tensor<float, dyn, dyn> a = reshape<dyn, dyn>(arange(0.f, 12.f), 3, 4);
  const tensor<float, 3> row_sums = sum(a * 2.f, axes<1>);
  check(row_sums(0) == 12 && row_sums(2) == 76, "sum along rows");
  const tensor<float, dyn, dyn> square = matmul(a, transpose(a));
  check(square(0, 0) == 14 && square(2, 1) == 214, "matmul");
  const tensor<double, 2, 2> small{{1, 2}, {3, 4}};
  const tensor<double, 2, 2> exponential = exp(small);
  check(std::abs(exponential(1, 1) / std::exp(4.0) - 1) < 1e-15, "exp");
}

void training() {
  nn::sequential<nn::dense<2, 8>, nn::tanh, nn::dense<8, 2>> model;
  generator g(1);
  initialise(model, g);
  const tensor<float, "batch", 2> x = tensor<float, 4, 2>{{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  const tensor<std::int32_t, "batch"> y = tensor<std::int32_t, 4>{0, 1, 1, 0};
  const auto loss = [](const auto& m, const auto& in, const auto& labels) {
    return loss::softmax_cross_entropy(m(in), labels);
  };
  auto step = compile(value_and_grad(loss), model, spec<float, "batch", 2>{}, spec<std::int32_t, "batch">{});
  optim::adam adam{.lr = 0.05};
  float last = 0;
  for (int i = 0; i < 200; ++i) {
    const auto& [value, gradients] = step(model, x, y);
    last = value.item();
    adam.step(model, gradients);
  }
  check(last < 0.01f, "training on exclusive or");
}

}  // namespace

int main() {
  arrays();
  training();
  return failures == 0 ? 0 : 1;
}
