// compose takes expressions; arrays are bound.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const auto e = compose(tanh(X), arg<"x"> = ones<float>(2, 3));
}
// expect: composed_array.cpp
// expect: tenon: compose puts expressions, given by name, in the place of variables
