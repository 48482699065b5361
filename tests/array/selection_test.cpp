// x[mask], x[places], x.at(...), newaxis and open ranges: values against index arithmetic, writes, and errors that
// change nothing.
#include "../ops/elements.hpp"

#include <tenon/array/masks.hpp>
#include <tenon/autodiff/transforms.hpp>
#include <tenon/ops/rounding.hpp>

using namespace tenon;
using test::check_elements;
using test::contains;
using test::counted;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

namespace {

template <class E, class S>
constexpr bool shaped = std::is_same_v<typename std::remove_cvref_t<E>::shape_type, S>;

template <class T>
void check_masks() {
  auto x = counted<T>(3, 4);
  const auto before = x;
  const auto mask = eval(remainder(counted<std::int32_t>(3, 4), 3) == 0);
  vec expected;
  for (int i = 0; i < 12; ++i)
    if ((i + 1) % 3 == 0) expected.push_back(double(before(i / 4, i % 4)));
  CHECK(values(before[mask]) == expected);
  CHECK(values(x[mask]) == expected);
  CHECK(values(before[transpose(eval(transpose(mask)))]) == expected);
  x[mask] = T(0);
  check_elements(x, {3, 4}, [&](const dims& i) { return mask(i[0], i[1]) ? T(0) : before(i[0], i[1]); });
  CHECK(values(before) == values(counted<T>(3, 4)));  // a copy is not written to
  x[mask] = before[mask];
  CHECK(values(x) == values(before));
  const tensor<bool, 3> rows{true, false, true};
  CHECK(values(before[rows]) == vec(values(before[tensor<std::int32_t, 2>{0, 2}])));
  x[rows] = counted<T>(4);
  check_elements(x, {3, 4}, [&](const dims& i) { return i[0] == 1 ? before(1, i[1]) : before(0, i[1]); });
}

}  // namespace

TEST_CASE("masks on every dtype") {
  check_masks<float>();
  check_masks<double>();
  check_masks<std::int32_t>();
  check_masks<std::int64_t>();
  check_masks<bool>();
}

TEST_CASE("masks at the edges") {
  auto x = counted<float>(2, 3);
  CHECK(values(x[x > 100.f]).empty());
  CHECK(values(x[zeros<float>(2, 3) == 0.f]) == vec{1, 2, 3, 4, 5, 6});
  CHECK(test::extents(x[tensor<bool, 2>{false, false}]) == dims{0, 3});
  CHECK(values(zeros<float>(0, 3)[zeros<bool>(0, 3)]).empty());
  CHECK(test::extents(x[tensor<bool>(true)]) == dims{1, 2, 3});
  CHECK(shaped<decltype(x[x > 1.f]), shape_of_extents<dyn>>);
  CHECK(shaped<decltype(ones<float, "n", 3>(2)[tensor<bool, 2>{}]), shape_of_extents<dyn, 3>>);
  x[x > 2.f] += 10.f;
  CHECK(values(x) == vec{1, 2, 13, 14, 15, 16});
  x[x > 13.f] = x[x > 13.f] * 2.f;
  CHECK(values(x) == vec{1, 2, 13, 28, 30, 32});
  CHECK_THROWS_AS((void)x[zeros<bool>(2, 2)], shape_error);
  CHECK_THROWS_AS(x[x > 2.f] = zeros<float>(3), shape_error);
  CHECK(values(x) == vec{1, 2, 13, 28, 30, 32});
}

TEST_CASE("a mask of the tensor itself writes in place") {
  auto x = counted<float>(1000);
  const float* const at = std::as_const(x).data();
  x[x > 10.f] = 0.f;
  CHECK(std::as_const(x).data() == at);
  CHECK(values(sum(x)) == vec{55});
  const auto kept = x[x > 9.f];  // a selection of a tensor that may be written to is a view, as a slice is
  x(9) = 70.f;
  CHECK(values(kept) == vec{70});
}

TEST_CASE("places") {
  auto x = counted<float>(3, 2);
  const auto before = x;
  const tensor<std::int64_t, 2, 2> places{{2, 0}, {-1, 1}};
  check_elements(before[places], {2, 2, 2},
                 [&](const dims& i) { return before((places(i[0], i[1]) + 3) % 3, i[2]); });
  CHECK(shaped<decltype(before[places]), shape_of_extents<2, 2, dyn>>);
  CHECK(values(before[tensor<std::int32_t>(1)]) == vec{3, 4});
  x[tensor<std::int32_t, 3>{0, 1, 0}] = tensor<float, 3, 2>{{1, 2}, {3, 4}, {5, 6}};
  CHECK(values(x) == vec{5, 6, 3, 4, 5, 6});  // the last one stays
  x[tensor<std::int32_t, 3>{0, 1, 0}] += 1.f;
  CHECK(values(x) == vec{6, 7, 4, 5, 5, 6});  // once, as in NumPy
  const auto said = thrown<index_error>([&] { x[tensor<std::int32_t, 2>{0, 3}] = 9.f; });
  CHECK(contains(said, "index 3"));
  CHECK(contains(said, "extent 3"));
  CHECK(values(x) == vec{6, 7, 4, 5, 5, 6});
  CHECK(test::extents(before[zeros<std::int32_t>(0)]) == dims{0, 2});
}

