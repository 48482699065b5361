// Concatenations of concatenations, which are copied at once: values, derivatives, what else reads them.
#include "../support.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/indexing.hpp>
#include <tenon/ops/joining.hpp>
#include <tenon/ops/trigonometric.hpp>
#include <tenon/symbol/compile.hpp>

using namespace tenon;

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

TEST_CASE("concatenations of concatenations are made at once") {
  const cube a = counted(2, 3, 4), b = counted(2, 1, 4, 50), c = counted(2, 5, 4, 90);
  const cube ab = concat<1>(a, b);
  const vec all_three = joined_by_hand(ab, c, 1);
  CHECK(values(concat<1>(concat<1>(a, b), c)) == all_three);
  CHECK(values(concat<1>(a, concat<1>(b, c))) == all_three);
  CHECK(values(concat<1>(a, counted(2, 0, 4), b, c)) == all_three);
  CHECK(values(concat<1>(flip(a, axis<1>), flip(b, axis<2>), permute<0, 2, 1>(counted(2, 4, 2)))) ==
        joined_by_hand(concat<1>(cube(flip(a, axis<1>)), cube(flip(b, axis<2>))),
                       cube(permute<0, 2, 1>(counted(2, 4, 2))), 1));
  // along different axes, and read twice
  CHECK(values(concat<0>(concat<1>(a, b), concat<1>(b, a))) == joined_by_hand(ab, concat<1>(b, a), 0));
  CHECK(values(call(
            [](auto x, auto y) { return concat<1>(concat<1>(x, y), concat<1>(x, y) * 1_c, concat<1>(x, y)); },
            a, b)) == joined_by_hand(concat<1>(ab, ab), ab, 1));
  CHECK(values(call(
            [](auto x, auto y) {
              const auto both = concat<1>(x, y);
              return concat<1>(both, x) + sum(both);
            },
            a, b)) == values(concat<1>(a, b, a) + sum(ab)));
  CHECK(values(stack<2>(a, a * 2.0, a * 3.0, a, a))[4 * 5 + 2] == a(0, 1, 0) * 0 + a(0, 1, 2));
  // a bad place in one part leaves the target as it was
  auto y = zeros<double>(3);
  const tensor<double, 2> two{1, 2};
  CHECK_THROWS_AS(y = concat<0>(concat<0>(slice<0, 0, 1>(two), slice<0, 1, 2>(two)),
                                take<0>(two, tensor<std::int32_t, 1>{2})),
                  index_error);
  CHECK(values(y) == vec{0, 0, 0});
}

TEST_CASE("nests in a step with gradients, on several threads") {
  const auto f = [](const auto& a, const auto& b) { return sum(square(concat<1>(a, b, a * b, sin(a)))); };
  const tensor<double, 2, 3> x{{0.1, -0.5, 2}, {3, 0.2, 1}}, z{{1, 2, 3}, {0.5, 0.25, -1}};
  check_grads(f, primals(x, z));
  check_grads([](const auto& a) { return sum(square(concat<0>(a, sin(a), a * a, a)) * 0.3_c); }, primals(x),
              {.order = 2});
  auto step = compile(value_and_grad(f), spec<float, "batch", 3>{}, spec<float, "batch", 3>{});
  for (const int batch : {3, 0, 20000}) {
    const auto [value, gradient] = step(ones<float>(batch, 3), ones<float>(batch, 3));
    CHECK(gradient.size() == batch * 3);
    if (batch > 0) CHECK(gradient(batch - 1, 2) == doctest::Approx(4 + std::sin(2.0)));
  }
}
