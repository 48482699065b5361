// A product of arrays whose ranks have no meaning for it.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float> scale;
  const tenon::tensor<float, 3, 4> w;
  static_cast<void>(tenon::matmul(scale, w));  // expect: matmul takes no operands of rank 0; a * b scales
}
// expect: size<3>
