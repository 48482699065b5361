// Derivatives of scatter, put_along_axis, gather_nd, scatter_nd and dynamic slices, repeated places among them.
#include "elements.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/dynamic_slices.hpp>
#include <tenon/ops/scattering.hpp>

using namespace tenon;
using test::values;
using test::vec;

TEST_CASE("derivatives") {
  const tensor<double, 3, 2> x{{1, -2}, {0.5, 3}, {2, 4}};
  const tensor<double, dyn, dyn> d = x;
  const tensor<std::int32_t, 3> places{1, 1, 0};
  const auto f = [&](const auto& t) {
    const auto moved = scatter(t, places, square(t));  // place 1 twice
    return sum(square(moved)) + sum(square(gather_nd(t, tensor<std::int32_t, 2, 1>{{1}, {1}})));
  };
  check_grads(f, primals(x), {.order = 2});
  check_grads(f, primals(d), {.order = 2});
  const tensor<double, 2> u{0.3, 0.7};
  check_grads(
      [](const auto& t, const auto& v) {
        return square(scatter_nd(t, tensor<int, 2, 2>{{0, 1}, {0, 1}}, v));
      },
      primals(x, u));
  CHECK(values(grad<1>([](const auto& t, const auto& v) {
          return sum(scatter_nd(t, tensor<int, 2, 2>{{0, 1}, {0, 1}}, v));
        })(x, u)) == vec{0, 1});
  const tensor<std::int64_t, 3, 1> column{{1}, {0}, {0}};
  const auto g = [&](const auto& t) {
    return sum(square(put_along_axis(t, column, take_along_axis(t, column) * 2.0)));
  };
  check_grads(g, primals(d), {.order = 2});
  const auto h = [](const auto& t) {
    const auto part = dynamic_slice<0, 2>(t, 1);
    return sum(square(dynamic_update_slice<0>(t, square(part), 0)) * t);
  };
  check_grads(h, primals(x), {.order = 2});
  check_grads(h, primals(d), {.order = 2});
}
