// Tensors as ranges, from ranges, and row by row.
#include <tenon/array/elements.hpp>

#include "../support.hpp"

#include <algorithm>
#include <list>
#include <numeric>
#include <ranges>

using namespace tenon;
using test::contains;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

TEST_CASE("a tensor is a contiguous range") {
  using vector_type = tensor<float, dyn>;
  static_assert(std::ranges::contiguous_range<vector_type>);
  static_assert(std::ranges::contiguous_range<const vector_type>);
  static_assert(std::ranges::sized_range<const tensor<int, 2, 3>>);
  vector_type x{3, 1, 2};
  const vector_type before = x;
  CHECK(before.buffer().pins() == 0);
  CHECK(std::accumulate(before.begin(), before.end(), 0.f) == 6);
  CHECK(std::accumulate(x.cbegin(), x.cend(), 0.f) == 6);
  CHECK(before.buffer() == x.buffer());  // reading through const shares on
  std::ranges::sort(x);
  CHECK(values(x) == vec{1, 2, 3});
  CHECK(values(before) == vec{3, 1, 2});
  const auto copy = x;
  for (float& v : x) v *= 2;
  CHECK(values(copy) == vec{1, 2, 3});
  CHECK(values(x) == vec{2, 4, 6});
  const std::span<const float> s(before);
  CHECK(s[2] == 2);
  CHECK(s.data() == before.data());
  CHECK(std::ranges::equal(x | std::views::transform([](float v) { return v / 2; }), copy));
}

TEST_CASE("raw pointers and views pin apart") {
  tensor<float, 4> x{1, 2, 3, 4};
  float* p = nullptr;
  {
    auto part = x.slice(range(0, 2));
    p = x.data();
  }
  const auto copy = x;
  *p = 9;  // the view is gone, the pointer is not
  CHECK(copy(0) == 1);
  CHECK(x(0) == 9);
}

TEST_CASE("from ranges") {
  const std::list<int> list{1, 2, 3, 4, 5, 6};
  const auto x = from_range<float>(list);
  static_assert(std::is_same_v<decltype(x), const tensor<float, dyn>>);
  CHECK(values(x) == vec{1, 2, 3, 4, 5, 6});
  CHECK(test::extents(from_range<double, dyn, 3>(list)) == dims{2, 3});
  CHECK(test::extents(from_range<double, "batch", 2>(list, 3)) == dims{3, 2});
  CHECK(test::extents(from_range<double, 2, 3>(list)) == dims{2, 3});
  const std::vector<std::vector<int>> nested{{1, 2, 3}, {4, 5, 6}};
  const auto matrix = from_range<float>(nested);
  static_assert(std::is_same_v<decltype(matrix), const tensor<float, dyn, dyn>>);
  CHECK(values(matrix) == vec{1, 2, 3, 4, 5, 6});
  CHECK(test::extents(from_range<float, dyn, 3>(nested)) == dims{2, 3});
  CHECK(thrown<shape_error>([&] { (void)from_range<float, dyn, 2>(nested); }) != "");
  CHECK(values(from_range<bool>(std::vector<bool>{true, false})) == vec{1, 0});
  CHECK(values(from_range<float16>(std::views::iota(0, 3))) == vec{0, 1, 2});
  CHECK(values(from_range<float>(x)) == values(x));
  CHECK(values(from_range<int>(list | std::views::filter([](int v) { return v % 2 == 0; }))) == vec{2, 4, 6});
  CHECK(from_range<float>(std::vector<double>{}).size() == 0);
  CHECK(test::extents(from_range<float>(std::vector<std::vector<int>>{})) == dims{0, 0});
  CHECK(contains(thrown<shape_error>([] {
                   (void)from_range<int>(std::vector<std::vector<int>>{{1}, {1, 2}});
                 }),
                 "hold 1 and 2"));
  CHECK(contains(thrown<shape_error>([&] { (void)from_range<int, dyn, 4>(list); }), "do not fill"));
  CHECK(to_vector(x * 2.f) == std::vector<float>{2, 4, 6, 8, 10, 12});
  CHECK(to_vector(matrix[1]) == std::vector<float>{4, 5, 6});
  CHECK(to_vector(x > 3.f) == std::vector<bool>{false, false, false, true, true, true});
}

TEST_CASE("rows are read and written") {
  tensor<float, dyn, 2> x{{1, 2}, {3, 4}, {5, 6}};
  const auto before = x;
  for (auto row : rows(x)) row = row * 2.f;
  CHECK(values(x) == vec{2, 4, 6, 8, 10, 12});
  CHECK(values(before) == vec{1, 2, 3, 4, 5, 6});
  vec sums;
  for (auto row : rows(before)) sums.push_back(eval(sum(row)).item());
  CHECK(sums == vec{3, 7, 11});
  CHECK(rows(x).size() == 3);
  int count = 0;
  for (auto row : rows(eval(x + 1.f))) count += values(row)[0] > 2;
  CHECK(count == 3);
  for (auto row : rows(x.slice(range(1, 3)))) row = 0.f;
  CHECK(values(x) == vec{2, 4, 0, 0, 0, 0});
  tensor<int, 3> v{1, 2, 3};
  for (auto element : rows(v)) element = element + 1;
  CHECK(values(v) == vec{2, 3, 4});
  float memory[4] = {1, 2, 3, 4};
  for (auto row : rows(borrow(memory, 2, 2))) row *= 2.f;
  CHECK(memory[3] == 8);
  static_assert(std::input_iterator<decltype(rows(x).begin())>);
}
