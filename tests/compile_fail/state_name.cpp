// A new value of a state that the graph has not.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const auxiliary<"mean", float, 3> M;
  auto ex =
      bind(group(sum(M), becomes<"var">(M)), cpu(0));  // expect: this graph has no variable of this name
}
// expect: named<'v', 'a', 'r'>
// expect: named<'m', 'e', 'a', 'n'>
