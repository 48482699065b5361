// The output of an einsum has labels that operands have.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 2, 3> x;
  const tenon::tensor<float, 3, 4> y;
  static_cast<void>(tenon::einsum<"ij,jk->iq">(x, y));  // expect: the output has a label that no operand has
}
