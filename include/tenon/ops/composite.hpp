// Functions made of ops: softmax and its relatives, picking by label, the smoothed magnitude. Each is traced once as a call, and the
// planner turns it into one row kernel.
#pragma once

#include "tenon/graph/call.hpp"
#include "tenon/ops/core_ops.hpp"

namespace tenon {
namespace detail {

/// The maximum where it is finite, else 0: what exponents are shifted by. No derivative passes.
template <int... A, class X>
constexpr auto exponent_shift(const X& x) {
  const auto top = stop_gradient(max(x, axes<A...>, keepdims));
  return where(top - top == 0_c, top, 0_c);
}
/// log(sum(exp(x))) over axes, which stay with extent 1.
template <int... A, class X>
constexpr auto kept_logsumexp(const X& x) {
  const auto shift = exponent_shift<A...>(x);
  return log(sum(exp(x - shift), axes<A...>, keepdims)) + shift;
}

template <class X, class Labels>
constexpr auto pick_last(const X& x, const Labels& labels) {
  constexpr index type = index(dtype_of<typename Labels::value_type>);
  static_assert(is_integer(static_cast<dtype>(type)), "tenon: pick takes integer labels");
  const auto chosen = apply<with<position_op, type>>(x) == expand_dims<-1>(labels);
  return sum(where(chosen, x, 0_c), axis<-1>);
}

}  // namespace detail

/// log(sum(exp(x))) along one axis (the last by default), safe where x is large or infinite.
template <int A = -1, tensor_like X>
constexpr auto logsumexp(X&& x) {
  return call([](auto v) { return squeeze<A>(detail::kept_logsumexp<A>(v)); }, static_cast<X&&>(x));
}
/// The same over several axes, or, for `axes<>`, over all: logsumexp(x, axes<0, 2>), logsumexp(x, axis<0>,
/// keepdims).
template <tensor_like X, int... A>
constexpr auto logsumexp(X&& x, axes_t<A...>) {
  return call(
      [](auto v) {
        if constexpr (sizeof...(A) > 0)
          return squeeze<A...>(detail::kept_logsumexp<A...>(v));
        else
          return [&]<int... I>(std::integer_sequence<int, I...>) {
            return squeeze<I...>(detail::kept_logsumexp(v));
          }
        (std::make_integer_sequence<int, detail::rank_of<typename decltype(v)::shape_type>>{});
      },
      static_cast<X&&>(x));
}
template <tensor_like X, int... A>
constexpr auto logsumexp(X&& x, axes_t<A...>, keepdims_t) {
  return call([](auto v) { return detail::kept_logsumexp<A...>(v); }, static_cast<X&&>(x));
}

/// exp(x) / sum(exp(x)) along one axis, the last by default.
template <int A = -1, tensor_like X>
constexpr auto softmax(X&& x) {
  return call(
      [](auto v) {
        const auto e = exp(v - detail::exponent_shift<A>(v));
        return e / sum(e, axis<A>, keepdims);
      },
      static_cast<X&&>(x));
}

/// log(softmax(x)) along one axis, the last by default, without underflow.
template <int A = -1, tensor_like X>
constexpr auto log_softmax(X&& x) {
  return call(
      [](auto v) {
        const auto shifted = v - detail::exponent_shift<A>(v);
        return shifted - log(sum(exp(shifted), axis<A>, keepdims));
      },
      static_cast<X&&>(x));
}

/// sigma^2 x^2 / 2 where |x| < 1 / sigma^2, else |x| - 1 / (2 sigma^2): with sigma = 1, Huber's loss of x
/// (Girshick, 2015).
template <tensor_like X, plain_number N = int>
constexpr auto smooth_l1(X&& x, N sigma = N(1)) {
  return call(
      [](auto v, auto s) {
        const auto a = abs(v);
        const auto q = square(s);
        return where(a * q < 1_c, 0.5_c * q * square(v), a - 0.5_c / q);
      },
      static_cast<X&&>(x), detail::scalar_leaf<typename detail::operand_types<X>::type>(sigma));
}

/// For each row the element that its label names: [..., n], integers [...] -> [...]; 0 where a label is
/// outside 0..n-1.
template <tensor_like X, tensor_like Labels>
constexpr auto pick(X&& x, Labels&& labels) {
  return call([](auto v, auto l) { return detail::pick_last(v, l); }, static_cast<X&&>(x),
              static_cast<Labels&&>(labels));
}

}  // namespace tenon
