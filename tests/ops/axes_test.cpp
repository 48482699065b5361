// flatten, moveaxis, rot90, depth_to_space, trim, split and the like: values against index arithmetic, of static,
// named and dynamic extents, empty ones among them, and derivatives.
#include "elements.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/splitting.hpp>

using namespace tenon;
using test::check_elements;
using test::counted;
using test::dims;
using test::values;
using test::vec;

namespace {

template <class E, class S>
constexpr bool shaped = std::is_same_v<typename std::remove_cvref_t<E>::shape_type, S>;

const auto x = counted<float, 2, 3, 4>();

}  // namespace

TEST_CASE("flatten and ravel") {
  check_elements(flatten(x), {24}, [](const dims& i) { return i[0] + 1; });
  check_elements(ravel(transpose(counted<int, 2, 3>())), {6},
                 [](const dims& i) { return i[0] % 2 * 3 + i[0] / 2 + 1; });
  check_elements(flatten(counted<double>(2, 3, 4) * 2.0), {24}, [](const dims& i) { return 2 * i[0] + 2; });
  CHECK(values(flatten(flip(transpose(counted<float, 2, 3>())))) ==
        vec{6, 3, 5, 2, 4, 1});  // negative strides
  CHECK(values(flatten(flip(counted<float, 2, 3>()))) == vec{6, 5, 4, 3, 2, 1});
  CHECK(values(flatten(tensor<float>(3.f))) == vec{3});
  CHECK(test::extents(flatten(zeros<float>(2, 0, 3))) == dims{0});
  CHECK(shaped<decltype(flatten(x)), shape<size<24>>>);
  CHECK(shaped<decltype(flatten(zeros<float, "batch", 1>(2))), shape_of_extents<"batch">>);
  CHECK(shaped<decltype(flatten(zeros<float, "batch", 2>(2))), shape_of_extents<dyn>>);
}

TEST_CASE("moveaxis, matrix_transpose, rot90") {
  check_elements(moveaxis<0, -1>(x), {3, 4, 2}, [](const dims& i) { return x(i[2], i[0], i[1]); });
  check_elements(moveaxis<-1, 0>(x), {4, 2, 3}, [](const dims& i) { return x(i[1], i[2], i[0]); });
  check_elements(moveaxis<1, 1>(x), {2, 3, 4}, [](const dims& i) { return x(i[0], i[1], i[2]); });
  check_elements(moveaxis(x, axes<0, 1>, axes<-1, -2>), {4, 3, 2},
                 [](const dims& i) { return x(i[2], i[1], i[0]); });
  check_elements(moveaxis(x, axes<2, 0>, axes<0, 1>), {4, 2, 3},
                 [](const dims& i) { return x(i[1], i[2], i[0]); });
  check_elements(matrix_transpose(x), {2, 4, 3}, [](const dims& i) { return x(i[0], i[2], i[1]); });
  const auto m = counted<float>(2, 3);
  check_elements(rot90(m), {3, 2}, [&](const dims& i) { return m(i[1], 2 - i[0]); });
  check_elements(rot90<2>(m), {2, 3}, [&](const dims& i) { return m(1 - i[0], 2 - i[1]); });
  check_elements(rot90<-1>(m), {3, 2}, [&](const dims& i) { return m(1 - i[1], i[0]); });
  check_elements(rot90<4>(m), {2, 3}, [&](const dims& i) { return m(i[0], i[1]); });
  check_elements(rot90<1, 1, 2>(x), {2, 4, 3}, [](const dims& i) { return x(i[0], i[2], 3 - i[1]); });
}

TEST_CASE("atleast") {
  CHECK(test::extents(atleast_1d(tensor<float>(1.f))) == dims{1});
  CHECK(test::extents(atleast_1d(zeros<float>(2, 3))) == dims{2, 3});
  CHECK(test::extents(atleast_2d(tensor<float>(1.f))) == dims{1, 1});
  CHECK(test::extents(atleast_2d(zeros<float>(4))) == dims{1, 4});
  CHECK(test::extents(atleast_3d(zeros<float>(4))) == dims{1, 4, 1});
  CHECK(test::extents(atleast_3d(zeros<float>(4, 5))) == dims{4, 5, 1});
  CHECK(test::extents(atleast_3d(zeros<float>(4, 5, 6, 7))) == dims{4, 5, 6, 7});
}

