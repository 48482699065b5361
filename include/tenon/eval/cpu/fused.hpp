// Fused kernels on a CPU: a program, run on SIMD lanes along the rows of an iteration space.
//
// One function body serves every shape. What an operand does along a row is in data, not in branches of the
// inner loop: a contiguous operand advances with the columns, a single element is spread into a buffer of one
// packet that does not advance, anything else is gathered into a scratch row first. The end of a row is a
// partial packet through the same instructions, so a value's bits do not depend on its position.
#pragma once

#include "tenon/eval/cpu/functions.hpp"
#include "tenon/eval/cpu/rows.hpp"
#include "tenon/plan/launch.hpp"
#include "tenon/plan/program.hpp"

namespace tenon::host {

using tenon::detail::fused_launch;
using tenon::detail::operand_binding;
using tenon::detail::program_info;
using tenon::detail::program_step;
using tenon::detail::row_pattern;
using tenon::detail::step_kind;

namespace detail {

template <int I, class V>
struct cell {
  V v;
};
template <class Info, class Unit, class Indices>
struct register_file;
template <class Info, class Unit, int... I>
struct register_file<Info, Unit, std::integer_sequence<int, I...>>
    : cell<I, lanes<typename Info::template step_type<I>::type, Unit>>... {};

template <int I, class V>
TENON_HOST_INLINE V& get(cell<I, V>& c) {
  return c.v;
}

// Steps by pass. Row steps stand before the column loop of their pass.
template <int Pass>
struct row_steps {
  template <class Tables>
  static constexpr bool take(const Tables& t, int i) {
    const auto& s = t.step[i];
    return t.pass[i] == Pass && s.row && (s.kind == step_kind::map || s.kind == step_kind::accumulation);
  }
};
template <int Pass>
struct column_steps {
  template <class Tables>
  static constexpr bool take(const Tables& t, int i) {
    const auto& s = t.step[i];
    if (s.kind == step_kind::row_reduction) return t.pass[i] == Pass;
    if (s.row) return false;
    if (t.pass[i] == Pass && s.kind != step_kind::load && s.kind != step_kind::position) return true;
    return t.used[i][Pass] || (t.pass[i] == Pass && s.kind == step_kind::position);
  }
};
template <int Pass>
struct reduction_steps {
  template <class Tables>
  static constexpr bool take(const Tables& t, int i) {
    return t.step[i].kind == step_kind::row_reduction && t.pass[i] == Pass;
  }
};
struct row_operands {  // loads and numbers that hold for a whole row
  template <class Tables>
  static constexpr bool take(const Tables& t, int i) {
    return t.step[i].row && (t.step[i].kind == step_kind::load || t.step[i].kind == step_kind::literal);
  }
};

}  // namespace detail

/// A full packet, the partial one at the end of a row, or what only run time knows. An argument that is
/// constant wherever it is given: functions of it are inlined, and are there once for all kinds.
enum class packet_kind { whole, tail, any };

// Functions of a program's steps that are no members of its kernel, so that programs share them.

template <class T, class Unit>
TENON_HOST_INLINE lanes<T, Unit> read_packet(const std::byte* p, index n, packet_kind kind) {
  if (kind == packet_kind::whole || (kind == packet_kind::any && n == lane_count<Unit>))
    return lanes<T, Unit>::load(reinterpret_cast<const T*>(p));
  return lanes<T, Unit>::load_partial(reinterpret_cast<const T*>(p), n);
}
template <class T, class Unit>
TENON_HOST_INLINE void write_packet(std::byte* p, const lanes<T, Unit>& v, index n, packet_kind kind) {
  if (kind == packet_kind::whole || (kind == packet_kind::any && n == lane_count<Unit>))
    v.store(reinterpret_cast<T*>(p));
  else
    v.store_partial(reinterpret_cast<T*>(p), n);
}

template <class Op, class T, class... X>
TENON_HOST_INLINE auto value_of(const X&... x) {
  if constexpr (requires { Op::template typed_value<T>(x...); })
    return Op::template typed_value<T>(x...);
  else
    return Op::value(x...);
}

/// A program's kernel. `run` does one task of a launch.
template <class Program, class Unit = this_unit>
struct fused_kernel {
  using info = program_info<Program>;
  static constexpr const auto& table = info::value;
  static constexpr int size = info::size;
  static constexpr index width = lane_count<Unit>;
  static constexpr int loads = table.loads > 0 ? table.loads : 1;
  static constexpr int outputs = table.outputs > 0 ? table.outputs : 1;
  using registers = detail::register_file<info, Unit, std::make_integer_sequence<int, size>>;
  template <int I>
  using element = typename info::template step_type<I>::type;
  template <int I>
  using op = typename info::template step_type<I>::op;
  template <class T>
  using vector = lanes<T, Unit>;

