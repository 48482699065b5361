// The compound assignments of remainders and bits, on tensors and through slices.
#include "../support.hpp"

#include <tenon/ops/axes.hpp>
#include <tenon/ops/bits.hpp>
#include <tenon/ops/rounding.hpp>

using namespace tenon;
using test::values;
using test::vec;

TEST_CASE("tensors") {
  tensor<std::int32_t, 4> x{5, 6, 7, -8};
  x %= 4;
  CHECK(values(x) == vec{1, 2, 3, 0});
  x <<= 2;
  CHECK(values(x) == vec{4, 8, 12, 0});
  x |= tensor<std::int32_t, 4>{1, 1, 0, 3};
  CHECK(values(x) == vec{5, 9, 12, 3});
  x &= 13;
  CHECK(values(x) == vec{5, 9, 12, 1});
  x ^= x + 0;
  CHECK(values(x) == vec{0, 0, 0, 0});
  tensor<std::int64_t, dyn> y{-9, 9};
  y >>= 1;
  CHECK(values(y) == vec{-5, 4});
  CHECK_THROWS_AS((y |= zeros<std::int64_t>(3)), shape_error);
  tensor<double, 2> d{5.5, -5.5};
  d %= 2.0;
  CHECK(values(d) == vec{1.5, 0.5});
  tensor<bool, 3> b{true, false, true};
  b &= tensor<bool, 3>{true, true, false};
  CHECK(values(b) == vec{1, 0, 0});
  b |= tensor<bool, 3>{false, true, false};
  CHECK(values(b) == vec{1, 1, 0});
}

TEST_CASE("slices") {
  tensor<std::int32_t, 2, 3> x{{1, 2, 3}, {4, 5, 6}};
  x.slice(all, range(1, 3)) %= 3;
  CHECK(values(x) == vec{1, 2, 0, 4, 2, 0});
  x[0] |= 8;
  x[1] <<= tensor<std::int32_t, 3>{1, 2, 3};
  CHECK(values(x) == vec{9, 10, 8, 8, 8, 0});
  x[0] &= 9;
  x[0] ^= 1;
  x[1] >>= 1;
  CHECK(values(x) == vec{8, 9, 9, 4, 4, 0});
}

TEST_CASE("unary plus") {
  const tensor<float, 2> x{1, -2};
  CHECK(values(+x) == vec{1, -2});
  CHECK(values(positive(x * 2.f)) == vec{2, -4});
  CHECK(values(+(x * 2.f) + x[0]) == vec{3, -3});
}
