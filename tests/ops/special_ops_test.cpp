// Values of the ops of ops/special.hpp and ops/numbers.hpp on float and double, and of functions made of them.
#include "values.hpp"

#include <tenon/ops/numbers.hpp>

using namespace tenon;
using test::values;
using test::vec;

namespace {
using checked = list<polygamma_op, digamma_op, lgamma_op, gamma_op, fmax_op, fmin_op, heaviside_op,
                     scale_by_power_op, frexp_exponent_op, frexp_mantissa_op, logaddexp2_op>;

template <class T>
void check_next() {
  const auto a = test::operand<T>(700, 1), b = test::operand<T>(700, 26);
  const auto next = eval(nextafter(a, b)), step = eval(spacing(a));
  for (int i = 0; i < 700; ++i) {
    const T from = a(i), want = std::nextafter(from, T(b(i))), got = next(i);
    REQUIRE((got == want || (std::isnan(got) && std::isnan(want))));
    if (!std::isnan(want)) REQUIRE(std::signbit(got) == std::signbit(want));
    if (std::isfinite(from) && std::fabs(from) < std::numeric_limits<T>::max()) {
      const T away = std::nextafter(from, std::copysign(std::numeric_limits<T>::infinity(), from));
      REQUIRE(std::fabs(T(step(i))) == std::fabs(away - from));
    }
  }
}
}  // namespace

TEST_CASE("special functions on float and double") { test::check_values_of_ops<checked, float, double>(); }

TEST_CASE("numbers next to numbers") {
  check_next<float>();
  check_next<double>();
  const tensor<float16, 3> h{float16(1.f), float16(65504.f), float16(0.f)};
  CHECK(values(spacing(h)) == vec{0.0009765625, 32, 5.9604644775390625e-08});
  CHECK(values(nextafter(h, zeros<float16>(3)))[1] == 65472);
}

TEST_CASE("pairs") {
  const double inf = std::numeric_limits<double>::infinity();
  const tensor<double, 4> x{3.5, -0.75, 0, -inf};
  const auto [m, e] = frexp(x);
  CHECK(values(m) == vec{0.875, -0.75, 0, -inf});
  CHECK(values(e) == vec{2, 0, 0, 0});
  static_assert(std::is_same_v<decltype(frexp(x).exponent)::value_type, std::int32_t>);
  CHECK(values(ldexp(m, e)) == values(x));
  CHECK(values(ldexp(x, 3)) == vec{28, -6, 0, -inf});
  const auto [f, w] = modf(x);
  CHECK(values(f) == vec{0.5, -0.75, 0, 0});
  CHECK(values(signbit(f)) == vec{0, 1, 0, 1});
  CHECK(values(w) == vec{3, 0, 0, -inf});
  const auto [q, r] = divmod(tensor<std::int32_t, 3>{7, -7, 5}, 3);
  CHECK(values(q) == vec{2, -3, 1});
  CHECK(values(r) == vec{1, 2, 2});
}

TEST_CASE("degrees and powers in double") {
  CHECK(values(radians(tensor<double, 2>{180, -90}))[0] == doctest::Approx(3.141592653589793));
  CHECK(values(rad2deg(deg2rad(tensor<double, 1>{77})))[0] == doctest::Approx(77));
  CHECK(values(degrees(tensor<double, 1>{1}))[0] == doctest::Approx(57.29577951308232));
  CHECK(values(float_power(tensor<std::int32_t, 2>{2, 3}, -1)) == vec{0.5, 1.0 / 3});
  CHECK(values(float_power(tensor<float, 1>{2}, tensor<std::int32_t, 1>{5})) == vec{32});
}
