// An expression in the place of a variable that the graph has not.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"w", float, 3, 2> W;
  const auto e = compose(matmul(X, W), arg<"v"> = X);  // expect: this graph has no variable of this name
}
// expect: named<'v'>
// expect: named<'x'>
// expect: named<'w'>
