// A member of a group beyond the last.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"w", float, 3, 2> W;
  const auto e = member<2>(group(X, W));  // expect: there is no such position
}
// expect: position_is_there<false, 2, 2>
