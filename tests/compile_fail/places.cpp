// Places are integers.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 5, 3> table;
  const tenon::tensor<float, 2> rows;
  static_cast<void>(
      tenon::take<0>(table, rows));  // expect: this operation does not take operands of this dtype
}
// expect: take_op
// expect: basic_tensor<float
