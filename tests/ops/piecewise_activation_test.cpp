// Activation functions in pieces.
#include "activations.hpp"

using namespace tenon;
using test::between;
using test::check;
using test::real;
using test::values;
using test::vec;

TEST_CASE("elu and its relatives") {
  check([](const auto& v) { return elu(v); }, [](real x) { return x > 0 ? x : std::expm1(x); });
  check([](const auto& v) { return elu(v, 2.0); }, [](real x) { return x > 0 ? x : 2 * std::expm1(x); });
  check([](const auto& v) { return celu(v, 2.0); }, [](real x) { return x > 0 ? x : 2 * std::expm1(x / 2); });
  check([](const auto& v) { return selu(v); },
        [](real x) {
          return 1.0507009873554804934193349852946L *
                 (x > 0 ? x : 1.6732632423543772848170429916717L * std::expm1(x));
        });
  check([](const auto& v) { return leaky_relu(v, 0.25); }, [](real x) { return x > 0 ? x : x / 4; });
}

TEST_CASE("pieces of lines") {
  check([](const auto& v) { return relu6(v); }, [](real x) { return between(x, 0, 6); });
  check([](const auto& v) { return hardtanh(v); }, [](real x) { return between(x, -1, 1); });
  // near -3 the sum x / 6 + 1/2 cancels: one rounding of 1/2, seen against 1e-3
  check([](const auto& v) { return hard_sigmoid(v); }, [](real x) { return between(x / 6 + 0.5L, 0, 1); },
        64);
  check([](const auto& v) { return hardswish(v); }, [](real x) { return x * between(x / 6 + 0.5L, 0, 1); },
        64);
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(values(relu6(tensor<double, 2>{inf, -inf})) == vec{6, 0});
  CHECK(values(clip(tensor<double, 3>{-2, 0.5, 9}, 0.0, tensor<double, 3>{1, 1, 8})) == vec{0, 0.5, 8});
  CHECK(values(nan_to_num(tensor<float, 3>{std::numeric_limits<float>::quiet_NaN(), 1, -2.f})) ==
        vec{0, 1, -2});
  CHECK(values(nan_to_num(tensor<double, 2>{inf, -inf})) ==
        vec{std::numeric_limits<double>::max(), -std::numeric_limits<double>::max()});
}
