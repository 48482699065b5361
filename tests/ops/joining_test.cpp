// concat, stack and flip: values against loops over every axis, extents of each kind, derivatives of both orders.
#include "../support.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/joining.hpp>
#include <tenon/ops/trigonometric.hpp>
#include <tenon/symbol/compile.hpp>

using namespace tenon;
using test::contains;
using test::dims;

using test::thrown;
using test::values;
using test::vec;

namespace {

using cube = tensor<double, dyn, dyn, dyn>;

cube counted(tenon::index a, tenon::index b, tenon::index c, double from = 1) {
  auto x = zeros<double>(a, b, c);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = from + double(i);
  return x;
}

/// a, then b along an axis, by a loop.
vec joined_by_hand(const cube& a, const cube& b, int axis) {
  std::array<tenon::index, 3> e{a.extent(0), a.extent(1), a.extent(2)};
  e[std::size_t(axis)] += b.extent(axis);
  vec r;
  for (tenon::index i = 0; i < e[0]; ++i)
    for (tenon::index j = 0; j < e[1]; ++j)
      for (tenon::index k = 0; k < e[2]; ++k) {
        std::array<tenon::index, 3> at{i, j, k};
        const bool first = at[std::size_t(axis)] < a.extent(axis);
        if (!first) at[std::size_t(axis)] -= a.extent(axis);
        r.push_back(first ? a(at[0], at[1], at[2]) : b(at[0], at[1], at[2]));
      }
  return r;
}

}  // namespace

TEST_CASE("concat along every axis") {
  const cube a = counted(2, 3, 4);
  CHECK(values(concat<0>(a, counted(5, 3, 4, 50))) == joined_by_hand(a, counted(5, 3, 4, 50), 0));
  CHECK(values(concat<1>(a, counted(2, 1, 4, 50))) == joined_by_hand(a, counted(2, 1, 4, 50), 1));
  CHECK(values(concat<-1>(a, counted(2, 3, 6, 50))) == joined_by_hand(a, counted(2, 3, 6, 50), 2));
  CHECK(values(concat<1>(a, counted(2, 0, 4))) == values(a));
  CHECK(values(concat<0>(counted(0, 3, 4), a)) == values(a));
  // operands under strides, computed ones, and several
  CHECK(values(concat<0>(permute<1, 0, 2>(a), permute<1, 0, 2>(a) * 2.0)) ==
        joined_by_hand(eval(permute<1, 0, 2>(a) + 0.0), eval(permute<1, 0, 2>(a) * 2.0), 0));
  const tensor<float, 2> p{1, 2};
  CHECK(values(concat<0>(p, p + 2.f, p * 3.f, -p, p)) == vec{1, 2, 3, 4, 3, 6, -1, -2, 1, 2});
  CHECK(values(concat<0>(tensor<std::int32_t, 1>{7}, tensor<std::int64_t, 2>{8, 9})) == vec{7, 8, 9});
  CHECK(values(concat<0>(tensor<bool, 1>{true}, tensor<bool, 2>{false, true})) == vec{1, 0, 1});
}

TEST_CASE("extents of each kind") {
  static_assert(std::is_same_v<decltype(concat<1>(tensor<float, 2, 3>{}, tensor<float, 2, 4>{}))::shape_type,
                               shape_of_extents<2, 7>>);
  static_assert(
      std::is_same_v<decltype(concat<0>(ones<float, "batch", 4>(2), tensor<float, 3, 4>{}))::shape_type,
                     shape_of_extents<dyn, 4>>);
  static_assert(
      std::is_same_v<decltype(concat<1>(ones<float, "batch", 4>(2), ones<float, "batch", 3>(2)))::shape_type,
                     shape_of_extents<"batch", 7>>);
  const auto a = ones<float>(2, 3);
  CHECK(contains(thrown<shape_error>([&] { (void)eval(concat<0>(a, ones<float>(2, 4))); }), "concat"));
  auto target = ones<float>(5, 5);
  CHECK_THROWS_AS(target = concat<1>(a, ones<float>(3, 1)), shape_error);
  CHECK(test::extents(target) == dims{5, 5});
}

TEST_CASE("stack and flip") {
  const tensor<double, 2, 3> x{{1, 2, 3}, {4, 5, 6}};
  CHECK(test::extents(stack<0>(x, x, x)) == dims{3, 2, 3});
  CHECK(values(stack<1>(x, -x)) == vec{1, 2, 3, -1, -2, -3, 4, 5, 6, -4, -5, -6});
  CHECK(values(stack<-1>(x, -x)) == vec{1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6});
  CHECK(values(flip(x)) == vec{6, 5, 4, 3, 2, 1});
  CHECK(values(swapaxes<0, -1>(x)) == vec{1, 4, 2, 5, 3, 6});
  CHECK(values(flip(x, axis<0>)) == vec{4, 5, 6, 1, 2, 3});
  CHECK(values(flip(x, axes<0, -1>) + x) == vec{7, 7, 7, 7, 7, 7});
  CHECK(values(flip(zeros<float>(0, 2))).empty());
  auto y = x;
  y = flip(y, axis<1>) + y;  // reads what it writes
  CHECK(values(y) == vec{4, 4, 4, 10, 10, 10});
}

TEST_CASE("derivatives") {
  const tensor<double, 2, 3> x{{0.1, -0.5, 2}, {3, 0.2, 1}};
  const tensor<double, dyn, dyn> y = x * 0.5 + 0.3;
  check_grads([](const auto& a, const auto& b) { return square(concat<1>(a, b)); }, primals(x, y));
  check_grads([](const auto& a) { return sum(square(concat<0>(a, sin(a), a)) * 0.3_c); }, primals(x),
              {.order = 2});
  check_grads([](const auto& a) { return sum(square(concat<1>(a, a * a))); }, primals(y), {.order = 2});
  check_grads([](const auto& a) { return sum(flip(a, axis<1>) * a * a); }, primals(x), {.order = 2});
}

TEST_CASE("in a compiled step, at several batch sizes") {
  auto f =
      compile(value_and_grad([](const auto& a, const auto& b) { return sum(square(concat<1>(a, b * 2_c))); }),
              spec<float, "batch", 2>{}, spec<float, "batch", 1>{});
  for (const int batch : {3, 1, 0, 5}) {
    const auto [value, gradient] = f(ones<float>(batch, 2), ones<float>(batch, 1));
    CHECK(value.item() == float(batch * 6));
    CHECK(values(gradient) == vec(std::size_t(2 * batch), 2.0));
  }
}
