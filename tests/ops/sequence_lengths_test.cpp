// sequence_mask, sequence_last, sequence_reverse and slice_like against loops.
#include "../support.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/sequence_lengths.hpp>
#include <tenon/ops/slice_like.hpp>

#include <cmath>
#include <limits>

using namespace tenon;
using test::contains;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// 1, 2, 3 ... of extents that run time knows.
template <class T, class... N>
auto numbered(N... n) {
  auto x = zeros<T>(n...);
  for (std::int64_t i = 0; i < x.size(); ++i) x.own()[i] = T(i + 1);
  return x;
}

enum class what { mask, reverse };

/// Element (t, b, k) of an operation on x [time, batch, rest].
template <class X>
vec naive(what w, const X& x, const std::vector<int>& lengths, double masked) {
  vec r;
  const std::int64_t rest = x.size() == 0 ? 0 : x.size() / (x.extent(0) * x.extent(1));
  for (std::int64_t t = 0; t < x.extent(0); ++t)
    for (std::int64_t b = 0; b < x.extent(1); ++b)
      for (std::int64_t k = 0; k < rest; ++k) {
        const std::int64_t n = lengths[std::size_t(b)];
        const auto at = [&](std::int64_t s) { return double(x.data()[(s * x.extent(1) + b) * rest + k]); };
        if (w == what::mask)
          r.push_back(t < n ? at(t) : masked);
        else
          r.push_back(t < n ? at(n - 1 - t) : at(t));
      }
  return r;
}

const tensor<std::int32_t, 4> lengths{3, 0, 5, 1};
const std::vector<int> given{3, 0, 5, 1};

}  // namespace

TEST_CASE("sequence_mask") {
  const auto x = numbered<double>(5, 4);
  const auto y = eval(reshape<5, 4, 2, 3>(numbered<double>(120)));
  CHECK(values(sequence_mask(x, lengths)) == naive(what::mask, x, given, 0));
  CHECK(values(sequence_mask(y, lengths, -1.5)) == naive(what::mask, eval(y), given, -1.5));
  CHECK(values(sequence_mask(exp(log(y)) * 0.0 + y, lengths + 0, 7)) == naive(what::mask, eval(y), given, 7));
  // time along axis 1
  CHECK(values(swapaxes<0, 1>(sequence_mask<1>(swapaxes<0, 1>(y), lengths, 2))) ==
        naive(what::mask, eval(y), given, 2));
  // lengths of other types; of 0 or less, and beyond time
  CHECK(values(sequence_mask(x, tensor<std::int64_t, 4>{-3, 9, 0, 2})) ==
        naive(what::mask, x, {0, 5, 0, 2}, 0));
  CHECK(values(sequence_mask(zeros<float>(200, 1) + 1.f, tensor<std::int8_t, 1>{127})) ==
        naive(what::mask, ones<float>(200, 1), {127}, 0));
  CHECK(values(sequence_mask(x, tensor<std::uint64_t, 4>{3, 0, 5, 1})) == naive(what::mask, x, given, 0));
  CHECK(values(sequence_mask(numbered<std::int8_t>(5, 4), lengths, -1)) == naive(what::mask, x, given, -1));
  CHECK(values(sequence_mask(numbered<float16>(5, 4), lengths)) == naive(what::mask, x, given, 0));
  CHECK(values(sequence_mask(x > 0.0, lengths, false)) == naive(what::mask, ones<float>(5, 4), given, 0));
}

TEST_CASE("sequence_mask hides NaN, and its derivative too") {
  const tensor<double, 2, 2> x{{1, 2}, {3, not_a_number}};
  const tensor<int, 2> n{2, 1};
  const auto f = [&](const auto& v) { return sum(square(sequence_mask(v, n))); };
  CHECK(values(f(x)) == vec{14});
  CHECK(values(grad(f)(x)) == vec{2, 4, 6, 0});
}

TEST_CASE("sequence_last") {
  const auto y = eval(reshape<5, 4, 3>(numbered<double>(60)));
  const tensor<std::int64_t, 4> n{3, 1, 5, 2};
  vec expected;
  for (std::int64_t b = 0; b < 4; ++b)
    for (std::int64_t k = 0; k < 3; ++k) expected.push_back(y(n(b) - 1, b, k));
  CHECK(values(sequence_last(y, n)) == expected);
  CHECK(values(sequence_last(y + 0.0, astype<std::uint8_t>(n))) == expected);
  CHECK(values(sequence_last<1>(swapaxes<0, 1>(y), n)) == expected);
  CHECK(values(sequence_last(y > 30.0, n)) == values(sequence_last(y, n) > 30.0));
  CHECK(test::extents(sequence_last(zeros<float>(5, 0, 3), zeros<int>(0))) == dims{0, 3});
  static_assert(std::is_same_v<decltype(sequence_last(zeros<float, "time", "batch", 3>(1, 1),
                                                      zeros<int, "batch">(1)))::shape_type,
                               shape_of_extents<"batch", 3>>);
}

