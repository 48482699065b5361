// isclose, allclose and array_equal, against what numpy.isclose says.
#include <tenon/array/closeness.hpp>
#include <tenon/array/create.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support.hpp"

using namespace tenon;
using test::values;
using test::vec;

namespace {
const double inf = std::numeric_limits<double>::infinity(),
             not_a_number = std::numeric_limits<double>::quiet_NaN();
}  // namespace

TEST_CASE("isclose is numpy's") {
  const tensor<double, dyn> a{1, 1, 1, inf, inf, -inf, not_a_number, 0, 1e10, 1, inf, 0};
  const tensor<double, dyn> b{1,    1.00001,    1.0001, inf, -inf, inf, not_a_number,
                              1e-9, 1.00001e10, inf,    1,   1e-7};
  CHECK(values(isclose(a, b)) == vec{1, 1, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0});
  CHECK(values(isclose(a, b, 0, 1e-3)) == vec{1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1});
  CHECK(values(isclose(a, b, 1e-3)) == vec{1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0});
  const tensor<complex128, 4> y{1, {1, 1}, {1, 1.00001}, {inf, 0}}, z{1, {1, 1.1}, {1, 1}, {inf, 0}};
  CHECK(values(isclose(y, z)) == vec{1, 0, 1, 1});
}

TEST_CASE("closeness broadcasts, takes any dtype and expressions") {
  const tensor<float, 2, 3> x{{1, 2, 3}, {1, 2, 3}};
  const tensor<float, 3> row{1, 2, 3};
  CHECK(bool(allclose(x, row)));
  CHECK(bool(allclose(x * 2.f, row + row)));
  CHECK(bool(allclose(sqrt(x) * sqrt(x), x)));
  CHECK_FALSE(bool(allclose(x, row + 1.f)));
  CHECK(values(isclose(tensor<int, 3>{1, 2, 3}, tensor<int, 3>{1, 2, 4})) == vec{1, 1, 0});
  CHECK(values(isclose(tensor<int, 2>{1000000, 1000}, tensor<int, 2>{1000001, 1001})) == vec{1, 0});
  CHECK(bool(allclose(tensor<bool, 2>{true, false}, tensor<bool, 2>{true, false})));
  CHECK(bool(allclose(tensor<float16, 1>{1.f}, tensor<float16, 1>{1.f})));
  CHECK(bool(allclose(zeros<float>(0, 3), zeros<float>(0, 3))));
  if (allclose(x[0], x[1])) CHECK(true);
}

TEST_CASE("array_equal: one shape and equal elements, else false") {
  const tensor<float, 2, 3> x{{1, 2, 3}, {4, 5, 6}};
  const tensor<float, dyn, dyn> y = x;
  CHECK(array_equal(x, y));
  CHECK(array_equal(x * 2.f, y + y));
  CHECK_FALSE(array_equal(x, y.slice(all, range(0, 2))));
  CHECK_FALSE(array_equal(x, tensor<float, 3, 2>()));
  CHECK_FALSE(array_equal(x, tensor<float, 2, 4>()));
  CHECK_FALSE(array_equal(x, x[0]));  // equal where it broadcasts, but of another shape
  CHECK(array_equal(x, astype<double>(x)));
  CHECK_FALSE(array_equal(tensor<double, 1>{not_a_number}, tensor<double, 1>{not_a_number}));
  CHECK(array_equal(zeros<float>(0, 3), zeros<float>(0, 3)));
  CHECK_FALSE(array_equal(zeros<float>(0, 3), zeros<float>(0, 4)));
}
