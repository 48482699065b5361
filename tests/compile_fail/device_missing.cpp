// Arguments where the device should be.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"w", float, 3, 2> W;
  auto ex =
      bind(matmul(X, W), arg<"w"> = tensor<float, 3, 2>{});  // expect: the one device that the graph runs on
}
// expect: bind(e, cpu(0), ...)
