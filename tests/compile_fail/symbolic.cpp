// A graph with variables has no value yet.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, 3> x;
  static_cast<void>(eval(x + x));  // expect: this expression has variables; bind or compile it first
}
