// Elementwise operations on arrays whose last axes are short: rows are joined, and operands that do not walk through
// the joined row are gathered.
#include <doctest/doctest.h>

#include <array>
#include <random>

#include <tenon/array/create.hpp>
#include <tenon/array/tensor.hpp>
#include <tenon/ops/all_ops.hpp>

using namespace tenon;

namespace {

using shape4 = std::array<tenon::index, 4>;

template <class T>
using array4 = tensor<T, dyn, dyn, dyn, dyn>;

/// Numbers that tell elements apart.
template <class T>
array4<T> numbered(const shape4& e, int salt) {
  auto t = array4<T>::uninitialised(e);
  for (tenon::index i = 0; i < t.size(); ++i)
    t.own()[i] = T((i * 7 + salt) % 1009 % (sizeof(T) == 1 ? 2 : 1009));
  return t;
}

template <class T>
T element_of(const array4<T>& t, const shape4& i) {
  tenon::index place = 0;
  for (int k = 0; k < 4; ++k) place = place * t.extent(k) + (t.extent(k) == 1 ? 0 : i[std::size_t(k)]);
  return t.flat()[place];
}

template <class T, class F>
tenon::index wrong(const array4<T>& y, F expected) {
  tenon::index n = 0;
  shape4 i{};
  for (i[0] = 0; i[0] < y.extent(0); ++i[0])
    for (i[1] = 0; i[1] < y.extent(1); ++i[1])
      for (i[2] = 0; i[2] < y.extent(2); ++i[2])
        for (i[3] = 0; i[3] < y.extent(3); ++i[3]) n += element_of(y, i) != expected(i);
  return n;
}

}  // namespace

TEST_CASE("broadcasts along any axes, of short and long rows") {
  std::mt19937 random(3);
  const tenon::index extents[] = {1, 2, 3, 5, 7, 10, 16, 17, 40, 64, 130};
  for (int round = 0; round < 150; ++round) {
    shape4 whole{}, a{}, b{}, m{};
    tenon::index size = 1;
    for (int k = 3; k >= 0; --k) {
      do whole[std::size_t(k)] = extents[random() % std::size(extents)];
      while (size * whole[std::size_t(k)] > 60000);
      size *= whole[std::size_t(k)];
    }
    for (std::size_t k = 0; k < 4; ++k) {
      a[k] = random() % 4 == 0 ? 1 : whole[k];
      b[k] = random() % 3 == 0 ? 1 : whole[k];
      m[k] = random() % 2 == 0 ? 1 : whole[k];
    }
    CAPTURE(whole);
    CAPTURE(a);
    CAPTURE(b);
    CAPTURE(m);
    const auto x = numbered<float>(a, 1), y = numbered<float>(b, 2);
    const auto mask = numbered<bool>(m, 3);
    CHECK(wrong(array4<float>(where(mask, x, y)), [&](const shape4& i) {
            return element_of(mask, i) ? element_of(x, i) : element_of(y, i);
          }) == 0);
    const auto u = numbered<double>(a, 4), v = numbered<double>(b, 5);
    CHECK(wrong(array4<double>(u + v),
                [&](const shape4& i) { return element_of(u, i) + element_of(v, i); }) == 0);
  }
}

TEST_CASE("slices of short rows") {
  for (const tenon::index columns : {3, 16, 40}) {
    for (const tenon::index rows : {7, 700}) {
      CAPTURE(columns);
      CAPTURE(rows);
      const auto wide = numbered<float>({1, 1, rows + 2, 2 * columns + 3}, 1);
      const auto other = numbered<float>({1, 1, rows, columns}, 2);
      for (const int step : {1, 2}) {
        const array4<float> y =
            wide.slice(all, all, range(1, rows + 1), range(3, 3 + step * columns, step)) * other;
        CHECK(y.extent(3) == columns);
        CHECK(wrong(y, [&](const shape4& i) {
                return element_of(wide, {0, 0, i[2] + 1, 3 + i[3] * step}) * element_of(other, i);
              }) == 0);
      }
    }
  }
}
