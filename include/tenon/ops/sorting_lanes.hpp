// Sorting many lines at once, one in each lane of vector registers: a network compares rows of lanes, and
// takes no branch.
//
// Blocks of rows are sorted in registers by Batcher's odd-even merges; longer ones are merged as bitonic
// sequences, where two sorted blocks of p rows first compare row i of one with row p - 1 - i of the other,
// and then rows p/2, p/4, ... apart; two or three of these levels each time that rows are in registers. Rows
// behind the last count as greater than all others, and no comparison moves them. Lines of 1000 floats take
// 1.5 ns an element, by bytes (sorting.hpp) 8.6.
#pragma once

#include "tenon/core/transposing.hpp"
#include "tenon/eval/cpu/lane_operators.hpp"
#include "tenon/ops/sorting.hpp"

namespace tenon::detail {

/// Numbers as signed keys of the same order, or of the contrary one where `flip` is -1 and not 0; NaN is last
/// in both, and loses its sign.
template <class T>
struct lane_key {
  using type = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  static constexpr bool floating = std::is_floating_point_v<T>, is_signed = floating || std::is_signed_v<T>;
  static constexpr type most = std::numeric_limits<type>::max(), least = std::numeric_limits<type>::min();

  static constexpr type turned(type b) {
    return floating ? type(b ^ ((b >> (8 * sizeof(T) - 1)) & most)) : b;
  }
  static constexpr type infinity() {
    if constexpr (floating)
      return std::bit_cast<type>(std::numeric_limits<T>::infinity());
    else
      return most;
  }
  TENON_HOST_INLINE static type of(T v, type flip) {
    const type b = type(std::bit_cast<type>(v) ^ (is_signed ? 0 : least));
    const type k = type(turned(b) ^ flip);
    return (b & most) > infinity() && floating ? type(b & most) : k;
  }
  TENON_HOST_INLINE static T back(type k, type flip) {
    const type b = type(turned(type(k ^ flip)) ^ (is_signed ? 0 : least));
    return std::bit_cast<T>(k > infinity() && floating ? k : b);
  }
};

/// Comparators of Batcher's odd-even merge sort of n rows, n a power of two.
struct comparator {
  int low, high;
};
template <int N>
struct odd_even_network {
  static constexpr int most = N * N;
  comparator at[most]{};
  int size = 0;
  constexpr odd_even_network() {
    for (int p = 1; p < N; p *= 2)
      for (int k = p; k >= 1; k /= 2)
        for (int j = k % p; j + k < N; j += 2 * k)
          for (int i = 0; i < k && i + j + k < N; ++i)
            if ((i + j) / (2 * p) == (i + j + k) / (2 * p)) at[size++] = {i + j, i + j + k};
  }
};

/// n rows of lanes, sorted lane by lane.
template <class Key, class Unit>
struct lane_sort {
  using row = host::lanes<Key, Unit>;
  static constexpr index width = host::lane_count<Unit>;
  static constexpr int block = sizeof(Key) == 4 ? 16 : 8;  // rows that registers hold

  static TENON_NOINLINE void sort(Key* a, index n) {
    index power = block;
    while (power < n) power *= 2;
    sort(a, n, power);
  }

 private:
  static TENON_HOST_INLINE void order(row& a, row& b) {
    const row low = host::minimum(a, b);
    b = host::maximum(a, b);
    a = low;
  }
  /// Loads Count rows, `step` apart, calls f on them and puts them back. Where not all are there, those from
  /// row `end` on stand for greater ones.
  template <int Count, bool Whole, class F>
  static TENON_HOST_INLINE void with_rows(Key* a, index first, index step, index end, F f) {
    row r[Count];
    for (int i = 0; i < Count; ++i)
      r[i] = Whole || first + i * step < end ? row::load(a + (first + i * step) * width)
                                             : row(std::numeric_limits<Key>::max());
    f(r);
    for (int i = 0; i < Count; ++i)
      if (Whole || first + i * step < end) r[i].store(a + (first + i * step) * width);
  }

  template <int... C>
  static TENON_HOST_INLINE void compare(row* r, std::integer_sequence<int, C...>) {
    (order(r[network.at[C].low], r[network.at[C].high]), ...);
  }
  static constexpr odd_even_network<block> network{};
  static TENON_HOST_INLINE void sort_block(row* r) {
    compare(r, std::make_integer_sequence<int, network.size>{});
  }
  template <int Count>
  static TENON_HOST_INLINE void merge_rows(row* r) {
    for (int k = Count / 2; k >= 1; k /= 2)
      for (int i = 0; i < Count; ++i)
        if ((i & k) == 0) order(r[i], r[i + k]);
  }

