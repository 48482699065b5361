// linspace and its relatives, eye, tri, indices, and arrays of the shape of others.
#include "../ops/elements.hpp"

#include <tenon/array/sequences.hpp>
#include <tenon/autodiff/transforms.hpp>

#include <cmath>

using namespace tenon;
using test::check_elements;
using test::dims;
using test::values;
using test::vec;

namespace {

template <class E, class S>
constexpr bool shaped = std::is_same_v<typename std::remove_cvref_t<E>::shape_type, S>;

template <class T>
void check_spaced() {
  for (const tenon::index n : {0, 1, 2, 7, 100}) {
    CAPTURE(n);
    const auto x = linspace<T>(-2, 5, n);
    const auto open = linspace<T>(-2, 5, n, endpoint::excluded);
    REQUIRE(x.size() == n);
    for (tenon::index i = 0; i < n; ++i) {
      const double unit = n > 1 ? double(i) / double(n - 1) : 0;
      CHECK(double(x(i)) == doctest::Approx(-2 + 7 * unit).epsilon(1e-6));
      CHECK(double(open(i)) == doctest::Approx(-2 + 7.0 * double(i) / double(n)).epsilon(1e-6));
    }
    if (n > 1) CHECK(x(n - 1) == T(5));
  }
}

}  // namespace

TEST_CASE("arange from 0, or from a number on; sizes that are none") {
  CHECK(values(arange<float>(4)) == vec{0, 1, 2, 3});
  CHECK(values(arange<float>(2.5f)) == vec{0, 1, 2});
  CHECK(values(arange<int>(-3)) == vec{});
  CHECK(values(arange<int>(5, 0, -2)) == vec{5, 3, 1});
  CHECK(test::thrown<shape_error>([] { (void)zeros<float>(2, -1); }) == "tensor: the extent -1 is negative");
}

TEST_CASE("linspace") {
  check_spaced<float>();
  check_spaced<double>();
  CHECK(values(linspace<float, 5>(0, 1)) == vec{0, 0.25, 0.5, 0.75, 1});
  CHECK(shaped<decltype(linspace<float, 5>(0, 1)), shape_of_extents<5>>);
  CHECK(shaped<decltype(linspace<float, "n">(0, 1, 3)), shape_of_extents<"n">>);
  CHECK(values(linspace<double>(3, 1, 3)) == vec{3, 2, 1});
  CHECK_THROWS_AS((void)linspace<float>(0, 1, -1), usage_error);
}

TEST_CASE("logspace and geomspace") {
  const auto x = logspace<double>(0, 3, 4);
  CHECK(x(0) == 1);
  CHECK(x(1) == doctest::Approx(10));
  CHECK(x(3) == 1000);
  CHECK(double(logspace<double>(1, 3, 5, 2)(3)) == doctest::Approx(std::pow(2, 2.5)));
  const auto g = geomspace<double>(-1, -16, 5);
  for (int i = 0; i < 5; ++i) CHECK(g(i) == doctest::Approx(-std::pow(2, i)));
  CHECK(double(geomspace<double>(1, 16, 4, endpoint::excluded)(3)) == doctest::Approx(8));
  CHECK_THROWS_AS((void)geomspace<float>(0, 1, 3), usage_error);
  CHECK_THROWS_AS((void)geomspace<float>(-1, 1, 3), usage_error);
}

TEST_CASE("eye, identity, tri, indices, from_function") {
  check_elements(eye<float>(3), {3, 3}, [](const dims& i) { return i[0] == i[1]; });
  check_elements(identity<std::int64_t>(2), {2, 2}, [](const dims& i) { return i[0] == i[1]; });
  check_elements(eye<double>(2, 4, 1), {2, 4}, [](const dims& i) { return i[1] == i[0] + 1; });
  check_elements(eye<std::int32_t>(3, 2, -1), {3, 2}, [](const dims& i) { return i[1] == i[0] - 1; });
  check_elements(eye<bool>(0, 2), {0, 2}, [](const dims&) { return 0; });
  check_elements(eye<float, 2, 3>(), {2, 3}, [](const dims& i) { return i[0] == i[1]; });
  check_elements(eye<float, "n">(3), {3, 3}, [](const dims& i) { return i[0] == i[1]; });
  CHECK(shaped<decltype(eye<float, "n">(3)), shape_of_extents<"n", "n">>);
  CHECK(shaped<decltype(eye<float, 3>()), shape_of_extents<3, 3>>);
  check_elements(tri<float>(3, 4, 1), {3, 4}, [](const dims& i) { return i[1] <= i[0] + 1; });
  check_elements(tri<bool>(3), {3, 3}, [](const dims& i) { return i[1] <= i[0]; });
  check_elements(tri<float, 2, 2>(), {2, 2}, [](const dims& i) { return i[1] <= i[0]; });
  check_elements(indices<std::int64_t>(2, 3, 2), {3, 2, 3, 2},
                 [](const dims& i) { return i[std::size_t(1 + i[0])]; });
  check_elements(indices<float, 2, 3>(), {2, 2, 3}, [](const dims& i) { return i[std::size_t(1 + i[0])]; });
  check_elements(indices<float>(0, 3), {2, 0, 3}, [](const dims&) { return 0; });
  check_elements(from_function<float, 2, 3>([](auto i, auto j) { return 10 * i + j; }), {2, 3},
                 [](const dims& i) { return 10 * i[0] + i[1]; });
  check_elements(from_function<std::int32_t>([](auto i) { return i * i; }, 4), {4},
                 [](const dims& i) { return i[0] * i[0]; });
}

TEST_CASE("of the shape of another") {
  const auto x = zeros<float, "batch", 3>(2);
  CHECK(values(ones_like(x)) == vec{1, 1, 1, 1, 1, 1});
  CHECK(values(full_like<std::int32_t>(x, 7)) == vec{7, 7, 7, 7, 7, 7});
  CHECK(shaped<decltype(zeros_like(x)), shape_of_extents<"batch", 3>>);
  static_assert(std::is_same_v<decltype(zeros_like(x))::value_type, float>);
  static_assert(std::is_same_v<decltype(zeros_like<bool>(x))::value_type, bool>);
  CHECK(empty_like(x).size() == 6);
  CHECK(values(zeros_like(ones<float>(2, 3)[1])) == vec{0, 0, 0});
  CHECK(values(full_like(x * 2.f, 4) + x) == vec{4, 4, 4, 4, 4, 4});
  CHECK(values(ones_like<std::int64_t>(x + 1.f)) == vec{1, 1, 1, 1, 1, 1});
  CHECK(empty<double>(2, 2).size() == 4);
  const auto g = grad([](const auto& t) { return sum(t * full_like(t, 3)); })(ones<double>(2));
  CHECK(values(g) == vec{3, 3});
}
