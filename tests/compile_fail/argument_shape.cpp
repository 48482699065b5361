// An argument of another shape than its variable.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"w", float, 3, 2> W;
  auto ex = bind(sum(W), cpu(0));
  ex.forward(arg<"w"> = tensor<float, 4, 2>{});  // expect: tenon:
}
// expect: size<3>
// expect: size<4>
