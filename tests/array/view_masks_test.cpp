// Masks and places on views: what they read, what is written through, views of every layout, borrowed memory; and
// matrices transposed along the last two axes.
#include "../support.hpp"

#include <tenon/array/borrow.hpp>
#include <tenon/autodiff/check.hpp>
#include <tenon/ops/axes.hpp>

using namespace tenon;
using test::contains;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

namespace {

tensor<float, dyn, dyn> counted() {
  auto x = zeros<float>(4, 6);
  for (tenon::index i = 0; i < x.size(); ++i) x.own()[i] = float(i);
  return x;
}

}  // namespace

TEST_CASE("reading by a mask") {
  const auto x = counted();
  const auto part = x.slice(range(1, 4, 2), range(5, -7, -2));  // rows 1, 3; columns 5, 3, 1
  CHECK(values(part) == vec{11, 9, 7, 23, 21, 19});
  const tensor<bool, 2, 3> mask{{true, false, true}, {false, true, false}};
  const auto read = part[mask];
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(read)>, tensor<float, dyn>>);
  CHECK(values(read) == vec{11, 7, 21});
  CHECK(values(part[part > 10.0f]) == vec{11, 23, 21, 19});
  CHECK(values(part[tensor<bool, 2>{false, true}]) == vec{23, 21, 19});
  CHECK(values(part[tensor<int, 3>{1, 0, -1}]) == vec{23, 21, 19, 11, 9, 7, 23, 21, 19});
  CHECK(values(part.at(tensor<int, 2>{0, 1}, tensor<int, 2>{2, 0})) == vec{7, 23});
  CHECK(values(x[2][x[2] > 14.0f]) == vec{15, 16, 17});
  CHECK(contains(thrown<shape_error>([&] { (void)part[tensor<bool, 3>{true, true, true}]; }), "mask"));
  CHECK_THROWS_AS((void)(part[tensor<int, 1>{2}]), index_error);
}

TEST_CASE("writing by a mask") {
  auto x = counted();
  const auto kept = x;  // a copy, which must not change
  auto part = x.slice(all, range(0, 6, 2));
  part[part > 15.0f] = 0.0f;
  CHECK(values(part) == vec{0, 2, 4, 6, 8, 10, 12, 14, 0, 0, 0, 0});
  CHECK(values(x.slice(all, 1)) == vec{1, 7, 13, 19});
  part[tensor<bool, 4>{true, false, false, false}] = tensor<float, 3>{7, 8, 9};
  CHECK(values(x[0]) == vec{7, 1, 8, 3, 9, 5});
  part[tensor<int, 2>{-1, 1}] = tensor<float, 2, 1>{{-1}, {-2}};
  CHECK(values(part) == vec{7, 8, 9, -2, -2, -2, 12, 14, 0, -1, -1, -1});
  part[part < 0.0f] += 10.0f;
  CHECK(values(part) == vec{7, 8, 9, 8, 8, 8, 12, 14, 0, 9, 9, 9});
  part.at(tensor<int, 2>{0, 1}, tensor<int, 2>{2, 0}) = tensor<float, 2>{50, 60};
  CHECK(values(part.slice(range(0, 2), all)) == vec{7, 8, 50, 60, 8, 8});
  x[3][x[3] == 9.0f] = 1.0f;
  CHECK(values(x[3]) == vec{1, 19, 1, 21, 1, 23});
  x.slice(range(0, 2))[tensor<bool, 2, 6>{}] = 5.0f;  // none
  CHECK_THROWS_AS((part[tensor<int, 1>{4}] = 1.0f), index_error);
  CHECK_THROWS_AS((part[tensor<int, 2>{0, 1}] = ones<float>(3, 1)), shape_error);
  CHECK(values(kept) == values(counted()));
}

TEST_CASE("an element that is read and written through one view") {
  auto x = counted();
  auto part = x.slice(range(0, 2), range(0, 3));
  part[part >= 0.0f] = flip(flatten(part * 1.0f));  // read before it is written
  CHECK(values(part) == vec{8, 7, 6, 2, 1, 0});
}

TEST_CASE("memory of others") {
  float memory[6] = {1, -2, 3, -4, 5, -6};
  auto m = borrow<2, 3>(memory);
  m[m < 0.0f] = 0.0f;
  CHECK(vec(memory, memory + 6) == vec{1, 0, 3, 0, 5, 0});
  const float fixed[3] = {1, 2, 3};
  CHECK(values(borrow<3>(fixed)[tensor<bool, 3>{true, false, true}]) == vec{1, 3});
}

TEST_CASE("matrices transposed") {
  const tensor<double, 2, 3> x{{1, 2, 3}, {4, 5, 6}};
  CHECK(values(x.mT()) == vec{1, 4, 2, 5, 3, 6});
  CHECK(values((x + 1.0).mT()) == vec{2, 5, 3, 6, 4, 7});
  CHECK(values(matrix_transpose(x.slice(all, range(0, 2)))) == vec{1, 4, 2, 5});
  CHECK(values(x.slice(all, range(0, 2)).mT()) == vec{1, 4, 2, 5});
  auto s = zeros<float, "batch", 2, 3>(2);
  static_assert(std::is_same_v<decltype(s.mT())::shape_type, shape_of_extents<"batch", 3, 2>>);
  for (tenon::index i = 0; i < 12; ++i) s.own()[i] = float(i);
  CHECK(values(matrix_transpose(s)) == vec{0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11});
  check_grads([](const auto& a) { return sum(square(matmul(a.mT(), a))); }, primals(x), {.order = 2});
}
