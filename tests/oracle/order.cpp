#include <tenon/ops/ordering.hpp>
#include <tenon/ops/running.hpp>

#include "cases.hpp"

namespace oracle {

namespace {

template <class T, int R>
void along(report& to, const char* op, int axis, bool summed, auto f) {
  constexpr values kinds[] = {values::tame, values::ties, values::wide, values::special, values::extreme};
  source& s = to.random;
  for (int i = to.repeats(25); i > 0; --i) {
    const auto x = draw_part<T, R>(s, draw_sizes<R>(s), kinds[s.below(summed ? 4 : 5)]);
    to.begin(op, listed("axis", {axis}));
    record(to, x);
    to.of([&] { return f(x.seen); });
  }
}

template <class T, int R, int Axis>
void ordered(report& to) {
  along<T, R>(to, "argsort", Axis, false, [](const auto& x) { return tenon::argsort<Axis>(x); });
  along<T, R>(to, "argsort_descending", Axis, false,
              [](const auto& x) { return tenon::argsort_descending<Axis>(x); });
  along<T, R>(to, "sort", Axis, false, [](const auto& x) { return tenon::sort<Axis>(x); });
  if constexpr (!std::is_same_v<T, bool>)
    along<T, R>(to, "cumsum", Axis, true, [](const auto& x) { return tenon::cumsum<Axis>(x); });
}

/// The places of the two greatest elements.
template <class T, int Axis>
void top(report& to) {
  source& s = to.random;
  for (int i = to.repeats(25); i > 0; --i) {
    auto e = draw_sizes<2>(s);
    e[Axis] += 2;
    const auto x = draw_part<T, 2>(s, e, draw_values<T>(s));
    to.begin("topk", listed("axis", {Axis}) + ";k=2");
    record(to, x);
    to.of([&] { return tenon::topk<2, Axis>(x.seen); });
  }
}

template <class T>
void of_type(report& to) {
  ordered<T, 1, 0>(to);
  ordered<T, 2, 0>(to);
  ordered<T, 3, 1>(to);
  ordered<T, 3, -1>(to);
  ordered<T, 4, 2>(to);
  top<T, 0>(to);
  top<T, 1>(to);
}

}  // namespace

void order(report& to) {
  of_type<float>(to);
  of_type<double>(to);
  of_type<i32>(to);
  of_type<i64>(to);
  of_type<bool>(to);
}

}  // namespace oracle
