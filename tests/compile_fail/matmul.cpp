// The inner extents of a matrix product are equal.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 2, 3> x;
  const tenon::tensor<float, 4, 5> w;
  static_cast<void>(tenon::matmul(x, w));  // expect: the shapes of the operands do not fit
}
// expect: matmul_op
// expect: size<3>
// expect: size<4>
