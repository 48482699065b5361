// One argument given twice.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"w", float, 3, 2> W;
  const auto x = ones<float>(4, 3);
  auto ex = bind(matmul(X, W), cpu(0), arg<"x"> = x, arg<"x"> = x);  // expect: an argument is given twice
}
// expect: named<'x'>
