// Identities of + - * / and unary minus: the graphs, and that no bit changes over special values.
#include "graphs.hpp"

#include <limits>

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

/// Zeros, ones, numbers of all sizes, the least and greatest, subnormal ones, infinities and NaN.
template <class T>
std::vector<T> specials() {
  using L = std::numeric_limits<float>;
  std::vector<double> v{0.0,
                        -0.0,
                        1,
                        -1,
                        0.5,
                        -0.5,
                        3,
                        -3,
                        1.0 / 3,
                        -0.1,
                        7.25,
                        1e-3,
                        1e20,
                        L::max(),
                        L::min(),
                        L::lowest(),
                        L::denorm_min(),
                        -L::denorm_min(),
                        1.5 * double(L::min()),
                        3 * double(L::denorm_min())};
  std::vector<T> r;
  for (const double d : v) r.push_back(static_cast<T>(static_cast<float>(d)));
  if constexpr (std::is_same_v<T, double>)
    for (const double d :
         {std::numeric_limits<double>::max(), std::numeric_limits<double>::denorm_min(), 1e-310})
      r.push_back(d);
  for (const float d : {L::infinity(), -L::infinity(), L::quiet_NaN(), -L::quiet_NaN()})
    r.push_back(static_cast<T>(d));
  return r;
}
template <class T>
std::vector<T> integers() {
  using L = std::numeric_limits<T>;
  return {T(0), T(1), T(-1), T(2), T(5), T(-7), T(100), L::max(), L::min(), T(L::max() - 1), T(L::min() + 1)};
}

/// All pairs of special values.
template <class T>
struct pairs {
  tensor<T, dyn> a, b;
  explicit pairs(const std::vector<T> &v)
      : a(zeros<T>(tenon::index(v.size() * v.size()))), b(zeros<T>(tenon::index(v.size() * v.size()))) {
    for (std::size_t k = 0; k < v.size() * v.size(); ++k) {
      a.data()[k] = v[k / v.size()];
      b.data()[k] = v[k % v.size()];
    }
  }
};
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

TEST_CASE("floating-point results keep every bit") {
  const auto check = [](auto zero_of_type) {
    using T = decltype(zero_of_type);
    const pairs<T> v(specials<T>());
    const auto &a = v.a, &b = v.b;
    CHECK(test::unchanged(a + (-b)));
    CHECK(test::unchanged(a - (-b)));
    CHECK(test::unchanged(-a + b));
    CHECK(test::unchanged(-a * -b));
    CHECK(test::unchanged(-a / -b));
    CHECK(test::unchanged(-(-a)));
    CHECK(test::unchanged(a * 1_c));
    CHECK(test::unchanged(a / 1_c));
    CHECK(test::unchanged(a + minus_zero));
    CHECK(test::unchanged(a - 0_c));
    CHECK(test::unchanged(minus_zero - a));
    CHECK(test::unchanged(a * constant<-1>));
    CHECK(test::unchanged(a / constant<-1>));
    CHECK(test::unchanged(-a * 3_c));
    CHECK(test::unchanged(-(a * 3_c)));
    CHECK(test::unchanged(-(0.3_c / a)));
    CHECK(test::unchanged(0.3_c / -a));
    CHECK(test::unchanged(-a / 3_c));
    CHECK(test::unchanged(a / 8_c));
    CHECK(test::unchanged(a / 0.25_c));
    CHECK(test::unchanged(a / constant<-1024>));
    CHECK(test::unchanged(3_c * (2_c * a)));
    CHECK(test::unchanged(1.7_c * (constant<-4> * a)));
    // what the default must not touch
    CHECK(test::unchanged(a + 0_c));
    CHECK(test::unchanged(0_c - a));
    CHECK(test::unchanged(a * 0_c));
    CHECK(test::unchanged(a - a));
    CHECK(test::unchanged(0.5_c * (2_c * a)));
    CHECK(test::unchanged(0.25_c * (0.5_c * a)));
    CHECK(test::unchanged(-(a - b)));
  };
  check(float{});
  check(double{});
  check(float16{});
  check(bfloat16{});
}

TEST_CASE("integers wrap as before") {
  const auto check = [](auto zero_of_type) {
    using T = decltype(zero_of_type);
    const pairs<T> v(integers<T>());
    const auto &a = v.a, &b = v.b;
    CHECK(test::unchanged(a + (-b)));
    CHECK(test::unchanged(a - (-b)));
    CHECK(test::unchanged(-a * -b));
    CHECK(test::unchanged(-a / -b));
    CHECK(test::unchanged(-(a - b)));
    CHECK(test::unchanged(a - a));
    CHECK(test::unchanged(0_c - a));
    CHECK(test::unchanged(a * 0_c));
    CHECK(test::unchanged(-(a * 3_c)));
    CHECK(test::unchanged(-a * 3_c));
    CHECK(test::unchanged(-a / 3_c));
    CHECK(test::unchanged(a / 4_c));
    CHECK(test::unchanged(3_c * (2_c * a)));
    if constexpr (std::is_signed_v<T>) {
      CHECK(test::unchanged(a / constant<-1>));
      CHECK(test::unchanged(a * constant<-1>));
    }
  };
  check(std::int8_t{});
  check(std::int32_t{});
  check(std::int64_t{});
  check(std::uint8_t{});
}