  /// What the column loop reads and writes. Loops copy it: a copy of their own is not in memory that their
  /// stores may change, so pointers stay in registers (14 cycles a packet fell to 6). Reading moves them on:
  /// a place computed from the column for each of seven operands made 10 cycles of 6.
  struct places {
    const std::byte* from[loads];  // a row in place, a spread element, or gathered elements
    index advance[loads];          // all ones where reading moves with the columns, else 0; in a loop, bytes
    std::byte* out[outputs];
    std::byte* scratch;
    index scratch_row_bytes;
  };
  /// Where one task stands.
  struct state : places {
    const std::byte* row[loads];  // each operand at the current row
    std::byte* place[outputs];    // each output there; `out` is elsewhere while rows are summed in blocks
    std::byte* part;  // where this part of a row leaves its reductions, or null for a row as a whole
    alignas(64) std::byte spread[loads][lane_count<Unit> * max_element_size];
  };

  template <int I>
  static TENON_HOST_INLINE auto evaluate(registers& r) {
    constexpr program_step step = table.step[I];
    if constexpr (step.in[2] >= 0)
      return value_of<op<I>, element<I>>(detail::get<step.in[0]>(r), detail::get<step.in[1]>(r),
                                         detail::get<step.in[2]>(r));
    else if constexpr (step.in[1] >= 0)
      return value_of<op<I>, element<I>>(detail::get<step.in[0]>(r), detail::get<step.in[1]>(r));
    else
      return value_of<op<I>, element<I>>(detail::get<step.in[0]>(r));
  }

  template <int I>
  static TENON_HOST_INLINE void row_operand(registers& r, const state& s) {
    using T = element<I>;
    if constexpr (table.step[I].kind == step_kind::literal)
      detail::get<I>(r) = vector<T>(math::number<T>(info::template step_type<I>::number));
    else
      detail::get<I>(r) = vector<T>(*reinterpret_cast<const T*>(s.row[table.step[I].slot]));
  }

  template <int I>
  static TENON_HOST_INLINE void row_step(registers& r, const state& s) {
    constexpr program_step step = table.step[I];
    using T = element<I>;
    if constexpr (step.kind == step_kind::accumulation) {
      T* const to = reinterpret_cast<T*>(s.out[step.out]);
      *to = op<I>::combine(vector<T>(*to), detail::get<step.in[0]>(r)).first();
    } else {
      detail::get<I>(r) = evaluate<I>(r);
      if constexpr (step.out >= 0)
        if (!table.splits || s.part == nullptr)
          *reinterpret_cast<T*>(s.out[step.out]) = detail::get<I>(r).first();
    }
  }

  template <int I>
  static TENON_HOST_INLINE void begin_reduction(registers& r) {
    detail::get<I>(r) = vector<element<I>>(op<I>::template identity<element<I>>());
  }
  /// Long rows are reduced by blocks of packets, and blocks of these: the error of a sum of n packets grows
  /// with 32 + 32 + n / 1024, not with n.
  static constexpr index block = 32 * width, block_of_blocks = 32 * block;
  template <int I>
  static TENON_HOST_INLINE void end_block(registers& total, registers& r) {
    detail::get<I>(total) = op<I>::combine(detail::get<I>(total), detail::get<I>(r));
    begin_reduction<I>(r);
  }
  template <int I>
  static TENON_HOST_INLINE void add_blocks(registers& total, registers& r) {
    detail::get<I>(r) = op<I>::combine(detail::get<I>(total), detail::get<I>(r));
  }
  template <int I>
  static TENON_HOST_INLINE void end_reduction(registers& r, const state& s) {
    using T = element<I>;
    const T total = vector<T>::fold(detail::get<I>(r), [](auto a, auto b) { return op<I>::combine(a, b); });
    if constexpr (table.splits)
      if (s.part != nullptr) {
        *reinterpret_cast<T*>(s.part + table.reduction[I] * fused_launch::part_bytes) = total;
        return;
      }
    detail::get<I>(r) = vector<T>(total);
    if constexpr (table.step[I].out >= 0) *reinterpret_cast<T*>(s.out[table.step[I].out]) = total;
  }

