// argsort, sort, topk and cumsum against the standard library, special values and derivatives.
#include "../support.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/ordering.hpp>
#include <tenon/ops/running.hpp>

#include <algorithm>
#include <limits>
#include <numeric>

using namespace tenon;
using test::values;
using test::vec;

namespace {

const double missing = std::numeric_limits<double>::quiet_NaN(),
             inf = std::numeric_limits<double>::infinity();

template <class T>
void check_sorted(tenon::index n) {
  CAPTURE(n);
  auto x = zeros<T>(3, n);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = static_cast<T>((i * 37 + 11) % 17 % 5);
  const auto places = eval(argsort(x));
  const auto down = eval(argsort_descending(x));
  for (tenon::index r = 0; r < 3; ++r) {
    std::vector<std::int64_t> expected(static_cast<std::size_t>(n));
    std::iota(expected.begin(), expected.end(), 0);
    auto reversed = expected;
    std::stable_sort(expected.begin(), expected.end(), [&](auto a, auto b) { return x(r, a) < x(r, b); });
    std::stable_sort(reversed.begin(), reversed.end(), [&](auto a, auto b) { return x(r, b) < x(r, a); });
    for (tenon::index i = 0; i < n; ++i) {
      REQUIRE(places(r, i) == expected[std::size_t(i)]);
      REQUIRE(down(r, i) == reversed[std::size_t(i)]);
    }
  }
}

}  // namespace

TEST_CASE("argsort is stable on every dtype") {
  for (const tenon::index n : {0, 1, 2, 5, 33, 100}) {
    check_sorted<float>(n);
    check_sorted<double>(n);
    check_sorted<std::int32_t>(n);
    check_sorted<std::int64_t>(n);
    check_sorted<std::int8_t>(n);
    check_sorted<std::uint64_t>(n);
    check_sorted<float16>(n);
    check_sorted<bfloat16>(n);
  }
  CHECK(values(argsort(tensor<bool, 4>{true, false, true, false})) == vec{1, 3, 0, 2});
}

TEST_CASE("NaN is last, infinities are first and last") {
  const tensor<double, 6> x{missing, inf, 1, -inf, missing, -2};
  CHECK(values(argsort(x)) == vec{3, 5, 2, 1, 0, 4});
  CHECK(values(argsort_descending(x)) == vec{1, 2, 5, 3, 0, 4});
  const vec sorted = values(sort(x));
  CHECK(vec(sorted.begin(), sorted.begin() + 4) == vec{-inf, -2, 1, inf});
  CHECK(std::isnan(sorted[5]));
}

TEST_CASE("sort and topk along axes") {
  const tensor<float, 2, 3> x{{3, 1, 2}, {-1, 5, 0}};
  CHECK(values(sort(x)) == vec{1, 2, 3, -1, 0, 5});
  CHECK(values(sort<0>(x)) == vec{-1, 1, 0, 3, 5, 2});
  CHECK(values(sort(transpose(x))) == vec{-1, 3, 1, 5, 0, 2});
  CHECK(values(topk<2>(x)) == vec{0, 2, 1, 2});
  CHECK(values(take_along_axis(x, topk<2>(x))) == vec{3, 2, 5, 0});
  CHECK(values(topk<1, 0>(x)) == vec{0, 1, 0});
}

