// Views (permute, transpose, squeeze, expand_dims, reshape, slice, broadcast_like): values and shapes against index
// arithmetic, alone, stacked, of expressions, and of operands with any strides.
#include "../support.hpp"
#include "tenon/ops/ordering.hpp"
#include "tenon/ops/running.hpp"
#include "tenon/symbol/compile.hpp"

using namespace tenon;
using test::dims;
using test::values;
using test::vec;

namespace {

vec counting(tenon::index n, double from = 0, double step = 1) {
  vec v;
  for (tenon::index i = 0; i < n; ++i) v.push_back(from + step * double(i));
  return v;
}

template <class E, class S>
constexpr bool shaped = std::is_same_v<typename std::remove_cvref_t<E>::shape_type, S>;

const tensor<float, 2, 3, 4> x = eval(reshape<2, 3, 4>(arange<float>(0, 24)));

}  // namespace

TEST_CASE("permute and transpose") {
  const auto p = eval(permute<2, 0, 1>(x));
  CHECK(p.shape() == std::array<tenon::index, 3>{4, 2, 3});
  const auto t = eval(transpose(x));
  const auto negative = eval(permute<-1, -3, -2>(x));
  bool right = true;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 4; ++k)
        right =
            right && p(k, i, j) == x(i, j, k) && t(k, j, i) == x(i, j, k) && negative(k, i, j) == x(i, j, k);
  CHECK(right);
  CHECK(values(transpose(transpose(x))) == counting(24));
  CHECK(values(permute<0, 1, 2>(x)) == counting(24));
  CHECK(values(permute<1, 2, 0>(permute<2, 0, 1>(x))) == counting(24));
  CHECK(values(transpose(tensor<float, 3>{1, 2, 3})) == vec{1, 2, 3});
}

TEST_CASE("reshape keeps the row-major order, of views too") {
  CHECK(values(reshape<4, 6>(x)) == counting(24));
  CHECK(test::extents(reshape<dyn, 8>(x)) == dims{3, 8});
  CHECK(shaped<decltype(reshape<4, 6>(x)), shape<size<4>, size<6>>>);
  CHECK(values(reshape<6>(transpose(tensor<float, 2, 3>{{1, 2, 3}, {4, 5, 6}}))) == vec{1, 4, 2, 5, 3, 6});
  CHECK(values(reshape<3, 2>(transpose(tensor<float, 2, 3>{{1, 2, 3}, {4, 5, 6}})) + 1.f) ==
        vec{2, 5, 3, 6, 4, 7});
  CHECK(values(reshape<2, 2>(slice<0, 3, -1, -1>(arange<float>(0, 4)))) == vec{3, 2, 1, 0});
  CHECK(values(reshape<24>(x * 2.f) + 1.f) == counting(24, 1, 2));
  CHECK(eval(reshape<>(tensor<float, 1, 1>{{5}})).item() == 5);
  const auto dynamic = zeros<float>(4, 6);
  CHECK(test::extents(reshape<dyn, 3>(dynamic)) == dims{8, 3});
  CHECK_THROWS_AS(eval(reshape<5, 5>(dynamic)), shape_error);
  CHECK_THROWS_AS(eval(reshape<dyn, 7>(dynamic)), shape_error);
  const auto named = zeros<float, "batch", 28, 28>(3);
  CHECK(test::extents(reshape<"batch", 784>(named)) == dims{3, 784});
  CHECK(shaped<decltype(reshape<"batch", 784>(named)), shape<spelled<"batch">, size<784>>>);
}