  /// Steady: all operands are read in place.
  template <int I, int Pass, bool Steady>
  static TENON_HOST_INLINE void column_step(registers& r, places& s, index c, index n, packet_kind kind) {
    constexpr program_step step = table.step[I];
    using T = element<I>;
    constexpr index bytes = index(sizeof(T));
    if constexpr (step.kind == step_kind::load) {
      detail::get<I>(r) = read_packet<T, Unit>(s.from[step.slot] + (Steady ? c * bytes : 0), n, kind);
      if constexpr (!Steady) s.from[step.slot] += s.advance[step.slot];
    } else if constexpr (step.kind == step_kind::row_reduction) {
      auto x = detail::get<step.in[0]>(r);
      if (kind != packet_kind::whole)
        x = where(vector<std::int32_t>::iota(0) < vector<std::int32_t>(static_cast<std::int32_t>(n)), x,
                  vector<T>(op<I>::template identity<T>()));
      detail::get<I>(r) = op<I>::combine(detail::get<I>(r), x);
    } else if constexpr (step.kind == step_kind::accumulation) {
      std::byte* const to = s.out[step.out] + c * bytes;
      write_packet<T, Unit>(to, op<I>::combine(read_packet<T, Unit>(to, n, kind), detail::get<step.in[0]>(r)),
                            n, kind);
    } else if constexpr (table.pass[I] < Pass && step.kind != step_kind::position) {
      detail::get<I>(r) =
          read_packet<T, Unit>(s.scratch + table.scratch[I] * s.scratch_row_bytes + c * bytes, n, kind);
    } else {
      if constexpr (step.kind == step_kind::position)
        detail::get<I>(r) = vector<T>::iota(static_cast<T>(c));
      else
        detail::get<I>(r) = evaluate<I>(r);
      if constexpr (table.pass[I] == Pass && step.out >= 0)
        write_packet<T, Unit>(s.out[step.out] + c * bytes, detail::get<I>(r), n, kind);
      if constexpr (table.scratch[I] >= 0)
        detail::get<I>(r).store(
            reinterpret_cast<T*>(s.scratch + table.scratch[I] * s.scratch_row_bytes + c * bytes));
    }
  }

  template <int I>
  static TENON_HOST_INLINE void begin_operand(places& s, index begin) {
    if constexpr (table.step[I].kind == step_kind::load) {
      constexpr index bytes = index(sizeof(element<I>));
      s.from[table.step[I].slot] += (begin * bytes) & s.advance[table.step[I].slot];
      s.advance[table.step[I].slot] &= width * bytes;
    }
  }
  template <int... I>
  static TENON_HOST_INLINE void begin_columns(places& s, index begin, std::integer_sequence<int, I...>) {
    (begin_operand<I>(s, begin), ...);
  }

  template <int Pass, bool Steady, int... I>
  static TENON_HOST_INLINE void packet(registers& r, places& s, index c, index n, packet_kind kind,
                                       std::integer_sequence<int, I...>) {
    (column_step<I, Pass, Steady>(r, s, c, n, kind), ...);
  }

  /// Programs that reduce rows, and long ones, have one body for both kinds of packet: two would double the
  /// compile time of what are the largest kernels of most units, and the branch at each read is always
  /// predicted.
  static constexpr bool one_body = table.reduces_rows || size > 16;
  /// Short programs that reduce rows take four packets at once, and have a body for operands that are read in
  /// place: with pointers of their own they ran out of registers, and waited for numbers kept in others.
  static constexpr bool several_at_once = table.reduces_rows && size <= 6 && table.scratch_rows == 0;
  template <int Pass, bool Steady, class Steps>
  static TENON_HOST_INLINE void short_or_whole(registers& r, places& s, index c, index end, Steps steps) {
    packet<Pass, Steady>(r, s, c, end - c < width ? end - c : width, packet_kind::any, steps);
  }

