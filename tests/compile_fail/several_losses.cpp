// The gradient of a function that returns several values.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const auto f = [](const auto& x) { return std::pair(sum(x), x); };
  auto step = compile(value_and_grad(f), spec<float, 3>{});
}
// expect: the function that is differentiated gives one number (rank 0)
// expect: several_losses.cpp:7
