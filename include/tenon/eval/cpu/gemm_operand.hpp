// The operands of a matrix product: matrices under strides, read by rows or by columns.
#pragma once

#include <tenon/core/config.hpp>

namespace tenon::host {

/// A matrix in memory: element (i, j) lies at data + i * row_stride + j * column_stride, in elements. One of
/// the strides is 1, except that along an extent of 1 the stride does not matter and the other may be any.
struct gemm_operand {
  const void* data;
  index row_stride;
  index column_stride;
};

namespace detail {

/// An operand whose unit stride is known: `rows` where it is the one along a row. `stride` is the other one.
template <class T>
struct gemm_matrix {
  const T* data;
  index stride;
  bool rows;

  T operator()(index i, index j) const { return rows ? data[i * stride + j] : data[i + j * stride]; }

  const T* at(index i, index j) const { return data + (rows ? i * stride + j : i + j * stride); }

  gemm_matrix transposed() const { return {data, stride, !rows}; }
};

template <class T>
gemm_matrix<T> gemm_read(gemm_operand operand, index columns) {
  const T* const data = static_cast<const T*>(operand.data);
  if (columns == 1 || operand.column_stride == 1) return {data, operand.row_stride, true};
  return {data, operand.column_stride, false};
}

}  // namespace detail

}  // namespace tenon::host
