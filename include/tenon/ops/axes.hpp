// Axes taken apart, joined, spread and cut short, for extents that only run time knows too; and the functions
// that are made of them: flatten, moveaxis, rot90, depth_to_space and the like. All are views.
#pragma once

#include "tenon/ops/core_ops.hpp"

namespace tenon {

namespace detail {
/// An extent made of one by arithmetic: static where that was, else dynamic.
constexpr dim changed(dim from, index n) {
  return is_static(from.code) ? static_dim(n) : dim{dyn_code, from.size < 0 ? -1 : n};
}
}  // namespace detail

/// Neighbouring axes as one, in row-major order: bit i of the attribute joins axis i to axis i + 1. Static
/// extents are multiplied; an extent beside static 1 stays what it is; others give a dynamic one.
struct merge_axes_op : view_op {
  static constexpr auto name = "merge_axes";
  static constexpr bool joined(index mask, int i) { return i > 0 && ((mask >> (i - 1)) & 1) != 0; }
  static constexpr extents shape(shape_scope&, const shape_query& q) {
    extents r;
    for (int i = 0; i < q.in[0].rank; ++i) {
      const dim next = q.in[0][i];
      if (!joined(q.attribute.a[0], i)) {
        r[r.rank++] = next;
        continue;
      }
      dim& last = r[r.rank - 1];
      const index n = last.size < 0 || next.size < 0 ? -1 : last.size * next.size;
      if (last.code == 1)
        last = next;
      else if (next.code != 1)
        last = is_static(last.code) && is_static(next.code) ? static_dim(n) : dim{dyn_code, n};
    }
    return r;
  }
  static constexpr bool strides(const extents& in, const extents& out, const attributes& attribute,
                                const view_strides& from, view_strides& to) {
    index extent[max_rank]{};
    int n = -1;
    to.offset = from.offset;
    for (int i = 0; i < in.rank; ++i) {
      if (!joined(attribute.a[0], i)) {
        to.stride[++n] = from.stride[i];
        extent[n] = in[i].size;
        continue;
      }
      if (in[i].size == 1) continue;
      if (extent[n] != 1 && out[n].size != 0 && to.stride[n] != from.stride[i] * in[i].size) return false;
      to.stride[n] = from.stride[i];
      extent[n] *= in[i].size;
    }
    return true;
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    const index shape = b.node[b.node[node].in[0]].shape;
    return b.push(core::reshape, cotangent, -1, -1, {{shape}});
  }
};

/// Axis a[0] of extent n as two: [n / a[1], a[1]], or, where a[2] is 1, [a[1], n / a[1]].
struct split_axis_op : view_op {
  static constexpr auto name = "split_axis";
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    const int axis = static_cast<int>(q.attribute.a[0]);
    const index part = q.attribute.a[1];
    extents r;
    for (int i = 0; i < q.in[0].rank; ++i) {
      const dim d = q.in[0][i];
      if (i != axis) {
        r[r.rank++] = d;
        continue;
      }
      if (d.size >= 0 && d.size % part != 0) scope.fail(misfit::elements, d, static_dim(part));
      const dim rest = detail::changed(d, d.size / part);
      r[r.rank++] = q.attribute.a[2] != 0 ? static_dim(part) : rest;
      r[r.rank++] = q.attribute.a[2] != 0 ? rest : static_dim(part);
    }
    return r;
  }
  static constexpr bool strides(const extents& in, const extents& out, const attributes& which,
                                const view_strides& from, view_strides& to) {
    const int axis = static_cast<int>(which.a[0]);
    to.offset = from.offset;
    for (int i = 0; i < in.rank; ++i) to.stride[i <= axis ? i : i + 1] = from.stride[i];
    to.stride[axis] = from.stride[axis] * out[axis + 1].size;
    to.stride[axis + 1] = from.stride[axis];
    return true;
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    const index before = b.node[b.node[node].in[0]].shape;
    return b.push(core::reshape, cotangent, -1, -1, {{before}});
  }
};

/// Axis a[0], of extent 1, repeated a[1] times.
struct spread_op : view_op {
  static constexpr auto name = "spread";
  static constexpr bool leaves_out = true;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    extents r = q.in[0];
    dim& d = r[static_cast<int>(q.attribute.a[0])];
    if (d.code != 1) scope.fail(misfit::elements, d, static_dim(1));
    d = static_dim(q.attribute.a[1]);
    return r;
  }
  static constexpr bool strides(const extents&, const extents&, const attributes& which,
                                const view_strides& from, view_strides& to) {
    to = from;
    to.stride[which.a[0]] = 0;
    return true;
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(core::sum, cotangent, -1, -1, {{index(1) << b.node[node].attribute.a[0], 1}});
  }
};

struct untrim_op;

