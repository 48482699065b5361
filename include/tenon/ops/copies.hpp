// Copies of arrays under any strides, and fills: axes that both arrays walk through as one are merged, lines
// are copied whole, backwards or in steps, transposed ones by tiles, on the pool's threads.
#pragma once

#include "tenon/core/transposing.hpp"
#include "tenon/ops/walks.hpp"

namespace tenon::detail {

/// Zeros, where elements follow each other.
inline void clear(const array_access& to) {
  std::memset(to.data, 0, static_cast<std::size_t>(to.size() * size_of(to.type)));
}

/// One element.
template <index Size>
TENON_INLINE void move_element(std::byte* to, const std::byte* from) {
  std::memcpy(to, from, Size);
}
/// Calls f.operator()<Size>() for the size of an element.
template <class F>
void with_element_size(index size, F f) {
  switch (size) {
    case 1:
      return f.template operator()<1>();
    case 2:
      return f.template operator()<2>();
    case 4:
      return f.template operator()<4>();
    case 8:
      return f.template operator()<8>();
    default:
      return f.template operator()<16>();
  }
}

/// A copy as a loop: axes from the outermost in, in the target's order, merged; steps in bytes.
struct copy_walk {
  int rank = 0;
  index extent[max_rank]{}, from[max_rank]{}, to[max_rank]{};