  template <int Pass, bool Steady, int... Row, int... Reduction>
  static TENON_HOST_INLINE void pass(registers& r, const state& s, index begin, index end,
                                     std::integer_sequence<int, Row...>,
                                     std::integer_sequence<int, Reduction...>) {
    (row_step<Row>(r, s), ...);
    if constexpr (table.columns[Pass]) {
      using steps = typename info::template chosen<detail::column_steps<Pass>>::type;
      (begin_reduction<Reduction>(r), ...);
      places here = s;
      if constexpr (!Steady) begin_columns(here, begin, steps{});
      index c = begin;
      if constexpr (sizeof...(Reduction) > 0) {
        registers sum, total;
        (begin_reduction<Reduction>(sum), ...);
        (begin_reduction<Reduction>(total), ...);
        while (c < end) {
          const index far = c + block_of_blocks < end ? c + block_of_blocks : end;
          while (c < far) {
            const index stop = c + block < far ? c + block : far;
            if constexpr (several_at_once) {   // sums that do not wait for each other
              registers other[3] = {r, r, r};  // with what holds for the whole row
              for (; c + 4 * width <= stop; c += 4 * width) {
                packet<Pass, Steady>(r, here, c, width, packet_kind::whole, steps{});
                for (int i = 0; i < 3; ++i)
                  packet<Pass, Steady>(other[i], here, c + (i + 1) * width, width, packet_kind::whole,
                                       steps{});
              }
              (add_blocks<Reduction>(other[0], r), ...);
              (add_blocks<Reduction>(other[1], other[2]), ...);
              (add_blocks<Reduction>(other[2], r), ...);
            }
            for (; c < stop; c += width) short_or_whole<Pass, Steady>(r, here, c, end, steps{});
            (end_block<Reduction>(sum, r), ...);
          }
          (end_block<Reduction>(total, sum), ...);
        }
        (add_blocks<Reduction>(total, r), ...);
      } else if constexpr (one_body) {
        for (; c < end; c += width) short_or_whole<Pass, Steady>(r, here, c, end, steps{});
      } else {
        for (; c + width <= end; c += width)
          packet<Pass, Steady>(r, here, c, width, packet_kind::whole, steps{});
        if (c < end) packet<Pass, Steady>(r, here, c, end - c, packet_kind::tail, steps{});
      }
      (end_reduction<Reduction>(r, s), ...);
    }
  }

  template <bool Steady, int... Pass>
  static TENON_HOST_INLINE void passes(registers& r, const state& s, index begin, index end,
                                       std::integer_sequence<int, Pass...>) {
    ((Pass > 0 && table.splits && s.part != nullptr
          ? void()
          : pass<Pass, Steady>(r, s, begin, end,
                               typename info::template chosen<detail::row_steps<Pass>>::type{},
                               typename info::template chosen<detail::reduction_steps<Pass>>::type{})),
     ...);
  }

  template <int... I>
  static TENON_HOST_INLINE void row_operands(registers& r, const state& s, std::integer_sequence<int, I...>) {
    (row_operand<I>(r, s), ...);
  }

  template <int I>
  static TENON_HOST_INLINE void spread_operand(state& s, const row_walk<Unit>& walk) {
    constexpr program_step step = table.step[I];
    if constexpr (step.kind == step_kind::load && !step.row) {
      using T = element<I>;
      const operand_binding& o = walk.launch->operands[step.slot];
      const std::byte*& from = s.from[step.slot];
      from = s.row[step.slot];
      if (o.pattern == row_pattern::single) {
        vector<T>(*reinterpret_cast<const T*>(from)).store(reinterpret_cast<T*>(s.spread[step.slot]));
        from = s.spread[step.slot];
      } else if (o.pattern == row_pattern::gathered) {
        from = walk.gathered(o, from, s.scratch);
      }
    }
  }
  template <int... I>
  static TENON_HOST_INLINE void spread_operands(state& s, const row_walk<Unit>& walk,
                                                std::integer_sequence<int, I...>) {
    (spread_operand<I>(s, walk), ...);
  }

