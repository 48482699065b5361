// Labels as rows that are 1 at the label and 0 elsewhere.
#pragma once

#include "tenon/graph/call.hpp"
#include "tenon/ops/axes.hpp"

namespace tenon {

namespace detail {

/// Integers of type L are compared with positions in int32 where it holds them, else in int64.
template <class L>
using counting_type =
    std::conditional_t<(sizeof(L) < 4 || std::is_same_v<L, std::int32_t>), std::int32_t, std::int64_t>;

/// Whether each of the positions along the last axis of `like` is the label: `like` ends in one axis more.
template <class T, class Labels, class Like>
constexpr auto label_rows(const Labels& labels, const Like& like) {
  using L = typename Labels::value_type;
  static_assert(is_integer(dtype_of<L>), "tenon: one_hot takes integer labels");
  const auto positions = apply<with<position_op, index(dtype_of<counting_type<L>>)>>(like);
  return astype<T>(positions == astype<counting_type<L>>(expand_dims<-1>(labels)));
}

}  // namespace detail

/// For each label a row of N elements, 1 at the label and else 0: one_hot<10>(labels), one_hot<10,
/// bool>(labels); integers [...] -> [..., N]. A label outside of 0..N-1 gives a row of zeros. With other
/// values in the places of 1 and 0: where(one_hot<10, bool>(labels), on, off).
template <index N, element T = float, tensor_like Labels>
constexpr auto one_hot(Labels&& labels) {
  static_assert(N >= 0, "tenon: one_hot<N>: rows have 0 elements or more");
  return call(
      [](auto l) {
        return detail::label_rows<T>(l,
                                     detail::spread<detail::rank_of<typename decltype(l)::shape_type>, N>(l));
      },
      static_cast<Labels&&>(labels));
}

}  // namespace tenon
