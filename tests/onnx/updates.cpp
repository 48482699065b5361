// The steps of training that ONNX has as operators.
#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

using element_type = float;
using vector = array<element_type, 1>;

/// Each tensor has an operand of each kind, tensors of a kind in a row: after the rate and the step, x1 x2 g1
/// g2 v1 v2.
struct tensors {
  const call& c;
  std::size_t kinds, each = (c.in.size() - 2) / kinds;
  vector get(std::size_t kind, std::size_t i) const { return flat<element_type>(c[2 + kind * each + i]); }
  extent_list extent(std::size_t i) const { return c[2 + i].extent; }
};

results adagrad(const call& c) {
  const tensors all_of_them{c, 3};
  const std::size_t n = all_of_them.each;
  const element_type step = element_type(real_in(c[1])),
                     rate =
                         element_type(real_in(c[0])) / (1 + step * element_type(c.real("decay_factor", 0)));
  const element_type decay = element_type(c.real("norm_coefficient", 0)),
                     epsilon = element_type(c.real("epsilon", 1e-6));
  results r(2 * n);
  for (std::size_t i = 0; i < n; ++i) {
    const vector x = all_of_them.get(0, i), g = all_of_them.get(1, i) + decay * x;
    const vector h = all_of_them.get(2, i) + square(g);
    r[i] = give(x - rate * g / (sqrt(h) + epsilon), all_of_them.extent(i));
    r[n + i] = give(h, all_of_them.extent(i));
  }
  return r;
}

results adam(const call& c) {
  const tensors all_of_them{c, 4};
  const std::size_t n = all_of_them.each;
  const element_type alpha = element_type(c.real("alpha", 0.9)), beta = element_type(c.real("beta", 0.999)),
                     epsilon = element_type(c.real("epsilon", 1e-6));
  const element_type decay = element_type(c.real("norm_coefficient", 0)),
                     decay_after = element_type(c.real("norm_coefficient_post", 0));
  const double step = real_in(c[1]);
  element_type rate = element_type(real_in(c[0]));
  if (step > 0)
    rate = rate *
           element_type(std::sqrt(1 - std::pow(double(beta), step)) / (1 - std::pow(double(alpha), step)));
  results r(3 * n);
  for (std::size_t i = 0; i < n; ++i) {
    const vector x = all_of_them.get(0, i), g = all_of_them.get(1, i) + decay * x;
    const vector v = alpha * all_of_them.get(2, i) + (1 - alpha) * g;
    const vector h = beta * all_of_them.get(3, i) + (1 - beta) * square(g);
    r[i] = give((1 - decay_after) * (x - rate * v / (sqrt(h) + epsilon)), all_of_them.extent(i));
    r[n + i] = give(v, all_of_them.extent(i));
    r[2 * n + i] = give(h, all_of_them.extent(i));
  }
  return r;
}

results momentum(const call& c) {
  const tensors all_of_them{c, 3};
  const std::size_t n = all_of_them.each;
  const element_type alpha = element_type(c.real("alpha", 0)),
                     decay = element_type(c.real("norm_coefficient", 0)), rate = element_type(real_in(c[0]));
  const element_type beta = real_in(c[1]) > 0 ? element_type(c.real("beta", 0)) : element_type(1);
  const bool nesterov = c.text("mode", "standard") == "nesterov";
  results r(2 * n);
  for (std::size_t i = 0; i < n; ++i) {
    const vector x = all_of_them.get(0, i), g = all_of_them.get(1, i) + decay * x;
    const vector v = alpha * all_of_them.get(2, i) + beta * g;
    r[i] = nesterov ? give(x - rate * (g + alpha * v), all_of_them.extent(i))
                    : give(x - rate * v, all_of_them.extent(i));
    r[n + i] = give(v, all_of_them.extent(i));
  }
  return r;
}

}  // namespace

void add_updates(operators& t) {
  t["Adagrad"] = adagrad;
  t["Adam"] = adam;
  t["Momentum"] = momentum;
}

}  // namespace onnx
