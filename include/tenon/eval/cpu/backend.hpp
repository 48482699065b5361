// The CPU's side of a plan: kernels for its programs and matrix products for its dtypes.
#pragma once

#include "tenon/eval/cpu/narrow.hpp"
#include "tenon/eval/cpu/products.hpp"
#include "tenon/plan/plan.hpp"

namespace tenon::host {

template <class Unit = this_unit>
struct backend {
  /// Short rows go across, others along; which of the two depends on shapes alone.
  template <class Program>
  static void run_rows(const void* context, index task, int worker) {
    const fused_launch& l = *static_cast<const fused_launch*>(context);
    if (narrow_kernel<Program, Unit>::fits(l))
      narrow_kernel<Program, Unit>::run(l, task, worker);
    else
      fused_kernel<Program, Unit>::run(context, task, worker);
  }

  /// Elements of a task: 1 to 10 us. (A task costs some 30 ns: with 2048 elements a row of 1000 took 7 ns
  /// more for its sum. The gates of an LSTM, [256, 64], take 50 us, and were one task when all had 16384.)
  static constexpr index grain(int work, int passes) {
    index n = passes > 2 ? 4096 : 16384;
    while (n > 2048 && n * work > (index(1) << 17)) n /= 2;
    return n;
  }

  template <class Program>
  static constexpr tenon::detail::kernel_row kernel_of() {
    using k = fused_kernel<Program, Unit>;
    constexpr const auto& t = program_info<Program>::value;
    tenon::detail::kernel_row row{&k::run,        nullptr,         nullptr,
                                  t.scratch_rows, t.passes,        t.reduces_rows,
                                  t.positions,    t.accumulations, t.splits ? t.reductions : 0};
    // what sums rows cuts them alike whatever else it computes, so that it sums them in one order in any plan
    row.grain = grain(t.accumulates ? 1 : t.work, t.passes);
    if constexpr (t.reduces_rows) row.run = &run_rows<Program>;
    if constexpr (t.splits) row.combine = &k::finish;
    if constexpr (t.accumulates) {
      row.clear = &k::clear;
      row.combine = &k::combine;
    }
    return row;
  }
  template <class Program>
  static constexpr tenon::detail::kernel_row kernel = kernel_of<Program>();

  template <class T>
  static constexpr tenon::detail::product_row product{&products<T, Unit>::workspace, &products<T, Unit>::run};
};

}  // namespace tenon::host