  // Sums over many rows go by blocks of them, so that the error of a sum over n rows grows with
  // 128 + n / 128.
  static constexpr index rows_per_block = 128;
  static constexpr bool accumulated(int output) {
    for (int i = 0; i < size; ++i)
      if (table.step[i].kind == step_kind::accumulation && table.step[i].out == output) return true;
    return false;
  }
  /// Whether rows that are summed follow each other, and are many.
  static bool in_blocks(const fused_launch& l) {
    if (!table.accumulates || l.outer_rank == 0 || l.outer_extent[l.outer_rank - 1] <= rows_per_block)
      return false;
    for (int i = 0; i < table.outputs; ++i)
      if (accumulated(i) && l.outputs[i].outer[l.outer_rank - 1] != 0) return false;
    return true;
  }
  template <int... I>
  static void end_block_of_rows(const state& s, index begin, index end, bool first,
                                std::integer_sequence<int, I...>) {
    const auto one = [&]<int K>(std::integral_constant<int, K>) {
      if constexpr (table.step[K].kind == step_kind::accumulation) {
        const index at = table.step[K].row ? 0 : begin * index(sizeof(element<K>));
        partial_sums<op<K>, element<K>, Unit>::end_block(s.place[table.step[K].out] + at,
                                                         s.out[table.step[K].out] + at,
                                                         table.step[K].row ? 1 : end - begin, first);
      }
    };
    (one(std::integral_constant<int, I>{}), ...);
  }
  template <int... I>
  static void begin_blocks_of_rows(state& s, const fused_launch& l, index begin,
                                   std::integer_sequence<int, I...>) {
    const auto one = [&]<int K>(std::integral_constant<int, K>) {
      if constexpr (table.step[K].kind == step_kind::accumulation) {
        std::byte*& out = s.out[table.step[K].out];
        out = s.scratch + (l.block_row + table.accumulation[K]) * l.scratch_row_bytes;
        if constexpr (!table.step[K].row) out -= begin * index(sizeof(element<K>));
      }
    };
    (one(std::integral_constant<int, I>{}), ...);
  }

  static TENON_HOST_INLINE void next_row(row_walk<Unit>& walk) {
    walk.next(std::make_integer_sequence<int, table.loads>{},
              std::make_integer_sequence<int, table.outputs>{});
  }

  /// Whether the program only copies an operand: rows then go from where they are to where they belong.
  static constexpr bool copies() {
    if constexpr (size == 2 && table.loads == 1 && table.outputs == 1 &&
                  table.step[0].kind == step_kind::load && !table.step[0].row &&
                  table.step[1].kind == step_kind::map && !table.step[1].row)
      return !op<1>::computes && std::is_same_v<element<0>, element<1>>;
    else
      return false;
  }
  static void copy(const fused_launch& l, index task) {
    constexpr index bytes = index(sizeof(element<0>));
    const operand_binding& o = l.operands[0];
    const std::byte* from;
    std::byte* to;
    row_walk<Unit> walk(l, task, 1, &from, 1, &to);
    const index begin = walk.begin, end = walk.end;
    while (walk.row < walk.last) {
      index rows = 1;
      if (o.pattern == row_pattern::contiguous)
        detail::copy_row<Unit>(to + begin * bytes, from + begin * bytes, (end - begin) * bytes);
      else if (o.tile == 1)
        detail::gather_row<Unit>(o, from, to + begin * bytes, begin, end);
      else
        detail::gather_tile<Unit>(o, from, to + begin * bytes, begin, end, rows = walk.rows_in_tile(),
                                  l.outputs[0].outer[l.outer_rank - 1]);
      for (; rows > 0; --rows) next_row(walk);
    }
  }

  static void run(const void* context, index task, int worker) {
    const fused_launch& l = *static_cast<const fused_launch*>(context);
    if constexpr (copies())
      if (l.operands[0].copies_in_place()) return copy(l, task);
    state s;
    s.scratch = l.scratch + worker * l.scratch_per_worker;
    s.scratch_row_bytes = l.scratch_row_bytes;
    row_walk<Unit> walk(l, task, table.loads, s.row, table.outputs, s.place);
    const index begin = walk.begin, end = walk.end;
    for (int i = 0; i < table.loads; ++i)
      s.advance[i] = l.operands[i].pattern == row_pattern::single ? 0 : -1;
    constexpr auto all = std::make_integer_sequence<int, size>{};
    index summed = 0;  // rows in the block
    bool blocks = false;
    if constexpr (table.accumulates)
      if (in_blocks(l)) {
        blocks = true;
        begin_blocks_of_rows(s, l, begin, all);
        end_block_of_rows(s, begin, end, true, all);
      }
    registers r;
    for (; walk.row < walk.last; next_row(walk)) {
      for (int i = 0; i < table.outputs; ++i)
        if (!accumulated(i) || !blocks) s.out[i] = s.place[i];
      if (walk.steady) {
        for (int i = 0; i < table.loads; ++i) s.from[i] = s.row[i];
      } else {
        walk.next_tile();
        spread_operands(s, walk, all);
      }
      row_operands(r, s, typename info::template chosen<detail::row_operands>::type{});
      if constexpr (table.splits)
        s.part = l.parts == nullptr ? nullptr : part_of(l, walk.row, task % l.column_tasks);
      constexpr auto each = std::make_integer_sequence<int, table.passes>{};
      if (several_at_once && walk.steady)
        passes<several_at_once>(r, s, begin, end, each);
      else
        passes<false>(r, s, begin, end, each);
      if constexpr (table.accumulates)
        if (blocks && (++summed == rows_per_block || walk.ends_line())) {
          end_block_of_rows(s, begin, end, false, all);
          summed = 0;
        }
    }
  }

