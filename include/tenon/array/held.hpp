// Where a tensor's elements are: in a buffer that copies share until someone writes, or, of a small one,
// inside the tensor. The two classes that basic_tensor is built on, under one set of names.
#pragma once

#include <array>

#include "tenon/core/describe.hpp"
#include "tenon/eval/evaluate.hpp"

namespace tenon::detail {

/// A dense array as a leaf that shares its buffer. Not compiled anew for each type of array.
TENON_NOINLINE inline void record_array(leaf& to, const storage& buffer, const index* extent, int rank) {
  to.buffer = buffer;
  to.data = buffer.data();
  index step = 1;
  for (int k = rank - 1; k >= 0; --k) {
    to.extent[k] = extent[k];
    to.stride[k] = step;
    step *= extent[k];
  }
}
/// The same, of a copy where the buffer may be written to at any time.
TENON_NOINLINE inline void capture_array(leaf& to, const storage& buffer, const index* extent, int rank,
                                         int element_size) {
  record_array(to, buffer, extent, rank);
  if (!buffer.pinned()) return;
  index bytes = element_size;
  for (int k = 0; k < rank; ++k) bytes *= extent[k];
  to.buffer = storage(bytes);
  to.data = to.buffer.data();
  std::memcpy(to.buffer.data(), buffer.data(), static_cast<std::size_t>(bytes));
}

template <class D>
inline constexpr index static_size = -1;
template <index N>
inline constexpr index static_size<size<N>> = N;

/// The static extents of a shape, -1 for others.
template <class S>
struct static_extents_of;
template <class... D>
struct static_extents_of<shape<D...>> {
  static constexpr std::array<index, sizeof...(D)> value{static_size<D>...};
};

[[noreturn]] TENON_NOINLINE TENON_COLD inline void throw_moved_from() {
  throw usage_error("tensor: it was moved from; assign to it before it is used");
}

/// Elements in a buffer. Who writes makes sure first that no other holder sees it.
template <class T, class Shape>
class shared_elements {
 public:
  static constexpr int rank = Shape::rank;
  static constexpr bool inside = false;

  const std::array<index, rank>& shape() const { return extent_; }
  index size() const {
    index n = 1;
    for (const index e : extent_) n *= e;
    return n;
  }

  const T* flat() const { return reinterpret_cast<const T*>(held().data()); }
  /// The elements, after making sure that no other tensor sees them change.
  T* own() {
    if (held().references() > 1 && !buffer_.pinned()) buffer_ = copied();
    return reinterpret_cast<T*>(buffer_.data());
  }
  /// This tensor as a leaf that shares the buffer; as one to write through, after own().
  void record(leaf& to) const { record_array(to, held(), extent_.data(), rank); }
  leaf target() {
    own();
    leaf l;
    record(l);
    return l;
  }
  /// The same without a share: for readers that are done before this tensor changes or goes.
  leaf lent() const {
    leaf l;
    l.data = held().data();
    index step = 1;
    for (int k = rank - 1; k >= 0; --k) {
      l.extent[k] = extent_[std::size_t(k)];
      l.stride[k] = step;
      step *= extent_[std::size_t(k)];
    }
    return l;
  }
  /// The same, for expressions: a copy where the buffer may be written to at any time.
  void capture(leaf& to) const { capture_array(to, held(), extent_.data(), rank, sizeof(T)); }
  const storage& buffer() const { return buffer_; }
  /// The buffer, for others to hold: a copy where it may be written to at any time.
  storage shared_buffer() const { return held().pinned() ? copied() : buffer_; }

