// Slices one of whose indices is an array of places or a mask: read, and written through.
#include <tenon/array/borrow.hpp>
#include <tenon/array/create.hpp>
#include <tenon/ops/ordering.hpp>

#include <doctest/doctest.h>

#include "../support.hpp"

using namespace tenon;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

namespace {
/// Element (i, j, k) is 100 i + 10 j + k: what is read says where it was.
auto grid() {
  return from_function<int>([](auto i, auto j, auto k) { return 100 * i + 10 * j + k; }, 2, 3, 4);
}
}  // namespace

TEST_CASE("places along any axis: their axes stand for it") {
  const auto x = grid();
  const tensor<int, dyn> p{2, 0, -1};
  CHECK(test::extents(x.slice(all, p)) == dims{2, 3, 4});
  CHECK(test::extents(x.slice(ellipsis, p)) == dims{2, 3, 3});
  CHECK(values(x.slice(0, p, 1)) == vec{21, 1, 21});
  CHECK(values(x.slice(range(1, 2), range(0, 3, 2), p)) == vec{102, 100, 103, 122, 120, 123});
  CHECK(values(x.slice(p.slice(range(1, 3)), 1, 3)) == vec{13, 113});
  const tensor<int, 2, 2> square{{0, 1}, {1, 0}};
  CHECK(test::extents(x.slice(square, range(0, 2), newaxis, 3)) == dims{2, 2, 2, 1});
  CHECK(values(x.slice(1, square, 3)) == vec{103, 113, 113, 103});
  CHECK(values(x.slice(newaxis, all, tensor<int>(1), 2)) ==
        vec{12, 112});  // a number of no axes drops its own
  static_assert(decltype(x.slice(0, tensor<int>(1), all))::rank == 1);
  static_assert(decltype(x.slice(0, square, all))::rank == 3);
}

TEST_CASE("a mask of one axis in a slice") {
  auto x = grid();
  CHECK(values(x.slice(1, tensor<bool, 3>{true, false, true}, 2)) == vec{102, 122});
  CHECK(values(x.slice(all, x.slice(0, all, 0) > 5, 0)) == vec{10, 20, 110, 120});
  CHECK(test::extents(x.slice(all, x.slice(0, all, 0) > 99, 0)) == dims{2, 0});
  x.slice(all, all, tensor<bool, 4>{true, false, false, true}) *= 0;
  CHECK(values(x.slice(1, 2)) == vec{0, 121, 122, 0});
}

TEST_CASE("slices with places are written through; copies do not see it") {
  auto x = grid();
  const auto copy = x;
  const tensor<int, 2> p{2, 0};
  x.slice(all, p, 3) = -1;
  CHECK(values(x.slice(all, all, 3)) == vec{-1, 13, -1, -1, 113, -1});
  x.slice(1, p) += 1000;
  CHECK(values(x.slice(1, all, 0)) == vec{1100, 110, 1120});
  x.slice(0, all, p) = tensor<int, 3, 1>{{7}, {8}, {9}};  // broadcasts
  CHECK(values(x[0]) == vec{7, 1, 7, -1, 8, 11, 8, 13, 9, 21, 9, -1});
  CHECK(values(copy) == values(grid()));
  x = grid();
  x.slice(all, p) = x.slice(all, tensor<int, 2>{0, 2});  // exchanged: the value is read first
  CHECK(values(x.slice(0, all, 0)) == vec{20, 10, 0});
  x.slice(0, tensor<int, 2>{1, 1}, 0) = tensor<int, 2>{5, 6};  // the last one stays
  CHECK(x(0, 1, 0) == 6);
}

TEST_CASE("slices with places of views, borrowed memory, small and temporary tensors, and expressions") {
  auto x = grid();
  const tensor<int, 2> p{2, 0};
  CHECK(values(x[1].slice(p, 0)) == vec{120, 100});
  CHECK(values(grid().slice(1, p, 0)) == vec{120, 100});
  x.slice(all, range(range::open, range::open, -1)).slice(0, p, 0) = -5;
  CHECK(values(x.slice(0, all, 0)) == vec{-5, 10, -5});
  tensor<float, 2, 3> small{{3, 1, 2}, {4, 6, 5}};
  CHECK(values(small.slice(all, argsort(small[0]))) == vec{1, 2, 3, 6, 5, 4});
  small.slice(all, p) = 0.f;
  CHECK(values(small) == vec{0, 1, 0, 0, 6, 0});
  CHECK(values(tensor<int, 3>{1, 2, 3}.slice(p)) == vec{3, 1});
  float memory[6] = {0, 1, 2, 3, 4, 5};
  auto lent = borrow(memory, 2, 3);
  lent.slice(all, p) = 9.f;
  CHECK(values(lent) == vec{9, 1, 9, 9, 4, 9});
  CHECK(values(x.slice(1, p, 0) * 2) == vec{240, 200});
}

TEST_CASE("places that are not there change nothing, and the axis is named") {
  auto x = grid();
  CHECK(test::contains(thrown<index_error>([&] {
                         x.slice(0, tensor<int, 2>{0, 3}) = 1;
                       }),
                       "index 3 on axis 1 of extent 3"));
  CHECK(test::contains(thrown<index_error>([&] { x.slice(newaxis, ellipsis, tensor<int, 1>{-5}) = 1; }),
                       "index -5 on axis 2 of extent 4"));
  CHECK(test::contains(thrown<shape_error>([&] { x.slice(0, tensor<bool, 2>{true, false}) = 1; }), "mask"));
  CHECK(thrown<shape_error>([&] { x.slice(0, tensor<int, 2>{0, 1}) = ones<int>(3, 4); }) != "");
  CHECK(values(x) == values(grid()));
}

TEST_CASE("many places before and behind: as element by element") {
  const auto x =
      from_function<double>([](auto i, auto j, auto k) { return 1e6 * i + 1e3 * j + k; }, 40, 70, 30);
  const auto places = from_function<int>([](auto i) { return (i * 37 + 5) % 70 - (i % 2) * 70; }, 101);
  const auto got = eval(x.slice(range(39, 3, -3), places, range(0, 30, 7)));
  REQUIRE(test::extents(got) == dims{12, 101, 5});
  bool same = true;
  for (int i = 0; i < 12; ++i)
    for (int j = 0; j < 101; ++j)
      for (int k = 0; k < 5; ++k)
        same = same && got(i, j, k) == 1e6 * (39 - 3 * i) + 1e3 * ((j * 37 + 5) % 70) + 7 * k;
  CHECK(same);
}
