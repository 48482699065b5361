// Ops of a program's own: an elementwise one and one with a loop of its own, in a namespace that is not the library's.
// They fuse, they have derivatives of both modes and all orders, and compiled functions take them, like the library's.
#include <cmath>
#include <cstdio>

#include "tenon/tenon.hpp"

namespace mine {

/// The bell curve exp(-x^2).
struct bell_op : tenon::elementwise<1> {
  static constexpr auto name = "bell";
  static constexpr auto takes = tenon::domain::floating;
  static constexpr unsigned laws = tenon::law::even;  // bell(-x) = bell(x): graphs are simplified by it
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace tenon::math;
    return exp(-(x * x));
  }
  template <int K>
  static constexpr auto partial(auto y, auto x) {
    return tenon::constant<-2> * x * y;
  }
};
inline constexpr auto bell = tenon::function_of<bell_op>;

/// Each element averaged with its neighbours along the last axis: (a + 2 b + c) / 4, zeros beyond the ends.
/// The matrix of this is symmetric, so the op is its own transpose.
struct blur_op : tenon::line_op<blur_op> {
  static constexpr auto name = "blur";
  static constexpr bool linear = true;
  template <class T>
  static void line(tenon::input_line<T> x, tenon::output_line<T> y) {
    for (tenon::index i = 0; i < y.size; ++i) {
      const T left = i > 0 ? x[i - 1] : T(0), right = i + 1 < x.size ? x[i + 1] : T(0);
      y[i] = T((left + T(2) * x[i] + right) / T(4));
    }
  }
  static constexpr int pullback(tenon::graph_builder& b, int node, int, int cotangent) {
    return b.push(b.node[node].op, cotangent);
  }
};
inline constexpr auto blur = tenon::function_of<blur_op>;

}  // namespace mine

namespace {

int failures = 0;
void check(bool right, const char* what) {
  if (!right) {
    ++failures;
    std::printf("wrong: %s\n", what);
  }
}
bool near(double a, double b) { return std::fabs(a - b) <= 1e-12 * (1 + std::fabs(b)); }

}  // namespace

int main() {
  using namespace tenon;
  const tensor<double, 2, 3> x{{-1, 0, 0.5}, {2, -0.25, 3}};

  // one kernel: the op fuses with the library's
  const auto y = eval(mine::bell(x) * 2.0 + 1.0);
  for (tenon::index i = 0; i < 6; ++i)
    check(near(y.flat()[i], 2 * std::exp(-x.flat()[i] * x.flat()[i]) + 1), "bell(x) * 2 + 1");

  // a transposed operand is read where it lies
  const auto smooth = eval(mine::blur(transpose(x)));
  check(near(smooth(0, 0), (2 * x(0, 0) + x(1, 0)) / 4), "blur(transpose(x)), the first");
  check(near(smooth(2, 1), (x(0, 2) + 2 * x(1, 2)) / 4), "blur(transpose(x)), the last");

  // derivatives of both modes and of second order, against differences
  const auto f = [](const auto& v) { return sum(mine::blur(mine::bell(v)) * v); };
  check_grads(f, primals(x), {.order = 2});
  const auto [value, slope] = jvp(f, primals(x), tangents(ones<double, 2, 3>()));
  check(near(item(slope), item(sum(grad(f)(x)))), "forward mode against reverse mode");

  // compiled once, called with arrays
  auto step = compile(value_and_grad(f), spec<double, "n", 3>{});
  const auto& [loss, gradient] = step(tensor<double, "n", 3>(x));
  check(near(item(loss), item(f(x))), "a compiled function");
  check(near(gradient(1, 2), grad(f)(x)(1, 2)), "its gradient");

  // single precision and half precision too
  check(std::fabs(item(sum(mine::bell(astype<float>(x)))) - float(item(sum(mine::bell(x))))) < 1e-6f,
        "float");
  check(std::fabs(float(item(sum(mine::blur(astype<float16>(x))))) - float(item(sum(mine::blur(x))))) < 1e-2f,
        "float16");

  std::printf("loss %.6f\n", item(loss));
  return failures == 0 ? 0 : 1;
}
