// Two names never fit, whatever their sizes are.
#include <tenon/tenon.hpp>

int main() {
  const auto x = tenon::zeros<float, "batch", 3>(4), y = tenon::zeros<float, "batch", 3>(4);
  const auto z = tenon::zeros<float, "time", 3>(4);
  static_cast<void>(x + y);
  static_cast<void>(x + z);  // expect: extents with two different names never fit
}
// expect: 'b', 'a', 't', 'c', 'h'
// expect: 't', 'i', 'm', 'e'