 protected:
  shared_elements() noexcept = default;
  shared_elements(const shared_elements& other)
      : extent_(other.extent_), buffer_(other.buffer_.pinned() ? other.copied() : other.buffer_) {}
  shared_elements(shared_elements&& other) noexcept = default;
  shared_elements& operator=(const shared_elements& other) {
    if (this != &other) *this = shared_elements(other);
    return *this;
  }
  shared_elements& operator=(shared_elements&& other) {
    if (this == &other) return *this;
    if (buffer_.pinned() && other.extent_ == extent_) {  // views and raw pointers go on seeing this tensor
      std::memcpy(buffer_.data(), other.buffer_.data(), static_cast<std::size_t>(size()) * sizeof(T));
      return *this;
    }
    extent_ = other.extent_;
    buffer_ = std::move(other.buffer_);
    return *this;
  }
  ~shared_elements() = default;

  /// From here on copies of this tensor are made at once.
  void pin_for_good() { buffer_.pin_for_good(); }
  void set_extents(const index* e, bool allocate = true) {
    extents wanted;
    for (int k = 0; k < rank; ++k) {
      extent_[std::size_t(k)] = e[k];
      wanted[wanted.rank++] = static_dim(e[k]);
    }
    if (allocate) buffer_ = storage(bytes_of(wanted, dtype_of<T>));
  }
  void hold(storage buffer, const extents& value) {
    for (int k = 0; k < rank; ++k) extent_[std::size_t(k)] = value[k].size;
    buffer_ = std::move(buffer);
  }
  void zero() {
    std::memset(static_cast<void*>(buffer_.data()), 0, static_cast<std::size_t>(size()) * sizeof(T));
  }
  bool has_shape(const extents& value) const {
    bool same = static_cast<bool>(buffer_);
    for (int k = 0; k < rank; ++k) same = same && extent_[std::size_t(k)] == value[k].size;
    return same;
  }
  void adopt_extents(const extents& value) {
    if (!has_shape(value)) hold(storage(bytes_of(value, dtype_of<T>)), value);
  }
  const storage& held() const {
    if (!buffer_) throw_moved_from();
    return buffer_;
  }
  storage copied() const {
    storage fresh(size() * index(sizeof(T)));
    std::memcpy(fresh.data(), buffer_.data(), static_cast<std::size_t>(size()) * sizeof(T));
    return fresh;
  }

  std::array<index, rank> extent_{};
  storage buffer_;
};

/// Elements inside the tensor. Others never share them: what outlives a statement holds a copy.
template <class T, class Shape>
class inside_elements {
 public:
  static constexpr int rank = Shape::rank;
  static constexpr bool inside = true;

  static constexpr const std::array<index, rank>& shape() { return static_extents_of<Shape>::value; }
  static constexpr index size() { return small_count<Shape>; }

  const T* flat() const { return block_.v; }
  T* own() { return block_.v; }
  void record(leaf& to) const {
    lend_small<T, Shape>(to, block_);
    to.buffer = shared_buffer();
    to.data = to.buffer.data();
  }
  leaf target() { return lent(); }
  leaf lent() const {
    leaf l;
    lend_small<T, Shape>(l, block_);
    return l;
  }
  void capture(leaf& to) const { record(to); }
  storage shared_buffer() const {
    storage s(size() * index(sizeof(T)));
    std::memcpy(s.data(), block_.v, static_cast<std::size_t>(size()) * sizeof(T));
    return s;
  }
  const small_block_of<T, Shape>& block() const { return block_; }

 protected:
  inside_elements() noexcept {
    if constexpr (size() == 0) block_.v[0] = T{};  // what stands there is copied, and read by nobody
  }
  void pin_for_good() {}
  void set_extents(const index*, bool = true) {}
  void hold(const storage& buffer, const extents&) {
    std::memcpy(block_.v, buffer.data(), static_cast<std::size_t>(size()) * sizeof(T));
  }
  void zero() { std::memset(static_cast<void*>(block_.v), 0, sizeof block_); }
  void adopt_extents(const extents&) {}

  small_block_of<T, Shape> block_;
};

template <bool Small>
struct elements_holder {
  template <class T, class Shape>
  using of = shared_elements<T, Shape>;
};
template <>
struct elements_holder<true> {
  template <class T, class Shape>
  using of = inside_elements<T, Shape>;
};

}  // namespace tenon::detail
