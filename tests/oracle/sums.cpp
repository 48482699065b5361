#include <tenon/ops/statistics.hpp>

#include "cases.hpp"

namespace oracle {

namespace {

constexpr auto sum = [](const auto& x, auto... how) { return tenon::sum(x, how...); };
constexpr auto mean = [](const auto& x, auto... how) { return tenon::mean(x, how...); };
constexpr auto prod = [](const auto& x, auto... how) { return tenon::prod(x, how...); };

template <class T>
void of_numbers(report& to, const char* op, bool factors, auto f) {
  reduced<T, 3>(to, op, "", 20, factors, f);
  reduced<T, 3, 0>(to, op, "", 20, factors, f);
  reduced<T, 3, 1>(to, op, "", 20, factors, f);
  reduced<T, 3, -1>(to, op, "", 20, factors, f);
  reduced<T, 3, 0, 2>(to, op, "", 20, factors, f);
}

template <class T>
void of_type(report& to) {
  of_numbers<T>(to, "sum", false, sum);
  of_numbers<T>(to, "prod", true, prod);
  if constexpr (std::is_floating_point_v<T>) of_numbers<T>(to, "mean", false, mean);
}

}  // namespace

void sums(report& to) {
  of_type<float>(to);
  of_type<double>(to);
  of_type<i32>(to);
  of_type<i64>(to);
  reduced<float, 3, 0, 1>(to, "sum", "", 20, false, sum);
  reduced<float, 3, 2, 1>(to, "sum", "", 20, false, sum);
  reduced<float, 3, 0, 1, 2>(to, "sum", "", 20, false, sum);
  reduced<float, 4>(to, "sum", "", 20, false, sum);
  reduced<float, 4, 0>(to, "sum", "", 20, false, sum);
  reduced<float, 4, 1, 3>(to, "sum", "", 20, false, sum);
  reduced<double, 4, 1, 2>(to, "mean", "", 20, false, mean);
  reduced<float, 2, 0>(to, "sum", "", 40, false, sum);
  reduced<float, 2, 1>(to, "sum", "", 40, false, sum);
  reduced<float, 1>(to, "sum", "", 40, false, sum);
  reduced<float, 0>(to, "sum", "", 10, false, sum);
  reduced<i64, 2, 0>(to, "prod", "", 20, true, prod);
}

}  // namespace oracle
