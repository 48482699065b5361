// Arrays side by side in one array of bytes, and taken out again: how a host function gets more operands than a node
// has, of any dtypes.
#pragma once

#include "tenon/array/tensor.hpp"

namespace tenon {

namespace detail {

constexpr index in_bytes(index n) { return (n + 15) / 16 * 16; }
/// Of an array of elements of `size` bytes; -1 where that is not known yet.
constexpr index in_bytes(const extents& e, index size) {
  for (int k = 0; k < e.rank; ++k) {
    if (e[k].size < 0) return -1;
    size *= e[k].size;
  }
  return in_bytes(size);
}
/// So many bytes more.
constexpr dim longer(const dim& d, index bytes, bool fixed) {
  const index n = d.size < 0 || bytes < 0 ? -1 : d.size + bytes;
  return fixed && is_static(d.code) ? static_dim(n) : dim{dyn_code, n};
}
constexpr bool fixed_extents(const extents& e) {
  for (int k = 0; k < e.rank; ++k)
    if (!is_static(e[k].code)) return false;
  return true;
}
inline extents sizes_of(const array_access& a) {
  extents e;
  for (int k = 0; k < a.rank; ++k) e[e.rank++] = static_dim(a.extent[k]);
  return e;
}
/// Elements from `data` on, row-major.
inline array_access row_major_at(std::byte* data, dtype type, const extents& e) {
  array_access a;
  a.data = data;
  a.type = type;
  a.rank = e.rank;
  for (int k = 0; k < e.rank; ++k) a.extent[k] = e[k].size;
  row_major(e, a.stride);
  return a;
}

}  // namespace detail

/// Bytes (a vector), then x: its extents, and its elements, in the room that elements of `Widest` bytes would
/// take. The first operand is no vector where it is the function.
template <index Widest>
struct host_operands_op : op_defaults {
  static constexpr auto name = "host_operands";
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 2;
  static constexpr int places = 0;  // whatever the dtype of x is
  static constexpr bool smooth = false;
  static constexpr bool nests = true;
  static constexpr bool computes = false;
  static constexpr yields gives = yields::attribute;
  static constexpr extents shape(shape_scope&, const shape_query& q) {
    const extents &before = q.in[0], &x = q.in[1];
    const index elements = detail::in_bytes(x, Widest);
    const index bytes = elements < 0 ? -1 : detail::in_bytes(x.rank * 8) + elements;
    extents r;
    r[r.rank++] =
        detail::longer(before.rank == 1 ? before[0] : static_dim(0), bytes, detail::fixed_extents(x));
    return r;
  }
  static void run(const opaque_launch& l) { run_parts(l.in, 2, l.out, l.attribute); }
  static void run_parts(const array_access* in, int n, const array_access& out, const attributes&) {
    std::byte* to = out.data;
    if (in[0].rank == 1) {
      std::memcpy(to, in[0].data, static_cast<std::size_t>(in[0].size()));
      to += in[0].size();
    }
    for (int k = 1; k < n; ++k) {
      const extents e = detail::sizes_of(in[k]);
      std::memcpy(to, in[k].extent, static_cast<std::size_t>(e.rank) * sizeof(index));
      to += detail::in_bytes(e.rank * 8);
      detail::copy_elements(in[k], detail::row_major_at(to, in[k].type, e));
      to += detail::in_bytes(e, Widest);
    }
  }
};

namespace detail {

/// A copy of an operand as the tensor that the function takes.
template <class Tensor>
Tensor tensor_of_access(const array_access& a) {
  const extents e = sizes_of(a);
  storage buffer(a.size() * size_of(a.type));
  copy_elements(a, row_major_at(buffer.data(), a.type, e));
  return Tensor::on(std::move(buffer), e);
}
/// The next one of the arrays that host_operands_op has laid out from `at` on.
template <class Tensor, index Widest>
Tensor next_tensor(std::byte*& at) {
  extents e;
  for (int k = 0; k < Tensor::rank; ++k) {
    index n;
    std::memcpy(&n, at + k * 8, sizeof n);
    e[e.rank++] = static_dim(n);
  }
  at += in_bytes(e.rank * 8);
  std::byte* const elements = at;
  at += in_bytes(e, Widest);
  return tensor_of_access<Tensor>(row_major_at(elements, dtype_of<typename Tensor::value_type>, e));
}

}  // namespace detail
}  // namespace tenon
