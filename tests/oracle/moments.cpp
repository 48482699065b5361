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
void of_reals(report& to) {
  over_axes<T>(to, "variance", "ddof=0",
               [](const auto& x, auto... how) { return tenon::variance(x, how...); });
  over_axes<T>(to, "variance", "ddof=1",
               [](const auto& x, auto... how) { return tenon::variance<1>(x, how...); });
  over_axes<T>(to, "stddev", "ddof=0", [](const auto& x, auto... how) { return tenon::stddev(x, how...); });
  over_axes<T>(to, "norm", "p=2", [](const auto& x, auto... how) { return tenon::norm(x, how...); });
  over_axes<T>(to, "norm", "p=1", [](const auto& x, auto... how) { return tenon::norm<1>(x, how...); });
  over_axes<T>(to, "nansum", "", [](const auto& x, auto... how) { return tenon::nansum(x, how...); });
  over_axes<T>(to, "nanmean", "", [](const auto& x, auto... how) { return tenon::nanmean(x, how...); });
}

}  // namespace

void moments(report& to) {
  of_reals<float>(to);
  of_reals<double>(to);
}

}  // namespace oracle
