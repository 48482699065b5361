// A term of an einsum has a label for each axis.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 2, 3> x;
  const tenon::tensor<float, 3, 4> y;
  static_cast<void>(
      tenon::einsum<"ijk,jk->i">(x, y));  // expect: a term names another number of axes than its operand has
}