/// Axis a[0] without its first a[1] and its last a[2] elements.
struct trim_op : view_op {
  static constexpr auto name = "trim";
  static constexpr bool leaves_out = true;
  using inserts = list<untrim_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    extents r = q.in[0];
    dim& d = r[static_cast<int>(q.attribute.a[0])];
    const index n = d.size - q.attribute.a[1] - q.attribute.a[2];
    if (d.size >= 0 && n < 0) scope.fail(misfit::range, d, static_dim(q.attribute.a[1] + q.attribute.a[2]));
    d = detail::changed(d, n);
    return r;
  }
  static constexpr bool strides(const extents&, const extents& out, const attributes& which,
                                const view_strides& from, view_strides& to) {
    to = from;
    if (out[static_cast<int>(which.a[0])].size > 0) to.offset += which.a[1] * from.stride[which.a[0]];
    return true;
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<untrim_op>(), cotangent, b.node[node].in[0], -1, b.node[node].attribute);
  }
};

/// Zeros of the second operand's shape, with the first from place a[1] on along axis a[0]: the transpose of
/// trim.
struct untrim_op : op_defaults {
  static constexpr auto name = "untrim";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 2, shape_only = 1;
  static constexpr bool linear = true;
  using inserts = list<trim_op>;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[1]; }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::clear(l.out);
    array_access inside = l.out;
    const index axis = l.attribute.a[0];
    inside.data += l.attribute.a[1] * inside.stride[axis] * size_of(inside.type);
    inside.extent[axis] = l.in[0].extent[axis];
    detail::copy_elements(l.in[0], inside);
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<trim_op>(), cotangent, -1, -1, b.node[node].attribute);
  }
};

// ---- what users call --------------------------------------------------------------------------------------

namespace detail {
template <int First, int Count, class X>
constexpr auto merge_axes(X&& x) {
  if constexpr (Count == 1)
    return as_expression<0>(static_cast<X&&>(x));
  else
    return apply<with<merge_axes_op, (((index(1) << (Count - 1)) - 1) << First)>>(static_cast<X&&>(x));
}
template <int Axis, index Part, bool Outer, class X>
constexpr auto split_axis(X&& x) {
  return apply<with<split_axis_op, Axis, Part, Outer>>(static_cast<X&&>(x));
}
/// A new axis of extent N, which becomes axis A of the result.
template <int A, index N, class X>
constexpr auto spread(X&& x) {
  return apply<with<spread_op, A, N>>(expand_dims<A>(static_cast<X&&>(x)));
}

/// A vector along axis A of `rank` axes.
template <int A, int Rank, class V>
constexpr auto standing_along(const V& v) {
  return apply_to<with<expand_op, ((index(1) << Rank) - 1) & ~(index(1) << A)>>(v);
}
/// The axes with those of From moved to the places To, packed.
template <int Rank, int... From, int... To>
constexpr index moved_axes(axes_t<From...>, axes_t<To...>) {
  int source[Rank + 1]{};
  bool moved[Rank + 1]{}, filled[Rank + 1]{};
  const int from[] = {(From + Rank) % Rank..., 0}, to[] = {(To + Rank) % Rank..., 0};
  for (int k = 0; k < int(sizeof...(From)); ++k) {
    source[to[k]] = from[k];
    filled[to[k]] = moved[from[k]] = true;
  }
  for (int i = 0, next = 0; i < Rank; ++i) {
    if (filled[i]) continue;
    while (moved[next]) ++next;
    source[i] = next++;
  }
  index packed = 0;
  for (int i = 0; i < Rank; ++i) packed |= index(source[i]) << (4 * i);
  return packed;
}
template <int Rank, int... A>
constexpr bool distinct_axes() {
  index seen = 0;
  bool ok = true;
  ((ok = ok && A >= -Rank && A < Rank && ((seen >> ((A + 2 * Rank) % (Rank > 0 ? Rank : 1))) & 1) == 0,
    seen |= ok ? index(1) << ((A + 2 * Rank) % (Rank > 0 ? Rank : 1)) : 0),
   ...);
  return ok;
}
}  // namespace detail

/// x itself. (Of a slice, +x.slice(...) is a value of its own.)
template <tensor_like X>
constexpr auto positive(X&& x) {
  return detail::as_expression<0>(static_cast<X&&>(x));
}
template <tensor_like X>
requires(!requires { &std::remove_cvref_t<X>::operator+; }) constexpr auto operator+(X&& x) {
  return detail::as_expression<0>(static_cast<X&&>(x));
}

/// All elements along one axis, in row-major order: [a, b, c] -> [a b c].
template <tensor_like X>
constexpr auto flatten(X&& x) {
  constexpr int rank = detail::rank_of_operand<X>;
  if constexpr (rank == 0)
    return expand_dims<0>(static_cast<X&&>(x));
  else
    return detail::merge_axes<0, rank>(static_cast<X&&>(x));
}
/// The same as flatten.
template <tensor_like X>
constexpr auto ravel(X&& x) {
  return flatten(static_cast<X&&>(x));
}

