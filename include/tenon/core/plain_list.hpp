// A list of records without constructors or destructors: what bindings fill in.
//
// std::vector would have each unit compile its growth anew for a dozen types (0.3 s); here growth is one
// function for all of them.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "tenon/core/config.hpp"

namespace tenon::detail {

/// Memory that grows and keeps its bytes.
class plain_memory {
 public:
  plain_memory() = default;
  plain_memory(const plain_memory& other) { copy(other); }
  plain_memory(plain_memory&& other) noexcept { swap(other); }
  plain_memory& operator=(plain_memory other) noexcept {
    swap(other);
    return *this;
  }
  ~plain_memory() { ::operator delete(data_); }

 protected:
  /// Room for `bytes`, in twice the memory where there is not enough; throws std::bad_alloc and loses
  /// nothing.
  TENON_COLD TENON_NOINLINE void reserve(std::size_t bytes) {
    if (bytes <= capacity_) return;
    const std::size_t capacity = bytes < 2 * capacity_ ? 2 * capacity_ : bytes;
    void* const to = ::operator new(capacity);
    if (used_ > 0) std::memcpy(to, data_, used_);
    ::operator delete(data_);
    data_ = to;
    capacity_ = capacity;
  }

  void* data_ = nullptr;
  std::size_t used_ = 0, capacity_ = 0;  // bytes

 private:
  TENON_COLD TENON_NOINLINE void copy(const plain_memory& other) {
    reserve(other.used_);
    used_ = other.used_;
    if (used_ > 0) std::memcpy(data_, other.data_, used_);
  }
  void swap(plain_memory& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(used_, other.used_);
    std::swap(capacity_, other.capacity_);
  }
};

template <class T>
class plain_list : plain_memory {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(std::max_align_t));

 public:
  plain_list() = default;
  explicit plain_list(std::size_t n) { assign(n, {}); }

  std::size_t size() const { return used_ / sizeof(T); }
  T* data() { return static_cast<T*>(data_); }
  const T* data() const { return static_cast<const T*>(data_); }
  T* begin() { return data(); }
  T* end() { return data() + size(); }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size(); }
  T& operator[](std::size_t i) { return data()[i]; }
  const T& operator[](std::size_t i) const { return data()[i]; }

  void clear() { used_ = 0; }
  void assign(std::size_t n, const T& value) {
    used_ = 0;
    reserve(n * sizeof(T));
    used_ = n * sizeof(T);
    for (T& x : *this) x = value;
  }
  /// Appends a record, which may be one of the list's own.
  void push_back(T value) {
    reserve(used_ + sizeof(T));
    data()[size()] = value;
    used_ += sizeof(T);
  }
};

}  // namespace tenon::detail
