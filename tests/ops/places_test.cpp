// Elements and blocks at places, line by line: places of every dtype and layout, along every axis, lines longer than
// what is read at once; what is added there; the first bad place is named and nothing is written.
#include "../support.hpp"

#include <tenon/autodiff/transforms.hpp>
#include <tenon/ops/indexing.hpp>
#include <tenon/ops/joining.hpp>
#include <tenon/ops/scattering.hpp>

#include <array>

using namespace tenon;
using test::contains;
using test::thrown;
using test::values;
using test::vec;

namespace {

template <class T>
using cube = tensor<T, dyn, dyn, dyn>;

template <class T>
cube<T> numbered(tenon::index a, tenon::index b, tenon::index c) {
  auto x = zeros<T>(a, b, c);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = T(float(i % 97));
  return x;
}
/// In [0, n), or [-n, n) where the type has a sign.
template <class P>
cube<P> places_in(tenon::index n, tenon::index a, tenon::index b, tenon::index c) {
  auto x = zeros<P>(a, b, c);
  unsigned state = 99;
  for (tenon::index i = 0; i < x.size(); ++i) {
    state = state * 1664525u + 1013904223u;
    const tenon::index v = (state >> 8) % unsigned(2 * n);
    x.own()[i] = P(std::is_signed_v<P> ? v - n : v / 2);
  }
  return x;
}
template <int Axis, class T, class P>
vec along_by_hand(const T& x, const P& places) {
  vec r;
  for (tenon::index i = 0; i < places.extent(0); ++i)
    for (tenon::index j = 0; j < places.extent(1); ++j)
      for (tenon::index k = 0; k < places.extent(2); ++k) {
        std::array<tenon::index, 3> at{i, j, k};
        const auto p = tenon::index(places(i, j, k));
        at[Axis] = p < 0 ? p + x.extent(Axis) : p;
        r.push_back(double(x(at[0], at[1], at[2])));
      }
  return r;
}
/// Zeros of x's shape with ones, twos, ... added where the places are.
template <int Axis, class P>
vec added_by_hand(const cube<double>& x, const P& places) {
  auto r = zeros<double>(x.extent(0), x.extent(1), x.extent(2));
  double n = 0;
  for (tenon::index i = 0; i < places.extent(0); ++i)
    for (tenon::index j = 0; j < places.extent(1); ++j)
      for (tenon::index k = 0; k < places.extent(2); ++k) {
        std::array<tenon::index, 3> at{i, j, k};
        const auto p = tenon::index(places(i, j, k));
        at[Axis] = p < 0 ? p + x.extent(Axis) : p;
        r(at[0], at[1], at[2]) += ++n;
      }
  return values(r);
}

template <int Axis, class T, class P>
void check_along(const cube<T>& x, const cube<P>& p) {
  CHECK(values(take_along_axis<Axis>(x, p)) == along_by_hand<Axis>(x, p));
}
template <class T, class P>
void check_axes() {
  const auto x = numbered<T>(5, 7, 9);
  check_along<0>(x, places_in<P>(5, 3, 7, 9));
  check_along<1>(x, places_in<P>(7, 5, 20, 9));
  check_along<2>(x, places_in<P>(9, 5, 7, 21));
}
template <int Axis, class P>
void check_added(const cube<P>& p) {
  const auto x = numbered<double>(5, 7, 9);
  auto ones_on = zeros<double>(p.extent(0), p.extent(1), p.extent(2));
  for (tenon::index i = 0; i < p.size(); ++i) ones_on.own()[i] = double(i + 1);
  const auto g = grad([&](const auto& v) { return sum(take_along_axis<Axis>(v, p) * ones_on); })(x);
  CHECK(values(g) == added_by_hand<Axis>(x, p));
}

}  // namespace

TEST_CASE("places and elements of every dtype") {
  check_axes<float, std::int8_t>();
  check_axes<float, std::uint8_t>();
  check_axes<double, std::int16_t>();
  check_axes<double, std::uint16_t>();
  check_axes<float, std::int32_t>();
  check_axes<std::int16_t, std::uint32_t>();
  check_axes<std::int8_t, std::int64_t>();
  check_axes<float16, std::uint64_t>();
  check_axes<bool, std::int64_t>();
  check_axes<std::int64_t, std::int32_t>();
}

TEST_CASE("lines longer than what is read at once, and many of them") {
  check_along<2>(numbered<float>(3, 2, 1500), places_in<std::int64_t>(1500, 3, 2, 1300));
  check_along<1>(numbered<float>(2, 40, 1100), places_in<std::int32_t>(40, 2, 30, 1100));
  check_along<0>(numbered<double>(60, 70, 40), places_in<std::int64_t>(60, 90, 70, 40));
}

