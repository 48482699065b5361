// Sorting lines of numbers: radix sort by bytes, least significant first, on unsigned keys that have the
// numbers' order; short lines by comparisons. NaN is last. On 2^20 random numbers it takes about a tenth of
// the time of std::sort on places (bench: docs/architecture.md, decision o).
#pragma once

#include <algorithm>
#include <bit>
#include <memory>

#include "tenon/core/math.hpp"
#include "tenon/graph/op.hpp"
#include "tenon/ops/walks.hpp"

namespace tenon::detail {

/// Memory that a thread keeps for ops that need some while they run: it only grows.
inline std::byte* scratch(std::size_t bytes) {
  static thread_local std::unique_ptr<std::max_align_t[]> held;
  static thread_local std::size_t have = 0;
  if (have < bytes) {
    held.reset();
    have = 0;
    held = std::make_unique<std::max_align_t[]>(bytes / sizeof(std::max_align_t) + 1);
    have = bytes;
  }
  return reinterpret_cast<std::byte*>(held.get());
}

/// with_type of the dtypes that have an order.
template <class F>
void with_ordered_type(dtype type, F f) {
  with_type(type, [&]<class T>(T v) {
    if constexpr (!complex_number<T>) f(v);
  });
}

/// Numbers as unsigned keys of the same order, and back.
template <class T>
struct order_key {
  using type = typename unsigned_of<int(sizeof(T))>::type;
  static constexpr bool floating = is_floating(dtype_of<T>);
  static constexpr type top = type(type(1) << (8 * sizeof(T) - 1)), most = type(~type(0));
  static constexpr bool is_signed = floating || std::is_signed_v<T>;

