// Fused kernels with row reductions where rows are shorter than a packet: one row to a lane.
//
// Along a row of 2 or 10 elements (the logits of a classifier) packets would be mostly padding, and each row
// would wait for its own reductions. Here a packet holds the same column of many rows: row values are
// computed for all of them at once, and reductions along rows need no folding. Measured on softmax
// cross-entropy of [2048, 2] with gradient:
// 355 cycles a row along rows, some 40 across.
#pragma once

#include "tenon/eval/cpu/fused.hpp"

namespace tenon::host {

template <class Program, class Unit = this_unit>
struct narrow_kernel {
  using along = fused_kernel<Program, Unit>;
  using info = typename along::info;
  using registers = typename along::registers;
  static constexpr const auto& table = along::table;
  static constexpr int size = along::size;
  static constexpr index width = along::width;
  template <int I>
  using element = typename along::template element<I>;
  template <int I>
  using op = typename along::template op<I>;
  template <class T>
  using vector = lanes<T, Unit>;

  /// A block of rows, one to a lane.
  struct state {
    const fused_launch* launch;
    index row, n;  // the first row, and how many there are
    std::byte* out[along::outputs];
    std::byte* scratch;
    // accumulations: a packet for each column, folded at the end of the task
    alignas(64)
        std::byte sums[table.accumulations > 0 ? table.accumulations : 1][width * width * max_element_size];
  };

  /// Elements a fixed distance apart; the last one again where there are fewer than lanes.
  template <class T>
  static vector<T> gather(const std::byte* p, index stride, index n) {
    if (stride == 0) return vector<T>(*reinterpret_cast<const T*>(p));
    if (stride == index(sizeof(T)))
      return n == width ? vector<T>::load(reinterpret_cast<const T*>(p))
                        : vector<T>::load_partial(reinterpret_cast<const T*>(p), n);
    alignas(64) T buffer[width];
    for (index i = 0; i < width; ++i)
      buffer[i] = *reinterpret_cast<const T*>(p + (i < n ? i : n - 1) * stride);
    return vector<T>::load(buffer);
  }
  template <class T>
  static void scatter(std::byte* p, index stride, index n, const vector<T>& v) {
    alignas(64) T buffer[width];
    v.store(buffer);
    for (index i = 0; i < n; ++i) *reinterpret_cast<T*>(p + i * stride) = buffer[i];
  }

  static index outer(const index (&stride)[max_rank], const fused_launch& l) {
    return l.outer_rank == 1 ? stride[0] : 0;
  }
  static index along_row(const operand_binding& o) {  // bytes from column to column
    return o.pattern == row_pattern::single ? 0 : o.element_size;
  }

  template <int I>
  static TENON_HOST_INLINE void read(registers& r, const state& s, index c) {
    const operand_binding& o = s.launch->operands[table.step[I].slot];
    const index stride = outer(o.outer, *s.launch);
    const index column = table.step[I].row ? 0 : c * along_row(o);
    detail::get<I>(r) = gather<element<I>>(o.data + s.row * stride + column, stride, s.n);
  }
  template <int I>
  static TENON_HOST_INLINE void write(registers& r, const state& s, index c) {
    using T = element<I>;
    const index stride = outer(s.launch->outputs[table.step[I].out].outer, *s.launch);
    scatter<T>(s.out[table.step[I].out] + s.row * stride + c * index(sizeof(T)), stride, s.n,
               detail::get<I>(r));
  }
  template <int I>
  static TENON_HOST_INLINE void accumulate(registers& r, state& s, index c) {
    using T = element<I>;
    auto x = detail::get<table.step[I].in[0]>(r);
    if (s.n < width)
      x = where(vector<std::int32_t>::iota(0) < vector<std::int32_t>(static_cast<std::int32_t>(s.n)), x,
                vector<T>(op<I>::template identity<T>()));
    T* const sum = reinterpret_cast<T*>(s.sums[table.accumulation[I]]) + c * width;
    op<I>::combine(vector<T>::load(sum), x).store(sum);
  }

  template <int I>
  static TENON_HOST_INLINE void row_operand(registers& r, const state& s) {
    using T = element<I>;
    if constexpr (table.step[I].kind == step_kind::literal)
      detail::get<I>(r) = vector<T>(math::number<T>(info::template step_type<I>::number));
    else
      read<I>(r, s, 0);
  }
  template <int I>
  static TENON_HOST_INLINE void row_step(registers& r, state& s) {
    constexpr program_step step = table.step[I];
    if constexpr (step.kind == step_kind::accumulation) {
      accumulate<I>(r, s, 0);
    } else {
      detail::get<I>(r) = along::template evaluate<I>(r);
      if constexpr (step.out >= 0) write<I>(r, s, 0);
    }
  }
  template <int I, int Pass>
  static TENON_HOST_INLINE void column_step(registers& r, state& s, index c) {
    constexpr program_step step = table.step[I];
    using T = element<I>;
    if constexpr (step.kind == step_kind::load) {
      read<I>(r, s, c);
    } else if constexpr (step.kind == step_kind::row_reduction) {
      detail::get<I>(r) = op<I>::combine(detail::get<I>(r), detail::get<step.in[0]>(r));
    } else if constexpr (step.kind == step_kind::accumulation) {
      accumulate<I>(r, s, c);
    } else if constexpr (table.pass[I] < Pass && step.kind != step_kind::position) {
      detail::get<I>(r) = vector<T>::load(kept<I>(s, c));
    } else {
      if constexpr (step.kind == step_kind::position)
        detail::get<I>(r) = vector<T>(static_cast<T>(c));
      else
        detail::get<I>(r) = along::template evaluate<I>(r);
      if constexpr (table.pass[I] == Pass && step.out >= 0) write<I>(r, s, c);
      if constexpr (table.scratch[I] >= 0) detail::get<I>(r).store(kept<I>(s, c));
    }
  }
  template <int I>
  static TENON_HOST_INLINE element<I>* kept(const state& s, index c) {
    return reinterpret_cast<element<I>*>(s.scratch + table.scratch[I] * s.launch->scratch_row_bytes) +
           c * width;
  }

