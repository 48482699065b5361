// Elementwise operations over shapes: sizes around a vector register, every broadcast pattern, strided operands.
// Values of the single ops are in float_ops_test and its neighbours.
#include "../support.hpp"

#include <array>

using namespace tenon;
using test::dims;

namespace {

template <int Rank>
using extents_array = std::array<tenon::index, Rank>;
template <class T, int Rank>
using array = basic_tensor<T, typename tenon::detail::dynamic_shape<Rank>::type>;

/// Elements that tell their place: begin, begin + 1, ...
template <class T, int Rank>
array<T, Rank> counting(const extents_array<Rank>& e, T begin) {
  auto x = array<T, Rank>::uninitialised(e);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = begin + T(i);
  return x;
}

/// The element of x at a place of a larger shape, as NumPy broadcasts.
template <class T, int Rank, int Full>
T broadcast_at(const array<T, Rank>& x, const extents_array<Full>& at) {
  tenon::index flat = 0;
  for (int k = 0; k < Rank; ++k)
    flat = flat * x.extent(k) + (x.extent(k) == 1 ? 0 : at[std::size_t(k + Full - Rank)]);
  return x.begin()[flat];
}

/// a * 2 - b against loops, for arrays of two shapes that broadcast.
template <int RankA, int RankB>
void check_broadcast(const extents_array<RankA>& ea, const extents_array<RankB>& eb) {
  constexpr int rank = RankA > RankB ? RankA : RankB;
  const auto a = counting<float, RankA>(ea, 1);
  const auto b = counting<float, RankB>(eb, 1000);
  const array<float, rank> r = a * 2.f - b;
  extents_array<rank> expected, at{};
  for (int k = 0; k < rank; ++k) {
    const tenon::index na = k >= rank - RankA ? ea[std::size_t(k - rank + RankA)] : 1;
    const tenon::index nb = k >= rank - RankB ? eb[std::size_t(k - rank + RankB)] : 1;
    expected[std::size_t(k)] = na == 1 ? nb : na;
  }
  REQUIRE(r.shape() == expected);
  bool right = true;
  for (tenon::index i = 0; i < r.size(); ++i) {
    right = right && r.begin()[i] == broadcast_at<float, RankA, rank>(a, at) * 2 -
                                         broadcast_at<float, RankB, rank>(b, at);
    for (int k = rank - 1; k >= 0; --k) {
      if (++at[std::size_t(k)] < r.extent(k)) break;
      at[std::size_t(k)] = 0;
    }
  }
  CHECK(right);
}

}  // namespace

TEST_CASE("vectors of every size around a register, and over several tasks") {
  for (const tenon::index n : {0, 1, 2, 15, 16, 17, 31, 33, 100, 1000, 16384, 16385, 50000}) {
    CAPTURE(n);
    check_broadcast<1, 1>({n}, {n});
    check_broadcast<1, 1>({n}, {1});
    check_broadcast<1, 1>({1}, {n});
    check_broadcast<1, 0>({n}, {});
    check_broadcast<0, 1>({}, {n});
  }
  check_broadcast<0, 0>({}, {});
}

TEST_CASE("matrices: rows, columns, outer products, scalars, extents 1 and 0") {
  for (const tenon::index m : {0, 1, 2, 17, 100})
    for (const tenon::index n : {0, 1, 2, 15, 16, 33, 1000}) {
      CAPTURE(m);
      CAPTURE(n);
      check_broadcast<2, 2>({m, n}, {m, n});
      check_broadcast<2, 2>({m, n}, {1, n});
      check_broadcast<2, 2>({m, n}, {m, 1});
      check_broadcast<2, 2>({m, 1}, {1, n});
      check_broadcast<2, 2>({1, n}, {m, 1});
      check_broadcast<2, 2>({1, 1}, {m, n});
      check_broadcast<2, 1>({m, n}, {n});
      check_broadcast<2, 1>({m, 1}, {n});
      check_broadcast<1, 2>({n}, {m, n});
      check_broadcast<2, 0>({m, n}, {});
    }
}

