// Counts every allocation of the process. For one unit of a program: it replaces malloc.
#pragma once

#if !defined(TENON_NO_BUFFER_CACHE)
#error "allocations are counted: define TENON_NO_BUFFER_CACHE before all includes"
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TENON_COUNTS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define TENON_COUNTS 0
#endif
#endif
#if !defined(TENON_COUNTS) && defined(__GLIBC__)
#define TENON_COUNTS 1
#elif !defined(TENON_COUNTS)
#include <cstdlib>  // tells whether this is glibc
#if defined(__GLIBC__)
#define TENON_COUNTS 1
#else
#define TENON_COUNTS 0
#endif
#endif

#include <atomic>
#include <cerrno>

namespace {
std::atomic<long> allocations{0};
[[maybe_unused]] std::atomic<long> allocated_bytes{0};
}  // namespace

#if TENON_COUNTS
// operator new of every alignment ends in one of these, whichever library calls it.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t n) {
  allocated_bytes += long(n);
  ++allocations;
  return __libc_malloc(n);
}
void* calloc(std::size_t n, std::size_t size) {
  allocated_bytes += long(n * size);
  ++allocations;
  return __libc_calloc(n, size);
}
void* realloc(void* p, std::size_t n) {
  allocated_bytes += long(n);
  ++allocations;
  return __libc_realloc(p, n);
}
void* memalign(std::size_t alignment, std::size_t n) {
  allocated_bytes += long(n);
  ++allocations;
  return __libc_memalign(alignment, n);
}
void* aligned_alloc(std::size_t alignment, std::size_t n) {
  allocated_bytes += long(n);
  ++allocations;
  return __libc_memalign(alignment, n);
}
int posix_memalign(void** p, std::size_t alignment, std::size_t n) {
  allocated_bytes += long(n);
  ++allocations;
  *p = __libc_memalign(alignment, n);
  return *p == nullptr ? ENOMEM : 0;
}
}
#endif

namespace {

template <class F>
long allocations_of(F f) {
  for (int i = 0; i < 3; ++i) f();  // warm
  const long before = allocations;
  for (int i = 0; i < 10; ++i) f();
  return allocations - before;
}

}  // namespace
