// An input of another width than the first layer's, named extents and all.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const nn::dense<57, 64> layer;
  const variable<"x", float, "batch", 58> x;
  static_cast<void>(
      layer(x));  // expect: nn::dense: the last axis of the input has another extent than the layer takes
}
// expect: layer_on_shape<57
// expect: 'b', 'a', 't', 'c', 'h'>, tenon::size<58>
