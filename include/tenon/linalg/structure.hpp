// The ops that derivative rules of linear algebra are written with, and those rules' vocabulary: products of
// stacks of matrices, triangles, corners, and the parts of a decomposition that is packed into one array.
// Private: users have matmul, tril and slices.
#pragma once

#include "tenon/linalg/batch.hpp"
#include "tenon/ops/core_ops.hpp"

namespace tenon::linalg::detail {

// ---- extents ----------------------------------------------------------------------------------------------

constexpr bool has_matrix(shape_scope& scope, const extents& x) {
  if (x.rank >= 2) return true;
  scope.fail(misfit::rank, {x.rank, x.rank}, {2, 2});
  return false;
}
constexpr dim rows_of(const extents& x) { return x[x.rank - 2]; }
constexpr dim columns_of(const extents& x) { return x[x.rank - 1]; }

/// x without its last axes.
constexpr extents stack_of(extents x, int dropped = 2) {
  x.rank -= dropped;
  return x;
}
constexpr extents with_axes(extents x, dim a) {
  x[x.rank++] = a;
  return x;
}
constexpr extents with_axes(const extents& x, dim a, dim b) { return with_axes(with_axes(x, a), b); }

/// The extents of stacks of square matrices; of others, a misfit.
constexpr extents square(shape_scope& scope, const extents& x) {
  if (!has_matrix(scope, x)) return x;
  const dim n = scope.equate(rows_of(x), columns_of(x));
  return with_axes(stack_of(x), n, n);
}

/// An extent that follows from others.
constexpr dim computed(bool is_known, index size) {
  return is_known ? static_dim(size) : dim{dyn_code, size < 0 ? -1 : size};
}
constexpr dim smaller(dim a, dim b) {
  if (a.code == b.code && !is_dynamic(a.code)) return a;
  return computed(is_static(a.code) && is_static(b.code), a.size < 0 || b.size < 0 ? -1
                                                          : a.size < b.size        ? a.size
                                                                                   : b.size);
}

// ---- products ---------------------------------------------------------------------------------------------

/// [..., m, k] x [..., k, n] -> [..., m, n], stacks broadcasting.
struct product_op : op_defaults {
  static constexpr auto name = "product";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2;
  static constexpr domain takes = domain::floating;
  static constexpr bool linear = true;
  static constexpr int rule_nodes = 8;
  using inserts = list<product_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    if (!has_matrix(scope, q.in[0]) || !has_matrix(scope, q.in[1])) return q.in[0];
    scope.equate(columns_of(q.in[0]), rows_of(q.in[1]));
    return with_axes(broadcast_extents(scope, stack_of(q.in[0]), stack_of(q.in[1])), rows_of(q.in[0]),
                     columns_of(q.in[1]));
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    each_matrix(name, l, {{2, 2, 0}, 2}, [](const stack_place& p) -> const char* {
      const matrix product = p.read(0) * p.read(1);
      p.write(product);
      return nullptr;
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int operand, int cotangent);
};

// ---- triangles and corners --------------------------------------------------------------------------------

/// Each element times a[0] below, a[1] on, and a[2] above the diagonal, in halves; exactly 0 where that is 0.
struct triangle_op : op_defaults {
  static constexpr auto name = "triangle";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::floating;
  static constexpr bool linear = true;
  using inserts = list<triangle_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    has_matrix(scope, q.in[0]);
    return q.in[0];
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    each_matrix(name, l, {{2, 0, 0}, 2}, [&](const stack_place& p) -> const char* {
      matrix m = p.read(0);
      for (index j = 0; j < m.cols(); ++j)
        for (index i = 0; i < m.rows(); ++i) {
          const index halves = l.attribute.a[i > j ? 0 : i == j ? 1 : 2];
          m(i, j) = halves == 0 ? 0.0 : m(i, j) * 0.5 * double(halves);
        }
      p.write(m);
      return nullptr;
    });
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.node[node].op, cotangent, -1, -1, b.node[node].attribute);
  }
};

struct pad_op;

/// The upper left corner, of the last two extents of the second operand.
struct crop_op : op_defaults {
  static constexpr auto name = "crop";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2, shape_only = 1;
  static constexpr domain takes = domain::floating;
  static constexpr bool linear = true;
  using inserts = list<pad_op>;
  static constexpr extents shape(shape_scope&, const shape_query& q) {
    return with_axes(stack_of(q.in[0]), rows_of(q.in[1]), columns_of(q.in[1]));
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    array_access from = l.in[0];
    for (int k = from.rank - 2; k < from.rank; ++k) from.extent[k] = l.out.extent[k];
    tenon::detail::copy_elements(from, l.out);
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<pad_op>(), cotangent, b.node[node].in[0]);
  }
};

