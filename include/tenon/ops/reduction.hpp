// Reductions over any set of axes: sum, mean, max, min. One declaration each; `combine` is the same template
// on numbers and on SIMD lanes, and evaluation is a tree fixed by the shape.
#pragma once

#include <limits>

#include "tenon/graph/builder.hpp"
#include "tenon/ops/elementwise.hpp"

namespace tenon {

/// Asks a reduction to keep reduced axes with extent 1.
struct keepdims_t {};
inline constexpr keepdims_t keepdims{};

template <int... A>
struct axes_t {};
/// One axis, or several; negative ones count from the end.
template <int A>
inline constexpr axes_t<A> axis{};
template <int... A>
inline constexpr axes_t<A...> axes{};

struct sum_op : reduction {
  static constexpr auto name = "sum";
  static constexpr domain takes = domain::arithmetic;
  static constexpr bool linear = true;
  template <class T>
  TENON_INLINE static T identity() {
    return T(0);
  }
  template <class V>
  TENON_INLINE static V combine(V a, V b) {
    using namespace math;
    return add(a, b);
  }
};

/// Sums over the axes along which the second operand turns out to have extent 1: the transpose of a broadcast
/// that only run time knows of; without such axes it does nothing.
struct sum_to_like_op : sum_op {
  static constexpr auto name = "sum_to";
  static constexpr int arity = 2;
  static constexpr int shape_only = 1;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[1]; }
};

namespace detail {
/// The weight of each element in the derivative of an extremum: 1/k at each of k equal extrema, else 0.
constexpr int extremum_weight(graph_builder& b, int node) {
  const array_node extremum = b.node[node];
  const int x = extremum.in[0];
  const int hit = b.push(core::where, b.push(core::equal, x, node), b.number(1, b.node[x].type), b.number(0));
  return b.push(core::divide, hit, b.push(core::sum, hit, -1, -1, extremum.attribute));
}
}  // namespace detail

/// The largest element; NaN propagates; k equal maxima share the derivative.
struct max_op : reduction {
  static constexpr auto name = "max";
  template <class T>
  TENON_INLINE static T identity() {
    if constexpr (is_floating(dtype_of<T>))
      return -std::numeric_limits<T>::infinity();
    else
      return std::numeric_limits<T>::lowest();
  }
  /// What is new comes first: whether that is NaN need not wait for the elements before.
  template <class V>
  TENON_INLINE static V combine(V a, V b) {
    using namespace math;
    return maximum(b, a);
  }
  static constexpr int weight(graph_builder& b, int node) { return detail::extremum_weight(b, node); }
};

/// The smallest element; NaN propagates; k equal minima share the derivative.
struct min_op : reduction {
  static constexpr auto name = "min";
  template <class T>
  TENON_INLINE static T identity() {
    if constexpr (is_floating(dtype_of<T>))
      return std::numeric_limits<T>::infinity();
    else
      return std::numeric_limits<T>::max();
  }
  template <class V>
  TENON_INLINE static V combine(V a, V b) {
    using namespace math;
    return minimum(b, a);
  }
  static constexpr int weight(graph_builder& b, int node) { return detail::extremum_weight(b, node); }
};

/// The product; its derivative is exact with zeros among the elements: the product of the others.
struct prod_op : reduction {
  static constexpr auto name = "prod";
  static constexpr domain takes = domain::arithmetic;
  template <class T>
  TENON_INLINE static T identity() {
    return T(1);
  }
  template <class V>
  TENON_INLINE static V combine(V a, V b) {
    using namespace math;
    return multiply(a, b);
  }
  /// With z zeros, and p the product of the rest: y / x where z = 0; p at the zero where z = 1; else 0.
  static constexpr int weight(graph_builder& b, int node) {
    const array_node y = b.node[node];
    const int x = y.in[0];
    const int zero = b.push(core::equal, x, b.number(0));
    const int ones = b.number(1, b.node[x].type), none = b.number(0, b.node[x].type);
    const int rest = b.push(core::where, zero, ones, x);
    const int p = b.push(y.op, rest, -1, -1, y.attribute);
    const int z = b.push(core::sum, b.push(core::where, zero, ones, none), -1, -1, y.attribute);
    return b.push(core::where, zero, b.push(core::where, b.push(core::equal, z, ones), p, none),
                  b.push(core::where, b.push(core::equal, z, none), b.push(core::divide, p, rest), none));
  }
};

