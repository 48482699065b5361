// A small array in registers: N elements, N known while compiling, and maps of elements that are known as
// well. Everything here is inlined; what is left are loads, permutations and stores.
#pragma once

#include "tenon/eval/cpu/functions.hpp"
#include "tenon/eval/cpu/tile_registers.hpp"

namespace tenon::host {

/// Whether elements are moved from register to register, in place of through memory.
template <class Unit>
#if defined(TENON_CPU_PERMUTES)
inline constexpr bool moves_in_registers = true;
#else
inline constexpr bool moves_in_registers = false;
#endif

/// N elements in lanes, row-major; the lanes behind the last hold anything.
template <class T, index N, class Unit>
struct tile {
  using vector = lanes<T, Unit>;
  static constexpr int width = lane_count<Unit>;
  static constexpr int parts = N > width ? int((N + width - 1) / width) : 1;
  vector part[parts];
};

namespace detail {

#if defined(TENON_CPU_PACKETS)
template <class T>
inline constexpr bool in_one = isa::single<T>;
template <class T>
inline constexpr bool in_two = isa::pair<T>;
#endif

template <index N, class T, class Unit>
TENON_HOST_INLINE void read_lanes(lanes<T, Unit>& to, const T* p) {
  constexpr int width = lane_count<Unit>;
  if constexpr (N >= width) {
    to = lanes<T, Unit>::load(p);
  } else
#if defined(TENON_CPU_PACKETS)
      if constexpr (in_one<T>) {
    to.x = isa::as(isa::load_bytes<int(N * sizeof(T))>(p), T{});
  } else if constexpr (in_two<T>) {
    constexpr int half = width / 2;
    to.lo = isa::as(isa::load_bytes<int((N < half ? N : half) * sizeof(T))>(p), T{});
    if constexpr (N > half)
      to.hi = isa::as(isa::load_bytes<int((N - half) * sizeof(T))>(p + half), T{});
    else
      to.hi = to.lo;
  } else
#endif
  {
    to = lanes<T, Unit>::load_partial(p, N);
  }
}
template <index N, class T, class Unit>
TENON_HOST_INLINE void write_lanes(T* p, const lanes<T, Unit>& from) {
  constexpr int width = lane_count<Unit>;
  if constexpr (N >= width) {
    from.store(p);
  } else
#if defined(TENON_CPU_PACKETS)
      if constexpr (in_one<T>) {
    isa::store_bytes<int(N * sizeof(T))>(p, isa::raw_of(from.x));
  } else if constexpr (in_two<T>) {
    constexpr int half = width / 2;
    isa::store_bytes<int((N < half ? N : half) * sizeof(T))>(p, isa::raw_of(from.lo));
    if constexpr (N > half) isa::store_bytes<int((N - half) * sizeof(T))>(p + half, isa::raw_of(from.hi));
  } else
#endif
  {
    from.store_partial(p, N);
  }
}

template <index N, int... K, class T, class Unit>
TENON_HOST_INLINE void read_parts(tile<T, N, Unit>& to, const T* p, std::integer_sequence<int, K...>) {
  (read_lanes<N - K * lane_count<Unit>>(to.part[K], p + K * lane_count<Unit>), ...);
}
template <index N, int... K, class T, class Unit>
TENON_HOST_INLINE void write_parts(T* p, const tile<T, N, Unit>& from, std::integer_sequence<int, K...>) {
  (write_lanes<N - K * lane_count<Unit>>(p + K * lane_count<Unit>, from.part[K]), ...);
}

}  // namespace detail

template <class T, index N, class Unit>
TENON_HOST_INLINE tile<T, N, Unit> read_tile(const T* p) {
  tile<T, N, Unit> t;
  if constexpr (N > 0)
    detail::read_parts<N>(t, p, std::make_integer_sequence<int, tile<T, N, Unit>::parts>{});
  else
    t.part[0] = lanes<T, Unit>(T{});
  return t;
}
template <class T, index N, class Unit>
TENON_HOST_INLINE void write_tile(T* p, const tile<T, N, Unit>& t) {
  if constexpr (N > 0)
    detail::write_parts<N>(p, t, std::make_integer_sequence<int, tile<T, N, Unit>::parts>{});
}

// ---- maps -------------------------------------------------------------------------------------------------

/// Element i of the result is element `Map::from(i)` of a tile, or `filler` where that is -1.
///
/// In registers of 4-byte words: a word's source is a word of one register. What each register of the result
/// needs of each of the source is one permutation, and a blend.
template <class Map, class T, index To, index From, class Unit>
struct moved_elements {
  using out = tile<T, To, Unit>;
  using in = tile<T, From, Unit>;
  static constexpr int width = lane_count<Unit>;

