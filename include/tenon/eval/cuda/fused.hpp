// Fused kernels on a GPU: a program, run on packets of a few elements, one thread each.
//
// The same programs as on the CPU, with plain numbers for values. What an operand does along a row is in
// data; a row that is read in place moves in accesses of up to 16 bytes. fused_functor is the whole
// computation and runs on the host as well, where tests run it; the kernel only says which thread has which
// packet.
//
// Programs of elementwise steps alone: reductions and matrix products run on a CPU (eval/cpu).
#pragma once

#include <cstdint>
#include <cstring>

#include "tenon/plan/launch.hpp"
#include "tenon/plan/program.hpp"

namespace tenon::cuda {

using tenon::detail::fused_launch;
using tenon::detail::operand_binding;
using tenon::detail::output_binding;
using tenon::detail::program_info;
using tenon::detail::program_step;
using tenon::detail::row_pattern;
using tenon::detail::step_kind;

/// Elements that a thread computes at once: 16 bytes of float.
inline constexpr int packet_size = 4;

/// One operand or output: where it starts, its steps from row to row and how it goes along a row.
struct operand {
  std::byte* data;
  index outer[max_rank];  // bytes from one row to the next, along each outer axis
  row_pattern pattern;
  bool aligned;  // contiguous, and each packet starts at a multiple of its size
  int rank;      // gathered: the axes of a row, in elements
  index extent[max_rank], stride[max_rank];
};

/// What a kernel gets, by value: no pointers to host memory but those of the operands themselves.
template <int Loads, int Outputs>
struct launch {
  int outer_rank;
  index outer_extent[max_rank];
  index rows, columns;
  operand in[Loads + 1], out[Outputs + 1];
};

template <class Program>
using launch_of = launch<program_info<Program>::value.loads, program_info<Program>::value.outputs>;

namespace detail {

template <int I, class T>
struct cell {
  T v[packet_size];
};
template <class Info, class Indices>
struct register_file;
template <class Info, int... I>
struct register_file<Info, std::integer_sequence<int, I...>>
    : cell<I, typename Info::template step_type<I>::type>... {};

template <class T>
struct alignas(sizeof(T) * packet_size < 16 ? sizeof(T) * packet_size : 16) packet {
  T v[packet_size];
};

/// Elements from the start of a row to element c of it.
template <class Index>
TENON_INLINE Index row_offset(const operand& o, Index c) {
  if (o.pattern == row_pattern::contiguous) return c;
  if (o.pattern == row_pattern::single) return 0;
  Index offset = 0;
  for (int k = o.rank - 1; k > 0; --k) {
    const Index extent = static_cast<Index>(o.extent[k]);
    offset += (c % extent) * static_cast<Index>(o.stride[k]);
    c /= extent;
  }
  return o.rank > 0 ? offset + c * static_cast<Index>(o.stride[0]) : 0;
}

}  // namespace detail

/// A packet of a program, computed by one thread. Index: 32 bits where every offset fits, else 64.
template <class Program, class Index>
struct fused_functor {
  using info = program_info<Program>;
  static constexpr const auto& table = info::value;
  static constexpr int loads = table.loads, outputs = table.outputs;
  static_assert(!table.reduces_rows && !table.accumulates,
                "tenon: this program has reductions; it runs on a CPU");
  using registers = detail::register_file<info, std::make_integer_sequence<int, info::size>>;
  template <int I>
  using element = typename info::template step_type<I>::type;
  template <int I>
  using step_cell = detail::cell<I, element<I>>;

  /// Elements [column, column + n) of a row, n <= packet_size.
  TENON_HD static void run(const launch_of<Program>& l, index row, Index column, int n) {
    registers r;
    const std::byte* in[loads + 1];
    std::byte* out[outputs + 1];
    for (int i = 0; i < loads; ++i) in[i] = l.in[i].data;
    for (int i = 0; i < outputs; ++i) out[i] = l.out[i].data;
    for (int k = l.outer_rank - 1; k >= 0; --k) {
      const index at = l.outer_rank == 1 ? row : row % l.outer_extent[k];
      row = l.outer_rank == 1 ? row : row / l.outer_extent[k];
      for (int i = 0; i < loads; ++i) in[i] += at * l.in[i].outer[k];
      for (int i = 0; i < outputs; ++i) out[i] += at * l.out[i].outer[k];
    }
    steps(r, l, in, out, column, n, std::make_integer_sequence<int, info::size>{});
  }

