// An inner node that the graph has not.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"w", float, 3, 2> W;
  const auto h = internals(tanh(matmul(X, W))).get<"tanh1">();  // expect: there is no node of this name
}
// expect: named<'t', 'a', 'n', 'h', '0'>
