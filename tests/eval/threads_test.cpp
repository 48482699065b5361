// The pool of threads: each task once, the bounds on workers, nesting, callers at the same time, resizing.
#include <tenon/eval/cpu/threads.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#if defined(__GLIBC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define COUNTS_ALLOCATIONS 1
static std::atomic<long> allocations{0};
extern "C" void* __libc_malloc(std::size_t);
extern "C" void* malloc(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
#endif

using extent = tenon::index;  // <strings.h> has an index of its own
using tenon::host::parallel_for;

namespace {

/// What the tasks of one loop report.
struct record {
  explicit record(extent tasks) : runs(static_cast<std::size_t>(tasks)) {}

  std::vector<std::atomic<int>> runs;
  std::vector<std::atomic<int>> inside = std::vector<std::atomic<int>>(64);
  std::atomic<int> highest{0};
  std::atomic<int> clashes{0};

  static void body(const void* context, extent task, int worker) {
    record& self = *const_cast<record*>(static_cast<const record*>(context));
    if (self.inside[static_cast<std::size_t>(worker)].fetch_add(1) != 0) ++self.clashes;
    ++self.runs[static_cast<std::size_t>(task)];
    for (int now = self.highest; now < worker && !self.highest.compare_exchange_weak(now, worker);) {
    }
    self.inside[static_cast<std::size_t>(worker)].fetch_sub(1);
  }

  bool all_once() const {
    for (const std::atomic<int>& count : runs) {
      if (count != 1) return false;
    }
    return true;
  }
};

}  // namespace

TEST_CASE("the number of threads") {
  CHECK(tenon::num_threads() >= 1);
  tenon::set_num_threads(5);
  CHECK(tenon::num_threads() == 5);
  setenv("TENON_NUM_THREADS", "3", 1);
  tenon::set_num_threads(0);
  CHECK(tenon::num_threads() == 3);
  const unsigned cores = std::thread::hardware_concurrency();
  for (const char* text : {"", "0", "-2", "four", "2x", "99999999999999999999"}) {
    setenv("TENON_NUM_THREADS", text, 1);
    tenon::set_num_threads(-1);
    CHECK(tenon::num_threads() == static_cast<int>(cores > 0 ? cores : 1));
  }
  unsetenv("TENON_NUM_THREADS");
}

TEST_CASE("each task runs once, on workers below the bounds") {
  for (int threads : {1, 2, 3, 8, 2, 1, 4}) {
    tenon::set_num_threads(threads);
    for (extent tasks : {0, 1, 2, 3, 7, 100, 1000}) {
      for (int bound : {1, 2, 3, tenon::host::any_threads}) {
        record seen(tasks);
        parallel_for(tasks, &record::body, &seen, bound);
        CHECK(seen.all_once());
        CHECK(seen.clashes == 0);
        CHECK(seen.highest < std::min(threads, bound));
        CHECK(seen.highest < std::max<extent>(tasks, 1));
      }
    }
  }
}

TEST_CASE("each worker begins with its own part of the tasks") {
  tenon::set_num_threads(3);
  struct beginning {
    std::atomic<int> begun{0};
    std::atomic<extent> first[3]{-1, -1, -1};
  } seen;
  parallel_for(
      30,
      [](const void* p, extent task, int worker) {
        beginning& b = *const_cast<beginning*>(static_cast<const beginning*>(p));
        extent none = -1;
        if (!b.first[worker].compare_exchange_strong(none, task)) return;
        ++b.begun;
        while (b.begun < 3) std::this_thread::yield();  // no one takes another's before all have begun
      },
      &seen);
  CHECK(seen.first[0] == 0);
  CHECK(seen.first[1] == 10);
  CHECK(seen.first[2] == 20);
}

TEST_CASE("what a task writes is seen after the loop, many loops in a row") {
  tenon::set_num_threads(3);
  struct sums {
    extent* cells;
    extent add;
  };
  std::vector<extent> cells(16, 0);
  for (extent loop = 0; loop < 20000; ++loop) {
    const sums context{cells.data(), loop};
    const extent tasks = 1 + loop % 16;
    parallel_for(
        tasks,
        [](const void* p, extent task, int) {
          static_cast<const sums*>(p)->cells[task] += static_cast<const sums*>(p)->add;
        },
        &context);
  }
  extent total = 0;
  extent expected = 0;
  for (extent cell : cells) total += cell;
  for (extent loop = 0; loop < 20000; ++loop) expected += loop * (1 + loop % 16);
  CHECK(total == expected);
}

TEST_CASE("a loop inside a task runs on its thread") {
  tenon::set_num_threads(4);
  std::vector<std::atomic<int>> runs(8 * 8);
  parallel_for(
      8,
      [](const void* outer, extent i, int) {
        struct inner {
          const void* runs;
          extent row;
          std::thread::id thread;
        } context{outer, i, std::this_thread::get_id()};
        parallel_for(
            8,
            [](const void* p, extent j, int worker) {
              const inner& self = *static_cast<const inner*>(p);
              auto& cells = *const_cast<std::vector<std::atomic<int>>*>(
                  static_cast<const std::vector<std::atomic<int>>*>(self.runs));
              if (worker == 0 && self.thread == std::this_thread::get_id()) {
                ++cells[static_cast<std::size_t>(self.row * 8 + j)];
              }
            },
            &context);
      },
      &runs);
  for (const std::atomic<int>& count : runs) CHECK(count == 1);
}

TEST_CASE("several threads may call it, and resize it, at the same time") {
  tenon::set_num_threads(3);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([caller, &wrong] {
      for (int loop = 0; loop < 300; ++loop) {
        if (caller == 0 && loop % 50 == 0) tenon::set_num_threads(2 + loop / 50 % 3);
        record seen(20);
        parallel_for(20, &record::body, &seen);
        if (!seen.all_once() || seen.clashes != 0) ++wrong;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(wrong == 0);
}

TEST_CASE("workers that have gone to sleep are woken") {
  tenon::set_num_threads(2);
  for (int loop = 0; loop < 20; ++loop) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    // Each task waits for the other, so that both threads must take part.
    std::atomic<int> arrived{0};
    parallel_for(
        2,
        [](const void* p, extent, int) {
          auto& count = *const_cast<std::atomic<int>*>(static_cast<const std::atomic<int>*>(p));
          ++count;
          while (count < 2) std::this_thread::yield();
        },
        &arrived);
    CHECK(arrived == 2);
  }
}

#if defined(COUNTS_ALLOCATIONS)
TEST_CASE("a warm loop allocates nothing") {
  tenon::set_num_threads(3);
  record seen(100);
  parallel_for(100, &record::body, &seen);
  const long before = allocations;
  for (int loop = 0; loop < 100; ++loop) parallel_for(100, &record::body, &seen);
  CHECK(allocations == before);
}
#endif
