// An einsum names each operand.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 2, 3> x;
  const tenon::tensor<float, 3, 4> y;
  static_cast<void>(
      tenon::einsum<"ij,jk,kl->il">(x, y));  // expect: names another number of operands than there are
}