TEST_CASE("places along several axes") {
  auto x = counted<double>(3, 4, 2);
  const auto before = x;
  const tensor<std::int32_t, 2, 1> rows{{2}, {0}};
  const tensor<std::int64_t, 3> columns{0, -1, 1};
  check_elements(before.at(rows, columns), {2, 3, 2},
                 [&](const dims& i) { return before(rows(i[0], 0), (columns(i[1]) + 4) % 4, i[2]); });
  check_elements(before.at(columns - columns, columns, tensor<std::int32_t>(1)), {3},
                 [&](const dims& i) { return before(0, (columns(i[0]) + 4) % 4, 1); });
  CHECK(shaped<decltype(before.at(rows, columns)), shape_of_extents<2, 3, dyn>>);
  x.at(rows, columns) = 0.0;
  check_elements(x, {3, 4, 2},
                 [&](const dims& i) { return i[0] != 1 && i[1] != 2 ? 0 : before(i[0], i[1], i[2]); });
  CHECK_THROWS_AS((void)before.at(tensor<int, 2>{0, 1}, zeros<int>(3)), shape_error);
  CHECK_THROWS_AS((void)before.at(tensor<int, 1>{0}, tensor<int, 1>{4}), index_error);
}

TEST_CASE("newaxis, ellipsis, open ranges") {
  auto x = counted<float, 2, 3>();
  CHECK(test::extents(x.slice(newaxis, all, newaxis)) == dims{1, 2, 1, 3});
  CHECK(shaped<decltype(x.slice(newaxis, 0)), shape_of_extents<1, 3>>);
  CHECK(shaped<decltype(x.slice(ellipsis, 0)), shape_of_extents<2>>);
  CHECK(shaped<decltype(x.slice(0, ellipsis, newaxis)), shape_of_extents<3, 1>>);
  CHECK(shaped<decltype(x.slice(0, 1, ellipsis)), shape_of_extents<>>);
  CHECK(values(x.slice(ellipsis, -1)) == vec{3, 6});
  CHECK(values(x.slice(all, range(1, range::open))) == vec{2, 3, 5, 6});
  CHECK(values(x.slice(0, range(range::open, -1))) == vec{1, 2});
  CHECK(values(x.slice(0, range(range::open, range::open, -1))) == vec{3, 2, 1});
  CHECK(values(x.slice(0, range(1, range::open, -1))) == vec{2, 1});
  CHECK(values(zeros<float>(0).slice(range(range::open, range::open, -1))).empty());
  CHECK_THROWS_AS((void)x.slice(range(3, range::open), 0), index_error);
  x.slice(newaxis, 1) = 0.f;
  CHECK(values(x) == vec{1, 2, 3, 0, 0, 0});
  CHECK(values(x.slice(all, newaxis, 0) * tensor<float, 2>{1, 2}) == vec{1, 2, 0, 0});
}

TEST_CASE("nonzero and its relatives") {
  const tensor<float, 2, 3> x{{0, 1, 0}, {2, 0, std::nanf("")}};
  auto [i, j] = nonzero(x);
  CHECK(values(i) == vec{0, 1, 1});
  CHECK(values(j) == vec{1, 0, 2});
  CHECK(values(argwhere(x)) == vec{0, 1, 1, 0, 1, 2});
  CHECK(values(flatnonzero(x == 0.f)) == vec{0, 2, 4});
  CHECK(values(x.at(i, j))[1] == 2);
  CHECK(values(std::get<0>(nonzero(zeros<bool>(0)))).empty());
  CHECK(test::extents(argwhere(zeros<std::int32_t>(2, 2, 2))) == dims{0, 3});
  CHECK(test::extents(argwhere(tensor<double>(3.0))) == dims{1, 0});
}

TEST_CASE("compress and extract") {
  const auto x = counted<double>(2, 3);
  CHECK(values(compress(tensor<bool, 3>{true, false, true}, x, axis<1>)) == vec{1, 3, 4, 6});
  CHECK(values(compress(tensor<std::int32_t, 2>{0, 5}, x, axis<0>)) == vec{4, 5, 6});
  CHECK(values(compress(tensor<bool, 2>{true, true}, x)) == vec{1, 2});
  CHECK(values(extract(remainder(x, 2.0) == 0.0, x)) == vec{2, 4, 6});
  CHECK(values(extract(remainder(x, 2.0), x * 2.0)) == vec{2, 6, 10});
  CHECK_THROWS_AS((void)eval(compress(tensor<bool, 3>{true, true, true}, x, axis<0>)), index_error);
  CHECK_THROWS_AS((void)extract(zeros<bool>(3, 2), x), shape_error);
  const tensor<bool, 3> mask{true, false, true};
  CHECK(values(grad([&](const auto& v) { return sum(square(compress(mask, v, axis<1>))); })(x)) ==
        vec{2, 0, 6, 8, 0, 12});
}
