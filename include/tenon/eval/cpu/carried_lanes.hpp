// Lanes of the dtypes that are computed in a wider one: integers of 8 and 16 bits as int32, uint32 as int64,
// 16-bit floating-point numbers as float. Each result is brought back into the range of its dtype (wrapped,
// or rounded) in the register, so a value's bits do not depend on what was fused with it.
#pragma once

#include "tenon/eval/cpu/lanes.hpp"

namespace tenon::host {

namespace detail {
template <class T>
struct carrier_of {
  using type = T;
};
template <class T>
requires(math::integer<T> && sizeof(T) <= 2 && !std::is_same_v<T, bool>) struct carrier_of<T> {
  using type = std::int32_t;
};
template <>
struct carrier_of<std::uint32_t> {
  using type = std::int64_t;
};
template <float_of_16_bits T>
struct carrier_of<T> {
  using type = float;
};
}  // namespace detail

template <class T>
using carrier = typename detail::carrier_of<T>::type;
template <class T>
concept carried = !std::is_same_v<carrier<T>, T>;

namespace detail {

/// Lane by lane; how it is done for the dtypes and processors that have no instructions for it.
template <class To, class From, class Unit, class F>
TENON_INLINE lanes<To, Unit> through_memory(const lanes<From, Unit>& a, F f) {
  alignas(4 * lane_count<Unit>) From from[lane_count<Unit>];
  alignas(4 * lane_count<Unit>) To to[lane_count<Unit>];
  a.store(from);
  for (int i = 0; i < lane_count<Unit>; ++i) to[i] = f(from[i]);
  return lanes<To, Unit>::load(to);
}

/// Values of the carrier as values of T: integers modulo 2^n, floats rounded.
template <class T, class Unit>
TENON_INLINE lanes<carrier<T>, Unit> narrowed(const lanes<carrier<T>, Unit>& a) {
  using wide [[maybe_unused]] = lanes<carrier<T>, Unit>;
#if defined(TENON_CPU_INTEGER_PACKETS)
  if constexpr (std::is_same_v<T, std::uint32_t>) {
    const auto low = isa::set(std::int64_t{0xffffffff});
    return wide::from(isa::bit_and(a.lo, low), isa::bit_and(a.hi, low));
  } else if constexpr (math::integer<T>) {
    constexpr int unused = 32 - 8 * int(sizeof(T));
    if constexpr (std::is_signed_v<T>)
      return wide::from(isa::shift_right<unused>(isa::shift_left<unused>(a.x)));
    else
      return wide::from(isa::bit_and(a.x, isa::set(std::int32_t{(1 << (32 - unused)) - 1})));
  } else if constexpr (std::is_same_v<T, bfloat16>) {
    return wide::from(isa::round_bfloat(a.x));
  } else
#endif
#if defined(TENON_CPU_HALVES)
      if constexpr (std::is_same_v<T, float16>) {
    return wide::from(isa::round_half(a.x));
  } else
#endif
  {
    using C = carrier<T>;
    return detail::through_memory<C>(a, [](C v) { return static_cast<C>(static_cast<T>(v)); });
  }
}

}  // namespace detail

template <class T, class Unit>
requires carried<T>
struct lanes<T, Unit> {
  static constexpr int count = lane_count<Unit>;
  using wide = lanes<carrier<T>, Unit>;

  wide w;  // each a value of T

  lanes() = default;
  TENON_INLINE explicit lanes(T a) : w(static_cast<carrier<T>>(a)) {}

  /// Of any values; `exactly`, of values that T has.
  TENON_INLINE static lanes from(const wide& a) { return exactly(detail::narrowed<T, Unit>(a)); }
  TENON_INLINE static lanes exactly(const wide& a) {
    lanes r;
    r.w = a;
    return r;
  }