TEST_CASE("sequence_reverse") {
  const auto x = numbered<double>(5, 4);
  const auto y = eval(reshape<5, 4, 2, 3>(numbered<double>(120)));
  CHECK(values(sequence_reverse(x, lengths)) == naive(what::reverse, x, given, 0));
  CHECK(values(sequence_reverse(y, lengths)) == naive(what::reverse, y, given, 0));
  CHECK(values(swapaxes<0, 1>(sequence_reverse<1>(swapaxes<0, 1>(y), astype<std::int64_t>(lengths)))) ==
        naive(what::reverse, y, given, 0));
  CHECK(values(sequence_reverse(sequence_reverse(y, lengths), lengths)) == values(y));
  CHECK(values(sequence_reverse(numbered<std::int16_t>(5, 4), lengths)) == naive(what::reverse, x, given, 0));
  CHECK(test::extents(sequence_reverse(zeros<float>(0, 2), zeros<int>(2))) == dims{0, 2});
  CHECK(test::extents(sequence_reverse(zeros<float>(3, 2, 0), zeros<int>(2))) == dims{3, 2, 0});
}

TEST_CASE("lengths that do not fit are errors, and the target stays") {
  const auto x = numbered<double>(5, 4);
  auto y = ones<double>(4);
  CHECK_THROWS_AS(y = sequence_last(x, lengths), index_error);  // a sequence of length 0 has no last element
  CHECK_THROWS_AS(y = sequence_last(x, tensor<int, 4>{1, 1, 6, 1}), index_error);
  CHECK_THROWS_AS(y = sequence_last(x, tensor<int, 4>{1, 1, -1, 1}), index_error);
  CHECK(values(y) == vec{1, 1, 1, 1});
  CHECK_THROWS_AS((void)eval(sequence_reverse(x, tensor<int, 4>{1, 1, 6, 1})), index_error);
  CHECK_THROWS_AS((void)eval(sequence_mask(x, zeros<int>(3))), shape_error);
  CHECK_THROWS_AS((void)eval(sequence_reverse(x, zeros<int>(3))), shape_error);
}

TEST_CASE("derivatives of sequences") {
  const auto x = eval(reshape<5, 4, 2>(numbered<double>(40)) * 0.1);
  const tensor<int, 4> n{3, 1, 5, 2};
  check_grads([&](const auto& v) { return square(sequence_mask(v, n, 2.0)); }, primals(x));
  check_grads([&](const auto& v) { return sum(square(sequence_last(v, n))); }, primals(x), {.order = 2});
  check_grads([&](const auto& v) { return exp(sequence_reverse(v, n)) * v; }, primals(x));
}

TEST_CASE("slice_like") {
  const auto x = numbered<double>(4, 3);
  CHECK(values(slice_like(x, zeros<int>(2, 2))) == vec{1, 2, 4, 5});
  CHECK(values(slice_like(x, zeros<int>(2, 9), axis<0>)) == vec{1, 2, 3, 4, 5, 6});
  CHECK(values(slice_like(x, zeros<float>(7, 7, 1), axis<-1>)) == vec{1, 4, 7, 10});
  CHECK(values(slice_like(transpose(x) * 1.0, zeros<int>(2, 1))) == vec{1, 2});
  CHECK(values(slice_like(x, zeros<int>(0, 3))).empty());
  CHECK(values(slice_like(x > 1.0, zeros<int>(1, 2))) == vec{0, 1});
  const tensor<double, 4, 3> fixed = x;
  static_assert(
      std::is_same_v<decltype(slice_like(fixed, tensor<int, 2, 3>{}))::shape_type, shape_of_extents<2, 3>>);
  static_assert(std::is_same_v<decltype(slice_like(fixed, zeros<int, "batch", 1>(2), axis<0>))::shape_type,
                               shape_of_extents<"batch", 3>>);
  CHECK(values(slice_like(fixed, zeros<int, "batch", 1>(2), axis<0>)) == vec{1, 2, 3, 4, 5, 6});
  CHECK(contains(thrown<shape_error>([&] { (void)eval(slice_like(x, zeros<int>(5, 1))); }), "slice_like"));
}

TEST_CASE("derivatives of slice_like") {
  const auto x = eval(numbered<double>(4, 3) * 0.1), like = eval(zeros<double>(2, 2));
  const auto g = [&](const auto& v) { return sum(exp(slice_like(v, like)) * slice_like(v, like)); };
  CHECK(values(grad([&](const auto& v) { return sum(slice_like(v, like)); })(x)) ==
        vec{1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0});
  check_grads(g, primals(x), {.order = 2});
}
