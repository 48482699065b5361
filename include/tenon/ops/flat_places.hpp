// Places in row-major order and the coordinates that they stand for: unravel_index, ravel_multi_index.
// Coordinates stand along the last axis, as gather_nd reads them and argwhere gives them. Negative places and
// coordinates count from the end; one outside of the shape is an index_error before anything is written.
#pragma once

#include "tenon/ops/indexing.hpp"

namespace tenon {

namespace detail {

/// The numbers along an array's last axis, from `at`; of rank 0, the one there is.
inline index along_last(const array_access& a, const index* at, index k) {
  index place[max_rank]{};
  for (int i = 0; i + 1 < a.rank; ++i) place[i] = at[i];
  place[a.rank - 1] = k;
  return place_at(a, place);
}
inline std::int64_t* result_at(const array_access& a, const index* at) {
  std::byte* p = a.data;
  for (int k = 0; k < a.rank; ++k) p += at[k] * a.stride[k] * size_of(a.type);
  return reinterpret_cast<std::int64_t*>(p);
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
  static void run(const opaque_launch& l) {
    const array_access &places = l.in[0], &like = l.in[1];
    detail::check_places(name, places, like.size());
    detail::each_place(places.extent, places.rank, [&](const index* at) {
      index rest = detail::place_at(places, at);
      if (rest < 0) rest += like.size();
      index to[max_rank]{};
      for (int k = 0; k < places.rank; ++k) to[k] = at[k];
      for (index k = like.rank; k-- > 0; rest /= like.extent[k]) {
        to[places.rank] = k;
        *detail::result_at(l.out, to) = rest % like.extent[k];
      }
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
  static void run(const opaque_launch& l) {
    const array_access &coordinates = l.in[0], &like = l.in[1];
    for (const bool write : {false, true})  // all are checked first
      detail::each_place(l.out.extent, l.out.rank, [&](const index* at) {
        index place = 0;
        for (int k = 0; k < like.rank; ++k) {
          const index n = like.extent[k], i = detail::along_last(coordinates, at, k);
          if (i < -n || i >= n)
            throw index_error(std::string(name) + ": coordinate " + std::to_string(i) + " along axis " +
                              std::to_string(k) + " of extent " + std::to_string(n));
          place = place * n + (i < 0 ? i + n : i);
        }
        if (write) *detail::result_at(l.out, at) = place;
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