TEST_CASE("ranks 3 and 4: every set of axes of extent 1 on either side") {
  const extents_array<3> three{3, 5, 17};
  const extents_array<4> four{2, 3, 4, 9};
  for (int sa = 0; sa < 8; ++sa)
    for (int sb = 0; sb < 8; ++sb) {
      extents_array<3> a = three, b = three;
      for (std::size_t k = 0; k < 3; ++k) {
        if (((sa >> k) & 1) != 0) a[k] = 1;
        if (((sb >> k) & 1) != 0) b[k] = 1;
      }
      CAPTURE(sa);
      CAPTURE(sb);
      check_broadcast<3, 3>(a, b);
      check_broadcast<3, 2>(a, {b[1], b[2]});
    }
  for (int sa = 0; sa < 16; ++sa)
    for (int sb = 0; sb < 16; ++sb) {
      extents_array<4> a = four, b = four;
      for (std::size_t k = 0; k < 4; ++k) {
        if (((sa >> k) & 1) != 0) a[k] = 1;
        if (((sb >> k) & 1) != 0) b[k] = 1;
      }
      CAPTURE(sa);
      CAPTURE(sb);
      check_broadcast<4, 4>(a, b);
    }
}

TEST_CASE("static extents broadcast as dynamic ones do") {
  const tensor<float, 2, 1> column{{10}, {20}};
  const tensor<float, 3> row{1, 2, 3};
  CHECK(test::values(column + row) == test::vec{11, 12, 13, 21, 22, 23});
  CHECK(std::is_same_v<decltype(column + row)::shape_type, shape<size<2>, size<3>>>);
  const tensor<float, 1, 3, 1> middle{{{1}, {2}, {3}}};
  CHECK(test::extents(middle + tensor<float, 4, 1, 2>{}) == dims{4, 3, 2});
}

TEST_CASE("extents that do not fit are refused") {
  const auto m = ones<float>(2, 3);
  for (const auto& [r, c] : {std::pair{2, 4}, {3, 3}, {3, 1}, {1, 2}, {0, 3}, {2, 0}})
    CHECK_THROWS_AS(eval(m * 2.f - ones<float>(r, c)), shape_error);
}

TEST_CASE("operands with any strides") {
  // x[i, j] = 100 i + j read by every pair of steps, on every offset
  const tenon::index m = 9, n = 40;
  auto x = zeros<float>(m, n);
  for (tenon::index i = 0; i < m; ++i)
    for (tenon::index j = 0; j < n; ++j) x(i, j) = float(100 * i + j);
  const auto row_steps = {1, 2, -1, -3}, column_steps = {1, 2, 3, -1, -2};
  for (const int si : row_steps)
    for (const int sj : column_steps)
      for (const int offset : {0, 1}) {
        CAPTURE(si);
        CAPTURE(sj);
        CAPTURE(offset);
        // a negative end counts from the end of the axis: -m - 1 is the place before the first element
        const range ri(si > 0 ? offset : m - 1 - offset, si > 0 ? m : -m - 1, si);
        const range rj(sj > 0 ? offset : n - 1 - offset, sj > 0 ? n : -n - 1, sj);
        const auto part = std::as_const(x).slice(ri, rj);
        const tensor<float, dyn, dyn> r = part * 2.f - part;
        const tensor<float, dyn, dyn> t = transpose(part) + 1.f;
        bool right = r.extent(0) == (m - offset + std::abs(si) - 1) / std::abs(si) &&
                     r.extent(1) == (n - offset + std::abs(sj) - 1) / std::abs(sj);
        for (tenon::index i = 0; i < r.extent(0); ++i)
          for (tenon::index j = 0; j < r.extent(1); ++j) {
            const float expected = x(ri.begin + i * si, rj.begin + j * sj);
            right = right && std::as_const(r)(i, j) == expected && std::as_const(t)(j, i) == expected + 1;
          }
        CHECK(right);
      }
}

