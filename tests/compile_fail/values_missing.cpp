// A value of an expression whose variables have none.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"w", float, 3, 2> W;
  const auto y =
      eval(matmul(X, W), arg<"x"> = ones<float>(4, 3));  // expect: variables of this graph have no value
}
// expect: named<'w'>
