// The table of non-smooth and singular points: what a derivative is there, in reverse and in forward mode.
#include "../support.hpp"

#include <tenon/autodiff/transforms.hpp>

using namespace tenon;
using test::values;
using test::vec;

namespace {

const double inf = std::numeric_limits<double>::infinity();
using row = tensor<double, dyn>;

/// The derivative of an elementwise f at x, by both modes, which must agree to the bit.
template <class F>
vec slope(F f, const row& x) {
  const vec reverse = values(grad([f](const auto& v) { return sum(f(v)); })(x));
  const auto [y, dy] = jvp(f, primals(x), tangents(ones<double>(x.size())));
  const vec forward = values(dy);
  CHECK(forward == reverse);
  return reverse;
}

}  // namespace

TEST_CASE("piecewise functions at their kinks") {
  const row x{-1, -0.0, 0.0, 2};
  CHECK(slope([](const auto& v) { return relu(v); }, x) == vec{0, 0, 0, 1});
  CHECK(slope([](const auto& v) { return abs(v); }, x) == vec{-1, 0, 0, 1});
  CHECK(slope([](const auto& v) { return maximum(v, 0_c * v); }, x) == vec{0, 0.5, 0.5, 1});
  CHECK(slope([](const auto& v) { return minimum(v, v + 0_c); }, x) == vec{1, 1, 1, 1});
}

TEST_CASE("a tie of maximum and minimum gives each operand half") {
  const row a{1, 2, 3}, b{3, 2, 1};
  const auto both = [](auto f) { return value_and_grad<0, 1>(f); };
  const auto [ga, gb] = both([](const auto& p, const auto& q) { return sum(maximum(p, q)); })(a, b).gradient;
  CHECK(values(ga) == vec{0, 0.5, 1});
  CHECK(values(gb) == vec{1, 0.5, 0});
  const auto [ma, mb] = both([](const auto& p, const auto& q) { return sum(minimum(p, q)); })(a, b).gradient;
  CHECK(values(ma) == vec{1, 0.5, 0});
  CHECK(values(mb) == vec{0, 0.5, 1});
}

TEST_CASE("k equal extrema share the derivative") {
  const row x{3, 1, 3, 3, 1};
  CHECK(values(grad([](const auto& v) { return max(v); })(x)) == vec{1. / 3, 0, 1. / 3, 1. / 3, 0});
  CHECK(values(grad([](const auto& v) { return min(v); })(x)) == vec{0, 0.5, 0, 0, 0.5});
}

TEST_CASE("square roots and logarithms at 0") {
  const row x{0, 4};
  CHECK(slope([](const auto& v) { return sqrt(v); }, x) == vec{inf, 0.25});
  CHECK(slope([](const auto& v) { return log(v); }, x) == vec{inf, 0.25});
  // the norm at 0: a zero absorbs the infinity
  const row zero{0, 0, 0}, y{3, 0, 4};
  const auto norm = grad([](const auto& v) { return sqrt(sum(square(v))); });
  CHECK(values(norm(zero)) == vec{0, 0, 0});
  const vec unit = values(norm(y));
  CHECK(unit[0] == doctest::Approx(0.6));
  CHECK(unit[1] == 0);
  CHECK(unit[2] == doctest::Approx(0.8));
}

TEST_CASE("a branch not taken contributes exactly 0, whatever inf and NaN are in it") {
  const row x{-1, 0, 2};
  CHECK(slope([](const auto& v) { return where(v > 0_c, log(v), 0_c); }, x) == vec{0, 0, 0.5});
  CHECK(slope([](const auto& v) { return where(v > 0_c, sqrt(v), v); }, row{-1, 0, 4}) == vec{1, 1, 0.25});
  CHECK(slope([](const auto& v) { return where(v > 0_c, exp(v * 1000_c), v); }, row{-1, 0, -3}) ==
        vec{1, 1, 1});
  CHECK(slope([](const auto& v) { return relu(log(v) - 5_c) + v; }, row{1, 0, 2}) == vec{1, 1, 1});
}

TEST_CASE("stop_gradient") {
  CHECK(slope([](const auto& v) { return v * stop_gradient(v); }, row{3, 4}) == vec{3, 4});
}