  /// Negative floats descend as their bits ascend. With Joined, what compares equal has one key: 0 and -0,
  /// all NaN; without, of() gives back the number, a NaN without its sign.
  template <bool Joined>
  static type of(T v) {
    type b = std::bit_cast<type>(v);
    if constexpr (floating) {
      if (math::is_nan(v)) return Joined ? most : type(b | top);
      if (Joined && type(b << 1) == 0) b = 0;
      return (b & top) != 0 ? type(~b) : type(b | top);
    } else {
      return is_signed ? type(b ^ top) : b;
    }
  }
  static T back(type k) {
    if constexpr (floating)
      return std::bit_cast<T>((k & top) != 0 ? type(k ^ top) : type(~k));
    else
      return std::bit_cast<T>(is_signed ? type(k ^ top) : k);
  }
};
/// A key and where it came from.
template <class Key, class Place>
struct keyed {
  Key key;
  Place place;
};
template <class Key>
constexpr Key key_of(Key k) {
  return k;
}
template <class Key, class Place>
constexpr Key key_of(const keyed<Key, Place>& k) {
  return k.key;
}

/// Sorts n items by their keys, stably, with room for n more; returns where they are then.
template <class Item>
Item* radix_sort(Item* from, Item* room, index n) {
  using key_type = decltype(key_of(*from));
  constexpr int digits = int(sizeof(key_type));
  index count[digits][256] = {};
  for (index i = 0; i < n; ++i) {
    key_type k = key_of(from[i]);
    for (int d = 0; d < digits; ++d, k = key_type(k >> (digits > 1 ? 8 : 0))) ++count[d][k & 255];
  }
  for (int d = 0; d < digits; ++d) {
    const auto digit = [d](const Item& x) { return (key_of(x) >> (8 * d)) & 255; };
    if (count[d][digit(from[0])] == n) continue;  // all keys share it
    index at = 0;
    for (index& c : count[d]) {
      const index begin = at;
      at += c;
      c = begin;
    }
    for (index i = 0; i < n; ++i) room[count[d][digit(from[i])]++] = from[i];
    std::swap(from, room);
  }
  return from;
}

/// Lines shorter than this are sorted by comparisons: filling the radix sort's tables would cost more.
inline constexpr index short_line = 200;

/// Sorts n items by comparisons: the fewest by insertion, stably.
template <class Item, class Before>
void sort_short(Item* a, index n, Before before) {
  if (n > 24) return std::sort(a, a + n, before);
  for (index i = 1; i < n; ++i) {
    const Item x = a[i];
    index k = i;
    for (; k > 0 && before(x, a[k - 1]); --k) a[k] = a[k - 1];
    a[k] = x;
  }
}

/// Writes n numbers, `step` apart, in order.
template <class T>
void sort_line(const T* x, index step, index n, T* to, bool descending) {
  using order = order_key<T>;
  using key = typename order::type;
  if (n == 0) return;
  key* a = reinterpret_cast<key*>(scratch(std::size_t(2 * n) * sizeof(key)));
  index numbers = 0, last = n;  // NaN goes to the end at once
  for (index i = 0; i < n; ++i) {
    const T v = x[i * step];
    const key k = order::template of<false>(v);
    if (math::is_nan(v))
      a[--last] = k;
    else
      a[numbers++] = k;
  }
  const key* sorted = a;
  if (numbers < short_line)
    sort_short(a, numbers, [](key p, key q) { return p < q; });
  else
    sorted = radix_sort(a, a + n, numbers);
  for (index i = 0; i < numbers; ++i) to[i] = order::back(sorted[descending ? numbers - 1 - i : i]);
  for (index i = numbers; i < n; ++i) to[i] = order::back(a[i]);
}

/// Writes the first `count` places of n numbers, `step` apart, in their order; equal ones keep theirs.
template <class T, class Place>
void argsort_line(const T* x, index step, index n, std::int64_t* to, bool descending, index count) {
  using order = order_key<T>;
  using item = keyed<typename order::type, Place>;
  item* a = reinterpret_cast<item*>(scratch(std::size_t(2 * n) * sizeof(item)));
  for (index i = 0; i < n; ++i) {
    const T v = x[i * step];
    const auto k = order::template of<true>(v);
    using key = typename order::type;
    a[i] = {descending && !math::is_nan(v) ? key(~k) : k, static_cast<Place>(i)};
  }
  const item* sorted = a;
  if (n < short_line)
    sort_short(a, n, [](const item& p, const item& q) {
      return p.key != q.key ? p.key < q.key : p.place < q.place;
    });
  else
    sorted = radix_sort(a, a + n, n);
  for (index i = 0; i < count; ++i) to[i] = static_cast<std::int64_t>(sorted[i].place);
}
template <class T>
void argsort_line(const T* x, index step, index n, std::int64_t* to, bool descending, index count) {
  if (n == 0) return;
  if (n <= index(0xffffffff))
    argsort_line<T, std::uint32_t>(x, step, n, to, descending, count);
  else
    argsort_line<T, std::uint64_t>(x, step, n, to, descending, count);
}

/// What sorting a line of n costs, in nanoseconds.
inline index sorting_cost(index n, dtype type) { return 20 + n * (n < short_line ? 10 : 2 + size_of(type)); }

/// Writes the places of the `count` greatest of n numbers, the greatest first, of equal ones the first first;
/// NaN is least. Few are kept in a heap whose worst is at hand: most blocks of numbers then cost one
/// comparison each, and 10 of each of 1000 lines of 1000 floats take 2.4 ms where sorting takes 6.9.
template <class T>
void greatest_of_line(const T* x, index step, index n, std::int64_t* to, index count) {
  if (count == 0) return;
  if (count * 8 > n) return argsort_line<T>(x, step, n, to, true, count);
  using order = order_key<T>;
  using key = typename order::type;
  struct item {
    key rank;
    index place;
  };
  const auto better = [](const item& p, const item& q) {
    return p.rank != q.rank ? p.rank > q.rank : p.place < q.place;
  };
  const auto rank = [](T v) { return math::is_nan(v) ? key(0) : order::template of<true>(v); };
  item* const kept = reinterpret_cast<item*>(scratch(std::size_t(count) * sizeof(item)));
  for (index i = 0; i < count; ++i) kept[i] = {rank(x[i * step]), i};
  std::make_heap(kept, kept + count, better);
  T least = x[kept[0].place * step];  // nothing that is not greater comes in
  const auto take = [&](index i) {
    const key k = rank(x[i * step]);
    if (k <= kept[0].rank) return;
    std::pop_heap(kept, kept + count, better);
    kept[count - 1] = {k, i};
    std::push_heap(kept, kept + count, better);
    least = x[kept[0].place * step];
  };
  constexpr index block = 32;
  constexpr bool plain = std::is_arithmetic_v<T>;
  index i = count;
  if (step == 1 && plain)
    for (; i + block <= n; i += block) {
      if (!math::is_nan(least)) {
        T v[block];
        std::memcpy(v, x + i, sizeof v);
        int greater = 0;
        if constexpr (plain)
          for (index k = 0; k < block; ++k) greater |= v[k] > least ? 1 : 0;
        if (greater == 0) continue;
      }
      for (index k = 0; k < block; ++k) take(i + k);
    }
  for (; i < n; ++i) take(i);
  std::sort_heap(kept, kept + count, better);
  for (index k = 0; k < count; ++k) to[k] = kept[k].place;
}

}  // namespace tenon::detail
