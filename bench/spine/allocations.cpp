// Counts the malloc family of this program: glibc lets a program define the functions and call its own under other names.
#include <atomic>
#include <cerrno>
#include <cstddef>

#include "spine.hpp"

namespace {
std::atomic<std::uint64_t> calls{0};
void count() { calls.fetch_add(1, std::memory_order_relaxed); }
}  // namespace

std::uint64_t spine::allocation_count() { return calls.load(); }

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

// operator new reaches malloc or aligned_alloc.
void* malloc(std::size_t n) { return count(), __libc_malloc(n); }
void* calloc(std::size_t n, std::size_t size) { return count(), __libc_calloc(n, size); }
void* realloc(void* p, std::size_t n) { return count(), __libc_realloc(p, n); }
void* memalign(std::size_t alignment, std::size_t n) { return count(), __libc_memalign(alignment, n); }
void* aligned_alloc(std::size_t alignment, std::size_t n) { return count(), __libc_memalign(alignment, n); }
int posix_memalign(void** to, std::size_t alignment, std::size_t n) {
  count();
  void* const p = __libc_memalign(alignment, n);
  if (p == nullptr) return ENOMEM;
  *to = p;
  return 0;
}
}
#endif
