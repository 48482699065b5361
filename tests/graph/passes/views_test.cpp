// Views of views become one view, or none; their checks stay.
#include "graphs.hpp"

using namespace tenon;
using test::graph_of;
using test::ops_of;

namespace {
constexpr test::variable<"x", float, 2, 3, 4> x{};
constexpr test::variable<"n", float, "n", 3, 4> n{};
constexpr test::variable<"d", float, dyn, 6> d{};

tensor<float, 2, 3, 4> numbers() {
  tensor<float, 2, 3, 4> t;
  for (int k = 0; k < 24; ++k) t.data()[k] = float(k);
  return t;
}
}  // namespace

TEST_CASE("permutations compose and cancel") {
  CHECK(ops_of(exp(transpose(transpose(x)))) == "exp");
  CHECK(ops_of(exp(permute<0, 1, 2>(x))) == "exp");
  CHECK(ops_of(exp(permute<1, 2, 0>(permute<2, 0, 1>(x)))) == "exp");
  CHECK(graph_of(exp(permute<1, 0, 2>(permute<1, 2, 0>(x)))) ==
        "0 leaf\n1 permute 0 {18}\n2 exp 1\n");  // 2, 1, 0
  CHECK(ops_of(exp(transpose(transpose(x))), passes::none) == "permute permute exp");
  const auto t = numbers();
  CHECK(test::unchanged(permute<1, 0, 2>(permute<1, 2, 0>(t)) * 1.f));
  CHECK(test::unchanged(permute<2, 0, 1>(permute<1, 0, 2>(t)) * 1.f));
  CHECK(test::unchanged(permute<0, 2, 1>(permute<1, 2, 0>(permute<2, 1, 0>(t))) * 1.f));
}

TEST_CASE("axes of extent 1") {
  CHECK(ops_of(exp(squeeze<1>(expand_dims<1>(x)))) == "exp");
  CHECK(graph_of(exp(expand_dims<0>(expand_dims<0>(x)))) == "0 leaf\n1 expand_dims 0 {3}\n2 exp 1\n");
  CHECK(graph_of(exp(expand_dims<1>(expand_dims<0>(x)))) == "0 leaf\n1 expand_dims 0 {3}\n2 exp 1\n");
  CHECK(graph_of(exp(expand_dims<0>(expand_dims<2>(x)))) == "0 leaf\n1 expand_dims 0 {9}\n2 exp 1\n");
  CHECK(graph_of(exp(squeeze<0>(expand_dims<2>(expand_dims<0>(x))))) ==
        "0 leaf\n1 expand_dims 0 {2}\n2 exp 1\n");
  CHECK(graph_of(exp(squeeze<0, 3>(expand_dims<3>(expand_dims<0>(x))))) == "0 leaf\n1 exp 0\n");
  constexpr test::variable<"thin", float, 1, 3, 1, 4> thin{};
  CHECK(graph_of(exp(squeeze<1>(squeeze<0>(thin)))) == "0 leaf\n1 squeeze 0 {5}\n2 exp 1\n");
  CHECK(graph_of(exp(expand_dims<0>(squeeze<0>(thin)))) == "0 leaf\n1 exp 0\n");
  CHECK(graph_of(exp(squeeze<0, 1, 3>(expand_dims<1>(thin)))) == "0 leaf\n1 squeeze 0 {5}\n2 exp 1\n");
  // a sum that keeps its axis, and one whose axis is put back
  CHECK(ops_of(x - expand_dims<1>(sum(x, axis<1>))) == "sum subtract");
  const auto t = numbers();
  CHECK(test::unchanged(expand_dims<1>(expand_dims<0>(t)) * 1.f));
  CHECK(test::unchanged(squeeze<0>(expand_dims<2>(expand_dims<0>(t))) * 1.f));
  CHECK(test::unchanged(t - expand_dims<1>(sum(t, axis<1>))));
}

