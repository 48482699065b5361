// one_hot, unravel_index and ravel_multi_index against loops; labels and places outside.
#include "../support.hpp"

#include <tenon/array/masks.hpp>
#include <tenon/array/shapes.hpp>
#include <tenon/autodiff/check.hpp>
#include <tenon/ops/scattering.hpp>
#include <tenon/ops/statistics.hpp>

using namespace tenon;
using test::contains;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

TEST_CASE("one_hot") {
  const tensor<std::int32_t, 4> labels{2, 0, 3, -1};
  const vec rows{0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0};  // 3 and -1 are outside
  CHECK(values(one_hot<3>(labels)) == rows);
  CHECK(values(one_hot<float>(labels, 3)) == rows);
  CHECK(values(one_hot(labels, 3)) == rows);
  CHECK(values(one_hot<3, bool>(labels)) == rows);
  CHECK(values(one_hot<3, std::int8_t>(labels + 0)) == rows);
  CHECK(values(where(one_hot<3, bool>(labels), 5.0, -1.0)) ==
        vec{-1, -1, 5, 5, -1, -1, -1, -1, -1, -1, -1, -1});
  static_assert(std::is_same_v<decltype(one_hot<3>(labels))::value_type, float>);
  static_assert(std::is_same_v<decltype(one_hot<3, double>(zeros<int, "batch", "time">(1, 1)))::shape_type,
                               shape_of_extents<"batch", "time", 3>>);
  CHECK(test::extents(one_hot<3>(zeros<int>(0, 2))) == dims{0, 2, 3});
  CHECK(test::extents(one_hot<0>(labels)) == dims{4, 0});
  CHECK(test::extents(one_hot(labels, 0)) == dims{4, 0});
  CHECK(values(one_hot<2>(tensor<int>(1))) == vec{0, 1});
  CHECK(values(one_hot<float16>(tensor<int>(1), 2)) == vec{0, 1});
  CHECK(thrown<usage_error>([&] { (void)one_hot(labels, -2); }) == "one_hot: rows of -2 elements");
}

TEST_CASE("one_hot with rows longer than the labels' dtype counts, and labels that wrap") {
  const auto row = eval(one_hot<300>(tensor<std::int8_t, 1>{44}));
  CHECK(row(0, 44) == 1);
  CHECK(eval(sum(row)).item() == 1);
  CHECK(values(one_hot<2>(tensor<std::uint8_t, 2>{255, 1})) == vec{0, 0, 0, 1});
  CHECK(values(one_hot<2>(tensor<std::uint32_t, 2>{0xFFFFFFFFu, 1})) == vec{0, 0, 0, 1});
  CHECK(values(one_hot<2>(tensor<std::int64_t, 2>{std::int64_t(1) << 32, 1})) == vec{0, 0, 0, 1});
  CHECK(values(one_hot<2>(tensor<std::uint64_t, 2>{~std::uint64_t(0), 1})) == vec{0, 0, 0, 1});
}

TEST_CASE("one_hot in a function with derivatives: the row of a matrix that a label names") {
  const tensor<double, 3, 2> w{{1, 2}, {3, 4}, {5, 6}};
  const tensor<std::int64_t, 2> labels{2, 1};
  const auto chosen = [&](const auto& v) {
    return sum(square(matmul(one_hot<3, double>(labels), v)) * 0.5_c);
  };
  CHECK(values(grad(chosen)(w)) == vec{0, 0, 3, 4, 5, 6});
  check_grads(chosen, primals(w), {.order = 2});
}

namespace {

/// The coordinates of a place, by counting up to it.
std::vector<std::int64_t> counted(std::int64_t place, const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> at(shape.size(), 0);
  for (std::int64_t i = 0; i < place; ++i)
    for (std::size_t k = shape.size(); k-- > 0;) {
      if (++at[k] < shape[k]) break;
      at[k] = 0;
    }
  return at;
}

}  // namespace

