// A static slice lies inside its axis.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 2, 3> x;
  static_cast<void>(tenon::slice<1, 0, 4>(x));  // expect: the range lies outside the extent
}
// expect: size<3>