  /// Part K as it stands in part `at` of the source: nothing to do.
  static constexpr int same_part(int k) {
    int at = -1;
    for (int i = 0; i < width && k * width + i < To; ++i) {
      const index x = Map::from(k * width + i);
      if (x < 0 || x % width != i || (at >= 0 && at != x / width)) return -1;
      at = int(x / width);
    }
    return at;
  }
  static constexpr bool fills() {
    for (index i = 0; i < To; ++i)
      if (Map::from(i) < 0) return true;
    return false;
  }

#if defined(TENON_CPU_PERMUTES)
  static constexpr bool in_registers = detail::in_one<T> || detail::in_two<T>;
  static constexpr int per = detail::in_one<T> ? width : width / 2;  // elements of a register
  static constexpr int size = int(sizeof(T)) / 4;                    // words of an element
  static constexpr int sources = in::parts * (width / per);

  template <int Register, int Source>
  struct table {
    struct made {
      isa::word_table words{};
      unsigned used = 0;
      bool same = true;  // every word that is used is where it belongs
    };
    static constexpr made make() {
      made m;
      for (int i = 0; i < per; ++i) {
        const index to = Register * per + i;
        const index x = to < To ? Map::from(to) : -1;
        for (int w = 0; w < size; ++w) {
          const int at = i * size + w;
          const bool here = x >= 0 && x / per == Source;
          m.words.at[at] = here ? int(x % per) * size + w : at;
          if (here) m.used |= 1u << at;
          m.same = m.same && m.words.at[at] == at;
        }
      }
      return m;
    }
    static constexpr made value = make();
    static constexpr isa::word_table words = value.words;
    static constexpr isa::word_moves moves{value.words, value.used};
  };
  static constexpr unsigned every = (1u << isa::word_count) - 1;

  template <int S>
  static TENON_HOST_INLINE isa::raw source(const in& x) {
    if constexpr (detail::in_one<T>)
      return isa::raw_of(x.part[S].x);
    else if constexpr (S % 2 == 0)
      return isa::raw_of(x.part[S / 2].lo);
    else
      return isa::raw_of(x.part[S / 2].hi);
  }
  template <int R, int S>
  static TENON_HOST_INLINE void add_source(isa::raw& r, bool& begun, const in& x) {
    if constexpr (table<R, S>::value.used != 0) {
      isa::raw a = source<S>(x);
      if constexpr (!table<R, S>::value.same) a = isa::permuted<table<R, S>>(a);
      r = begun ? isa::blended<table<R, S>::value.used & every>(r, a) : a;
      begun = true;
    }
  }
  template <int R, int... S>
  static TENON_HOST_INLINE isa::raw one(const in& x, isa::raw filler, std::integer_sequence<int, S...>) {
    isa::raw r = filler;
    bool begun = fills();
    (add_source<R, S>(r, begun, x), ...);
    return r;
  }
  template <int R>
  static TENON_HOST_INLINE isa::raw one(const in& x, isa::raw filler) {
    return one<R>(x, filler, std::make_integer_sequence<int, sources>{});
  }
#else
  static constexpr bool in_registers = false;
#endif

