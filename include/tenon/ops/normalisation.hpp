// Arrays brought to mean 0 and variance 1, or to length 1, along axes: layer_norm, instance_norm, group_norm,
// l2_normalize. The variance is that of centred numbers; 16-bit numbers are worked out in 32 bits. A number eps
// under the root keeps constant rows finite.
#pragma once

#include "tenon/ops/axes.hpp"
#include "tenon/ops/statistics.hpp"

namespace tenon {

namespace detail {

/// f(x, eps) as one node, eps a number of x's dtype.
template <class F, class X>
constexpr auto with_epsilon(F f, X&& x, double eps) {
  return in_32_bits(
      [f, eps](auto&& v) {
        return call(f, static_cast<decltype(v)>(v),
                    scalar_leaf<typename operand_types<decltype(v)>::type>(eps));
      },
      static_cast<X&&>(x));
}

template <int... A, class V, class E>
constexpr auto standardised(axes_t<A...> which, const V& v, const E& eps) {
  const auto centred = v - mean(v, which, keepdims);
  return centred / sqrt(mean(square(centred), which, keepdims) + eps);
}

/// x times gamma plus beta, of one number each for each place along axis A.
template <int A, class X, class G, class B>
constexpr auto scaled_along(X&& x, G&& gamma, B&& beta) {
  static_assert(rank_of_operand<G> == 1 && rank_of_operand<B> == 1,
                "tenon: gamma and beta have one axis, a number for each place along the one that is scaled");
  constexpr int axis = chosen_axis<A, X>();
  return call(
      [](auto v, auto g, auto b) {
        constexpr int rank = rank_of<typename decltype(v)::shape_type>;
        return v * broadcast_like(standing_along<axis, rank>(g), v) +
               broadcast_like(standing_along<axis, rank>(b), v);
      },
      static_cast<X&&>(x), static_cast<G&&>(gamma), static_cast<B&&>(beta));
}

/// Axis `First` and all behind it, of `Rank`.
template <int First, int... I>
constexpr axes_t<(First + I)...> axes_from(std::integer_sequence<int, I...>) {
  return {};
}

}  // namespace detail

/// (x - mean) / sqrt(variance + eps) along an axis, the last by default, times gamma plus beta: x [..., n],
/// gamma and beta [n] -> [..., n] (Ba, Kiros, Hinton, 2016).
template <int Axis = -1, tensor_like X, tensor_like G, tensor_like B>
constexpr auto layer_norm(X&& x, G&& gamma, B&& beta, double eps = 1e-5) {
  constexpr int axis = detail::chosen_axis<Axis, X>();
  return detail::scaled_along<axis>(
      detail::with_epsilon([](auto v, auto e) { return detail::standardised(axes_t<axis>{}, v, e); },
                           static_cast<X&&>(x), eps),
      static_cast<G&&>(gamma), static_cast<B&&>(beta));
}

/// The same over all axes behind the channels, for each channel of each example: x [batch, channels, ...],
/// gamma and beta [channels] -> x's shape (Ulyanov, Vedaldi, Lempitsky, 2016).
template <tensor_like X, tensor_like G, tensor_like B>
constexpr auto instance_norm(X&& x, G&& gamma, B&& beta, double eps = 1e-5) {
  constexpr int rank = detail::rank_of_operand<X>;
  static_assert(rank >= 3, "tenon: instance_norm takes [batch, channels, ...], with one axis more at least");
  return detail::scaled_along<1>(detail::with_epsilon(
                                     [](auto v, auto e) {
                                       return detail::standardised(
                                           detail::axes_from<2>(std::make_integer_sequence<int, rank - 2>{}),
                                           v, e);
                                     },
                                     static_cast<X&&>(x), eps),
                                 static_cast<G&&>(gamma), static_cast<B&&>(beta));
}

/// The same over each of `Groups` groups of neighbouring channels and all axes behind them: x [batch,
/// channels,
/// ...], gamma and beta [channels] -> x's shape (Wu, He, 2018). Groups divides the channels.
template <int Groups, tensor_like X, tensor_like G, tensor_like B>
constexpr auto group_norm(X&& x, G&& gamma, B&& beta, double eps = 1e-5) {
  constexpr int rank = detail::rank_of_operand<X>;
  static_assert(Groups > 0, "tenon: group_norm takes one group or more");
  static_assert(rank >= 2 && rank < max_rank,
                "tenon: group_norm takes [batch, channels, ...], of 7 axes at most");
  return detail::scaled_along<1>(
      detail::with_epsilon(
          [](auto v, auto e) {
            const auto groups = detail::split_axis<1, Groups, true>(v);
            return reshape_like(
                detail::standardised(detail::axes_from<2>(std::make_integer_sequence<int, rank - 1>{}),
                                     groups, e),
                v);
          },
          static_cast<X&&>(x), eps),
      static_cast<G&&>(gamma), static_cast<B&&>(beta));
}

/// x / sqrt(sum of squares + eps) over the axes given, or over all: l2_normalize(x, axis<-1>).
template <tensor_like X, int... A>
constexpr auto l2_normalize(X&& x, axes_t<A...>, double eps = 1e-10) {
  return detail::with_epsilon(
      [](auto v, auto e) { return v / sqrt(sum(square(v), axes_t<A...>{}, keepdims) + e); },
      static_cast<X&&>(x), eps);
}
template <tensor_like X>
constexpr auto l2_normalize(X&& x, double eps = 1e-10) {
  return l2_normalize(static_cast<X&&>(x), axes_t<>{}, eps);
}

}  // namespace tenon
