// Ops that give the same elements another shape: views (permute, slice, squeeze, reshape) and their
// transposes. A view costs nothing where its operand is in memory: kernels and matrix products read through
// its strides.
#pragma once

#include "tenon/ops/concat.hpp"
#include "tenon/ops/copies.hpp"
#include "tenon/ops/reduction.hpp"

namespace tenon {

namespace detail {
/// Places an axis list in one attribute, four bits each.
template <int... A>
constexpr index packed_axes() {
  index packed = 0;
  int i = 0;
  ((packed |= index(A) << (4 * i++)), ...);
  return packed;
}
constexpr int axis_at(index packed, int i) { return static_cast<int>((packed >> (4 * i)) & 15); }
}  // namespace detail

struct permute_op : view_op {
  static constexpr auto name = "permute";
  static constexpr extents shape(shape_scope&, const shape_query& q) {
    extents r;
    for (int i = 0; i < q.in[0].rank; ++i) r[r.rank++] = q.in[0][detail::axis_at(q.attribute.a[0], i)];
    return r;
  }
  static constexpr bool strides(const extents& in, const extents&, const attributes& attribute,
                                const view_strides& from, view_strides& to) {
    to.offset = from.offset;
    for (int i = 0; i < in.rank; ++i) to.stride[i] = from.stride[detail::axis_at(attribute.a[0], i)];
    return true;
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    index inverse = 0;
    const index packed = b.node[node].attribute.a[0];
    for (int i = 0; i < b.shape_of(node).rank; ++i) inverse |= index(i) << (4 * detail::axis_at(packed, i));
    return b.push(core::permute, cotangent, -1, -1, {{inverse}});
  }
};

/// Drops the axes of a bit mask, which have extent 1.
struct squeeze_op : view_op {
  static constexpr auto name = "squeeze";
  static constexpr bool aliases = true;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    extents r;
    for (int i = 0; i < q.in[0].rank; ++i) {
      if (((q.attribute.a[0] >> i) & 1) == 0)
        r[r.rank++] = q.in[0][i];
      else if (q.in[0][i].code != 1)
        scope.fail(misfit::elements, q.in[0][i], static_dim(1));
    }
    return r;
  }
  static constexpr bool strides(const extents& in, const extents&, const attributes& attribute,
                                const view_strides& from, view_strides& to) {
    to.offset = from.offset;
    for (int i = 0, k = 0; i < in.rank; ++i)
      if (((attribute.a[0] >> i) & 1) == 0) to.stride[k++] = from.stride[i];
    return true;
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(core::expand, cotangent, -1, -1, b.node[node].attribute);
  }
};

/// Inserts axes of extent 1 at the places of a bit mask.
struct expand_op : view_op {
  static constexpr auto name = "expand_dims";
  static constexpr bool aliases = true;
  static constexpr extents shape(shape_scope&, const shape_query& q) {
    extents r;
    for (int i = 0, k = 0; k < q.in[0].rank || ((q.attribute.a[0] >> i) & 1) != 0; ++i)
      r[r.rank++] = ((q.attribute.a[0] >> i) & 1) != 0 ? static_dim(1) : q.in[0][k++];
    return r;
  }
  static constexpr bool strides(const extents&, const extents& out, const attributes& attribute,
                                const view_strides& from, view_strides& to) {
    to.offset = from.offset;
    for (int i = 0, k = 0; i < out.rank; ++i)
      to.stride[i] = ((attribute.a[0] >> i) & 1) != 0 ? 0 : from.stride[k++];
    return true;
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(core::squeeze, cotangent, -1, -1, b.node[node].attribute);
  }
};

