// The constexpr passes: lowering, common subexpressions, the normal form of reductions, inlined calls, dead nodes; and
// the table by which extents unify, in its three uses: types, graphs, sizes at run time.
#include "../support.hpp"

#include <type_traits>

using namespace tenon;
using namespace tenon::detail;

namespace {

template <extent N, class T, extent... E>
using variable_of =
    expression<graph<node<named_leaf<spelled<N>, T, shape_of_extents<E...>>>>, 0, T, shape_of_extents<E...>>;

template <class E>
using lowered = tenon::detail::passes<typename std::remove_cvref_t<E>::graph_type,
                                      places<std::remove_cvref_t<E>::root>, derive::nothing, places<>>;

/// The ops of a computation in order: "leaf leaf add ".
template <class E>
std::string ops_of(const E&) {
  using P = lowered<E>;
  std::string text;
  for (int i = 0; i < P::result.n; ++i)
    text += std::string(P::world::rows()[P::result.node[i].op].name) + " ";
  return text;
}

/// Whether two expressions lower to the same nodes.
template <class A, class B>
bool same_nodes(const A&, const B&) {
  const auto &a = lowered<A>::result, &b = lowered<B>::result;
  if (a.n != b.n) return false;
  for (int i = 0; i < a.n; ++i) {
    if (lowered<A>::world::rows()[a.node[i].op].name !=
        std::string(lowered<B>::world::rows()[b.node[i].op].name))
      return false;
    for (int k = 0; k < 3; ++k)
      if (a.node[i].in[k] != b.node[i].in[k]) return false;
    if (!(a.node[i].attribute == b.node[i].attribute) || a.node[i].type != b.node[i].type) return false;
  }
  return true;
}

constexpr variable_of<"x", float, 4, 5, 6> x{};
constexpr variable_of<"y", float, 4, 5, 6> y{};
constexpr variable_of<"one", float, 4, 1, 6> thin{};

// ---- the table of unification: one row and one column --------------------------------------------------------------

constexpr shape_scope scope_of(dim a, dim b, dim& r) {
  shape_scope s;
  r = s.broadcast(a, b);
  return s;
}
constexpr dim name_a{first_name_code, -1}, name_b{first_name_code - 1, -1}, dynamic_a{dyn_code, -1},
    dynamic_1{first_dyn_code, -1}, dynamic_2{first_dyn_code - 1, -1};
constexpr bool gives(dim a, dim b, dim expected) {
  dim r, q;
  const shape_scope s = scope_of(a, b, r), t = scope_of(b, a, q);
  return s.error == misfit::none && t.error == misfit::none && r == expected && q == expected;
}
constexpr bool refuses(dim a, dim b, misfit why) {
  dim r;
  return scope_of(a, b, r).error == why && scope_of(b, a, r).error == why;
}
constexpr dim sized(dim d, tenon::index n) { return {d.code, n}; }

template <extent A, extent B>
using joined = typename decltype(variable_of<"a", float, A>{} + variable_of<"b", float, B>{})::shape_type;
template <extent A>
using just = shape_of_extents<A>;

}  // namespace

TEST_CASE("the table of unification on codes, as graphs have them") {
  CHECK(gives(static_dim(3), static_dim(3), static_dim(3)));
  CHECK(gives(static_dim(3), static_dim(1), static_dim(3)));
  CHECK(gives(static_dim(1), static_dim(1), static_dim(1)));
  CHECK(gives(static_dim(0), static_dim(1), static_dim(0)));
  CHECK(refuses(static_dim(3), static_dim(4), misfit::sizes));
  CHECK(refuses(static_dim(3), static_dim(0), misfit::sizes));
  CHECK(gives(name_a, name_a, name_a));
  CHECK(refuses(name_a, name_b, misfit::names));
  CHECK(gives(name_a, static_dim(1), name_a));
  CHECK(gives(name_a, static_dim(7), static_dim(7)));
  CHECK(gives(dynamic_a, static_dim(1), dynamic_a));
  CHECK(gives(dynamic_a, static_dim(5), static_dim(5)));
  CHECK(gives(dynamic_a, name_a, name_a));
  CHECK(gives(dynamic_1, dynamic_1, dynamic_1));
  CHECK(gives(dynamic_1, dynamic_2, dynamic_a));  // either may turn out to be 1
  // where dynamic extents that meet are taken as equal
  tenon::index classes[2] = {first_dyn_code, first_dyn_code - 1};
  shape_scope s;
  s.dynamic = classes;
  s.broadcast(dynamic_1, dynamic_2);
  CHECK(s.error == misfit::none);
  CHECK(s.find(dynamic_1.code) == s.find(dynamic_2.code));
}

TEST_CASE("the table of unification in types") {
  CHECK(std::is_same_v<joined<3, 3>, just<3>>);
  CHECK(std::is_same_v<joined<3, 1>, just<3>>);
  CHECK(std::is_same_v<joined<1, 3>, just<3>>);
  CHECK(std::is_same_v<joined<"n", "n">, just<"n">>);
  CHECK(std::is_same_v<joined<"n", 1>, just<"n">>);
  CHECK(std::is_same_v<joined<1, "n">, just<"n">>);
  CHECK(std::is_same_v<joined<"n", 7>, just<7>>);
  CHECK(std::is_same_v<joined<7, "n">, just<7>>);
  CHECK(std::is_same_v<joined<dyn, 1>, just<dyn>>);
  CHECK(std::is_same_v<joined<dyn, 5>, just<5>>);
  CHECK(std::is_same_v<joined<dyn, "n">, just<"n">>);
  CHECK(std::is_same_v<joined<"n", dyn>, just<"n">>);
  CHECK(std::is_same_v<joined<dyn, dyn>, just<dyn>>);
  // two names, and two sizes, are errors of the compiler: tests/compile_fail
}