/// Whether any element is true; false of none.
struct any_op : reduction {
  static constexpr auto name = "any";
  static constexpr domain takes = domain::boolean;
  static constexpr bool smooth = false;
  template <class T>
  TENON_INLINE static T identity() {
    return T(false);
  }
  template <class V>
  TENON_INLINE static V combine(V a, V b) {
    using namespace math;
    return logical_or(a, b);
  }
};
/// Whether all elements are true; true of none.
struct all_op : reduction {
  static constexpr auto name = "all";
  static constexpr domain takes = domain::boolean;
  static constexpr bool smooth = false;
  template <class T>
  TENON_INLINE static T identity() {
    return T(true);
  }
  template <class V>
  TENON_INLINE static V combine(V a, V b) {
    using namespace math;
    return logical_and(a, b);
  }
};

/// The number of elements along a set of axes, in the operand's dtype: known once extents are.
struct count_op : op_defaults {
  static constexpr auto name = "count";
  static constexpr op_kind kind = op_kind::bound_scalar;
  static constexpr int arity = 1;
  static constexpr int shape_only = 0;
  static constexpr domain takes = domain::arithmetic;
  static constexpr bool smooth = false;
  static constexpr extents shape(shape_scope&, const shape_query&) { return {}; }
  static constexpr double bound(const extents& in, const attributes& attribute) {
    double n = 1;
    for (int i = 0; i < in.rank; ++i)
      if (((attribute.a[0] >> i) & 1) != 0) n *= static_cast<double>(in[i].size);
    return n;
  }
};

// ---- what users call --------------------------------------------------------------------------------------

namespace detail {

template <class Shape>
inline constexpr int rank_of = 0;
template <class... D>
inline constexpr int rank_of<shape<D...>> = sizeof...(D);

template <class Shape, int... A>
inline constexpr bool axes_exist = std::is_same_v<Shape, any_shape> ||
                                   ((A >= -rank_of<Shape> && A < rank_of<Shape>)&&...);

/// The axes as a bit mask; all axes when none are named.
template <class Shape, int... A>
constexpr index axis_mask(axes_t<A...>) {
  if constexpr (std::is_same_v<Shape, any_shape>) {
    return ((index(1) << A) | ... | index(0));
  } else {
    constexpr int rank = rank_of<Shape>;
    if constexpr (sizeof...(A) == 0)
      return (index(1) << rank) - 1;
    else
      return ((index(1) << ((A + 2 * rank) % (rank > 0 ? rank : 1) & 15)) | ...);
  }
}

template <class Op, bool Keep, int... A, class X>
constexpr auto reduce(axes_t<A...> which, X&& x) {
  auto&& e = as_expression<0>(static_cast<X&&>(x));
  using E = typename detail::bare<decltype(e)>::type;
  static_assert(axes_exist<typename E::shape_type, A...>, "tenon: there is no such axis in this shape");
  using reduction_type = with<Op, axis_mask<typename E::shape_type>(which), Keep>;
  static_assert(applying<reduction_type, decltype(e)>::dtypes,
                "tenon: this operation does not take operands of this dtype; see astype<T>(x)");
  return apply_to<reduction_type>(static_cast<decltype(e)>(e));
}

/// A reduction that accumulates: sums and products of integers are int64 or uint64.
template <class Op, bool Keep, int... A, class X>
constexpr auto accumulate(axes_t<A...> which, X&& x) {
  constexpr dtype from = dtype_of_operand<X>.type, to = sum_dtype(from);
  if constexpr (is_integer(from) && from != to)
    return reduce<Op, Keep>(which, apply<with<cast_op, index(to)>>(static_cast<X&&>(x)));
  else
    return reduce<Op, Keep>(which, static_cast<X&&>(x));
}

template <bool Keep, int... A, class X>
constexpr auto mean(axes_t<A...> which, X&& x) {
  auto&& e = as_expression<0>(static_cast<X&&>(x));
  using E = typename detail::bare<decltype(e)>::type;
  static_assert(
      takes_dtype(domain::analytic, dtype_of<typename E::value_type>) || in_rule<typename E::value_type>,
      "tenon: mean takes floating-point elements; convert with astype<float>(x)");
  static_assert(axes_exist<typename E::shape_type, A...>, "tenon: there is no such axis in this shape");
  constexpr index mask = axis_mask<typename E::shape_type>(which);
  auto count = apply_to<with<count_op, mask>>(E(e));  // only its extents: nothing is computed twice
  return apply_to<with<sum_op, mask, Keep>>(static_cast<decltype(e)>(e)) / std::move(count);
}

}  // namespace detail

