// DLPack: arrays exchanged with other libraries in one process, without a copy.
// Source: https://dmlc.github.io/dlpack/latest/ (C API, version 1)
#pragma once

#include <cstdint>
#include <memory>

#include "tenon/array/any_tensor.hpp"
#include "tenon/array/borrow.hpp"

// The structures are DLPack's own. Include <dlpack/dlpack.h> before this header where a program has both.
#if !defined(DLPACK_DLPACK_H_)
#define DLPACK_DLPACK_H_
#define DLPACK_MAJOR_VERSION 1
#define DLPACK_MINOR_VERSION 1
#define DLPACK_FLAG_BITMASK_READ_ONLY (1UL << 0UL)
#define DLPACK_FLAG_BITMASK_IS_COPIED (1UL << 1UL)
#define DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED (1UL << 2UL)

extern "C" {

struct DLPackVersion {
  uint32_t major;
  uint32_t minor;
};
enum DLDeviceType : int32_t {
  kDLCPU = 1,
  kDLCUDA = 2,
  kDLCUDAHost = 3,
  kDLROCM = 10,
  kDLROCMHost = 11,
  kDLCUDAManaged = 13
};
struct DLDevice {
  DLDeviceType device_type;
  int32_t device_id;
};
enum DLDataTypeCode : uint8_t {
  kDLInt = 0U,
  kDLUInt = 1U,
  kDLFloat = 2U,
  kDLOpaqueHandle = 3U,
  kDLBfloat = 4U,
  kDLComplex = 5U,
  kDLBool = 6U
};
struct DLDataType {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
};
struct DLTensor {
  void* data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t* shape;
  int64_t* strides;  // in elements; null: row-major
  uint64_t byte_offset;
};
struct DLManagedTensor {
  DLTensor dl_tensor;
  void* manager_ctx;
  void (*deleter)(struct DLManagedTensor* self);
};
struct DLManagedTensorVersioned {
  DLPackVersion version;
  void* manager_ctx;
  void (*deleter)(struct DLManagedTensorVersioned* self);
  uint64_t flags;
  DLTensor dl_tensor;
};

}  // extern "C"
#endif

namespace tenon {

namespace detail {

constexpr DLDataType dlpack_type(dtype d) {
  const auto code = d == dtype::boolean      ? kDLBool
                    : is_signed_integer(d)   ? kDLInt
                    : is_unsigned_integer(d) ? kDLUInt
                    : d == dtype::bfloat16   ? kDLBfloat
                    : is_complex(d)          ? kDLComplex
                                             : kDLFloat;
  return {static_cast<std::uint8_t>(code), static_cast<std::uint8_t>(8 * size_of(d)), 1};
}
inline dtype dtype_of_dlpack(const DLDataType& t) {
  for (int d = static_cast<int>(dtype::boolean); d < dtype_count; ++d) {
    const DLDataType known = dlpack_type(static_cast<dtype>(d));
    if (known.code == t.code && known.bits == t.bits && t.lanes == 1) return static_cast<dtype>(d);
  }
  throw dtype_error("from_dlpack: expected a dtype of tenon, got type code " + std::to_string(t.code) +
                    " of " + std::to_string(t.bits) + " bits in " + std::to_string(t.lanes) + " lanes");
}

/// What an exported tensor points into: its buffer, shape and strides.
template <class Managed>
struct dlpack_export {
  Managed managed{};
  storage buffer;
  bool pinned = false;
  int64_t extent[max_rank + 1]{}, stride[max_rank + 1]{};

