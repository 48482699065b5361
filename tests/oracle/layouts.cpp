#include <tenon/ops/repeating.hpp>
#include <tenon/ops/rolling.hpp>
#include <tenon/ops/running.hpp>
#include <tenon/ops/triangles.hpp>

#include "cases.hpp"

namespace oracle {

namespace {

template <class T, int R>
void laid(report& to, const char* op, const std::string& attributes, index least, auto f) {
  source& s = to.random;
  for (int i = to.repeats(15); i > 0; --i) {
    auto e = draw_sizes<R>(s);
    for (index& n : e) n = std::max(n, least);
    const auto x = draw_part<T, R>(s, e, draw_values<T>(s));
    to.begin(op, attributes);
    record(to, x);
    to.of([&] { return f(x.seen); });
  }
}

/// mode: its place in tenon::pad_mode; reflect asks for two elements where NumPy's own ways with one differ.
template <class T, tenon::pad_mode Mode>
void padded(report& to) {
  const std::string mode = ";" + listed("mode", {index(Mode)});
  laid<T, 2>(to, "pad", listed("widths", {2, 1, 0, 3}) + mode, 1,
             [](const auto& x) { return tenon::pad<Mode, tenon::border<2, 1>, tenon::border<0, 3>>(x); });
  laid<T, 3>(to, "pad", listed("widths", {0, 0, 9, 7, 0, 0}) + mode, 1,
             [](const auto& x) { return tenon::pad<1, 9, 7, Mode>(x); });
}

template <class T>
void of_type(report& to) {
  laid<T, 3>(to, "flatten", "", 0, [](const auto& x) { return tenon::flatten(x); });
  laid<T, 3>(to, "moveaxis", listed("from", {0}) + ";" + listed("to", {-1}), 0,
             [](const auto& x) { return tenon::moveaxis<0, -1>(x); });
  laid<T, 4>(to, "moveaxis", listed("from", {3, 0}) + ";" + listed("to", {1, -1}), 0,
             [](const auto& x) { return tenon::moveaxis(x, tenon::axes<3, 0>, tenon::axes<1, -1>); });
  laid<T, 3>(to, "rot90", listed("k", {1}) + ";" + listed("axes", {0, 2}), 0,
             [](const auto& x) { return tenon::rot90<1, 0, 2>(x); });
  laid<T, 2>(to, "rot90", listed("k", {-1}) + ";" + listed("axes", {0, 1}), 0,
             [](const auto& x) { return tenon::rot90<-1>(x); });
  laid<T, 3>(to, "repeat", listed("n", {3}) + ";" + listed("axis", {1}), 0,
             [](const auto& x) { return tenon::repeat<3>(x, tenon::axis<1>); });
  laid<T, 2>(to, "repeat", listed("n", {2}) + ";" + listed("axis", {-1}), 0,
             [](const auto& x) { return tenon::repeat<2>(x, tenon::axis<-1>); });
  laid<T, 2>(to, "tile", listed("n", {2, 3}), 0, [](const auto& x) { return tenon::tile<2, 3>(x); });
  laid<T, 3>(to, "tile", listed("n", {2, 1}), 0, [](const auto& x) { return tenon::tile<2, 1>(x); });
  laid<T, 1>(to, "tile", listed("n", {2, 2, 1}), 0, [](const auto& x) { return tenon::tile<2, 2, 1>(x); });
  laid<T, 3>(to, "roll", listed("shift", {5, -2}) + ";" + listed("axes", {0, 2}), 0,
             [](const auto& x) { return tenon::roll<5, -2>(x, tenon::axes<0, 2>); });
  laid<T, 3>(to, "roll", listed("shift", {-7}), 0, [](const auto& x) { return tenon::roll<-7>(x); });
  laid<T, 2>(to, "tril", listed("k", {1}), 0, [](const auto& x) { return tenon::tril<1>(x); });
  laid<T, 3>(to, "triu", listed("k", {-1}), 0, [](const auto& x) { return tenon::triu<-1>(x); });
  laid<T, 2>(to, "diag", listed("k", {2}), 0, [](const auto& x) { return tenon::diag<2>(x); });
  laid<T, 1>(to, "diag", listed("k", {-1}), 0, [](const auto& x) { return tenon::diag<-1>(x); });
  laid<T, 3>(to, "diff", listed("n", {1}) + ";" + listed("axis", {1}), 1,
             [](const auto& x) { return tenon::diff<1, 1>(x); });
  padded<T, tenon::pad_mode::constant>(to);
  padded<T, tenon::pad_mode::edge>(to);
  padded<T, tenon::pad_mode::reflect>(to);
  padded<T, tenon::pad_mode::symmetric>(to);
  padded<T, tenon::pad_mode::wrap>(to);
}

}  // namespace

void layouts(report& to) {
  of_type<float>(to);
  of_type<i64>(to);
  of_type<bool>(to);
}

}  // namespace oracle
