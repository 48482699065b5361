// Values found in sorted arrays: searchsorted, digitize, isin, interp.
#pragma once

#include "tenon/ops/axes.hpp"
#include "tenon/ops/ordering.hpp"
#include "tenon/ops/statistics.hpp"

namespace tenon {

/// Where a value goes among equal ones: before them or behind.
enum class side { left, right };

/// For each element of the second operand the place where it goes in the first, sorted, of one axis: before
/// (or, where a[1] is 1, behind) equal ones.
struct searchsorted_op : op_defaults {
  static constexpr auto name = "searchsorted";
  static constexpr domain takes = domain::ordered;
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2;
  static constexpr yields gives = yields::attribute;
  static constexpr bool smooth = false;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    if (q.in[0].rank != 1) scope.fail(misfit::rank, {q.in[0].rank, q.in[0].rank}, {1, 1});
    return q.in[1];
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::with_ordered_type(l.in[0].type, [&]<class T>(T) {
      using order = detail::order_key<T>;
      const T* const sorted = reinterpret_cast<const T*>(l.in[0].data);
      const index n = l.in[0].extent[0], step = l.in[0].stride[0];
      const auto find = [&](const std::byte* from, std::byte* to) {
        T v;
        std::memcpy(&v, from, sizeof v);
        const auto key = order::template of<true>(v);
        index first = 0;
        for (index count = n; count > 0;) {
          const index half = count / 2;
          const auto k = order::template of<true>(sorted[(first + half) * step]);
          const bool before = l.attribute.a[1] != 0 ? k <= key : k < key;
          first = before ? first + half + 1 : first;
          count = before ? count - half - 1 : half;
        }
        *reinterpret_cast<std::int64_t*>(to) = first;
      };
      detail::outer_walk<2> walk;
      for (int a = 0; a < l.out.rank; ++a)
        walk.add(l.out.extent[a], {l.in[1].stride[a] * index(sizeof(T)), l.out.stride[a] * 8});
      detail::share(walk.count, 50, [&](index begin, index end) {
        walk.each(begin, end, [&](const index* at) { find(l.in[1].data + at[0], l.out.data + at[1]); });
      });
    });
  }
};

/// For each value the place where it goes in a sorted array of one axis, int64: with side::left before
/// elements that are equal, with side::right behind them. NaN is greatest.
template <side Where = side::left, tensor_like S, tensor_like V>
constexpr auto searchsorted(S&& sorted, V&& values) {
  return apply<with<searchsorted_op, index(dtype::int64), Where == side::right>>(static_cast<S&&>(sorted),
                                                                                 static_cast<V&&>(values));
}

/// The number of the bin that each element is in, of bins between ascending edges: i where
/// edges[i - 1] <= x < edges[i]; with side::right closed on the right, edges[i - 1] < x <= edges[i].
template <side Closed = side::left, tensor_like X, tensor_like E>
constexpr auto digitize(X&& x, E&& edges) {
  return searchsorted < Closed == side::left ? side::right
                                             : side::left > (static_cast<E&&>(edges), static_cast<X&&>(x));
}

/// Whether each element is among others, which may have any shape; NaN is not.
template <tensor_like X, tensor_like S>
constexpr auto isin(X&& x, S&& among) {
  return call(
      [](auto v, auto s) {
        const auto sorted = sort(flatten(s));
        const auto found = searchsorted<side::right>(sorted, v) > searchsorted(sorted, v);
        if constexpr (is_floating(dtype_of<typename decltype(v)::value_type>))
          return found && v == v;
        else
          return found;
      },
      static_cast<X&&>(x), static_cast<S&&>(among));
}

/// The piecewise linear function through points (xp, fp), xp ascending, at x; constant beyond them. It has
/// derivatives by all three; at a point the one of the piece on the right. Throws index_error for no points.
template <tensor_like X, tensor_like P, tensor_like F>
constexpr auto interp(X&& x, P&& xp, F&& fp) {
  return call(
      [](auto v, auto p, auto f) {
        static_assert(detail::rank_of<typename decltype(p)::shape_type> == 1 &&
                          detail::rank_of<typename decltype(f)::shape_type> == 1,
                      "tenon: interp takes points along one axis");
        const auto last = detail::reduced_count<>(apply<with<position_op, index(dtype::int64)>>(p)) - 1_c;
        const auto i = maximum(minimum(searchsorted<side::right>(p, v) - 1_c, last - 1_c), 0_c);
        const auto next = minimum(i + 1_c, last);
        const auto x0 = take(p, i);
        const auto f0 = take(f, i);
        const auto inside = f0 + (v - x0) * ((take(f, next) - f0) / (take(p, next) - x0));
        const auto first_place = last - last;
        const auto low = take(p, first_place);
        const auto high = take(p, last);
        return where(v <= low, take(f, first_place), where(v >= high, take(f, last), inside));
      },
      static_cast<X&&>(x), static_cast<P&&>(xp), static_cast<F&&>(fp));
}

}  // namespace tenon
