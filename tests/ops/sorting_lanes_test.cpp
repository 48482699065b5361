// Many lines sorted at once, in the lanes of registers, against std::sort: numbers of lines and elements on both sides
// of a register, special values, strides, threads.
#include "../support.hpp"

#include <tenon/ops/ordering.hpp>
#include <tenon/ops/shape.hpp>

#include <algorithm>
#include <bit>
#include <limits>

using namespace tenon;

namespace {

/// Bits that no pattern repeats soon.
std::uint64_t next(std::uint64_t& state) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

template <class T>
T any_number(std::uint64_t& state) {
  const std::uint64_t bits = next(state);
  if constexpr (std::is_floating_point_v<T>) {
    constexpr T inf = std::numeric_limits<T>::infinity();
    const T special[] = {
        inf, -inf, T(0), -T(0), std::numeric_limits<T>::denorm_min(), std::numeric_limits<T>::lowest()};
    if (bits % 16 < 6) return special[bits % 16];
    if (bits % 16 == 6)
      return bits % 32 == 6 ? std::numeric_limits<T>::quiet_NaN() : -std::numeric_limits<T>::quiet_NaN();
    return T(std::int64_t(bits >> 20)) / T(1 << 20) * (bits % 32 < 16 ? 1 : -1);
  } else {
    return bits % 16 == 0   ? std::numeric_limits<T>::max()
           : bits % 16 == 1 ? std::numeric_limits<T>::min()
           : bits % 16 < 5  ? T(bits % 7)
                            : static_cast<T>(bits >> 8);
  }
}

/// Numbers in order, of 0 and -0 the second first; NaN last.
template <class T>
bool before(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (a != a || b != b) return a == a && b != b;
    if (a == 0 && b == 0) return std::signbit(a) && !std::signbit(b);
  }
  return a < b;
}
template <class T>
bool same(T a, T b) {
  return !before(a, b) && !before(b, a);
}

template <class T>
void check(tenon::index lines, tenon::index n) {
  CAPTURE(lines);
  CAPTURE(n);
  std::uint64_t state = std::uint64_t(lines * 1000 + n + 1);
  auto x = zeros<T>(lines, n);
  for (tenon::index i = 0; i < lines * n; ++i) x.own()[i] = any_number<T>(state);
  const auto up = eval(sort(x)), down = eval(sort_descending(x));
  const auto columns = eval(sort<0>(eval(transpose(x))));
  bool as_expected = true;
  for (tenon::index l = 0; l < lines; ++l) {
    std::vector<T> expected(std::as_const(x).flat() + l * n, std::as_const(x).flat() + (l + 1) * n);
    std::sort(expected.begin(), expected.end(), before<T>);
    const tenon::index numbers = std::count_if(expected.begin(), expected.end(), [](T v) { return v == v; });
    for (tenon::index i = 0; i < n; ++i) {
      const T v = expected[std::size_t(i)];
      as_expected = as_expected && same(up(l, i), v) && same(columns(i, l), v);
      as_expected = as_expected && same(down(l, i < numbers ? numbers - 1 - i : i), v);
    }
  }
  CHECK(as_expected);
}

template <class T>
void check_all() {
  for (const tenon::index lines : {1, 3, 4, 8, 15, 16, 17, 40})
    for (const tenon::index n : {1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100}) check<T>(lines, n);
  for (const tenon::index n : {127, 128, 129, 500, 1000, 1025, 3000}) check<T>(18, n);
}

}  // namespace

TEST_CASE("lines of every length, in order") {
  check_all<float>();
  check_all<double>();
  check_all<std::int32_t>();
  check_all<std::uint32_t>();
  check_all<std::int64_t>();
  check_all<std::uint64_t>();
}

TEST_CASE("lines so long that they are sorted one by one") {
  check<float>(20, 20000);
  check<double>(20, 9000);
}

TEST_CASE("lines in steps and backwards, and the same bits with any number of threads") {
  std::uint64_t state = 5;
  auto x = zeros<float>(70, 300);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = any_number<float>(state);
  const auto part = eval(std::as_const(x).slice(range(1, 69, 2), range(0, 300, 3)));
  set_num_threads(1);
  const auto once = eval(sort(std::as_const(x).slice(range(1, 69, 2), range(0, 300, 3))));
  const auto backwards = eval(sort(flip(part, axes<1>)));
  set_num_threads(3);
  const auto again = eval(sort(std::as_const(x).slice(range(1, 69, 2), range(0, 300, 3))));
  set_num_threads(0);
  const auto whole = eval(sort(part));
  const auto bytes = std::size_t(part.size()) * 4;
  CHECK(std::memcmp(std::as_const(once).flat(), std::as_const(again).flat(), bytes) == 0);
  CHECK(std::memcmp(std::as_const(once).flat(), std::as_const(whole).flat(), bytes) == 0);
  CHECK(std::memcmp(std::as_const(once).flat(), std::as_const(backwards).flat(), bytes) == 0);
}