TEST_CASE("long lines, by radix, of numbers of any sign") {
  for (const tenon::index n : {199, 200, 201, 5000}) {
    CAPTURE(n);
    const auto check = [&](auto x) {
      using T = typename decltype(x)::value_type;
      for (tenon::index i = 0; i < x.size(); ++i)
        x.own()[i] = static_cast<T>((i * 7919 + 13) % 10007 - 5000) / T(3);
      const auto s = eval(sort(x)), down = eval(sort_descending(x));
      const auto p = eval(argsort(x)), q = eval(argsort_descending(x));
      std::vector<T> expected(x.begin(), x.end());
      std::sort(expected.begin(), expected.end());
      for (tenon::index i = 0; i < n; ++i) {
        REQUIRE(s(i) == expected[std::size_t(i)]);
        REQUIRE(down(n - 1 - i) == s(i));
        REQUIRE(x(p(i)) == s(i));
        REQUIRE(x(q(i)) == down(i));
      }
    };
    check(zeros<float>(n));
    check(zeros<double>(n));
    check(zeros<std::int32_t>(n));
    check(zeros<std::int64_t>(n));
  }
  auto special = full<float>(1.f, 300);
  special(7) = -std::numeric_limits<float>::quiet_NaN();
  special(8) = std::numeric_limits<float>::quiet_NaN();
  special(9) = -0.f;
  special(20) = 0.f;
  special(30) = -std::numeric_limits<float>::infinity();
  const auto s = eval(sort(special));
  CHECK((s(0) == -std::numeric_limits<float>::infinity() && s(1) == 0 && s(2) == 0 && s(3) == 1));
  CHECK((std::isnan(s(298)) && std::isnan(s(299)) && s(297) == 1));
  const auto p = eval(argsort(special));
  CHECK(vec{double(p(0)), double(p(1)), double(p(2)), double(p(298)), double(p(299))} ==
        vec{30, 9, 20, 7, 8});
  CHECK(eval(argsort_descending(special))(299) == 8);
}

TEST_CASE("partition and lexsort") {
  auto x = zeros<double>(2, 50);
  for (tenon::index i = 0; i < 100; ++i) x.own()[i] = double((i * 37 + 11) % 41);
  const auto p = eval(partition<10>(x)), s = eval(sort(x)), back = eval(partition<-1>(x));
  for (tenon::index r = 0; r < 2; ++r) {
    CHECK(p(r, 10) == s(r, 10));
    CHECK(back(r, 49) == s(r, 49));
    for (tenon::index i = 0; i < 50; ++i) CHECK((i < 10 ? p(r, i) <= p(r, 10) : p(r, i) >= p(r, 10)));
  }
  CHECK(values(sort(p)) == values(s));
  CHECK_THROWS_AS((void)eval(partition<50>(x)), shape_error);
  const tensor<std::int32_t, 5> minor{2, 1, 2, 0, 1};
  const tensor<float, 5> major{1, 0, 0, 1, 0};
  CHECK(values(lexsort(minor, major)) == vec{1, 4, 2, 3, 0});
}

TEST_CASE("cumsum") {
  const tensor<double, 2, 3> x{{1, 2, 3}, {4, 5, 6}};
  CHECK(values(cumsum(x)) == vec{1, 2, 3, 5, 7, 9});
  CHECK(values(cumsum<1>(x)) == vec{1, 3, 6, 4, 9, 15});
  CHECK(values(cumsum(transpose(x))) == vec{1, 4, 3, 9, 6, 15});
  CHECK(values(cumsum(tensor<std::int32_t, 3>{2147483647, 1, 5})) ==
        vec{2147483647, 2147483648.0, 2147483653.0});  // int64
  CHECK(values(cumsum(zeros<float>(0, 3))).empty());
  auto tenths = full<float>(0.1f, 1000000);
  CHECK(values(cumsum(tenths)).back() == doctest::Approx(100000 * double(0.1f) / 0.1).epsilon(1e-6));
}

TEST_CASE("derivatives") {
  const tensor<double, 2, 3> x{{0.3, -0.5, 2}, {3, 0.1, 1}};
  check_grads([](const auto& a) { return sum(square(sort(a)) * cumsum<1>(a)); }, primals(x), {.order = 2});
  check_grads([](const auto& a) { return sum(square(take_along_axis(a, topk<2>(a)))); }, primals(x),
              {.order = 2});
  CHECK(values(grad([](const auto& a) { return sum(cumsum<1>(a)); })(x)) == vec{3, 2, 1, 3, 2, 1});
}
