// What stands in the specification of an einsum.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 2, 3> x;
  const tenon::tensor<float, 3, 4> y;
  static_cast<void>(tenon::einsum<"ij;jk->ik">(x, y));  // expect: a specification has letters, commas
}
