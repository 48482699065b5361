// Arrays of places: integers, of which negative ones count from the end, read, checked and walked. What reads
// or writes at places does it line by line: some hundred places are read into int64, whatever their dtype and
// strides, then their elements are moved in a loop of its own.
#pragma once

#include <limits>
#include <string>

#include "tenon/core/error.hpp"
#include "tenon/core/math.hpp"
#include "tenon/graph/op.hpp"
#include "tenon/ops/copies.hpp"

namespace tenon::detail {

/// The places in an array of integers, row-major, checked against an extent.
inline index place_at(const array_access& places, const index* at) {
  const std::byte* p = places.data;
  for (int k = 0; k < places.rank; ++k) p += at[k] * places.stride[k] * size_of(places.type);
  if (places.type == dtype::int32) {
    std::int32_t v;
    std::memcpy(&v, p, 4);
    return v;
  }
  if (places.type == dtype::int64) {
    std::int64_t v;
    std::memcpy(&v, p, 8);
    return v;
  }
  index r = 0;
  with_type(places.type, [&]<class T>(T v) {
    std::memcpy(&v, p, sizeof(T));
    if constexpr (std::is_integral_v<T>)  // one that no index can be is outside of every axis
      r = std::is_same_v<T, std::uint64_t> && v > T(-1) / 2 ? std::numeric_limits<index>::max()
                                                            : static_cast<index>(v);
  });
  return r;
}

/// Calls f with the coordinates of each element of some extents, row-major.
template <class F>
void each_place(const index* extent, int rank, F f) {
  index at[max_rank]{};
  for (int k = 0; k < rank; ++k)
    if (extent[k] == 0) return;
  for (;;) {
    f(static_cast<const index*>(at));
    int k = rank - 1;
    for (; k >= 0; --k) {
      if (++at[k] < extent[k]) break;
      at[k] = 0;
    }
    if (k < 0) return;
  }
}

/// Whether any of n integers, `step` bytes apart, is not in [-extent, extent).
template <class T>
bool any_outside(const std::byte* p, index n, index step, index extent) {
  const auto outside = [extent](T v) -> unsigned {  // in one comparison: v + extent wraps where v is below
    if constexpr (std::is_unsigned_v<T>)
      return std::uint64_t(v) >= std::uint64_t(extent);
    else
      return std::uint64_t(v) + std::uint64_t(extent) >= 2 * std::uint64_t(extent);
  };
  unsigned bad = 0;
  index i = 0;
  if (step == index(sizeof(T)))
    for (; i + 16 <= n; i += 16) {
      T v[16];
      std::memcpy(v, p + i * step, sizeof v);
      for (int k = 0; k < 16; ++k) bad |= outside(v[k]);
    }
  for (; i < n; ++i) {
    T v;
    std::memcpy(&v, p + i * step, sizeof v);
    bad |= outside(v);
  }
  return bad != 0;
}

/// Whether a place is outside of an axis.
template <class Unit = this_unit>
bool any_outside(const array_access& places, index extent) {
  const int last = places.rank - 1;
  const index size = size_of(places.type), n = last < 0 ? 1 : places.extent[last];
  const index step = last < 0 ? 0 : places.stride[last] * size;
  outer_walk<1> walk;
  for (int a = 0; a < last; ++a) walk.add(places.extent[a], {places.stride[a] * size});
  if (n == 0) return false;
  std::atomic<bool> bad{false};
  const line_parts parts(walk.count, n);
  share(parts.count, 5 + line_parts::most / 4, [&](index begin, index end) {
    bool found = false;
    for (index part = begin; part < end; ++part)
      parts.each(part, [&](index line, index behind, index first, index length) {
        walk.each(line, behind, [&](const index* at) {
          with_type(places.type, [&]<class T>(T) {
            if constexpr (math::integer<T>)
              found = found || any_outside<T>(places.data + at[0] + first * step, length, step, extent);
          });
        });
      });
    if (found) bad = true;
  });
  return bad;
}
/// Throws index_error, naming the first place that is outside of an axis.
template <class Unit = this_unit>
void check_places(const char* who, const array_access& places, index extent) {
  if (!any_outside<Unit>(places, extent)) return;
  each_place(places.extent, places.rank, [&](const index* at) {
    const index i = place_at(places, at);
    if (i < -extent || i >= extent)
      throw index_error(std::string(who) + ": place " + std::to_string(i) + " of an axis of extent " +
                        std::to_string(extent));
  });
}

/// Reads n places, `step` bytes apart; those below 0 from the end of an axis.
inline void read_places(const std::byte* p, dtype type, index n, index step, index extent, index* to) {
  with_type(type, [&]<class T>(T) {
    if constexpr (math::integer<T>) {
      for (index i = 0; i < n; ++i) {
        T v;
        std::memcpy(&v, p + i * step, sizeof v);
        const index place = static_cast<index>(v);
        to[i] = place + (place < 0 ? extent : 0);
      }
    }
  });
}

/// Adds to each offset, row-major in the places' extents, what the place along an axis is in bytes, and says
/// whether a place is outside of the axis.
inline bool add_places(index* offset, const array_access& places, index extent, index step) {
  const int last = places.rank - 1;
  const index size = size_of(places.type), n = last < 0 ? 1 : places.extent[last];
  const index along = last < 0 ? 0 : places.stride[last] * size;
  outer_walk<1> lines;
  for (int a = 0; a < last; ++a) lines.add(places.extent[a], {places.stride[a] * size});
  if (n == 0) return false;
  const line_parts parts(lines.count, n);
  std::atomic<bool> outside{false};
  share(parts.count, line_parts::most * 2, [&](index begin, index end) {
    constexpr index piece = 512;
    index at[piece];
    bool found = false;
    for (index part = begin; part < end; ++part)
      parts.each(part, [&](index line, index behind, index first, index length) {
        lines.each(line, behind, [&](const index* start) {
          index* const to = offset + line++ * n + first;
          for (index j = 0; j < length; j += piece) {
            const index count = length - j < piece ? length - j : piece;
            read_places(places.data + start[0] + (first + j) * along, places.type, count, along, extent, at);
            for (index i = 0; i < count; ++i) {
              found |= std::uint64_t(at[i]) >= std::uint64_t(extent);
              to[j + i] += at[i] * step;
            }
          }
        });
      });
    if (found) outside = true;
  });
  return outside;
}

inline index offset_of(const array_access& a, const index* at) {
  index o = 0;
  for (int k = 0; k < a.rank; ++k) o += at[k] * a.stride[k];
  return o * size_of(a.type);
}

/// The array without `dropped` axes from `axis` on, at a place along them that `data` points to.
inline array_access without_axes(const array_access& a, index axis, int dropped, std::byte* data) {
  array_access r = a;
  r.data = data;
  r.rank = a.rank - dropped;
  for (int k = static_cast<int>(axis); k < r.rank; ++k) {
    r.extent[k] = a.extent[k + dropped];
    r.stride[k] = a.stride[k + dropped];
  }
  return r;
}

/// A walk over lines of places: at the j-th place of a line, i, `whole + j whole_step + i place_step` and
/// `parts + j parts_step` belong together, in bytes. Parts that meet in one element of the whole, as they may
/// where places repeat, are of one group of lines and come in row-major order.
struct place_walk {
  array_access whole{}, parts{}, places{};
  outer_walk<3> lines{};  // the first of a line in whole, parts and places
  index extent = 0, n = 1, group = 1;
  index whole_step = 0, place_step = 0, parts_step = 0, places_step = 0;