/// The same elements in row-major order under a target shape; at most one target extent may be dynamic.
struct reshape_op : view_op {
  static constexpr auto name = "reshape";
  static constexpr bool targets = true;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    extents r = q.target;
    index have = 1, asked = 1;
    int open = -1;
    for (int i = 0; i < q.in[0].rank; ++i)
      have = have < 0 || q.in[0][i].size < 0 ? -1 : have * q.in[0][i].size;
    for (int i = 0; i < r.rank; ++i) {
      for (int k = 0; k < q.in[0].rank && (r[i].size) < 0; ++k)
        if (q.in[0][k].code == r[i].code && is_name(r[i].code)) r[i].size = q.in[0][k].size;
      if (r[i].size < 0)
        open = open == -1 ? i : -2;
      else
        asked *= r[i].size;
    }
    if (have < 0) return r;
    if (open >= 0 && asked > 0 && have % asked == 0) {
      r[open].size = have / asked;
      if (is_static(have / asked) && r[open].code == dyn_code) r[open].code = dyn_code;
    } else if (open == -1 && have != asked) {
      scope.fail(misfit::elements, {have, have}, {asked, asked});
    } else if (open != -1) {
      scope.fail(misfit::elements, {have, have}, {asked, asked});
    }
    return r;
  }
  static constexpr bool strides(const extents& in, const extents& out, const attributes&,
                                const view_strides& from, view_strides& to) {
    index expected = 1;  // only a row-major operand: others are copied first
    for (int i = in.rank - 1; i >= 0; --i) {
      if (in[i].size != 1 && from.stride[i] != expected) return false;
      expected *= in[i].size;
    }
    to.offset = from.offset;
    index stride = 1;
    for (int i = out.rank - 1; i >= 0; --i) {
      to.stride[i] = stride;
      stride *= out[i].size;
    }
    return true;
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    const index shape = b.node[b.node[node].in[0]].shape;
    return b.push(core::reshape, cotangent, -1, -1, {{shape}});
  }
};

/// The first operand's elements in row-major order under the second one's shape.
struct reshape_like_op : view_op {
  static constexpr auto name = "reshape_like";
  static constexpr int arity = 2, shape_only = 1;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    index count[2] = {1, 1};
    for (int k = 0; k < 2; ++k)
      for (int i = 0; i < q.in[k].rank; ++i)
        count[k] = count[k] < 0 || q.in[k][i].size < 0 ? -1 : count[k] * q.in[k][i].size;
    if (count[0] >= 0 && count[1] >= 0 && count[0] != count[1])
      scope.fail(misfit::elements, {count[0], count[0]}, {count[1], count[1]});
    return q.in[1];
  }
  static constexpr bool strides(const extents& in, const extents& out, const attributes& attribute,
                                const view_strides& from, view_strides& to) {
    return reshape_op::strides(in, out, attribute, from, to);
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.node[node].op, cotangent, b.node[node].in[0], -1, {});
  }
};

/// Elements begin, begin + step, ... before end along one axis: attributes axis, begin, end, step, all
/// static.
struct slice_op : view_op {
  static constexpr auto name = "slice";
  static constexpr bool leaves_out = true;
  using inserts = list<concat_op>;  // where slices make up all of their operand: passes/reverse_parts.hpp
  static constexpr index length(const attributes& r) {
    const index step = r.a[3], span = step > 0 ? r.a[2] - r.a[1] : r.a[1] - r.a[2];
    return span <= 0 ? 0 : (span + (step > 0 ? step : -step) - 1) / (step > 0 ? step : -step);
  }
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    extents r = q.in[0];
    const int axis = static_cast<int>(q.attribute.a[0]);
    const index n = length(q.attribute), have = r[axis].size;
    const index last = q.attribute.a[1] + (n - 1) * q.attribute.a[3];
    if (have >= 0 && n > 0 && (q.attribute.a[1] < 0 || q.attribute.a[1] >= have || last < 0 || last >= have))
      scope.fail(misfit::range, r[axis], {n, n});
    r[axis] = static_dim(n);
    return r;
  }
  static constexpr bool strides(const extents& in, const extents&, const attributes& r,
                                const view_strides& from, view_strides& to) {
    to = from;
    if (length(r) > 0) to.offset += r.a[1] * from.stride[r.a[0]];
    to.stride[r.a[0]] *= r.a[3];
    return in.rank >= 0;
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(core::embed, cotangent, b.node[node].in[0], -1, b.node[node].attribute);
  }
};

