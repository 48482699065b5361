// What runs along an axis: cumsum, cumprod, cummax, cummin, differences of neighbours, and the linear
// recurrence that cumprod's derivatives are made of.
#pragma once

#include "tenon/ops/ordering.hpp"
#include "tenon/ops/rolling.hpp"
#include "tenon/ops/scans.hpp"

namespace tenon {

/// Sums of the elements up to each one along axis a[0]; from each one on, where a[1] is 1. A float's sum is
/// kept in double.
struct cumsum_op : op_defaults {
  template <class T>
  struct running_sum {
    using sum = std::conditional_t<math::real<T>, double,
                                   std::conditional_t<complex_number<T>, complex128, std::uint64_t>>;
    static sum begin(index, T x) { return math::cast<sum>(x); }
    static sum next(sum s, index, T x) { return math::add(s, math::cast<sum>(x)); }
    static sum result(sum s) { return s; }
  };

  static constexpr auto name = "cumsum";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::arithmetic;
  static constexpr bool linear = true;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[0]; }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::with_type(l.in[0].type, [&]<class T>(T) {
      if constexpr (!std::is_same_v<T, bool>)
        detail::scan_along<T, T, 1>(l.in, l.out, l.attribute.a[0], l.attribute.a[1] != 0, running_sum<T>{});
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    const attributes& a = b.node[node].attribute;
    return b.push(b.node[node].op, cotangent, -1, -1, {{a.a[0], 1 - a.a[1]}});
  }
};

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
  template <class T>
  struct rule {
    static T begin(index, T b) { return b; }
    static T next(T r, index, T a, T b) { return math::add(math::multiply(a, r), b); }
    static T result(T r) { return r; }
  };
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::with_type(l.out.type, [&]<class T>(T) {
      if constexpr (!std::is_same_v<T, bool>)
        detail::scan_along<T, T, 2>(l.in, l.out, l.attribute.a[0], l.attribute.a[1] != 0, rule<T>{});
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
  template <class T>
  struct rule {
    using order = detail::order_key<T>;
    using key = typename order::type;
    struct held {
      key most;
      std::int64_t place;
    };
    bool least;
    key of(T x) const {
      const key k = order::template of<true>(x);
      return least && !math::is_nan(x) ? key(~k) : k;
    }
    held begin(index i, T x) const { return {of(x), i}; }
    held next(held h, index i, T x) const {
      const key k = of(x);
      return {k > h.most ? k : h.most, k > h.most ? i : h.place};
    }
    static std::int64_t result(held h) { return h.place; }
  };
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::with_ordered_type(l.in[0].type, [&]<class T>(T) {
      detail::scan_along<T, std::int64_t, 1>(l.in, l.out, l.attribute.a[1], false,
                                             rule<T>{l.attribute.a[2] != 0});
    });
  }
};

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
