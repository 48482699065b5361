// repeat, tile, broadcast_to, broadcast_arrays, meshgrid: values against index arithmetic, of static, named and
// dynamic extents.
#include "elements.hpp"

#include <tenon/array/shapes.hpp>
#include <tenon/autodiff/check.hpp>

using namespace tenon;
using test::check_elements;
using test::counted;
using test::dims;
using test::values;
using test::vec;

namespace {

template <class E, class S>
constexpr bool shaped = std::is_same_v<typename std::remove_cvref_t<E>::shape_type, S>;

template <class T>
void check_repeated() {
  const auto fixed = counted<T, 2, 3>();
  const auto x = counted<T>(2, 3);
  const auto same = [&](const auto& in) {
    check_elements(repeat<3>(in, axis<0>), {6, 3}, [&](const dims& i) { return x(i[0] / 3, i[1]); });
    check_elements(repeat<2>(in, axis<-1>), {2, 6}, [&](const dims& i) { return x(i[0], i[1] / 2); });
    check_elements(repeat<2>(in), {12}, [&](const dims& i) { return x(i[0] / 6, i[0] / 2 % 3); });
    check_elements(tile<2, 3>(in), {4, 9}, [&](const dims& i) { return x(i[0] % 2, i[1] % 3); });
    check_elements(tile<3>(in), {2, 9}, [&](const dims& i) { return x(i[0], i[1] % 3); });
    check_elements(tile<2, 1, 2>(in), {2, 2, 6}, [&](const dims& i) { return x(i[1], i[2] % 3); });
    check_elements(repeat(in, tensor<std::int32_t, 3>{2, 0, 1}, axis<1>), {2, 3},
                   [&](const dims& i) { return x(i[0], i[1] == 2 ? 2 : 0); });
  };
  same(fixed);
  same(x);
  same(transpose(eval(transpose(x))));
}

}  // namespace

TEST_CASE("repeat and tile on every dtype") {
  check_repeated<float>();
  check_repeated<double>();
  check_repeated<std::int32_t>();
  check_repeated<std::uint8_t>();
  check_repeated<float16>();
  CHECK(values(tile<2>(tensor<bool, 2>{true, false})) == vec{1, 0, 1, 0});
}

TEST_CASE("repeat and tile at the edges") {
  const auto x = counted<float>(2, 3);
  CHECK(test::extents(repeat<0>(x, axis<0>)) == dims{0, 3});
  CHECK(test::extents(tile<0, 2>(x)) == dims{0, 6});
  CHECK(test::extents(tile<2, 2>(zeros<float>(0, 3))) == dims{0, 6});
  check_elements(tile<1, 1>(x), {2, 3}, [&](const dims& i) { return x(i[0], i[1]); });
  CHECK(values(tile<3>(tensor<float>(2.f))) == vec{2, 2, 2});
  CHECK(values(repeat<2>(tensor<float>(2.f))) == vec{2, 2});
  CHECK(values(repeat<2>(x * 2.f + 1.f, axis<0>)) == vec{3, 5, 7, 3, 5, 7, 9, 11, 13, 9, 11, 13});
  CHECK(shaped<decltype(repeat<2>(zeros<float, "n", 3>(2), axis<1>)), shape_of_extents<"n", 6>>);
  CHECK(shaped<decltype(repeat<2>(zeros<float, "n", 3>(2), axis<0>)), shape_of_extents<dyn, 3>>);
  CHECK_THROWS_AS((void)repeat(x, tensor<int, 2>{1, 1}, axis<1>), shape_error);
  CHECK_THROWS_AS((void)repeat(x, tensor<int, 3>{1, -1, 1}, axis<1>), index_error);
  CHECK(values(repeat(x, tensor<int, 1>{2}, axis<0>)) == vec{1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6});
}

TEST_CASE("broadcast_to written extents") {
  const auto row = counted<float>(3);
  check_elements(broadcast_to<2, 3>(row), {2, 3}, [](const dims& i) { return i[1] + 1; });
  check_elements(broadcast_to<dyn, 3>(row, 4), {4, 3}, [](const dims& i) { return i[1] + 1; });
  check_elements(broadcast_to<"batch", 2, 3>(row, 2) * 2.f, {2, 2, 3},
                 [](const dims& i) { return 2 * i[2] + 2; });
  check_elements(broadcast_to<2, 2>(tensor<int>(5)), {2, 2}, [](const dims&) { return 5; });
  check_elements(broadcast_to<dyn, dyn>(counted<double>(2, 1), 2, 3), {2, 3},
                 [](const dims& i) { return i[0] + 1; });
  CHECK(test::extents(broadcast_to<0, 3>(row)) == dims{0, 3});
  CHECK(shaped<decltype(broadcast_to<"batch", 3>(row, 2)), shape_of_extents<"batch", 3>>);
  CHECK_THROWS_AS((void)eval(broadcast_to<2, 4>(row)), shape_error);
  const auto kept = [&] { return broadcast_to<2, 3>(row + 1.f); }();
  CHECK(values(kept) == vec{2, 3, 4, 2, 3, 4});
}

