// Two units of one program, one by the host's compiler and one by nvcc, give each other tensors and executors.
//
// Both units emit the same templates. Each must run its own evaluator, whatever the link order and the optimisation:
// witness(x) is x + 1 where a kernel of the host's compiler computed it, x + 2 where one of nvcc's unit did.
#pragma once

#include <memory>

#include "tenon/array/create.hpp"
#include "tenon/symbol/executor.hpp"

namespace exchange {

inline constexpr int by_host_compiler = 1, by_nvcc = 2;
inline constexpr int here = tenon::this_unit::made_by == tenon::compiler::nvcc ? by_nvcc : by_host_compiler;

struct witness_op : tenon::elementwise<1> {
  static constexpr auto name = "witness";
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace tenon::math;
    return add(x, V(here));  // the unit's own number: forced inline, so never another unit's
  }
};
template <tenon::tensor_like X>
auto witness(X&& x) {
  return tenon::apply<witness_op>(static_cast<X&&>(x));
}

using matrix = tenon::tensor<float, "batch", 4>;
using weights = tenon::tensor<float, 4, 4>;

/// An executor of sum(square(witness(x w))), bound by one unit and used by both.
struct session {
  virtual ~session() = default;
  virtual float forward(const matrix& x) = 0;
  virtual weights gradient() = 0;
};

template <class Executor>
struct bound_session : session {
  explicit bound_session(Executor e) : executor(std::move(e)) {}
  float forward(const matrix& x) override {
    executor.forward(tenon::mode::train, tenon::arg<"x"> = x);
    return executor.output().item();
  }
  weights gradient() override {
    executor.backward();
    return executor.template grad<"w">();
  }
  Executor executor;
};

/// What each unit offers the other.
struct unit {
  matrix (*evaluate)(const matrix& x);                           // witness(x * 2)
  void (*update)(matrix& x);                                     // x += witness(x), in place
  std::unique_ptr<session> (*bind)(const weights& w);            // its own executor
  float (*drive)(session&, const matrix& x, weights& gradient);  // whoever's executor
};

namespace {

matrix evaluate(const matrix& x) { return witness(x * 2.f); }
void update(matrix& x) { x += witness(x); }
std::unique_ptr<session> bind_session(const weights& w) {
  using namespace tenon;
  auto bound =
      bind(sum(square(witness(matmul(variable<"x", float, "batch", 4>{}, variable<"w", float, 4, 4>{})))),
           cpu(0), arg<"w"> = w, wrt<"w">);
  return std::make_unique<bound_session<decltype(bound)>>(std::move(bound));
}
float drive(session& s, const matrix& x, weights& gradient) {
  const float loss = s.forward(x);
  gradient = s.gradient();
  return loss;
}

}  // namespace

unit nvcc_unit();

}  // namespace exchange
