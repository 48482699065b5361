// Auxiliary states: values that forward(mode::train) changes.
#include <tenon/symbol/executor.hpp>

#include "../support.hpp"

using namespace tenon;
using test::contains;
using test::thrown;
using test::values;
using test::vec;

namespace {
const variable<"x", float, "batch", 2> X;
const auxiliary<"mean", float, 2> M;
const auxiliary<"count", float> C;

// x normalised by the running mean, which moves by 1/4 towards the batch's
auto net() {
  return group(sum(square(X - M)), X - M, becomes<"mean">(0.75_c * M + 0.25_c * mean(X, axis<0>)),
               becomes<"count">(C + 1.f));
}
auto bound() {
  return bind(net(), cpu(0), arg<"x"> = tensor<float, 2, 2>{{4, 8}, {8, 16}},
              arg<"mean"> = tensor<float, 2>{0, 0}, arg<"count"> = tensor<float>(0.f));
}
}  // namespace

TEST_CASE("a state gets its new value by forward(mode::train), and only by it") {
  auto ex = bound();
  ex.forward();
  CHECK(values(ex.aux<"mean">()) == vec{0, 0});
  for (int pass = 1; pass <= 3; ++pass) {
    const vec before = values(ex.aux<"mean">());
    ex.forward(mode::train);
    CHECK(values(ex.output<1>())[0] == 4 - before[0]);  // of the state as it was
    CHECK(values(ex.aux<"mean">())[0] == 0.75 * before[0] + 0.25 * 6);
    CHECK(values(ex.aux<"mean">())[1] == 0.75 * before[1] + 0.25 * 12);
    CHECK(values(ex.aux<"count">())[0] == pass);
    ex.forward();
    CHECK(values(ex.aux<"count">())[0] == pass);
    CHECK(values(ex.aux<1>())[0] == pass);
  }
}

TEST_CASE("backward reads the state that forward read; states have no gradient") {
  auto ex = bound();
  ex.forward(mode::train);
  ex.forward(mode::train);
  const vec state{1.5, 3};  // after the first pass
  ex.backward();
  CHECK(values(ex.grad<"x">()) ==
        vec{2 * (4 - state[0]), 2 * (8 - state[1]), 2 * (8 - state[0]), 2 * (16 - state[1])});
  static_assert(decltype(ex)::gradient_of(1) < 0);
}

TEST_CASE("a state that is kept stays as it was; the caller's array is not written") {
  const tensor<float, 2> mine{0, 0};
  auto ex = bind(net(), cpu(0), arg<"x"> = tensor<float, 2, 2>{{4, 8}, {8, 16}}, arg<"mean"> = mine,
                 arg<"count"> = tensor<float>(0.f));
  ex.forward(mode::train);
  const auto kept = ex.aux<"mean">();
  for (int i = 0; i < 4; ++i) ex.forward(mode::train);
  CHECK(values(kept) == vec{1.5, 3});
  CHECK(values(mine) == vec{0, 0});
  CHECK(values(ex.aux<"mean">()) != vec{1.5, 3});
  ex.set(arg<"mean"> = mine);  // and it may be set anew
  ex.forward(mode::train);
  CHECK(values(ex.aux<"mean">()) == vec{1.5, 3});
}

TEST_CASE("outputs are counted without states; simple_bind makes zeros of states") {
  CHECK(list_outputs(net()).size() == 2);
  CHECK(list_auxiliary_states(net())[0] == "mean");
  CHECK(list_auxiliary_states(net())[1] == "count");
  auto ex = simple_bind(net(), cpu(0), extent_of<"batch"> = 3);
  CHECK(values(ex.aux<"mean">()) == vec{0, 0});
  ex.forward(mode::train);
  CHECK(values(ex.aux<"count">()) == vec{1});
}

TEST_CASE("a state of open extents keeps its shape; ref() is refused") {
  const auxiliary<"s", float, dyn> S;
  const variable<"x", float, dyn, dyn> Y;
  auto ex = bind(group(sum(Y) + sum(S), becomes<"s">(sum(Y, axis<0>))), cpu(0),
                 arg<"x"> = tensor<float, 2, 2>{{1, 2}, {3, 4}}, arg<"s"> = tensor<float, 2>{0, 0});
  ex.forward(mode::train);
  CHECK(values(ex.aux<"s">()) == vec{4, 6});
  const auto line = thrown<shape_error>([&] { ex.forward(mode::train, arg<"x"> = zeros<float>(2, 3)); });
  CHECK(contains(line, "\"s\""));
  CHECK(contains(line, "[3]"));
  CHECK(values(ex.aux<"s">()) == vec{4, 6});
  ex.forward(mode::train, arg<"x"> = ones<float>(5, 2));
  CHECK(values(ex.aux<"s">()) == vec{5, 5});
  const tensor<float, 2> s{1, 2};
  CHECK(contains(thrown<usage_error>([&] { ex.set(arg<"s"> = ref(s)); }), "\"s\""));
}