TEST_CASE("operands under strides") {
  const auto x = numbered<float>(4, 6, 8);
  const auto p = places_in<std::int32_t>(4, 8, 6, 4);
  const cube<float> turned = permute<2, 1, 0>(x);
  CHECK(values(take_along_axis<2>(permute<2, 1, 0>(x), p)) == along_by_hand<2>(turned, p));
  CHECK(values(take_along_axis<2>(turned, flip(p, axes<0, 2>))) ==
        along_by_hand<2>(turned, cube<std::int32_t>(flip(p, axes<0, 2>))));
  CHECK(values(take<1>(flip(x, axis<2>), tensor<std::int64_t, 2>{5, -6})) ==
        values(concat<1>(slice<1, 5, 6>(flip(x, axis<2>)), slice<1, 0, 1>(flip(x, axis<2>)))));
  CHECK(values(take<0>(permute<2, 0, 1>(x), tensor<std::uint8_t, 2>{7, 0})) ==
        values(concat<0>(slice<0, 7, 8>(permute<2, 0, 1>(x)), slice<0, 0, 1>(permute<2, 0, 1>(x)))));
  CHECK(values(take<2>(x, tensor<std::int32_t>(3))) == values(slice<2, 3, 4>(x)));
}

TEST_CASE("what is added where places repeat") {
  check_added<0>(places_in<std::int64_t>(5, 30, 7, 9));
  check_added<1>(places_in<std::int32_t>(7, 5, 1, 9));
  check_added<2>(places_in<std::int64_t>(9, 5, 7, 600));
  const auto x = numbered<double>(3, 4, 50);
  const tensor<std::int64_t, 2, 3> p{{1, 1, -2}, {0, 3, 1}};
  const auto g = grad([&](const auto& v) { return sum(take<1>(v, p) * 2.0); })(x);
  const vec times{1, 3, 1, 1};  // 2 is -2, 0 once, 1 three times, 3 once
  for (tenon::index j = 0; j < 4; ++j) CHECK(g(1, j, 7) == 2 * times[std::size_t(j)]);
}

TEST_CASE("the last of equal places stays") {
  const auto p = places_in<std::int64_t>(7, 5, 40, 9);
  const auto x = numbered<double>(5, 40, 9);
  auto by_hand = numbered<double>(5, 7, 9);
  const auto y = by_hand;
  for (tenon::index i = 0; i < 5; ++i)
    for (tenon::index j = 0; j < 40; ++j)
      for (tenon::index k = 0; k < 9; ++k)
        by_hand(i, p(i, j, k) < 0 ? p(i, j, k) + 7 : p(i, j, k), k) = x(i, j, k);
  CHECK(values(put_along_axis<1>(y, p, x)) == values(by_hand));
}

TEST_CASE("the first bad place is named, and nothing is written") {
  const auto x = numbered<float>(3, 4, 100);
  auto y = zeros<float>(3, 4, 70);
  auto p = places_in<std::int64_t>(100, 3, 4, 70);
  p(2, 3, 69) = 100;
  CHECK(contains(thrown<index_error>([&] { y = take_along_axis<2>(x, p); }), "place 100"));
  p(1, 0, 16) = -101;
  CHECK(contains(thrown<index_error>([&] { y = take_along_axis<2>(x, p); }), "place -101"));
  CHECK(contains(thrown<index_error>([&] { y = take_along_axis<2>(x, flip(p, axis<2>)); }), "place -101"));
  CHECK(values(y) == vec(3 * 4 * 70, 0));
  p(1, 0, 16) = std::numeric_limits<std::int64_t>::min();
  CHECK_THROWS_AS(y = take_along_axis<2>(x, p), index_error);
  p(1, 0, 16) = std::numeric_limits<std::int64_t>::max();
  CHECK_THROWS_AS(y = take_along_axis<2>(x, p), index_error);
  const tensor<std::uint64_t, 1> far{std::uint64_t(-1)};
  CHECK_THROWS_AS((void)eval(take<0>(x, far)), index_error);
  CHECK_THROWS_AS((void)eval(take<0>(x, tensor<std::int8_t, 1>{-4})), index_error);
}

TEST_CASE("many blocks on several threads: in order, whatever their number") {
  const tenon::index n = 3000, width = 40, rows = 50;
  auto x = zeros<float>(n, width);
  auto at = zeros<std::int64_t>(n);
  unsigned state = 5;
  for (tenon::index i = 0; i < n; ++i) {
    state = state * 1664525u + 1013904223u;
    at(i) = tenon::index((state >> 8) % unsigned(2 * rows)) - rows;
    for (tenon::index j = 0; j < width; ++j) x(i, j) = 0.1f * float(i % 97) + float(j);
  }
  auto added = zeros<float>(rows, width), last = zeros<float>(rows, width);
  for (tenon::index i = 0; i < n; ++i)
    for (tenon::index j = 0; j < width; ++j) {
      const tenon::index row = at(i) < 0 ? at(i) + rows : at(i);
      added(row, j) += x(i, j);
      last(row, j) = x(i, j);
    }
  const int before = num_threads();
  for (const int threads : {1, 2, 5}) {
    set_num_threads(threads);
    CHECK(values(scatter_add<0>(zeros<float>(rows, width), at, x)) == values(added));  // bit for bit
    CHECK(values(scatter<0>(zeros<float>(rows, width), at, x)) == values(last));
    CHECK(values(scatter_add<1>(zeros<float>(width, rows), at, transpose(x))) == values(transpose(added)));
  }
  set_num_threads(before);
}
