// The program of a fused kernel as a type: ops and dtypes only, no shapes and no names, so that equal layers
// share one kernel. And what an evaluator needs to know about it, as tables.
//
//   program<read_operand<0, float, false>, read_operand<1, float, false>, instruction<add_op, float, false,
// -1, 0, 1>,
//           instruction<tanh_op, float, false, 0, 2>>
//
// A full value has one number for each element of a row, a row value one for each row. A row is walked in
// passes: pass d computes the full values that wait for d row reductions. Values of an earlier pass are read
// back from where they were stored, or from scratch memory.
#pragma once

#include "tenon/graph/op.hpp"

namespace tenon {

/// Reads operand Slot of the kernel.
template <int Slot, class T, bool Row>
struct read_operand {};
/// A number.
template <class T, index Bits>
struct literal {};
/// A value rule; Out is the output that stores it, or -1.
template <class Op, class T, bool Row, int Out, int... In>
struct instruction {};
/// The position along the row.
template <class T, int Out>
struct row_position {};
/// A reduction along the row.
template <class Op, class T, int Out, int In>
struct row_reduction {};
/// A reduction over rows: combined into output Out.
template <class Op, class T, bool Row, int Out, int In>
struct accumulation {};

template <class... Instructions>
struct program {};

namespace detail {

enum class step_kind : unsigned char { load, literal, map, position, row_reduction, accumulation };

struct program_step {
  step_kind kind;
  bool row;  // accumulation: whether its operand is
  int slot, out;
  int in[max_operands];
  int work = 1;  // for an element, beside an addition's
};

/// Functions that take real numbers alone, such as exp or tanh, are polynomials and more.
template <class Op>
inline constexpr int work_of = Op::takes == domain::floating || Op::takes == domain::analytic ? 8 : 1;

template <class I>
struct step_of;
template <int Slot, class T, bool Row>
struct step_of<read_operand<Slot, T, Row>> {
  using type = T;
  using op = void;
  static constexpr program_step value{step_kind::load, Row, Slot, -1, {-1, -1, -1}};
};
template <class T, index Bits>
struct step_of<literal<T, Bits>> {
  using type = T;
  using op = void;
  static constexpr program_step value{step_kind::literal, true, -1, -1, {-1, -1, -1}};
  static constexpr double number = std::bit_cast<double>(Bits);
};
template <class Op, class T, bool Row, int Out, int A>
struct step_of<instruction<Op, T, Row, Out, A>> {
  using type = T;
  using op = Op;
  static constexpr program_step value{step_kind::map, Row, -1, Out, {A, -1, -1}, work_of<Op>};
};
template <class Op, class T, bool Row, int Out, int A, int B>
struct step_of<instruction<Op, T, Row, Out, A, B>> {
  using type = T;
  using op = Op;
  static constexpr program_step value{step_kind::map, Row, -1, Out, {A, B, -1}, work_of<Op>};
};
template <class Op, class T, bool Row, int Out, int A, int B, int C>
struct step_of<instruction<Op, T, Row, Out, A, B, C>> {
  using type = T;
  using op = Op;
  static constexpr program_step value{step_kind::map, Row, -1, Out, {A, B, C}, work_of<Op>};
};
template <class T, int Out>
struct step_of<row_position<T, Out>> {
  using type = T;
  using op = void;
  static constexpr program_step value{step_kind::position, false, -1, Out, {-1, -1, -1}};
};
template <class Op, class T, int Out, int In>
struct step_of<row_reduction<Op, T, Out, In>> {
  using type = T;
  using op = Op;
  static constexpr program_step value{step_kind::row_reduction, true, -1, Out, {In, -1, -1}};
};
template <class Op, class T, bool Row, int Out, int In>
struct step_of<accumulation<Op, T, Row, Out, In>> {
  using type = T;
  using op = Op;
  static constexpr program_step value{step_kind::accumulation, Row, -1, Out, {In, -1, -1}};
};

inline constexpr int max_passes = 6;

template <class Program>
struct program_info;
template <class... I>
struct program_info<program<I...>> {
  static constexpr int size = sizeof...(I);
  template <int K>
  using step_type = step_of<at<K, program<I...>>>;

