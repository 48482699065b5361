// A gradient with respect to an argument that the function has not.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const auto g = value_and_grad<1>([](const auto& v) { return sum(v); });
  static_cast<void>(g(tensor<float, 3>{1, 2, 3}));  // expect: f has no argument of this number
}
