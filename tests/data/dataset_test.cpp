// Data for training: standardised columns, chosen rows, splits, folds and batches.
#include "tenon/data/dataset.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <ranges>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using tenon::dyn;
using tenon::generator;
using tenon::standardiser;
using tenon::take_rows;
using tenon::tensor;

template <class X>
std::vector<double> values(const X& x) {
  return {x.begin(), x.end()};
}

template <class E, class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const E& e) {
    return e.what();
  }
  return "no such error";
}

using vec = std::vector<double>;

}  // namespace

TEST_CASE_TEMPLATE("standardiser: columns of mean 0 and deviation 1", T, float, double) {
  const tensor<T, 4, 3> x{{1, 10, 7}, {2, 10, 7}, {3, 30, 7}, {4, 30, 7}};
  standardiser s;
  const auto y = s.fit(x).apply(x);
  static_assert(std::is_same_v<std::remove_const_t<decltype(y)>, tensor<T, 4, 3>>);
  CHECK(values(s.mean()) == vec{2.5, 20, 7});
  CHECK(values(s.scale()) == vec{std::sqrt(1.25), 10, 1});
  const T a = static_cast<T>(1.5 / std::sqrt(1.25)), b = static_cast<T>(0.5 / std::sqrt(1.25));
  CHECK(values(y) == vec{-a, -1, 0, -b, -1, 0, b, 1, 0, a, 1, 0});

  const auto other = tenon::from_data<T, dyn, 3>(x.flat(), 2);
  CHECK(values(s.apply(other)) == vec{-a, -1, 0, -b, -1, 0});
  CHECK(values(standardiser(s.mean(), s.scale()).apply(other)) == values(s.apply(other)));
}

TEST_CASE("standardiser: constant columns, large and small numbers") {
  tensor<double, dyn, 4> x = tenon::zeros<double, dyn, 4>(1000);
  for (tenon::index r = 0; r < 1000; ++r) {
    x(r, 0) = 0.1;
    x(r, 1) = 1e200 * (r % 2 == 0 ? 1.0 : -1.0);
    x(r, 2) = 1e-200 * (r % 2 == 0 ? 1.0 : -1.0);
    x(r, 3) = 1e9 + static_cast<double>(r % 2);
  }
  standardiser s;
  const auto y = s.fit(x).apply(x);
  CHECK(y(5, 0) == 0);
  CHECK(y(0, 1) == doctest::Approx(1));
  CHECK(y(1, 2) == doctest::Approx(-1));
  CHECK(y(0, 3) == -1);
  CHECK(y(1, 3) == 1);
  CHECK(s.scale()(0) == 1);
}

TEST_CASE("standardiser: what it refuses") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), big = std::numeric_limits<double>::max();
  standardiser s;
  tensor<double, 2, 2> x{{1, 2}, {3, 4}};
  CHECK(error_of<tenon::usage_error>([&] { s.apply(x); }) == "standardiser: call fit before apply");
  s.fit(x);
  x(1, 0) = nan;
  const auto kept = values(s.mean());
  CHECK(error_of<tenon::error>([&] { s.fit(x); }) ==
        "standardiser: row 1, column 0: expected a finite number, got nan");
  CHECK(values(s.mean()) == kept);
  CHECK(error_of<tenon::error>([&] { s.apply(x); }) ==
        "standardiser: row 1, column 0: expected a finite number, got nan");
  x(1, 0) = -std::numeric_limits<double>::infinity();
  CHECK(error_of<tenon::error>([&] { s.fit(x); }) ==
        "standardiser: row 1, column 0: expected a finite number, got -inf");
  const tensor<double, 2, 1> wide{{big}, {-big}};
  CHECK(error_of<tenon::usage_error>([&] { s.fit(wide); }) ==
        "standardiser: column 0 spans more than a double holds");
  CHECK(error_of<tenon::usage_error>([&] { s.fit(tenon::zeros<double>(0, 3)); }) ==
        "standardiser: expected at least one row, got none");
  CHECK(error_of<tenon::shape_error>([&] { s.apply(wide); }) == "standardiser: expected 2 columns, got 1");
  CHECK_THROWS_AS(standardiser({1, 2}, {1}), tenon::shape_error);
  CHECK_THROWS_AS(standardiser({1, 2}, {1, 0}), tenon::usage_error);
  CHECK_THROWS_AS(standardiser({1, 2}, {nan, 1}), tenon::usage_error);
}

TEST_CASE("take_rows") {
  const tensor<float, "batch", 2> x =
      tenon::from_data<float, "batch", 2>(std::vector<float>{0, 1, 2, 3, 4, 5}.data(), 3);
  const tensor<std::int64_t, dyn> rows{2, 0, 2, -2};
  const auto y = take_rows(x, rows);
  static_assert(std::is_same_v<std::remove_const_t<decltype(y)>, tensor<float, dyn, 2>>);
  CHECK(values(y) == vec{4, 5, 0, 1, 4, 5, 2, 3});
  const tensor<int, 3> labels{7, 8, 9};
  CHECK(values(take_rows(labels, rows)) == vec{9, 7, 9, 8});
  const tensor<int, 2> two{1, 1};
  static_assert(std::is_same_v<decltype(take_rows(x, two)), tensor<float, 2, 2>>);
  CHECK(values(take_rows(tenon::arange<double>(0, 8), two)) == vec{1, 1});
  const tensor<int, 2, 2, 2> cube{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}};
  CHECK(values(take_rows(cube, tensor<int, 1>{1})) == vec{5, 6, 7, 8});
  CHECK(take_rows(x, tensor<int, dyn>()).size() == 0);

  CHECK(error_of<tenon::index_error>([&] {
          take_rows(x, tensor<int, 2>{0, 3});
        }) == "take_rows: expected a row number below 3, got 3 at position 1");
  CHECK_THROWS_AS(take_rows(x, tensor<int, 1>{-4}), tenon::index_error);
  CHECK_THROWS_AS(take_rows(tenon::zeros<float>(0, 2), tensor<int, 1>{0}), tenon::index_error);
  CHECK_THROWS_AS(take_rows(x, tensor<std::int64_t, 1>{std::numeric_limits<std::int64_t>::min()}),
                  tenon::index_error);
}

