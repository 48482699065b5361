// A step hands on what it was given, in the same dtype.
#include <tenon/tenon.hpp>

int main() {
  tenon::tensor<float, 3> start{1, 2, 3};
  tenon::tensor<double, 5, 3> xs;
  return int(tenon::scan([](auto c, auto x) { return tenon::astype<double>(c) + x; }, start, xs)(0));
}
// expect: loop_dtype.cpp:7
// expect: tenon: scan: a value that the step hands on has another dtype than it was given