  TENON_INLINE static lanes load(const T* p) {
#if defined(TENON_CPU_INTEGER_PACKETS)
    if constexpr (math::integer<T> && sizeof(T) <= 2) return exactly(wide::from(isa::load_small(p)));
    if constexpr (std::is_same_v<T, bfloat16>) return exactly(wide::from(isa::load_bfloat(p)));
#endif
#if defined(TENON_CPU_HALVES)
    if constexpr (std::is_same_v<T, float16>) return exactly(wide::from(isa::load_half(p)));
#endif
    alignas(4 * lane_count<Unit>) carrier<T> v[count];
    for (int i = 0; i < count; ++i) v[i] = static_cast<carrier<T>>(p[i]);
    return exactly(wide::load(v));
  }
  TENON_INLINE static lanes load_partial(const T* p, index n) {
    alignas(4 * lane_count<Unit>) T v[count];
    for (int i = 0; i < count; ++i) v[i] = p[i < n ? i : n - 1];
    return load(v);
  }
  TENON_INLINE void store(T* p) const {
#if defined(TENON_CPU_INTEGER_PACKETS)
    if constexpr (math::integer<T> && sizeof(T) <= 2) return isa::store_small(p, w.x);
    if constexpr (std::is_same_v<T, bfloat16>) return isa::store_bfloat(p, w.x);
#endif
#if defined(TENON_CPU_HALVES)
    if constexpr (std::is_same_v<T, float16>) return isa::store_half(p, w.x);
#endif
    alignas(4 * lane_count<Unit>) carrier<T> v[count];
    w.store(v);
    for (int i = 0; i < count; ++i) p[i] = static_cast<T>(v[i]);
  }
  TENON_INLINE void store_partial(T* p, index n) const {
    alignas(4 * lane_count<Unit>) T v[count];
    store(v);
    for (int i = 0; i < n; ++i) p[i] = v[i];
  }

  TENON_INLINE T first() const { return static_cast<T>(w.first()); }
  TENON_INLINE static lanes iota(T start) { return from(wide::iota(static_cast<carrier<T>>(start))); }

  /// In the carrier throughout: a float16's sum is rounded once.
  template <class Op>
  TENON_INLINE static T fold(const lanes& a, Op op) {
    return static_cast<T>(wide::fold(a.w, op));
  }
};

#define TENON_LANES_UNARY(name)                                                   \
  template <class T, class Unit>                                                  \
  requires carried<T> TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a) { \
    return lanes<T, Unit>::from(host::name(a.w));                                 \
  }
#define TENON_LANES_BINARY(name, made)                                                                     \
  template <class T, class Unit>                                                                           \
  requires carried<T> TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a, const lanes<T, Unit>& b) { \
    return lanes<T, Unit>::made(host::name(a.w, b.w));                                                     \
  }
#define TENON_LANES_COMPARE(name)                                                    \
  template <class T, class Unit>                                                     \
  requires carried<T> TENON_INLINE lanes<bool, Unit> name(const lanes<T, Unit>& a,   \
                                                          const lanes<T, Unit>& b) { \
    return host::name(a.w, b.w);                                                     \
  }
TENON_LANES_UNARY(negate)
TENON_LANES_UNARY(abs)
TENON_LANES_UNARY(sqrt)
TENON_LANES_UNARY(exp)
TENON_LANES_UNARY(log)
TENON_LANES_UNARY(tanh)
TENON_LANES_UNARY(sigmoid)
TENON_LANES_BINARY(add, from)
TENON_LANES_BINARY(subtract, from)
TENON_LANES_BINARY(multiply, from)
TENON_LANES_BINARY(divide, from)
TENON_LANES_BINARY(maximum, exactly)
TENON_LANES_BINARY(minimum, exactly)
TENON_LANES_COMPARE(less)
TENON_LANES_COMPARE(less_equal)
TENON_LANES_COMPARE(equal)
#undef TENON_LANES_UNARY
#undef TENON_LANES_BINARY
#undef TENON_LANES_COMPARE

template <class T, class Unit>
requires carried<T> TENON_INLINE lanes<bool, Unit> is_nan(const lanes<T, Unit>& a) {
  return host::is_nan(a.w);
}
template <class T, class Unit>
requires carried<T> TENON_INLINE lanes<T, Unit> where(lanes<bool, Unit> condition, const lanes<T, Unit>& a,
                                                      const lanes<T, Unit>& b) {
  return lanes<T, Unit>::exactly(host::where(condition, a.w, b.w));
}

}  // namespace tenon::host