TEST_CASE("the table of unification at run time") {
  CHECK(gives(sized(dynamic_1, 3), sized(name_a, 3), sized(name_a, 3)));
  CHECK(refuses(sized(dynamic_1, 1), sized(name_a, 3), misfit::sizes));
  CHECK(refuses(sized(dynamic_1, 4), sized(dynamic_2, 3), misfit::sizes));
  const auto eq = ones<float>(3), one = ones<float>(1), four = ones<float>(4);
  const auto named = ones<float, "n">(3), named_one = ones<float, "n">(1);
  const tensor<float, 3> fixed;
  const tensor<float, 1> fixed_one;
  CHECK(test::extents(eq + eq) == test::dims{3});
  CHECK(test::extents(eq + one) == test::dims{3});  // dyn that is 1 against dyn
  CHECK(test::extents(one + eq) == test::dims{3});
  CHECK_THROWS_AS(eval(eq + four), shape_error);
  CHECK(test::extents(eq + fixed) == test::dims{3});
  CHECK(test::extents(eq + fixed_one) == test::dims{3});
  CHECK_THROWS_AS(eval(one + fixed), shape_error);  // dyn against a static size: equal, even when it is 1
  CHECK_THROWS_AS(eval(four + fixed), shape_error);
  CHECK(test::extents(named + named) == test::dims{3});
  CHECK(test::extents(named + fixed_one) == test::dims{3});
  CHECK(test::extents(named + fixed) == test::dims{3});
  CHECK_THROWS_AS(eval(named_one + fixed), shape_error);
  CHECK_THROWS_AS(eval(named + named_one), shape_error);  // one name, two sizes
  CHECK(test::extents(named + eq) == test::dims{3});
  CHECK_THROWS_AS(eval(named + one), shape_error);
}

TEST_CASE("common subexpressions are one node, across calls too") {
  CHECK(ops_of(exp(x + y) * exp(x + y)) == "leaf leaf add exp multiply ");
  const auto twice = [](auto v) { return exp(v) + tanh(v); };
  CHECK(ops_of(call(twice, x) * exp(x)) == "leaf exp tanh add multiply ");
  CHECK(ops_of(-(-x) + 1_c * x) == "leaf add ");
  CHECK(ops_of(x / 1_c + 0_c) == "leaf constant add ");
  CHECK(ops_of(permute<0, 1, 2>(x) + x) != "");
}

TEST_CASE("a call inlines to what the function gives directly") {
  const auto f = [](auto a, auto b) { return tanh(a * b) - sum(a, axis<-1>, keepdims); };
  CHECK(same_nodes(call(f, x, y), f(x, y)));
  const auto nested = [f](auto a, auto b) { return call(f, a, b) * call(f, b, a); };
  CHECK(same_nodes(call(nested, x, y), f(x, y) * f(y, x)));
  CHECK(graph_info<decltype(call(f, x, y))::graph_type>::size == 3);
}

TEST_CASE("reductions: axes of extent 1 are dropped, trailing axes and others apart, shapes squeezed") {
  CHECK(ops_of(sum(x, axis<2>, keepdims)) == "leaf sum ");
  CHECK(ops_of(sum(x, axes<1, 2>, keepdims)) == "leaf sum ");
  CHECK(ops_of(sum(x, keepdims)) == "leaf sum ");
  CHECK(ops_of(sum(x, axes<0, 2>, keepdims)) == "leaf sum sum ");  // over axis 2, then over axis 0
  using both = lowered<decltype(sum(x, axes<0, 2>, keepdims))>;
  CHECK(both::result.node[1].attribute.a[0] == 4);
  CHECK(both::result.node[2].attribute.a[0] == 1);
  // the trailing axes include those of extent 1
  CHECK(ops_of(sum(thin, axes<0, 1, 2>, keepdims)) == "leaf sum ");
  using inner = lowered<decltype(sum(thin, axes<1, 2>, keepdims))>;
  CHECK(inner::result.n == 2);
  CHECK(inner::result.node[1].attribute.a[0] == 4);
  // nothing to reduce
  CHECK(ops_of(sum(thin, axis<1>, keepdims) * thin) == "leaf multiply ");
  // without keepdims: the same nodes, and a view of their result
  CHECK(same_nodes(exp(squeeze<1>(sum(x, axis<1>, keepdims))), exp(sum(x, axis<1>))));
  CHECK(same_nodes(exp(squeeze<0, 2>(sum(x, axes<0, 2>, keepdims))), exp(sum(x, axes<2, 0>))));
}

TEST_CASE("nodes that no output needs are dropped, leaves stay") {
  using G = decltype((x + y) * exp(x))::graph_type;
  using P = tenon::detail::passes<G, places<0>, derive::nothing, places<>>;
  int maps = 0, leaves = 0;
  for (int i = 0; i < P::result.n; ++i) {
    const op_kind kind = P::world::rows()[P::result.node[i].op].kind;
    leaves += kind == op_kind::leaf;
    maps += kind == op_kind::map;
  }
  CHECK(leaves == 2);
  CHECK(maps == 1);  // a leaf that is asked for is copied
}

TEST_CASE("operands of one op have one dtype; numbers take it") {
  constexpr variable_of<"d", double, 4, 5, 6> d{};
  CHECK(ops_of(x + d) == "leaf astype leaf add ");
  using P = lowered<decltype((x + 2_c) * d)>;
  bool doubles = true;
  for (int i = 0; i < P::result.n; ++i)
    if (P::result.node[i].op == core::multiply)
      for (int k = 0; k < 2; ++k)
        doubles = doubles && P::result.node[P::result.node[i].in[k]].type == dtype::float64;
  CHECK(doubles);
}
