// What runs along an axis beside sums: cumprod, cummax, cummin, differences of neighbours, and the linear
// recurrence that cumprod's derivatives are made of.
#pragma once

#include "tenon/ops/ordering.hpp"
#include "tenon/ops/rolling.hpp"

namespace tenon {

/// r_i = a_i r_{i-1} + b_i along axis a[0], from r_{-1} = 0; where a[1] is 1, backwards with the next factor:
/// r_i = a_{i+1} r_{i+1} + b_i.
///
/// Each is the other's transpose in b. With s the transpose of a cotangent, the derivative by a_i is
/// s_i r_{i-1} forwards and s_{i-1} r_i backwards, so all derivatives are recurrences and shifts again.
struct recurrence_op : op_defaults {
  static constexpr auto name = "linear_recurrence";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2;
  static constexpr domain takes = domain::arithmetic;
  using inserts = list<shift_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    extents r = q.in[0];
    if (r.rank != q.in[1].rank) scope.fail(misfit::rank, {r.rank, r.rank}, {q.in[1].rank, q.in[1].rank});
    for (int i = 0; i < r.rank && scope.error == misfit::none; ++i) r[i] = scope.equate(r[i], q.in[1][i]);
    return r;
  }
  static void run(const opaque_launch& l) {
    detail::with_type(l.out.type, [&]<class T>(T) {
      if constexpr (!std::is_same_v<T, bool>) {
        const index axis = l.attribute.a[0], n = l.out.extent[axis];
        const bool back = l.attribute.a[1] != 0;
        const index sa = l.in[0].stride[axis], sb = l.in[1].stride[axis], sr = l.out.stride[axis];
        index extent[max_rank];
        std::memcpy(extent, l.out.extent, sizeof extent);
        if (n == 0) return;
        extent[axis] = 1;
        detail::each_place(extent, l.out.rank, [&](const index* at) {
          const T* const a = reinterpret_cast<const T*>(l.in[0].data + detail::offset_of(l.in[0], at));
          const T* const b = reinterpret_cast<const T*>(l.in[1].data + detail::offset_of(l.in[1], at));
          T* const r = reinterpret_cast<T*>(l.out.data + detail::offset_of(l.out, at));
          if (back) {
            r[(n - 1) * sr] = b[(n - 1) * sb];
            for (index i = n - 2; i >= 0; --i)
              r[i * sr] = math::add(math::multiply(a[(i + 1) * sa], r[(i + 1) * sr]), b[i * sb]);
          } else {
            r[0] = b[0];
            for (index i = 1; i < n; ++i)
              r[i * sr] = math::add(math::multiply(a[i * sa], r[(i - 1) * sr]), b[i * sb]);
          }
        });
      }
    });
  }
  static constexpr attributes turned(const attributes& a) { return {{a.a[0], 1 - a.a[1]}}; }
  static constexpr int moved(graph_builder& b, int x, index axis) {
    return b.push(b.find<shift_op>(), x, -1, -1, {{axis, 1}});
  }
  static constexpr int pullback(graph_builder& b, int node, int operand, int cotangent) {
    const array_node n = b.node[node];
    const int s = b.push(n.op, n.in[0], cotangent, -1, turned(n.attribute));
    if (operand == 1) return s;
    const index axis = n.attribute.a[0];
    return n.attribute.a[1] == 0 ? b.push(core::multiply, s, moved(b, node, axis))
                                 : b.push(core::multiply, moved(b, s, axis), node);
  }
  static constexpr int pushforward(graph_builder& b, int node, int operand, int tangent) {
    const array_node n = b.node[node];
    int source = b.broadcast_to_shape_of(tangent, node);
    if (operand == 0) {  // da_i r_{i-1}, or da_{i+1} r_{i+1}
      const index axis = n.attribute.a[0];
      source = n.attribute.a[1] == 0
                   ? b.push(core::multiply, source, moved(b, node, axis))
                   : b.push(b.find<shift_op>(), b.push(core::multiply, source, node), -1, -1, {{axis, -1}});
    }
    return b.push(n.op, n.in[0], source, -1, n.attribute);
  }
};

