// The threads of evaluation on the CPU: one pool for the process, and a loop whose tasks it shares out.
//
// Measured against Eigen's ThreadPool, to fork and join two empty tasks on two cores: 0.35 us here, 0.6 us
// there (1.7 us with its Barrier) while the workers still spin, 13 us and 52 us once they sleep. Neither
// allocates. Either header adds 0.2 to 0.3 s to a unit that has Eigen/Core.
#pragma once

#include <tenon/core/config.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <thread>
#include <vector>

namespace tenon {

namespace host {

/// Does one task and throws nothing. `worker` tells apart the threads that work on one loop at the same time.
using task_body = void (*)(const void* context, index task, int worker);

/// No bound on the threads of a loop but num_threads().
inline constexpr int any_threads = 1 << 30;

namespace detail {

inline int default_threads() {
  if (const char* text = std::getenv("TENON_NUM_THREADS")) {
    char* end = nullptr;
    const long value = std::strtol(text, &end, 10);
    if (end != text && *end == '\0' && value > 0 && value <= 4096) return static_cast<int>(value);
  }
  const unsigned cores = std::thread::hardware_concurrency();
  return cores > 0 ? static_cast<int>(cores) : 1;
}

inline void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) && !defined(_MSC_VER)
  __asm__ __volatile__("yield");
#else
  std::this_thread::yield();
#endif
}

/// Fork and join. One loop at a time is open to the workers.
///
/// `state_` is odd while a loop is open and grows by one as it opens and as it closes. A worker may read the
/// loop's description only between raising and lowering `active_`, and only if it saw `state_` unchanged
/// after raising it; the caller writes a description only after it has closed the loop before and then seen
/// `active_` at zero. Both sides write one of the two and read the other in sequentially consistent order, so
/// one of them sees the other. A worker that wakes late finds the loop closed and nobody waits for it.
class thread_pool {
 public:
  static thread_pool& instance() {
    static thread_pool pool;
    return pool;
  }

  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;

  ~thread_pool() { resize(1); }

  int wanted() const noexcept { return wanted_.load(std::memory_order_relaxed); }

  void want(int threads) noexcept { wanted_.store(threads, std::memory_order_relaxed); }

  /// False, with nothing done, while the pool is busy: with a loop of another thread, or with the one around
  /// this.
  bool try_run(index tasks, task_body body, const void* context, int threads) noexcept {
    if (busy_.exchange(true, std::memory_order_acquire)) return false;
    if (const int wanted = this->wanted(); wanted != size_) resize(wanted);
    if (runs_.size() < 2) {
      busy_.store(false, std::memory_order_release);
      return false;
    }

    body_ = body;
    context_ = context;
    threads_ = static_cast<std::size_t>(threads) < runs_.size() ? threads : static_cast<int>(runs_.size());
    for (int w = 0; w < threads_; ++w) {
      run& r = runs_[static_cast<std::size_t>(w)];
      r.next.store(tasks * w / threads_, std::memory_order_relaxed);
      r.end = tasks * (w + 1) / threads_;
    }
    const unsigned open = state_.load(std::memory_order_relaxed) + 1;
    state_.store(open, std::memory_order_seq_cst);
    state_.notify_all();

    share(0);

    state_.store(open + 1, std::memory_order_seq_cst);
    for (int spin = 0; active_.load(std::memory_order_seq_cst) != 0; ++spin) {
      if (spin < spins) {
        relax();
      } else {
        std::this_thread::yield();
      }
    }
    busy_.store(false, std::memory_order_release);
    return true;
  }

 private:
  /// Looks at others' progress before a caller gives its processor away.
  static constexpr int spins = 1000;
  /// How long a worker looks out for the next loop before it sleeps: what lies between two loops of a
  /// training step is some 50 us, and being woken costs as much again. By the clock: pauses take 40 to 140
  /// cycles. (Counted, 1000 of them left a step of 530 us with two threads at 1.4 times the speed of one, and
  /// now and then at 0.6; with this it is 1.4 to 1.65.)
  static constexpr std::chrono::microseconds patience{200};

  thread_pool() = default;

  /// The tasks of one worker, which others take, too, once they have done their own. Loop after loop a worker
  /// gets the same part of an array, which its cache has from the last one.
  struct alignas(64) run {
    std::atomic<index> next{0};
    index end = 0;
  };

