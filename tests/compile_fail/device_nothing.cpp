// The device is missing, and nothing else is given.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  auto ex = bind(tanh(X));
}
// expect: device_nothing.cpp
// expect: tenon: after the expression comes the one device
