// take, take_along_axis and scatter_add: values against loops, bad places, derivatives.
#include "../support.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/indexing.hpp>

using namespace tenon;
using test::contains;
using test::dims;

using test::thrown;
using test::values;
using test::vec;

namespace {
const tensor<double, 3, 2> table{{1, 2}, {3, 4}, {5, 6}};
}

TEST_CASE("take") {
  const tensor<std::int32_t, 2, 2> places{{2, 0}, {-1, 1}};
  CHECK(test::extents(take(table, places)) == dims{2, 2, 2});
  CHECK(values(take(table, places)) == vec{5, 6, 1, 2, 5, 6, 3, 4});
  CHECK(values(take<1>(table, tensor<std::int64_t, 3>{1, 1, 0})) == vec{2, 2, 1, 4, 4, 3, 6, 6, 5});
  CHECK(values(take<1>(table, tensor<std::int64_t>(1))) == vec{2, 4, 6});  // a place of rank 0 drops the axis
  CHECK(values(take(transpose(table), tensor<std::int32_t, 1>{1})) == vec{2, 4, 6});
  CHECK(values(take(table * 2.0, zeros<std::int32_t>(0))).empty());
  CHECK(values(take(tensor<bool, 2>{true, false}, tensor<std::int32_t, 3>{1, 0, 1})) == vec{0, 1, 0});
  static_assert(std::is_same_v<decltype(take(table, ones<std::int32_t, "batch", "time">(1, 1)))::shape_type,
                               shape_of_extents<"batch", "time", 2>>);
}

TEST_CASE("places of every type of integers") {
  CHECK(values(take(table, tensor<std::int8_t, 2>{-1, 0})) == vec{5, 6, 1, 2});
  CHECK(values(take(table, tensor<std::uint8_t, 1>{2})) == vec{5, 6});
  CHECK(values(take(table, tensor<std::uint32_t, 1>{1})) == vec{3, 4});
  CHECK_THROWS_AS((void)eval(take(table, tensor<std::uint64_t, 1>{~std::uint64_t(0)})), index_error);
}

TEST_CASE("take_along_axis") {
  const tensor<std::int32_t, 3, 1> column{{1}, {0}, {-1}};
  CHECK(values(take_along_axis(table, column)) == vec{2, 3, 6});
  CHECK(values(take_along_axis<0>(table, tensor<std::int64_t, 2, 2>{{2, 0}, {0, 1}})) == vec{5, 2, 1, 4});
  CHECK_THROWS_AS((void)eval(take_along_axis(zeros<float>(3, 2), zeros<int>(2, 1))), shape_error);
}

TEST_CASE("scatter_add adds at repeated places") {
  const tensor<std::int32_t, 4> places{0, 2, 0, -1};
  const tensor<double, 4, 2> rows{{1, 1}, {2, 2}, {3, 3}, {4, 4}};
  CHECK(values(scatter_add(zeros<double>(3, 2), places, rows)) == vec{4, 4, 0, 0, 6, 6});
  CHECK(values(scatter_add<1>(table, tensor<std::int32_t, 1>{1}, tensor<double, 3, 1>{{10}, {20}, {30}})) ==
        vec{1, 12, 3, 24, 5, 36});
  CHECK(values(scatter_add(tensor<std::int64_t, 2>{1, 1}, tensor<std::int32_t, 3>{1, 1, 1},
                           tensor<std::int64_t, 3>{1, 2, 3})) == vec{1, 7});
}

TEST_CASE("a place outside is an error, and the target stays") {
  auto y = ones<double>(2, 2);
  const auto said = thrown<index_error>([&] { y = take(table, tensor<std::int32_t, 2>{0, 3}); });
  CHECK(contains(said, "take"));
  CHECK(contains(said, "3"));
  CHECK(values(y) == vec{1, 1, 1, 1});
  CHECK_THROWS_AS(y = take(table, tensor<std::int64_t, 2>{0, -4}), index_error);
  CHECK_THROWS_AS(y = take_along_axis<0>(table, tensor<std::int32_t, 2, 2>{{0, 1}, {9, 1}}), index_error);
  CHECK_THROWS_AS(y = scatter_add(ones<double>(2, 2), tensor<std::int32_t, 1>{2}, ones<double>(1, 2)),
                  index_error);
  CHECK(values(y) == vec{1, 1, 1, 1});
  y = take(table, tensor<std::int32_t, 2>{1, 1});
  CHECK(values(y) == vec{3, 4, 3, 4});
}

TEST_CASE("derivatives") {
  const tensor<std::int32_t, 4> places{2, 0, 2, 1};
  const auto looked_up = [&](const auto& t) { return sum(square(take(t, places)) * 0.5_c); };
  CHECK(values(grad(looked_up)(table)) == vec{1, 2, 3, 4, 10, 12});
  check_grads(looked_up, primals(table), {.order = 2});
  const tensor<std::int32_t, 3, 3> columns{{1, 1, 0}, {0, 0, 0}, {1, 0, 1}};
  check_grads([&](const auto& t) { return sum(square(take_along_axis(t, columns)) * 0.5_c); }, primals(table),
              {.order = 2});
  const tensor<double, 4, 2> rows{{1, 1}, {2, 2}, {3, 3}, {4, 4}};
  check_grads([&](const auto& t, const auto& r) { return square(scatter_add(t, places, r)); },
              primals(table, rows));
}
