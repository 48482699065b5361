// scatter, put_along_axis, gather_nd, scatter_nd, dynamic slices: values against loops, bad places.
#include "elements.hpp"

#include <tenon/ops/dynamic_slices.hpp>
#include <tenon/ops/scattering.hpp>

using namespace tenon;
using test::check_elements;
using test::contains;
using test::counted;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

namespace {

template <class E, class S>
constexpr bool shaped = std::is_same_v<typename std::remove_cvref_t<E>::shape_type, S>;

template <class T>
void check_scatter() {
  const auto to = counted<T>(4, 3);
  const tensor<std::int32_t, 3> places{2, 0, -2};
  const auto rows = eval(counted<T>(3, 3) == T(1));  // some other elements
  const auto x = eval(astype<T>(rows));
  check_elements(scatter(to, places, x), {4, 3}, [&](const dims& i) {
    return i[0] == 2 ? x(2, i[1]) : i[0] == 0 ? x(1, i[1]) : to(i[0], i[1]);  // place 2 twice: the last stays
  });
  check_elements(scatter<1>(to, tensor<std::int64_t>(1), zeros<T>(4)), {4, 3},
                 [&](const dims& i) { return i[1] == 1 ? T(0) : to(i[0], i[1]); });
  const tensor<std::int64_t, 4, 2> columns{{0, 0}, {1, -1}, {2, 0}, {1, 1}};
  const auto put = eval(astype<T>(counted<std::int32_t>(4, 2) > 4));
  check_elements(put_along_axis(to, columns, put), {4, 3}, [&](const dims& i) {
    T v = to(i[0], i[1]);
    for (int k = 0; k < 2; ++k)
      if ((columns(i[0], k) + 3) % 3 == i[1]) v = put(i[0], k);
    return v;
  });
  const tensor<std::int32_t, 3, 2> at{{0, 0}, {3, -1}, {0, 0}};
  check_elements(gather_nd(to, at), {3}, [&](const dims& i) { return i[0] == 1 ? to(3, 2) : to(0, 0); });
  const auto three = eval(astype<T>(counted<std::int32_t>(3) > 2));
  check_elements(scatter_nd(to, at, three), {4, 3}, [&](const dims& i) {
    return i[0] == 0 && i[1] == 0 ? three(2) : i[0] == 3 && i[1] == 2 ? three(1) : to(i[0], i[1]);
  });
}

}  // namespace

TEST_CASE("scatter on every dtype") {
  check_scatter<float>();
  check_scatter<double>();
  check_scatter<std::int32_t>();
  check_scatter<std::uint16_t>();
  check_scatter<bool>();
}

TEST_CASE("coordinates of some axes, of none, and of strided arrays") {
  const auto x = counted<float, 3, 2, 2>();
  const tensor<std::int64_t, 2, 1, 2> at{{{2, 1}}, {{-3, 0}}};
  check_elements(gather_nd(x, at), {2, 1, 2},
                 [&](const dims& i) { return i[0] == 0 ? x(2, 1, i[2]) : x(0, 0, i[2]); });
  check_elements(gather_nd(transpose(x), at - at), {2, 1, 3}, [&](const dims& i) { return x(i[2], 0, 0); });
  check_elements(gather_nd(x, zeros<std::int32_t, 2, 0>()), {2, 3, 2, 2},
                 [&](const dims& i) { return x(i[1], i[2], i[3]); });
  CHECK(values(scatter_nd_add(zeros<double>(3), tensor<std::int32_t, 3, 1>{{1}, {1}, {0}},
                              counted<double, 3>())) == vec{3, 3, 0});
  CHECK(test::extents(gather_nd(x, zeros<std::int32_t, dyn, 3>(0))) == dims{0});
  CHECK(shaped<decltype(gather_nd(x, zeros<std::int32_t, "n", 2>(1))), shape_of_extents<"n", 2>>);
  CHECK(values(masked_fill(counted<float>(3), tensor<bool, 3>{true, false, true}, 9.f)) == vec{9, 2, 9});
}

TEST_CASE("bad places change nothing") {
  auto y = ones<double>(2, 2);
  const auto row = ones<double>(1, 2);
  const auto said = thrown<index_error>([&] { y = scatter(y, tensor<int, 1>{2}, row); });
  CHECK(contains(said, "scatter"));
  CHECK(contains(said, "extent 2"));
  CHECK_THROWS_AS(y = put_along_axis(y, tensor<int, 2, 1>{{0}, {-3}}, zeros<double>(2, 1)), index_error);
  CHECK_THROWS_AS(y = scatter_nd(y, tensor<int, 1, 2>{{0, 2}}, zeros<double>(1)), index_error);
  CHECK_THROWS_AS(y = gather_nd(y, tensor<int, 1, 1>{{5}}), index_error);
  CHECK_THROWS_AS(y = scatter(y, tensor<int, 1>{0}, zeros<double>(2, 2)), shape_error);
  CHECK_THROWS_AS(y = dynamic_update_slice<0>(y, zeros<double>(1, 2), 2), index_error);
  CHECK_THROWS_AS((y = dynamic_slice<0, 2>(y, 1)), index_error);
  CHECK_THROWS_AS((y = dynamic_slice<0, 2>(y, -3)), index_error);
  CHECK(values(y) == vec{1, 1, 1, 1});
}

TEST_CASE("dynamic slices") {
  const auto x = counted<float>(3, 5);
  for (int begin = -5; begin <= 3; ++begin) {
    CAPTURE(begin);
    const int first = begin < 0 ? begin + 5 : begin;
    if (first + 2 > 5) continue;
    check_elements(dynamic_slice<1, 2>(x, begin), {3, 2},
                   [&](const dims& i) { return x(i[0], first + i[1]); });
    check_elements(dynamic_update_slice<-1>(x, zeros<float>(3, 2), tensor<std::int64_t>(begin)), {3, 5},
                   [&](const dims& i) { return i[1] == first || i[1] == first + 1 ? 0 : x(i[0], i[1]); });
  }
  CHECK(shaped<decltype(dynamic_slice<0, 2>(x, 1)), shape_of_extents<2, dyn>>);
  CHECK(test::extents(dynamic_slice<0, 0>(x, 3)) == dims{0, 5});
}
