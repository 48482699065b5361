// Batches of sequences of different lengths, in arrays [time, batch, ...] as long as the longest: what lies
// beyond each length masked, the last element of each, each in the opposite order. Time may be axis 1, with the
// batch before it: sequence_last<1>(x, lengths).
#pragma once

#include "tenon/ops/joining.hpp"
#include "tenon/ops/one_hot.hpp"
#include "tenon/ops/scattering.hpp"
#include "tenon/ops/statistics.hpp"

namespace tenon {

namespace detail {

template <int Time, class X, class L>
inline constexpr bool batched_sequences() {
  static_assert(Time == 0 || Time == 1,
                "tenon: sequences stand along axis 0 or 1, the batch along the other");
  static_assert(rank_of_operand<X> >= 2, "tenon: sequences stand in arrays [time, batch, ...]");
  static_assert(rank_of_operand<L> == 1 && is_integer(dtype_of_operand<L>.type),
                "tenon: lengths of sequences are integers, one for each: [batch]");
  return true;
}

/// 0, 1, 2 ... along axis A, 0 or 1, of v's extent there: of v's rank, the other extents 1.
template <int A, class T, int Rank, class V, int... Others>
constexpr auto counted_along(const V& v, std::integer_sequence<int, Others...>) {
  const auto line = reduce<any_op, false>(axes_t<1 - A, (Others + 2)...>{}, v == v);  // only its extent
  return standing_along<A, Rank>(apply<with<position_op, index(dtype_of<T>)>>(line));
}
template <int A, class T, int Rank, class V>
constexpr auto counted_along(const V& v) {
  constexpr int rank = rank_of<typename V::shape_type>;
  return counted_along<A, T, Rank>(v, std::make_integer_sequence<int, rank - 2>{});
}

/// For each sequence the coordinates, [batch, 2], of its last element; outside of x where there is none.
template <int Time, class L>
constexpr auto last_coordinates(const L& lengths) {
  const auto l = astype<std::int64_t>(lengths);
  const auto last = where(l > 0_c, l - 1_c, constant<-(index(1) << 62)>);
  const auto sequence = apply<with<position_op, index(dtype::int64)>>(l);
  if constexpr (Time == 0)
    return stack<1>(last, sequence);
  else
    return stack<1>(sequence, last);
}
/// The coordinates, [time, batch, 2] or [batch, time, 2], that each element of the reversed sequences is
/// from.
template <int Time, class V, class L>
constexpr auto reversed_coordinates(const V& v, const L& lengths) {
  const auto time = counted_along<Time, std::int64_t, 2>(v);
  const auto l = standing_along<1 - Time, 2>(astype<std::int64_t>(lengths));
  const auto from = where(time < l, l - 1_c - time, time);
  const auto sequence = broadcast_like(counted_along<1 - Time, std::int64_t, 2>(v), from);
  if constexpr (Time == 0)
    return stack<2>(from, sequence);
  else
    return stack<2>(sequence, from);
}

}  // namespace detail

/// x, [time, batch, ...], with a number from each sequence's length on, 0 by default: a length of 0 or less
/// masks all, one beyond time nothing. What is masked has no derivative.
template <int Time = 0, tensor_like X, tensor_like L, plain_number N = int>
constexpr auto sequence_mask(X&& x, L&& lengths, N value = N(0)) {
  static_assert(detail::batched_sequences<Time, X, L>());
  return call(
      [](auto v, auto l, auto masked) {
        using V = decltype(v);
        using P = detail::counting_type<typename decltype(l)::value_type>;
        constexpr int rank = detail::rank_of<typename V::shape_type>;
        const auto time = detail::counted_along<Time, P, rank>(v);
        return where(time < detail::standing_along<1 - Time, rank>(astype<P>(l)), v, masked);
      },
      static_cast<X&&>(x), static_cast<L&&>(lengths),
      detail::scalar_leaf<typename detail::operand_types<X>::type>(value));
}

/// The last element of each sequence: [time, batch, ...], integers [batch] -> [batch, ...]. Throws
/// index_error where a length is not in 1..time.
template <int Time = 0, tensor_like X, tensor_like L>
constexpr auto sequence_last(X&& x, L&& lengths) {
  static_assert(detail::batched_sequences<Time, X, L>());
  return call([](auto v, auto l) { return gather_nd(v, detail::last_coordinates<Time>(l)); },
              static_cast<X&&>(x), static_cast<L&&>(lengths));
}

/// Each sequence in the opposite order, what lies beyond its length left in place: of x's shape. Throws
/// index_error where a length is beyond time; one of 1 or less leaves its sequence as it is.
template <int Time = 0, tensor_like X, tensor_like L>
constexpr auto sequence_reverse(X&& x, L&& lengths) {
  static_assert(detail::batched_sequences<Time, X, L>());
  return call([](auto v, auto l) { return gather_nd(v, detail::reversed_coordinates<Time>(v, l)); },
              static_cast<X&&>(x), static_cast<L&&>(lengths));
}

}  // namespace tenon
