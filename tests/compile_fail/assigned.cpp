// A value whose shape does not fit the tensor that it is assigned to.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 2, 3> x;
  tenon::tensor<float, 2, 4> y;
  y = x * 2.f;  // expect: the shape of this value does not fit the tensor that it is assigned to
}
// expect: size<3>
// expect: size<4>
