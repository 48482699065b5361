// Copies of arrays under any strides against a loop over every element: every size of element, axes permuted,
// reversed, spread and cut on both sides, lines of odd lengths, and arrays large enough for several threads.
#include "../support.hpp"

#include <tenon/ops/copies.hpp>

#include <array>
#include <cstring>

using namespace tenon;
using test::dims;

namespace {

struct memory {
  std::vector<std::byte> bytes;
  array_access a;
};

/// An array of some extents in memory of its own: axes in the order `order` from the outermost in, `step`
/// elements apart along the last of these, reversed where `back` has a bit.
memory array(dtype type, const dims& extent, const dims& order, tenon::index step, unsigned back) {
  memory m;
  m.a.type = type;
  m.a.rank = int(extent.size());
  tenon::index n = step;
  for (std::size_t k = order.size(); k-- > 0;) {
    const auto axis = std::size_t(order[k]);
    m.a.extent[axis] = extent[axis];
    m.a.stride[axis] = n;
    n *= extent[axis] + tenon::index(k % 2);  // a gap behind some lines
  }
  m.bytes.assign(std::size_t((n + 1) * size_of(type)), std::byte{0xee});
  tenon::index first = 0;
  for (std::size_t axis = 0; axis < extent.size(); ++axis)
    if (((back >> axis) & 1) != 0 && extent[axis] > 0) {
      first += (extent[axis] - 1) * m.a.stride[axis];
      m.a.stride[axis] = -m.a.stride[axis];
    }
  m.a.data = m.bytes.data() + first * size_of(type);
  return m;
}

template <class F>
void each(const array_access& a, F f) {
  tenon::detail::outer_walk<1> walk;
  for (int k = 0; k < a.rank; ++k) walk.add(a.extent[k], {a.stride[k] * size_of(a.type)});
  walk.each(0, walk.count, [&](const tenon::index* at) { f(a.data + at[0]); });
}

void check(dtype type, const dims& extent, const dims& from_order, const dims& to_order, unsigned from_back,
           unsigned to_back, tenon::index from_step = 1, tenon::index to_step = 1) {
  memory from = array(type, extent, from_order, from_step, from_back);
  memory to = array(type, extent, to_order, to_step, to_back);
  const auto size = std::size_t(size_of(type));
  std::uint64_t n = 1;
  each(from.a, [&](std::byte* p) {
    n = n * 6364136223846793005u + 1442695040888963407u;
    for (std::size_t b = 0; b < size; ++b) p[b] = std::byte(n >> (8 + b % 8 * 6));
  });
  std::vector<std::byte> expected = to.bytes, read;
  each(from.a, [&](const std::byte* p) { read.insert(read.end(), p, p + size); });
  array_access by_hand = to.a;
  by_hand.data = expected.data() + (to.a.data - to.bytes.data());
  std::size_t at = 0;
  each(by_hand, [&](std::byte* p) { std::memcpy(p, read.data() + size * at++, size); });
  tenon::detail::copy_elements(from.a, to.a);
  CHECK(to.bytes == expected);  // what is between and beside, too
}

const dtype sizes[] = {dtype::int8, dtype::int16, dtype::float32, dtype::float64, dtype::complex128};

}  // namespace

TEST_CASE("every order of axes, reversed and not") {
  const std::array<dims, 6> orders{dims{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  unsigned back = 0;
  for (const dtype type : sizes)
    for (const dims& from : orders)
      for (const dims& to : orders)
        for (const dims& extent : {dims{3, 9, 17}, dims{16, 1, 40}, dims{2, 70, 33}}) {
          back = (back * 5 + 3) % 64;
          check(type, extent, from, to, back & 7, back >> 3);
        }
}

TEST_CASE("lines of every length, in steps") {
  for (const dtype type : sizes)
    for (tenon::index n = 0; n < 150; n += n < 20 ? 1 : 13) {
      check(type, {n}, {0}, {0}, 0, 0);
      check(type, {n}, {0}, {0}, 1, 0);
      check(type, {n}, {0}, {0}, 0, 1);
      check(type, {n}, {0}, {0}, 1, 1, 3, 1);
      check(type, {n}, {0}, {0}, 0, 0, 1, 2);
      check(type, {3, n}, {0, 1}, {0, 1}, 2, 1, 2, 1);
    }
}

TEST_CASE("large arrays") {
  const int before = num_threads();
  for (const int threads : {1, 3}) {
    set_num_threads(threads);
    check(dtype::float32, {300'000}, {0}, {0}, 0, 0);
    check(dtype::float32, {300'001}, {0}, {0}, 1, 0);
    check(dtype::float64, {70'000}, {0}, {0}, 0, 0, 2, 1);
    check(dtype::float32, {400, 501}, {1, 0}, {0, 1}, 0, 0);
    check(dtype::int8, {700, 501}, {1, 0}, {0, 1}, 2, 1);
    check(dtype::float32, {3, 400, 170}, {0, 2, 1}, {0, 1, 2}, 1, 0);
    check(dtype::float64, {200, 3, 171}, {0, 1, 2}, {1, 0, 2}, 4, 2);
  }
  set_num_threads(before);
}

TEST_CASE("elements that are repeated, and none") {
  memory from = array(dtype::float32, {1, 40}, {0, 1}, 1, 0),
         to = array(dtype::float32, {5, 40}, {0, 1}, 1, 0);
  each(from.a, [n = 0.0f](std::byte* p) mutable { std::memcpy(p, &++n, 4); });
  from.a.extent[0] = 5;
  from.a.stride[0] = 0;
  tenon::detail::copy_elements(from.a, to.a);
  float sum = 0;
  each(to.a, [&](const std::byte* p) {
    float v;
    std::memcpy(&v, p, 4);
    sum += v;
  });
  CHECK(sum == 5 * 820);
  check(dtype::float32, {4, 0, 3}, {0, 1, 2}, {2, 1, 0}, 0, 0);
  check(dtype::float32, {}, {}, {}, 0, 0);
}
