// Floating-point numbers and integers do not mix by themselves.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 3> x{1, 2, 3};
  const tenon::tensor<int, 3> n{1, 2, 3};
  static_cast<void>(x +
                    n);  // expect: the operands have dtypes of different kinds; convert one with astype<T>(x)
}
// expect: add_op
// expect: basic_tensor<float
// expect: basic_tensor<int