/// The place, along axis a[1], of the greatest (a[2] = 0) or least element up to each one: the first of equal
/// ones; a NaN is greatest and least.
struct running_place_op : op_defaults {
  static constexpr auto name = "running_place";
  static constexpr domain takes = domain::ordered;
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr yields gives = yields::attribute;
  static constexpr bool smooth = false;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[0]; }
  static void run(const opaque_launch& l) {
    detail::with_ordered_type(l.in[0].type, [&]<class T>(T) {
      using order = detail::order_key<T>;
      const index axis = l.attribute.a[1], n = l.out.extent[axis];
      const index from_step = l.in[0].stride[axis], to_step = l.out.stride[axis];
      detail::each_line(l.in[0], l.out, axis, [&](const std::byte* from, std::byte* to) {
        const T* const x = reinterpret_cast<const T*>(from);
        const auto key = [&](index i) {
          const auto k = order::template of<true>(x[i * from_step]);
          using K = decltype(k);
          return l.attribute.a[2] != 0 && !math::is_nan(x[i * from_step]) ? K(~k) : k;
        };
        index best = 0;
        auto most = key(0);
        for (index i = 0; i < n; ++i) {
          if (const auto k = key(i); k > most) {
            best = i;
            most = k;
          }
          reinterpret_cast<std::int64_t*>(to)[i * to_step] = best;
        }
      });
    });
  }
};

/// r_i = a_i r_{i-1} + b_i along an axis, the first by default, from r_{-1} = 0: discounted sums, filters. a
/// and b have one shape.
template <int Axis = 0, tensor_like A, tensor_like B>
constexpr auto linear_recurrence(A&& a, B&& b) {
  return apply<with<recurrence_op, detail::chosen_axis<Axis, A>(), 0>>(static_cast<A&&>(a),
                                                                       static_cast<B&&>(b));
}

namespace detail {
/// v's first elements along an axis, then zeros.
template <int Axis, class V>
constexpr auto first_alone(const V& v) {
  constexpr int last = rank_of<typename V::shape_type> - 1;
  using positions = with<position_op, index(dtype::int64)>;
  if constexpr (Axis == last)
    return where(apply<positions>(v) == 0_c, v, 0_c);
  else
    return where(swapaxes<Axis, last>(apply<positions>(swapaxes<Axis, last>(v))) == 0_c, v, 0_c);
}
template <int Axis, class X>
constexpr auto running_product(X&& x) {
  return call([](auto v) { return apply<with<recurrence_op, Axis, 0>>(v, first_alone<Axis>(v)); },
              static_cast<X&&>(x));
}
template <int Axis, index Least, class X>
constexpr auto running_extremum(X&& x) {
  return call(
      [](auto v) {
        return take_along_axis<Axis>(v, apply<with<running_place_op, index(dtype::int64), Axis, Least>>(v));
      },
      static_cast<X&&>(x));
}
template <int Axis, class X>
constexpr auto neighbours_apart(X&& x) {
  return call(
      [](auto v) {
        if constexpr (std::is_same_v<typename decltype(v)::value_type, bool>)
          return trim<Axis, 1, 0>(v) != trim<Axis, 0, 1>(v);
        else
          return trim<Axis, 1, 0>(v) - trim<Axis, 0, 1>(v);
      },
      static_cast<X&&>(x));
}
}  // namespace detail

/// Running products along an axis, the first by default; of integers in int64 or uint64, as sums. Derivatives
/// are exact where elements are 0.
template <int Axis = 0, tensor_like X>
constexpr auto cumprod(X&& x) {
  constexpr int axis = detail::chosen_axis<Axis, X>();
  constexpr dtype from = detail::dtype_of_operand<X>.type;
  if constexpr (is_integer(from) && sum_dtype(from) != from)
    return detail::running_product<axis>(astype<type_of<sum_dtype(from)>>(static_cast<X&&>(x)));
  else
    return detail::running_product<axis>(static_cast<X&&>(x));
}

/// The greatest element up to each one along an axis, the first by default; NaN stays. The derivative goes to
/// the first of equal ones.
template <int Axis = 0, tensor_like X>
constexpr auto cummax(X&& x) {
  return detail::running_extremum<detail::chosen_axis<Axis, X>(), 0>(static_cast<X&&>(x));
}
/// The least element up to each one along an axis; else as cummax.
template <int Axis = 0, tensor_like X>
constexpr auto cummin(X&& x) {
  return detail::running_extremum<detail::chosen_axis<Axis, X>(), 1>(static_cast<X&&>(x));
}

/// Differences of neighbours along an axis, the last by default, N times: [n] -> [n - N]. Of bools, whether
/// they differ.
template <int N = 1, int Axis = -1, tensor_like X>
constexpr auto diff(X&& x) {
  static_assert(N >= 0, "tenon: diff<N> has N >= 0");
  constexpr int at = detail::chosen_axis<Axis, X>();
  if constexpr (N == 0)
    return detail::as_expression<0>(static_cast<X&&>(x));
  else
    return diff<N - 1, at>(detail::neighbours_apart<at>(static_cast<X&&>(x)));
}

}  // namespace tenon
