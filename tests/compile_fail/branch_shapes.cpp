// What a condition chooses between has one shape.
#include <tenon/tenon.hpp>

int main() {
  tenon::tensor<float, 3> x{1, 2, 3};
  tenon::cond(
      true, [](auto v) { return v; }, [](auto v) { return sum(v); }, x);
}
// expect: branch_shapes.cpp:6
// expect: tenon: cond: the branches return values of different shapes
