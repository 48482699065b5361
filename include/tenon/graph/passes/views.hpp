// Views of views: one view, or none.
#pragma once

#include "tenon/graph/builder.hpp"

namespace tenon::detail {

/// The bits of a mask without those at the places of `removed`, closed up; and the reverse, holes left open.
constexpr index closed_up(index mask, index removed) {
  index r = 0;
  for (int i = 0, k = 0; i < max_rank * 2; ++i)
    if (((removed >> i) & 1) == 0) r |= ((mask >> i) & 1) << k++;
  return r;
}
constexpr index spread_out(index mask, index holes) {
  index r = 0;
  for (int i = 0, k = 0; i < max_rank * 2; ++i)
    if (((holes >> i) & 1) == 0) r |= ((mask >> k++) & 1) << i;
  return r;
}

/// Permutations compose; the one that moves nothing is none.
constexpr int simplify_permute(graph_builder& b, const array_node& made) {
  const int x = made.in[0], rank = b.shape_of(x).rank;
  const array_node& from = b.node[x];
  const bool again = b.is(x, core::permute);
  index order = 0;
  bool moves = false;
  for (int i = 0; i < rank; ++i) {
    index axis = (made.attribute.a[0] >> (4 * i)) & 15;
    if (again) axis = (from.attribute.a[0] >> (4 * axis)) & 15;
    order |= axis << (4 * i);
    moves = moves || axis != i;
  }
  if (!moves) return again ? from.in[0] : x;
  return again ? b.push(core::permute, from.in[0], -1, -1, {{order}}) : -1;
}

/// Axes of extent 1 dropped and inserted.
constexpr int simplify_unit_axes(graph_builder& b, const array_node& made) {
  const int x = made.in[0];
  const index mask = made.attribute.a[0];
  const bool squeezes = made.op == core::squeeze, squeezed = b.is(x, core::squeeze);
  if (!squeezed && !b.is(x, core::expand)) return -1;
  const int from = b.node[x].in[0];
  const index before = b.node[x].attribute.a[0];
  if (squeezes == squeezed)
    return b.push(made.op, from, -1, -1,
                  {{squeezes ? before | spread_out(mask, before) : mask | spread_out(before, mask)}});
  if (mask == before) return from;
  if (!squeezes) return -1;
  if ((mask & before) == mask) return b.push(core::expand, from, -1, -1, {{closed_up(before & ~mask, mask)}});
  if ((mask & before) == before)
    return b.push(core::squeeze, from, -1, -1, {{closed_up(mask & ~before, before)}});
  return -1;
}

/// Whether two shapes have the same number of elements, whatever names and dynamic extents turn out to be.
constexpr bool surely_as_many(const extents& x, const extents& y) {
  index many_x = 1, many_y = 1;
  bool met[max_rank]{};
  int open = 0;
  for (int i = 0; i < x.rank; ++i) {
    if (is_static(x[i].code)) {
      many_x *= x[i].code;
      continue;
    }
    bool found = false;
    for (int k = 0; k < y.rank && !found; ++k)
      if (!met[k] && y[k].code == x[i].code) found = met[k] = true;
    if (!found) return false;
    ++open;
  }
  for (int k = 0; k < y.rank; ++k) {
    if (is_static(y[k].code))
      many_y *= y[k].code;
    else
      --open;
  }
  return open == 0 && many_x == many_y;
}

/// Reshapes to the shape that is there, and of reshapes, whose own check is sure to pass.
constexpr int simplify_reshape(graph_builder& b, const array_node& made) {
  const int x = made.in[0];
  array_node r = made;
  b.infer_shape(r);
  if (r.shape == b.node[x].shape) return x;
  const array_node& from = b.node[x];
  if (!b.is(x, core::reshape) && !b.is(x, core::squeeze) && !b.is(x, core::expand)) return -1;
  const int source = from.in[0];
  // what has to be copied to be row-major is copied once, for all its reshapes
  if (b.op_of(source).kind == op_kind::view && !b.op_of(source).aliases && !b.is(source, core::reshape))
    return -1;
  if (!surely_as_many(b.shape_of(source), b.shape_of(x))) return -1;
  return r.shape == b.node[source].shape ? source : b.push(core::reshape, source, -1, -1, made.attribute);
}

/// Slices of slices along one axis of a static extent, whose checks were made; and the slice that takes
/// everything.
constexpr int simplify_slice(graph_builder& b, const array_node& made) {
  const int x = made.in[0];
  const index axis = made.attribute.a[0], begin = made.attribute.a[1], step = made.attribute.a[3];
  const auto length = [](const attributes& r) {
    const index span = r.a[3] > 0 ? r.a[2] - r.a[1] : r.a[1] - r.a[2], s = r.a[3] > 0 ? r.a[3] : -r.a[3];
    return span <= 0 ? 0 : (span + s - 1) / s;
  };
  const index n = length(made.attribute);
  const extents& whole = b.shape_of(x);
  const int at = static_cast<int>(axis);
  if (begin == 0 && step == 1 && is_static(whole[at].code) && whole[at].code == n) return x;
  if (!b.is(x, core::slice) || n == 0) return -1;
  const array_node& from = b.node[x];
  if (from.attribute.a[0] != axis || !is_static(b.shape_of(from.in[0])[at].code)) return -1;
  const index first = from.attribute.a[1] + from.attribute.a[3] * begin, stride = from.attribute.a[3] * step;
  if (begin >= length(from.attribute) || first < 0) return -1;
  // an end below 0 stands for itself here: slices of graphs count from the front
  return b.push(core::slice, from.in[0], -1, -1, {{axis, first, first + n * stride, stride}});
}

}  // namespace tenon::detail