TEST_CASE("axes in any order, and slices inside graphs") {
  const auto x = counting<float, 3>({4, 5, 18}, 0);
  const tensor<float, dyn, dyn, dyn> p = permute<2, 0, 1>(x) + 1.f,
                                     q = permute<1, 2, 0>(x) + permute<1, 2, 0>(x),
                                     s = slice<2, 17, 1, -3>(x) - slice<2, 0, 12, 2>(slice<2, 1, 13>(x));
  bool right = p.extent(0) == 18 && q.extent(0) == 5 && s.extent(2) == 6;
  for (tenon::index i = 0; i < 4; ++i)
    for (tenon::index j = 0; j < 5; ++j)
      for (tenon::index k = 0; k < 18; ++k) {
        const float v = float((i * 5 + j) * 18 + k);
        right = right && p(k, i, j) == v + 1 && q(j, k, i) == 2 * v;
        if (k < 6) right = right && s(i, j, k) == x(i, j, 17 - 3 * k) - x(i, j, 1 + 2 * k);
      }
  CHECK(right);
}

TEST_CASE("results do not depend on the number of threads nor on where an array begins") {
  auto x = zeros<float>(40001);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = std::sin(float(i)) * 3;
  set_num_threads(1);
  const auto one = eval(exp(x) * tanh(x) + x);
  set_num_threads(3);
  const auto three = eval(exp(x) * tanh(x) + x);
  CHECK(std::equal(one.begin(), one.end(), three.begin()));
  const auto part = std::as_const(x).slice(range(3, 40001));
  const auto shifted = eval(exp(part) * tanh(part) + part);
  CHECK(std::equal(shifted.begin(), shifted.end(), one.begin() + 3));
}

TEST_CASE("where takes its operands from shapes that broadcast") {
  const tensor<bool, dyn, 1> c = zeros<float>(3, 1) > 1.f;
  CHECK(test::extents(where(c, 1.f, tensor<float, 4>{1, 2, 3, 4})) == dims{3, 4});
  const tensor<float, 3> x{-1, 0, std::numeric_limits<float>::quiet_NaN()};
  CHECK(test::values(where(x == x, x, 5.f)) == test::vec{-1, 0, 5});
  CHECK(test::values(where(x > -0.5f, 1, tensor<int, 3>{7, 8, 9})) == test::vec{7, 1, 9});
}

TEST_CASE("changes of dtype") {
  const float inf = std::numeric_limits<float>::infinity();
  const tensor<float, 8> x{1.9f, -1.9f, 3e9f, -3e9f, inf, -inf, std::numeric_limits<float>::quiet_NaN(),
                           -0.f};
  CHECK(test::values(astype<int>(x)) ==
        test::vec{1, -1, 2147483647., -2147483648., 2147483647., -2147483648., 0, 0});
  CHECK(test::values(astype<bool>(x)) == test::vec{1, 1, 1, 1, 1, 1, 1, 0});
  const tensor<std::int64_t, 2> big{(std::int64_t(1) << 32) + 5, -1};
  CHECK(test::values(astype<std::int32_t>(big)) == test::vec{5, -1});
  CHECK(test::values(astype<float>(big > 0)) == test::vec{1, 0});
  CHECK(astype<float>(x).leaf_count == 1);
}

TEST_CASE("changes of dtype to 16-bit floating-point numbers") {
  const auto check = [](auto example) {
    using T = decltype(example);
    auto x = tensor<T, dyn>::uninitialised({70});  // whole registers and a rest
    for (int i = 0; i < 70; ++i) x(i) = T(i);
    const auto half = eval(astype<float16>(x)), brain = eval(astype<bfloat16>(x));
    for (int i = 0; i < 70; ++i) {
      CHECK(float(float16(half(i))) == float(i));  // exact
      CHECK(float(bfloat16(brain(i))) == float(i));
    }
  };
  check(std::int8_t{}), check(std::int16_t{}), check(std::int32_t{}), check(std::int64_t{});
  check(std::uint8_t{}), check(std::uint16_t{}), check(std::uint32_t{}), check(std::uint64_t{});
  check(float{}), check(double{});
}
