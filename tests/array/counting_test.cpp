// unique_*, bincount, histogram: against the standard library and loops, NaN, empty arrays, errors.
#include "../ops/elements.hpp"

#include <tenon/array/histograms.hpp>
#include <tenon/array/sets.hpp>

#include <algorithm>
#include <limits>
#include <map>

using namespace tenon;
using test::counted;
using test::dims;
using test::values;
using test::vec;

namespace {

template <class T>
void check_unique() {
  auto x = zeros<T>(7, 40);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = static_cast<T>((i * i * 31 + 7 * i) % 53 % 19);
  std::map<double, std::array<tenon::index, 2>> seen;  // first place, count
  for (tenon::index i = 0; i < x.size(); ++i) {
    auto [at, fresh] = seen.try_emplace(double(x.begin()[i]), std::array<tenon::index, 2>{i, 0});
    ++at->second[1];
    (void)fresh;
  }
  const auto [value, first, inverse, count] = unique_all(x);
  REQUIRE(value.size() == tenon::index(seen.size()));
  tenon::index k = 0;
  for (const auto& [v, place] : seen) {
    CHECK(double(value(k)) == v);
    CHECK(first(k) == place[0]);
    CHECK(count(k) == place[1]);
    ++k;
  }
  CHECK(values(value[inverse]) == values(x));
  CHECK(inverse.shape() == x.shape());
  CHECK(values(unique_values(x)) == values(value));
  CHECK(values(unique_counts(x).counts) == values(count));
  CHECK(values(unique_inverse(x).inverse_indices) == values(inverse));
}

}  // namespace

TEST_CASE("distinct elements of every dtype") {
  check_unique<float>();
  check_unique<double>();
  check_unique<std::int32_t>();
  check_unique<std::int64_t>();
  check_unique<bool>();
  check_unique<std::uint8_t>();
  check_unique<bfloat16>();
}

TEST_CASE("distinct elements at the edges") {
  const double missing = std::numeric_limits<double>::quiet_NaN();
  const tensor<double, 6> x{missing, 0.0, 2, -0.0, missing, 2};
  const auto [value, count] = unique_counts(x);
  CHECK(values(count) == vec{2, 2, 1, 1});
  CHECK(value(1) == 2);
  CHECK(std::isnan(double(value(2))));
  CHECK(unique_values(x).size() == 4);
  CHECK(values(unique_values(zeros<float>(0, 3))).empty());
  CHECK(test::extents(unique_all(zeros<float>(0, 3)).inverse_indices) == dims{0, 3});
  CHECK(values(unique_values(tensor<std::int32_t>(5))) == vec{5});
  CHECK(values(unique_values(tensor<float, 3>{3, 1, 3} * 2.f)) == vec{2, 6});
}

TEST_CASE("bincount") {
  const tensor<std::int32_t, 5> x{1, 3, 1, 0, 3};
  CHECK(values(bincount(x)) == vec{1, 2, 0, 2});
  CHECK(values(bincount(x, 6)) == vec{1, 2, 0, 2, 0, 0});
  CHECK(values(bincount(x, tensor<double, 5>{1, 2, 4, 8, 16})) == vec{8, 5, 0, 18});
  CHECK(values(bincount(zeros<std::int64_t>(0))).empty());
  CHECK(values(bincount(zeros<std::int64_t>(0), 2)) == vec{0, 0});
  CHECK_THROWS_AS((void)bincount(tensor<std::int32_t, 2>{1, -1}), index_error);
  CHECK_THROWS_AS((void)bincount(x, ones<double>(4)), shape_error);
  CHECK_THROWS_AS((void)bincount(x, -1), usage_error);
}

TEST_CASE("histogram") {
  const tensor<double, 6> x{0, 0.5, 1, 2.5, 4, 4};
  {
    const auto [count, edge] = histogram(x, 4);
    CHECK(values(count) == vec{2, 1, 1, 2});
    CHECK(values(edge) == vec{0, 1, 2, 3, 4});
  }
  CHECK(values(histogram(x, 2, 1, 3).counts) == vec{1, 1});  // 1 and 2.5; others are outside
  CHECK(values(histogram(x, 2, 1, 4, tensor<double, 6>{1, 2, 4, 8, 16, 32}).counts) == vec{4, 56});
  CHECK(values(histogram(x, tensor<double, 3>{0, 1, 4}).counts) == vec{2, 4});
  const tensor<double, 9> spread{0, 1, 2.5, 2, 5, 7, -1, std::nan(""), 3}, w{1, 2, 3, 4, 5, 6, 7, 8, 0.5};
  const tensor<int, 4> edges{0, 1, 2, 5};
  CHECK(values(histogram(spread, edges).counts) == vec{1, 1, 4});  // np.histogram
  CHECK(values(histogram(spread, edges, w).counts) == vec{1, 2, 12.5});
  CHECK_THROWS_AS((void)histogram(spread, edges, x), shape_error);
  CHECK(values(histogram(tensor<std::int32_t, 4>{1, 1, 1, 1}, 2).edges) == vec{0.5, 1, 1.5});
  CHECK(values(histogram(tensor<std::int32_t, 4>{1, 1, 1, 1}, 2).counts) == vec{0, 4});
  CHECK(values(histogram(zeros<float>(0), 2).edges) == vec{0, 0.5, 1});
  CHECK(values(histogram(counted<std::int64_t>(10)).counts) == vec{1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  // an element on an edge belongs to the bin on its right, whatever rounding does to its place
  const auto tenths = linspace<double>(0, 1, 11);
  const auto counts = histogram(tenths, 10, 0, 1).counts;
  CHECK(values(counts) == vec{1, 1, 1, 1, 1, 1, 1, 1, 1, 2});
  const double missing = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS((void)histogram(tensor<double, 2>{1, missing}), usage_error);
  CHECK(values(histogram(tensor<double, 2>{1, missing}, 1, 0, 2).counts) == vec{1});
  CHECK_THROWS_AS((void)histogram(x, 0), usage_error);
  CHECK_THROWS_AS((void)histogram(x, 2, 3, 1), usage_error);
  CHECK_THROWS_AS((void)histogram(x, tensor<double, 2>{1, 0}), usage_error);
}
