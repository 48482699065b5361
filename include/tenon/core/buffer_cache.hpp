// Small buffers that a thread gave back, kept for the next ones that it asks for.
//
// A statement allocates its result and often frees another of the same size. With malloc, which aligns
// slowly, a statement on 1000 floats took 314 ns and takes 288 so, a small network called as one 532 and 428.
// Each thread has a cache of its own, of a MiB at most; what it holds is freed when the thread ends. With
// AddressSanitizer there is none, so that each buffer's life is watched, nor where all units of a program
// define TENON_NO_BUFFER_CACHE.
#pragma once

#include <bit>
#include <cstddef>
#include <new>

#include "tenon/core/config.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define TENON_NO_BUFFER_CACHE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TENON_NO_BUFFER_CACHE 1
#endif
#endif

namespace tenon::detail {

/// Allocates and frees blocks of memory aligned to 64 bytes, small ones by way of the calling thread's cache.
class buffer_cache {
 public:
  static constexpr std::size_t alignment = 64;

  /// The class of blocks that has room for so many bytes, of four in each octave; -1 if the cache has none so
  /// large.
  static int class_of([[maybe_unused]] std::size_t bytes) noexcept {
#if defined(TENON_NO_BUFFER_CACHE)
    return -1;
#else
    if (bytes > largest) return -1;
    if (bytes <= smallest) return 0;
    const int octave = std::bit_width(bytes - 1), quarter = static_cast<int>((bytes - 1) >> (octave - 3)) & 3;
    return (octave - first_octave) * 4 + quarter + 1;
#endif
  }

  /// At least so many bytes, of which the class is theirs. Throws std::bad_alloc.
  static void* allocate(std::size_t bytes, int size_class) {
    if (size_class < 0) return ::operator new(bytes, std::align_val_t(alignment));
    if (entry* const first = lists.first[size_class]) {
      lists.first[size_class] = first->next;
      lists.bytes -= bytes_of(size_class);
      return first;
    }
    return ::operator new(bytes_of(size_class), std::align_val_t(alignment));
  }
  static void free(void* block, int size_class) noexcept {
    if (size_class < 0 || !keep(block, size_class)) ::operator delete(block, std::align_val_t(alignment));
  }

 private:
  static constexpr std::size_t smallest = 128, largest = std::size_t(1) << 16, most = std::size_t(1) << 20;
  static constexpr int first_octave = 8, classes = (16 - first_octave + 1) * 4 + 1;

  struct entry {
    entry* next;
  };
  struct free_lists {
    entry* first[classes];
    std::size_t bytes;
    bool open, closed;  // the thread's end is waited for; it came
  };
  static_assert(std::size_t(1) << (first_octave - 1) == smallest);

  static std::size_t bytes_of(int size_class) noexcept {
    if (size_class == 0) return smallest;
    const int octave = first_octave + (size_class - 1) / 4, quarter = (size_class - 1) % 4;
    return static_cast<std::size_t>(5 + quarter) << (octave - 3);
  }

  TENON_NOINLINE static bool keep(void* block, int size_class) noexcept {
    const std::size_t size = bytes_of(size_class);
    if (lists.closed || lists.bytes + size > most) return false;
    if (!lists.open) {
      static thread_local closing end;  // from here on
      lists.open = end.waits;
    }
    lists.first[size_class] = ::new (block) entry{lists.first[size_class]};
    lists.bytes += size;
    return true;
  }
  struct closing {
    bool waits = true;
    ~closing() {
      lists.closed = true;
      for (entry*& first : lists.first)
        while (first != nullptr) {
          entry* const next = first->next;
          ::operator delete(static_cast<void*>(first), std::align_val_t(alignment));
          first = next;
        }
    }
  };

  static constinit thread_local free_lists lists;
};

inline constinit thread_local buffer_cache::free_lists buffer_cache::lists{};

}  // namespace tenon::detail
