// Derivatives of averages and covariances.
#include "elements.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/averages.hpp>

#include <limits>

using namespace tenon;
using test::values;
using test::vec;

namespace {
const double missing = std::numeric_limits<double>::quiet_NaN();
}

TEST_CASE("derivatives") {
  const tensor<double, 2, 3> x{{0.5, -1.5, 2}, {1.25, 0.3, -0.7}};
  const tensor<double, dyn, dyn> d = x;
  const tensor<double, 3> w{0.2, 1, 3};
  check_grads([](const auto& a, const auto& b) { return square(average(a, b, axis<1>)); }, primals(d, w));
  check_grads([](const auto& a) { return sum(square(cov(a))) + sum(corrcoef(a) * cov(a)); }, primals(x),
              {.order = 2});
  check_grads(
      [](const auto& a) {
        return sum(ptp(square(a), axis<1>) + nanvariance(a, axis<1>) + nanmax(a, axis<1>));
      },
      primals(d), {.order = 2});
  const tensor<double, 3> some{1, missing, 3};
  CHECK(values(grad([](const auto& a) { return nanvariance(a); })(some)) == vec{-1, 0, 1});
  CHECK(values(grad([](const auto& a) { return nanmax(a); })(some)) == vec{0, 0, 1});
}
