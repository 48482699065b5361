// Several ops in one expression: chains, views inside of them, reductions of chains, products of views.
#include <tenon/ops/joining.hpp>
#include <tenon/ops/matmul.hpp>
#include <tenon/ops/statistics.hpp>

#include "cases.hpp"

namespace oracle {

namespace {

template <class T>
void of_pairs(report& to) {
  using tenon::axis;
  constexpr values kinds[] = {values::tame, values::ties};
  source& s = to.random;
  const auto pair = [&](const char* op, auto f) {
    for (int i = to.repeats(60); i > 0; --i) {
      const auto e = draw_sizes<3>(s, s.chance(10) ? 9000 : 600);
      const auto a = draw_part<T, 3>(s, thinned<3>(s, e, 15), kinds[s.below(2)]);
      const auto b = draw_part<T, 3>(s, thinned<3>(s, e, 15), kinds[s.below(2)]);
      to.begin(op);
      record(to, a);
      record(to, b);
      to.of([&] { return f(a.seen, b.seen); });
    }
  };
  pair("sum_of_products", [](const auto& a, const auto& b) { return tenon::sum(a * b, axis<2>); });
  pair("sum_of_products_0", [](const auto& a, const auto& b) { return tenon::sum(a * b, axis<0>); });
  pair("turned_difference", [](const auto& a, const auto& b) {
    return tenon::permute<2, 0, 1>(a) - tenon::permute<2, 0, 1>(tenon::flip(b, axis<1>));
  });
  pair("max_less_sum",
       [](const auto& a, const auto& b) { return tenon::max(a + b, axis<1>, tenon::keepdims) - a; });
  pair("masked_count",
       [](const auto& a, const auto& b) { return tenon::count_nonzero(tenon::where(a < b, a, b), axis<1>); });
  pair("flat_sum",
       [](const auto& a, const auto& b) { return tenon::sum(tenon::reshape<tenon::dyn>(a + b) * T(2)); });
  pair("joined_halves", [](const auto& a, const auto& b) { return tenon::concat<1>(a + b, b - a) * T(3); });
}

template <class T>
void gram(report& to) {
  source& s = to.random;
  for (int i = to.repeats(60); i > 0; --i) {
    const auto x = draw_part<T, 2>(s, {s.below(40), s.below(20)}, values::tame);
    to.begin("gram");
    record(to, x);
    to.of([&] { return tenon::matmul(tenon::transpose(x.seen), x.seen) * T(2); });
  }
}

}  // namespace

void fused(report& to) {
  of_pairs<float>(to);
  of_pairs<double>(to);
  of_pairs<i32>(to);
  of_pairs<i64>(to);
  gram<float>(to);
  gram<double>(to);
  gram<i64>(to);
}

}  // namespace oracle