  // ---- rows reduced in parts ------------------------------------------------------------------------------

  static std::byte* part_of(const fused_launch& l, index row, index column_task) {
    return l.parts + (row * l.column_tasks + column_task) * table.reductions * fused_launch::part_bytes;
  }

  /// The parts of a row's reduction combined as a tree, into the first of them.
  template <int I>
  static TENON_HOST_INLINE void combine_parts(registers& r, const fused_launch& l, index row) {
    using T = element<I>;
    constexpr index step = table.reductions * fused_launch::part_bytes;
    std::byte* const first = part_of(l, row, 0) + table.reduction[I] * fused_launch::part_bytes;
    for (index distance = 1; distance < l.column_tasks; distance *= 2)
      for (index t = 0; t + distance < l.column_tasks; t += 2 * distance) {
        T* const a = reinterpret_cast<T*>(first + t * step);
        *a = op<I>::combine(vector<T>(*a),
                            vector<T>(*reinterpret_cast<const T*>(first + (t + distance) * step)))
                 .first();
      }
    detail::get<I>(r) = vector<T>(*reinterpret_cast<const T*>(first));
  }
  template <int I>
  static TENON_HOST_INLINE void store_reduction(registers& r, const state& s) {
    if constexpr (table.step[I].out >= 0)
      *reinterpret_cast<element<I>*>(s.out[table.step[I].out]) = detail::get<I>(r).first();
  }
  template <int Pass, int... Row, int... Reduction>
  static TENON_HOST_INLINE void finish_pass(registers& r, const state& s,
                                            [[maybe_unused]] const fused_launch& l,
                                            [[maybe_unused]] index row, std::integer_sequence<int, Row...>,
                                            std::integer_sequence<int, Reduction...>) {
    (row_step<Row>(r, s), ...);
    (combine_parts<Reduction>(r, l, row), ...);
    (store_reduction<Reduction>(r, s), ...);
  }
  template <int... Pass>
  static TENON_HOST_INLINE void finish_row(registers& r, const state& s, const fused_launch& l, index row,
                                           std::integer_sequence<int, Pass...>) {
    (finish_pass<Pass>(r, s, l, row, typename info::template chosen<detail::row_steps<Pass>>::type{},
                       typename info::template chosen<detail::reduction_steps<Pass>>::type{}),
     ...);
  }
  /// What is left of each row once all its parts are there: few rows, and a step or two each.
  static void finish(const fused_launch& l) {
    if (l.parts == nullptr) return;
    state s;
    s.part = nullptr;
    registers r;
    row_walk<Unit> walk(l, table.loads, s.row, table.outputs, s.out);
    for (; walk.row < walk.last; next_row(walk)) {
      row_operands(r, s, typename info::template chosen<detail::row_operands>::type{});
      finish_row(r, s, l, walk.row, std::make_integer_sequence<int, table.passes>{});
    }
  }

  // ---- accumulations: partial results begin as identities and are combined as a tree of fixed form --------

  template <int... I>
  static void each_accumulation(const fused_launch& l, bool clear, std::integer_sequence<int, I...>) {
    const auto one = [&]<int K>(std::integral_constant<int, K>) {
      if constexpr (table.step[K].kind == step_kind::accumulation) {
        using sums = partial_sums<op<K>, element<K>, Unit>;
        (clear ? sums::clear : sums::combine)(l.outputs[table.step[K].out], l.row_tasks);
      }
    };
    (one(std::integral_constant<int, I>{}), ...);
  }
  static void clear(const fused_launch& l) {
    each_accumulation(l, true, std::make_integer_sequence<int, size>{});
  }
  static void combine(const fused_launch& l) {
    each_accumulation(l, false, std::make_integer_sequence<int, size>{});
  }
};

}  // namespace tenon::host
