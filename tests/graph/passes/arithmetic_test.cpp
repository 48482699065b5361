// Identities of + - * / and unary minus: the graphs. That no bit changes is in arithmetic_bits_test and
// arithmetic_integers_test.
#include "graphs.hpp"

using namespace tenon;
using test::graph_of;
using test::ops_of;

namespace {
constexpr test::variable<"x", float, 4> x{};
constexpr test::variable<"y", float, 4> y{};
constexpr test::variable<"i", std::int32_t, 4> i{};
constexpr test::variable<"j", std::int32_t, 4> j{};
constexpr test::variable<"u", std::uint8_t, 4> u{};
constexpr test::variable<"z", complex64, 4> z{};

constexpr auto zero = 0_c;
constexpr auto minus_zero = detail::constant_of_bits<detail::bits_of(-0.0)>;
}  // namespace

TEST_CASE("nothing is added, subtracted, multiplied, divided by") {
  CHECK(ops_of(exp(x * 1_c)) == "exp");
  CHECK(ops_of(exp(1_c * x)) == "exp");
  CHECK(ops_of(exp(x / 1_c)) == "exp");
  CHECK(ops_of(exp(x + minus_zero)) == "exp");
  CHECK(ops_of(exp(minus_zero + x)) == "exp");
  CHECK(ops_of(exp(x - zero)) == "exp");
  CHECK(ops_of(minus_zero - x) == "negate");
  CHECK(ops_of(i + zero - zero) == "broadcast_to");
  CHECK(ops_of(zero - i) == "negate");
  CHECK(graph_of(i * 0_c) == "0 leaf\n1 constant 0\n2 broadcast_to 1 0\n");
  CHECK(graph_of(i - i) == "0 leaf\n1 constant 0\n2 broadcast_to 1 0\n");
  // these would change -0, infinities or NaN
  CHECK(ops_of(x + zero) == "add");
  CHECK(ops_of(x - minus_zero) == "subtract");
  CHECK(ops_of(zero - x) == "subtract");
  CHECK(ops_of(x * 0_c) == "multiply");
  CHECK(ops_of(x - x) == "subtract");
  CHECK(ops_of(x / x) == "divide");
  CHECK(ops_of(z * 1_c) == "multiply");
}

TEST_CASE("signs cancel and meet constants") {
  CHECK(ops_of(exp(-(-x))) == "exp");
  CHECK(graph_of(x - (-y)) == "0 leaf\n1 leaf\n2 add 0 1\n");
  CHECK(graph_of(x + (-y)) == "0 leaf\n1 leaf\n2 subtract 0 1\n");
  CHECK(graph_of(-x + y) == "0 leaf\n1 leaf\n2 subtract 1 0\n");
  CHECK(graph_of(-x * -y) == "0 leaf\n1 leaf\n2 multiply 0 1\n");
  CHECK(graph_of(-x / -y) == "0 leaf\n1 leaf\n2 divide 0 1\n");
  CHECK(graph_of(x * constant<-1>) == "0 leaf\n1 negate 0\n");
  CHECK(graph_of(x / constant<-1>) == "0 leaf\n1 negate 0\n");
  CHECK(graph_of(-x * 3_c) == "0 leaf\n1 constant -3\n2 multiply 1 0\n");
  CHECK(graph_of(-(x * 3_c)) == "0 leaf\n1 constant -3\n2 multiply 0 1\n");
  CHECK(graph_of(-(3_c / x)) == "0 leaf\n1 constant -3\n2 divide 1 0\n");
  CHECK(graph_of(3_c / -x) == "0 leaf\n1 constant -3\n2 divide 1 0\n");
  CHECK(graph_of(-x / 3_c) == "0 leaf\n1 constant -3\n2 divide 0 1\n");
  CHECK(ops_of(-(x - y)) == "subtract negate");  // x = y: -0 against 0
  CHECK(ops_of(-(i - j)) == "subtract");
  CHECK(ops_of(-(u * 3_c)) == "multiply negate");  // unsigned: there is no -3
}

TEST_CASE("powers of two") {
  CHECK(graph_of(x / 4_c) == "0 leaf\n1 constant 0.25\n2 multiply 1 0\n");
  CHECK(graph_of(x / 0.125_c) == "0 leaf\n1 constant 8\n2 multiply 1 0\n");
  CHECK(ops_of(x / 3_c) == "divide");
  CHECK(ops_of(i / 4_c) == "divide");
  CHECK(graph_of(3_c * (2_c * x)) == "0 leaf\n1 constant 6\n2 multiply 1 0\n");
  CHECK(graph_of((x * 2_c) * 4_c) == "0 leaf\n1 constant 8\n2 multiply 1 0\n");
  CHECK(ops_of(0.5_c * (2_c * x)) == "multiply multiply");  // 2 x may overflow
  CHECK(ops_of(2_c * (0.5_c * x)) == "multiply multiply");  // x / 2 may be subnormal
  CHECK(ops_of(5_c * (3_c * x)) == "multiply multiply");
}
