// Smooth activation functions.
#include "activations.hpp"

using namespace tenon;
using test::check;
using test::check_values;
using test::logistic;
using test::real;
using test::soft;

TEST_CASE("softplus, log_sigmoid, softsign") {
  check([](const auto& v) { return softplus(v); }, soft);
  check([](const auto& v) { return log_sigmoid(v); }, [](real x) { return -soft(-x); });
  check([](const auto& v) { return softsign(v); }, [](real x) { return x / (1 + std::fabs(x)); });
}

TEST_CASE("gelu, silu, mish") {
  check_values<float>([](const auto& v) { return gelu(v); },
                      [](real x) { return x * std::erfc(-x / std::sqrt(real(2))) / 2; });
  check([](const auto& v) { return gelu(v); },
        [](real x) { return x * std::erfc(-x / std::sqrt(real(2))) / 2; });
  check([](const auto& v) { return gelu_tanh(v); },
        [](real x) {
          const real u = std::sqrt(2 / 3.14159265358979323846264338327950288L) * (x + 0.044715L * x * x * x);
          return x / (1 + std::exp(-2 * u));
        });
  check([](const auto& v) { return silu(v); }, [](real x) { return x * logistic(x); });
  check([](const auto& v) { return mish(v); }, [](real x) { return x * std::tanh(soft(x)); });
}
