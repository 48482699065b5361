// Derivatives are with respect to floating-point arguments.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<int, 3> n{1, 2, 4};
  const auto f = [](const auto& v) { return tenon::sum(v); };
  // expect: gradients are with respect to floating-point arguments
  static_cast<void>(tenon::grad(f)(n));
}
