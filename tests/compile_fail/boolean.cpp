// No arithmetic on booleans.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<bool, 3> a, b;
  static_cast<void>(a + b);  // expect: this operation does not take operands of this dtype; see astype<T>(x)
}
// expect: add_op
// expect: basic_tensor<bool
