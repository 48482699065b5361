// A compiled step of training changes its model.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const nn::dense<3, 2> model;
  const auto loss = [](const auto& m, const auto& x) { return sum(m(x)); };
  auto train = compile_step(loss, optim::sgd{}, model, spec<float, "batch", 3>{});
}
// expect: which is not const