/// Zeros of the last two extents of the second operand, with x in the upper left corner: crop's transpose.
struct pad_op : op_defaults {
  static constexpr auto name = "pad";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2, shape_only = 1;
  static constexpr domain takes = domain::floating;
  static constexpr bool linear = true;
  using inserts = list<crop_op>;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    return crop_op::shape(scope, q);
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    tenon::detail::clear(l.out);
    array_access to = l.out;
    for (int k = to.rank - 2; k < to.rank; ++k) to.extent[k] = l.in[0].extent[k];
    tenon::detail::copy_elements(l.in[0], to);
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<crop_op>(), cotangent, b.node[node].in[0]);
  }
};

// ---- packs: an op has one result, a decomposition several -------------------------------------------------

/// Decompositions of x [..., m, n], k = min(m, n), whose results stand one after the other in one array:
///   sign_log  sign [...], log [...]
///   qr        q [..., m, k], r [..., k, n]
///   eigen     values [..., n], vectors [..., n, n]
///   singular  u [..., m, k], s [..., k], vh [..., k, n]
enum class pack : int { sign_log, qr, eigen, singular };

/// Where a part stands in a pack, and its extents; offset -1 where it depends on what only run time knows.
struct pack_part {
  index offset;
  extents shape;
};

constexpr dim multiplied(dim a, dim b) {
  return computed(is_static(a.code) && is_static(b.code), a.size < 0 || b.size < 0 ? -1 : a.size * b.size);
}
constexpr dim added(dim a, dim b) {
  return computed(is_static(a.code) && is_static(b.code), a.size < 0 || b.size < 0 ? -1 : a.size + b.size);
}
/// Part `which` of the pack of x; the part after the last has the pack's length as its offset.
constexpr pack_part part_of(pack kind, int which, const extents& x, dim* length = nullptr) {
  const dim m = rows_of(x), n = columns_of(x), k = smaller(m, n);
  const extents s = stack_of(x);
  pack_part parts[3]{};
  int count = 2;
  switch (kind) {
    case pack::sign_log:
      parts[0].shape = parts[1].shape = s;
      break;
    case pack::qr:
      parts[0].shape = with_axes(s, m, k);
      parts[1].shape = with_axes(s, k, n);
      break;
    case pack::eigen:
      parts[0].shape = with_axes(s, n);
      parts[1].shape = with_axes(s, n, n);
      break;
    case pack::singular:
      parts[0].shape = with_axes(s, m, k);
      parts[1].shape = with_axes(s, k);
      parts[2].shape = with_axes(s, k, n);
      count = 3;
  }
  dim end = static_dim(0);
  for (int i = 0; i < count; ++i) {
    parts[i].offset = end.size;
    dim elements = static_dim(1);
    for (int a = s.rank; a < parts[i].shape.rank; ++a) elements = multiplied(elements, parts[i].shape[a]);
    end = added(end, elements);
  }
  if (length != nullptr) *length = end;
  return parts[which];
}
constexpr extents pack_shape(pack kind, const extents& x) {
  dim length;
  part_of(kind, 0, x, &length);
  return with_axes(stack_of(x), length);
}

/// A part of a pack as an array. `x` has the shape of what was decomposed.
inline array_access part_access(const array_access& packed, const array_access& x, const attributes& which) {
  extents e;
  for (int k = 0; k < x.rank; ++k) e[e.rank++] = {dyn_code, x.extent[k]};
  const pack_part part = part_of(static_cast<pack>(which.a[0]), static_cast<int>(which.a[1]), e);
  array_access r = packed;
  const int stacked = packed.rank - 1;
  const index step = packed.stride[stacked];
  r.data += part.offset * step * size_of(packed.type);
  r.rank = part.shape.rank;
  index stride = step;
  for (int k = r.rank - 1; k >= stacked; --k) {
    r.extent[k] = part.shape[k].size;
    r.stride[k] = stride;
    stride *= r.extent[k];
  }
  return r;
}

struct place_part_op;

/// Part a[1] of a pack of kind a[0]; the second operand has the shape of what was decomposed.
struct part_op : op_defaults {
  static constexpr auto name = "part";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2, shape_only = 1;
  static constexpr domain takes = domain::floating;
  static constexpr bool linear = true;
  using inserts = list<place_part_op>;
  static constexpr extents shape(shape_scope&, const shape_query& q) {
    return part_of(static_cast<pack>(q.attribute.a[0]), static_cast<int>(q.attribute.a[1]), q.in[1]).shape;
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    tenon::detail::copy_elements(part_access(l.in[0], l.in[1], l.attribute), l.out);
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<place_part_op>(), cotangent, b.node[node].in[1], -1, b.node[node].attribute);
  }
};

