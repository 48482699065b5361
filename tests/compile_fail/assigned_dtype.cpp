// A value of another dtype than the tensor that it is assigned to.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<double, 2, 3> x;
  tenon::tensor<float, 2, 3> y;
  y = x * 2.0;  // expect: the value has another dtype than the tensor; convert it with astype<T>(x)
}
// expect: double
// expect: float
