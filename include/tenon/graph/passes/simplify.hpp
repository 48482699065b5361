// The rules of rewriting, found by a node's op: a switch on core numbers, then the laws that an op declares.
//
// Rules run when a node is pushed, so that each sees operands that are simplified already, and what a rule
// pushes is simplified in turn. None makes more work than it removes: but for powers as products, the number
// of elementwise ops never grows.
#pragma once

#include "tenon/graph/builder.hpp"

namespace tenon::detail {

// Declared here, so that each of the files below may be included alone: all of them come with the builder.
constexpr int simplify_arithmetic(graph_builder&, const array_node&);
constexpr int simplify_comparison(graph_builder&, const array_node&);
constexpr int simplify_and(graph_builder&, const array_node&);
constexpr int simplify_where(graph_builder&, const array_node&);
constexpr int simplify_cast(graph_builder&, const array_node&);
constexpr int simplify_broadcast(graph_builder&, const array_node&);
constexpr int hoist_broadcast(graph_builder&, const array_node&, int arity);
constexpr int drop_broadcast(graph_builder&, const array_node&, int arity);
constexpr int simplify_permute(graph_builder&, const array_node&);
constexpr int simplify_unit_axes(graph_builder&, const array_node&);
constexpr int simplify_reshape(graph_builder&, const array_node&);
constexpr int simplify_slice(graph_builder&, const array_node&);
constexpr int sum_of_broadcast(graph_builder&, const array_node&);
constexpr int simplify_power(graph_builder&, const array_node&);
constexpr int cancel_inverse(graph_builder&, const array_node&, const op_row&);

/// Ops of core that have rules of their own.
constexpr int simplify_core(graph_builder& b, const array_node& made) {
  const bool exact = b.on(pass::simplify);
  switch (made.op) {
    case core::add:
    case core::subtract:
    case core::multiply:
    case core::absorbing_multiply:
    case core::divide:
    case core::negate:
      return simplify_arithmetic(b, made);
    case core::where:
      return exact ? simplify_where(b, made) : -1;
    case core::logical_and:
      return exact ? simplify_and(b, made) : -1;
    case core::cast:
      return simplify_cast(b, made);
    case core::broadcast_like:
      return simplify_broadcast(b, made);
    case core::permute:
      return b.on(pass::views) ? simplify_permute(b, made) : -1;
    case core::squeeze:
    case core::expand:
      return b.on(pass::views) ? simplify_unit_axes(b, made) : -1;
    case core::reshape:
      return b.on(pass::views) ? simplify_reshape(b, made) : -1;
    case core::slice:
      return b.on(pass::views) ? simplify_slice(b, made) : -1;
    case core::sum:
      return b.on(pass::reassociate) ? sum_of_broadcast(b, made) : -1;
    default:
      return -1;
  }
}

/// What follows from the laws in an op's declaration.
constexpr int apply_laws(graph_builder& b, const array_node& made, const op_row& row) {
  const int x = made.in[0];
  const bool exact = b.on(pass::simplify);
  if ((row.laws & law::comparison) != 0)
    if (const int n = simplify_comparison(b, made); n >= 0) return n;
  if (exact) {
    const bool again = b.node[x].op == made.op && b.node[x].attribute == made.attribute;
    if (again && (row.laws & law::idempotent) != 0) return x;
    if (again && (row.laws & law::involution) != 0) return b.node[x].in[0];
    if ((row.laws & law::selects_one) != 0 && x == made.in[1]) return x;
    if ((row.laws & law::even) != 0 && b.is(x, core::negate) && made.type != dtype::float16 &&
        made.type != dtype::bfloat16 && !is_unsigned_integer(made.type))
      return b.push(made.op, b.node[x].in[0], -1, -1, made.attribute);
  }
  if ((row.laws & law::power) != 0) return simplify_power(b, made);
  if (row.inverse != 0 && b.on(pass::inverses) && is_floating(made.type)) return cancel_inverse(b, made, row);
  return -1;
}

/// The node that stands for one that is about to be pushed; -1 where that is a node of its own.
constexpr int simplify(graph_builder& b, const array_node& made) {
  if (made.op == core::broadcast_like && b.node[made.in[0]].shape == b.node[made.in[1]].shape)
    return made.in[0];
  if ((made.op == core::squeeze || made.op == core::expand) && made.attribute.a[0] == 0) return made.in[0];
  if (b.rules == 0 && (made.in[0] < 0 || b.node[made.in[0]].type != dtype::weak)) return -1;
  if (made.op < core::count)
    if (const int n = simplify_core(b, made); n >= 0) return n;
  const op_row& row = b.op[made.op];
  if (row.laws != 0 || row.inverse != 0)
    if (const int n = apply_laws(b, made, row); n >= 0) return n;
  if (row.kind == op_kind::map && row.shape_only < 0) {
    bool broadcast = false;
    for (int k = 0; k < row.arity; ++k) broadcast = broadcast || b.is(made.in[k], core::broadcast_like);
    if (!broadcast) return -1;
    if (b.on(pass::fold))
      if (const int n = hoist_broadcast(b, made, row.arity); n >= 0) return n;
    return b.on(pass::simplify) ? drop_broadcast(b, made, row.arity) : -1;
  }
  if (row.kind == op_kind::bound_scalar && b.on(pass::fold)) {
    const extents& of = b.shape_of(made.in[0]);  // such as a count of static extents
    bool known = true;
    for (int i = 0; i < of.rank; ++i) known = known && is_static(of[i].code);
    if (known) return b.number(row.bound(of, made.attribute), made.type);
  }
  return -1;
}

}  // namespace tenon::detail

namespace tenon {
constexpr int graph_builder::simplify(const array_node& made) { return detail::simplify(*this, made); }
}  // namespace tenon

#include "tenon/graph/passes/arithmetic.hpp"
#include "tenon/graph/passes/real.hpp"
#include "tenon/graph/passes/selection.hpp"
#include "tenon/graph/passes/views.hpp"
