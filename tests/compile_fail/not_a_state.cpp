// A new value of a variable.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"w", float, 3, 2> W;
  auto ex = bind(group(sum(X), becomes<"x">(X)),
                 cpu(0));  // expect: becomes<...> names a variable; states are auxiliary<...>
}
// expect: named<'x'>
