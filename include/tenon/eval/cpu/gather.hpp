// Copies of what a kernel cannot read along its rows: rows under any strides, and tiles of rows whose
// elements lie side by side, as those of a transposed matrix do.
#pragma once

#include "tenon/core/transposing.hpp"
#include "tenon/eval/cpu/lanes.hpp"
#include "tenon/plan/launch.hpp"

namespace tenon::host::detail {

using tenon::detail::operand_binding;

/// Rows of small matrices, for which a call of memcpy costs more than the copy.
template <class Unit>
TENON_HOST_INLINE void copy_row(std::byte* to, const std::byte* from, index bytes) {
  using block = lanes<float, Unit>;
  constexpr index size = 4 * lane_count<Unit>;
  const auto copy = [&](index at) {
    block::load(reinterpret_cast<const float*>(from + at)).store(reinterpret_cast<float*>(to + at));
  };
  const auto ends = [&]<std::size_t N>(std::integral_constant<std::size_t, N>) {  // they overlap
    std::memcpy(to, from, N);
    std::memcpy(to + bytes - N, from + bytes - N, N);
  };
  if (bytes >= size) {
    for (index i = 0; i < bytes - size; i += size) copy(i);
    copy(bytes - size);
  } else if (bytes >= 32)
    ends(std::integral_constant<std::size_t, 32>{});
  else if (bytes >= 16)
    ends(std::integral_constant<std::size_t, 16>{});
  else if (bytes >= 8)
    ends(std::integral_constant<std::size_t, 8>{});
  else if (bytes >= 4)
    ends(std::integral_constant<std::size_t, 4>{});
  else
    for (index i = 0; i < bytes; ++i) to[i] = from[i];
}

/// One element again and again; writes less than a packet past the end.
template <class Unit>
TENON_HOST_INLINE void fill_row(std::byte* to, const std::byte* from, index bytes, index size) {
  using block = lanes<float, Unit>;
  block all;
  if (size == 4) {
    float element;
    std::memcpy(&element, from, 4);
    all = block(element);
  } else {
    alignas(64) std::byte elements[4 * lane_count<Unit>];
    for (index i = 0; i < 4 * lane_count<Unit>; ++i) elements[i] = from[i & (size - 1)];
    all = block::load(reinterpret_cast<const float*>(elements));
  }
  for (index i = 0; i < bytes; i += 4 * lane_count<Unit>) all.store(reinterpret_cast<float*>(to + i));
}

/// Elements `step` bytes apart, one after the other.
template <index Size>
TENON_HOST_INLINE void strided_row(std::byte* to, const std::byte* from, index n, index step) {
  if (step == -Size)
    tenon::detail::reverse_line<Size>(to, from, n);
  else
    tenon::detail::pack_line<Size>(to, from, n, step);
}
template <class F>
TENON_HOST_INLINE void with_size(index size, F f) {
  switch (size) {
    case 1:
      return f(std::integral_constant<index, 1>{});
    case 2:
      return f(std::integral_constant<index, 2>{});
    case 4:
      return f(std::integral_constant<index, 4>{});
    case 8:
      return f(std::integral_constant<index, 8>{});
    default:
      return f(std::integral_constant<index, 16>{});
  }
}

/// Calls run(place, source, elements) for each stretch with one stride of the elements [begin, end) of a row,
/// whose places count from 0; `many(place, source, elements, lines, line)` for whole lines `line` bytes
/// apart.
template <class F>
TENON_HOST_INLINE void each_stretch(const operand_binding& o, const std::byte* from, index begin, index end,
                                    F f) {
  const index size = o.element_size;
  const int inner = o.rank - 1, next = inner - 1;
  const index extent = o.extent[inner], step = o.stride[inner] * size;
  const index lines = next < 0 ? 1 : o.extent[next], line = next < 0 ? 0 : o.stride[next] * size;
  index at[max_rank]{}, first = 0, place = 0;
  if (begin > 0) {
    first = begin % extent;
    index rest = begin / extent;
    for (int k = next; k >= 0; --k) {
      at[k] = rest % o.extent[k];
      rest /= o.extent[k];
      from += at[k] * o.stride[k] * size;
    }
  }
  index i = next < 0 ? 0 : at[next];
  for (index left = end - begin; left > 0;) {
    // lines of one length: as many whole ones as follow each other, or a part of one
    const bool part = first > 0 || left < extent;
    const index run = !part ? extent : extent - first < left ? extent - first : left;
    const index count = part ? 1 : (lines - i) * extent <= left ? lines - i : left / extent;
    f(place, from + first * step, run, count, line);
    place += count * run;
    first = 0;
    left -= count * run;
    from += count * line;
    i += count;
    if (i < lines) continue;
    i = 0;
    from -= lines * line;
    for (int k = next - 1; k >= 0; --k) {
      from += o.stride[k] * size;
      if (++at[k] < o.extent[k]) break;
      from -= at[k] * o.stride[k] * size;
      at[k] = 0;
    }
  }
}

/// The elements [begin, end) of a strided operand's row, one after the other; there is room for a packet more
/// behind them.
template <class Unit>
TENON_NOINLINE void gather_row(const operand_binding& o, const std::byte* from, std::byte* to, index begin,
                               index end) {
  const index size = o.element_size, step = o.stride[o.rank - 1] * size;
  each_stretch(o, from, begin, end,
               [&](index place, const std::byte* source, index run, index count, index line) {
                 std::byte* target = to + place * size;
                 const index bytes = run * size;
                 if (step == size)
                   for (index k = 0; k < count; ++k, target += bytes, source += line)
                     copy_row<Unit>(target, source, bytes);
                 else if (step == 0)
                   for (index k = 0; k < count; ++k, target += bytes, source += line)
                     fill_row<Unit>(target, source, bytes, size);
                 else
                   with_size(size, [&]<index Size>(std::integral_constant<index, Size>) {
                     for (index k = 0; k < count; ++k, target += bytes, source += line)
                       strided_row<Size>(target, source, run, step);
                   });
               });
}

/// The same of `rows` rows whose elements lie side by side, `row_bytes` from row to row of the copy; in
/// blocks of columns that the cache keeps.
template <class Unit>
TENON_NOINLINE void gather_tile(const operand_binding& o, const std::byte* from, std::byte* to, index begin,
                                index end, index rows, index row_bytes) {
  constexpr index block = 32;
  const index size = o.element_size, step = o.stride[o.rank - 1] * size;
  const auto transpose = tenon::detail::transposition_of<Unit>(size);
  each_stretch(o, from, begin, end,
               [&](index place, const std::byte* source, index run, index count, index line) {
                 for (index k = 0; k < count; ++k)
                   for (index c = 0; c < run; c += block)
                     transpose(to + (place + k * run + c) * size, row_bytes, source + k * line + c * step,
                               step, rows, run - c < block ? run - c : block);
               });
}

}  // namespace tenon::host::detail
