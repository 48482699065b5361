// A permutation that names an axis twice.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 2, 3, 4> x;
  static_cast<void>(tenon::permute<0, 2, 2>(x));  // expect: permute takes each axis of its operand once
}
// expect: size<4>
