// An argument of another dtype than its variable.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  auto ex = bind(sum(X), cpu(0));
  ex.forward(arg<"x"> = zeros<double>(2, 3));  // expect: another dtype than the variable
}
// expect: astype<T>(x)
