// Arrays to scan that are no tuple.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const auto xs = ones<float, 5, 3>();
  const auto f = [](auto h, auto x) { return h + x; };
  static_cast<void>(
      scan(f, tensor<float, 3>{}, std::pair(xs, xs)));  // expect: scan takes arrays, or std::tuples of arrays
}
