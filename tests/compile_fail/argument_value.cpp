// An argument that is no tensor.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  auto ex = bind(tanh(X), cpu(0), arg<"x"> = 3.f);
}
// expect: argument_value.cpp
// expect: tenon: an argument is bound to a tensor
