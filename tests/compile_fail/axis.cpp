// A reduction over an axis that is not there.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 2, 3> x;
  static_cast<void>(tenon::sum(x, tenon::axis<2>));  // expect: there is no such axis in this shape
}
// expect: size<2>
// expect: size<3>