  template <int Pass, int... I>
  static TENON_HOST_INLINE void column(registers& r, state& s, index c, std::integer_sequence<int, I...>) {
    (column_step<I, Pass>(r, s, c), ...);
  }
  template <int I>
  static TENON_HOST_INLINE void end_reduction(registers& r, const state& s) {
    if constexpr (table.step[I].out >= 0) write<I>(r, s, 0);
  }
  template <int Pass, int... Row, int... Reduction>
  static TENON_HOST_INLINE void pass(registers& r, state& s, std::integer_sequence<int, Row...>,
                                     std::integer_sequence<int, Reduction...>) {
    (row_step<Row>(r, s), ...);
    if constexpr (table.columns[Pass]) {
      (along::template begin_reduction<Reduction>(r), ...);
      for (index c = 0; c < s.launch->columns; ++c)
        column<Pass>(r, s, c, typename info::template chosen<detail::column_steps<Pass>>::type{});
      (end_reduction<Reduction>(r, s), ...);
    }
  }
  template <int... Pass, int... Operand>
  static TENON_HOST_INLINE void rows(registers& r, state& s, std::integer_sequence<int, Pass...>,
                                     std::integer_sequence<int, Operand...>) {
    (row_operand<Operand>(r, s), ...);
    (pass<Pass>(r, s, typename info::template chosen<detail::row_steps<Pass>>::type{},
                typename info::template chosen<detail::reduction_steps<Pass>>::type{}),
     ...);
  }

  template <int I>
  static void begin_sums(state& s) {
    if constexpr (table.step[I].kind == step_kind::accumulation) {
      using T = element<I>;
      T* const sum = reinterpret_cast<T*>(s.sums[table.accumulation[I]]);
      const index columns = table.step[I].row ? 1 : s.launch->columns;
      for (index i = 0; i < columns * width; ++i) sum[i] = op<I>::template identity<T>();
    }
  }
  template <int I>
  static void end_sums(state& s) {
    if constexpr (table.step[I].kind == step_kind::accumulation) {
      using T = element<I>;
      const T* const sum = reinterpret_cast<const T*>(s.sums[table.accumulation[I]]);
      T* const out = reinterpret_cast<T*>(s.out[table.step[I].out]);
      const index columns = table.step[I].row ? 1 : s.launch->columns;
      for (index c = 0; c < columns; ++c)
        out[c] = vector<T>::fold(vector<T>::load(sum + c * width),
                                 [](auto a, auto b) { return op<I>::combine(a, b); });
    }
  }
  template <int... I>
  static void all_sums(state& s, bool begin, std::integer_sequence<int, I...>) {
    if (begin)
      (begin_sums<I>(s), ...);
    else
      (end_sums<I>(s), ...);
  }

  /// Whether a launch can be run this way: short rows, one after the other in memory or all the same.
  static bool fits(const fused_launch& l) {
    if (l.columns > width || l.rows < 2 || l.outer_rank > 1) return false;
    for (int i = 0; i < table.loads; ++i)
      if (l.operands[i].pattern == row_pattern::gathered) return false;
    for (int i = 0; i < size; ++i)  // accumulations over all rows, not within groups of them
      if (table.step[i].kind == step_kind::accumulation && outer(l.outputs[table.step[i].out].outer, l) != 0)
        return false;
    return true;
  }

  static void run(const fused_launch& l, index task, int worker) {
    state s;
    s.launch = &l;
    s.scratch = l.scratch + worker * l.scratch_per_worker;
    for (int i = 0; i < table.outputs; ++i) s.out[i] = l.outputs[i].data + task * l.outputs[i].partial_stride;
    constexpr auto all = std::make_integer_sequence<int, size>{};
    all_sums(s, true, all);
    const index first = task * l.rows_per_task;
    const index last = first + l.rows_per_task < l.rows ? first + l.rows_per_task : l.rows;
    registers r;
    for (s.row = first; s.row < last; s.row += width) {
      s.n = last - s.row < width ? last - s.row : width;
      rows(r, s, std::make_integer_sequence<int, table.passes>{},
           typename info::template chosen<detail::row_operands>::type{});
    }
    all_sums(s, false, all);
  }
};

}  // namespace tenon::host