 private:
  static constexpr program_step step_at(int i) { return table.step[i]; }

  template <int... I>
  TENON_INLINE static void steps(registers& r, const launch_of<Program>& l, const std::byte* const* in,
                                 std::byte* const* out, Index column, int n,
                                 std::integer_sequence<int, I...>) {
    (step<I>(r, l, in, out, column, n), ...);
  }

  template <int I>
  TENON_INLINE static void step(registers& r, const launch_of<Program>& l, const std::byte* const* in,
                                std::byte* const* out, Index column, int n) {
    constexpr program_step s = step_at(I);
    using T = element<I>;
    T(&v)[packet_size] = static_cast<step_cell<I>&>(r).v;
    if constexpr (s.kind == step_kind::load) {
      read(v, l.in[s.slot], in[s.slot], column, n);
    } else {
      for (int k = 0; k < packet_size; ++k) {
        if constexpr (s.kind == step_kind::literal)
          v[k] = static_cast<T>(info::template step_type<I>::number);
        else if constexpr (s.kind == step_kind::position)
          v[k] = static_cast<T>(column + k);
        else
          v[k] = evaluate<typename info::template step_type<I>::op, T, s.in[0], s.in[1], s.in[2]>(r, k);
      }
      if constexpr (s.out >= 0) write(v, l.out[s.out], out[s.out], column, n);
    }
  }

  template <int I>
  TENON_INLINE static auto value(const registers& r, int k) {
    return static_cast<const step_cell<I>&>(r).v[k];
  }
  template <class Op, class T, int A, int B, int C>
  TENON_INLINE static auto evaluate(const registers& r, int k) {
    if constexpr (requires { Op::template typed_value<T>(value<A>(r, k)); })
      return Op::template typed_value<T>(value<A>(r, k));
    else if constexpr (C >= 0)
      return Op::value(value<A>(r, k), value<B>(r, k), value<C>(r, k));
    else if constexpr (B >= 0)
      return Op::value(value<A>(r, k), value<B>(r, k));
    else
      return Op::value(value<A>(r, k));
  }

