// Order along an axis: argsort, sort, topk; running sums.
#pragma once

#include <algorithm>

#include "tenon/ops/indexing.hpp"

namespace tenon {

namespace detail {

/// Calls f with the first element of each line along an axis, in both arrays: they have one shape.
template <class F>
void each_line(const array_access& x, const array_access& y, index axis, F f) {
  index extent[max_rank];
  std::copy(x.extent, x.extent + max_rank, extent);
  if (extent[axis] == 0) return;
  extent[axis] = 1;
  each_place(extent, x.rank,
             [&](const index* at) { f(x.data + offset_of(x, at), y.data + offset_of(y, at)); });
}

}  // namespace detail

/// The places of the elements along the last axis in ascending or (a[1]) descending order; equal ones keep
/// theirs, NaN is last. The result's line is what is sorted, so that no other memory is needed.
struct argsort_op : op_defaults {
  static constexpr auto name = "argsort";
  static constexpr domain takes = domain::ordered;
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr yields gives = yields::attribute;
  static constexpr bool smooth = false;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[0]; }
  static void run(const opaque_launch& l) {
    detail::with_type(l.in[0].type, [&]<class T>(T) {
      if constexpr (complex_number<T>)
        return;
      else
        sort_lines<T>(l);
    });
  }

 private:
  template <class T>
  static void sort_lines(const opaque_launch& l) {
    const int axis = l.out.rank - 1;
    const index n = l.out.extent[axis], step = l.in[0].stride[axis];
    detail::each_line(l.in[0], l.out, axis, [&](const std::byte* from, std::byte* to) {
      const T* const x = reinterpret_cast<const T*>(from);
      std::int64_t* const places = reinterpret_cast<std::int64_t*>(to);
      for (index i = 0; i < n; ++i) places[i] = i;
      if (l.attribute.a[1] != 0)
        std::sort(places, places + n, before<T, true>{x, step});
      else
        std::sort(places, places + n, before<T, false>{x, step});
    });
  }

  template <class T, bool Descending>
  struct before {
    const T* x;
    index step;
    bool operator()(std::int64_t i, std::int64_t j) const {
      const T a = x[i * step], b = x[j * step];
      if (math::is_nan(a) || math::is_nan(b))
        return math::is_nan(a) == math::is_nan(b) ? i < j : !math::is_nan(a);
      if (a != b) return Descending ? b < a : a < b;
      return i < j;
    }
  };
};

/// Sums of the elements up to each one along axis a[0]; from each one on, where a[1] is 1. A float's sum is
/// kept in double.
struct cumsum_op : op_defaults {
  static constexpr auto name = "cumsum";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::arithmetic;
  static constexpr bool linear = true;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[0]; }
  static void run(const opaque_launch& l) {
    detail::with_type(l.in[0].type, [&]<class T>(T) {
      using Sum = std::conditional_t<math::real<T>, double,
                                     std::conditional_t<complex_number<T>, complex128, std::uint64_t>>;
      const index axis = l.attribute.a[0], n = l.in[0].extent[axis];
      const bool back = l.attribute.a[1] != 0;
      detail::each_line(l.in[0], l.out, axis, [&](const std::byte* from, std::byte* to) {
        Sum sum = Sum(0);
        for (index k = 0; k < n; ++k) {
          const index i = back ? n - 1 - k : k;
          T v;
          std::memcpy(&v, from + i * l.in[0].stride[axis] * index(sizeof(T)), sizeof(T));
          sum = math::add(sum, math::cast<Sum>(v));
          v = static_cast<T>(sum);
          std::memcpy(to + i * l.out.stride[axis] * index(sizeof(T)), &v, sizeof(T));
        }
      });
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    const attributes& a = b.node[node].attribute;
    return b.push(b.node[node].op, cotangent, -1, -1, {{a.a[0], 1 - a.a[1]}});
  }
};

namespace detail {
template <bool Descending, int Axis, class X>
constexpr auto sorted_places(X&& x) {
  constexpr int rank =
      rank_of<typename bare<decltype(as_expression<0>(std::declval<X>()))>::type::shape_type>;
  static_assert(rank > 0, "tenon: a number has no axis to sort along");
  using op = with<argsort_op, index(dtype::int64), Descending>;
  constexpr int axis = chosen_axis<Axis, X>();
  if constexpr (axis == rank - 1)
    return apply<op>(static_cast<X&&>(x));
  else
    return swapaxes<axis, rank - 1>(apply<op>(swapaxes<axis, rank - 1>(static_cast<X&&>(x))));
}
}  // namespace detail

/// The places, int64, that sort x along an axis, the last by default. Stable; NaN is last.
template <int Axis = -1, tensor_like X>
constexpr auto argsort(X&& x) {
  return detail::sorted_places<false, Axis>(static_cast<X&&>(x));
}
/// The same from the greatest to the least; NaN is last.
template <int Axis = -1, tensor_like X>
constexpr auto argsort_descending(X&& x) {
  return detail::sorted_places<true, Axis>(static_cast<X&&>(x));
}
/// x in ascending order along an axis, the last by default; NaN is last. Derivatives go to where elements
/// came from.
template <int Axis = -1, tensor_like X>
constexpr auto sort(X&& x) {
  return call([](auto v) { return take_along_axis<Axis>(v, argsort<Axis>(v)); }, static_cast<X&&>(x));
}
/// The places of the K greatest elements along an axis, the greatest first; see take_along_axis.
template <index K, int Axis = -1, tensor_like X>
constexpr auto topk(X&& x) {
  return slice<Axis, 0, K>(argsort_descending<Axis>(static_cast<X&&>(x)));
}

/// Running sums along an axis, the first by default, of x's shape; of integers in int64 or uint64.
template <int Axis = 0, tensor_like X>
constexpr auto cumsum(X&& x) {
  using op = with<cumsum_op, detail::chosen_axis<Axis, X>(), 0>;
  constexpr dtype from = detail::dtype_of_operand<X>.type;
  if constexpr (is_integer(from) && sum_dtype(from) != from)
    return apply<op>(astype<type_of<sum_dtype(from)>>(static_cast<X&&>(x)));
  else
    return apply<op>(static_cast<X&&>(x));
}

}  // namespace tenon
