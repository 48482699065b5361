// Only square matrices have an inverse.
#include <tenon/linear_algebra.hpp>

int main() {
  const tenon::tensor<float, 2, 3> x;
  static_cast<void>(tenon::linalg::inv(x));  // expect: linalg::inv takes square matrices
}
