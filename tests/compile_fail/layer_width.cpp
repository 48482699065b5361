// Layers whose widths do not fit.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const nn::sequential<nn::dense<57, 64>, nn::dense<65, 2>> model;
  const tensor<float, dyn, 57> x;
  static_cast<void>(model(x));  // expect: the shapes of the operands do not fit
}
// expect: size<64>
// expect: size<65>