TEST_CASE("reshape to sizes that run time knows, and to another's shape") {
  const auto x = counted<float>(2, 6);
  const auto at = [](tenon::index i) { return i + 1; };
  check_elements(reshape<dyn, dyn>(x, 3, 4), {3, 4}, [&](const dims& i) { return at(i[0] * 4 + i[1]); });
  check_elements(reshape<"batch", 3, dyn>(x, 2, 2), {2, 3, 2},
                 [&](const dims& i) { return at((i[0] * 3 + i[1]) * 2 + i[2]); });
  check_elements(reshape<dyn>(transpose(x), 12), {12},
                 [&](const dims& i) { return at(i[0] % 2 * 6 + i[0] / 2); });
  check_elements(reshape_like(x + 1.f, zeros<int>(4, 3)), {4, 3},
                 [&](const dims& i) { return at(i[0] * 3 + i[1]) + 1; });
  CHECK(shaped<decltype(reshape<"batch", 4>(x, 3)), shape_of_extents<"batch", 4>>);
  CHECK_THROWS_AS((void)eval(reshape<dyn, dyn>(x, 5, 2)), shape_error);
  check_elements(reshape<dyn, dyn>(x, -1, 3), {4, 3}, [&](const dims& i) { return at(i[0] * 3 + i[1]); });
  check_elements(reshape<dyn, 2, dyn>(x[1], 1, -1), {1, 2, 3},
                 [&](const dims& i) { return at(6 + i[1] * 3 + i[2]); });
  CHECK(test::extents(reshape<dyn, dyn>(zeros<float>(0, 4), -1, 2)) == dims{0, 2});
  for (const auto bad : {-2, -1, 5}) {  // negative, twice open, no divisor
    CAPTURE(bad);
    CHECK_THROWS_AS((void)eval(reshape<dyn, dyn>(x, -1, bad)), shape_error);
  }
  CHECK(test::thrown<shape_error>([&] { (void)reshape<dyn, dyn>(x, -3, 4); }) ==
        "reshape: the size -3 is negative; one size may be -1, where the others are not 0");
  CHECK(test::thrown<shape_error>([&] { (void)reshape<dyn, dyn>(zeros<float>(0, 4), -1, 0); }) != "");
  CHECK(test::thrown<shape_error>([&] { (void)broadcast_to<dyn, 6>(x, -2); }) ==
        "broadcast_to: the size -2 is negative");
  CHECK(test::extents(reshape<dyn, dyn>(zeros<float>(0, 4), 2, 0)) == dims{2, 0});
  const tensor<float, dyn, dyn> p = reshape<dyn, dyn>(x, 4, 3) / 8.f;
  check_grads(
      [](const auto& t) { return sum(square(reshape<dyn, dyn>(exp(t), 2, 6)) * counted<float>(2, 6)); },
      primals(p), {.order = 2});
  check_grads([](const auto& t) { return sum(exp(reshape_like(transpose(t), zeros<float>(2, 6)))); },
              primals(p), {.order = 2});
}

TEST_CASE("broadcast_arrays and meshgrid") {
  const auto row = counted<float>(1, 3);
  const auto column = counted<std::int32_t>(2, 1);
  auto [a, b] = broadcast_arrays(row, column);
  check_elements(a, {2, 3}, [](const dims& i) { return i[1] + 1; });
  check_elements(b, {2, 3}, [](const dims& i) { return i[0] + 1; });
  static_assert(std::is_same_v<decltype(b)::value_type, std::int32_t>);
  const auto x = counted<float>(3), y = counted<float>(2);
  auto [gx, gy] = meshgrid(x, y);
  check_elements(gx, {2, 3}, [](const dims& i) { return i[1] + 1; });
  check_elements(gy, {2, 3}, [](const dims& i) { return i[0] + 1; });
  auto [ix, iy, iz] = meshgrid_ij(x, y, counted<double, 4>());
  check_elements(ix, {3, 2, 4}, [](const dims& i) { return i[0] + 1; });
  check_elements(iy, {3, 2, 4}, [](const dims& i) { return i[1] + 1; });
  check_elements(iz, {3, 2, 4}, [](const dims& i) { return i[2] + 1; });
  auto [kx, ky, kz] = meshgrid(x, y, counted<double, 4>());
  check_elements(kx, {2, 3, 4}, [](const dims& i) { return i[1] + 1; });
  check_elements(ky, {2, 3, 4}, [](const dims& i) { return i[0] + 1; });
  check_elements(kz, {2, 3, 4}, [](const dims& i) { return i[2] + 1; });
  auto [alone] = meshgrid(x);
  CHECK(values(alone) == vec{1, 2, 3});
}
