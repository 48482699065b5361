// Every op of the library, for tests and tables that go through all of them. A test compares these lists with
// the declarations in this folder.
#pragma once

#include "tenon/ops/activation.hpp"
#include "tenon/ops/bits.hpp"
#include "tenon/ops/complex.hpp"
#include "tenon/ops/core_ops.hpp"
#include "tenon/ops/dynamic_slices.hpp"
#include "tenon/ops/einsum.hpp"
#include "tenon/ops/exponential.hpp"
#include "tenon/ops/flat_places.hpp"
#include "tenon/ops/joining.hpp"
#include "tenon/ops/numbers.hpp"
#include "tenon/ops/ordering.hpp"
#include "tenon/ops/packed_triangles.hpp"
#include "tenon/ops/rolling.hpp"
#include "tenon/ops/rounding.hpp"
#include "tenon/ops/running.hpp"
#include "tenon/ops/scatter_extrema.hpp"
#include "tenon/ops/searching.hpp"
#include "tenon/ops/slice_like.hpp"
#include "tenon/ops/special.hpp"
#include "tenon/ops/statistics.hpp"
#include "tenon/ops/triangles.hpp"
#include "tenon/ops/trigonometric.hpp"

namespace tenon {

/// Ops with a value rule and, where smooth, partial derivatives, by the file that declares them.
using basic_ops = list<add_op, subtract_op, multiply_op, divide_op, negate_op, absorbing_multiply_op, less_op,
                       less_equal_op, greater_op, greater_equal_op, equal_op, not_equal_op, logical_and_op,
                       logical_or_op, logical_not_op, where_op, maximum_op, minimum_op, relu_op, abs_op,
                       exp_op, log_op, tanh_op, sigmoid_op, sqrt_op, square_op, stop_gradient_op>;
using trigonometric_ops = list<sin_op, cos_op, tan_op, asin_op, acos_op, atan_op, hypot_op, atan2_op, sinh_op,
                               cosh_op, asinh_op, acosh_op, atanh_op>;
using exponential_ops = list<exp2_op, expm1_op, log1p_op, log2_op, log10_op, logaddexp_op, logaddexp2_op,
                             pow_op, cbrt_op, xlogy_op, erf_op, erfc_op, erfinv_op>;
using rounding_ops = list<floor_op, ceil_op, trunc_op, round_op, isnan_op, isinf_op, isfinite_op, signbit_op,
                          sign_op, copysign_op, fmod_op, remainder_op, floor_divide_op>;
using bit_ops = list<bitwise_and_op, bitwise_or_op, bitwise_xor_op, bitwise_not_op, left_shift_op,
                     right_shift_op, bitwise_count_op, gcd_op, lcm_op>;
using special_ops = list<polygamma_op, digamma_op, lgamma_op, gamma_op>;
using number_ops =
    list<fmax_op, fmin_op, heaviside_op, scale_by_power_op, frexp_exponent_op, frexp_mantissa_op>;
using elementwise_ops = flattened<basic_ops, trigonometric_ops, exponential_ops, rounding_ops, bit_ops,
                                  special_ops, number_ops>::type;
/// Elementwise ops that depend on which numbers a type has.
using neighbour_ops = list<nextafter_op, spacing_op>;
/// Elementwise ops of complex numbers, or that make them.
using complex_ops = list<magnitude_op, angle_op, real_op, imag_op, conj_op, complex_op>;
/// Elementwise ops whose type or attributes say more than their operands do.
using shaped_ops = list<cast_op, broadcast_like_op, position_op>;
using reduction_ops = list<sum_op, sum_to_like_op, max_op, min_op, prod_op, any_op, all_op>;
using view_ops = list<permute_op, squeeze_op, expand_op, reshape_op, reshape_like_op, slice_op, flip_op,
                      merge_axes_op, split_axis_op, spread_op, trim_op, diagonal_op, front_like_op>;
using opaque_ops =
    list<embed_op, concat_op, end_like_op, place_end_op, take_op, add_at_op, take_along_op, add_along_op,
         argsort_op, cumsum_op, untrim_op, pad_op, extend_op, fold_op, roll_op, shift_op, embed_diagonal_op,
         diagonal_matrix_op, put_at_op, last_at_op, put_along_op, last_along_op, put_nd_op, last_nd_op,
         gather_nd_op, add_nd_op, dynamic_slice_op, slice_like_op, update_slice_op, sort_op, argpartition_op,
         recurrence_op, running_place_op, searchsorted_op, argmax_op, argmin_op, topk_op, max_at_op,
         min_at_op, max_nd_op, min_nd_op, unravel_op, ravel_op, pack_triangle_op, unpack_triangle_op>;
using other_ops = list<constant_op, count_op, matmul_op>;

using all_ops = flattened<elementwise_ops, neighbour_ops, complex_ops, shaped_ops, reduction_ops, view_ops,
                          opaque_ops, other_ops>::type;

}  // namespace tenon
