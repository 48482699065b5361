// Matrix products at many places: one GEMM on all threads, or places shared out among them.
//
// How each product is computed depends on its shape alone, so the bits of a result depend neither on the
// number of threads nor on how the places are shared out.
#pragma once

#include "tenon/eval/cpu/small_gemm.hpp"
#include "tenon/plan/product.hpp"

namespace tenon::host {

template <class T, class Unit = this_unit>
struct products {
  using launch = tenon::detail::product_launch;

  static index workspace(const launch& p, int threads) {
    const index each = of_one(p, shared(p, threads) ? 1 : threads);
    return shared(p, threads) ? each * workers(p, threads) : each;
  }

  static void run(const launch& p, int threads) {
    if (p.m <= 0 || p.n <= 0) return;
    if (p.count == 1) return one(p, {}, p.workspace, threads);  // as of one prediction: 50 ns less
    job work{&p, of_one(p, 1), places_per_task(p)};
    if (shared(p, threads)) {
      parallel_for(detail::parts(p.count, work.places), &task, &work, threads);
      return;
    }
    places at(p, 0);
    for (index i = 0; i < p.count; ++i, at.step()) one(p, at, p.workspace, threads);
  }

 private:
  /// Multiplications that are worth a task of their own; a place counts as some of them beside its own.
  static constexpr double task_work = 1 << 18;
  static constexpr double place_work = 512;

  struct job {
    const launch* p;
    index memory;  // bytes of each worker
    index places;  // of a task
  };

  static bool small(const launch& p) { return tenon::detail::small_product(p.m, p.n, p.k); }
  static double work_of(const launch& p) {
    return static_cast<double>(p.m) * static_cast<double>(p.n) * static_cast<double>(p.k) + place_work;
  }
  static index places_per_task(const launch& p) {
    const index most = std::max<index>(1, static_cast<index>(task_work / work_of(p)));
    return detail::parts(p.count, detail::parts(p.count, most));
  }
  /// Whether threads share the places: where one product is too small to be cut, or there are many.
  static bool shared(const launch& p, int threads) {
    return p.count > 1 && (small(p) || work_of(p) < 4 * task_work || p.count >= 2 * threads);
  }
  static index workers(const launch& p, int threads) {
    return std::min<index>(std::max(threads, 1), detail::parts(p.count, places_per_task(p)));
  }
  static index of_one(const launch& p, int threads) {
    return small(p) ? small_gemm<T, Unit>::workspace(p.n, p.k, p.b_column)
                    : gemm<T, Unit>::workspace(p.m, p.n, p.k, threads);
  }

  /// Of one place's matrices, in elements.
  struct offsets {
    index a = 0, b = 0, c = 0;
  };
  /// Those of one place after another.
  struct places : offsets {
    const launch& p;
    index at[max_rank]{};

    places(const launch& launched, index first) : p(launched) {
      for (int k = p.rank - 1; k >= 0; --k) {
        at[k] = first % p.axis[k].extent;
        first /= p.axis[k].extent;
        move(k, at[k]);
      }
    }
    void move(int k, index steps) {
      this->a += steps * p.axis[k].a;
      this->b += steps * p.axis[k].b;
      this->c += steps * p.axis[k].c;
    }
    void step() {
      for (int k = p.rank - 1; k >= 0; --k) {
        move(k, 1);
        if (++at[k] < p.axis[k].extent) return;
        move(k, -at[k]);
        at[k] = 0;
      }
    }
  };

  static void one(const launch& p, const offsets& at, void* memory, int threads) {
    const T* const a = static_cast<const T*>(p.a) + at.a;
    const T* const b = static_cast<const T*>(p.b) + at.b;
    T* const c = static_cast<T*>(p.c) + at.c;
    if (small(p)) {
      small_gemm<T, Unit>::run(p.m, p.n, p.k, {a, p.a_row, p.a_column, b, p.b_row, p.b_column, c, p.c_row},
                               memory, threads);
      if (p.epilogue.run != nullptr) gemm<T, Unit>::finish(p.epilogue, threads);
    } else {
      gemm<T, Unit>::run(p.m, p.n, p.k, {a, p.a_row, p.a_column}, {b, p.b_row, p.b_column}, c, p.c_row,
                         memory, threads, p.epilogue);
    }
  }

  static void task(const void* context, index number, int worker) {
    const job& work = *static_cast<const job*>(context);
    const launch& p = *work.p;
    void* const memory = static_cast<std::byte*>(p.workspace) + worker * work.memory;
    const index first = number * work.places, end = std::min(p.count, first + work.places);
    places at(p, first);
    for (index i = first; i < end; ++i, at.step()) one(p, at, memory, 1);
  }
};

}  // namespace tenon::host
