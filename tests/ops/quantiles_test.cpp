// quantile, percentile, median: against sorted lines, every way between places, NaN.
#include "elements.hpp"

#include <tenon/ops/quantiles.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace tenon;
using test::check_elements;
using test::counted;
using test::dims;
using test::values;
using test::vec;

namespace {

const double missing = std::numeric_limits<double>::quiet_NaN(),
             inf = std::numeric_limits<double>::infinity();

double expected(vec line, double q, between method) {
  std::sort(line.begin(), line.end());
  const double at = q * double(line.size() - 1), low = std::floor(at), high = std::ceil(at);
  const double a = line[std::size_t(low)], b = line[std::size_t(high)];
  switch (method) {
    case between::lower:
      return a;
    case between::higher:
      return b;
    case between::nearest:
      return line[std::size_t(std::nearbyint(at))];
    case between::midpoint:
      return (a + b) / 2;
    default:
      return a + (b - a) * (at - low);
  }
}

template <between Method>
void check_method() {
  for (const tenon::index n : {1, 2, 3, 8, 17}) {
    auto x = zeros<double>(2, n);
    for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = double((i * 37 + 5) % 23);
    for (const double q : {0.0, 0.1, 0.25, 0.5, 0.77, 1.0}) {
      CAPTURE(n);
      CAPTURE(q);
      const vec got = values(quantile<Method>(x, q, axis<1>));
      for (tenon::index r = 0; r < 2; ++r) {
        vec line;
        for (tenon::index i = 0; i < n; ++i) line.push_back(x(r, i));
        CHECK(got[std::size_t(r)] == doctest::Approx(expected(line, q, Method)));
      }
    }
  }
}

}  // namespace

TEST_CASE("every way between two places") {
  check_method<between::linear>();
  check_method<between::lower>();
  check_method<between::higher>();
  check_method<between::nearest>();
  check_method<between::midpoint>();
}

TEST_CASE("axes, keepdims, several quantiles") {
  const auto x = counted<float>(2, 3, 4);
  CHECK(values(median(x)) == vec{12.5});
  CHECK(values(median(x, axes<0, 2>)) == vec{8.5, 12.5, 16.5});
  CHECK(test::extents(median(x, axes<0, 2>, keepdims)) == dims{1, 3, 1});
  CHECK(test::extents(median(x, keepdims)) == dims{1, 1, 1});
  CHECK(values(quantile(x, 0.5, axes<0, 2>)) == vec{8.5, 12.5, 16.5});
  check_elements(quantile(x, tensor<float, 3>{0, 0.5f, 1}, axis<1>), {3, 2, 4},
                 [&](const dims& i) { return x(i[1], i[0], i[2]); });
  CHECK(values(percentile(x, 25, axis<-1>)) == vec{1.75, 5.75, 9.75, 13.75, 17.75, 21.75});
  CHECK(values(percentile(counted<double>(5), tensor<double, 2>{25, 100})) == vec{2, 5});
  static_assert(std::is_same_v<decltype(quantile(x, 0.5))::value_type, float>);
}

TEST_CASE("special values and errors") {
  CHECK(std::isnan(values(median(tensor<double, 4>{1, missing, 2, 3}))[0]));
  CHECK(values(median(tensor<double, 3>{inf, 1, -inf})) == vec{1});
  CHECK(values(median(tensor<double, 4>{inf, 1, inf, inf})) == vec{inf});
  CHECK(values(quantile(tensor<double, 3>{1, 2, inf}, 0.5)) == vec{2});
  CHECK(values(median(tensor<double>(4.0))) == vec{4});
  CHECK_THROWS_AS((void)quantile(ones<float>(3), 1.5), usage_error);
  CHECK_THROWS_AS((void)quantile(ones<float>(3), missing), usage_error);
  CHECK_THROWS_AS((void)percentile(ones<float>(3), -1), usage_error);
  CHECK_THROWS_AS((void)eval(quantile(ones<float>(3), tensor<float, 1>{2})), index_error);
  CHECK_THROWS_AS((void)eval(median(zeros<float>(0))), index_error);
}
