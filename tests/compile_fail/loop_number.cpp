// There is no first axis to go along in an array of rank 0.
#include <tenon/tenon.hpp>

int main() {
  tenon::tensor<float> x = 1.f;
  return int(tenon::scan([](auto c, auto v) { return c + v; }, x, x).item());
}
// expect: loop_number.cpp:6
// expect: tenon: scan goes through arrays along their first axis; an array of rank 0 has none
