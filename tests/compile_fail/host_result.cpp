// A host function is called with tensors, and returns one.
#include <tenon/tenon.hpp>

int main() {
  tenon::tensor<float, 3> x{1, 2, 3};
  tenon::host_call([](tenon::tensor<float, 3> v) { return v(0); }, x);
}
// expect: host_result.cpp:6
// expect: tenon: host_call: the function has to return a tensor
