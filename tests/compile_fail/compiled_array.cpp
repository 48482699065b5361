// compile takes the dtypes and shapes of arguments, no arrays.
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const tensor<float, 3> x{1, 2, 3};
  auto f = compile([](const auto& v) { return v * 2.f; }, x);
}
// expect: compiled_array.cpp
// expect: tenon: after the function come specs and models
