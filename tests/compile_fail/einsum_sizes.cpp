// A label of an einsum stands for one size.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 2, 3> x;
  const tenon::tensor<float, 3, 4> y;
  static_cast<void>(tenon::einsum<"ij,ik->jk">(x, y));  // expect: a label stands for extents of two sizes
}
// expect: size<2>
// expect: size<4>
