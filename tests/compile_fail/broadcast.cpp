// An array is not broadcast to fewer elements.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 4, 3> x;
  const tenon::tensor<float, 2, 3> y;
  static_cast<void>(
      tenon::broadcast_to(x, tenon::shape_of(y)));  // expect: the shapes of the operands do not fit
}
// expect: broadcast
// expect: size<4>
