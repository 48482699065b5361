#include <doctest/doctest.h>
#include <tenon/core/buffer_cache.hpp>
#include <tenon/core/storage.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

using tenon::storage;
using cache = tenon::detail::buffer_cache;

TEST_CASE("a block has room for what was asked for, and a quarter more at most") {
  int last = -1;
  for (std::size_t bytes = 1; bytes <= 70000; ++bytes) {
    const int size_class = cache::class_of(bytes);
    if (size_class < 0) {
      REQUIRE((bytes > 65536 || last == -1));
      continue;
    }
    REQUIRE(size_class >= last);
    REQUIRE(size_class <= last + 1);
    last = size_class;
    if (bytes % 97 != 0) continue;
    auto* const block = static_cast<std::byte*>(cache::allocate(bytes, size_class));
    std::memset(block, 1, bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(block) % cache::alignment == 0);
    cache::free(block, size_class);
  }
}

TEST_CASE("a buffer that is given back is the next of its size") {
  if (cache::class_of(4000) < 0) return;  // with AddressSanitizer
  const std::byte* first = nullptr;
  {
    storage s(4000);
    first = s.data();
  }
  storage same(4010), other(4000);
  CHECK(same.data() == first);
  CHECK(other.data() != first);
}

TEST_CASE("buffers that are alive do not overlap") {
  std::vector<storage> alive;
  for (int round = 0; round < 200; ++round) {
    const tenon::index bytes = 1 + round * 7919 % 66000;
    alive.emplace_back(bytes);
    std::memset(alive.back().data(), round, static_cast<std::size_t>(bytes));
    if (round % 3 == 2) alive.erase(alive.begin() + round % 5);
    for (const storage& s : alive) CHECK(s.references() == 1);
  }
  std::vector<std::uintptr_t> starts;
  for (const storage& s : alive) starts.push_back(reinterpret_cast<std::uintptr_t>(s.data()));
  std::sort(starts.begin(), starts.end());
  CHECK(std::adjacent_find(starts.begin(), starts.end()) == starts.end());
}

TEST_CASE("buffers outlive the thread that made them, and end in another") {
  std::vector<storage> made(100);
  std::thread([&] {
    for (storage& s : made) s = storage(1000);
    std::vector<storage> own(20, storage(500));  // kept, and freed with the thread
  }).join();
  for (storage& s : made) std::memset(s.data(), 7, 1000);
  made.clear();
  storage again(1000);
  CHECK(again.references() == 1);
}

namespace {
struct last_words {
  storage held;
  ~last_words() { held = storage(); }
};
thread_local last_words ends_after_cache;
}  // namespace

TEST_CASE("buffers may be given back while a thread ends") {
  std::thread([] {
    ends_after_cache.held = storage(300);
    { storage opens_the_cache(300); }
    ends_after_cache.held = storage(300);
  }).join();
}
