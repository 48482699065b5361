// Arrays that are joined along one axis agree along the others.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 2, 3> x;
  const tenon::tensor<float, 2, 4> y;
  static_cast<void>(tenon::concat<0>(x, y));  // expect: the shapes of the operands do not fit
}
// expect: size<3>
// expect: size<4>