/// Axes of a bit mask in the opposite order.
struct flip_op : view_op {
  static constexpr auto name = "flip";
  static constexpr unsigned laws = law::involution;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[0]; }
  static constexpr bool strides(const extents& in, const extents&, const attributes& which,
                                const view_strides& from, view_strides& to) {
    to = from;
    for (int i = 0; i < in.rank; ++i) {
      if (((which.a[0] >> i) & 1) == 0) continue;
      if (in[i].size > 0) to.offset += (in[i].size - 1) * from.stride[i];
      to.stride[i] = -from.stride[i];
    }
    return true;
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.node[node].op, cotangent, -1, -1, b.node[node].attribute);
  }
};

/// Zeros of the second operand's shape with the first operand where a slice would read it.
struct embed_op : op_defaults {
  static constexpr auto name = "embed";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr bool computes = false;
  static constexpr int arity = 2;
  static constexpr int shape_only = 1;
  static constexpr bool linear = true;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[1]; }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::clear(l.out);
    array_access inside = l.out;
    const index axis = l.attribute.a[0];
    if (l.in[0].size() == 0) return;
    inside.data += l.attribute.a[1] * inside.stride[axis] * size_of(inside.type);
    inside.stride[axis] *= l.attribute.a[3];
    detail::copy_elements(l.in[0], inside);
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(core::slice, cotangent, -1, -1, b.node[node].attribute);
  }
};

// ---- what users call --------------------------------------------------------------------------------------

namespace detail {
template <class X>
inline constexpr int rank_of_operand =
    rank_of<typename bare<decltype(as_expression<0>(std::declval<X>()))>::type::shape_type>;
/// The number of an axis of operand X that may be counted from the end.
template <int Axis, class X>
constexpr int chosen_axis() {
  constexpr int rank = rank_of_operand<X>;
  static_assert(Axis >= -rank && Axis < rank, "tenon: there is no such axis in this shape");
  return (Axis + rank) % rank;
}
}  // namespace detail

/// The axes in another order: permute<1, 0, 2>(x).
template <int... Order, tensor_like X>
constexpr auto permute(X&& x) {
  using E = typename detail::bare<decltype(detail::as_expression<0>(static_cast<X&&>(x)))>::type;
  constexpr int rank = detail::rank_of<typename E::shape_type>;
  constexpr index seen = ((index(1) << ((Order + rank) % rank)) | ... | index(0));
  static_assert(sizeof...(Order) == rank && seen == (index(1) << rank) - 1,
                "tenon: permute takes each axis of its operand once");
  return apply<with<permute_op, detail::packed_axes<(Order + rank) % rank...>()>>(static_cast<X&&>(x));
}

namespace detail {
template <int Rank>
constexpr index reversed_axes() {
  index packed = 0;
  for (int i = 0; i < Rank; ++i) packed |= index(Rank - 1 - i) << (4 * i);
  return packed;
}
template <bool Any, class Shape, int... A>
constexpr index unit_axes(axes_t<A...> which) {
  if constexpr (sizeof...(A) > 0) return axis_mask<Shape>(which);
  constexpr extents e = extents_of<Shape, typename names_of<Shape>::type>::value;
  index mask = 0;
  for (int i = 0; i < e.rank; ++i) mask |= e[i].code == 1 ? index(1) << i : 0;
  return mask;
}
}  // namespace detail

/// [m, n] -> [n, m]; axes of higher ranks are reversed.
template <tensor_like X>
constexpr auto transpose(X&& x) {
  using E = typename detail::bare<decltype(detail::as_expression<0>(static_cast<X&&>(x)))>::type;
  return apply<with<permute_op, detail::reversed_axes<detail::rank_of<typename E::shape_type>>()>>(
      static_cast<X&&>(x));
}

namespace detail {
/// The order of axes with two of them exchanged, packed.
template <int Rank, int A, int B>
constexpr index exchanged_axes() {
  index packed = 0;
  for (int i = 0; i < Rank; ++i) packed |= index(i == A ? B : i == B ? A : i) << (4 * i);
  return packed;
}
}  // namespace detail

/// Two axes exchanged: swapaxes<0, -1>(x).
template <int A, int B, tensor_like X>
constexpr auto swapaxes(X&& x) {
  using E = typename detail::bare<decltype(detail::as_expression<0>(static_cast<X&&>(x)))>::type;
  constexpr int rank = detail::rank_of<typename E::shape_type>;
  static_assert(A >= -rank && A < rank && B >= -rank && B < rank,
                "tenon: there is no such axis in this shape");
  return apply<with<permute_op, detail::exchanged_axes<rank, (A + rank) % rank, (B + rank) % rank>()>>(
      static_cast<X&&>(x));
}

