#include <tenon/ops/statistics.hpp>

#include "cases.hpp"

namespace oracle {

namespace {

template <class T, int R, int... A>
void place(report& to) {
  source& s = to.random;
  const auto make = [&](const char* op, auto f) {
    for (int i = to.repeats(25); i > 0; --i) {
      const auto x = draw_part<T, R>(s, draw_sizes<R>(s), s.chance(40) ? values::ties : draw_values<T>(s));
      to.begin(op, sizeof...(A) > 0 ? listed("axes", {A...}) : "");
      record(to, x);
      to.of([&] { return f(x.seen); });
    }
  };
  make("argmax", [](const auto& x) { return tenon::argmax(x, tenon::axes<A...>); });
  make("argmin", [](const auto& x) { return tenon::argmin(x, tenon::axes<A...>); });
}

template <class T>
void of_type(report& to) {
  place<T, 3>(to);
  place<T, 3, 0>(to);
  place<T, 3, 1>(to);
  place<T, 3, -1>(to);
}

}  // namespace

void places(report& to) {
  of_type<float>(to);
  of_type<double>(to);
  of_type<i32>(to);
  of_type<i64>(to);
  place<float, 4, 1>(to);
  place<float, 2, 0>(to);
  place<float, 1>(to);
}

}  // namespace oracle
