// Attributes of a variable that the graph has not.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"w", float, 3, 2> W;
  auto ex = bind(sum(matmul(X, W)), cpu(0),
                 attr<"weight"> = {.lr_mult = 2});  // expect: this graph has no variable of this name
}
// expect: 'w', 'e', 'i', 'g', 'h', 't'
// expect: named<'x'>
// expect: named<'w'>
