// Whether arrays are the same, but for rounding: isclose, allclose, array_equal.
#pragma once

#include "tenon/array/shapes.hpp"
#include "tenon/array/tensor.hpp"
#include "tenon/ops/complex_functions.hpp"
#include "tenon/ops/statistics.hpp"

namespace tenon {

namespace detail {
/// What tolerances are told of: x, or x in double where it is no floating-point or complex number.
template <class X>
constexpr auto measurable(const X& x) {
  constexpr dtype type = dtype_of_operand<const X&>.type;
  if constexpr (is_floating(type) || is_complex(type))
    return as_expression<0>(x);
  else
    return astype<double>(x);
}
}  // namespace detail

/// For each pair of elements whether |a - b| <= atol + rtol |b|, as numpy.isclose; infinite ones are close to
/// themselves alone, NaN to nothing.
template <tensor_like A, tensor_like B>
auto isclose(const A& a, const B& b, double rtol = 1e-5, double atol = 1e-8) {
  const auto x = detail::measurable(a);
  const auto y = detail::measurable(b);
  return x == y || (abs(x - y) <= abs(y) * rtol + atol && isfinite(y));
}
/// Whether all pairs are close, as an expression: if (allclose(a, b)). Shapes that do not broadcast are an
/// error, as in isclose.
template <tensor_like A, tensor_like B>
auto allclose(const A& a, const B& b, double rtol = 1e-5, double atol = 1e-8) {
  return all_of(isclose(a, b, rtol, atol));
}

/// Whether two arrays have one shape and equal elements, NaN being equal to nothing.
template <tensor_like A, tensor_like B, class Unit = this_unit>
bool array_equal(const A& a, const B& b) {
  const auto x = eval<const A&, Unit>(a);
  const auto y = eval<const B&, Unit>(b);
  if constexpr (decltype(x)::rank != decltype(y)::rank)
    return false;
  else  // as lines, whose types do not say that their extents differ
    return x.shape() == y.shape() &&
           all_of(reshape<dyn>(x, x.size()) == reshape<dyn>(y, y.size())).template item<Unit>();
}

}  // namespace tenon