  /// Places along an axis for each element of the parts, which have the places' shape.
  static place_walk along(const array_access& whole, const array_access& parts, const array_access& places,
                          index axis) {
    place_walk w{whole, parts, places};
    const index size = size_of(whole.type), place_size = size_of(places.type);
    const int last = parts.rank - 1;
    w.extent = whole.extent[axis];
    w.place_step = whole.stride[axis] * size;
    w.n = parts.extent[last];
    w.parts_step = parts.stride[last] * size;
    w.places_step = places.stride[last] * place_size;
    if (axis != last) w.whole_step = whole.stride[last] * size;
    for (int a = 0; a < last; ++a)
      if (a != axis)
        w.lines.add(parts.extent[a],
                    {whole.stride[a] * size, parts.stride[a] * size, places.stride[a] * place_size});
    if (axis != last) {  // innermost, so that a group of lines has all places along it
      w.group = parts.extent[axis];
      w.lines.add(w.group, {0, parts.stride[axis] * size, places.stride[axis] * place_size});
    }
    return w;
  }
  /// Places whose axes stand for an axis of the whole among the parts'; the axes behind it are a block.
  static place_walk slabs(const array_access& whole, const array_access& parts, const array_access& places,
                          index axis) {
    place_walk w{whole, parts, places};
    const index size = size_of(whole.type), place_size = size_of(places.type);
    w.extent = whole.extent[axis];
    w.place_step = whole.stride[axis] * size;
    for (int a = 0; a < axis; ++a)
      w.lines.add(whole.extent[a], {whole.stride[a] * size, parts.stride[a] * size, 0});
    for (int a = 0; a + 1 < places.rank; ++a) {
      w.group *= places.extent[a];
      w.lines.add(places.extent[a], {0, parts.stride[axis + a] * size, places.stride[a] * place_size});
    }
    if (places.rank > 0) {
      const int last = places.rank - 1;
      w.n = places.extent[last];
      w.parts_step = parts.stride[axis + last] * size;
      w.places_step = places.stride[last] * place_size;
    }
    return w;
  }

