// Borders around arrays: pad, with a constant or with the array's own elements, as NumPy's modes have it.
// Each axis is a step of its own: elements of the corners come from borders that are there already.
#pragma once

#include "tenon/ops/axes.hpp"
#include "tenon/ops/indexing.hpp"

namespace tenon {

/// What a border is filled with: a constant; the outermost element (aa|abc|cc); the array mirrored about its
/// outermost element (cb|abc|ba) or about its edge (ba|abc|cb); the array again (bc|abc|ab).
enum class pad_mode { constant, edge, reflect, symmetric, wrap };

namespace detail {

/// Axis a[0] with a[1] elements more before and a[2] after.
constexpr extents padded_shape(const shape_query& q) {
  extents r = q.in[0];
  dim& d = r[static_cast<int>(q.attribute.a[0])];
  d = changed(d, d.size + q.attribute.a[1] + q.attribute.a[2]);
  return r;
}

/// The place, of n, that element i of an extended axis shows; i = 0 is the first before padding.
constexpr index shown_place(index i, index n, pad_mode mode) {
  if (i >= 0 && i < n) return i;
  if (mode == pad_mode::edge || n == 1) return i < 0 ? 0 : n - 1;
  const index period = mode == pad_mode::wrap ? n : mode == pad_mode::reflect ? 2 * (n - 1) : 2 * n;
  const index k = ((i % period) + period) % period;
  return k < n ? k : mode == pad_mode::reflect ? period - k : period - 1 - k;
}

/// The part of an array at one place of an axis.
inline array_access at_place(const array_access& a, index axis, index i) {
  return without_axes(a, axis, 1, a.data + i * a.stride[axis] * size_of(a.type));
}
inline array_access part_of(array_access a, index axis, index first, index n) {
  a.data += first * a.stride[axis] * size_of(a.type);
  a.extent[axis] = n;
  return a;
}

}  // namespace detail

/// x between a[1] and a[2] elements of the second operand, a number, along axis a[0].
struct pad_op : op_defaults {
  static constexpr auto name = "pad";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 2;
  static constexpr bool linear = true, joint = true;
  using inserts = list<trim_op, untrim_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    if (q.in[1].rank != 0) scope.fail(misfit::rank, {q.in[1].rank, q.in[1].rank}, {0, 0});
    return detail::padded_shape(q);
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    const index axis = l.attribute.a[0], before = l.attribute.a[1], n = l.in[0].extent[axis];
    detail::copy_elements(l.in[0], detail::part_of(l.out, axis, before, n));
    detail::fill_elements(detail::part_of(l.out, axis, 0, before), l.in[1].data);
    detail::fill_elements(detail::part_of(l.out, axis, before + n, l.attribute.a[2]), l.in[1].data);
  }
  static constexpr int pullback(graph_builder& b, int node, int operand, int cotangent) {
    const attributes which = b.node[node].attribute;
    const int inside = b.push(b.find<trim_op>(), cotangent, -1, -1, which);
    if (operand == 0) return inside;
    const int border =
        b.push(core::add, cotangent,
               b.push(core::negate, b.push(b.find<untrim_op>(), inside, cotangent, -1, which)));
    return b.push(core::sum, border, -1, -1, {{(index(1) << b.shape_of(border).rank) - 1}});
  }
};

struct fold_op;

/// Axis a[0] with a[1] elements more before and a[2] after, taken from itself by pad_mode a[3].
struct extend_op : op_defaults {
  static constexpr auto name = "pad";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 1;
  static constexpr bool linear = true;
  using inserts = list<fold_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    const dim d = q.in[0][static_cast<int>(q.attribute.a[0])];
    if (d.size == 0 && q.attribute.a[1] + q.attribute.a[2] > 0)  // there is nothing to take
      scope.fail(misfit::range, d, static_dim(1));
    return detail::padded_shape(q);
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    const index axis = l.attribute.a[0], before = l.attribute.a[1], n = l.in[0].extent[axis];
    const pad_mode mode = static_cast<pad_mode>(l.attribute.a[3]);
    detail::copy_elements(l.in[0], detail::part_of(l.out, axis, before, n));
    for (index i = 0; i < l.out.extent[axis]; ++i) {
      if (i == before) i += n;
      if (i < l.out.extent[axis])
        detail::copy_elements(detail::at_place(l.in[0], axis, detail::shown_place(i - before, n, mode)),
                              detail::at_place(l.out, axis, i));
    }
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<fold_op>(), cotangent, b.node[node].in[0], -1, b.node[node].attribute);
  }
};

/// Zeros of the second operand's shape to which the elements of an extended axis are added where they came
/// from: the transpose of pad by modes.
struct fold_op : op_defaults {
  static constexpr auto name = "fold";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2, shape_only = 1;
  static constexpr domain takes = domain::arithmetic;
  static constexpr bool linear = true;
  using inserts = list<extend_op>;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[1]; }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    const index axis = l.attribute.a[0], before = l.attribute.a[1], n = l.out.extent[axis];
    const pad_mode mode = static_cast<pad_mode>(l.attribute.a[3]);
    detail::copy_elements(detail::part_of(l.in[0], axis, before, n), l.out);
    detail::with_type(l.out.type, [&]<class T>(T) {
      if constexpr (!std::is_same_v<T, bool>) {
        for (index i = 0; i < l.in[0].extent[axis]; ++i) {
          if (i == before) i += n;
          if (i < l.in[0].extent[axis])
            detail::add_array<T>(detail::at_place(l.out, axis, detail::shown_place(i - before, n, mode)),
                                 detail::at_place(l.in[0], axis, i));
        }
      }
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<extend_op>(), cotangent, -1, -1, b.node[node].attribute);
  }
};

