// An extent below 0.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, -3> X;
  const auto e = X * 2.f;
}
// expect: negative_extent.cpp
// expect: tenon: an extent is a size, a name or dyn; this variable has a negative one
