// A permutation takes each axis once.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 2, 3, 4> x;
  static_cast<void>(tenon::permute<0, 1, 1>(x));  // expect: permute takes each axis of its operand once
}
// expect: size<4>
