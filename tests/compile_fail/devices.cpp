// Several devices for one graph.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const std::vector<device> all{cpu(0), cpu(1)};
  auto ex = bind(tanh(X), all);  // expect: the one device that the graph runs on
}
// expect: bind(e, cpu(0), ...)