  template <class T>
  TENON_INLINE static void read(T (&v)[packet_size], const operand& o, const std::byte* row, Index column,
                                int n) {
    const T* const p = reinterpret_cast<const T*>(row);
    if (o.aligned && n == packet_size) {
      const auto whole = *reinterpret_cast<const detail::packet<T>*>(p + column);
      for (int k = 0; k < packet_size; ++k) v[k] = whole.v[k];
    } else if (o.pattern == row_pattern::single) {
      for (int k = 0; k < packet_size; ++k) v[k] = *p;
    } else {
      for (int k = 0; k < packet_size; ++k) v[k] = k < n ? p[detail::row_offset<Index>(o, column + k)] : T{};
    }
  }
  template <class T>
  TENON_INLINE static void write(const T (&v)[packet_size], const operand& o, std::byte* row, Index column,
                                 int n) {
    T* const p = reinterpret_cast<T*>(row);
    if (o.aligned && n == packet_size) {
      detail::packet<T> whole;
      for (int k = 0; k < packet_size; ++k) whole.v[k] = v[k];
      *reinterpret_cast<detail::packet<T>*>(p + column) = whole;
    } else {
      for (int k = 0; k < packet_size; ++k)
        if (k < n) p[column + k] = v[k];
    }
  }
};

namespace detail {

/// Element sizes of a program's operands and outputs, by slot.
template <class Program>
struct element_sizes;
template <class... I>
struct element_sizes<program<I...>> {
  using info = program_info<program<I...>>;
  int in[info::value.loads + 1]{}, out[info::value.outputs + 1]{};
  bool row[info::value.loads + 1]{};  // one element for the whole row, whatever its operand's pattern
  constexpr element_sizes() {
    constexpr int bytes[] = {int(sizeof(typename tenon::detail::step_of<I>::type))...};
    for (int i = 0; i < info::size; ++i) {
      const program_step& s = info::value.step[i];
      if (s.slot >= 0) in[s.slot] = bytes[i], row[s.slot] = s.row;
      if (s.out >= 0) out[s.out] = bytes[i];
    }
  }
};

inline bool rows_aligned(const operand& o, int outer_rank, int element_size) {
  const int bytes = element_size * packet_size < 16 ? element_size * packet_size : 16;
  bool aligned =
      o.pattern == row_pattern::contiguous && reinterpret_cast<std::uintptr_t>(o.data) % unsigned(bytes) == 0;
  for (int k = 0; k < outer_rank; ++k) aligned = aligned && o.outer[k] % bytes == 0;
  return aligned;
}

}  // namespace detail

/// The launch of a bound kernel, for a GPU that sees the operands' memory.
template <class Program>
launch_of<Program> make_launch(const fused_launch& from) {
  constexpr detail::element_sizes<Program> size;
  constexpr const auto& table = program_info<Program>::value;
  launch_of<Program> l{};
  l.outer_rank = from.outer_rank;
  l.rows = from.rows;
  l.columns = from.columns;
  for (int k = 0; k < from.outer_rank; ++k) l.outer_extent[k] = from.outer_extent[k];
  for (int i = 0; i < table.loads; ++i) {
    const operand_binding& o = from.operands[i];
    operand& to = l.in[i];
    to.data = const_cast<std::byte*>(o.data);
    std::memcpy(to.outer, o.outer, sizeof to.outer);
    to.pattern = size.row[i] ? row_pattern::single : o.pattern;
    to.rank = o.rank;
    std::memcpy(to.extent, o.extent, sizeof to.extent);
    std::memcpy(to.stride, o.stride, sizeof to.stride);
    to.aligned = detail::rows_aligned(to, l.outer_rank, size.in[i]);
  }
  for (int i = 0; i < table.outputs; ++i) {
    operand& to = l.out[i];
    to.data = from.outputs[i].data;
    std::memcpy(to.outer, from.outputs[i].outer, sizeof to.outer);
    to.pattern = row_pattern::contiguous;
    to.aligned = detail::rows_aligned(to, l.outer_rank, size.out[i]);
  }
  return l;
}

#if defined(__CUDACC__)

/// Threads along x take the packets of a row, along y rows; both stride over what is left.
template <class Program, class Index>
__global__ void __launch_bounds__(256) fused_kernel(const __grid_constant__ launch_of<Program> l) {
  const Index columns = static_cast<Index>(l.columns);
  for (index row = index(blockIdx.y) * blockDim.y + threadIdx.y; row < l.rows;
       row += index(gridDim.y) * blockDim.y)
    for (Index c = (static_cast<Index>(blockIdx.x) * blockDim.x + threadIdx.x) * packet_size; c < columns;
         c += static_cast<Index>(gridDim.x) * blockDim.x * packet_size)
      fused_functor<Program, Index>::run(l, row, c,
                                         columns - c < packet_size ? int(columns - c) : packet_size);
}

/// Starts a program's kernel on a stream.
template <class Program>
cudaError_t start(const launch_of<Program>& l, cudaStream_t stream = nullptr) {
  if (l.rows == 0 || l.columns == 0) return cudaSuccess;
  const index packets = (l.columns + packet_size - 1) / packet_size;
  unsigned across = 256;
  while (across > 1 && index(across) / 2 >= packets) across /= 2;
  const dim3 block(across, 256 / across);
  const index x = (packets + block.x - 1) / block.x, y = (l.rows + block.y - 1) / block.y;
  const dim3 grid(unsigned(x < (index(1) << 30) ? x : index(1) << 30), unsigned(y < 65535 ? y : 65535));
  // 32-bit indices where the last step of the loop over columns stays below 2^31
  if (l.columns + index(grid.x) * block.x * packet_size < (index(1) << 31))
    fused_kernel<Program, std::int32_t><<<grid, block, 0, stream>>>(l);
  else
    fused_kernel<Program, index><<<grid, block, 0, stream>>>(l);
  return cudaGetLastError();
}

#endif

}  // namespace tenon::cuda
