// A branch returns an array or a tuple.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const tensor<float, 3> x{1, 2, 3};
  const auto pair = [](const auto& v) { return std::pair(v, v); };
  auto y = cond(true, pair, pair, x);
}
// expect: branch_pair.cpp
// expect: tenon: cond: a branch returns one array, or a std::tuple of arrays
