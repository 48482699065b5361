// Folding: arithmetic on constants in their dtype, against the same arithmetic at run time.
#include "graphs.hpp"

using namespace tenon;
using test::graph_of;
using test::ops_of;

namespace {
constexpr test::variable<"x", float, 4> x{};
constexpr test::variable<"d", double, 4> d{};
constexpr test::variable<"i", std::int32_t, 4> i{};
constexpr test::variable<"b", bool, 4> b{};

/// The number in a graph's text after "constant".
double number_in(const std::string& text) {
  return std::strtod(text.c_str() + text.find("constant ") + 9, nullptr);
}
}  // namespace

TEST_CASE("numbers fold; without the pass they are nodes") {
  constexpr auto two = astype<float>(2_c);
  constexpr auto three = astype<float>(3_c);
  CHECK(graph_of(x * (two * three + 1_c), passes::none) ==
        "0 leaf\n1 constant 2\n2 constant 3\n3 multiply 1 2\n4 constant 1\n5 add 3 4\n6 multiply 0 5\n");
  CHECK(graph_of(x * (two * three + 1_c)) == "0 leaf\n1 constant 7\n2 multiply 0 1\n");
  CHECK(graph_of(x * (two * three + 1_c), passes::fold) == "0 leaf\n1 constant 7\n2 multiply 0 1\n");
  // weak numbers are doubles, whatever passes there are
  CHECK(graph_of(x * (2_c * 3_c + 1_c), passes::none) == "0 leaf\n1 constant 7\n2 multiply 0 1\n");
  CHECK(graph_of(x + (1_c - 3_c) / 4_c) == "0 leaf\n1 constant -0.5\n2 add 0 1\n");
  CHECK(graph_of(x + -(2.5_c)) == "0 leaf\n1 constant -2.5\n2 add 0 1\n");
  CHECK(graph_of(i + 7_c / 2_c * 2_c) == "0 leaf\n1 constant 7\n2 add 0 1\n");  // weak numbers are doubles
}

TEST_CASE("weak numbers are doubles until they meet a dtype, typed ones round in it") {
  const double third = number_in(graph_of(d + 1_c / 3_c));
  CHECK(std::abs(third - 1.0 / 3) < 1e-9);
  const tensor<double, 1> one{1};
  CHECK(item(one * (0.1_c + 0.2_c)) == 0.1 + 0.2);
  CHECK(item(one * (1_c / 3_c)) == 1.0 / 3);
  const tensor<float, 1> f{1};
  CHECK(item(f * (1_c / 3_c)) == float(1.0 / 3));
  CHECK(item(one * astype<double>(0.1_c)) == 0.1);
  CHECK(item(eval(one * astype<double>(0.1_c), passes::none)) == 0.1);
  CHECK(item(eval(one * (0.1_c + 0.2_c), passes::none)) == 0.1 + 0.2);
  // what does not fold is computed in the dtype that it meets
  CHECK(item(one * sqrt(2_c)) == doctest::Approx(std::sqrt(2.0)).epsilon(1e-15));
  CHECK(item(one * exp(sqrt(2_c) + 1_c)) == doctest::Approx(std::exp(std::sqrt(2.0) + 1)).epsilon(1e-15));
  // astype of a number rounds to the dtype between
  CHECK(item(one * astype<double>(astype<float>(0.1_c))) == double(0.1f));
  CHECK(item(one * (astype<double>(astype<float>(0.1_c) * astype<float>(0.3_c)))) == double(0.1f * 0.3f));
  CHECK(test::unchanged(one * astype<double>(astype<float>(0.1_c) + astype<float>(0.7_c))));
  CHECK(test::unchanged(one * astype<double>(astype<float>(0.1_c) / astype<float>(0.7_c))));
}

TEST_CASE("arithmetic in each dtype is what its processor does") {
  const auto each = [](auto zero, const auto& a, const auto& c) {
    using T = decltype(zero);
    const tensor<T, 1> t{T(1)};
    const auto p = [&] { return astype<T>(a); };
    const auto q = [&] { return astype<T>(c); };
    CHECK(test::unchanged(t + (p() + q())));
    CHECK(test::unchanged(t + (p() - q())));
    CHECK(test::unchanged(t + (p() * q())));
    CHECK(test::unchanged(t + (p() / q())));
    CHECK(test::unchanged(t + -p()));
    CHECK(test::ops_of(test::variable<"t", T, 1>{} + p() * q()) == "add");
  };
  each(float{}, 0.1_c, 3_c);
  each(double{}, 0.1_c, 3_c);
  each(float16{}, 0.1_c, 3_c);
  each(bfloat16{}, 0.1_c, 3_c);
  each(float16{}, 2049_c, 3_c);
  each(std::int8_t{}, 11_c, 7_c);
  each(std::int64_t{}, 100000_c, 7_c);
  each(std::uint16_t{}, 200_c, 7_c);
}

