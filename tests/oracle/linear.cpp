#include <tenon/linear_algebra.hpp>

#include "cases.hpp"

namespace oracle {

namespace {

namespace linalg = tenon::linalg;

template <class T>
part<T, 3> stack(source& s, index m, index n) {
  return draw_part<T, 3>(s, {s.chance(5) ? 0 : s.between(1, 3), m, n}, values::tame);
}

template <class T>
void of_stack(report& to, const char* op, bool square, auto f) {
  source& s = to.random;
  for (int i = to.repeats(25); i > 0; --i) {
    const index m = s.between(0, 20);
    const auto x = stack<T>(s, m, square ? m : s.between(0, 20));
    to.begin(op);
    record(to, x);
    to.of([&] { return f(x.seen); });
  }
}

template <class T>
void of_type(report& to) {
  of_stack<T>(to, "inv", true, [](const auto& x) { return linalg::inv(x); });
  of_stack<T>(to, "det", true, [](const auto& x) { return linalg::det(x); });
  of_stack<T>(to, "logabsdet", true, [](const auto& x) { return linalg::slogdet(x).logabsdet; });
  of_stack<T>(to, "qr_q", false, [](const auto& x) { return linalg::qr(x).q; });
  of_stack<T>(to, "qr_r", false, [](const auto& x) { return linalg::qr(x).r; });
  of_stack<T>(to, "svdvals", false, [](const auto& x) { return linalg::svdvals(x); });
  of_stack<T>(to, "pinv", false, [](const auto& x) { return linalg::pinv(x); });
  of_stack<T>(to, "eigvalsh", true, [](const auto& x) { return linalg::eigvalsh(x); });
  source& s = to.random;
  for (int i = to.repeats(50); i > 0; --i) {
    const index n = s.between(0, 20);
    const auto a = stack<T>(s, n, n);
    const auto b = draw_part<T, 3>(s, {s.chance(50) ? 1 : a.extent[0], n, s.between(0, 5)}, values::tame);
    to.begin("solve");
    record(to, a);
    record(to, b);
    to.of([&] { return linalg::solve(a.seen, b.seen); });
  }
}

}  // namespace

void linear(report& to) {
  of_type<float>(to);
  of_type<double>(to);
}

}  // namespace oracle
