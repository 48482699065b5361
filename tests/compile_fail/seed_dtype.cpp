// A seed of another dtype than its output.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"w", float, 3, 2> W;
  auto ex = bind(matmul(X, W), cpu(0));
  ex.backward(ones<double>(4, 2));  // expect: a seed has its output's dtype; convert it with astype<T>(x)
}
