#include <tenon/ops/statistics.hpp>

#include "cases.hpp"

namespace oracle {

namespace {

constexpr auto max = [](const auto& x, auto... how) { return tenon::max(x, how...); };
constexpr auto min = [](const auto& x, auto... how) { return tenon::min(x, how...); };

template <class T>
void of_numbers(report& to, const char* op, auto f) {
  reduced<T, 3>(to, op, "", 20, false, f);
  reduced<T, 3, 0>(to, op, "", 20, false, f);
  reduced<T, 3, 1>(to, op, "", 20, false, f);
  reduced<T, 3, -1>(to, op, "", 20, false, f);
  reduced<T, 3, 0, 2>(to, op, "", 20, false, f);
}

}  // namespace

void extrema(report& to) {
  of_numbers<float>(to, "max", max);
  of_numbers<float>(to, "min", min);
  of_numbers<double>(to, "max", max);
  of_numbers<double>(to, "min", min);
  of_numbers<i32>(to, "max", max);
  of_numbers<i32>(to, "min", min);
  of_numbers<i64>(to, "max", max);
  of_numbers<i64>(to, "min", min);
  reduced<double, 4, 0, 2>(to, "max", "", 20, false, max);
  reduced<double, 4, 3>(to, "min", "", 20, false, min);
  reduced<double, 1, 0>(to, "max", "", 20, false, max);
  reduced<double, 0>(to, "max", "", 10, false, max);
}

}  // namespace oracle
