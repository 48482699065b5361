// Adam: first and second moments, corrected for their start (Kingma & Ba, 2015).
#pragma once

#include <cmath>

#include "tenon/optim/sgd.hpp"

namespace tenon::optim {

namespace detail {
struct adam_rule {
  static constexpr int states = 2, coefficients = 7, learning_rate = 0;
  // A lambda, since nvcc 13 ends with an internal error at a function of so many `auto`.
  static constexpr auto update = [](auto w, auto g, auto m, auto v, auto rate, auto b1, auto rest1, auto b2,
                                    auto rest2, auto correction, auto epsilon) {
    const auto first = b1 * m + rest1 * g;
    const auto second = b2 * v + rest2 * square(g);
    return group(w - rate * first / (sqrt(second * correction) + epsilon), first, second);
  };
};
}  // namespace detail

/// w -= lr * m^ / (sqrt(v^) + epsilon); optim::adam{.lr = 0.001}. One object trains one model: it holds the
/// moments.
struct adam {
  double lr = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;

  /// Changes every parameter of a model. Throws usage_error, and changes nothing, where one has no gradient.
  template <class Model, class Unit = this_unit>
  void step(Model& model, const model_gradients& gradients) {
    next([&](auto& rule, const auto& numbers) { rule.step(model, gradients, numbers); });
  }

  /// Makes the next step by calling f(its updater, its numbers): for the library.
  template <class F>
  void next(F&& f) {
    detail::check_rate("adam", lr);
    const double n = double(steps + 1), start1 = 1 - std::pow(beta1, n), start2 = 1 - std::pow(beta2, n);
    f(moments, std::array{lr / start1, beta1, 1 - beta1, beta2, 1 - beta2, 1 / start2, epsilon});
    ++steps;
  }

  /// How arrays of T's are updated: for the library.
  template <class T>
  const tenon::detail::update_rule& rule() const {
    return tenon::detail::traced_rule<detail::adam_rule, T, this_unit>::value;
  }

  index steps = 0;
  tenon::detail::updater<detail::adam_rule, this_unit> moments{};
};

}  // namespace tenon::optim