TEST_CASE("train_test_split: two parts that are all rows") {
  generator g{1};
  const auto [train, test] = train_test_split(g, 10, 0.25);
  CHECK(test.size() == 3);
  auto all = values(train);
  for (const double v : values(test)) all.push_back(v);
  CHECK(!std::is_sorted(all.begin(), all.end()));
  CHECK(std::set<double>(all.begin(), all.end()).size() == 10);
  CHECK(*std::max_element(all.begin(), all.end()) == 9);
  CHECK(train_test_split(g, 2, 0.001).test.size() == 1);
  CHECK(train_test_split(g, 2, 0.999).train.size() == 1);
  generator h{1};
  CHECK(values(train_test_split(h, 10, 0.25).train) == values(train));
  for (const double f : {0.0, 1.0, -1.0, 7.0, std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(train_test_split(g, 10, f), tenon::usage_error);
  CHECK_THROWS_AS(train_test_split(g, 1, 0.5), tenon::usage_error);
  CHECK_THROWS_AS(train_test_split(g, -5, 0.5), tenon::usage_error);
}

TEST_CASE("k_folds: each row is tested once") {
  generator g{1};
  for (const auto& [n, k] : {std::pair<tenon::index, tenon::index>{10, 3}, {7, 7}, {100, 2}}) {
    const auto folds = k_folds(g, n, k);
    CHECK(static_cast<tenon::index>(folds.size()) == k);
    std::vector<double> tested;
    for (const auto& [train, test] : folds) {
      CHECK((test.size() == n / k || test.size() == n / k + 1));
      auto rows = values(train);
      for (const double v : values(test)) {
        rows.push_back(v);
        tested.push_back(v);
      }
      CHECK(static_cast<tenon::index>(std::set<double>(rows.begin(), rows.end()).size()) == n);
      CHECK(static_cast<tenon::index>(rows.size()) == n);
    }
    std::sort(tested.begin(), tested.end());
    CHECK(tested == values(tenon::arange<double>(0, static_cast<double>(n))));
  }
  CHECK(error_of<tenon::usage_error>([&] { k_folds(g, 10, 11); }) ==
        "k_folds: expected 2 to 10 folds of 10 rows, got 11");
  CHECK_THROWS_AS(k_folds(g, 10, 1), tenon::usage_error);
  CHECK_THROWS_AS(k_folds(g, 1, 2), tenon::usage_error);
}

TEST_CASE("batches: every row once, in an order of its own") {
  static_assert(std::ranges::input_range<tenon::batches>);
  generator g{1};
  const auto gather = [](const tenon::batches& all) {
    std::vector<std::vector<double>> out;
    for (const auto rows : all) out.push_back(values(rows));
    return out;
  };
  CHECK(gather(tenon::batches(g, 7, 3, false)) == std::vector<vec>{{0, 1, 2}, {3, 4, 5}, {6}});
  CHECK(gather(tenon::batches(g, 7, 3, false, false)) == std::vector<vec>{{0, 1, 2}, {3, 4, 5}});
  CHECK(gather(tenon::batches(g, 6, 3, false)) == std::vector<vec>{{0, 1, 2}, {3, 4, 5}});
  CHECK(gather(tenon::batches(g, 2, 3, false)) == std::vector<vec>{{0, 1}});
  CHECK(gather(tenon::batches(g, 2, 3, false, false)).empty());
  CHECK(gather(tenon::batches(g, 0, 3)).empty());

  const tenon::batches shuffled(g, 100, 7);
  CHECK(shuffled.size() == 15);
  vec all;
  for (const auto& rows : gather(shuffled)) all.insert(all.end(), rows.begin(), rows.end());
  CHECK(!std::is_sorted(all.begin(), all.end()));
  CHECK(gather(shuffled) == gather(shuffled));
  CHECK(gather(shuffled) != gather(tenon::batches(g, 100, 7)));
  std::sort(all.begin(), all.end());
  CHECK(all == values(tenon::arange<double>(0, 100)));
  CHECK(values(shuffled[14]).size() == 2);
  CHECK_THROWS_AS(shuffled[15], tenon::index_error);
  CHECK_THROWS_AS(shuffled[-1], tenon::index_error);

  CHECK(error_of<tenon::usage_error>([&] { tenon::batches(g, 10, 0); }) ==
        "batches: expected batches of at least 1 of at least 0 rows, got 0 of 10");
  CHECK_THROWS_AS(tenon::batches(g, -1, 4), tenon::usage_error);
  generator a{1}, b{1};
  tenon::batches(a, 10, 2);
  tenon::batches(b, 99, 2, false);
  CHECK(a == b);
}