TEST_CASE("unravel_index and ravel_multi_index against counting") {
  const auto places = eval(reshape<4, 6>(arange<std::int64_t>(0, 24)));
  const auto at = eval(unravel_index<2, 3, 4>(places));
  CHECK(test::extents(at) == dims{4, 6, 3});
  for (std::int64_t i = 0; i < 24; ++i) {
    const auto expected = counted(i, {2, 3, 4});
    for (std::int64_t k = 0; k < 3; ++k) CHECK(at(i / 6, i % 6, k) == expected[std::size_t(k)]);
  }
  CHECK(values(ravel_multi_index<2, 3, 4>(at)) == values(places));
  // negative ones count from the end
  CHECK(values(unravel_index<2, 3, 4>(places - std::int64_t(24))) == values(at));
  const tensor<std::int64_t, 3> extent{2, 3, 4};
  CHECK(values(ravel_multi_index<2, 3, 4>(at - extent)) == values(places));
  // other forms, dtypes, strides
  CHECK(values(unravel_index<dyn, 3, dyn>(astype<std::uint8_t>(places), 2, 4)) == values(at));
  CHECK(values(ravel_multi_index<dyn, 3, dyn>(astype<std::int16_t>(at), 2, 4)) == values(places));
  const auto x = zeros<float>(2, 3, 4);
  CHECK(values(unravel_index(transpose(places), x.shape())) == values(permute<1, 0, 2>(at)));
  CHECK(values(unravel_index(places, shape_of(x))) == values(at));
  const auto turned = eval(permute<2, 0, 1>(at));
  CHECK(values(ravel_multi_index(permute<1, 2, 0>(turned), x.shape())) == values(places));
  CHECK(values(ravel_multi_index(at, shape_of(x))) == values(places));
}

TEST_CASE("places of rank 0, none, and shapes without axes") {
  CHECK(values(unravel_index<2, 3>(tensor<int>(5))) == vec{1, 2});
  CHECK(values(ravel_multi_index<2, 3>(tensor<int, 2>{1, 2})) == vec{5});
  CHECK(test::extents(unravel_index<2, 3>(zeros<int>(0, 4))) == dims{0, 4, 2});
  CHECK(test::extents(ravel_multi_index<2, 3>(zeros<int>(0, 2))) == dims{0});
  CHECK(test::extents(unravel_index<0, 3>(zeros<int>(0))) == dims{0, 2});
  CHECK(test::extents(unravel_index(zeros<int>(2), std::array<std::int64_t, 0>{})) == dims{2, 0});
  CHECK(values(ravel_multi_index(zeros<int>(2, 0), std::array<std::int64_t, 0>{})) == vec{0, 0});
}

TEST_CASE("the coordinates of the greatest element read it again") {
  const tensor<double, 2, 3> x{{1, 9, 2}, {3, 4, 5}};
  const auto read = [](const auto& v) { return gather_nd(v, unravel_index(argmax(v), shape_of(v))); };
  CHECK(values(read(x)) == vec{9});
  CHECK(values(grad(read)(x)) == vec{0, 1, 0, 0, 0, 0});
  CHECK(values(ravel_multi_index(argwhere(x > 2.5), shape_of(x))) == values(flatnonzero(x > 2.5)));
}

TEST_CASE("places outside are errors, and the target stays") {
  auto y = ones<std::int64_t>(2, 2);
  auto said = thrown<index_error>([&] { y = unravel_index<2, 3>(tensor<int, 2>{0, 6}); });
  CHECK(contains(said, "unravel_index"));
  CHECK(contains(said, "6"));
  CHECK_THROWS_AS((y = unravel_index<2, 3>(tensor<int, 2>{0, -7})), index_error);
  CHECK(values(y) == vec{1, 1, 1, 1});
  auto z = ones<std::int64_t>(2);
  said = thrown<index_error>([&] { z = ravel_multi_index<2, 3>(tensor<int, 2, 2>{{0, 0}, {0, 3}}); });
  CHECK(said == "ravel_multi_index: coordinate 3 along axis 1 of extent 3");
  CHECK_THROWS_AS((z = ravel_multi_index<2, 3>(tensor<int, 2, 2>{{0, 0}, {-3, 0}})), index_error);
  CHECK(values(z) == vec{1, 1});
  CHECK_THROWS_AS((void)eval(unravel_index<0, 3>(zeros<int>(1))), index_error);
  CHECK(contains(thrown<shape_error>([&] { (void)eval(ravel_multi_index<2, 3>(zeros<int>(2, 3))); }),
                 "ravel_multi_index"));
}
