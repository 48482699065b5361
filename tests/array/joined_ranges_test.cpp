// Ranges of arrays joined: concat and stack of vectors, against what they are of arrays given one by one.
#include <tenon/array/elements.hpp>
#include <tenon/array/joined_ranges.hpp>

#include <doctest/doctest.h>

#include <list>
#include <vector>

#include "../support.hpp"

using namespace tenon;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

namespace {
auto numbers(tenon::index m, tenon::index n, double first) {
  return from_function<double>([=](auto i, auto j) { return first + double(i * n + j); }, m, n);
}
}  // namespace

TEST_CASE("concat of a vector is concat of its arrays") {
  const std::vector<tensor<double, dyn, dyn>> parts{numbers(2, 3, 0), numbers(1, 3, 100), numbers(0, 3, 0),
                                                    numbers(4, 3, 200)};
  CHECK(values(concat<0>(parts)) == values(concat<0>(parts[0], parts[1], parts[2], parts[3])));
  CHECK(concat<0>(parts).shape() == std::array<tenon::index, 2>{7, 3});
  std::list<tensor<double, dyn, dyn>> columns;
  for (const auto& p : parts) columns.push_back(transpose(p));
  CHECK(values(concat<-1>(columns)) == values(transpose(concat<0>(parts))));
}

TEST_CASE("stack of a vector, along any new axis") {
  const std::vector<tensor<double, dyn, dyn>> parts{numbers(2, 3, 0), numbers(2, 3, 10), numbers(2, 3, 20)};
  CHECK(values(stack<0>(parts)) == values(stack<0>(parts[0], parts[1], parts[2])));
  CHECK(values(stack<1>(parts)) == values(stack<1>(parts[0], parts[1], parts[2])));
  CHECK(values(stack<-1>(parts)) == values(stack<2>(parts[0], parts[1], parts[2])));
  CHECK(test::extents(stack<-1>(parts)) == dims{2, 3, 3});
  const std::vector<tensor<float>> losses{1.f, 2.f, 4.f};
  CHECK(values(stack<0>(losses)) == vec{1, 2, 4});
}

TEST_CASE("ranges of small tensors, views, rows and expressions; names and static extents stay") {
  const std::vector<tensor<int, 2>> small{{1, 2}, {3, 4}, {5, 6}};
  const auto grid = stack<0>(small);
  static_assert(std::is_same_v<std::remove_const_t<decltype(grid)>, tensor<int, dyn, 2>>);
  CHECK(values(grid) == vec{1, 2, 3, 4, 5, 6});
  CHECK(values(stack<1>(rows(grid))) == vec{1, 3, 5, 2, 4, 6});
  CHECK(values(concat<0>(rows(grid))) == vec{1, 2, 3, 4, 5, 6});
  const std::vector<decltype(grid.slice(0))> views{grid.slice(2), grid.slice(0)};
  CHECK(values(concat<0>(views)) == vec{5, 6, 1, 2});
  std::vector<decltype(small[0] * 2)> doubled;
  for (const auto& s : small) doubled.push_back(s * 2);
  CHECK(values(concat<0>(doubled)) == vec{2, 4, 6, 8, 10, 12});
  const std::vector<tensor<float, "n", 3>> named{ones<float, "n", 3>(2), ones<float, "n", 3>(2)};
  static_assert(std::is_same_v<decltype(stack<0>(named)), tensor<float, dyn, "n", 3>>);
  static_assert(std::is_same_v<decltype(concat<1>(named)), tensor<float, "n", dyn>>);
}

TEST_CASE("many parts, on several threads or one: as element by element") {
  std::vector<tensor<float, dyn, dyn>> parts;
  for (int i = 0; i < 300; ++i) parts.push_back(full<float>(float(i), 1 + i % 7, 11));
  const auto whole = concat<0>(parts);
  tenon::index row = 0;
  bool same = true;
  for (int i = 0; i < 300; ++i)
    for (int r = 0; r < 1 + i % 7; ++r, ++row)
      for (int k = 0; k < 11; ++k) same = same && whole(row, k) == float(i);
  CHECK(same);
  CHECK(row == whole.extent(0));
}

TEST_CASE("what cannot be joined") {
  const std::vector<tensor<float, dyn, dyn>> none;
  CHECK(thrown<usage_error>([&] { concat<0>(none); }) ==
        "concat: expected one array or more, got an empty range");
  const std::vector<tensor<float, dyn, dyn>> parts{zeros<float>(2, 3), zeros<float>(2, 4)};
  CHECK(values(concat<1>(parts)) == vec(14));
  CHECK(thrown<shape_error>([&] { concat<0>(parts); }) ==
        "concat: array 1 has the shape [2, 4], array 0 [2, 3]");
  CHECK(thrown<shape_error>([&] { stack<0>(parts); }) ==
        "stack: array 1 has the shape [2, 4], array 0 [2, 3]");
}
