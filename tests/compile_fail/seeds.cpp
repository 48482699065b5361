// Two seeds for an executor that has one head.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  auto ex = bind(group(exp(X), tanh(X)), cpu(0));
  const auto seed = ones<float>(2, 3);
  ex.backward(seed, seed);  // expect: bind a group with heads<0, 1>
}
