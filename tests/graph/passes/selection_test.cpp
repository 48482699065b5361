// Identities of logic, where, astype, broadcasts, and the laws that ops declare.
#include "graphs.hpp"

#include <limits>

using namespace tenon;
using test::graph_of;
using test::ops_of;

namespace {
constexpr test::variable<"x", float, 3, 4> x{};
constexpr test::variable<"y", float, 3, 4> y{};
constexpr test::variable<"r", float, 4> r{};
constexpr test::variable<"i", std::int32_t, 3, 4> i{};
constexpr test::variable<"h", float16, 3, 4> h{};
constexpr test::variable<"a", bool, 3, 4> a{};
constexpr test::variable<"b", bool, 3, 4> b{};

const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
const tensor<float, 9> v{0.f, -0.f, 1.f, -2.5f, inf, -inf, nan, 1e-42f, -3e38f};
}  // namespace

TEST_CASE("logic") {
  CHECK(ops_of(!(!a) && b) == "logical_and");
  CHECK(ops_of((a && a) || b) == "logical_or");
  CHECK(ops_of((a || a) && b) == "logical_and");
  CHECK(ops_of(a && (b && a)) == "logical_and");
  CHECK(ops_of((a && b) && b) == "logical_and");
  CHECK(ops_of(~(~i) + 1_c) == "add");
  CHECK(ops_of((i & i) + 1_c) == "add");
  const tensor<bool, 2, 1> p{{true}, {false}};
  const tensor<bool, 2> q{true, false};
  CHECK(test::unchanged(!(!p) && q));
  CHECK(test::unchanged(p && (q && p)));
  CHECK(test::unchanged(p && (1_c < 2_c)));
  CHECK(test::unchanged((2_c < 1_c) && p));
}

TEST_CASE("where") {
  CHECK(graph_of(where(a, exp(x), exp(x))) == "0 leaf\n1 leaf\n2 exp 1\n");
  CHECK(graph_of(where(!a, x, y)) == "0 leaf\n1 leaf\n2 leaf\n3 where 0 2 1\n");
  CHECK(graph_of(where(a, where(a, x, y), r)) == "0 leaf\n1 leaf\n2 leaf\n3 leaf\n4 where 0 1 3\n");
  CHECK(graph_of(where(a, r, where(a, x, y))) == "0 leaf\n1 leaf\n2 leaf\n3 leaf\n4 where 0 1 3\n");
  CHECK(graph_of(where(a, 1_c < 2_c, 2_c < 1_c) && b) == "0 leaf\n1 leaf\n2 logical_and 0 1\n");
  CHECK(ops_of(where(a, r, r)) == "broadcast_to");  // to the condition's shape
  const tensor<bool, 2, 1> p{{true}, {false}};
  CHECK(test::unchanged(where(p, v, v)));
  CHECK(test::unchanged(where(!p, v, -v)));
  CHECK(test::unchanged(where(p, where(p, v, 2_c * v), -v)));
  CHECK(test::unchanged(where(p, -v, where(p, v, 2_c * v))));
  CHECK(test::unchanged(where(1_c < 2_c, v, zeros<float, 2, 9>())));
  CHECK(test::unchanged(where(1_c > 2_c, v, zeros<float, 2, 9>())));
}

TEST_CASE("laws of ops: idempotent, their own inverse, f(x, x) = x, even") {
  CHECK(ops_of(abs(abs(x))) == "abs");
  CHECK(ops_of(relu(relu(x))) == "relu");
  CHECK(ops_of(floor(floor(x))) == "floor");
  CHECK(ops_of(ceil(ceil(x))) == "ceil");
  CHECK(ops_of(trunc(trunc(x))) == "trunc");
  CHECK(ops_of(round(round(x))) == "round");
  CHECK(ops_of(sign(sign(x))) == "sign");
  CHECK(ops_of(floor(ceil(x))) == "ceil floor");
  CHECK(ops_of(exp(maximum(x, x))) == "exp");
  CHECK(ops_of(exp(minimum(x, x))) == "exp");
  CHECK(ops_of(exp(fmax(x, x))) == "exp");
  CHECK(ops_of(abs(-x)) == "abs");
  CHECK(ops_of(square(-x)) == "square");
  CHECK(ops_of(cos(-x)) == "cos");
  CHECK(ops_of(cosh(-x)) == "cosh");
  CHECK(ops_of(sin(-x)) == "negate sin");
  CHECK(ops_of(abs(-h)) == "negate abs");
  CHECK(ops_of(flip(flip(x, axis<0>), axis<0>) * y) == "multiply");
  CHECK(ops_of(flip(flip(x, axis<0>), axis<1>) * y) == "flip flip multiply");
  const auto each = [](const auto& w) {
    CHECK(test::unchanged(abs(abs(w))));
    CHECK(test::unchanged(relu(relu(w))));
    CHECK(test::unchanged(floor(floor(w))));
    CHECK(test::unchanged(ceil(ceil(w))));
    CHECK(test::unchanged(trunc(trunc(w))));
    CHECK(test::unchanged(round(round(w))));
    CHECK(test::unchanged(sign(sign(w))));
    CHECK(test::unchanged(maximum(w, w)));
    CHECK(test::unchanged(minimum(w, w)));
    CHECK(test::unchanged(fmax(w, w)));
    CHECK(test::unchanged(abs(-w)));
    CHECK(test::unchanged(square(-w)));
    CHECK(test::unchanged(cos(-w)));
    CHECK(test::unchanged(cosh(-w)));
  };
  each(v);
  each(tensor<double, 9>(astype<double>(v)));
  each(tensor<float16, 9>(astype<float16>(v)));
  const tensor<std::int8_t, 4> k{-128, -1, 0, 127};
  const tensor<std::uint8_t, 3> u{0, 1, 255};
  CHECK(test::unchanged(abs(-k)));
  CHECK(test::unchanged(abs(-u)));
  CHECK(test::unchanged(square(-k)));
  CHECK(test::unchanged(~(~k)));
}

