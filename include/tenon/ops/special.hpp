// The gamma function and its relatives, elementwise.
#pragma once

#include "tenon/core/special.hpp"
#include "tenon/ops/elementwise.hpp"

namespace tenon {

/// Derivative number a, rounded to a whole number of at most 1000, of digamma at b > 0; NaN for b < 0. Its
/// derivative by a is 0.
struct polygamma_op : elementwise<2> {
  static constexpr auto name = "polygamma";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return polygamma(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return 0_c;
    else
      return apply<polygamma_op>(a + 1_c, b);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto polygamma(A&& a, B&& b) {
  return apply<polygamma_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
/// The derivative of lgamma; NaN at -1, -2, ...; -inf at 0. Its own derivative, polygamma(1, x), is for x >
/// 0.
struct digamma_op : elementwise<1> {
  static constexpr auto name = "digamma";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return digamma(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return apply<polygamma_op>(1_c, x);
  }
};
template <tensor_like A>
constexpr auto digamma(A&& a) {
  return apply<digamma_op>(static_cast<A&&>(a));
}
/// log |gamma(x)|; +inf at 0, -1, -2, ...
struct lgamma_op : elementwise<1> {
  static constexpr auto name = "lgamma";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return lgamma(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return digamma(x);
  }
};
template <tensor_like A>
constexpr auto lgamma(A&& a) {
  return apply<lgamma_op>(static_cast<A&&>(a));
}
/// The gamma function, (n - 1)! at whole numbers n.
struct gamma_op : elementwise<1> {
  static constexpr auto name = "gamma";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return gamma(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return y * digamma(x);
  }
};
template <tensor_like A>
constexpr auto gamma(A&& a) {
  return apply<gamma_op>(static_cast<A&&>(a));
}

}  // namespace tenon
