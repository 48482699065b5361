// A misspelt variable among the options of what shows a plan; of a header that is included alone.
#include <tenon/seeing.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const variable<"weight", float, 3, 2> W;
  const auto text = explain(sum(matmul(X, W)), mode::train, wrt<"weigth">);
}
// expect: explain_name.cpp
// expect: tenon: this graph has no variable of this name
// expect: named<'w', 'e', 'i', 'g', 't', 'h'>
// expect: named<'w', 'e', 'i', 'g', 'h', 't'>
