// An output beyond the last.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"w", float, 3, 2> W;
  auto ex = bind(group(sum(X), sum(W)), cpu(0));
  auto y = ex.output<2>();  // expect: there is no such position
}
// expect: position_is_there<false, 2, 2>