TEST_CASE("reshapes of computed values infer their open extent, and are checked") {
  tensor<float, dyn, dyn, dyn> x(zeros<float>(2, 3, 4));
  for (int i = 0; i < 24; ++i) x.data()[i] = float(i);
  const vec expected = counting(24, 0, 2);
  CHECK(test::extents(reshape<dyn, 4>(x + x)) == dims{6, 4});
  CHECK(values(reshape<dyn, 4>(x + x)) == expected);
  CHECK(values(reshape<4, dyn>(reshape<dyn, 3>(x + x))) == expected);
  CHECK(test::extents(reshape<4, dyn>(reshape<dyn, 3>(x + x))) == dims{4, 6});
  CHECK(test::extents(reshape<dyn, 1>(sum(x, axes<0, 2>))) == dims{3, 1});
  CHECK(test::extents(reshape<dyn, 2>(matmul(x, swapaxes<1, 2>(x)))) == dims{9, 2});
  CHECK(test::extents(reshape<dyn, 2>(cumsum<1>(x))) == dims{12, 2});
  auto f = compile([](const auto& v) { return reshape<dyn, 4>(v + v); }, spec<float, dyn, dyn, dyn>{});
  CHECK(values(f(x)) == expected);
  // The kernel writes as many elements as x has, whatever the target says: a target of another size is refused.
  CHECK_THROWS_AS(eval(reshape<2, 2>(x + x)), shape_error);
  CHECK_THROWS_AS(eval(reshape<5, 5>(x + x)), shape_error);
  CHECK_THROWS_AS(eval(reshape<dyn, 5>(x + x)), shape_error);
  CHECK_THROWS_AS(eval(reshape<5, dyn>(reshape<dyn, 5>(x + x))), shape_error);
}

TEST_CASE("squeeze and expand_dims") {
  CHECK(test::extents(expand_dims<0>(x)) == dims{1, 2, 3, 4});
  CHECK(test::extents(expand_dims<2>(x)) == dims{2, 3, 1, 4});
  CHECK(test::extents(expand_dims<-1>(x)) == dims{2, 3, 4, 1});
  CHECK(test::extents(squeeze(expand_dims<0>(expand_dims<-1>(x)))) == dims{2, 3, 4});
  CHECK(test::extents(squeeze<2>(expand_dims<2>(expand_dims<0>(x)))) == dims{1, 2, 3, 4});
  CHECK(values(squeeze<1>(slice<1, 1, 2>(x)) + 0.f) == vec{4, 5, 6, 7, 16, 17, 18, 19});
}

TEST_CASE("slices with static bounds") {
  CHECK(values(slice<2, 0, 4, 3>(x)) == vec{0, 3, 4, 7, 8, 11, 12, 15, 16, 19, 20, 23});
  CHECK(values(slice<-1, 3, 0, -2>(slice<0, 1, 2>(x))) == vec{15, 13, 19, 17, 23, 21});
  CHECK(test::extents(slice<1, 2, 2>(x)) == dims{2, 0, 4});
  CHECK(values(sum(slice<1, 1, 3>(x))) == vec{216});
}

TEST_CASE("broadcast_like") {
  const auto target = zeros<float>(2, 3);
  CHECK(values(broadcast_like(tensor<float, 3>{1, 2, 3}, target)) == vec{1, 2, 3, 1, 2, 3});
  CHECK(values(broadcast_like(tensor<float, 2, 1>{{1}, {2}}, target)) == vec{1, 1, 1, 2, 2, 2});
  CHECK(values(broadcast_like(5.f, target)) == vec(6, 5.));
  CHECK(values(sum(broadcast_like(tensor<float, 3>{1, 2, 3}, target), axis<0>)) == vec{2, 4, 6});
  CHECK(test::extents(broadcast_like(ones<float>(1, 3), target)) == dims{2, 3});
  CHECK(values(broadcast_like(ones<float>(2, 1), target) + 1.f) == vec(6, 2.));
  CHECK_THROWS_AS(eval(broadcast_like(ones<float>(3, 3), target)), shape_error);
  CHECK_THROWS_AS(eval(broadcast_like(target, ones<float>(2, 1))), shape_error);
}

TEST_CASE("views at run time: indices, ranges, whole axes") {
  const auto& c = x;
  CHECK(values(c.slice(1, 2)) == vec{20, 21, 22, 23});
  CHECK(values(c.slice(1, all, -1)) == vec{15, 19, 23});
  CHECK(values(c.slice(all, range(-1, -4, -2), 0)) == vec{8, 0, 20, 12});
  CHECK(test::extents(c.slice(all, range(1, 1))) == dims{2, 0, 4});
  CHECK_THROWS_AS(c.slice(2), index_error);
  CHECK_THROWS_AS(c.slice(0, range(0, 4)), index_error);
}
