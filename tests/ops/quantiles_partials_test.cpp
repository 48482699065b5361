// Derivatives of quantiles and medians.
#include "elements.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/quantiles.hpp>

using namespace tenon;
using test::values;
using test::vec;

TEST_CASE("derivatives") {
  const tensor<double, 2, 4> x{{0.5, -1.5, 2, 1}, {1.25, 0.3, -0.7, 2}};
  const tensor<double, dyn, dyn> d = x;
  const auto f = [](const auto& t) {
    return sum(square(quantile(t, 0.4, axis<1>)) + median(square(t), axis<1>));
  };
  check_grads(f, primals(x), {.order = 2});
  check_grads(f, primals(d), {.order = 2});
  CHECK(values(grad([](const auto& t) { return sum(median(t, axis<1>)); })(d)) ==
        vec{0.5, 0, 0, 0.5, 0.5, 0.5, 0, 0});
}
