// The sets that change results: off by default, and true as laws of real numbers when they are asked for.
#include "graphs.hpp"

#include <limits>

using namespace tenon;
using test::graph_of;
using test::ops_of;

namespace {
constexpr test::variable<"x", float, 3, 4> x{};
constexpr test::variable<"y", float, 3, 4> y{};
constexpr test::variable<"r", float, 4> r{};

template <class E>
std::string fast_ops(const E& e) {
  return ops_of(e, passes::all);
}
template <class E, unsigned Bits>
void close(const E& e, pass_set<Bits> which, double bound = 1e-14) {
  const auto a = test::values(eval(e, which)), b = test::values(eval(e, passes::none));
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k) CHECK(a[k] == doctest::Approx(b[k]).epsilon(bound));
}
}  // namespace

TEST_CASE("by default none of these") {
  CHECK(ops_of(0.3_c * (0.7_c * x)) == "multiply multiply");
  CHECK(ops_of((x + 1_c) + 2_c) == "add add");
  CHECK(ops_of(x / 3_c) == "divide");
  CHECK(ops_of(pow(x, 3_c)) == "pow");
  CHECK(ops_of(exp(log(x))) == "log exp");
  CHECK(ops_of(log(exp(x))) == "exp log");
  CHECK(ops_of(square(sqrt(x))) == "sqrt square");
  CHECK(ops_of(tanh(atanh(x))) == "atanh tanh");
  CHECK(ops_of(log(exp(x) / y)) == "exp divide log");
  CHECK(ops_of(sum(broadcast_like(r, x), axis<0>)) == "broadcast_to sum");
  CHECK(ops_of(x + 0_c) == "add");
}

TEST_CASE("reassociate") {
  constexpr auto which = passes::exact | passes::reassociate;
  CHECK(graph_of(0.5_c * (3_c * x), which) == "0 leaf\n1 constant 1.5\n2 multiply 1 0\n");
  CHECK(graph_of((x + 1_c) + 2_c, which) == "0 leaf\n1 constant 3\n2 add 1 0\n");
  CHECK(graph_of(1_c + (2_c + x), which) == "0 leaf\n1 constant 3\n2 add 1 0\n");
  CHECK(graph_of((x - 1_c) - 2_c, which) == "0 leaf\n1 constant -3\n2 add 1 0\n");
  CHECK(graph_of((x + 1_c) - 1_c, which) == "0 leaf\n1 constant 0\n2 add 1 0\n");
  CHECK(ops_of((x + 1_c) - 1_c, which | passes::unsigned_zero) == "broadcast_to");  // x, copied
  CHECK(ops_of(x / 3_c, which) == "multiply");
  CHECK(graph_of((x / 5_c) * 5_c, passes::none | passes::reassociate).size() > 0);
  CHECK(ops_of(pow(x, 2_c), which) == "multiply");
  CHECK(ops_of(pow(x, 3_c), which) == "multiply multiply");
  CHECK(ops_of(pow(x, 4_c), which) == "multiply multiply");
  CHECK(ops_of(pow(x, constant<-1>), which) == "divide");
  CHECK(ops_of(pow(x, constant<-2>), which) == "multiply divide");
  CHECK(ops_of(pow(x, 5_c), which) == "pow");
  CHECK(ops_of(pow(x, 0.5_c), which) == "pow");
  const tensor<double, 5> v{0.3, -1.7, 2.5, 1e3, 7};
  close(0.3_c * (0.7_c * v), which);
  close((v + 1_c) + 2_c, which);
  close((v - 1.1_c) - 2.2_c, which);
  close(v / 3_c, which);
  close(pow(v, 3_c), which);
  close(pow(v, 4_c), which);
  close(pow(v, constant<-3>), which);
  CHECK_FALSE(
      test::unchanged_by(tensor<double, 2>{49, 7} / 49_c, which));  // the comparison does see rounding
}

TEST_CASE("the sum of what was broadcast") {
  constexpr auto which = passes::exact | passes::reassociate;
  CHECK(graph_of(sum(broadcast_like(r, x), axis<0>), which) ==
        "0 leaf\n1 leaf\n2 constant 3\n3 multiply 2 0\n");
  const tensor<double, 4> v{0.1, 0.2, 0.3, 0.4};
  const tensor<double, 3, 1> w{{1}, {2}, {3}};
  const tensor<double, 3, 4> wide{};
  close(sum(broadcast_like(v, wide), axis<0>), which);
  close(sum(broadcast_like(v, wide), axis<0>, keepdims), which);
  close(sum(broadcast_like(v, wide), axis<1>), which);
  close(sum(broadcast_like(w, wide), axis<1>), which);
  close(sum(broadcast_like(w, wide), axis<1>, keepdims), which);
  close(sum(broadcast_like(w, wide)), which);
  close(sum(broadcast_like(sum(v), wide)), which);
  close(sum(broadcast_like(sum(v), wide), axis<0>), which);
}

