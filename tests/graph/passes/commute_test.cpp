// Operands of commutative ops may change places: a + b and b + a are one node, in the order of the first.
#include "graphs.hpp"

using namespace tenon;
using test::graph_of;

namespace {
constexpr test::variable<"x", float, 4> x{};
constexpr test::variable<"y", float, 4> y{};
constexpr test::variable<"i", std::int32_t, 4> i{};
constexpr test::variable<"j", std::int32_t, 4> j{};
}  // namespace

TEST_CASE("both orders are one node") {
  CHECK(graph_of(exp(x + y) * tanh(y + x)) ==
        "0 leaf\n1 leaf\n2 add 0 1\n3 exp 2\n4 tanh 2\n5 multiply 3 4\n");
  CHECK(graph_of(exp(x + y) * tanh(y + x), passes::none) ==
        "0 leaf\n1 leaf\n2 add 0 1\n3 exp 2\n4 add 1 0\n5 tanh 4\n6 multiply 3 5\n");
  CHECK(graph_of((y * x) / (x * y)) == "0 leaf\n1 leaf\n2 multiply 0 1\n3 divide 2 2\n");
  CHECK(test::ops_of((x == y) && (y == x)) == "equal");
  CHECK(test::ops_of((x != y) || (y != x)) == "not_equal");
  CHECK(test::ops_of((i & j) - (j & i)) == "broadcast_to");
  CHECK(test::ops_of(maximum(i, j) ^ minimum(j, i)) == "maximum minimum bitwise_xor");
  CHECK(test::ops_of(maximum(i, j) - maximum(j, i)) == "broadcast_to");
}

TEST_CASE("what depends on the order stays") {
  CHECK(test::ops_of((x - y) * (y - x)) == "subtract subtract multiply");
  CHECK(test::ops_of((x < y) == (y < x)) == "less less equal");
  CHECK(test::ops_of(maximum(x, y) + maximum(y, x)) == "maximum maximum add");  // of +0 and -0
  CHECK(test::ops_of(maximum(x, y) + maximum(y, x), passes::exact | passes::unsigned_zero) == "maximum add");
}

TEST_CASE("no bit changes") {
  const tensor<float, 4, 1> a{{0.f}, {-0.f}, {1.1f}, {-3e38f}};
  const tensor<float, 4> b{0.3f, -0.f, 0.f, 3e38f};
  CHECK(test::unchanged((a + b) / (b + a)));
  CHECK(test::unchanged((a * b) - (b * a)));
  CHECK(test::unchanged(maximum(a, b) * maximum(b, a)));
  CHECK(test::unchanged(copysign(maximum(a, b), minimum(b, a)) / maximum(b, a)));
}