  static void give_back(Managed* m) {
    auto* const self = static_cast<dlpack_export*>(m->manager_ctx);
    if (self->pinned) self->buffer.unpin();
    delete self;
  }
};

template <class Managed>
Managed* dlpack_of(storage buffer, dtype type, std::span<const index> shape, bool writable) {
  auto made = std::make_unique<dlpack_export<Managed>>();
  DLTensor& t = made->managed.dl_tensor;
  const bool alone = buffer.references() == 1;
  made->buffer = std::move(buffer);
  t.data = made->buffer.data();
  t.device = {kDLCPU, 0};
  t.ndim = static_cast<std::int32_t>(shape.size());
  t.dtype = dlpack_type(type);
  index step = 1;
  for (std::size_t k = shape.size(); k-- > 0;) {
    made->extent[k] = shape[k];
    made->stride[k] = step;
    step *= shape[k];
  }
  t.shape = made->extent;
  t.strides = made->stride;
  if constexpr (requires { made->managed.flags; }) {
    made->managed.version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
    if (!writable && !alone) made->managed.flags = DLPACK_FLAG_BITMASK_READ_ONLY;
  }
  if (writable) {
    made->buffer.pin();
    made->pinned = true;
  }
  made->managed.manager_ctx = made.get();
  made->managed.deleter = &dlpack_export<Managed>::give_back;
  return &made.release()->managed;
}

/// Given back whatever happens, until a buffer has it.
template <class Managed>
struct dlpack_holder {
  Managed* m;
  ~dlpack_holder() { give_back(m); }
  static void give_back(void* p) {
    auto* const m = static_cast<Managed*>(p);
    if (m != nullptr && m->deleter != nullptr) m->deleter(m);
  }
};

template <class Managed>
any_tensor take_dlpack(Managed* m) {
  if (m == nullptr) throw usage_error("from_dlpack: a null pointer, expected a managed tensor");
  dlpack_holder<Managed> held{m};
  if constexpr (requires { m->flags; })
    if (m->version.major != DLPACK_MAJOR_VERSION)
      throw usage_error("from_dlpack: expected version " + std::to_string(DLPACK_MAJOR_VERSION) + ", got " +
                        std::to_string(m->version.major) + "." + std::to_string(m->version.minor));
  const DLTensor& t = m->dl_tensor;
  if (t.device.device_type != kDLCPU)
    throw device_error("from_dlpack: expected memory of the CPU, got device type " +
                       std::to_string(static_cast<int>(t.device.device_type)) + "; copy it there first");
  const dtype type = dtype_of_dlpack(t.dtype);
  const index size = size_of(type);
  if (t.ndim < 0 || t.ndim > max_rank)
    throw shape_error("from_dlpack: expected 0 to " + std::to_string(max_rank) + " axes, got " +
                      std::to_string(t.ndim));
  if (t.ndim > 0 && t.shape == nullptr) throw usage_error("from_dlpack: the shape is null");
  const std::span<const index> shape(t.shape, static_cast<std::size_t>(t.ndim));
  const auto* const data = static_cast<const std::byte*>(t.data) + t.byte_offset;
  const auto address = reinterpret_cast<std::uintptr_t>(t.data) + t.byte_offset;
  index alignment = is_complex(type) ? size / 2 : size;
  leaf l;
  set_borrowed(l, t.data == nullptr ? nullptr : data, t.shape, t.strides, t.ndim, type, 1, false);
  index step = 1;
  bool row_major = address % static_cast<std::uintptr_t>(alignment) == 0;
  for (int k = t.ndim - 1; k >= 0; --k) {
    row_major = row_major && (l.extent[k] == 1 || l.stride[k] == step);
    step *= l.extent[k];
  }
  if (step == 0) return any_tensor::on(storage(0), type, shape);
  if (!row_major) {
    storage copy(step * size);
    array_access from = access(l, t.ndim, type), to = from;
    to.data = copy.data();
    for (index k = t.ndim - 1, n = 1; k >= 0; --k) {
      to.stride[k] = n;
      n *= to.extent[k];
    }
    copy_elements(from, to);
    return any_tensor::on(std::move(copy), type, shape);
  }
  const any_tensor made =
      any_tensor::on(storage::foreign(data, m, &dlpack_holder<Managed>::give_back), type, shape);
  held.m = nullptr;
  return made;
}

}  // namespace detail

/// A tensor for other libraries, who call its `deleter` when they are done; the elements are shared, not
/// copied. As DLManagedTensorVersioned it says that they must not be written, unless nobody else holds them.
/// DLManagedTensor cannot say so: who takes it must not write either.
template <class Managed = DLManagedTensor, class T, class Shape>
Managed* to_dlpack(const basic_tensor<T, Shape>& t) {
  return detail::dlpack_of<Managed>(t.shared_buffer(), dtype_of<T>, t.shape(), false);
}
/// The same, the tensor keeping nothing.
template <class Managed = DLManagedTensor, class T, class Shape>
Managed* to_dlpack(basic_tensor<T, Shape>&& t) {
  storage buffer = t.shared_buffer();
  const std::array<index, Shape::rank> shape = t.shape();
  { const basic_tensor<T, Shape> gone = std::move(t); }
  return detail::dlpack_of<Managed>(std::move(buffer), dtype_of<T>, shape, false);
}
template <class Managed = DLManagedTensor>
Managed* to_dlpack(const any_tensor& a) {
  if (a.type() == dtype::none) throw dtype_error("to_dlpack: there is no array");
  return detail::dlpack_of<Managed>(a.buffer(), a.type(), a.shape(), false);
}
/// The tensor's own memory, to read and to write: each sees what the other writes. Until the deleter is
/// called, copies of the tensor are made at once, as while a writable view lives.
template <class Managed = DLManagedTensor, class T, class Shape>
Managed* to_dlpack_writable(basic_tensor<T, Shape>& t) {
  static_assert(
      !basic_tensor<T, Shape>::inside,
      "tenon: a small tensor of static extents holds its elements inside itself, where others cannot "
      "keep them alive; export a tensor with dynamic extents, or a copy with to_dlpack");
  t.own();
  return detail::dlpack_of<Managed>(t.buffer(), dtype_of<T>, t.shape(), true);
}

/// The array that a managed tensor of another library is, and its owner from now on: the deleter is called
/// when nothing holds the array any more, or before an exception leaves. Row-major elements, aligned for
/// their dtype, are not copied; others are. Tensors never write there: who writes gets a copy. device_error
/// for memory of other devices, dtype_error for dtypes that tenon has not, shape_error for more than 8 axes
/// and for sizes that cannot be addressed.
inline any_tensor from_dlpack(DLManagedTensor* m) { return detail::take_dlpack(m); }
inline any_tensor from_dlpack(DLManagedTensorVersioned* m) { return detail::take_dlpack(m); }

}  // namespace tenon
