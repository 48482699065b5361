// Every op of the library, for tests and tables that go through all of them. A test compares these lists with
// the declarations in this folder.
#pragma once

#include "tenon/ops/core_ops.hpp"

namespace tenon {

/// Ops with a value rule and, where smooth, partial derivatives.
using elementwise_ops =
    list<add_op, subtract_op, multiply_op, divide_op, negate_op, absorbing_multiply_op, less_op,
         less_equal_op, greater_op, greater_equal_op, equal_op, not_equal_op, logical_and_op, logical_or_op,
         logical_not_op, where_op, maximum_op, minimum_op, relu_op, abs_op, exp_op, log_op, tanh_op,
         sigmoid_op, sqrt_op, square_op, stop_gradient_op>;
/// Elementwise ops whose type or attributes say more than their operands do.
using shaped_ops = list<cast_op, broadcast_like_op, position_op>;
using reduction_ops = list<sum_op, sum_to_like_op, max_op, min_op>;
using view_ops = list<permute_op, squeeze_op, expand_op, reshape_op, slice_op>;
using other_ops = list<constant_op, count_op, embed_op, matmul_op>;

using all_ops = concat<elementwise_ops, shaped_ops, reduction_ops, view_ops, other_ops>::type;

}  // namespace tenon
