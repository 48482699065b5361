// A list of devices for one graph.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  auto ex = bind(tanh(X), {cpu(0), cpu(1)});  // expect: the one device that the graph runs on
}