TEST_CASE("unsigned_zero and finite") {
  constexpr auto zero = passes::exact | passes::unsigned_zero;
  CHECK(ops_of(exp(x + 0_c), zero) == "exp");
  CHECK(ops_of(0_c - x, zero) == "negate");
  CHECK(ops_of(-(x - y), zero) == "subtract");
  CHECK(ops_of(x * 0_c, zero) == "multiply");
  CHECK(ops_of(x * 0_c, zero | passes::finite) == "broadcast_to");
  CHECK(ops_of(x - x, passes::exact | passes::finite) == "broadcast_to");
  const tensor<double, 4> v{0.3, -1.7, 0, 1e300};
  close(v + 0_c, zero);
  close(0_c - v, zero);
  close(-(v - 2_c), zero);
  close(v * 0_c, zero | passes::finite);
  close(v - v, zero | passes::finite);
}

TEST_CASE("functions and their inverses") {
  CHECK(ops_of(exp(log(x)) * y, passes::inverses) == "multiply");
  CHECK(ops_of(log(exp(x)) * y, passes::inverses) == "multiply");
  CHECK(ops_of(square(sqrt(x)) * y, passes::inverses) == "multiply");
  CHECK(ops_of(exp2(log2(x)) * y, passes::inverses) == "multiply");
  CHECK(ops_of(log2(exp2(x)) * y, passes::inverses) == "multiply");
  CHECK(ops_of(expm1(log1p(x)) * y, passes::inverses) == "multiply");
  CHECK(ops_of(log1p(expm1(x)) * y, passes::inverses) == "multiply");
  CHECK(ops_of(tanh(atanh(x)) * y, passes::inverses) == "multiply");
  CHECK(ops_of(atanh(tanh(x)) * y, passes::inverses) == "multiply");
  CHECK(ops_of(sinh(asinh(x)) * y, passes::inverses) == "multiply");
  CHECK(ops_of(asinh(sinh(x)) * y, passes::inverses) == "multiply");
  CHECK(ops_of(cosh(acosh(x)) * y, passes::inverses) == "multiply");
  CHECK(ops_of(sin(asin(x)) * y, passes::inverses) == "multiply");
  CHECK(ops_of(cos(acos(x)) * y, passes::inverses) == "multiply");
  CHECK(ops_of(tan(atan(x)) * y, passes::inverses) == "multiply");
  CHECK(ops_of(asin(sin(x)), passes::inverses) == "sin asin");  // x only between -pi/2 and pi/2
  CHECK(ops_of(acosh(cosh(x)), passes::inverses) == "cosh acosh");
  const tensor<double, 4> v{0.3, 0.7, 0.05, 0.999};
  close(exp(log(v)), passes::inverses);
  close(log(exp(v)), passes::inverses);
  close(square(sqrt(v)), passes::inverses);
  close(expm1(log1p(v)), passes::inverses);
  close(tanh(atanh(v)), passes::inverses, 1e-13);
  close(sin(asin(v)), passes::inverses);
  close(cos(acos(v)), passes::inverses, 1e-13);
  close(tan(atan(v)), passes::inverses, 1e-13);
  close(cosh(acosh(v + 1.0)), passes::inverses, 1e-13);
}

TEST_CASE("log(softmax(x)) is log_softmax(x)") {
  CHECK(graph_of(log(softmax(x)), passes::exact | passes::inverses) == graph_of(log_softmax(x)));
  CHECK(ops_of(log(exp(x) * y), passes::inverses) == "log add");
  const tensor<float, 3> v{0, 200, -50};
  const auto safe = test::values(eval(log(softmax(v)), passes::exact | passes::inverses));
  CHECK(safe == test::values(log_softmax(v)));
  CHECK(safe[0] == -200);
  CHECK(test::values(log(softmax(v)))[0] == -std::numeric_limits<double>::infinity());
  close(log(softmax(tensor<double, 3>{0.1, 0.2, 0.3})), passes::inverses);
}

TEST_CASE("pow(x, 0) and pow(x, 1) keep every bit") {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const tensor<float, 9> v{0.f, -0.f, 1.f, -2.5f, inf, -inf, nan, 1e-42f, -3e38f};
  CHECK(ops_of(exp(pow(x, 1_c))) == "exp");
  CHECK(graph_of(pow(x, 0_c)) == "0 leaf\n1 constant 1\n2 broadcast_to 1 0\n");
  CHECK(test::unchanged(pow(v, 0_c)));
  CHECK(test::unchanged(pow(v, 1_c)));
  CHECK(test::unchanged(pow(tensor<double, 9>(astype<double>(v)), 1_c)));
  CHECK(test::unchanged(pow(tensor<float16, 9>(astype<float16>(v)), 1_c)));
}

TEST_CASE("sets apply to compiled functions, executors and single statements") {
  const tensor<double, 3> v{1, 2, 3};
  const auto f = [](const auto& t) { return sum(log(exp(t)) / 3_c); };
  auto fast = compile(value_and_grad(f), passes::all, spec<double, 3>{});
  auto exact = compile(value_and_grad(f), spec<double, 3>{});
  const auto [p, g] = fast(v);
  const auto [q, h] = exact(v);
  CHECK(item(p) == doctest::Approx(item(q)));
  for (int k = 0; k < 3; ++k)
    CHECK(test::values(g)[std::size_t(k)] == doctest::Approx(test::values(h)[std::size_t(k)]));
  CHECK(test::values(g) == test::vec(3, 1.0 / 3));
  CHECK(test::values(eval(tensor<double, 3>(v), passes::all)) == test::vec{1, 2, 3});
  CHECK(passes::all.bits == (passes::exact | passes::fast).bits);
  CHECK((passes::fold | passes::commute | passes::simplify | passes::views).bits == passes::exact.bits);
}
