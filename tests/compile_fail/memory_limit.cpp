// A limit on memory whose names of extents have no sizes.
#include <tenon/symbol/arena_within.hpp>
#include <tenon/tenon.hpp>

int main() {
  using namespace tenon;
  const auto f = [](const auto& x) { return sum(exp(x)); };
  auto step = compile(f, passes::arena_within<1 << 20, "batch">, spec<float, "batch", 3>{});
}
// expect: arena_within<1 << 20, "batch", 256>
