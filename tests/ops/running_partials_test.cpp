// Derivatives of running products and extrema.
#include "elements.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/padding.hpp>
#include <tenon/ops/running.hpp>

using namespace tenon;
using test::values;
using test::vec;

TEST_CASE("derivatives") {
  const tensor<double, 2, 4> x{{0.5, -1.5, 2, 1}, {1.25, 0.3, -0.7, 2}};
  const tensor<double, dyn, dyn> d = x;
  const auto f = [](const auto& t) { return sum(square(cumprod<1>(t)) + cumprod(t)); };
  check_grads(f, primals(x), {.order = 2});
  check_grads(f, primals(d), {.order = 2});
  const tensor<double, 5> zeros_in{2, 0, 3, 0, 5};
  CHECK(values(grad([](const auto& t) { return sum(cumprod(t)); })(zeros_in)) == vec{1, 2 + 6, 0, 0, 0});
  check_grads([](const auto& t) { return sum(square(cumprod(t)) + cumprod(t)); }, primals(zeros_in),
              {.order = 2});
  check_grads(
      [](const auto& t) { return sum(square(cummax<1>(t)) * cummin<1>(t) * diff<1, 1>(pad<1, 1, 0>(t))); },
      primals(d), {.order = 2});
  CHECK(values(grad([](const auto& t) { return sum(cummax(t)); })(tensor<double, 4>{1, 1, 3, 2})) ==
        vec{2, 0, 2, 0});
  check_grads([](const auto& a, const auto& b) { return square(linear_recurrence<1>(a, b)); },
              primals(x, eval(x * 2.0)));
}
