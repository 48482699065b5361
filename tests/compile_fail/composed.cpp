// An expression that does not fit the variable that it is put in the place of.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"h", float, "batch", 4> H;
  static_cast<void>(compose(tanh(H), arg<"h"> = exp(X)));  // expect: another shape than the variable
}
// expect: size<4>
// expect: size<3>
