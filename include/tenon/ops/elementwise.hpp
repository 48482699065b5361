// Elementwise ops: each one declaration (name, dtypes, value, partial derivatives, traits), then the function
// that users call. The value rule is the same template on numbers of every dtype, on SIMD lanes and on a
// GPU's numbers.
//
// partial<K>(y, x...): the partial derivative with respect to operand K, from the result and the operands; 1
// when not given. select<K>(y, x...): where operand K's derivative counts; elsewhere its contribution is
// exactly 0, whatever the partials around it are. Together they state the table of non-smooth points in
// docs/architecture.md.
#pragma once

#include "tenon/ops/operators.hpp"

#include "tenon/ops/conversions.hpp"
#include "tenon/ops/piecewise.hpp"
#include "tenon/ops/smooth.hpp"
