// A gradient is of a function that gives one number.
#include <tenon/tenon.hpp>

int main() {
  const tenon::tensor<float, 3> x;
  const auto f = [](const auto& v) { return v * v; };
  // expect: the function that is differentiated gives one number (rank 0)
  static_cast<void>(tenon::grad(f)(x));
}
