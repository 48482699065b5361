// A head that is no output.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"w", float, 3, 2> W;
  auto ex = bind(group(sum(X), sum(W)), cpu(0), heads<0, 2>);  // expect: heads<...> names outputs by position
}
// expect: Outputs is how many there are