TEST_CASE("reshapes compose, where the first is sure to fit") {
  CHECK(ops_of(exp(reshape<2, 3, 4>(x))) == "exp");
  CHECK(ops_of(exp(reshape<2, 3, 4>(reshape<24>(x)))) == "exp");
  CHECK(graph_of(exp(reshape<6, 4>(reshape<24>(x)))) == "0 leaf\n1 reshape 0\n2 exp 1\n");
  CHECK(graph_of(exp(reshape<6, 4>(expand_dims<0>(x)))) == "0 leaf\n1 reshape 0\n2 exp 1\n");
  CHECK(graph_of(exp(reshape<"n", 2, 6>(reshape<"n", 12>(n)))) == "0 leaf\n1 reshape 0\n2 exp 1\n");
  CHECK(ops_of(exp(reshape<"n", 3, 4>(reshape<"n", 12>(n)))) == "exp");
  CHECK(ops_of(exp(reshape<dyn>(reshape<dyn, 4>(d)))) == "reshape reshape exp");  // 6 n may not divide by 4
  CHECK(ops_of(reshape<24>(reshape<12, 2>(transpose(x))) * 1_c) == "permute reshape reshape broadcast_to");
  const auto t = numbers();
  CHECK(test::unchanged(reshape<6, 4>(reshape<24>(t)) * 1.f));
  CHECK(test::unchanged(reshape<24>(reshape<12, 2>(transpose(t))) * 1.f));
  const auto odd = ones<float>(3, 6);
  CHECK_THROWS_AS(eval(reshape<dyn>(reshape<dyn, 4>(odd)) * 1.f), shape_error);
}

TEST_CASE("slices of slices, and the slice of everything") {
  CHECK(ops_of(exp(slice<2, 0, 4>(x))) == "exp");
  CHECK(graph_of(exp(slice<2, 1, 3>(slice<2, 1, 4>(x)))) == "0 leaf\n1 slice 0 {2,2,4,1}\n2 exp 1\n");
  CHECK(ops_of(exp(slice<2, 1, 3>(slice<1, 0, 2>(x)))) == "slice slice exp");
  CHECK(ops_of(exp(slice<0, 0, 2>(slice<0, 0, 4>(n)))) == "slice slice exp");  // n may be 3: an error
  const auto t = numbers();
  CHECK(test::unchanged(slice<2, 1, 3>(slice<2, 1, 4>(t)) * 1.f));
  CHECK(test::unchanged(slice<2, 1, -1, -1>(slice<2, 3, -1, -1>(t)) * 1.f));
  CHECK(test::unchanged(slice<2, 0, 2>(slice<2, 3, -1, -2>(t)) * 1.f));
  CHECK(test::unchanged(slice<2, 1, -1, -1>(slice<2, 0, 4, 2>(t)) * 1.f));
  CHECK(test::unchanged(slice<2, 1, 1>(slice<2, 0, 4, 2>(t)) * 1.f));
  CHECK_THROWS_AS(eval(slice<0, 0, 2>(slice<0, 0, 4>(ones<float>(3))) * 1.f), shape_error);
}

TEST_CASE("gradients through views are what they are without the pass") {
  const auto t = numbers();
  const auto g = [](const auto& v) {
    return sum(square(slice<2, 1, 3>(slice<2, 1, 4>(v))) * squeeze<0>(expand_dims<0>(slice<2, 1, 3>(v)))) +
           sum(exp(permute<1, 0, 2>(permute<1, 2, 0>(v)) * 0.1_c) * reshape<4, 3, 2>(reshape<24>(v)));
  };
  auto with = compile(value_and_grad(g), spec<float, 2, 3, 4>{});
  auto without = compile(value_and_grad(g), passes::none, spec<float, 2, 3, 4>{});
  const auto [p, dp] = with(t);
  const auto [q, dq] = without(t);
  CHECK(item(p) == item(q));
  CHECK(test::same_bits(tensor<float, 2, 3, 4>(dp), tensor<float, 2, 3, 4>(dq)));
}
