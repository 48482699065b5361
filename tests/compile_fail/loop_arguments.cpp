// The functions of a loop get a tuple where the carry is one.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  auto y = while_loop([](auto i, auto) { return i < 3; },
                      [](auto i, auto x) { return std::tuple(i + 1, x * 2.f); },
                      std::tuple(tensor<int>(0), tensor<float, 3>{1, 2, 3}));
}
// expect: loop_arguments.cpp
// expect: tenon: while_loop: condition and step take what init is
