// A condition is one bool.
#include <tenon/tenon.hpp>

int main() {
  tenon::tensor<float, 3> x{1, 2, 3};
  tenon::cond(
      x > 0.f, [](auto v) { return v; }, [](auto v) { return -v; }, x);
}
// expect: branch_condition.cpp:6
// expect: tenon: cond: the condition is a bool or a bool array of rank 0
