// A compiled function takes what its specs say.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  auto f = compile([](const auto& x) { return x + x; }, spec<float, 3>{});
  const tensor<double, 3> x;
  static_cast<void>(f(x));  // expect: the argument has another dtype than its spec
}