TEST_CASE("what would overflow, wrap or be NaN is left to run time, and comes out the same") {
  const tensor<float, 1> f{1};
  const tensor<std::int32_t, 1> k{1};
  const tensor<std::int8_t, 1> s{1};
  CHECK(ops_of(x + astype<float>(1e30_c) * astype<float>(1e30_c)) == "multiply add");
  CHECK(test::unchanged(f + astype<float>(1e30_c) * astype<float>(1e30_c)));
  CHECK(test::unchanged(f + astype<float>(1e-30_c) * astype<float>(1e-30_c)));
  CHECK(test::unchanged(f + astype<float>(1_c) / astype<float>(0_c)));
  CHECK(test::unchanged(f * (astype<float>(0_c) / astype<float>(0_c))));
  CHECK(test::unchanged(f * -(astype<float>(0_c))));
  CHECK(test::unchanged(s + astype<std::int8_t>(100_c) * astype<std::int8_t>(2_c)));
  CHECK(test::unchanged(s + astype<std::int8_t>(100_c) / astype<std::int8_t>(0_c)));
  CHECK(test::unchanged(k + astype<std::int32_t>(2000000000_c) + astype<std::int32_t>(2000000000_c)));
  CHECK(test::unchanged(k * astype<std::int32_t>(2.75_c)));
  CHECK(test::unchanged(k * astype<std::int32_t>(-2.75_c)));
}

TEST_CASE("comparisons, conditions, counts") {
  CHECK(graph_of(where(1_c < 2_c, x, d)) == "0 leaf\n1 astype 0 {14}\n2 leaf\n");
  CHECK(ops_of(where(2_c <= 1_c, x, exp(x))) == "exp");
  CHECK(ops_of(where(2_c != 1_c, exp(x), x)) == "exp");
  CHECK(ops_of(where(2_c > 1_c, exp(x), x)) == "exp");
  CHECK(ops_of(where(2_c == 2_c, exp(x), x)) == "exp");
  CHECK(ops_of(b && (1_c < 2_c)) == "broadcast_to");  // b, copied
  CHECK(ops_of(!b && (1_c >= 2_c)) == "broadcast_to");
  // the taken operand has the result's shape, or is broadcast to the other's
  constexpr test::variable<"row", float, 3, 4> wide{};
  CHECK(graph_of(where(1_c < 2_c, exp(x), wide)) == "0 leaf\n1 exp 0\n2 leaf\n3 broadcast_to 1 2\n");
  // a mean over static axes divides by a number, here a power of two
  CHECK(graph_of(mean(wide, axis<-1>)) ==
        "0 leaf\n1 sum 0 {2,1}\n2 squeeze 1 {2}\n3 constant 0.25\n4 multiply 3 2\n");
  constexpr test::variable<"batch", float, "n", 4> named{};
  CHECK(ops_of(mean(named, axis<0>)) == "sum squeeze count divide");
}

TEST_CASE("what is made of broadcast numbers is computed once") {
  CHECK(graph_of(exp(broadcast_like(2_c, x) * 3_c)) == "0 leaf\n1 constant 6\n2 exp 1\n3 broadcast_to 2 0\n");
  CHECK(ops_of(where(broadcast_like(1_c, x) < 2_c, exp(x), x)) == "exp");
  CHECK(ops_of(exp(x * broadcast_like(1_c, x))) == "exp");
  const tensor<float, 3> v{1, 2, 3};
  CHECK(test::unchanged(exp(broadcast_like(astype<float>(2_c), v) * 3_c)));
  CHECK(test::unchanged(where(broadcast_like(1_c, v) < 2_c, exp(v), v)));
}

TEST_CASE("numbers of derivative rules fold") {
  const auto f = [](const auto& v) { return sum(3_c * v * 2_c); };
  const auto e = detail::traced(f, tensor<float, 4>{1, 2, 3, 4});
  using E = std::remove_cvref_t<decltype(e)>;
  using task = detail::gradient_task<E::graph_type, E::root, detail::derive::gradient, false, 0>::type;
  const std::string text =
      test::graph_text<detail::passes<E::graph_type, task::roots, detail::derive::gradient, task::wrt>>();
  CHECK(test::contains(text, "constant 6"));
  CHECK(test::same_bits(grad(f)(tensor<float, 4>{1, 2, 3, 4}), tensor<float, 4>{6, 6, 6, 6}));
}
