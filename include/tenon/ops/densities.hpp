// Logarithms of densities and probabilities, elementwise; the densities themselves are exp of them. Parameters are
// numbers or arrays that broadcast, named as those of the random numbers of array/distributions.hpp. Where there are
// no such numbers -inf; where there is no such distribution, as for a scale below 0, what the formula gives.
#pragma once

#include <limits>

#include "tenon/graph/call.hpp"
#include "tenon/ops/core_ops.hpp"
#include "tenon/ops/exponential.hpp"
#include "tenon/ops/special.hpp"

namespace tenon::log_density {

namespace detail {

using namespace tenon::detail;

/// A parameter beside x: an array, or a number of x's dtype.
template <class X, class P>
constexpr decltype(auto) parameter(P&& p) {
  if constexpr (source_of<P>::value == operand_source::number)
    return scalar_leaf<typename operand_types<X>::type>(p);
  else
    return static_cast<P&&>(p);
}
/// The logarithm of 0 where there are no such numbers, else v: NaN stays.
template <class C, class V>
constexpr auto unless(const C& impossible, const V& v) {
  return where(impossible, constant_of_bits<bits_of(-std::numeric_limits<double>::infinity())>, v);
}
template <class V, class K, class P>
constexpr auto failures(const V& v, const K& k, const P& p) {
  return unless(v < 0_c, lgamma(v + k) - lgamma(v + 1_c) - lgamma(k) + k * log(p) + xlogy(v, 1_c - p));
}

}  // namespace detail

/// Of normal numbers.
template <tensor_like X, class M, class S>
requires operands<X, M, S>
constexpr auto normal(X&& x, M&& mean, S&& deviation) {
  return call(
      [](auto v, auto m, auto s) {
        constexpr double half_log_two_pi = 0.918938533204672741780329736406;
        return -0.5_c * square((v - m) / s) - log(s) -
               tenon::detail::constant_of_bits<tenon::detail::bits_of(half_log_two_pi)>;
      },
      static_cast<X&&>(x), detail::parameter<X>(static_cast<M&&>(mean)),
      detail::parameter<X>(static_cast<S&&>(deviation)));
}
/// Of numbers from low to high.
template <tensor_like X, class L, class H>
requires operands<X, L, H>
constexpr auto uniform(X&& x, L&& low, H&& high) {
  return call(
      [](auto v, auto l, auto h) { return detail::unless(v < l || v > h, where(v == v, -log(h - l), v)); },
      static_cast<X&&>(x), detail::parameter<X>(static_cast<L&&>(low)),
      detail::parameter<X>(static_cast<H&&>(high)));
}
/// Of numbers of density exp(-x / scale) / scale.
template <tensor_like X, class S>
requires operands<X, S>
constexpr auto exponential(X&& x, S&& scale) {
  return call([](auto v, auto s) { return detail::unless(v < 0_c, -v / s - log(s)); }, static_cast<X&&>(x),
              detail::parameter<X>(static_cast<S&&>(scale)));
}
/// Of numbers of density x^(shape - 1) exp(-x / scale), up to its constant.
template <tensor_like X, class A, class S>
requires operands<X, A, S>
constexpr auto gamma(X&& x, A&& shape, S&& scale) {
  return call(
      [](auto v, auto a, auto s) {
        return detail::unless(v < 0_c, xlogy(a - 1_c, v) - v / s - a * log(s) - lgamma(a));
      },
      static_cast<X&&>(x), detail::parameter<X>(static_cast<A&&>(shape)),
      detail::parameter<X>(static_cast<S&&>(scale)));
}
/// Of counts, as floating-point numbers, of events of which `mean` are expected.
template <tensor_like X, class M>
requires operands<X, M>
constexpr auto poisson(X&& x, M&& mean) {
  return call([](auto v, auto m) { return detail::unless(v < 0_c, xlogy(v, m) - m - lgamma(v + 1_c)); },
              static_cast<X&&>(x), detail::parameter<X>(static_cast<M&&>(mean)));
}
/// Of counts of failures before the k-th success, each trial a success with probability p.
template <tensor_like X, class K, class P>
requires operands<X, K, P>
constexpr auto negative_binomial(X&& x, K&& k, P&& p) {
  return call([](auto v, auto n, auto q) { return detail::failures(v, n, q); }, static_cast<X&&>(x),
              detail::parameter<X>(static_cast<K&&>(k)), detail::parameter<X>(static_cast<P&&>(p)));
}
/// The same by mean and dispersion alpha > 0: the variance is mean + alpha mean^2.
template <tensor_like X, class M, class A>
requires operands<X, M, A>
constexpr auto generalized_negative_binomial(X&& x, M&& mean, A&& alpha) {
  return call([](auto v, auto m, auto a) { return detail::failures(v, 1_c / a, 1_c / (1_c + m * a)); },
              static_cast<X&&>(x), detail::parameter<X>(static_cast<M&&>(mean)),
              detail::parameter<X>(static_cast<A&&>(alpha)));
}
/// Of probabilities along the last axis, of density prod(x^(alpha - 1)) up to its constant: [..., n], alpha
/// [..., n]
/// -> [...].
template <tensor_like X, tensor_like A>
constexpr auto dirichlet(X&& x, A&& alpha) {
  return call(
      [](auto v, auto a) {
        return sum(xlogy(a - 1_c, v), axis<-1>) + lgamma(sum(a, axis<-1>)) - sum(lgamma(a), axis<-1>);
      },
      static_cast<X&&>(x), static_cast<A&&>(alpha));
}

}  // namespace tenon::log_density
