// A compiled function takes as many arguments as there are specs.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  auto f = compile([](const auto& x, const auto& y) { return x + y; }, spec<float, 3>{}, spec<float, 3>{});
  const tensor<float, 3> x;
  static_cast<void>(f(x));  // expect: a compiled function takes as many arguments as f
}
