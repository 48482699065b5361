// A condition is boolean.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 3> x;
  static_cast<void>(tenon::where(x, x, x));  // expect: this operation does not take operands of this dtype
}
// expect: where_op
