// backward() without a seed is of one number.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, 3> x;
  auto bound = simple_bind(x * x, cpu(0));
  // expect: backward() takes a rank-0 output; give backward(seed) a seed of the output's shape
  bound.backward();
}
