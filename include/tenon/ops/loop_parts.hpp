// What loops consist of where a graph is an array of nodes: see graph/loop.hpp.
//
// Attributes of all of them: 0, the loop's number; 1, the carry's or stack's number in it; 2, of carries and
// stacks: how many steps there are (or are room for), or -1 where operand 1's first axis says it.
#pragma once

#include "tenon/graph/builder.hpp"

namespace tenon {

/// An array of outside, read in every step: a view that is computed from in the loop alone.
struct loop_enter_op : view_op {
  static constexpr auto name = "loop_enter";
  static constexpr loop_part part = loop_part::enter;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[0]; }
  static constexpr bool strides(const extents& in, const extents&, const attributes&,
                                const view_strides& from, view_strides& to) {
    to.offset = from.offset;
    for (int i = 0; i < in.rank; ++i) to.stride[i] = from.stride[i];
    return true;
  }
};

/// The part of an array that belongs to this step: x[i], a view.
struct loop_slice_op : view_op {
  static constexpr auto name = "loop_slice";
  static constexpr loop_part part = loop_part::slice;
  static constexpr bool leaves_out = true;
  static constexpr extents shape(shape_scope&, const shape_query& q) {
    extents r;
    for (int i = 1; i < q.in[0].rank; ++i) r[r.rank++] = q.in[0][i];
    return r;
  }
  static constexpr bool strides(const extents& in, const extents&, const attributes&,
                                const view_strides& from, view_strides& to) {
    to.offset = from.offset;
    for (int i = 1; i < in.rank; ++i) to.stride[i - 1] = from.stride[i];
    return true;
  }
};

struct loop_op_base : op_defaults {
  static constexpr op_kind kind = op_kind::loop;
  static constexpr int arity = 2;
  static constexpr bool joint = true;
};

/// A value that steps hand on.
struct loop_carry_op : loop_op_base {
  static constexpr auto name = "loop_carry";
  static constexpr loop_part part = loop_part::carry;
  static constexpr int shape_only = 1;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[0]; }
};

/// The end of a step: operand 1 becomes the carry.
struct loop_next_op : loop_op_base {
  static constexpr auto name = "loop_next";
  static constexpr loop_part part = loop_part::next;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    const extents &carry = q.in[0], &value = q.in[1];
    if (carry.rank != value.rank)
      scope.fail(misfit::rank, {carry.rank, carry.rank}, {value.rank, value.rank});
    for (int i = 0; i < carry.rank && i < value.rank; ++i) scope.equate(carry[i], value[i]);
    return carry;
  }
};

/// Operand 0 of all steps, along a new first axis.
struct loop_stack_op : loop_op_base {
  static constexpr auto name = "loop_stack";
  static constexpr loop_part part = loop_part::stack;
  static constexpr int shape_only = 1;
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    extents r;
    if (q.in[0].rank == max_rank) {
      scope.fail(misfit::rank, {max_rank, max_rank}, {max_rank + 1, max_rank + 1});
      return q.in[0];
    }
    r[r.rank++] = q.attribute.a[2] >= 0 ? static_dim(q.attribute.a[2]) : q.in[1][0];
    for (int i = 0; i < q.in[0].rank; ++i) r[r.rank++] = q.in[0][i];
    return r;
  }
};

using loop_parts = list<loop_enter_op, loop_slice_op, loop_carry_op, loop_next_op, loop_stack_op>;

}  // namespace tenon
