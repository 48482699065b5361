// Derivatives of repeated and broadcast arrays.
#include "elements.hpp"

#include <tenon/array/shapes.hpp>
#include <tenon/autodiff/check.hpp>

using namespace tenon;
using test::values;
using test::vec;

TEST_CASE("derivatives") {
  const tensor<double, 2, 3> x{{1, -2, 3}, {0.5, 5, 6}};
  const tensor<double, dyn, dyn> d = x;
  const auto repeated = [](const auto& t) {
    return sum(square(repeat<2>(t, axis<1>)) * repeat<2>(t, axis<1>)) + sum(square(repeat<3>(t)));
  };
  check_grads(repeated, primals(x), {.order = 2});
  check_grads(repeated, primals(d), {.order = 2});
  const auto tiled = [](const auto& t) { return sum(square(tile<2, 2>(t)) * tile<2, 2>(t)); };
  check_grads(tiled, primals(x), {.order = 2});
  check_grads(tiled, primals(d), {.order = 2});
  CHECK(values(grad([](const auto& t) { return sum(tile<2, 3>(t)); })(d)) == vec{6, 6, 6, 6, 6, 6});
  check_grads([](const auto& t) { return sum(square(broadcast_to<4, 2, 3>(t))); }, primals(x), {.order = 2});
  const tensor<double, 3> a{1, 2, 3};
  const tensor<double, 2> b{4, 5};
  check_grads(
      [](const auto& p, const auto& q) {
        auto [g, h] = meshgrid(p, q);
        return sum(square(g) * h);
      },
      primals(a, b));
}