TEST_CASE("a cast of a cast that lost nothing") {
  CHECK(ops_of(astype<float>(x) * y) == "multiply");
  CHECK(ops_of(astype<float>(astype<double>(x)) * y) == "multiply");
  CHECK(ops_of(astype<double>(astype<float>(h))) == "astype");
  CHECK(ops_of(astype<float16>(astype<float>(h)) * h) == "multiply");
  CHECK(ops_of(astype<float>(astype<float16>(x)) * y) == "astype astype multiply");
  CHECK(ops_of(astype<std::int32_t>(astype<double>(i)) + i) == "add");
  CHECK(ops_of(astype<std::int32_t>(astype<float>(i)) + i) == "astype astype add");  // 24 bits
  CHECK(ops_of(astype<bool>(astype<float>(a)) && b) == "logical_and");
  CHECK(ops_of(astype<std::uint8_t>(astype<std::int64_t>(i))) == "astype");
  CHECK(ops_of(astype<std::uint8_t>(astype<double>(i))) == "astype astype");  // saturates, and integers wrap
  const tensor<std::int8_t, 5> k{-128, -1, 0, 1, 127};
  CHECK(test::unchanged(astype<std::uint8_t>(astype<std::int32_t>(k))));
  CHECK(test::unchanged(astype<std::uint8_t>(astype<float>(k))));
  CHECK(test::unchanged(astype<std::int8_t>(astype<float16>(k))));
  CHECK(test::unchanged(astype<bool>(astype<double>(k))));
  CHECK(test::unchanged(astype<double>(astype<std::uint16_t>(astype<std::uint8_t>(k)))));
  CHECK(test::unchanged(astype<float16>(astype<double>(v))));
  CHECK(test::unchanged(astype<std::int32_t>(astype<double>(v))));
  CHECK(test::unchanged(astype<bool>(astype<double>(v))));
}

TEST_CASE("broadcasts that change nothing") {
  CHECK(graph_of(broadcast_like(r, x) + y) == "0 leaf\n1 leaf\n2 leaf\n3 add 0 2\n");
  CHECK(graph_of(broadcast_like(broadcast_like(sum(r), r), x) * y) ==
        "0 leaf\n1 sum 0 {1,1}\n2 squeeze 1 {1}\n3 leaf\n4 leaf\n5 multiply 2 4\n");
  CHECK(ops_of(broadcast_like(x, y) * y) == "multiply");
  CHECK(ops_of(broadcast_like(r, x) * r) == "broadcast_to multiply");  // it gives the result its shape
  // not where a check would be lost
  constexpr test::variable<"n", float, dyn> n{};
  CHECK(ops_of(broadcast_like(n, x) + y, passes::exact) == "broadcast_to add");
  const tensor<float, 2, 9> wide{};
  CHECK(test::unchanged(broadcast_like(v, wide) + wide));
  const auto three = ones<float>(3), one = ones<float>(1);
  CHECK_THROWS_AS(eval(broadcast_like(three, one) + one), shape_error);
}

TEST_CASE("gradients through rewritten nodes are what they are without") {
  const tensor<double, 5> w{-2, -0.5, 0, 1, 3};
  const auto both = [&](auto f) {
    auto with = compile(value_and_grad(f), spec<double, 5>{});
    auto without = compile(value_and_grad(f), passes::none, spec<double, 5>{});
    const auto [value, gradient] = with(w);
    const auto [plain_value, plain_gradient] = without(w);
    CHECK(item(value) == doctest::Approx(item(plain_value)).epsilon(1e-14));
    const auto got = test::values(gradient), expected = test::values(plain_gradient);
    for (std::size_t k = 0; k < got.size(); ++k) CHECK(got[k] == doctest::Approx(expected[k]).epsilon(1e-14));
  };
  both([](const auto& t) { return sum(abs(abs(t)) * t); });
  both([](const auto& t) { return sum(relu(relu(t)) - (-t)); });
  both([](const auto& t) { return sum(maximum(t, t) * 3_c); });
  both([](const auto& t) { return sum(square(-t) / 4_c); });
  both([](const auto& t) { return sum(where(t > 0_c, where(t > 0_c, exp(t), t), -t)); });
  both([](const auto& t) { return sum(-t * -exp(t)); });
  both([](const auto& t) { return sum(t * ldexp(exp(t), trunc(t)) + heaviside(t, 1_c)); });  // a partial is 0
  both([](const auto& t) { return mean(cos(-t) / -(t + 7_c)); });
}
