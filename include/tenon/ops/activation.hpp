// Activation functions made of ops, each one node of the graph. The kernels that they become are fused with
// what is around them.
#pragma once

#include "tenon/graph/call.hpp"
#include "tenon/ops/core_ops.hpp"
#include "tenon/ops/exponential.hpp"
#include "tenon/ops/rounding.hpp"

namespace tenon {

/// log(1 + exp(x)), without overflow.
template <tensor_like X>
constexpr auto softplus(X&& x) {
  return call([](auto v) { return log1p(exp(-abs(v))) + relu(v); }, static_cast<X&&>(x));
}
/// log(1 / (1 + exp(-x))), without underflow.
template <tensor_like X>
constexpr auto log_sigmoid(X&& x) {
  return call([](auto v) { return -(log1p(exp(-abs(v))) + relu(-v)); }, static_cast<X&&>(x));
}
/// x / (1 + |x|).
template <tensor_like X>
constexpr auto softsign(X&& x) {
  return call([](auto v) { return v / (1_c + abs(v)); }, static_cast<X&&>(x));
}

/// x Phi(x), with the normal distribution function Phi (Hendrycks & Gimpel, 2016).
template <tensor_like X>
constexpr auto gelu(X&& x) {
  return call(
      [](auto v) {
        return 0.5_c * v * erfc(v * detail::constant_of_bits<detail::bits_of(-1 / std::numbers::sqrt2)>);
      },
      static_cast<X&&>(x));
}
/// gelu by the approximation 0.5 x (1 + tanh(u)) = x sigmoid(2 u) with u = sqrt(2/pi) (x + 0.044715 x^3).
template <tensor_like X>
constexpr auto gelu_tanh(X&& x) {
  return call(
      [](auto v) {
        constexpr double twice = 2 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
        return v *
               sigmoid(detail::constant_of_bits<detail::bits_of(twice)> * (v + 0.044715_c * v * square(v)));
      },
      static_cast<X&&>(x));
}
/// x sigmoid(x), also called swish (Ramachandran et al., 2017).
template <tensor_like X>
constexpr auto silu(X&& x) {
  return call([](auto v) { return v * sigmoid(v); }, static_cast<X&&>(x));
}
/// x tanh(softplus(x)) (Misra, 2019).
template <tensor_like X>
constexpr auto mish(X&& x) {
  return call([](auto v) { return v * tanh(log1p(exp(-abs(v))) + relu(v)); }, static_cast<X&&>(x));
}

/// x where it is positive, else alpha (exp(x) - 1) (Clevert et al., 2015).
template <tensor_like X, plain_number N = double>
constexpr auto elu(X&& x, N alpha = N(1)) {
  auto&& v = detail::as_expression<0>(static_cast<X&&>(x));
  return where(v > 0_c, v, alpha * expm1(minimum(v, 0_c)));
}
/// elu with the scale and alpha that keep mean 0 and variance 1 (Klambauer et al., 2017).
template <tensor_like X>
constexpr auto selu(X&& x) {
  return call(
      [](auto v) {
        return 1.0507009873554804934193349852946_c *
               where(v > 0_c, v, 1.6732632423543772848170429916717_c * expm1(minimum(v, 0_c)));
      },
      static_cast<X&&>(x));
}
/// x where it is positive, else alpha (exp(x / alpha) - 1) (Barron, 2017).
template <tensor_like X, plain_number N = double>
constexpr auto celu(X&& x, N alpha = N(1)) {
  auto&& v = detail::as_expression<0>(static_cast<X&&>(x));
  return where(v > 0_c, v, alpha * expm1(minimum(v, 0_c) / alpha));
}
/// x where it is positive, else slope x.
template <tensor_like X, plain_number N = double>
constexpr auto leaky_relu(X&& x, N slope = N(0.01)) {
  auto&& v = detail::as_expression<0>(static_cast<X&&>(x));
  return where(v > 0_c, v, slope * v);
}

/// x between 0 and 6; at the limits the derivative is 0.
template <tensor_like X>
constexpr auto relu6(X&& x) {
  return call([](auto v) { return where(v >= 6_c, 6_c, relu(v)); }, static_cast<X&&>(x));
}
/// x between -1 and 1.
template <tensor_like X>
constexpr auto hardtanh(X&& x) {
  return call([](auto v) { return clip(v, constant<-1>, 1_c); }, static_cast<X&&>(x));
}
/// x / 6 + 1/2 between 0 and 1.
template <tensor_like X>
constexpr auto hard_sigmoid(X&& x) {
  return call([](auto v) { return clip(v / 6_c + 0.5_c, 0_c, 1_c); }, static_cast<X&&>(x));
}
/// x hard_sigmoid(x) (Howard et al., 2019).
template <tensor_like X>
constexpr auto hardswish(X&& x) {
  return call([](auto v) { return v * clip(v / 6_c + 0.5_c, 0_c, 1_c); }, static_cast<X&&>(x));
}

}  // namespace tenon
