// A floating-point number does not silently become an integer.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<int, 3> n{1, 2, 3};
  static_cast<void>(n * 0.5);  // expect: a floating-point number meets an integer or bool tensor
}
// expect: astype<float>(x)