/// The widths of a border along one axis, for pad over all axes.
template <index Before, index After = Before>
struct border {};

namespace detail {

template <int Axis, pad_mode Mode, index Before, index After, class X, class V>
constexpr auto pad_axis(X&& x, const V& value) {
  static_assert(Before >= 0 && After >= 0, "tenon: pad takes widths of 0 or more; trim cuts off");
  if constexpr (Before == 0 && After == 0)
    return as_expression<0>(static_cast<X&&>(x));
  else if constexpr (Mode == pad_mode::constant)
    return apply<with<pad_op, Axis, Before, After>>(static_cast<X&&>(x), value);
  else
    return apply<with<extend_op, Axis, Before, After, index(Mode)>>(static_cast<X&&>(x));
}
template <int Axis, pad_mode Mode, class X, class V>
constexpr auto pad_axes(X&& x, const V&, list<>) {
  return as_expression<0>(static_cast<X&&>(x));
}
template <int Axis, pad_mode Mode, class X, class V, index B, index A, class... More>
constexpr auto pad_axes(X&& x, const V& value, list<border<B, A>, More...>) {
  return pad_axes<Axis + 1, Mode>(pad_axis<Axis, Mode, B, A>(static_cast<X&&>(x), value), value,
                                  list<More...>{});
}
/// N times the same border.
template <int N, class Border, class... Made>
struct borders : borders<N - 1, Border, Border, Made...> {};
template <class Border, class... Made>
struct borders<0, Border, Made...> {
  using type = list<Made...>;
};
template <class X>
inline constexpr bool is_border = false;
template <index B, index A>
inline constexpr bool is_border<border<B, A>> = true;

/// What pads an array of elements of x's dtype where no value is given.
template <class X>
constexpr auto padding_zero() {
  if constexpr (std::is_same_v<typename operand_types<X>::type, bool>)
    return false;
  else
    return constant<0>;
}

}  // namespace detail

/// Axis A with Before elements more in front and After behind: pad<0, 1, 2>(x), filled with 0 or with a
/// number that is given; pad<-1, 2, 2, pad_mode::reflect>(x). Static extents grow, others become dynamic.
/// Throws shape_error where a mode other than constant meets an empty axis.
template <int A, index Before, index After, pad_mode Mode = pad_mode::constant, tensor_like X>
constexpr auto pad(X&& x) {
  return detail::pad_axis<detail::chosen_axis<A, X>(), Mode, Before, After>(static_cast<X&&>(x),
                                                                            detail::padding_zero<X>());
}
template <int A, index Before, index After, tensor_like X, class V>
requires operands<V, X>
constexpr auto pad(X&& x, const V& value) {
  return detail::pad_axis<detail::chosen_axis<A, X>(), pad_mode::constant, Before, After>(static_cast<X&&>(x),
                                                                                          value);
}
/// The same of all axes, with a border for each: pad<border<1, 2>, border<0>>(x).
template <class... Border, tensor_like X>
requires((detail::is_border<Border> && ...) && sizeof...(Border) > 0) constexpr auto pad(X&& x) {
  static_assert(sizeof...(Border) == detail::rank_of_operand<X>, "tenon: pad takes a border for each axis");
  return detail::pad_axes<0, pad_mode::constant>(static_cast<X&&>(x), detail::padding_zero<X>(),
                                                 list<Border...>{});
}
template <class... Border, tensor_like X, class V>
requires((detail::is_border<Border> && ...) && sizeof...(Border) > 0 &&
         operands<V, X>) constexpr auto pad(X&& x, const V& value) {
  static_assert(sizeof...(Border) == detail::rank_of_operand<X>, "tenon: pad takes a border for each axis");
  return detail::pad_axes<0, pad_mode::constant>(static_cast<X&&>(x), value, list<Border...>{});
}
/// The same by one of the modes: pad<pad_mode::edge, border<1, 2>, border<0>>(x).
template <pad_mode Mode, class... Border, tensor_like X>
requires((detail::is_border<Border> && ...) && sizeof...(Border) > 0) constexpr auto pad(X&& x) {
  static_assert(sizeof...(Border) == detail::rank_of_operand<X>, "tenon: pad takes a border for each axis");
  return detail::pad_axes<0, Mode>(static_cast<X&&>(x), detail::padding_zero<X>(), list<Border...>{});
}
/// N elements on every side of every axis: pad<1>(x), pad<1, pad_mode::wrap>(x).
template <index N, pad_mode Mode = pad_mode::constant, tensor_like X>
constexpr auto pad(X&& x) {
  constexpr typename detail::borders<detail::rank_of_operand<X>, border<N>>::type all_axes;
  return detail::pad_axes<0, Mode>(static_cast<X&&>(x), detail::padding_zero<X>(), all_axes);
}

}  // namespace tenon