/// Axis From moved to place To, the others in their order: moveaxis<0, -1>(x): [a, b, c] -> [b, c, a].
template <int From, int To, tensor_like X>
constexpr auto moveaxis(X&& x) {
  constexpr int rank = detail::rank_of_operand<X>;
  constexpr int from = detail::chosen_axis<From, X>(), to = detail::chosen_axis<To, X>();
  return apply<with<permute_op, detail::moved_axes<rank>(axes_t<from>{}, axes_t<to>{})>>(static_cast<X&&>(x));
}
/// Several axes moved: moveaxis(x, axes<0, 1>, axes<-1, -2>).
template <tensor_like X, int... From, int... To>
constexpr auto moveaxis(X&& x, axes_t<From...>, axes_t<To...>) {
  constexpr int rank = detail::rank_of_operand<X>;
  static_assert(sizeof...(From) == sizeof...(To) && detail::distinct_axes<rank, From...>() &&
                    detail::distinct_axes<rank, To...>(),
                "tenon: moveaxis takes as many axes as places, each axis and place once");
  return apply<with<permute_op, detail::moved_axes<rank>(axes_t<From...>{}, axes_t<To...>{})>>(
      static_cast<X&&>(x));
}

/// Turned by K quarters in the plane of two axes, from the first towards the second.
template <int K = 1, int A = 0, int B = 1, tensor_like X>
constexpr auto rot90(X&& x) {
  constexpr int a = detail::chosen_axis<A, X>(), b = detail::chosen_axis<B, X>(), turns = (K % 4 + 4) % 4;
  static_assert(a != b, "tenon: rot90 takes two different axes");
  if constexpr (turns == 0)
    return detail::as_expression<0>(static_cast<X&&>(x));
  else if constexpr (turns == 1)
    return swapaxes<a, b>(flip(static_cast<X&&>(x), axis<b>));
  else if constexpr (turns == 2)
    return flip(static_cast<X&&>(x), axes<a, b>);
  else
    return flip(swapaxes<a, b>(static_cast<X&&>(x)), axis<b>);
}

/// At least one axis: a number becomes [1].
template <tensor_like X>
constexpr auto atleast_1d(X&& x) {
  if constexpr (detail::rank_of_operand<X> == 0)
    return expand_dims<0>(static_cast<X&&>(x));
  else
    return detail::as_expression<0>(static_cast<X&&>(x));
}
/// At least two axes: [n] becomes [1, n].
template <tensor_like X>
constexpr auto atleast_2d(X&& x) {
  if constexpr (detail::rank_of_operand<X> < 2)
    return expand_dims<0>(atleast_1d(static_cast<X&&>(x)));
  else
    return detail::as_expression<0>(static_cast<X&&>(x));
}
/// At least three axes: [n] becomes [1, n, 1], and [m, n] becomes [m, n, 1].
template <tensor_like X>
constexpr auto atleast_3d(X&& x) {
  if constexpr (detail::rank_of_operand<X> < 3)
    return expand_dims<2>(atleast_2d(static_cast<X&&>(x)));
  else
    return detail::as_expression<0>(static_cast<X&&>(x));
}

/// Axis A without its first Before and its last After elements, of extents known at run time too:
/// trim<0, 1, 0>(x) is x[1:], trim<-1, 0, 2>(x) is x[..., :-2].
template <int A, index Before, index After, tensor_like X>
constexpr auto trim(X&& x) {
  static_assert(Before >= 0 && After >= 0, "tenon: trim takes away 0 elements or more");
  return apply<with<trim_op, detail::chosen_axis<A, X>(), Before, After>>(static_cast<X&&>(x));
}

/// Channels to blocks of pixels: [batch, B B c, h, w] -> [batch, c, B h, B w]. Channel (i B + j) c + k of a
/// pixel becomes the pixel of row i and column j in its block, channel k (ONNX's mode DCR).
template <index B, tensor_like X>
constexpr auto depth_to_space(X&& x) {
  static_assert(detail::rank_of_operand<X> == 4,
                "tenon: depth_to_space takes [batch, channels, height, width]");
  // [n, i, j, c, h, w] -> [n, c, h, i, w, j]
  return detail::merge_axes<3, 2>(detail::merge_axes<2, 2>(permute<0, 3, 4, 1, 5, 2>(
      detail::split_axis<2, B, true>(detail::split_axis<1, B, true>(static_cast<X&&>(x))))));
}
/// Blocks of pixels to channels, the inverse of depth_to_space: [batch, c, B h, B w] -> [batch, B B c, h, w].
template <index B, tensor_like X>
constexpr auto space_to_depth(X&& x) {
  static_assert(detail::rank_of_operand<X> == 4,
                "tenon: space_to_depth takes [batch, channels, height, width]");
  // [n, c, h, i, w, j] -> [n, i, j, c, h, w]
  return detail::merge_axes<1, 3>(permute<0, 3, 5, 1, 2, 4>(
      detail::split_axis<4, B, false>(detail::split_axis<2, B, false>(static_cast<X&&>(x)))));
}

}  // namespace tenon
