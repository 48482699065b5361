// topk against a stable sort: ties, NaN, zeros of both signs, orders that fill and do not fill what is kept, every
// dtype, along every axis; sorts on several threads.
#include "../support.hpp"

#include <tenon/ops/joining.hpp>
#include <tenon/ops/ordering.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace tenon;
using test::contains;
using test::thrown;
using test::values;
using test::vec;

namespace {

/// Lines that are random with ties, ascending, descending, constant, and, where there are such, full of NaN.
template <class T>
tensor<T, dyn, dyn> sample(tenon::index n) {
  auto x = zeros<T>(6, n);
  unsigned state = 17;
  for (tenon::index i = 0; i < n; ++i) {
    state = state * 1664525u + 1013904223u;
    const int r = int((state >> 16) % 101);
    x(0, i) = T(float(r));
    x(1, i) = T(float(i % 120));
    x(2, i) = T(float((n - i) % 120));
    x(3, i) = T(float(1));
    x(4, i) = r % 3 == 0 ? std::numeric_limits<T>::max() : std::numeric_limits<T>::lowest();
    x(5, i) = T(float(r % 2));
    if constexpr (is_floating(dtype_of<T>)) {
      if (r % 7 == 0) x(0, i) = T(std::nanf(""));
      if (r % 50 != 0) x(4, i) = T(std::nanf(""));
      x(5, i) = r % 2 == 0 ? T(0.0f) : T(-0.0f);
    }
  }
  return x;
}

template <class T, class X>
vec by_hand(const X& x, tenon::index k) {
  vec r;
  for (tenon::index line = 0; line < x.extent(0); ++line) {
    std::vector<tenon::index> at(std::size_t(x.extent(1)));
    std::iota(at.begin(), at.end(), tenon::index(0));
    std::stable_sort(at.begin(), at.end(), [&](tenon::index a, tenon::index b) {
      const double p = double(x(line, a)), q = double(x(line, b));
      return std::isnan(q) ? !std::isnan(p) : p > q;
    });
    r.insert(r.end(), at.begin(), at.begin() + k);
  }
  return r;
}

template <class T>
void check_dtype() {
  for (const tenon::index n : {10, 31, 80, 81, 113, 1000}) {
    const auto x = sample<T>(n);
    CHECK(values(topk<10>(x)) == by_hand<T>(x, 10));
    CHECK(values(topk<1>(x)) == by_hand<T>(x, 1));
    CHECK(values(topk<3, 0>(transpose(x))) == values(transpose(topk<3>(x))));
    CHECK(values(topk<2>(flip(x, axis<1>))) == by_hand<T>(tensor<T, dyn, dyn>(flip(x, axis<1>)), 2));
  }
}

}  // namespace

TEST_CASE("every dtype, lengths about where the way changes") {
  check_dtype<float>();
  check_dtype<double>();
  check_dtype<float16>();
  check_dtype<bfloat16>();
  check_dtype<std::int8_t>();
  check_dtype<std::uint8_t>();
  check_dtype<std::int32_t>();
  check_dtype<std::uint64_t>();
}

TEST_CASE("extents") {
  const auto x = sample<float>(12);
  static_assert(std::is_same_v<decltype(topk<3>(x))::shape_type, shape_of_extents<dyn, 3>>);
  CHECK(eval(topk<0>(x)).size() == 0);
  CHECK(contains(thrown<shape_error>([&] { (void)eval(topk<13>(x)); }), "topk"));
  CHECK(eval(topk<2>(zeros<float>(0, 5))).size() == 0);
}

TEST_CASE("on several threads as on one") {
  const auto x = sample<float>(3000);
  const auto wide = eval(concat<0>(x, flip(x, axis<1>), x, x * 2.0f, x, -x, x, x));
  const int before = num_threads();
  set_num_threads(1);
  const vec sorted = values(sort(wide)), order = values(argsort(wide)), best = values(topk<5>(wide)),
            part = values(argpartition<100>(wide));
  set_num_threads(3);
  CHECK(values(argsort(wide)) == order);
  CHECK(values(topk<5>(wide)) == best);
  CHECK(values(argpartition<100>(wide)) == part);
  const vec again = values(sort(wide));
  for (std::size_t i = 0; i < sorted.size(); ++i)
    REQUIRE((again[i] == sorted[i] || (std::isnan(again[i]) && std::isnan(sorted[i]))));
  set_num_threads(before);
}