TEST_CASE("depth_to_space and space_to_depth") {
  const auto check = [](const auto& in) {
    check_elements(depth_to_space<2>(in), {2, 3, 4, 6}, [&](const dims& i) {
      return in(i[0], (i[2] % 2 * 2 + i[3] % 2) * 3 + i[1], i[2] / 2, i[3] / 2);
    });
    check_elements(space_to_depth<2>(depth_to_space<2>(in)), {2, 12, 2, 3},
                   [&](const dims& i) { return in(i[0], i[1], i[2], i[3]); });
  };
  check(counted<float, 2, 12, 2, 3>());
  check(counted<double>(2, 12, 2, 3));
  CHECK_THROWS_AS((void)eval(depth_to_space<2>(zeros<float>(1, 6, 2, 2))), shape_error);
}

TEST_CASE("trim is open-ended") {
  check_elements(trim<0, 1, 0>(counted<float>(4, 2)), {3, 2},
                 [](const dims& i) { return 2 * i[0] + i[1] + 3; });
  check_elements(trim<-1, 1, 2>(x), {2, 3, 1}, [](const dims& i) { return x(i[0], i[1], 1); });
  CHECK(test::extents(trim<0, 2, 2>(zeros<float>(4))) == dims{0});
  CHECK(shaped<decltype(trim<0, 1, 0>(zeros<float, "n", 2>(3))), shape_of_extents<dyn, 2>>);
  CHECK_THROWS_AS((void)eval(trim<0, 2, 3>(zeros<float>(4))), shape_error);
}

TEST_CASE("split, split_at, unstack") {
  auto [a, b] = split<2, -1>(x);
  check_elements(a, {2, 3, 2}, [](const dims& i) { return x(i[0], i[1], i[2]); });
  check_elements(b, {2, 3, 2}, [](const dims& i) { return x(i[0], i[1], i[2] + 2); });
  const auto d = counted<double>(6, 2);
  auto [p, q, r] = split<3>(d * 2.0);  // dynamic, and computed once
  check_elements(q, {2, 2}, [&](const dims& i) { return 2 * d(i[0] + 2, i[1]); });
  check_elements(p + r, {2, 2}, [&](const dims& i) { return 2 * (d(i[0], i[1]) + d(i[0] + 4, i[1])); });
  CHECK_THROWS_AS((void)eval(std::get<0>(split<4>(d))), shape_error);
  auto [first, middle, rest] = split_at<0, 1, 4>(d);
  CHECK(values(first) == vec{1, 2});
  CHECK(values(middle) == vec{3, 4, 5, 6, 7, 8});
  CHECK(values(rest) == vec{9, 10, 11, 12});
  CHECK(values(std::get<1>(split_at<0, 6>(d))).empty());
  CHECK_THROWS_AS((void)eval(std::get<1>(split_at<0, 7>(d))), error);
  auto [u, v, w] = unstack<1>(x);
  check_elements(v, {2, 4}, [](const dims& i) { return x(i[0], 1, i[1]); });
  CHECK(values(u).size() + values(w).size() == 16);
  static_assert(std::tuple_size_v<decltype(unstack(zeros<float, 5>()))> == 5);
}

TEST_CASE("derivatives") {
  const tensor<double, 2, 4> a{{1, 2, 3, 4}, {5, 6, 7, 9}};
  const tensor<double, dyn, dyn> n = a;
  const auto f = [](const auto& t) {
    auto [l, r] = split<2, 1>(t);
    return sum(square(l) * r) + sum(square(trim<1, 1, 1>(t))) + sum(square(flatten(t)) * 0.5_c);
  };
  check_grads(f, primals(a), {.order = 2});
  check_grads(f, primals(n), {.order = 2});
  check_grads([](const auto& t) { return sum(rot90(t) * rot90(t) * rot90(t)); }, primals(n));
  // a sum's cotangent is one number, which a part of an array does not spread beyond itself
  CHECK(values(grad([](const auto& t) { return sum(trim<1, 1, 0>(t)); })(n)) == vec{0, 1, 1, 1, 0, 1, 1, 1});
}
