// Reductions over several axes in one program: each is right whatever shares its kernel.
#include <array>

#include "../support.hpp"

using namespace tenon;
using test::values;
using test::vec;

namespace {
tensor<double, 2, 3, 4> counted() {
  tensor<double, 2, 3, 4> x;
  for (int i = 0; i < 24; ++i) x.own()[i] = i;
  return x;
}
}  // namespace

TEST_CASE("a reduction of what a reduction dropped an axis of") {
  const auto x = counted();
  CHECK(values(sum(sum(x, axis<2>), axis<0>)) == vec{60, 92, 124});
  CHECK(values(sum(max(x * 2.0, axis<2>) * 0.5, axis<0>)) == vec{18, 26, 34});
  CHECK(values(sum(sum(x, axis<2>, keepdims), axis<0>)) == vec{60, 92, 124});
}

TEST_CASE("sums over all axes and over some in one program") {
  const auto x = counted();
  const auto y = eval(square(x - 1.0));
  vec expected;
  double total = 0;
  for (const double v : y) total += v;
  for (int j = 0; j < 3; ++j)
    for (int k = 0; k < 4; ++k) expected.push_back((y(0, j, k) + y(1, j, k)) / total);
  const vec got = values(sum(square(x - 1.0), axis<0>) / sum(square(x - 1.0)));
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-14));
}
