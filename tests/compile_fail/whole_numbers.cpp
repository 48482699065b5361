// The mean of integers is no integer.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<int, 3> n{1, 2, 4};
  static_cast<void>(
      tenon::mean(n));  // expect: mean takes floating-point elements; convert with astype<float>(x)
}
// expect: size<3>
