// Memory that ends, or begins, at a page that must not be touched: one byte read or written beyond it ends
// the test program.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <new>

namespace test {

enum class edge { end, begin };

template <class T>
class guarded {
 public:
  explicit guarded(std::int64_t n, edge at = edge::end) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t bytes = static_cast<std::size_t>(n) * sizeof(T);
    const std::size_t inner = (bytes + page - 1) / page * page;
    total_ = inner + 2 * page;
    void* const p = ::mmap(nullptr, total_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<std::byte*>(p);
    if (inner > 0 && ::mprotect(base_ + page, inner, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
    std::byte* const first = at == edge::end ? base_ + page + inner - bytes : base_ + page;
    data_ = reinterpret_cast<T*>(first);
  }
  guarded(const guarded&) = delete;
  guarded& operator=(const guarded&) = delete;
  ~guarded() { ::munmap(base_, total_); }

  T* data() const { return data_; }
  T& operator[](std::int64_t i) const { return data_[i]; }

 private:
  std::byte* base_ = nullptr;
  T* data_ = nullptr;
  std::size_t total_ = 0;
};

}  // namespace test