  static void sort(Key* a, index n, index power) {
    if (power == block) {
      if (n == block)
        with_rows<block, true>(a, 0, 1, n, [](row* r) { sort_block(r); });
      else
        with_rows<block, false>(a, 0, 1, n, [](row* r) { sort_block(r); });
      return;
    }
    const index half = power / 2;
    sort(a, n < half ? n : half, half);
    if (n <= half) return;
    sort(a + half * width, n - half, half);
    merge_first(a, n, half);
    for (index k = half / 4; k >= 1;)
      if (k >= 4) {
        merge_levels<8>(a, n, k);
        k /= 8;
      } else if (k >= 2) {
        merge_levels<4>(a, n, k);
        k /= 4;
      } else {
        merge_levels<2>(a, n, k);
        k /= 2;
      }
  }
  /// Rows i and 2p - 1 - i, then those p / 2 apart, of two sorted blocks of p rows.
  static void merge_first(Key* a, index n, index p) {
    const auto at = [&](index i) { return a + i * width; };
    for (index i = 0; i < p / 2; ++i) {
      const index j = i + p / 2, k = p + p / 2 - 1 - i, l = 2 * p - 1 - i;
      row x = row::load(at(i)), y = row::load(at(j));
      if (l < n) {
        row z = row::load(at(k)), w = row::load(at(l));
        order(x, w);
        order(y, z);
        order(z, w);
        z.store(at(k));
        w.store(at(l));
      } else if (k < n) {
        row z = row::load(at(k));
        order(y, z);
        z.store(at(k));
      }
      order(x, y);
      x.store(at(i));
      y.store(at(j));
    }
  }
  /// Rows k, k / 2, ... apart: as many levels as Count rows have.
  template <int Count>
  static void merge_levels(Key* a, index n, index k) {
    const index step = 2 * k / Count;
    for (index first = 0; first < n; first += 2 * k)
      for (index i = first; i < first + step && i < n; ++i)
        if (i + (Count - 1) * step < n)
          with_rows<Count, true>(a, i, step, n, [](row* r) { merge_rows<Count>(r); });
        else
          with_rows<Count, false>(a, i, step, n, [](row* r) { merge_rows<Count>(r); });
  }
};

/// Whether lines of n elements are sorted many at once, where there are as many.
template <class T, class Unit>
constexpr bool sorts_in_lanes(index n, index lines) {
  constexpr bool integers =
      Unit::vector == vector_extension::avx2 || Unit::vector == vector_extension::avx512;
  return integers && std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8) &&
         n * index(sizeof(T)) <= 65536 && (sizeof(T) == 4 ? 4 : 2) * lines >= host::lane_count<Unit>;
}

/// Sorts as many lines as there are lanes, or fewer, of n elements `step` bytes apart; each goes to elements
/// that follow each other.
template <class T, class Unit>
TENON_NOINLINE void sort_lanes(const std::byte* const* from, std::byte* const* to, index lines, index step,
                               index n, bool descending) {
  using order = lane_key<T>;
  using key = typename order::type;
  constexpr index width = host::lane_count<Unit>, part = 64, size = index(sizeof(T));
  const key flip = descending ? key(-1) : key(0);
  key* const rows = reinterpret_cast<key*>(scratch(std::size_t((n + 1) * width) * sizeof(key) + 64));
  alignas(64) key keys[width][part];
  for (index first = 0; first < n; first += part) {
    const index count = n - first < part ? n - first : part;
    for (index l = 0; l < width; ++l) {
      const std::byte* const x = from[l < lines ? l : 0] + first * step;
      if (step == size)
        for (index i = 0; i < count; ++i) keys[l][i] = order::of(reinterpret_cast<const T*>(x)[i], flip);
      else
        for (index i = 0; i < count; ++i)
          keys[l][i] = order::of(*reinterpret_cast<const T*>(x + i * step), flip);
    }
    transpose_lines<size>(reinterpret_cast<std::byte*>(rows + first * width), width * size,
                          reinterpret_cast<const std::byte*>(keys), part * size, count, width);
  }
  lane_sort<key, Unit>::sort(rows, n);
  for (index first = 0; first < n; first += part) {
    const index count = n - first < part ? n - first : part;
    transpose_lines<size>(reinterpret_cast<std::byte*>(keys), part * size,
                          reinterpret_cast<const std::byte*>(rows + first * width), width * size, width,
                          count);
    for (index l = 0; l < lines; ++l) {
      T* const y = reinterpret_cast<T*>(to[l]) + first;
      for (index i = 0; i < count; ++i) y[i] = order::back(keys[l][i], flip);
    }
  }
}

/// Sorts the lines along the last axis of x into those of y, which follow each other.
template <class T, class Unit>
void sort_lines(const array_access& x, const array_access& y, bool descending) {
  const int axis = x.rank - 1;
  const index n = x.extent[axis], step = x.stride[axis];
  if constexpr (sorts_in_lanes<T, Unit>(0, host::lane_count<Unit>)) {
    constexpr index width = host::lane_count<Unit>, size = index(sizeof(T));
    outer_walk<2> walk;
    for (int a = 0; a < axis; ++a) walk.add(x.extent[a], {x.stride[a] * size, y.stride[a] * size});
    if (n > 1 && sorts_in_lanes<T, Unit>(n, walk.count)) {
      share((walk.count + width - 1) / width, 50 + n * 20 * (size / 4), [&](index begin, index end) {
        const std::byte* from[width];
        std::byte* to[width];
        for (index g = begin; g < end; ++g) {
          index lines = 0;
          walk.each(g * width, g * width + width < walk.count ? g * width + width : walk.count,
                    [&](const index* at) {
                      from[lines] = x.data + at[0];
                      to[lines++] = y.data + at[1];
                    });
          sort_lanes<T, Unit>(from, to, lines, step * size, n, descending);
        }
      });
      return;
    }
  }
  share_lines(x, y, axis, sorting_cost(n, x.type), [&](const std::byte* from, std::byte* to) {
    sort_line(reinterpret_cast<const T*>(from), step, n, reinterpret_cast<T*>(to), descending);
  });
}

}  // namespace tenon::detail
