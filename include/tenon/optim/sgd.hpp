// Stochastic gradient descent, with momentum.
#pragma once

#include "tenon/optim/update.hpp"

namespace tenon::optim {

namespace detail {
struct sgd_rule {
  static constexpr int states = 0, coefficients = 2, learning_rate = 0, weight_decay = 1;
  static auto update(auto w, auto g, auto rate, auto decay) { return group(w - rate * (g + decay * w)); }
};
struct momentum_rule {
  static constexpr int states = 1, coefficients = 3, learning_rate = 0, weight_decay = 2;
  static auto update(auto w, auto g, auto v, auto rate, auto momentum, auto decay) {
    const auto velocity = momentum * v + (g + decay * w);
    return group(w - rate * velocity, velocity);
  }
};
inline void check_rate(const char* who, double lr) {
  if (!(lr >= 0))
    throw usage_error(std::string(who) + ": expected a learning rate >= 0, got " + std::to_string(lr));
}
}  // namespace detail

/// w -= lr * v with v = momentum * v + g + weight_decay * w; optim::sgd{.lr = 0.1, .momentum = 0.9}. One
/// object trains one model: it holds the velocities.
struct sgd {
  double lr = 0.01, momentum = 0, weight_decay = 0;

  /// Changes every parameter of a model. Throws usage_error, and changes nothing, where one has no gradient.
  template <class Model, class Unit = this_unit>
  void step(Model& model, const model_gradients& gradients) {
    next([&](auto& rule, const auto& numbers) { rule.step(model, gradients, numbers); });
  }

  /// Makes the next step by calling f(its updater, its numbers): for the library.
  template <class F>
  void next(F&& f) {
    detail::check_rate("sgd", lr);
    if (momentum == 0)
      f(plain, std::array{lr, weight_decay});
    else
      f(heavy, std::array{lr, momentum, weight_decay});
  }

  /// How arrays of T's are updated now: for the library.
  template <class T>
  const tenon::detail::update_rule& rule() const {
    using namespace tenon::detail;
    return momentum == 0 ? traced_rule<detail::sgd_rule, T, this_unit>::value
                         : traced_rule<detail::momentum_rule, T, this_unit>::value;
  }

  tenon::detail::updater<detail::sgd_rule, this_unit> plain{};
  tenon::detail::updater<detail::momentum_rule, this_unit> heavy{};
};

}  // namespace tenon::optim