  copy_walk(const array_access& source, const array_access& target) {
    const index size = size_of(source.type);
    const auto length = [](index step) { return step < 0 ? -step : step; };
    for (int a = 0; a < source.rank; ++a) {
      if (source.extent[a] == 1) continue;
      int k = rank++;
      for (; k > 0 && length(to[k - 1]) < length(target.stride[a] * size); --k) move(k - 1, k);
      extent[k] = source.extent[a];
      from[k] = source.stride[a] * size;
      to[k] = target.stride[a] * size;
    }
    int n = 0;
    for (int k = 1; k < rank; ++k) {
      if (from[n] == from[k] * extent[k] && to[n] == to[k] * extent[k]) {
        extent[n] *= extent[k];
        from[n] = from[k];
        to[n] = to[k];
      } else {
        move(k, ++n);
      }
    }
    rank = rank > 0 ? n + 1 : 0;
  }
  void move(int a, int b) {
    extent[b] = extent[a];
    from[b] = from[a];
    to[b] = to[a];
  }
  /// The axis along which the source's elements lie side by side where they do not along the last; else -1.
  int side(index size) const {
    const int last = rank - 1;
    if (rank < 2 || to[last] != size || from[last] == size || from[last] == -size || from[last] == 0)
      return -1;
    for (int a = 0; a < last; ++a)
      if (from[a] == size && extent[a] >= 8) return a;
    return -1;
  }
};

/// Part of a line.
template <index Size>
void copy_line(std::byte* to, const std::byte* from, index n, index to_step, index from_step) {
  if (to_step != Size)
    for (index i = 0; i < n; ++i, to += to_step, from += from_step) move_element<Size>(to, from);
  else if (from_step == Size)
    std::memcpy(to, from, static_cast<std::size_t>(n * Size));
  else if (from_step == -Size)
    reverse_line<Size>(to, from, n);
  else
    pack_line<Size>(to, from, n, from_step);
}

/// What is compiled for each size of element. The walks around it are not: as templates they were 31 KiB and
/// half a second of every unit.
using line_copy = void (*)(std::byte*, const std::byte*, index, index, index);
inline line_copy copy_of_lines(index size) {
  switch (size) {
    case 1:
      return &copy_line<1>;
    case 2:
      return &copy_line<2>;
    case 4:
      return &copy_line<4>;
    case 8:
      return &copy_line<8>;
    default:
      return &copy_line<16>;
  }
}

/// Lines that lie side by side in the source, in tiles that the cache keeps.
inline void copy_tiles(const copy_walk& w, std::byte* to, const std::byte* from, int side, index size) {
  const index rows = size > 8 ? 8 : 64 / size, columns = 32;
  const int last = w.rank - 1;
  const index lines = w.extent[side], n = w.extent[last], blocks = (lines + rows - 1) / rows;
  const auto transpose = transposition_of(size);
  outer_walk<2> walk;
  for (int a = 0; a < last; ++a)
    if (a != side) walk.add(w.extent[a], {w.to[a], w.from[a]});
  share(walk.count * blocks, 10 + rows * n / 2, [&](index begin, index end) {
    for (index k = begin; k < end; ++k)
      walk.each(k / blocks, k / blocks + 1, [&](const index* at) {
        const index first = k % blocks * rows;
        const index count = lines - first < rows ? lines - first : rows;
        for (index c = 0; c < n; c += columns)
          transpose(to + at[0] + first * w.to[side] + c * size, w.to[side],
                    from + at[1] + first * size + c * w.from[last], w.from[last], count,
                    n - c < columns ? n - c : columns);
      });
  });
}

/// Copies the elements of `from` to the same places of `to`, an array of its extents and dtype.
inline void copy_elements(const array_access& from, const array_access& to) {
  if (from.size() == 0) return;
  const index size = size_of(from.type);
  const copy_walk w(from, to);
  const int last = w.rank - 1, side = w.side(size);
  const index n = last < 0 ? 1 : w.extent[last], from_step = last < 0 ? size : w.from[last],
              to_step = last < 0 ? size : w.to[last];
  const bool whole = from_step == size && to_step == size;
  if (last <= 0 && whole && n * size <= 65536) {  // as most copies of blocks are
    std::memcpy(to.data, from.data, static_cast<std::size_t>(n * size));
    return;
  }
  if (side >= 0) return copy_tiles(w, to.data, from.data, side, size);
  const auto copy = copy_of_lines(size);
  const index piece = whole ? 131072 / size : 16384, pieces = (n + piece - 1) / piece;
  outer_walk<2> walk;
  for (int a = 0; a < last; ++a) walk.add(w.extent[a], {w.to[a], w.from[a]});
  const index longest = n < piece ? n : piece;
  share(walk.count * pieces, 5 + (whole ? longest * size / 32 : longest / 2), [&](index begin, index end) {
    index first = 0, count = n;
    const auto part = [&](const index* at) {
      copy(to.data + at[0] + first * to_step, from.data + at[1] + first * from_step, count, to_step,
           from_step);
    };
    if (pieces == 1) return walk.each(begin, end, part);
    for (index k = begin; k < end; ++k) {
      first = k % pieces * piece;
      count = n - first < piece ? n - first : piece;
      walk.each(k / pieces, k / pieces + 1, part);
    }
  });
}

template <index Size>
void fill_line(std::byte* to, const std::byte* value, index n, index step) {
  std::byte element[Size];
  std::memcpy(element, value, Size);
  if (step == Size)
    for (index i = 0; i < n; ++i) std::memcpy(to + i * Size, element, Size);
  else
    for (index i = 0; i < n; ++i, to += step) std::memcpy(to, element, Size);
}

using line_fill = void (*)(std::byte*, const std::byte*, index, index);
inline line_fill fill_of_lines(index size) {
  switch (size) {
    case 1:
      return &fill_line<1>;
    case 2:
      return &fill_line<2>;
    case 4:
      return &fill_line<4>;
    case 8:
      return &fill_line<8>;
    default:
      return &fill_line<16>;
  }
}

/// Writes one element to all places.
inline void fill_elements(const array_access& to, const std::byte* value) {
  if (to.size() == 0) return;
  const index size = size_of(to.type);
  const int last = to.rank - 1;
  const index n = last < 0 ? 1 : to.extent[last], step = last < 0 ? size : to.stride[last] * size;
  outer_walk<1> lines;
  for (int a = 0; a < last; ++a) lines.add(to.extent[a], {to.stride[a] * size});
  const line_parts parts(lines.count, n);
  const line_fill fill = fill_of_lines(size);
  share(parts.count, line_parts::most * (step == size ? size : 64) / 64, [&](index begin, index end) {
    for (index part = begin; part < end; ++part)
      parts.each(part, [&](index line, index behind, index first, index length) {
        lines.each(line, behind,
                   [&](const index* at) { fill(to.data + at[0] + first * step, value, length, step); });
      });
  });
}

}  // namespace tenon::detail
