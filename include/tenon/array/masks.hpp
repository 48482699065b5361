// Where arrays are true: nonzero, argwhere, flatnonzero; and elements taken by masks: compress, extract.
// Their extents depend on values, so they are computed at once.
#pragma once

#include "tenon/array/tensor.hpp"
#include "tenon/ops/axes.hpp"
#include "tenon/ops/statistics.hpp"

namespace tenon {

namespace detail {

/// The value of an operand now, as a tensor.
template <class X>
auto value_now(const X& x) {
  static_assert(
      !decltype(as_expression<0>(x))::symbolic,
      "tenon: the extents of this function's result depend on values, so it is computed at once and cannot "
      "stand in a traced function; compute it outside and hand it in");
  return eval(x);
}

/// Where n elements are not 0, counted first, so that each part knows where its own begin.
template <class T>
class nonzero_places {
 public:
  nonzero_places(const T* x, index n)
      : x_(x),
        parts_(1, n > 0 ? n : 1),
        begins_(sums_of_counts(n > 0 ? parts_.count : 0, 1000, [&](index part) {
          index found = 0;
          parts_.each(part, [&](index, index, index first, index length) {
            for (index i = first; i < first + length; ++i) found += x[i] != T(0) ? 1 : 0;
          });
          return found;
        })) {}
  index count() const { return begins_.back(); }
  /// Calls f(place, i) for the i-th of them, on the pool's threads.
  template <class F>
  void each(const F& f) const {
    share(count() > 0 ? parts_.count : 0, 2 * line_parts::most, [&](index begin, index end) {
      index found[line_parts::most];
      for (index part = begin; part < end; ++part)
        parts_.each(part, [&](index, index, index first, index length) {
          const index* const last = kept_places(
              found, length, [&](index i) { return x_[first + i] != T(0); },
              [&](index i) { return first + i; });
          index i = begins_[std::size_t(part)];
          for (const index* p = found; p < last; ++p) f(*p, i++);
        });
    });
  }

 private:
  const T* x_;
  line_parts parts_;
  std::vector<index> begins_;
};

/// The coordinates of a place in an array of some extents.
template <std::size_t Rank>
void coordinates_of(index place, const std::array<index, Rank>& extent, index* at) {
  for (std::size_t k = Rank; k-- > 1; place /= extent[k]) at[k] = place % extent[k];
  at[0] = place;
}

}  // namespace detail

/// The coordinates of the elements that are not 0, one array for each axis: auto [i, j] = nonzero(x).
template <tensor_like X>
auto nonzero(const X& x) {
  const auto v = detail::value_now(x);
  constexpr int rank = std::remove_cvref_t<decltype(v)>::rank;
  static_assert(rank > 0, "tenon: nonzero takes arrays of one axis or more");
  const detail::nonzero_places places(v.flat(), v.size());
  std::array<tensor<std::int64_t, dyn>, rank> r;
  std::int64_t* to[rank];
  for (int k = 0; k < rank; ++k) {
    r[std::size_t(k)] = tensor<std::int64_t, dyn>::uninitialised({places.count()});
    to[k] = r[std::size_t(k)].own();
  }
  places.each([&](index place, index i) {
    index at[rank];
    detail::coordinates_of(place, v.shape(), at);
    for (int k = 0; k < rank; ++k) to[k][i] = at[k];
  });
  return r;
}
/// The same as one array: [n, rank].
template <tensor_like X>
auto argwhere(const X& x) {
  const auto v = detail::value_now(x);
  constexpr int rank = std::remove_cvref_t<decltype(v)>::rank;
  const detail::nonzero_places places(v.flat(), v.size());
  auto r = tensor<std::int64_t, dyn, rank>::uninitialised({places.count(), rank});
  std::int64_t* const to = r.own();
  if constexpr (rank > 0)
    places.each([&](index place, index i) { detail::coordinates_of(place, v.shape(), to + i * rank); });
  return r;
}
/// The places, in row-major order, of the elements that are not 0: [n].
template <tensor_like X>
tensor<std::int64_t, dyn> flatnonzero(const X& x) {
  const auto v = detail::value_now(x);
  const detail::nonzero_places places(v.flat(), v.size());
  auto r = tensor<std::int64_t, dyn>::uninitialised({places.count()});
  std::int64_t* const to = r.own();
  places.each([&](index place, index i) { to[i] = place; });
  return r;
}

/// The slabs of x along an axis where a mask of one axis, read now, is true: compress(mask, x, axis<0>); of x
/// flattened without an axis. x may be traced. Throws index_error where the mask is true beyond x.
template <tensor_like M, tensor_like X, int A>
auto compress(const M& mask, X&& x, axes_t<A>) {
  static_assert(detail::rank_of_operand<const M&> == 1, "tenon: compress takes a mask of one axis");
  return take<A>(static_cast<X&&>(x), flatnonzero(mask));
}
template <tensor_like M, tensor_like X>
auto compress(const M& mask, X&& x) {
  return compress(mask, flatten(static_cast<X&&>(x)), axis<0>);
}
/// The elements of x, in row-major order, where a condition of x's shape is not 0: [n]. Throws shape_error
/// where the shapes differ.
template <tensor_like M, tensor_like X>
auto extract(const M& condition, X&& x) {
  constexpr int rank = detail::rank_of_operand<X>;
  static_assert(detail::rank_of_operand<const M&> == rank, "tenon: extract takes a condition of x's shape");
  const auto now = detail::value_now(x);
  return now[detail::truth(condition)];
}

}  // namespace tenon