/// The sum over the axes given, or over all; of integers in int64 or uint64. `keepdims` keeps reduced axes
/// with extent 1.
template <tensor_like X, int... A>
constexpr auto sum(X&& x, axes_t<A...> which = {}) {
  return detail::accumulate<sum_op, false>(which, static_cast<X&&>(x));
}
template <tensor_like X>
constexpr auto sum(X&& x, keepdims_t) {
  return detail::accumulate<sum_op, true>(axes_t<>{}, static_cast<X&&>(x));
}
template <tensor_like X, int... A>
constexpr auto sum(X&& x, axes_t<A...> which, keepdims_t) {
  return detail::accumulate<sum_op, true>(which, static_cast<X&&>(x));
}

/// The maximum over the axes given, or over all; NaN propagates; of no elements -inf, or the least integer.
/// `keepdims` keeps reduced axes with extent 1.
template <tensor_like X, int... A>
constexpr auto max(X&& x, axes_t<A...> which = {}) {
  return detail::reduce<max_op, false>(which, static_cast<X&&>(x));
}
template <tensor_like X>
constexpr auto max(X&& x, keepdims_t) {
  return detail::reduce<max_op, true>(axes_t<>{}, static_cast<X&&>(x));
}
template <tensor_like X, int... A>
constexpr auto max(X&& x, axes_t<A...> which, keepdims_t) {
  return detail::reduce<max_op, true>(which, static_cast<X&&>(x));
}

/// The minimum over the axes given, or over all; NaN propagates; of no elements inf, or the greatest integer.
/// `keepdims` keeps reduced axes with extent 1.
template <tensor_like X, int... A>
constexpr auto min(X&& x, axes_t<A...> which = {}) {
  return detail::reduce<min_op, false>(which, static_cast<X&&>(x));
}
template <tensor_like X>
constexpr auto min(X&& x, keepdims_t) {
  return detail::reduce<min_op, true>(axes_t<>{}, static_cast<X&&>(x));
}
template <tensor_like X, int... A>
constexpr auto min(X&& x, axes_t<A...> which, keepdims_t) {
  return detail::reduce<min_op, true>(which, static_cast<X&&>(x));
}

/// The mean over the axes given, or over all; floating-point elements. `keepdims` keeps reduced axes with
/// extent 1.
template <tensor_like X, int... A>
constexpr auto mean(X&& x, axes_t<A...> which = {}) {
  return detail::mean<false>(which, static_cast<X&&>(x));
}
template <tensor_like X>
constexpr auto mean(X&& x, keepdims_t) {
  return detail::mean<true>(axes_t<>{}, static_cast<X&&>(x));
}
template <tensor_like X, int... A>
constexpr auto mean(X&& x, axes_t<A...> which, keepdims_t) {
  return detail::mean<true>(which, static_cast<X&&>(x));
}

}  // namespace tenon
