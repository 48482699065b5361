// Arrays are bound: what a computation costs is asked with sizes.
#include <tenon/seeing.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  const auto text = explain(sum(X), arg<"x"> = ones<float>(2, 3));
}
// expect: explain_option.cpp
// expect: tenon: options of this are mode::train
