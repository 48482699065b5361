// Arrays without names for a pass.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"w", float, 3, 2> W;
  const tensor<float, 3, 2> w;
  auto ex = bind(matmul(X, W), cpu(0));
  ex.forward(w, w);  // expect: arguments and options are given by name
}
