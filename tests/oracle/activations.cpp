#include <tenon/ops/activation.hpp>
#include <tenon/ops/composite.hpp>

#include "cases.hpp"

namespace oracle {

#define UNARY(T, name) unary<T, 3>(to, #name, 25, [](const auto& x) { return tenon::name(x); })

namespace {

template <class T>
void of_reals(report& to) {
  UNARY(T, softplus);
  UNARY(T, log_sigmoid);
  UNARY(T, softsign);
  UNARY(T, gelu);
  UNARY(T, gelu_tanh);
  UNARY(T, silu);
  UNARY(T, mish);
  UNARY(T, elu);
  UNARY(T, selu);
  UNARY(T, celu);
  UNARY(T, leaky_relu);
  UNARY(T, relu6);
  UNARY(T, hardtanh);
  UNARY(T, hard_sigmoid);
  UNARY(T, hardswish);
}

template <class T, int Axis>
void along(report& to) {
  source& s = to.random;
  const auto make = [&](const char* op, auto f) {
    for (int i = to.repeats(30); i > 0; --i) {
      const auto x = draw_part<T, 3>(s, draw_sizes<3>(s), s.chance(50) ? values::tame : values::special);
      to.begin(op, listed("axis", {Axis}));
      record(to, x);
      to.of([&] { return f(x.seen); });
    }
  };
  make("softmax", [](const auto& x) { return tenon::softmax<Axis>(x); });
  make("log_softmax", [](const auto& x) { return tenon::log_softmax<Axis>(x); });
  make("logsumexp", [](const auto& x) { return tenon::logsumexp<Axis>(x); });
}

}  // namespace

void activations(report& to) {
  of_reals<float>(to);
  of_reals<double>(to);
  along<float, -1>(to);
  along<float, 0>(to);
  along<double, 1>(to);
  along<double, 2>(to);
}

}  // namespace oracle
