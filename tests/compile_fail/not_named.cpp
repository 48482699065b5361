// An array without a name.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"w", float, 3, 2> W;
  auto ex =
      bind(matmul(X, W), cpu(0), tensor<float, 3, 2>{});  // expect: arguments and options are given by name
}
