// A variable that the graph has not: the message lists those that it has.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"w", float, 3, 2> W;
  auto ex = bind(matmul(X, W), cpu(0));
  ex.forward(arg<"v"> = tensor<float, 3, 2>{});  // expect: this graph has no variable of this name
}
// expect: named<'v'>
// expect: named<'x'>
// expect: named<'w'>
