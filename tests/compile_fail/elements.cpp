// A reshape to another number of elements.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 6, 4> x;
  static_cast<void>(tenon::reshape<5, 5>(x));  // expect: the numbers of elements differ
}
// expect: size<6>
// expect: size<5>
