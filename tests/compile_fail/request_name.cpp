// A gradient request for a variable that the graph has not.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"w", float, 3, 2> W;
  auto ex = bind(sum(matmul(X, W)), cpu(0),
                 requests<grad_req::add, "v">);  // expect: this graph has no variable of this name
}
// expect: named<'v'>
// expect: named<'x'>
// expect: named<'w'>
