// The buffer behind arrays: reference-counted, aligned to 64 bytes, and able to say that it must not be
// shared; or memory of others, with the function that gives it back.
#pragma once

#include <atomic>
#include <limits>
#include <new>
#include <utility>

#include "tenon/core/buffer_cache.hpp"
#include "tenon/core/config.hpp"
#include "tenon/core/error.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace tenon {

namespace detail {
/// Asks for large pages. A fresh large array is faulted in page by page as it is first written, which on a
/// virtual machine took 125 ms for 64 MiB, and 15 to 23 ms with pages of 2 MiB.
inline void use_large_pages([[maybe_unused]] void* block, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr std::size_t page = 4096, large = std::size_t(4) << 20;
  if (bytes < large) return;
  const std::size_t skip = (page - reinterpret_cast<std::uintptr_t>(block) % page) % page;
  ::madvise(static_cast<std::byte*>(block) + skip, (bytes - skip) / page * page, MADV_HUGEPAGE);
#endif
}
}  // namespace detail

/// A shared handle on a buffer. Null handles hold no bytes.
///
/// Arrays that hold one buffer see writes of each other; so a writer first makes sure that it holds the only
/// reference. `pins` counts the holders that may write at any time (raw pointers, named views): while there
/// are some, the buffer must not be shared, and copies are made at once.
class storage {
 public:
  static constexpr std::size_t alignment = detail::buffer_cache::alignment;

  constexpr storage() noexcept = default;
  explicit storage(index bytes) {
    if (bytes < 0 || bytes > std::numeric_limits<index>::max() / 2)
      throw usage_error("allocation: " + std::to_string(bytes) +
                        " bytes asked for, beyond what can be addressed");
    const std::size_t total = header + static_cast<std::size_t>(bytes) + alignment;
    const int size_class = detail::buffer_cache::class_of(total);
    void* raw = detail::buffer_cache::allocate(total, size_class);
    detail::use_large_pages(raw, total);
    block_ = ::new (raw) block;
    block_->size_class = size_class;
    block_->data = static_cast<std::byte*>(raw) + header;
  }
  /// Memory of others, given back by `release(owner)` when the last handle goes. Who made it may read it all
  /// the while, so it counts as a holder: arrays never write there, they take a buffer of their own first.
  static storage foreign(const void* data, void* owner, void (*release)(void*)) {
    storage s;
    void* raw = ::operator new(header, std::align_val_t(alignment));
    s.block_ = ::new (raw) block;
    s.block_->data = static_cast<std::byte*>(const_cast<void*>(data));
    s.block_->owner = owner;
    s.block_->give_back = release;
    s.block_->outside = 1;
    return s;
  }
  constexpr storage(const storage& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  constexpr storage(storage&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  constexpr storage& operator=(storage other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  constexpr ~storage() {
    if (block_ != nullptr) drop();
  }

  explicit operator bool() const noexcept { return block_ != nullptr; }
  bool operator==(const storage& other) const noexcept { return block_ == other.block_; }
  /// The bytes. A buffer of our own has 64 bytes of slack behind its end; memory of others has none, and no
  /// kernel relies on it.
  std::byte* data() const noexcept { return block_ == nullptr ? nullptr : block_->data; }
  /// How many hold the bytes, an owner elsewhere included.
  int references() const noexcept {
    return block_ == nullptr ? 0 : block_->references.load(std::memory_order_acquire) + block_->outside;
  }
  int pins() const noexcept { return block_ == nullptr ? 0 : block_->pins.load(std::memory_order_acquire); }
  bool pinned() const noexcept { return pins() != 0; }
  void pin() const noexcept {
    if (block_ != nullptr) block_->pins.fetch_add(1, std::memory_order_relaxed);
  }
  /// For who has a raw pointer, and never says when it is done.
  void pin_for_good() const noexcept {
    if (block_ != nullptr) block_->pins.fetch_or(1 << 30, std::memory_order_relaxed);
  }
  void unpin() const noexcept {
    if (block_ != nullptr) block_->pins.fetch_sub(1, std::memory_order_release);
  }

 private:
  struct block {
    std::atomic<int> references{1}, pins{0};
    int outside = 0, size_class = -1;  // of the cache
    std::byte* data = nullptr;
    void* owner = nullptr;
    void (*give_back)(void*) = nullptr;
  };
  static constexpr std::size_t header = 64;
  static_assert(sizeof(block) <= header);
  /// Out of line: buffers end at very many places.
  TENON_NOINLINE void drop() noexcept {
    // Who holds the only reference sees no other come: an atomic subtraction less.
    if (block_->references.load(std::memory_order_acquire) != 1 &&
        block_->references.fetch_sub(1, std::memory_order_acq_rel) != 1)
      return;
    if (block_->give_back != nullptr) block_->give_back(block_->owner);
    detail::buffer_cache::free(block_, block_->size_class);
  }

  block* block_ = nullptr;
};

}  // namespace tenon
