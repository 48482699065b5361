// compile_step differentiates the loss itself.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  nn::dense<3, 2> model;
  const auto loss = [](const auto& m, const auto& x) { return sum(m(x)); };
  auto train = compile_step(value_and_grad(loss), optim::sgd{}, model, spec<float, "batch", 3>{});
}
// expect: takes the loss itself
