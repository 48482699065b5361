// Smooth functions of floating-point numbers that most models need: exp, log, tanh, sigmoid, sqrt, square.
#pragma once

#include "tenon/ops/operators.hpp"

namespace tenon {

struct exp_op : elementwise<1> {
  static constexpr auto name = "exp";
  using inverse = struct log_op;
  static constexpr domain takes = domain::analytic;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return exp(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return y;
  }
};
template <tensor_like A>
constexpr auto exp(A&& a) {
  return apply<exp_op>(static_cast<A&&>(a));
}
/// The natural logarithm; log(0) = -inf, NaN below.
struct log_op : elementwise<1> {
  static constexpr auto name = "log";
  using inverse = struct exp_op;
  static constexpr unsigned laws = law::logarithm;
  static constexpr domain takes = domain::analytic;
  static constexpr bool singular = true;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return log(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return 1_c / x;
  }
};
template <tensor_like A>
constexpr auto log(A&& a) {
  return apply<log_op>(static_cast<A&&>(a));
}
struct tanh_op : elementwise<1> {
  static constexpr auto name = "tanh";
  using inverse = struct atanh_op;
  static constexpr domain takes = domain::analytic;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return tanh(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return 1_c - y * y;
  }
};
template <tensor_like A>
constexpr auto tanh(A&& a) {
  return apply<tanh_op>(static_cast<A&&>(a));
}
/// 1 / (1 + exp(-x)), without overflow.
struct sigmoid_op : elementwise<1> {
  static constexpr auto name = "sigmoid";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return sigmoid(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return y * (1_c - y);
  }
};
template <tensor_like A>
constexpr auto sigmoid(A&& a) {
  return apply<sigmoid_op>(static_cast<A&&>(a));
}
/// The square root; sqrt'(0) = +inf, NaN below 0.
struct sqrt_op : elementwise<1> {
  static constexpr auto name = "sqrt";
  static constexpr domain takes = domain::analytic;
  static constexpr bool singular = true;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return sqrt(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return 0.5_c / y;
  }
};
template <tensor_like A>
constexpr auto sqrt(A&& a) {
  return apply<sqrt_op>(static_cast<A&&>(a));
}
struct square_op : elementwise<1> {
  static constexpr auto name = "square";
  using inverse = struct sqrt_op;
  static constexpr unsigned laws = law::even;
  static constexpr domain takes = domain::arithmetic;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return multiply(x, x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return 2_c * x;
  }
};
template <tensor_like A>
constexpr auto square(A&& a) {
  return apply<square_op>(static_cast<A&&>(a));
}

}  // namespace tenon