/// Matrices along the last two axes transposed: [..., m, n] -> [..., n, m].
template <tensor_like X>
constexpr auto matrix_transpose(X&& x) {
  static_assert(detail::rank_of_operand<X> >= 2, "tenon: matrix_transpose takes two axes at least");
  return swapaxes<-2, -1>(static_cast<X&&>(x));
}

/// Drops axes of extent 1: the ones named, or all that are statically 1.
template <int... A, tensor_like X>
constexpr auto squeeze(X&& x) {
  using E = typename detail::bare<decltype(detail::as_expression<0>(static_cast<X&&>(x)))>::type;
  return apply<with<squeeze_op, detail::unit_axes<true, typename E::shape_type>(axes_t<A...>{})>>(
      static_cast<X&&>(x));
}

/// Inserts an axis of extent 1, which becomes axis A of the result.
template <int A, tensor_like X>
constexpr auto expand_dims(X&& x) {
  using E = typename detail::bare<decltype(detail::as_expression<0>(static_cast<X&&>(x)))>::type;
  constexpr int rank = detail::rank_of<typename E::shape_type> + 1;
  static_assert(A >= -rank && A < rank, "tenon: expand_dims: there is no such place for an axis");
  return apply<with<expand_op, (index(1) << ((A + rank) % rank))>>(static_cast<X&&>(x));
}

/// The elements in row-major order under another shape; one extent may be `dyn` and is inferred.
template <extent... E, tensor_like X>
constexpr auto reshape(X&& x) {
  return apply<onto<reshape_op, shape_of_extents<E...>>>(static_cast<X&&>(x));
}

/// The elements in row-major order under the shape of another array, which has as many.
template <class X, class Like>
requires operands<X, Like>
constexpr auto reshape_like(X&& x, Like&& like) {
  return apply<reshape_like_op>(static_cast<X&&>(x), static_cast<Like&&>(like));
}

/// Elements Begin, Begin + Step, ... before End along one axis, inside graphs: slice<0, 2, 10>(x).
template <int Axis, index Begin, index End, index Step = 1, tensor_like X>
constexpr auto slice(X&& x) {
  static_assert(Step != 0, "tenon: the step of a slice is not 0");
  using E = typename detail::bare<decltype(detail::as_expression<0>(static_cast<X&&>(x)))>::type;
  constexpr int rank = detail::rank_of<typename E::shape_type>;
  static_assert(Axis >= -rank && Axis < rank, "tenon: there is no such axis in this shape");
  return apply<with<slice_op, (Axis + rank) % rank, Begin, End, Step>>(static_cast<X&&>(x));
}

/// The elements in the opposite order along the axes given, or along all.
template <tensor_like X, int... A>
constexpr auto flip(X&& x, axes_t<A...> which = {}) {
  using E = typename detail::bare<decltype(detail::as_expression<0>(static_cast<X&&>(x)))>::type;
  static_assert(detail::axes_exist<typename E::shape_type, A...>,
                "tenon: there is no such axis in this shape");
  return apply<with<flip_op, detail::axis_mask<typename E::shape_type>(which)>>(static_cast<X&&>(x));
}

/// x, broadcast to the shape of another array or expression.
template <class X, tensor_like Y>
requires operands<X, Y>
constexpr auto broadcast_like(X&& x, Y&& y) {
  return apply<broadcast_like_op>(static_cast<X&&>(x), static_cast<Y&&>(y));
}

/// The shape of an array or expression, for broadcast_to.
template <class Y>
struct shape_reference {
  const Y& of;
};
template <tensor_like Y>
constexpr shape_reference<Y> shape_of(const Y& y) {
  return {y};
}

/// x, broadcast: broadcast_to(x, shape_of(y)).
template <class X, class Y>
requires operands<X, Y>
constexpr auto broadcast_to(X&& x, const shape_reference<Y>& shape) {
  return broadcast_like(static_cast<X&&>(x), shape.of);
}

}  // namespace tenon
