// The axes of stacks of matrices broadcast: they are equal, or one is 1.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 2, 3, 4> x;
  const tenon::tensor<float, 7, 4, 5> w;
  static_cast<void>(tenon::matmul(x, w));  // expect: the shapes of the operands do not fit
}
// expect: matmul_op
// expect: size<2>
// expect: size<7>