  void share(int worker) noexcept {
    const task_body body = body_;
    const void* const context = context_;
    for (int k = 0, w = worker; k < threads_; ++k, w = w + 1 == threads_ ? 0 : w + 1) {
      run& r = runs_[static_cast<std::size_t>(w)];
      if (r.next.load(std::memory_order_relaxed) >= r.end) continue;
      for (index task; (task = r.next.fetch_add(1, std::memory_order_relaxed)) < r.end;)
        body(context, task, worker);
    }
  }

  void work(int worker, unsigned seen) noexcept {
    for (;;) {
      unsigned now = state_.load(std::memory_order_acquire);
      const auto tired = std::chrono::steady_clock::now() + patience;
      for (int spin = 1; now == seen; now = state_.load(std::memory_order_acquire), ++spin) {
        if (spin % 64 != 0 || std::chrono::steady_clock::now() < tired)
          relax();
        else
          state_.wait(seen, std::memory_order_acquire);
      }
      seen = now;
      if (now % 2 == 0) continue;
      active_.fetch_add(1, std::memory_order_seq_cst);
      const bool open = state_.load(std::memory_order_seq_cst) == now;
      const bool stop = open && body_ == nullptr;
      if (open && !stop && worker < threads_) share(worker);
      active_.fetch_sub(1, std::memory_order_release);
      if (stop) return;
    }
  }

  /// Called with the pool idle and `busy_` held, or at exit. Where the system refuses a thread, fewer work.
  void resize(int threads) noexcept {
    if (!workers_.empty()) {
      body_ = nullptr;
      state_.fetch_add(1, std::memory_order_seq_cst);
      state_.notify_all();
      for (std::thread& worker : workers_) worker.join();
      state_.fetch_add(1, std::memory_order_seq_cst);
      workers_.clear();
    }
    size_ = threads;
    const unsigned now = state_.load(std::memory_order_relaxed);
    try {
      workers_.reserve(static_cast<std::size_t>(threads - 1));
      for (int i = 1; i < threads; ++i) workers_.emplace_back(&thread_pool::work, this, i, now);
    } catch (const std::exception&) {
    }
    try {
      runs_ = std::vector<run>(workers_.size() + 1);
    } catch (const std::exception&) {
      runs_.clear();
    }
  }

  alignas(64) std::atomic<unsigned> state_{0};
  alignas(64) std::atomic<int> active_{0};
  alignas(64) std::atomic<bool> busy_{false};
  std::atomic<int> wanted_{default_threads()};
  int size_ = 1;
  int threads_ = 1;
  std::vector<run> runs_;
  task_body body_ = nullptr;
  const void* context_ = nullptr;
  std::vector<std::thread> workers_;
};

}  // namespace detail

}  // namespace host

/// How many threads evaluation may use from now on; below one: the default of num_threads(). Never changes a
/// result.
inline void set_num_threads(int threads) {
  host::detail::thread_pool::instance().want(threads > 0 ? threads : host::detail::default_threads());
}

/// The environment's TENON_NUM_THREADS where that is a positive integer, else the number of cores, until it
/// is set.
inline int num_threads() { return host::detail::thread_pool::instance().wanted(); }

namespace host {

/// Runs body(context, task, worker) for each task in [0, tasks). At most num_threads() threads work, nor more
/// than `threads` or than there are tasks; `worker` is below each of these bounds and 0 on the calling
/// thread. Returns when all tasks are done. Which worker runs a task, and in what order, is left open. The
/// calling thread does all of it alone inside another parallel_for, and while another thread's has the pool.
///
/// Allocates nothing after the first call since set_num_threads.
inline void parallel_for(index tasks, task_body body, const void* context,
                         int threads = any_threads) noexcept {
  if (tasks > 1 && threads > 1) {
    detail::thread_pool& pool = detail::thread_pool::instance();
    if (tasks < threads) threads = static_cast<int>(tasks);
    if (pool.wanted() > 1 && pool.try_run(tasks, body, context, threads)) return;
  }
  for (index task = 0; task < tasks; ++task) body(context, task, 0);
}

}  // namespace host

}  // namespace tenon
