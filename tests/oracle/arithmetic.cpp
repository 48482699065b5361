#include <tenon/ops/rounding.hpp>

#include "cases.hpp"

namespace oracle {

#define UNARY(T, name) unary<T, 3>(to, #name, 25, [](const auto& x) { return tenon::name(x); })
#define BINARY(T, name) \
  binary<T, T, 3, 3>(to, #name, 25, [](const auto& a, const auto& b) { return tenon::name(a, b); })
#define INFIX(A, B, name, sign) \
  binary<A, B, 3, 3>(to, name, 40, [](const auto& a, const auto& b) { return a sign b; })

namespace {

template <class T>
void of_numbers(report& to) {
  INFIX(T, T, "add", +);
  INFIX(T, T, "subtract", -);
  INFIX(T, T, "multiply", *);
  INFIX(T, T, "divide", /);
  BINARY(T, maximum);
  BINARY(T, minimum);
  UNARY(T, abs);
  UNARY(T, square);
  UNARY(T, relu);
  UNARY(T, sign);
  unary<T, 3>(to, "negate", 25, [](const auto& x) { return -x; });
  unary<T, 3>(to, "ten_minus", 25, [](const auto& x) { return T(10) - x; });
  UNARY(T, stop_gradient);
  unary<T, 3>(to, "twice_plus_three", 25, [](const auto& x) { return x * T(2) + T(3); });
}

template <class T>
void of_three(report& to, const char* op, int n, auto f) {
  source& s = to.random;
  for (int i = to.repeats(n); i > 0; --i) {
    const auto e = draw_sizes<3>(s);
    const auto a = draw_part<T, 3>(s, thinned<3>(s, e), draw_values<T>(s));
    const auto b = draw_part<T, 3>(s, thinned<3>(s, e), draw_values<T>(s));
    const auto c = draw_part<T, 3>(s, thinned<3>(s, e), draw_values<T>(s));
    to.begin(op);
    record(to, a);
    record(to, b);
    record(to, c);
    to.of([&] { return f(a.seen, b.seen, c.seen); });
  }
}

/// where, of conditions and values of their own shapes and ranks.
template <class T, int RC, int RA, int RB>
void of_where(report& to, int n) {
  constexpr int R = std::max({RC, RA, RB});
  source& s = to.random;
  for (int i = to.repeats(n); i > 0; --i) {
    const auto e = draw_sizes<R>(s);
    sizes<RC> ec{};
    sizes<RA> ea{};
    sizes<RB> eb{};
    std::copy(e.end() - RC, e.end(), ec.begin());
    std::copy(e.end() - RA, e.end(), ea.begin());
    std::copy(e.end() - RB, e.end(), eb.begin());
    const auto c = draw_part<bool, RC>(s, thinned<RC>(s, ec), values::tame);
    const auto a = draw_part<T, RA>(s, thinned<RA>(s, ea), draw_values<T>(s));
    const auto b = draw_part<T, RB>(s, thinned<RB>(s, eb), draw_values<T>(s));
    to.begin("where");
    record(to, c);
    record(to, a);
    record(to, b);
    to.of([&] { return tenon::where(c.seen, a.seen, b.seen); });
  }
}

}  // namespace

void arithmetic(report& to) {
  of_numbers<float>(to);
  of_numbers<double>(to);
  of_numbers<i32>(to);
  of_numbers<i64>(to);
  INFIX(float, double, "add", +);
  INFIX(double, float, "divide", /);
  INFIX(i32, i64, "add", +);
  INFIX(i64, i32, "multiply", *);
  binary<float, double, 3, 3>(to, "maximum", 25,
                              [](const auto& a, const auto& b) { return tenon::maximum(a, b); });
  of_all_ranks<float>(to, "add", 12, [](const auto& a, const auto& b) { return a + b; });
  of_all_ranks<i64>(to, "subtract", 12, [](const auto& a, const auto& b) { return a - b; });
  const auto clip = [](const auto& a, const auto& b, const auto& c) { return tenon::clip(a, b, c); };
  of_three<float>(to, "clip", 60, clip);
  of_three<double>(to, "clip", 60, clip);
  of_three<i32>(to, "clip", 60, clip);
  of_three<i64>(to, "clip", 60, clip);
  of_where<float, 3, 3, 3>(to, 60);
  of_where<double, 3, 3, 3>(to, 60);
  of_where<i32, 3, 3, 3>(to, 60);
  of_where<i64, 3, 3, 3>(to, 60);
  of_where<bool, 3, 3, 3>(to, 60);
  of_where<float, 0, 2, 4>(to, 30);
  of_where<float, 4, 0, 1>(to, 30);
  of_where<i64, 1, 3, 2>(to, 30);
}

}  // namespace oracle
