// What is traced, or made of variables, has no value to decide by.
#include <tenon/tenon.hpp>

int main() {
  const tenon::variable<"x", float, 3> x;
  if (sum(x) > 0) return 1;  // expect: what is traced has no value yet; decide by where or cond
}
