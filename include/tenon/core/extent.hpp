// Extents of tensors: a size, a name, or `dyn`; how users write them, how types spell them, and what they are
// as values inside constant evaluations and at run time.
#pragma once

#include <bit>
#include <type_traits>
#include <utility>

#include "tenon/core/config.hpp"

namespace tenon {

// ---- as the user writes them: tensor<float, "batch", 784, dyn> --------------------------------------------

/// One extent: a size, a name of at most 16 characters, or `dyn`.
struct extent {
  index size;
  std::uint64_t low = 0, high = 0;  // the name's characters, eight to a word: an array member would stop nvcc

  constexpr extent(int n) : size(n) {}
  constexpr extent(index n) : size(n) {}
  /// Member by member: how nvcc writes a template argument of class type into the host's code.
  constexpr extent(index n, std::uint64_t a, std::uint64_t b) : size(n), low(a), high(b) {}
  template <std::size_t N>
  constexpr extent(const char (&text)[N]) : size(-1), low(pack(text, N, 0)), high(pack(text, N, 8)) {
    static_assert(N >= 2 && N <= 17, "tenon: the name of an extent has 1 to 16 characters");
  }
  constexpr bool operator==(const extent&) const = default;
  constexpr bool is_named() const { return low != 0; }
  constexpr int length() const {
    int n = 0;
    while (n < 16 && letter(n) != 0) ++n;
    return n;
  }
  constexpr char letter(int i) const {
    return static_cast<char>(((i < 8 ? low : high) >> (8 * (i % 8))) & 255U);
  }

 private:
  static constexpr std::uint64_t pack(const char* text, std::size_t n, std::size_t from) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 8 && from + i + 1 < n; ++i)
      word |= std::uint64_t(static_cast<unsigned char>(text[from + i])) << (8 * i);
    return word;
  }
};

/// An extent that only run time knows.
inline constexpr extent dyn{-1};

// ---- as types spell them: plain chars and ints, readable in messages of every compiler and fit for nvcc ---

template <index N>
struct size {};
template <char... Letters>
struct named {
  static constexpr char text[sizeof...(Letters) + 1] = {Letters..., 0};
};
struct dyn_size {};

template <class... Dims>
struct shape {
  static constexpr int rank = sizeof...(Dims);
};

/// The shape of operands inside derivative rules, which hold for every shape.
struct any_shape {};

namespace detail {
template <extent E, class = std::make_integer_sequence<int, E.length()>>
struct spell_name;
template <extent E, int... I>
struct spell_name<E, std::integer_sequence<int, I...>> {
  using type = named<E.letter(I)...>;
};
constexpr int kind_of(extent e) { return e.is_named() ? 2 : e.size < 0 ? 1 : 0; }
template <extent E, int Kind = kind_of(E)>
struct spell {
  using type = size<E.size>;
};
template <extent E>
struct spell<E, 1> {
  using type = dyn_size;
};
template <extent E>
struct spell<E, 2> : spell_name<E> {};
}  // namespace detail

template <extent E>
using spelled = typename detail::spell<E>::type;
template <extent... E>
using shape_of_extents = shape<spelled<E>...>;

// ---- as values --------------------------------------------------------------------------------------------

/// The code of an extent: its size when static, else a negative number that says which unknown it is.
///
/// Equal codes mean equal extents. Names and dynamic extents are numbered by the graph that they appear in.
inline constexpr index dyn_code = -1;           // in types: some dynamic extent
inline constexpr index first_name_code = -2;    // -2, -3, ...: the names of a graph, in order
inline constexpr index first_dyn_code = -1000;  // -1000, -1001, ...: the dynamic extents of a graph's leaves

constexpr bool is_static(index code) { return code >= 0; }
constexpr bool is_dynamic(index code) { return code == dyn_code || code <= first_dyn_code; }
constexpr bool is_name(index code) { return code <= first_name_code && code > first_dyn_code; }

