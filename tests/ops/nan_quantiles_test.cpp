// nanquantile, nanpercentile, nanmedian: against the quantiles of what is left of each line without NaN, every way
// between places, lines of NaN alone, several quantiles, derivatives.
#include "elements.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/quantiles.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace tenon;
using test::dims;
using test::values;
using test::vec;

namespace {

const double missing = std::numeric_limits<double>::quiet_NaN();

double expected(vec line, double q, between method) {
  line.erase(std::remove_if(line.begin(), line.end(), [](double v) { return std::isnan(v); }), line.end());
  if (line.empty()) return missing;
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
void check_same(const vec& got, const vec& want) {
  REQUIRE(got.size() == want.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    if (std::isnan(want[i]))
      CHECK(std::isnan(got[i]));
    else
      CHECK(got[i] == doctest::Approx(want[i]));
  }
}
/// Lines of which the first has no NaN, the last nothing else.
tensor<double, dyn, dyn> sample(tenon::index n) {
  auto x = zeros<double>(5, n);
  for (tenon::index r = 0; r < 5; ++r)
    for (tenon::index i = 0; i < n; ++i)
      x(r, i) =
          r == 4 || (r > 0 && (i * 5 + r) % (6 - r) == 0) ? missing : double((i * 37 + r * 11) % 23) - 9;
  return x;
}
vec line_of(const tensor<double, dyn, dyn>& x, tenon::index r) {
  vec line;
  for (tenon::index i = 0; i < x.extent(1); ++i) line.push_back(x(r, i));
  return line;
}

template <between Method>
void check_method() {
  for (const tenon::index n : {1, 2, 3, 8, 17, 230}) {
    const auto x = sample(n);
    for (const double q : {0.0, 0.1, 0.25, 0.5, 0.77, 1.0}) {
      CAPTURE(n);
      CAPTURE(q);
      vec want;
      for (tenon::index r = 0; r < 5; ++r) want.push_back(expected(line_of(x, r), q, Method));
      check_same(values(nanquantile<Method>(x, q, axis<1>)), want);
      check_same(values(nanpercentile<Method>(transpose(x), 100 * q, axis<0>)), want);
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

TEST_CASE("medians, axes, several quantiles") {
  const auto x = sample(9);
  vec want;
  for (tenon::index r = 0; r < 5; ++r) want.push_back(expected(line_of(x, r), 0.5, between::midpoint));
  check_same(values(nanmedian(x, axis<1>)), want);
  check_same(values(nanmedian(x, axis<-1>, keepdims)), want);
  static_assert(
      std::is_same_v<decltype(nanmedian(x, axis<1>, keepdims))::shape_type, shape_of_extents<dyn, 1>>);
  check_same(values(nanmedian(x)), {expected(values(x), 0.5, between::linear)});
  check_same(values(nanmedian(x, axes<0, 1>)), {expected(values(x), 0.5, between::linear)});
  const auto several = eval(nanquantile(x, tensor<double, 3>{0, 0.3, 1}, axis<1>));
  CHECK(test::extents(several) == dims{3, 5});
  for (tenon::index r = 0; r < 5; ++r)
    check_same({several(0, r), several(1, r), several(2, r)},
               {expected(line_of(x, r), 0, between::linear), expected(line_of(x, r), 0.3, between::linear),
                expected(line_of(x, r), 1, between::linear)});
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(values(nanmedian(tensor<double, 4>{inf, missing, inf, -inf})) == vec{inf});
  CHECK(values(nanmedian(tensor<float, 4>{1, float(missing), 2, 4})) == vec{2});
}

TEST_CASE("what is no quantile") {
  CHECK_THROWS_AS((void)nanquantile(ones<float>(3), 1.5), usage_error);
  CHECK_THROWS_AS((void)eval(nanquantile(ones<float>(3), tensor<float, 1>{2})), index_error);
  CHECK_THROWS_AS((void)eval(nanquantile(ones<float>(3), tensor<float, 1>{-0.1f})), index_error);
  CHECK_THROWS_AS((void)eval(quantile(ones<float>(3), tensor<float, 1>{-0.1f})), index_error);
  CHECK_THROWS_AS((void)eval(nanmedian(zeros<float>(0))), index_error);
}

TEST_CASE("derivatives leave NaN out") {
  const tensor<double, 2, 4> x{{0.5, -1.5, 2, 1}, {1.25, 0.3, -0.7, 2}};
  check_grads([](const auto& t) { return sum(square(nanquantile(t, 0.4, axis<1>))); }, primals(x),
              {.order = 2});
  const tensor<double, dyn, dyn> d{{0.5, missing, 2, 1}, {1.25, missing, missing, 2}};
  CHECK(values(grad([](const auto& t) { return sum(nanmedian(t, axis<1>)); })(d)) ==
        vec{0, 0, 0, 1, 0.5, 0, 0, 0.5});
}
