// Gradients of operands that broadcast.
#include "differences.hpp"

using namespace tenon;
using test::checked_gradient;
using test::dims;
using test::values;
using test::vec;

namespace {

tensor<double, dyn, dyn> table(tenon::index rows, tenon::index columns, double shift = 0) {
  auto t = zeros<double>(rows, columns);
  for (tenon::index i = 0; i < t.size(); ++i) t.own()[i] = std::sin(1.7 * double(i) + shift);
  return t;
}
tensor<double, dyn> line(tenon::index n, double shift = 0) {
  auto t = zeros<double>(n);
  for (tenon::index i = 0; i < n; ++i) t.own()[i] = std::cos(1.3 * double(i) + shift);
  return t;
}

}  // namespace

TEST_CASE("dynamic operands that broadcast: gradients sum over what was repeated") {
  const auto f = [](const auto& a, const auto& b) { return sum(tanh(a * b) * a); };
  for (const auto& [ra, ca, rb, cb] : {std::array<tenon::index, 4>{3, 4, 3, 4},
                                       {3, 4, 1, 4},
                                       {3, 4, 3, 1},
                                       {3, 4, 1, 1},
                                       {1, 4, 3, 1},
                                       {1, 1, 1, 1}}) {
    CAPTURE(ra);
    CAPTURE(rb);
    CAPTURE(cb);
    checked_gradient(f, table(ra, ca), table(rb, cb, 0.4));
  }
  const auto [v, g] = value_and_grad<0, 1>(f)(table(3, 0), table(1, 0));  // of nothing
  CHECK(v.item() == 0);
  CHECK(test::extents(std::get<1>(g)) == dims{1, 0});
}

TEST_CASE("operands of lower rank, and static ones of extent 1") {
  SUBCASE("a dynamic vector along rows, of one size and of size 1") {
    const auto f = [](const auto& a, const auto& b) { return sum(square(a + b) * b); };
    for (const tenon::index n : {4, 1}) checked_gradient(f, table(3, 4), line(n));
  }
  SUBCASE("static column and scalar") {
    const auto f = [](const auto& a, const auto& b) { return sum(a * b * b); };
    const tensor<double, 3, 1> column{{1}, {2}, {3}};
    const auto [ga, gb] = checked_gradient(f, tensor<double, 1, 2>{{4, 5}}, column);
    CHECK(values(ga) == vec{14, 14});
    CHECK(values(gb) == vec{18, 36, 54});
    const auto [gx, gs] = checked_gradient([](const auto& x, const auto& s) { return sum(x * exp(s)); },
                                           table(2, 2), tensor<double>(0.5));
    CHECK(test::extents(gs) == dims{});
  }
  SUBCASE("names") {
    const auto f = [](const auto& a, const auto& b) { return sum(square(a) * b); };
    auto x = zeros<double, "batch", 3>(2);
    for (int i = 0; i < 6; ++i) x.own()[i] = 0.1 * i - 0.2;
    checked_gradient(f, x, tensor<double, 3>{1, -2, 3});
  }
}