/// An extent inside a shape rule: its code, and its size where that is known (else -1).
struct dim {
  index code = 1, size = 1;
  constexpr bool operator==(const dim&) const = default;
};

constexpr dim static_dim(index n) { return {n, n}; }

/// A shape inside a shape rule.
struct extents {
  int rank = 0;
  dim d[max_rank]{};

  constexpr dim& operator[](int i) { return d[i]; }
  constexpr const dim& operator[](int i) const { return d[i]; }
  /// The i-th extent from the right; 1 beyond the left end, as broadcasting has it.
  constexpr dim from_right(int i) const { return i < rank ? d[rank - 1 - i] : static_dim(1); }
};

/// Why a shape rule refused its operands.
enum class misfit { none, sizes, names, rank, axis, elements, range };

/// How a shape rule joins extents, and what came of it. One rule serves three uses: types, graphs and
/// run-time sizes.
///
/// The table (also in docs/architecture.md), for extents that meet under broadcasting:
///
///   static m, static n    equal, or one is 1: the other
///   name, the same name   that name
///   name, another name    never, whatever their sizes are
///   name, static n        n = 1: the name; else n, and the name must have that size
///   dyn, dyn              dyn; equal sizes, or one is 1
///   dyn, anything else    the other (static 1: dyn), and the sizes must be equal
struct shape_scope {
  misfit error = misfit::none;
  dim left{}, right{};  // the extents that did not fit
  index* dynamic =
      nullptr;  // optional: classes of dynamic extents assumed equal, by number (a union-find forest)
  bool assumed_wrong = false;  // at run time: extents of one class differ, as broadcasting allows
  void (*meet)(void*, const dim&, const dim&) = nullptr;  // optional: told of extents that must be equal
  void* met = nullptr;

  constexpr index find(index code) const {
    while (dynamic[first_dyn_code - code] != code) code = dynamic[first_dyn_code - code];
    return code;
  }

  constexpr dim fail(misfit why, dim a, dim b) {
    if (error == misfit::none) {
      error = why;
      left = a;
      right = b;
    }
    return a;
  }

  /// Extents that must be equal: no broadcasting.
  constexpr dim equate(dim a, dim b) {
    if (is_name(a.code) && is_name(b.code) && a.code != b.code) return fail(misfit::names, a, b);
    if (a.size >= 0 && b.size >= 0 && a.size != b.size) return fail(misfit::sizes, a, b);
    if (meet != nullptr) meet(met, a, b);
    if (dynamic != nullptr && a.code <= first_dyn_code && b.code <= first_dyn_code) {
      const index x = find(a.code), y = find(b.code);
      if (x != y) dynamic[first_dyn_code - (x < y ? x : y)] = x < y ? y : x;
    }
    const dim known = is_static(a.code)   ? a
                      : is_static(b.code) ? b
                      : is_name(a.code)   ? a
                      : is_name(b.code)   ? b
                                          : a;
    return {known.code, a.size >= 0 ? a.size : b.size};
  }

  /// Extents that meet under broadcasting: the table above.
  constexpr dim broadcast(dim a, dim b) {
    if (a.code == 1) return b;
    if (b.code == 1) return a;
    if (is_dynamic(a.code) && is_dynamic(b.code) && a.size >= 0 && b.size >= 0 && a.size != b.size &&
        (a.size == 1 || b.size == 1)) {
      if (a.code == b.code) assumed_wrong = true;
      return a.size == 1 ? b : a;
    }
    if (dynamic == nullptr && is_dynamic(a.code) && is_dynamic(b.code) && a.code != b.code && a.size < 0)
      return {dyn_code, -1};  // either may turn out to be 1
    return equate(a, b);
  }
};

TENON_COLD constexpr extents broadcast_extents(shape_scope& scope, const extents& a, const extents& b) {
  extents r;
  r.rank = a.rank > b.rank ? a.rank : b.rank;
  for (int i = 0; i < r.rank; ++i) r[r.rank - 1 - i] = scope.broadcast(a.from_right(i), b.from_right(i));
  return r;
}

}  // namespace tenon