/// A pack of zeros but for one part: part's transpose.
struct place_part_op : op_defaults {
  static constexpr auto name = "place_part";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2, shape_only = 1;
  static constexpr domain takes = domain::floating;
  static constexpr bool linear = true;
  using inserts = list<part_op>;
  static constexpr extents shape(shape_scope&, const shape_query& q) {
    return pack_shape(static_cast<pack>(q.attribute.a[0]), q.in[1]);
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    tenon::detail::clear(l.out);
    tenon::detail::copy_elements(l.in[0], part_access(l.out, l.in[1], l.attribute));
  }
  static constexpr int pullback(graph_builder& b, int node, int, int cotangent) {
    return b.push(b.find<part_op>(), cotangent, b.node[node].in[1], -1, b.node[node].attribute);
  }
};

// ---- the vocabulary of rules ------------------------------------------------------------------------------

/// Matrix algebra on the nodes of a graph.
struct matrix_rules {
  graph_builder& b;

  constexpr int rank(int x) const { return b.shape_of(x).rank; }
  constexpr int transpose(int x) {
    index packed = 0;
    const int r = rank(x);
    for (int i = 0; i < r; ++i) packed |= index(i == r - 1 ? r - 2 : i == r - 2 ? r - 1 : i) << (4 * i);
    return b.push(core::permute, x, -1, -1, {{packed}});
  }
  constexpr int product(int x, int y) {
    if (rank(x) == 2 && rank(y) == 2) return b.push(core::matmul, x, y, -1, {{1, 1, 1}});
    return b.push(b.find<product_op>(), x, y);
  }
  constexpr int product(int x, int y, int z) { return product(x, product(y, z)); }
  constexpr int plus(int x, int y) { return b.push(core::add, x, y); }
  constexpr int minus(int x) { return b.push(core::negate, x); }
  constexpr int minus(int x, int y) { return plus(x, minus(y)); }
  constexpr int times(int x, int y) { return b.push(core::multiply, x, y); }
  constexpr int half(int x) { return times(x, b.number(0.5)); }
  constexpr int symmetric(int x) { return half(plus(x, transpose(x))); }
  /// [..., n] -> [..., 1, n]: one number for each column.
  constexpr int as_row(int x) { return b.push(core::expand, x, -1, -1, {{index(1) << (rank(x) - 1)}}); }
  /// [..., n] -> [..., n, 1]: one number for each row.
  constexpr int as_column(int x) { return b.push(core::expand, x, -1, -1, {{index(1) << rank(x)}}); }
  /// [...] -> [..., 1, 1].
  constexpr int as_matrix(int x) { return b.push(core::expand, x, -1, -1, {{index(3) << rank(x)}}); }
  constexpr int sum_matrix(int x) { return b.push(core::sum, x, -1, -1, {{index(3) << (rank(x) - 2), 0}}); }
  constexpr int sum_rows(int x) { return b.push(core::sum, x, -1, -1, {{index(1) << (rank(x) - 2), 0}}); }
  constexpr int triangle(int x, index below, index on, index above) {
    return b.push(b.find<triangle_op>(), x, -1, -1, {{below, on, above}});
  }
  constexpr int part(int packed, int x, pack kind, index which) {
    return b.push(b.find<part_op>(), packed, x, -1, {{static_cast<index>(kind), which}});
  }
  constexpr int placed(int value, int x, pack kind, index which) {
    return b.push(b.find<place_part_op>(), value, x, -1, {{static_cast<index>(kind), which}});
  }
  /// 1 / x; 0 where x is 0.
  constexpr int reciprocal(int x) {
    const int zero = b.number(0, b.node[x].type), one = b.number(1, b.node[x].type);
    const int none = b.push(core::equal, x, zero);
    return b.push(core::where, none, zero, b.push(core::divide, one, b.push(core::where, none, one, x)));
  }
  /// 1 / (v_j - v_i) at (i, j); 0 where the two are equal, as they are on the diagonal.
  constexpr int gaps(int v) { return reciprocal(minus(as_row(v), as_column(v))); }
};

constexpr int product_op::pullback(graph_builder& b, int node, int operand, int cotangent) {
  matrix_rules r{b};
  const array_node p = b.node[node];
  return operand == 0 ? b.sum_to_shape_of(r.product(cotangent, r.transpose(p.in[1])), p.in[0])
                      : b.sum_to_shape_of(r.product(r.transpose(p.in[0]), cotangent), p.in[1]);
}

}  // namespace tenon::linalg::detail
