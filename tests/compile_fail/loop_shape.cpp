// A step hands on what it was given, in the same shape.
#include <tenon/tenon.hpp>

int main() {
  tenon::tensor<float> start = 0.f;
  tenon::tensor<float, 5, 3> xs;
  return int(tenon::scan([](auto c, auto x) { return c + x; }, start, xs).item());
}
// expect: loop_shape.cpp:7
// expect: tenon: scan: a value that the step hands on has another shape than it was given
