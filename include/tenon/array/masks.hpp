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

/// Calls f(flat place, coordinates) where an array is not 0, row-major.
template <class X, class F>
void each_nonzero(const X& x, F f) {
  index at[max_rank]{}, flat = 0;
  for (const auto& v : x) {
    if (v != typename X::value_type(0)) f(flat, static_cast<const index*>(at));
    ++flat;
    for (int k = X::rank - 1; k >= 0; --k) {
      if (++at[k] < x.extent(k)) break;
      at[k] = 0;
    }
  }
}

}  // namespace detail

/// The coordinates of the elements that are not 0, one array for each axis: auto [i, j] = nonzero(x).
template <tensor_like X>
auto nonzero(const X& x) {
  const auto v = detail::value_now(x);
  constexpr int rank = std::remove_cvref_t<decltype(v)>::rank;
  static_assert(rank > 0, "tenon: nonzero takes arrays of one axis or more");
  index n = 0;
  for (const auto& e : v) n += e != typename decltype(eval(x))::value_type(0);
  std::array<tensor<std::int64_t, dyn>, rank> r;
  std::int64_t* to[rank];
  for (int k = 0; k < rank; ++k) {
    r[std::size_t(k)] = tensor<std::int64_t, dyn>::uninitialised({n});
    to[k] = r[std::size_t(k)].own();
  }
  detail::each_nonzero(v, [&](index, const index* at) {
    for (int k = 0; k < rank; ++k) *to[k]++ = at[k];
  });
  return r;
}
/// The same as one array: [n, rank].
template <tensor_like X>
auto argwhere(const X& x) {
  const auto v = detail::value_now(x);
  constexpr int rank = std::remove_cvref_t<decltype(v)>::rank;
  index n = 0;
  for (const auto& e : v) n += e != typename decltype(eval(x))::value_type(0);
  auto r = tensor<std::int64_t, dyn, rank>::uninitialised({n, rank});
  std::int64_t* to = r.own();
  detail::each_nonzero(v, [&](index, const index* at) {
    for (int k = 0; k < rank; ++k) *to++ = at[k];
  });
  return r;
}
/// The places, in row-major order, of the elements that are not 0: [n].
template <tensor_like X>
tensor<std::int64_t, dyn> flatnonzero(const X& x) {
  const auto v = detail::value_now(x);
  index n = 0;
  for (const auto& e : v) n += e != typename decltype(eval(x))::value_type(0);
  auto r = tensor<std::int64_t, dyn>::uninitialised({n});
  std::int64_t* to = r.own();
  detail::each_nonzero(v, [&](index flat, const index*) { *to++ = flat; });
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