  /// Calls f(whole, parts, places, count) for pieces of the lines [begin, end).
  template <class F>
  void each(index begin, index end, F f) const {
    constexpr index piece = 512;
    index at[piece];
    lines.each(begin, end, [&](const index* line) {
      for (index j = 0; j < n; j += piece) {
        const index count = n - j < piece ? n - j : piece;
        read_places(places.data + line[2] + j * places_step, places.type, count, places_step, extent, at);
        f(whole.data + line[0] + j * whole_step, parts.data + line[1] + j * parts_step,
          static_cast<const index*>(at), count);
      }
    });
  }
  /// Calls f(whole, parts) for each place, in order.
  template <class F>
  void each_pair(F f) const {
    each(0, lines.count, [&](std::byte* w, std::byte* p, const index* place, index count) {
      for (index j = 0; j < count; ++j) f(w + j * whole_step + place[j] * place_step, p + j * parts_step);
    });
  }
  /// Calls a copy of f for each task with (whole, parts) for each place, on the pool's threads: a group of
  /// lines is one thread's, or, where there are few and blocks are large, so are those of its places that lie
  /// in a part of the axis. So what meets in one element is written in order. `cost` is about what one place
  /// takes in nanoseconds.
  template <class F>
  void share_blocks(index cost, const F& f) const {
    if (n == 0 || lines.count == 0) return;
    const index groups = lines.count / group, places_each = group * n;
    index ranges = 1;  // each reads all places of a group
    while (cost >= 16 && ranges < 16 && groups * ranges < 16 && places_each * cost > 40000 * ranges)
      ranges *= 2;
    share(groups * ranges, places_each * (cost / ranges + 1), [&](index begin, index end) {
      F own = f;
      for (index k = begin; k < end; ++k) {
        const index g = k / ranges, r = k % ranges;
        const index low = extent * r / ranges, high = extent * (r + 1) / ranges;
        each(g * group, (g + 1) * group, [&](std::byte* w, std::byte* p, const index* place, index count) {
          for (index j = 0; j < count; ++j)
            if (place[j] >= low && place[j] < high)
              own(w + j * whole_step + place[j] * place_step, p + j * parts_step);
        });
      }
    });
  }
  /// Does for all lines, on the pool's threads, what `each` does; `cost` is about what one place takes in
  /// nanoseconds. Where `together`, one thread has all lines of a group.
  template <class F>
  void share_lines(bool together, index cost, const F& f) const {
    const index per = together ? group : 1;
    if (per == 0 || n == 0) return;
    share(lines.count / per, 10 + per * n * cost,
          [&](index begin, index end) { each(begin * per, end * per, f); });
  }
};

constexpr extents taken_shape(const extents& x, const extents& places, index axis) {
  extents r;
  for (int i = 0; i < x.rank; ++i) {
    if (i != axis)
      r[r.rank++] = x[i];
    else
      for (int k = 0; k < places.rank; ++k) r[r.rank++] = places[k];
  }
  return r;
}

}  // namespace tenon::detail
