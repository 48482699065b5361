// What the loops of opaque ops are made of: walks over the outer axes of several arrays at once, and their
// parts shared out among the pool's threads. How a loop is cut depends on its extents alone, and each part
// writes what no other does, so the number of threads changes no bit.
#pragma once

#include <exception>
#include <vector>

#include "tenon/core/access.hpp"
#include "tenon/eval/cpu/threads.hpp"

namespace tenon::detail {

/// Calls f(begin, end) for parts of [0, items) on the pool's threads; `cost` is about what one item takes in
/// nanoseconds. Parts are of some 20 us, against which waking a thread is little. What f throws is thrown
/// here, once all parts are done.
template <class F>
void share(index items, index cost, const F& f) {
  constexpr index part = 20000;
  struct context {
    const F& f;
    index items, per_task;
    std::atomic<bool> failed{false};
    std::exception_ptr thrown{};

    static void task(const void* self, index t, int) {
      context& c = *static_cast<context*>(const_cast<void*>(self));
      const index begin = t * c.per_task;
      try {
        c.f(begin, c.items - begin < c.per_task ? c.items : begin + c.per_task);
      } catch (...) {
        if (!c.failed.exchange(true)) c.thrown = std::current_exception();
      }
    }
  };
  if (items <= 0) return;
  context c{f, items, cost >= part ? 1 : part / (cost > 0 ? cost : 1)};
  const index tasks = (items - 1) / c.per_task + 1;
  if (tasks == 1) return f(index(0), items);
  host::parallel_for(tasks, &context::task, &c);
  if (c.thrown) std::rethrow_exception(c.thrown);
}

/// A walk over some axes of K arrays at once, the last axis the fastest; steps in bytes.
template <int K>
struct outer_walk {
  int rank = 0;
  index count = 1, extent[max_rank]{}, step[max_rank][K]{};

  /// One more axis, inside of those before it.
  void add(index n, const index (&steps)[K]) {
    count *= n;
    if (n == 1) return;
    extent[rank] = n;
    for (int k = 0; k < K; ++k) step[rank][k] = steps[k];
    ++rank;
  }
  /// Calls f with the offset in each array, as an array of K, for the places [begin, end) of the walk.
  template <class F>
  void each(index begin, index end, F f) const {
    if (begin >= end) return;
    index at[max_rank]{}, offset[K]{};
    index rest = begin;
    for (int a = rank - 1; a >= 0; --a) {
      at[a] = rest % extent[a];
      rest /= extent[a];
      for (int k = 0; k < K; ++k) offset[k] += at[a] * step[a][k];
    }
    for (index i = begin;;) {
      f(static_cast<const index*>(offset));
      if (++i == end) return;
      for (int a = rank - 1; a >= 0; --a) {
        for (int k = 0; k < K; ++k) offset[k] += step[a][k];
        if (++at[a] < extent[a]) break;
        for (int k = 0; k < K; ++k) offset[k] -= at[a] * step[a][k];
        at[a] = 0;
      }
    }
  }
};

/// Lines of n elements, n > 0, cut into parts of some thousand elements: some lines each, or a piece of one.
struct line_parts {
  static constexpr index most = 4096;
  index lines, n, per, pieces, count;

  line_parts(index all, index length)
      : lines(all),
        n(length),
        per(n < most ? most / n : 1),
        pieces((n + most - 1) / most),
        count(pieces > 1 ? lines * pieces : (lines + per - 1) / per) {}
  /// Calls f(begin, end, first, length): elements [first, first + length) of the lines [begin, end).
  template <class F>
  void each(index part, F f) const {
    const index line = pieces > 1 ? part / pieces : part * per, first = pieces > 1 ? part % pieces * most : 0;
    f(line, line + per < lines ? line + per : lines, first, n - first < most ? n - first : most);
  }
};

/// What each part adds to, as sums of those before it, and of all: [parts + 1].
template <class Count>
std::vector<index> sums_of_counts(index parts, index cost, const Count& count) {
  std::vector<index> sums(static_cast<std::size_t>(parts) + 1);
  share(parts, cost, [&](index begin, index end) {
    for (index k = begin; k < end; ++k) sums[std::size_t(k) + 1] = count(k);
  });
  for (index k = 0; k < parts; ++k) sums[std::size_t(k) + 1] += sums[std::size_t(k)];
  return sums;
}
/// Writes place(i) for those i of [0, n) that are kept; returns the end of what it wrote. Without a branch:
/// where every other one is kept by chance, a branch costs 4 ns an element.
template <class Kept, class Place>
index* kept_places(index* to, index n, const Kept& kept, const Place& place) {
  constexpr index most = 512;
  index found[most + 1];
  for (index first = 0; first < n; first += most) {
    const index end = first + most < n ? first + most : n;
    index m = 0;
    for (index i = first; i < end; ++i) {
      found[m] = place(i);
      m += kept(i) ? 1 : 0;
    }
    if (m > 0) std::memcpy(to, found, static_cast<std::size_t>(m) * sizeof(index));  // else `to` may be null
    to += m;
  }
  return to;
}

/// Calls f with the first element of each line along an axis of two arrays that have one shape but for that
/// axis, on the pool's threads; `cost` is about what a line takes in nanoseconds.
template <class F>
void share_lines(const array_access& x, const array_access& y, index axis, index cost, const F& f) {
  outer_walk<2> walk;
  const index x_size = size_of(x.type), y_size = size_of(y.type);
  for (int a = 0; a < x.rank; ++a)
    if (a != axis) walk.add(x.extent[a], {x.stride[a] * x_size, y.stride[a] * y_size});
  share(walk.count, cost, [&](index begin, index end) {
    walk.each(begin, end,
              [&](const index* at) { f(static_cast<const std::byte*>(x.data + at[0]), y.data + at[1]); });
  });
}

}  // namespace tenon::detail
