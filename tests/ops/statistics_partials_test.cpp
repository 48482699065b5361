// Derivatives of statistics, first and second, against differences.
#include "../support.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/statistics.hpp>

using namespace tenon;
using test::values;
using test::vec;

TEST_CASE("derivatives of statistics") {
  const tensor<double, 3, 4> x{{0.5, -1, 2, 0.3}, {1.5, 0.7, -0.2, 1}, {-2, 0.1, 0.9, 1.1}};
  check_grads([](const auto& v) { return sum(variance<1>(v, axis<1>)); }, primals(x), {.order = 2});
  check_grads([](const auto& v) { return sum(stddev(v, axis<0>)); }, primals(x), {.order = 2});
  check_grads([](const auto& v) { return norm(v); }, primals(x), {.order = 2});
  check_grads([](const auto& v) { return sum(square(prod(v, axis<0>))); }, primals(x), {.order = 2});
  const tensor<double, 3> zero{0, 0, 0};
  CHECK(values(grad([](const auto& v) { return norm(v); })(zero)) == vec{0, 0, 0});
}
