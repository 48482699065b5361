// Places in row-major order and the coordinates that they stand for: unravel_index, ravel_multi_index.
// Coordinates stand along the last axis, as gather_nd reads them and argwhere gives them. Negative places and
// coordinates count from the end; one outside of the shape is an index_error before anything is written.
#pragma once

#include <atomic>

#include "tenon/ops/indexing.hpp"
#include "tenon/ops/walks.hpp"

namespace tenon {

namespace detail {

/// Calls f(place, coordinates) for each element of an array of places or results, of T, and where its
/// coordinates are in an array that has one axis more, of C: pieces of the pool's threads. `cost` is what one
/// takes in nanoseconds.
template <class T, class C, class F>
void each_flat_place(const array_access& flat, const array_access& spread, index cost, const F& f) {
  outer_walk<2> walk;
  for (int a = 0; a < flat.rank; ++a)
    walk.add(flat.extent[a], {flat.stride[a] * index(sizeof(T)), spread.stride[a] * index(sizeof(C))});
  share(walk.count, cost, [&](index begin, index end) {
    walk.each(begin, end, [&](const index* at) {
      f(reinterpret_cast<T*>(flat.data + at[0]), reinterpret_cast<C*>(spread.data + at[1]));
    });
  });
}
template <class F>
void with_place_type(dtype type, F f) {
  with_type(type, [&]<class T>(T zero) {
    if constexpr (is_integer(dtype_of<T>)) f(zero);
  });
}

}  // namespace detail

/// The coordinates, in the second operand's shape, of elements by their places: [...] -> [..., rank].
struct unravel_op : op_defaults {
  static constexpr auto name = "unravel_index";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2, shape_only = 1;
  static constexpr domain takes = domain::integer;
  static constexpr yields gives = yields::attribute;
  static constexpr bool smooth = false;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    extents r = q.in[0];
    if (r.rank == max_rank)
      scope.fail(misfit::rank, {r.rank, r.rank}, {max_rank - 1, max_rank - 1});
    else
      r[r.rank++] = static_dim(q.in[1].rank);
    return r;
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    const array_access &places = l.in[0], &like = l.in[1];
    detail::check_places<Unit>(name, places, like.size());
    const index size = like.size(), step = l.out.stride[places.rank];
    detail::with_place_type(places.type, [&]<class T>(T) {
      detail::each_flat_place<const T, std::int64_t>(places, l.out, 4 * like.rank,
                                                     [&](const T* place, std::int64_t* to) {
                                                       index rest = static_cast<index>(*place);
                                                       if (std::is_signed_v<T> && rest < 0) rest += size;
                                                       for (int k = like.rank - 1; k > 0; --k) {
                                                         const index above = rest / like.extent[k];
                                                         to[k * step] = rest - above * like.extent[k];
                                                         rest = above;
                                                       }
                                                       if (like.rank > 0) to[0] = rest;
                                                     });
    });
  }
};

/// The places of elements by their coordinates in the second operand's shape: [..., rank] -> [...].
struct ravel_op : op_defaults {
  static constexpr auto name = "ravel_multi_index";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2, shape_only = 1;
  static constexpr domain takes = domain::integer;
  static constexpr yields gives = yields::attribute;
  static constexpr bool smooth = false;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    extents r = q.in[0];
    if (r.rank == 0) {
      scope.fail(misfit::rank, {0, 0}, {1, 1});
      return r;
    }
    scope.equate(r[r.rank - 1], static_dim(q.in[1].rank));
    --r.rank;
    return r;
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    const array_access &coordinates = l.in[0], &like = l.in[1];
    const index step = like.rank > 0 ? coordinates.stride[coordinates.rank - 1] : 0;
    detail::with_place_type(coordinates.type, [&]<class T>(T) {
      // of several that are outside, the first one is named: found again, one after the other
      const auto outside = [&](const T* at, int k) {
        const index n = like.extent[k];
        if constexpr (std::is_signed_v<T>)
          return at[k * step] < -n || at[k * step] >= n;
        else
          return at[k * step] >= std::uint64_t(n);
      };
      std::atomic<bool> found{false};
      detail::each_flat_place<std::int64_t, const T>(l.out, coordinates, like.rank,
                                                     [&](std::int64_t*, const T* at) {
                                                       for (int k = 0; k < like.rank; ++k)
                                                         if (outside(at, k))
                                                           found.store(true, std::memory_order_relaxed);
                                                     });
      if (found)
        detail::each_place(l.out.extent, l.out.rank, [&](const index* at) {
          const T* first = reinterpret_cast<const T*>(coordinates.data);
          for (int a = 0; a < l.out.rank; ++a) first += at[a] * coordinates.stride[a];
          for (int k = 0; k < like.rank; ++k)
            if (outside(first, k))
              throw index_error(std::string(name) + ": coordinate " + std::to_string(first[k * step]) +
                                " along axis " + std::to_string(k) + " of extent " +
                                std::to_string(like.extent[k]));
        });
      detail::each_flat_place<std::int64_t, const T>(
          l.out, coordinates, like.rank, [&](std::int64_t* to, const T* at) {
            index place = 0;
            for (int k = 0; k < like.rank; ++k) {
              const auto i = static_cast<index>(at[k * step]);
              place = place * like.extent[k] + (i < 0 ? i + like.extent[k] : i);
            }
            *to = place;
          });
    });
  }
};

/// The coordinates, in the shape of another array, of the elements at row-major places:
/// unravel_index(argmax(x), shape_of(x)); int64, [...] -> [..., rank].
template <tensor_like P, class Y>
constexpr auto unravel_index(P&& places, const shape_reference<Y>& shape) {
  return apply<with<unravel_op, index(dtype::int64)>>(static_cast<P&&>(places), shape.of);
}
/// The row-major places of the elements at coordinates, which stand along the last axis:
/// ravel_multi_index(argwhere(x > 0), shape_of(x)); int64, [..., rank] -> [...].
template <tensor_like P, class Y>
constexpr auto ravel_multi_index(P&& coordinates, const shape_reference<Y>& shape) {
  return apply<with<ravel_op, index(dtype::int64)>>(static_cast<P&&>(coordinates), shape.of);
}

}  // namespace tenon
