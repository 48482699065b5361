// average, ptp, cov, corrcoef and reductions without NaN: against loops.
#include "elements.hpp"

#include <tenon/ops/averages.hpp>

#include <cmath>
#include <limits>

using namespace tenon;
using test::counted;
using test::dims;
using test::values;
using test::vec;

namespace {

const double missing = std::numeric_limits<double>::quiet_NaN();

void close(const vec& a, const vec& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    if (std::isnan(b[i]))
      CHECK(std::isnan(a[i]));
    else
      CHECK(a[i] == doctest::Approx(b[i]));
  }
}

}  // namespace

TEST_CASE("average and ptp") {
  const auto x = counted<double>(2, 3);
  close(values(average(x)), {3.5});
  close(values(average(x, axis<0>)), {2.5, 3.5, 4.5});
  close(values(average(x, tensor<double, 3>{1, 0, 3}, axis<1>)), {10.0 / 4, 22.0 / 4});
  close(values(average(x, tensor<double, 2>{1, 3}, axis<0>)), {13.0 / 4, 17.0 / 4, 21.0 / 4});
  close(values(average(x, tensor<double, 2>{1, 3}, axis<0>, keepdims)), {13.0 / 4, 17.0 / 4, 21.0 / 4});
  CHECK(test::extents(average(x, tensor<double, 2>{1, 3}, axis<0>, keepdims)) == dims{1, 3});
  close(values(average(x, x)), {91.0 / 21});
  CHECK(values(ptp(x)) == vec{5});
  CHECK(values(ptp(x, axis<1>)) == vec{2, 2});
  CHECK(values(ptp(counted<std::int32_t>(2, 3), axis<0>, keepdims)) == vec{3, 3, 3});
  CHECK(std::isnan(values(ptp(tensor<double, 2>{missing, 1}))[0]));
}

TEST_CASE("without NaN") {
  const tensor<double, 3, 3> x{{1, missing, 4}, {missing, missing, missing}, {2, 2, 5}};
  close(values(nanmax(x, axis<1>)), {4, missing, 5});
  close(values(nanmin(x, axis<1>)), {1, missing, 2});
  close(values(nanmin(x)), {1});
  close(values(nanprod(x, axis<1>)), {4, 1, 20});
  close(values(nanvariance(x, axis<1>)), {2.25, missing, 2});
  close(values(nanvariance<1>(x, axis<1>)), {4.5, missing, 3});
  close(values(nanstddev(x, axis<1>, keepdims)), {1.5, missing, std::sqrt(2.0)});
  CHECK(test::extents(nanstddev(x, axis<1>, keepdims)) == dims{3, 1});
  CHECK(values(nanmax(counted<std::int32_t>(3))) == vec{3});
  close(values(nanmax(tensor<float, 2>{-std::numeric_limits<float>::infinity(), float(missing)})),
        {-std::numeric_limits<double>::infinity()});
}

TEST_CASE("covariance and correlation") {
  const tensor<double, 2, 4> x{{1, 2, 3, 6}, {2, 1, 5, 4}};
  double m[2]{}, c[2][2]{};
  for (int p = 0; p < 2; ++p)
    for (int i = 0; i < 4; ++i) m[p] += x(p, i) / 4;
  for (int p = 0; p < 2; ++p)
    for (int q = 0; q < 2; ++q)
      for (int i = 0; i < 4; ++i) c[p][q] += (x(p, i) - m[p]) * (x(q, i) - m[q]) / 3;
  close(values(cov(x)), {c[0][0], c[0][1], c[1][0], c[1][1]});
  close(values(cov<0>(x)), {c[0][0] * 0.75, c[0][1] * 0.75, c[1][0] * 0.75, c[1][1] * 0.75});
  const double r = c[0][1] / std::sqrt(c[0][0] * c[1][1]);
  close(values(corrcoef(tensor<double, dyn, dyn>(x))), {1, r, r, 1});
}
