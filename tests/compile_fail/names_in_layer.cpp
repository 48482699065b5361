// An input of another width than the first layer's, named extents and all.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const nn::dense<57, 64> layer;
  const variable<"x", float, "batch", 58> x;
  static_cast<void>(layer(x));  // expect: the shapes of the operands do not fit
}
// expect: size<57>
// expect: size<58>
