// cumprod, cummax, cummin, linear recurrences, diff: values against loops.
#include "elements.hpp"

#include <tenon/ops/padding.hpp>
#include <tenon/ops/running.hpp>

#include <limits>

using namespace tenon;
using test::check_elements;
using test::counted;
using test::dims;
using test::values;
using test::vec;

namespace {

const double missing = std::numeric_limits<double>::quiet_NaN();

template <class T>
void check_running() {
  const tensor<T, 3, 4> x{{T(2), T(1), T(3), T(1)}, {T(1), T(5), T(0), T(2)}, {T(4), T(1), T(3), T(3)}};
  const auto each = [&](const auto& e, int axis, auto f) {
    check_elements(e, {3, 4}, [&](const dims& i) {
      T r = axis == 0 ? x(0, i[1]) : x(i[0], 0);
      for (tenon::index k = 1; k <= i[std::size_t(axis)]; ++k)
        r = f(r, axis == 0 ? T(x(k, i[1])) : T(x(i[0], k)));
      return r;
    });
  };
  const auto times = [](T a, T b) { return T(a * b); };
  const auto most = [](T a, T b) { return std::max(a, b); };
  const auto least = [](T a, T b) { return std::min(a, b); };
  each(cumprod(x), 0, times);
  each(cumprod<1>(x), 1, times);
  each(cummax(x), 0, most);
  each(cummax<-1>(x), 1, most);
  each(cummin(x), 0, least);
  each(cummin<1>(x), 1, least);
  each(transpose(cumprod<1>(transpose(x))), 0, times);
  check_elements(diff(x), {3, 3}, [&](const dims& i) { return x(i[0], i[1] + 1) - x(i[0], i[1]); });
  check_elements(diff<2, 0>(x), {1, 4},
                 [&](const dims& i) { return x(2, i[1]) - 2 * x(1, i[1]) + x(0, i[1]); });
}

}  // namespace

TEST_CASE("on every dtype of numbers") {
  check_running<float>();
  check_running<double>();
  check_running<std::int32_t>();
  check_running<std::int16_t>();
  CHECK(values(diff(tensor<bool, 4>{true, true, false, true})) == vec{0, 1, 1});
}

TEST_CASE("special values and edges") {
  const vec run = values(cummax(tensor<double, 5>{1, -3, missing, 7, 2}));
  CHECK(vec(run.begin(), run.begin() + 2) == vec{1, 1});
  for (int i = 2; i < 5; ++i) CHECK(std::isnan(run[std::size_t(i)]));
  CHECK(std::isnan(values(cummin(tensor<double, 2>{missing, 1}))[1]));
  CHECK(values(cummin(tensor<std::int32_t, 3>{std::numeric_limits<std::int32_t>::max(), 0,
                                              std::numeric_limits<std::int32_t>::min()})) ==
        vec{2147483647.0, 0, -2147483648.0});
  CHECK(values(cumprod(zeros<float>(0))).empty());
  CHECK(test::extents(cummax(zeros<float>(0, 2))) == dims{0, 2});
  CHECK(test::extents(cummax<1>(zeros<float>(2, 0))) == dims{2, 0});
  // integers in 64 bits, and around at 2^64
  CHECK(values(cumprod(tensor<std::int32_t, 3>{65536, 65536, 3})) == vec{65536, 4294967296.0, 12884901888.0});
  CHECK(values(cumprod(tensor<std::int64_t, 3>{std::int64_t(1) << 62, 2, 2})) ==
        vec{4611686018427387904.0, -9223372036854775808.0, 0});
  static_assert(
      std::is_same_v<decltype(eval(cumprod(tensor<std::uint8_t, 3>{})))::value_type, std::uint64_t>);
  CHECK(test::extents(diff(zeros<float>(1))) == dims{0});
  CHECK(values(diff<0>(tensor<float, 2>{1, 2})) == vec{1, 2});
  CHECK(values(linear_recurrence(full<double>(0.5, 4), ones<double>(4))) == vec{1, 1.5, 1.75, 1.875});
}
