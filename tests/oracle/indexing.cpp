#include <tenon/ops/composite.hpp>
#include <tenon/ops/indexing.hpp>
#include <tenon/ops/scatter_extrema.hpp>

#include "cases.hpp"

namespace oracle {

namespace {

/// Places that an axis of extent n allows, negative ones too.
template <class P, int R>
array<P, R> whole_places(source& s, sizes<R> e, index n) {
  auto places = array<P, R>::uninitialised(e);
  for (index i = 0; i < places.size(); ++i) places.own()[i] = static_cast<P>(s.between(-n, n - 1));
  return places;
}
template <class T, class P, int R, int RP, int Axis>
void taken(report& to) {
  source& s = to.random;
  for (int i = to.repeats(40); i > 0; --i) {
    auto e = draw_sizes<R>(s, 300);
    auto ep = draw_sizes<RP>(s, 12);
    index chosen = 1;
    for (const index n : ep) chosen *= n;
    if (chosen > 0) e[Axis] = std::max<index>(e[Axis], 1);
    const auto x = draw_part<T, R>(s, e, draw_values<T>(s));
    const auto places = whole_places<P, RP>(s, ep, std::max<index>(e[Axis], 1));
    // Reversed along each axis, so that places have strides of their own.
    const bool reversed = s.chance(30) && RP > 0;
    to.begin("take", listed("axis", {Axis}) + (reversed ? ";reversed=1" : ""));
    record(to, x);
    record_whole(to, places);
    to.of([&] {
      return reversed ? tenon::eval(tenon::take<Axis>(x.seen, tenon::flip(places)))
                      : tenon::eval(tenon::take<Axis>(x.seen, places));
    });

    if constexpr (!std::is_same_v<T, bool>) {
      sizes<R - 1 + RP> parts{};
      int k = 0;
      for (int j = 0; j < R; ++j) {
        if (j != Axis)
          parts[std::size_t(k++)] = e[std::size_t(j)];
        else
          for (const index n : ep) parts[std::size_t(k++)] = n;
      }
      const values v = s.chance(50) ? values::tame : s.chance(50) ? values::ties : values::special;
      const auto onto = draw_part<T, R>(s, e, v);
      const auto added = draw_part<T, R - 1 + RP>(s, parts, v);
      to.begin("scatter_add", listed("axis", {Axis}));
      record(to, onto);
      record_whole(to, places);
      record(to, added);
      to.of([&] { return tenon::scatter_add<Axis>(onto.seen, places, added.seen); });
      if constexpr (RP == 1) {
        const bool most = s.chance(50);
        to.begin(most ? "scatter_max" : "scatter_min", listed("axis", {Axis}));
        record(to, onto);
        record_whole(to, places);
        record(to, added);
        to.of([&] {
          return most ? tenon::eval(tenon::scatter_max<Axis>(onto.seen, places, added.seen))
                      : tenon::eval(tenon::scatter_min<Axis>(onto.seen, places, added.seen));
        });
      }
    }
  }
}

template <class T, class P, int R, int Axis>
void taken_along(report& to) {
  source& s = to.random;
  for (int i = to.repeats(40); i > 0; --i) {
    auto e = draw_sizes<R>(s, 300), ep = e;
    ep[Axis] = s.below(6);
    if (ep[Axis] > 0) e[Axis] = std::max<index>(e[Axis], 1);
    const auto x = draw_part<T, R>(s, e, draw_values<T>(s));
    const auto places = whole_places<P, R>(s, ep, std::max<index>(e[Axis], 1));
    to.begin("take_along_axis", listed("axis", {Axis}));
    record(to, x);
    record_whole(to, places);
    to.of([&] { return tenon::take_along_axis<Axis>(x.seen, places); });
  }
}

/// Labels, some of which are no class.
template <class T, class P>
void picked(report& to) {
  source& s = to.random;
  for (int i = to.repeats(40); i > 0; --i) {
    const auto e = draw_sizes<3>(s);
    const auto x = draw_part<T, 3>(s, e, draw_values<T>(s));
    auto labels = array<P, 2>::uninitialised({e[0], e[1]});
    for (index k = 0; k < labels.size(); ++k) labels.own()[k] = static_cast<P>(s.between(-1, e[2]));
    to.begin("pick");
    record(to, x);
    record_whole(to, labels);
    to.of([&] { return tenon::pick(x.seen, labels); });
  }
}

template <class T>
void of_type(report& to) {
  taken<T, i64, 1, 1, 0>(to);
  taken<T, i32, 2, 1, 0>(to);
  taken<T, i64, 2, 2, 1>(to);
  taken<T, i64, 3, 1, 1>(to);
  taken<T, i32, 3, 0, 2>(to);
  taken_along<T, i64, 1, 0>(to);
  taken_along<T, i32, 2, 0>(to);
  taken_along<T, i64, 3, 1>(to);
  taken_along<T, i64, 3, 2>(to);
}

}  // namespace

void indexing(report& to) {
  of_type<float>(to);
  of_type<double>(to);
  of_type<i32>(to);
  of_type<i64>(to);
  of_type<bool>(to);
  picked<float, i32>(to);
  picked<double, i64>(to);
  picked<i64, i64>(to);
}

}  // namespace oracle
