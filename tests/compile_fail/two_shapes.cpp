// One name has one shape in a graph.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, 2, 3> x;
  const variable<"x", float, 1, 3> again;
  auto bound = bind(x + again, cpu(0));  // expect: one name has two dtypes or two shapes in this graph
}
