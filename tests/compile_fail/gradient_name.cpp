// A gradient of a variable that the graph has not.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  auto ex = bind(sum(X), cpu(0));
  static_cast<void>(ex.grad<"y">());  // expect: this graph has no variable of this name
}
// expect: named<'y'>
// expect: named<'x'>
