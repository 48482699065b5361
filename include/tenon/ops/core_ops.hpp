// The ops that passes insert, in the order of graph/builder.hpp's numbers for them.
#pragma once

#include "tenon/ops/matmul.hpp"

namespace tenon {

using core_ops =
    list<constant_op, add_op, subtract_op, multiply_op, absorbing_multiply_op, divide_op, negate_op, where_op,
         equal_op, logical_and_op, logical_not_op, cast_op, broadcast_like_op, sum_op, sum_to_like_op,
         matmul_op, permute_op, squeeze_op, expand_op, reshape_op, slice_op, embed_op>;

static_assert(core_ops::size == core::count);
static_assert(position<subtract_op, core_ops>::value == core::subtract);
static_assert(position<where_op, core_ops>::value == core::where);
static_assert(position<sum_op, core_ops>::value == core::sum);
static_assert(position<permute_op, core_ops>::value == core::permute);
static_assert(position<embed_op, core_ops>::value == core::embed);

}  // namespace tenon