  struct tables {
    program_step step[size]{step_of<I>::value...};
    int pass[size]{};               // when the value is computed
    int scratch[size]{};            // the scratch row that keeps a full value for later passes, or -1
    bool used[size][max_passes]{};  // full values: in which passes the value is read
    bool columns[max_passes]{};     // which passes walk the columns
    int accumulation[size]{};       // accumulations, numbered
    int reduction[size]{};          // row reductions, numbered
    int passes = 1, scratch_rows = 0, loads = 0, outputs = 0, accumulations = 0, reductions = 0;
    bool reduces_rows = false, accumulates = false, positions = false;
    int work = 0;         // for an element: of its ops, loads and stores
    bool splits = false;  // a row may be reduced in parts: after its reductions no pass walks the columns
  };
  static constexpr tables compute() {
    tables t;
    for (int i = 0; i < size; ++i) {
      const program_step& s = t.step[i];
      t.scratch[i] = -1;
      for (const int x : s.in) {
        if (x < 0) continue;
        const int after = t.pass[x] + (t.step[x].kind == step_kind::row_reduction ? 1 : 0);
        t.pass[i] = t.pass[i] < after ? after : t.pass[i];
      }
      const int last = t.pass[i] + (s.kind == step_kind::row_reduction ? 1 : 0);
      if (last >= t.passes) t.passes = last + 1;
      if (s.slot >= t.loads) t.loads = s.slot + 1;
      if (s.out >= t.outputs) t.outputs = s.out + 1;
      t.reduces_rows = t.reduces_rows || s.kind == step_kind::row_reduction;
      t.accumulates = t.accumulates || s.kind == step_kind::accumulation;
      if (s.kind == step_kind::accumulation) t.accumulation[i] = t.accumulations++;
      if (s.kind == step_kind::row_reduction) t.reduction[i] = t.reductions++;
      t.positions = t.positions || s.kind == step_kind::position;
      if (!s.row) t.work += s.work + (s.out >= 0 && s.kind != step_kind::accumulation);
    }
    for (int i = 0; i < size; ++i) {
      const program_step& s = t.step[i];
      const bool walks =
          s.kind == step_kind::row_reduction ||
          ((s.kind == step_kind::map || s.kind == step_kind::position || s.kind == step_kind::accumulation) &&
           !s.row);
      if (!walks) continue;
      t.columns[t.pass[i]] = true;
      for (const int x : s.in) {
        if (x < 0 || t.step[x].row) continue;
        t.used[x][t.pass[i]] = true;
        const bool again = t.step[x].kind == step_kind::load || t.step[x].kind == step_kind::position;
        if (t.pass[x] < t.pass[i] && !again && t.scratch[x] < 0) t.scratch[x] = t.scratch_rows++;
      }
    }
    t.splits = t.reduces_rows && !t.accumulates;
    for (int p = 1; p < t.passes; ++p) t.splits = t.splits && !t.columns[p];
    return t;
  }
  static constexpr tables value = compute();
  static_assert(value.passes <= max_passes);

  /// The steps of one pass, chosen by a predicate, as a list of ints.
  template <class Chosen>
  struct chosen {
    static constexpr int count() {
      int n = 0;
      for (int i = 0; i < size; ++i) n += Chosen::take(value, i);
      return n;
    }
    static constexpr int nth(int k) {
      for (int i = 0; i < size; ++i)
        if (Chosen::take(value, i) && k-- == 0) return i;
      return -1;
    }
    template <class Indices>
    struct make;
    template <int... K>
    struct make<std::integer_sequence<int, K...>> {
      using type = std::integer_sequence<int, nth(K)...>;
    };
    using type = typename make<std::make_integer_sequence<int, count()>>::type;
  };
};

}  // namespace detail
}  // namespace tenon
