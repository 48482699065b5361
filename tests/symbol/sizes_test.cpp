// reshape: other sizes for a bound executor, in the memory that it has.
#include <tenon/symbol/monitor.hpp>

#include "../support.hpp"

using namespace tenon;
using test::contains;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

namespace {
const variable<"x", float, "batch", dyn> X;
const variable<"w", float, dyn, 2> W;
const variable<"y", float, "batch", 2> Y;
auto loss() { return group(sum(square(tanh(matmul(X, W)) - Y)), matmul(X, W)); }

auto filled(tenon::index n, tenon::index m) {
  auto x = zeros<float>(n, m);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = 0.125f * float(i % 13) - 0.75f;
  return x;
}
}  // namespace

TEST_CASE("reshape: a name, everything that has it follows, the rest keeps its values") {
  const auto w = filled(3, 2);
  auto ex = simple_bind(loss(), cpu(0), extent_of<"batch"> = 32, arg<"w"> = w);
  CHECK(test::extents(ex.arg<"x">()) == dims{32, 3});
  ex.forward(mode::train);
  ex.backward();
  ex.reshape(extent_of<"batch"> = 5);
  CHECK(test::extents(ex.arg<"x">()) == dims{5, 3});
  CHECK(test::extents(ex.arg<"y">()) == dims{5, 2});
  CHECK(values(ex.arg<"w">()) == values(w));
  CHECK_THROWS_AS(ex.output<0>(), usage_error);
  CHECK_THROWS_AS(ex.backward(), usage_error);
  ex.forward(arg<"x"> = filled(5, 3));
  CHECK(values(ex.output<1>()) == values(matmul(filled(5, 3), w)));
  ex.reshape(arg<"x"> = {40, 3});
  CHECK(test::extents(ex.arg<"y">()) == dims{40, 2});
  ex.forward(mode::train, arg<"x"> = filled(40, 3));
  ex.backward();
  CHECK(test::extents(ex.grad<"x">()) == dims{40, 3});
  CHECK(values(ex.output<1>()) == values(matmul(filled(40, 3), w)));
}

TEST_CASE("reshape: open extents change with what determines them") {
  auto ex = simple_bind(loss(), cpu(0), arg<"x"> = {4, 3});
  ex.reshape(arg<"x"> = {4, 7}, arg<"w"> = {7, 2});
  CHECK(test::extents(ex.arg<"w">()) == dims{7, 2});
  ex.forward();
  CHECK(test::extents(ex.output<1>()) == dims{4, 2});
  ex.reshape(arg<"x"> = {6, 5});  // w follows
  CHECK(test::extents(ex.arg<"w">()) == dims{5, 2});
  CHECK(test::extents(ex.arg<"y">()) == dims{6, 2});
}

TEST_CASE("reshape: a misfit changes nothing") {
  auto ex = simple_bind(loss(), cpu(0), arg<"x"> = {4, 3});
  ex.forward();
  CHECK(contains(thrown<shape_error>([&] {
                   ex.reshape(arg<"x"> = {5, 3}, arg<"y"> = {6, 2});
                 }),
                 "\"batch\""));
  CHECK(contains(thrown<shape_error>([&] { ex.reshape(arg<"x"> = {5, 4}, arg<"w"> = {3, 2}); }), "matmul"));
  CHECK(contains(thrown<shape_error>([&] { ex.reshape(arg<"y"> = {4, 3}); }), "\"y\""));
  CHECK(contains(thrown<usage_error>([&] { ex.reshape(extent_of<"time"> = 3); }), "\"time\""));
  CHECK(test::extents(ex.arg<"x">()) == dims{4, 3});
  CHECK(test::extents(ex.output<1>()) == dims{4, 2});  // of the pass before
  const auto x = filled(4, 3);
  ex.forward(arg<"x"> = ref(x));
  CHECK(contains(thrown<usage_error>([&] { ex.reshape(extent_of<"batch"> = 3); }), "\"x\" is shared"));
  ex.forward();
}

TEST_CASE("reshape: arrays stay where they are when the new ones fit; kept ones are not overwritten") {
  auto ex = simple_bind(loss(), cpu(0), arg<"x"> = {32, 3});
  const auto place = [&] { return static_cast<const void*>(ex.arg<"x">().flat()); };
  const void* const before = place();
  ex.forward(mode::train);
  ex.backward();
  ex.reshape(extent_of<"batch"> = 8);
  CHECK(place() == before);
  ex.reshape(extent_of<"batch"> = 32);
  CHECK(place() == before);
  ex.reshape(extent_of<"batch"> = 64);
  const auto kept = ex.arg<"x">();
  ex.reshape(extent_of<"batch"> = 3);
  CHECK(place() != static_cast<const void*>(kept.flat()));
  CHECK(kept.size() == 64 * 3);
  // what was given from outside is not taken for memory of the executor's own
  const auto mine = filled(2, 3);
  ex.set(arg<"x"> = mine, arg<"y"> = filled(2, 2));
  ex.reshape(extent_of<"batch"> = 64);
  CHECK(values(mine) == values(filled(2, 3)));
  ex.forward(mode::train);
  CHECK(values(ex.output<1>()) == vec(128, 0.));
}

TEST_CASE("the plan's memory shrinks only where most of it would lie idle") {
  auto ex = simple_bind(loss(), cpu(0), arg<"x"> = {512, 3});
  ex.forward(mode::train);
  const tenon::index large = ex.arena_bytes();
  CHECK(large > 0);
  ex.reshape(extent_of<"batch"> = 16);
  ex.forward(mode::train);
  CHECK(ex.arena_bytes() < large);
  ex.reshape(extent_of<"batch"> = 512);
  ex.forward(mode::train);
  CHECK(ex.arena_bytes() == large);
}
