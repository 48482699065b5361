// A cost whose extents have no sizes, where a number is needed.
#include <tenon/seeing.hpp>

int main() {
  using namespace tenon;
  constexpr variable<"x", float, "batch", 3> X;
  static_assert(peak_bytes(exp(X)) <= 1 << 20);
}
// expect: cost_open.cpp
// expect: tenon: this cost depends on extents that are open: give their sizes
