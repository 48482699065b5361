// A compiled function that returns no array.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  auto f = compile([](const auto& x) { return std::pair(sum(x), 3); }, spec<float, 3>{});
}
// expect: a compiled function returns an array, or arrays in a std::pair, std::tuple or group
// expect: returned.cpp:6
