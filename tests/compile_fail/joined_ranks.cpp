// Arrays that are joined have one rank.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 2, 3> x;
  const tenon::tensor<float, 3> y;
  static_cast<void>(tenon::concat<0>(x, y));  // expect: this operation does not take operands of these ranks
}
// expect: concat_op
// expect: size<2>
