#include <tenon/ops/statistics.hpp>

#include "cases.hpp"

namespace oracle {

namespace {

template <class T>
void over_axes(report& to, const char* op, const std::string& more, auto f) {
  reduced<T, 3>(to, op, more, 20, false, f);
  reduced<T, 3, 0>(to, op, more, 20, false, f);
  reduced<T, 3, 1, 2>(to, op, more, 20, false, f);
}

template <class T>
void of_type(report& to) {
  over_axes<T>(to, "any", "", [](const auto& x, auto... how) { return tenon::any(x, how...); });
  over_axes<T>(to, "all", "", [](const auto& x, auto... how) { return tenon::all(x, how...); });
  over_axes<T>(to, "count_nonzero", "",
               [](const auto& x, auto... how) { return tenon::count_nonzero(x, how...); });
}

}  // namespace

void truth(report& to) {
  of_type<float>(to);
  of_type<double>(to);
  of_type<i32>(to);
  of_type<i64>(to);
  of_type<bool>(to);
}

}  // namespace oracle
