// Elements of views, and what has no axes read as a number.
#include <tenon/array/borrow.hpp>
#include <tenon/array/create.hpp>
#include <tenon/ops/complex.hpp>
#include <tenon/ops/statistics.hpp>

#include <doctest/doctest.h>

#include <utility>

#include "../support.hpp"

using namespace tenon;
using test::thrown;

TEST_CASE("an element of a view is the one at its place in the tensor") {
  auto x = from_function<float>([](auto i, auto j) { return 10 * i + j; }, 5, 7);
  const auto v = x.slice(range(4, 0, -2), range(1, 7, 3));  // rows 4, 2; columns 1, 4
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) CHECK(v(i, j) == static_cast<float>(10 * (4 - 2 * i) + 1 + 3 * j));
  CHECK(v(-1, -1) == 24);
  CHECK(std::as_const(x).slice(all, 3)(2) == 23);
  CHECK(tensor<int, 2, 3>{{1, 2, 3}, {4, 5, 6}}[1](2) == 6);  // small, of a temporary
  CHECK(v.shape() == std::array<tenon::index, 2>{2, 2});
  CHECK(v.strides() == std::array<tenon::index, 2>{-14, 3});
  CHECK(test::contains(thrown<index_error>([&] { v(2, 0); }), "index 2 on axis 0 of extent 2"));
  CHECK(test::contains(thrown<index_error>([&] { v(0, -3); }), "index -3 on axis 1 of extent 2"));
}

TEST_CASE("an element of a view is written through, and no copy sees it") {
  tensor<float, dyn, dyn> x{{1, 2}, {3, 4}};
  const auto copy = x;
  x[1](0) = 30;
  x.slice(all, 1)(0) += 18;
  CHECK(test::values(x) == test::vec{1, 20, 30, 4});
  CHECK(test::values(copy) == test::vec{1, 2, 3, 4});
  auto v = x[0];
  const auto later = x;  // a writable view lives: copied at once
  v(0) = 10;
  CHECK(later(0, 0) == 1);
  CHECK(x(0, 0) == 10);
  tensor<int, 2> n{7, 8};  // its elements are inside it
  n.slice(range(1, 2))(0) %= 5;
  CHECK(n(1) == 3);
}

TEST_CASE("axes are checked and counted from the end, of views and selections too") {
  tensor<float, dyn, dyn> x = zeros<float>(2, 3);
  CHECK(x[0].extent(-1) == 3);
  CHECK(x[x > 0].extent(-1) == 0);
  CHECK(x[x == 0].shape() == std::array<tenon::index, 1>{6});
  const std::string message = "axis 2 of an array of 2 axes: there is no such axis";
  CHECK(thrown<index_error>([&] { x.extent(2); }) == message);
  CHECK(thrown<index_error>([&] { x.slice(all).extent(2); }) == message);
  CHECK(thrown<index_error>([&] { x[tensor<int, 1>{0}].extent(2); }) == message);
  CHECK(thrown<index_error>([&] { x.slice(all).extent(-3); }) ==
        "axis -3 of an array of 2 axes: there is no such axis");
  CHECK(thrown<index_error>([&] { borrow(x.data(), 2, 3).stride(2); }) == message);
}

TEST_CASE("what has no axes reads as a number: tensors, views and expressions") {
  tensor<float, dyn, dyn> x{{1, 2.5f}, {3, 4}};
  CHECK(float(sum(x)) == 10.5f);
  CHECK(double(sum(x)) == 10.5);
  CHECK(int(sum(x)) == 10);
  CHECK(sum(x).item() == 10.5f);
  CHECK(double(eval(sum(x))) == 10.5);
  CHECK(double(x[0][1]) == 2.5);
  CHECK(x[0][1].item() == 2.5f);
  CHECK(float(sum(astype<float16>(x))) == 10.5f);
  CHECK(complex128(sum(astype<complex128>(x))).re == 10.5);
  int taken = 0;
  if (all(x == x)) taken += 1;
  if (any(x > 4)) taken += 2;
  if (x[0][0]) taken += 4;
  CHECK(taken == 5);
  CHECK(test::contains(thrown<shape_error>([&] { x[0].item(); }), "expected one element, got shape [2]"));
  CHECK(test::contains(thrown<shape_error>([&] { (x + 1).item(); }), "expected one element"));
  static_assert(!std::is_convertible_v<tensor<float>, float>);
  static_assert(!std::is_constructible_v<float, tensor<complex64>>);
  static_assert(!std::is_constructible_v<float, tensor<float, 1>>);
}

TEST_CASE("a named expression that is read as a number is evaluated once") {
  tensor<float, dyn> x{1, 2};
  const auto e = sum(x * 2.f);
  x = tensor<float, dyn>{50, 60};
  CHECK(float(e) == 6);  // of what x was
  CHECK(float(e) == 6);
}

TEST_CASE("parts of expressions are values") {
  tensor<float, dyn, dyn> x{{1, 2}, {3, 4}};
  const auto doubled = x * 2.f;
  const auto row = doubled[1];
  x(1, 0) = 50;
  CHECK(test::values(row) == test::vec{6, 8});
  CHECK(row(1) == 8);
  CHECK(test::values((x + 1.f)[-1]) == test::vec{51, 5});
  CHECK(test::values((x + 1.f)[x > 2]) == test::vec{51, 5});
  CHECK(test::values((x + 1.f)[tensor<int, 3>{0, 0, 1}]) == test::vec{2, 3, 2, 3, 51, 5});
  CHECK(test::values(exp(x * 0.f).slice(all, 1)) == test::vec{1, 1});
  CHECK(test::values(x.mT()[0]) == test::vec{1, 50});
  const tensor<int, 2, 2> small{{1, 2}, {3, 4}};
  CHECK((small + small)[1](0) == 6);
  CHECK(test::contains(thrown<index_error>([&] { (void)(x + 1.f)[2]; }), "index 2 on axis 0 of extent 2"));
}

TEST_CASE("elements count up and down") {
  tensor<int, dyn> x{1, 2};
  CHECK(x(0)++ == 1);
  CHECK(++x(0) == 3);
  CHECK(x(1)-- == 2);
  CHECK(--x(1) == 0);
  x(0) %= 2;
  CHECK(test::values(x) == test::vec{1, 0});
}
