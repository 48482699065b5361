// Names of variables, outputs and states; shapes and dtypes from a few given ones.
#include <tenon/ops/joining.hpp>
#include <tenon/symbol/executor.hpp>

#include "../support.hpp"

using namespace tenon;
using test::contains;
using test::dims;
using test::thrown;
using test::values;

namespace {
const variable<"x", float, "batch", dyn> X;
const variable<"w1", float, dyn, 16> W1;
const variable<"b1", float, dyn> B1;
const variable<"w2", float, dyn, 10> W2;
const variable<"y", int, "batch"> Y;

auto logits() { return matmul(tanh(matmul(X, W1) + B1), W2); }
auto loss() { return -mean(pick(log_softmax(logits()), Y)); }
}  // namespace

TEST_CASE("names, in the order of first appearance, known at compile time") {
  constexpr auto arguments = list_arguments(decltype(loss()){});
  static_assert(arguments.size() == 5 && arguments[0] == "x" && arguments[1] == "w1" &&
                arguments[2] == "b1" && arguments[3] == "w2" && arguments[4] == "y");
  static_assert(list_arguments(variable<"x", float, 3>{})[0] == "x");
  static_assert(list_outputs(variable<"x", float, 3>{})[0] == "x");
  static_assert(list_outputs(decltype(loss()){})[0] == "negate0_output");
  static_assert(list_outputs(decltype(logits()){})[0] == "matmul1_output");
  static_assert(list_auxiliary_states(decltype(loss()){}).empty());

  const auxiliary<"mean", float, 10> M;
  const auto g = group(loss(), logits(), becomes<"mean">(0.9_c * M + 0.1_c * mean(logits(), axis<0>)));
  CHECK(list_arguments(g) == list_arguments(loss()));
  const auto outputs = list_outputs(g);
  REQUIRE(outputs.size() == 2);
  CHECK(outputs[0] == "negate0_output");
  CHECK(outputs[1] == "matmul1_output");
  const auto states = list_auxiliary_states(g);
  REQUIRE(states.size() == 1);
  CHECK(states[0] == "mean");
}

TEST_CASE("captured arrays and parameters are no arguments") {
  const tensor<float, 3, 2> w{{1, 2}, {3, 4}, {5, 6}};
  const variable<"x", float, "batch", 3> x;
  const auto names = list_arguments(matmul(x, w) * 2.f);
  REQUIRE(names.size() == 1);
  CHECK(names[0] == "x");
}

TEST_CASE("infer_shape: weights from the data's shape alone") {
  const inferred_shapes s = infer_shape(loss(), arg<"x"> = {32, 784});
  CHECK(s.complete);
  CHECK(s.of("x") == dims{32, 784});
  CHECK(s.of("w1") == dims{784, 16});
  CHECK(s.of("b1") == dims{16});
  CHECK(s.of("w2") == dims{16, 10});
  CHECK(s.of("y") == dims{32});
  CHECK(s.outputs.size() == 1);
  CHECK(s.outputs[0].shape.empty());
  const auto both = infer_shape(group(loss(), logits()), arg<"w1"> = {5, 16}, extent_of<"batch"> = 3);
  CHECK(both.of("x") == dims{3, 5});
  CHECK(both.outputs[1] == shape_entry{"matmul1_output", {3, 10}});
  CHECK_THROWS_AS(both.of("z"), usage_error);
  // an array gives its shape
  CHECK(infer_shape(loss(), arg<"x"> = zeros<float>(7, 2)).of("w1") == dims{2, 16});
}

TEST_CASE("infer_shape_partial: -1 where nothing determines an extent") {
  const auto s = infer_shape_partial(loss(), extent_of<"batch"> = 8);
  CHECK_FALSE(s.complete);
  CHECK(s.of("x") == dims{8, -1});
  CHECK(s.of("w1") == dims{-1, 16});
  CHECK(s.of("w2") == dims{16, 10});
  CHECK(s.of("y") == dims{8});
  const auto nothing = infer_shape_partial(logits());
  CHECK(nothing.of("x") == dims{-1, -1});
  CHECK(nothing.outputs[0].shape == dims{-1, 10});
  const auto line = thrown<shape_error>([] { infer_shape(loss(), extent_of<"batch"> = 8); });
  CHECK(contains(line, "\"x\""));
  CHECK(contains(line, "\"w1\""));
  CHECK_FALSE(contains(line, "\"w2\""));
}

TEST_CASE("infer_shape_partial: its results are given to it again; -1 says nothing") {
  const auto rows_alone = infer_shape_partial(logits(), arg<"x"> = {32, -1});
  CHECK(rows_alone.of("x") == dims{32, -1});
  CHECK(rows_alone.of("w1") == dims{-1, 16});
  const auto columns_alone = infer_shape_partial(logits(), arg<"x"> = {-1, 784});
  CHECK(columns_alone.of("x") == dims{-1, 784});
  CHECK(columns_alone.of("w1") == dims{784, 16});
  CHECK(infer_shape(logits(), arg<"x"> = {32, -1}, arg<"w1"> = {784, 16}).of("x") == dims{32, 784});
  CHECK(contains(thrown<shape_error>([] {
                   infer_shape_partial(logits(), arg<"x"> = {32, -2});
                 }),
                 "negative"));
}

