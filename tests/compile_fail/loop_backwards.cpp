// How often a while_loop runs is not known when its derivative is planned.
#include <tenon/tenon.hpp>

int main() {
  const auto f = [](const auto& x) {
    return sum(tenon::while_loop([](auto v) { return sum(v) < 9.f; }, [](auto v) { return v * 2.f; }, x));
  };
  tenon::value_and_grad(f)(tenon::tensor<float, 3>{1, 2, 3});
}
// expect: loop_backwards.cpp:8
// expect: tenon: while_loop has reverse derivatives only with a bound
