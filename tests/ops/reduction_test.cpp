// Reductions against loops in long double: every set of axes of rank 3, with and without keepdims, over sizes around a
// vector register; NaN, infinities, no elements; integers; bits that depend on the shape alone.
#include "../support.hpp"

#include <array>
#include <random>

using namespace tenon;
using test::values;
using test::vec;

namespace {

using cube = tensor<float, dyn, dyn, dyn>;

enum class what { sum, max, min };

/// What a reduction of x over the axes of a mask must be, in row-major order of what remains.
std::vector<long double> expected(const cube& x, int mask, what op) {
  std::array<tenon::index, 3> e = x.shape(), kept = e;
  for (int k = 0; k < 3; ++k)
    if (((mask >> k) & 1) != 0) kept[std::size_t(k)] = 1;
  const long double inf = std::numeric_limits<long double>::infinity();
  std::vector<long double> r(std::size_t(kept[0] * kept[1] * kept[2]), op == what::sum   ? 0
                                                                       : op == what::max ? -inf
                                                                                         : inf);
  for (tenon::index i = 0; i < e[0]; ++i)
    for (tenon::index j = 0; j < e[1]; ++j)
      for (tenon::index k = 0; k < e[2]; ++k) {
        const auto at = [](tenon::index p, tenon::index n) { return n == 1 ? 0 : p; };
        long double& to =
            r[std::size_t((at(i, kept[0]) * kept[1] + at(j, kept[1])) * kept[2] + at(k, kept[2]))];
        const long double v = x(i, j, k);
        to = op == what::sum ? to + v : op == what::max ? std::max(to, v) : std::min(to, v);
      }
  return r;
}

/// Sums of n terms of magnitude 1 by a tree of lanes: the error is far below n units, and grows slower than
/// n.
bool agree(const auto& got, const std::vector<long double>& exact, double tolerance) {
  if (got.size() != tenon::index(exact.size())) return false;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const long double v = got.begin()[i];
    if (v == exact[i] || std::fabs(v - exact[i]) <= tolerance) continue;
    MESSAGE("element ", i, ": ", double(v), ", expected ", double(exact[i]));
    return false;
  }
  return true;
}

template <int... A>
void check_axes(const cube& x) {
  constexpr int mask = sizeof...(A) == 0 ? 7 : ((1 << A) | ... | 0);
  CAPTURE(mask);
  const double sloppy = 1e-6 * (1 + std::sqrt(double(x.size())));
  const auto s = eval(sum(x, axes<A...>)), sk = eval(sum(x, axes<A...>, keepdims));
  CHECK(agree(s, expected(x, mask, what::sum), sloppy));
  CHECK(std::equal(s.begin(), s.end(), sk.begin(), sk.end()));
  CHECK(agree(eval(max(x, axes<A...>)), expected(x, mask, what::max), 0));
  int at = 0;
  for (int k = 0; k < 3; ++k) {
    const bool reduced = ((mask >> k) & 1) != 0;
    CHECK(sk.extent(k) == (reduced ? 1 : x.extent(k)));
    if (!reduced && s.rank > 0) {
      CHECK(s.shape()[std::size_t(at)] == x.extent(k));
      ++at;
    }
  }
}

cube noise(tenon::index a, tenon::index b, tenon::index c) {
  static std::mt19937 engine(7);
  std::uniform_real_distribution<float> u(-1, 1);
  auto x = zeros<float>(a, b, c);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = u(engine);
  return x;
}

const std::array<tenon::index, 3> shapes[] = {
    {1, 1, 1},   {2, 3, 4}, {1, 5, 16},   {3, 1, 17}, {4, 33, 1},     {2, 2, 1000}, {17, 16, 15},
    {100, 3, 2}, {5, 0, 3}, {1000, 1, 1}, {0, 2, 2},  {2, 16, 16384}, {3, 70, 70},  {300, 2, 300}};

}  // namespace

TEST_CASE("sum and max over each single axis") {
  for (const auto& [a, b, c] : shapes) {
    CAPTURE(a);
    CAPTURE(b);
    CAPTURE(c);
    const cube x = noise(a, b, c);
    check_axes<0>(x);
    check_axes<1>(x);
    check_axes<2>(x);
  }
}

TEST_CASE("sum and max over each pair of axes, and over all") {
  for (const auto& [a, b, c] : shapes) {
    CAPTURE(a);
    CAPTURE(b);
    CAPTURE(c);
    const cube x = noise(a, b, c);
    check_axes<0, 1>(x);
    check_axes<0, 2>(x);
    check_axes<1, 2>(x);
    check_axes<>(x);
  }
}
