// Sequences of numbers and the coordinates of grids: linspace, logspace, geomspace, indices.
#pragma once

#include <cmath>

#include "tenon/array/create.hpp"

namespace tenon {

/// Whether the second bound of linspace and its relatives is the last element.
enum class endpoint { included, excluded };

namespace detail {

/// f(t) for t = 0 ... 1 in equal steps; the first and, where it is included, the last are given.
template <class T, extent... E, class F, class... N>
auto spaced(double first, double last, endpoint end, F f, N... n) {
  static_assert(is_floating(dtype_of<T>), "tenon: equal steps are of floating-point numbers; see arange");
  static_assert(sizeof...(E) <= 1, "tenon: a sequence has one extent");
  using R = created<T, int(sizeof...(N)), E...>;
  for (const index given : {index(0), index(n)...})
    if (given < 0) throw usage_error("linspace: " + std::to_string(given) + " elements");
  R r = R::uninitialised(filled_extents<typename R::shape_type>::make(n...));
  const index count = r.size(), steps = end == endpoint::included ? count - 1 : count;
  T* const to = r.own();
  for (index i = 0; i < count; ++i)
    to[i] = static_cast<T>(f(steps > 0 ? static_cast<double>(i) / static_cast<double>(steps) : 0.0));
  if (count > 0) to[0] = static_cast<T>(first);
  if (count > 1 && end == endpoint::included) to[count - 1] = static_cast<T>(last);
  return r;
}

}  // namespace detail

/// n numbers from begin to end in equal steps: linspace<float>(0, 1, 5), or linspace<float, 5>(0, 1). The
/// last one is `end` unless endpoint::excluded is said. Throws usage_error for n < 0.
template <element T>
auto linspace(double begin, double end, index n, endpoint last = endpoint::included) {
  return detail::spaced<T>(
      begin, end, last, [=](double t) { return begin + t * (end - begin); }, n);
}
template <element T, extent E>
requires(E.size >= 0) auto linspace(double begin, double end, endpoint last = endpoint::included) {
  return detail::spaced<T, E>(begin, end, last, [=](double t) { return begin + t * (end - begin); });
}
template <element T, extent E>
requires(E.size < 0) auto linspace(double begin, double end, index n, endpoint last = endpoint::included) {
  return detail::spaced<T, E>(
      begin, end, last, [=](double t) { return begin + t * (end - begin); }, n);
}
/// base to the powers of linspace: from base^begin to base^end.
template <element T>
auto logspace(double begin, double end, index n, double base = 10, endpoint last = endpoint::included) {
  return detail::spaced<T>(
      std::pow(base, begin), std::pow(base, end), last,
      [=](double t) { return std::pow(base, begin + t * (end - begin)); }, n);
}
/// n numbers from begin to end, each the same multiple of the one before. Throws usage_error where a bound is
/// 0 or the signs differ.
template <element T>
auto geomspace(double begin, double end, index n, endpoint last = endpoint::included) {
  if (begin == 0 || end == 0 || std::signbit(begin) != std::signbit(end))
    throw usage_error("geomspace: the bounds " + std::to_string(begin) + " and " + std::to_string(end) +
                      " are not of one sign, or 0");
  const double sign = begin < 0 ? -1 : 1, from = std::log10(sign * begin), to = std::log10(sign * end);
  return detail::spaced<T>(
      begin, end, last, [=](double t) { return sign * std::pow(10.0, from + t * (to - from)); }, n);
}

/// The coordinates of each place of a grid, one after the other: indices<int>(2, 3): [2, 2, 3].
template <element T, extent... E, std::integral... N>
auto indices(N... sizes) {
  constexpr index rank = sizeof...(E) > 0 ? sizeof...(E) : sizeof...(N);
  static_assert(rank > 0 && rank < max_rank, "tenon: indices takes 1 to 7 extents");
  const auto make = [&]() {
    if constexpr (sizeof...(E) > 0)
      return empty<T, extent(rank), E...>(sizes...);
    else
      return empty<T>(rank, sizes...);
  };
  auto r = make();
  T* to = r.own();
  for (index axis = 0; axis < rank; ++axis) {
    index inner = 1, outer = 1;
    for (int k = 1; k <= rank; ++k) (k <= axis ? outer : inner) *= k == axis + 1 ? 1 : r.extent(k);
    const index n = r.extent(int(axis) + 1);
    for (index o = 0; o < outer; ++o)
      for (index i = 0; i < n; ++i)
        for (index k = 0; k < inner; ++k) *to++ = static_cast<T>(i);
  }
  return r;
}

}  // namespace tenon
