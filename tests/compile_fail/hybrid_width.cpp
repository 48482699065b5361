// An input of another width than a hybrid model takes.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const nn::dense<4, 2> layer;
  const auto fast = hybridize(layer);
  const tensor<float, dyn, 3> x;
  static_cast<void>(
      fast(x));  // expect: nn::dense: the last axis of the input has another extent than the layer takes
}
// expect: layer_on_shape<4
// expect: size<3>
