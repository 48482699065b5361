// An evaluator that runs the GPU's functors on the host, packet by packet: what can be tested without a GPU.
#pragma once

#include "tenon/eval/cpu/backend.hpp"
#include "tenon/eval/cuda/fused.hpp"

namespace tenon::cuda {

template <class Unit = this_unit>
struct functor_backend {
  template <class Program>
  static void run(const void* context, index task, int) {
    const fused_launch& l = *static_cast<const fused_launch*>(context);
    const launch_of<Program> device = make_launch<Program>(l);
    const index row_task = task / l.column_tasks, column_task = task % l.column_tasks;
    const index first = row_task * l.rows_per_task, begin = column_task * l.columns_per_task;
    const index last = std::min(first + l.rows_per_task, l.rows);
    const index end = std::min(begin + l.columns_per_task, l.columns);
    for (index row = first; row < last; ++row)
      for (index c = begin; c < end; c += packet_size) {
        const int n = static_cast<int>(std::min<index>(packet_size, end - c));
        if (row % 2 == 0)
          fused_functor<Program, std::int32_t>::run(device, row, static_cast<std::int32_t>(c), n);
        else
          fused_functor<Program, index>::run(device, row, c, n);
      }
  }

  template <class Program>
  static constexpr tenon::detail::kernel_row kernel_of() {
    constexpr const auto& t = program_info<Program>::value;
    if constexpr (t.reduces_rows || t.accumulates)
      return host::backend<Unit>::template kernel_of<Program>();
    else
      return {&run<Program>, nullptr, nullptr, t.scratch_rows, t.passes, false, t.positions};
  }
  template <class Program>
  static constexpr tenon::detail::kernel_row kernel = kernel_of<Program>();
  template <class T>
  static constexpr tenon::detail::product_row product = host::backend<Unit>::template product<T>;
};

}  // namespace tenon::cuda