  template <int K>
  static TENON_HOST_INLINE void part(out& r, const in& x, [[maybe_unused]] const T& filler) {
    if constexpr (same_part(K) >= 0) {
      r.part[K] = x.part[same_part(K)];
    } else if constexpr (in_registers) {
#if defined(TENON_CPU_PERMUTES)
      if constexpr (detail::in_one<T>) {
        r.part[K].x = isa::as(one<K>(x, isa::raw_of(isa::set(filler))), T{});
      } else {
        const isa::raw f = isa::raw_of(isa::set(filler));
        r.part[K].lo = isa::as(one<2 * K>(x, f), T{});
        r.part[K].hi = isa::as(one<2 * K + 1>(x, f), T{});
      }
#endif
    }
  }
  template <int... K>
  static TENON_HOST_INLINE out run(const in& x, const T& filler, std::integer_sequence<int, K...>) {
    out r;
    if constexpr (in_registers || ((same_part(K) >= 0) && ...)) {
      (part<K>(r, x, filler), ...);
    } else {
      T from[in::parts * width];
      T to[out::parts * width];
      for (int k = 0; k < in::parts; ++k) x.part[k].store(from + k * width);
      for (int i = 0; i < out::parts * width; ++i) {
        const index at = i < To ? Map::from(i) : Map::from(To - 1);
        to[i] = at < 0 ? filler : from[at];
      }
      ((r.part[K] = lanes<T, Unit>::load(to + K * width)), ...);
    }
    return r;
  }
  static TENON_HOST_INLINE out run(const in& x, const T& filler) {
    return run(x, filler, std::make_integer_sequence<int, out::parts>{});
  }
};
template <class Map, index To, class T, index From, class Unit>
TENON_HOST_INLINE tile<T, To, Unit> move_elements(const tile<T, From, Unit>& x, const T& filler = T{}) {
  if constexpr (To > 0 && From > 0) {
    return moved_elements<Map, T, To, From, Unit>::run(x, filler);
  } else {
    tile<T, To, Unit> r;
    for (auto& p : r.part) p = lanes<T, Unit>(filler);
    return r;
  }
}

// ---- arithmetic -------------------------------------------------------------------------------------------

/// a * b + c, in one rounding where the processor has that.
template <class T, class Unit>
TENON_HOST_INLINE lanes<T, Unit> multiply_add(const lanes<T, Unit>& a, const lanes<T, Unit>& b,
                                              const lanes<T, Unit>& c) {
#if defined(TENON_CPU_PACKETS)
  if constexpr (std::is_same_v<T, float>)
    return lanes<T, Unit>::from(isa::multiply_add(a.x, b.x, c.x));
  else if constexpr (std::is_same_v<T, double>)
    return lanes<T, Unit>::from(isa::multiply_add(a.lo, b.lo, c.lo), isa::multiply_add(a.hi, b.hi, c.hi));
  else
#endif
  {
    using namespace math;
    return add(multiply(a, b), c);
  }
}

/// [rows, N] to [N]: halves are combined until one row is left, a tree that the shape alone fixes.
template <class Op, index Rows, index N, class T, class Unit>
TENON_HOST_INLINE auto fold_rows(const tile<T, Rows * N, Unit>& x) {
  if constexpr (Rows == 1) {
    return x;
  } else if constexpr (N == 1 && Rows == lane_count<Unit>) {  // as kernels end a row
    tile<T, 1, Unit> r;
    r.part[0] =
        lanes<T, Unit>(lanes<T, Unit>::fold(x.part[0], [](auto a, auto b) { return Op::combine(a, b); }));
    return r;
  } else {
    constexpr index lower = (Rows + 1) / 2;
    struct upper {
      static constexpr index from(index i) { return i + lower * N < Rows * N ? i + lower * N : -1; }
    };
    struct same {
      static constexpr index from(index i) { return i; }
    };
    const T none = Op::template identity<T>();
    tile<T, lower * N, Unit> a = move_elements<same, lower * N>(x, none);
    const tile<T, lower * N, Unit> b = move_elements<upper, lower * N>(x, none);
    for (int k = 0; k < tile<T, lower * N, Unit>::parts; ++k) a.part[k] = Op::combine(a.part[k], b.part[k]);
    return fold_rows<Op, lower, N>(a);
  }
}

}  // namespace tenon::host
