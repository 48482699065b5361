// A reshape keeps the number of elements.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 2, 3> x;
  static_cast<void>(tenon::reshape<4, 2>(x));  // expect: the numbers of elements differ
}
// expect: size<3>
// expect: size<4>
