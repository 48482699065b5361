// Layers whose widths do not fit.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const nn::sequential<nn::dense<57, 64>, nn::tanh, nn::dense<65, 2>> model;
  const tensor<float, dyn, 57> x;
  static_cast<void>(model(x));
}
// expect: nn::sequential: a layer takes another width than the layer before it gives
// expect: layer_on<2, tenon::nn::dense<65, 2
// expect: 64>
