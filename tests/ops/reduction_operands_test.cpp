// What is reduced: an array, a slice, an expression, and a named one, which is computed once; the mean reads its
// operand's extents beside its elements.
#include "../support.hpp"
#include "tenon/array/create.hpp"
#include "tenon/ops/averages.hpp"

using namespace tenon;
using test::values;
using test::vec;

namespace {

template <class F>
void check(F f, const vec& squares, const vec& plain) {
  const tensor<float, dyn, dyn> x = {{1, 2, 3}, {4, 5, 9}};
  const auto named = x * x;
  CHECK(values(f(x * x)) == squares);
  CHECK(values(f(named)) == squares);
  CHECK(values(f(named)) == squares);
  CHECK(values(f(eval(named))) == squares);
  CHECK(values(f(x)) == plain);
  CHECK(values(f(x.slice(all, range(0, 3)))) == plain);
  CHECK(values(f(x * x) + f(x)) == [&] {
    vec both = squares;
    for (std::size_t i = 0; i < both.size(); ++i) both[i] += plain[i];
    return both;
  }());
}

}  // namespace

TEST_CASE("the mean") {
  check([](const auto& v) { return mean(v); }, {136.0f / 6}, {4});
  check([](const auto& v) { return mean(v, axis<0>); }, {8.5, 14.5, 45}, {2.5, 3.5, 6});
  check([](const auto& v) { return mean(v, axis<-1>, keepdims); }, {14.0f / 3, 122.0f / 3}, {2, 6});
}

TEST_CASE("sums, extrema, variances") {
  check([](const auto& v) { return sum(v, axis<1>); }, {14, 122}, {6, 18});
  check([](const auto& v) { return max(v, axis<0>); }, {16, 25, 81}, {4, 5, 9});
  check([](const auto& v) { return variance(v, axis<0>); }, {56.25, 110.25, 1296}, {2.25, 2.25, 9});
  check([](const auto& v) { return sum(v / mean(v, axis<1>, keepdims), axis<1>); }, {3, 3}, {3, 3});
}
