// backward() where no gradient was asked for.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const variable<"x", float, "batch", 3> X;
  auto ex = bind(sum(X), cpu(0), requests<grad_req::null>);
  ex.backward();  // expect: no gradient was asked for
}