TEST_CASE("infer_shape goes backwards through transpositions, sums, slices and broadcasts") {
  const variable<"a", double, dyn, dyn> A;
  const variable<"b", double, dyn, dyn> B;
  const variable<"c", double, dyn> C;
  const auto s = infer_shape(sum(matmul(transpose(A), B) * C, axis<1>), arg<"a"> = {4, 3}, arg<"c"> = {6});
  CHECK(s.of("b") == dims{4, 6});
  CHECK(s.outputs[0].shape == dims{3});
  const auto back = infer_shape_partial(A + transpose(B), arg<"b"> = {2, 5});
  CHECK(back.of("a") == dims{5, 2});
  const auto joined = infer_shape(concat<0>(A, B), arg<"a"> = {2, 5}, arg<"b"> = {3, 5});
  CHECK(joined.outputs[0].shape == dims{5, 5});
  // extents that may be broadcast are what is given
  const auto broadcast = infer_shape(A * B, arg<"a"> = {1, 5}, arg<"b"> = {4, 1});
  CHECK(broadcast.of("a") == dims{1, 5});
  CHECK(broadcast.of("b") == dims{4, 1});
  CHECK(broadcast.outputs[0].shape == dims{4, 5});
}

TEST_CASE("infer_shape says what does not fit") {
  const auto op = thrown<shape_error>([] { infer_shape(logits(), arg<"x"> = {4, 7}, arg<"w1"> = {8, 16}); });
  CHECK(contains(op, "matmul"));
  CHECK(contains(op, "\"x\" [batch=4, 7]"));
  CHECK(contains(op, "\"w1\" [8, 16]"));
  CHECK_FALSE(contains(op, "\n"));
  const auto name = thrown<shape_error>([] { infer_shape(loss(), arg<"x"> = {4, 7}, arg<"y"> = {5}); });
  CHECK(contains(name, "\"batch\" is 4 in \"x\" and 5 in \"y\""));
  CHECK(contains(thrown<shape_error>([] { infer_shape(loss(), arg<"w1"> = {4, 15}); }), "[4, 15]"));
  CHECK(contains(thrown<shape_error>([] { infer_shape(loss(), arg<"x"> = {4}); }), "\"x\""));
  CHECK(contains(thrown<shape_error>([] { infer_shape(loss(), arg<"x"> = {-3, 4}); }), "negative"));
  CHECK(contains(thrown<usage_error>([] { infer_shape(loss(), extent_of<"time"> = 4); }), "\"time\""));
  CHECK_THROWS_AS(infer_shape(loss(), extent_of<"batch"> = -4), shape_error);
  CHECK(contains(thrown<shape_error>([] {
                   infer_shape(loss(), arg<"x"> = {4, 7}, extent_of<"batch"> = 6);
                 }),
                 "\"batch\""));
}

TEST_CASE("infer_dtype: all dtypes are known at compile time") {
  constexpr auto d = infer_dtype(decltype(loss()){});
  static_assert(d.arguments.size() == 5 && d.arguments[4].name == "y" && d.arguments[4].type == dtype::int32);
  static_assert(d.arguments[0].type == dtype::float32 && d.outputs[0].type == dtype::float32);
  const variable<"a", double, 3> A;
  CHECK(infer_dtype(group(A > 0., sum(A))).outputs[0].type == dtype::boolean);
}

TEST_CASE("simple_bind finds the shapes of weights from the data's") {
  auto ex = simple_bind(loss(), cpu(0), arg<"x"> = {6, 4});
  CHECK(test::extents(ex.arg<"w1">()) == dims{4, 16});
  CHECK(test::extents(ex.arg<"b1">()) == dims{16});
  CHECK(test::extents(ex.arg<"w2">()) == dims{16, 10});
  CHECK(test::extents(ex.arg<"y">()) == dims{6});
  ex.forward(mode::train);
  CHECK(double(ex.output().item()) == doctest::Approx(std::log(10.0)));
  ex.backward();
  CHECK(test::extents(ex.grad<"w1">()) == dims{4, 16});
  // an array in place of a shape
  auto data = zeros<float>(3, 5);
  auto with_array = simple_bind(logits(), cpu(0), arg<"x"> = data);
  CHECK(test::extents(with_array.arg<"w1">()) == dims{5, 16});
  with_array.forward();
  CHECK(test::extents(with_array.output()) == dims{3, 10});
  const auto line = thrown<usage_error>([] { simple_bind(loss(), cpu(0), extent_of<"batch"> = 4); });
  CHECK(contains(line, "\"x\" and \"w1\""));
  CHECK_THROWS_AS(simple_bind(loss(), cpu(0), arg<"x"> = {6, 4}, arg<"y"> = {5}), shape_error);
}

TEST_CASE("eval: the value once") {
  const variable<"a", double, dyn> A;
  const variable<"b", double, dyn> B;
  const tensor<double, 3> a{1, 2, 3}, b{4, 5, 6};
  CHECK(values(eval(A * B + 1., arg<"a"> = a, arg<"b"> = ref(b))) == test::vec{5, 11, 19});
  const auto [product, total] = eval(group(A * B, sum(A)), arg<"a"> = a, arg<"b"> = b);
  CHECK(values(product) == test::vec{4, 10, 18});
  CHECK(values(total) == test::vec{6});
}
