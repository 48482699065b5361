// A fixed number of values of one dtype held in vector registers: what a value rule is evaluated on, on a
// CPU.
//
// On x86 float and double are vector registers and bool is what a float comparison yields; from AVX2 on the
// integers are registers too. The rest, and everything on other processors and under nvcc, is an array with
// fixed-trip loops that the compiler vectorises. Smaller types and complex numbers are made of these in
// carried_lanes.hpp.
#pragma once

#include "tenon/eval/cpu/hyperbolic_registers.hpp"

namespace tenon::host {

/// lane_count<Unit> values of dtype T: float, double, std::int32_t, std::int64_t or bool. Here as an array.
template <class T, class Unit = this_unit>
struct lanes {
  static constexpr int count = lane_count<Unit>;

  alignas(4 * lane_count<Unit>) T v[count];

  lanes() = default;
  TENON_INLINE explicit lanes(T a) {
    for (int i = 0; i < count; ++i) v[i] = a;
  }

  TENON_INLINE static lanes load(const T* p) {
    lanes r;
    std::memcpy(r.v, p, sizeof r.v);
    return r;
  }
  /// Reads p[0] to p[n - 1], 1 <= n < count; the other lanes repeat the last.
  TENON_INLINE static lanes load_partial(const T* p, index n) {
    lanes r;
    for (int i = 0; i < count; ++i) r.v[i] = p[i < n ? i : n - 1];
    return r;
  }
  TENON_INLINE void store(T* p) const { std::memcpy(p, v, sizeof v); }
  TENON_INLINE void store_partial(T* p, index n) const {
    for (int i = 0; i < n; ++i) p[i] = v[i];
  }

  TENON_INLINE T first() const { return v[0]; }

  /// start, start + 1, ...
  TENON_INLINE static lanes iota(T start) {
    lanes r;
    for (int i = 0; i < count; ++i) r.v[i] = math::add(start, static_cast<T>(i));
    return r;
  }

  /// Combines lanes by halves: i with i + count/2, and so on. `op` is called on scalars or on lanes.
  template <class Op>
  TENON_INLINE static T fold(const lanes& x, Op op) {
    lanes r = x;
    for (int half = count / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; ++i) r.v[i] = op(r.v[i], r.v[i + half]);
    }
    return r.v[0];
  }
};

#if defined(TENON_CPU_PACKETS)

/// Truth values: all-ones 32-bit lanes, or a mask register with AVX-512. In memory a byte of 0 or 1 each.
template <class Unit>
struct lanes<bool, Unit> {
  static constexpr int count = lane_count<Unit>;

  isa::mask m;

  lanes() = default;
  TENON_INLINE explicit lanes(bool a) : m(isa::mask_set(a)) {}

  TENON_INLINE static lanes from(isa::mask a) {
    lanes r;
    r.m = a;
    return r;
  }
  /// To and from `count` words of 0 or -1, the form that arrays compute with.
  TENON_INLINE static lanes from_words(const std::int32_t* p) { return from(isa::from_words(p)); }
  TENON_INLINE void to_words(std::int32_t* p) const { isa::to_words(m, p); }

  TENON_INLINE static lanes load(const bool* p) { return from(isa::from_bytes(p)); }
  TENON_INLINE static lanes load_partial(const bool* p, index n) {
    bool b[count];
    for (int i = 0; i < count; ++i) b[i] = p[i < n ? i : n - 1];
    return load(b);
  }
  TENON_INLINE void store(bool* p) const { isa::to_bytes(m, p); }
  TENON_INLINE void store_partial(bool* p, index n) const {
    bool b[count];
    store(b);
    for (int i = 0; i < n; ++i) p[i] = b[i];
  }

  TENON_INLINE bool first() const { return isa::mask_first(m); }

  template <class Op>
  TENON_INLINE static bool fold(const lanes& x, Op op) {
    bool r[count];
    x.store(r);
    for (int half = count / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; ++i) r[i] = op(r[i], r[i + half]);
    }
    return r[0];
  }
};

/// A dtype whose `count` values fill one register.
template <class T, class Unit>
requires isa::single<T>
struct lanes<T, Unit> {
  static constexpr int count = lane_count<Unit>;
  static_assert(count == isa::width);

  typename isa::register_of<T>::type x;

  lanes() = default;
  TENON_INLINE explicit lanes(T a) : x(isa::set(a)) {}

  TENON_INLINE static lanes from(typename isa::register_of<T>::type a) {
    lanes r;
    r.x = a;
    return r;
  }

  TENON_INLINE static lanes load(const T* p) { return from(isa::load(p)); }
  TENON_INLINE static lanes load_partial(const T* p, index n) {
    return from(isa::load_some(p, static_cast<int>(n)));
  }
  TENON_INLINE void store(T* p) const { isa::store(p, x); }
  TENON_INLINE void store_partial(T* p, index n) const { isa::store_some(p, x, static_cast<int>(n)); }

  TENON_INLINE T first() const { return isa::first(x); }
  TENON_INLINE static lanes iota(T start) { return from(isa::add(isa::set(start), isa::iota(start))); }

  template <class Op>
  TENON_INLINE static T fold(lanes a, Op op) {
    if constexpr (count > 8) a = op(a, from(isa::exchange<8>(a.x)));
    if constexpr (count > 4) a = op(a, from(isa::exchange<4>(a.x)));
    a = op(a, from(isa::exchange<2>(a.x)));
    a = op(a, from(isa::exchange<1>(a.x)));
    return a.first();
  }
};

/// A dtype whose `count` values fill two registers.
template <class T, class Unit>
requires isa::pair<T>
struct lanes<T, Unit> {
  static constexpr int count = lane_count<Unit>;
  static constexpr int half = count / 2;

  typename isa::register_of<T>::type lo, hi;

  lanes() = default;
  TENON_INLINE explicit lanes(T a) : lo(isa::set(a)), hi(lo) {}

  TENON_INLINE static lanes from(typename isa::register_of<T>::type a, typename isa::register_of<T>::type b) {
    lanes r;
    r.lo = a;
    r.hi = b;
    return r;
  }

  TENON_INLINE static lanes load(const T* p) { return from(isa::load(p), isa::load(p + half)); }
  TENON_INLINE static lanes load_partial(const T* p, index n) {
    const int k = static_cast<int>(n);
    if (k <= half) return from(isa::load_some(p, k), isa::set(p[k - 1]));
    return from(isa::load(p), isa::load_some(p + half, k - half));
  }
  TENON_INLINE void store(T* p) const {
    isa::store(p, lo);
    isa::store(p + half, hi);
  }
  TENON_INLINE void store_partial(T* p, index n) const {
    const int k = static_cast<int>(n);
    if (k <= half) return isa::store_some(p, lo, k);
    isa::store(p, lo);
    isa::store_some(p + half, hi, k - half);
  }

  TENON_INLINE T first() const { return isa::first(lo); }
  TENON_INLINE static lanes iota(T start) {
    const auto steps = isa::iota(start);
    return from(isa::add(isa::set(start), steps),
                isa::add(isa::set(start), isa::add(steps, isa::set(T(half)))));
  }

  template <class Op>
  TENON_INLINE static T fold(lanes a, Op op) {
    a = op(a, from(a.hi, a.lo));
    if constexpr (half > 4) a = op(a, from(isa::exchange<4>(a.lo), isa::exchange<4>(a.hi)));
    if constexpr (half > 2) a = op(a, from(isa::exchange<2>(a.lo), isa::exchange<2>(a.hi)));
    a = op(a, from(isa::exchange<1>(a.lo), isa::exchange<1>(a.hi)));
    return a.first();
  }
};

#else  // arrays

/// Truth values: words of 0 or -1. In memory a byte of 0 or 1 each.
template <class Unit>
struct lanes<bool, Unit> {
  static constexpr int count = lane_count<Unit>;

  alignas(4 * lane_count<Unit>) std::int32_t v[count];

  lanes() = default;
  TENON_INLINE explicit lanes(bool a) {
    for (int i = 0; i < count; ++i) v[i] = -static_cast<std::int32_t>(a);
  }

  TENON_INLINE static lanes from_words(const std::int32_t* p) {
    lanes r;
    std::memcpy(r.v, p, sizeof r.v);
    return r;
  }
  TENON_INLINE void to_words(std::int32_t* p) const { std::memcpy(p, v, sizeof v); }

  TENON_INLINE static lanes load(const bool* p) {
    lanes r;
    for (int i = 0; i < count; ++i) r.v[i] = -static_cast<std::int32_t>(p[i]);
    return r;
  }
  TENON_INLINE static lanes load_partial(const bool* p, index n) {
    lanes r;
    for (int i = 0; i < count; ++i) r.v[i] = -static_cast<std::int32_t>(p[i < n ? i : n - 1]);
    return r;
  }
  TENON_INLINE void store(bool* p) const {
    for (int i = 0; i < count; ++i) p[i] = v[i] != 0;
  }
  TENON_INLINE void store_partial(bool* p, index n) const {
    for (int i = 0; i < n; ++i) p[i] = v[i] != 0;
  }

  TENON_INLINE bool first() const { return v[0] != 0; }

  template <class Op>
  TENON_INLINE static bool fold(const lanes& x, Op op) {
    bool r[count];
    x.store(r);
    for (int half = count / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; ++i) r[i] = op(r[i], r[i + half]);
    }
    return r[0];
  }
};

#endif

// ---- functions on arrays ----

#define TENON_LANES_UNARY(name)                                             \
  template <class T, class Unit>                                            \
  TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a) {               \
    lanes<T, Unit> r;                                                       \
    for (int i = 0; i < lane_count<Unit>; ++i) r.v[i] = math::name(a.v[i]); \
    return r;                                                               \
  }
#define TENON_LANES_BINARY(name)                                                       \
  template <class T, class Unit>                                                       \
  TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a, const lanes<T, Unit>& b) { \
    lanes<T, Unit> r;                                                                  \
    for (int i = 0; i < lane_count<Unit>; ++i) r.v[i] = math::name(a.v[i], b.v[i]);    \
    return r;                                                                          \
  }
#define TENON_LANES_COMPARE(name, sign)                                                   \
  template <class T, class Unit>                                                          \
  TENON_INLINE lanes<bool, Unit> name(const lanes<T, Unit>& a, const lanes<T, Unit>& b) { \
    alignas(4 * lane_count<Unit>) std::int32_t words[lane_count<Unit>];                   \
    for (int i = 0; i < lane_count<Unit>; ++i) words[i] = a.v[i] sign b.v[i] ? -1 : 0;    \
    return lanes<bool, Unit>::from_words(words);                                          \
  }
TENON_LANES_UNARY(negate)
TENON_LANES_UNARY(abs)
TENON_LANES_UNARY(sqrt)
TENON_LANES_UNARY(exp)
TENON_LANES_UNARY(log)
TENON_LANES_UNARY(tanh)
TENON_LANES_UNARY(sigmoid)
TENON_LANES_BINARY(add)
TENON_LANES_BINARY(subtract)
TENON_LANES_BINARY(multiply)
TENON_LANES_BINARY(divide)
TENON_LANES_BINARY(maximum)
TENON_LANES_BINARY(minimum)
TENON_LANES_COMPARE(less, <)
TENON_LANES_COMPARE(less_equal, <=)
TENON_LANES_COMPARE(equal, ==)
#undef TENON_LANES_UNARY
#undef TENON_LANES_BINARY
#undef TENON_LANES_COMPARE

template <class T, class Unit>
TENON_INLINE lanes<bool, Unit> is_nan(const lanes<T, Unit>& a) {
  if constexpr (math::real<T>) {
    alignas(4 * lane_count<Unit>) std::int32_t words[lane_count<Unit>];
    for (int i = 0; i < lane_count<Unit>; ++i) words[i] = a.v[i] != a.v[i] ? -1 : 0;
    return lanes<bool, Unit>::from_words(words);
  } else {
    return lanes<bool, Unit>(false);
  }
}

template <class T, class Unit>
TENON_INLINE lanes<T, Unit> where(lanes<bool, Unit> condition, const lanes<T, Unit>& a,
                                  const lanes<T, Unit>& b) {
  alignas(4 * lane_count<Unit>) std::int32_t words[lane_count<Unit>];
  condition.to_words(words);
  lanes<T, Unit> r;
  for (int i = 0; i < lane_count<Unit>; ++i) r.v[i] = words[i] != 0 ? a.v[i] : b.v[i];
  return r;
}

// ---- functions on registers ----

#if defined(TENON_CPU_PACKETS)

#define TENON_LANES_UNARY(name)                                                       \
  template <class T, class Unit>                                                      \
  requires isa::single<T> TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a) { \
    return lanes<T, Unit>::from(isa::name(a.x));                                      \
  }                                                                                   \
  template <class T, class Unit>                                                      \
  requires isa::pair<T> TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a) {   \
    return lanes<T, Unit>::from(isa::name(a.lo), isa::name(a.hi));                    \
  }
#define TENON_LANES_BINARY(name)                                                                             \
  template <class T, class Unit>                                                                             \
  requires isa::single<T> TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a,                          \
                                                           const lanes<T, Unit>& b) {                        \
    return lanes<T, Unit>::from(isa::name(a.x, b.x));                                                        \
  }                                                                                                          \
  template <class T, class Unit>                                                                             \
  requires isa::pair<T> TENON_INLINE lanes<T, Unit> name(const lanes<T, Unit>& a, const lanes<T, Unit>& b) { \
    return lanes<T, Unit>::from(isa::name(a.lo, b.lo), isa::name(a.hi, b.hi));                               \
  }
#define TENON_LANES_COMPARE(name)                                                              \
  template <class T, class Unit>                                                               \
  requires isa::single<T> TENON_INLINE lanes<bool, Unit> name(const lanes<T, Unit>& a,         \
                                                              const lanes<T, Unit>& b) {       \
    return lanes<bool, Unit>::from(isa::name(a.x, b.x));                                       \
  }                                                                                            \
  template <class T, class Unit>                                                               \
  requires isa::pair<T> TENON_INLINE lanes<bool, Unit> name(const lanes<T, Unit>& a,           \
                                                            const lanes<T, Unit>& b) {         \
    return lanes<bool, Unit>::from(isa::narrow(isa::name(a.lo, b.lo), isa::name(a.hi, b.hi))); \
  }
TENON_LANES_UNARY(negate)
TENON_LANES_UNARY(abs)
TENON_LANES_UNARY(sqrt)
TENON_LANES_UNARY(exp)
TENON_LANES_UNARY(log)
TENON_LANES_UNARY(tanh)
TENON_LANES_UNARY(sigmoid)
TENON_LANES_BINARY(add)
TENON_LANES_BINARY(subtract)
TENON_LANES_BINARY(multiply)
TENON_LANES_BINARY(divide)
TENON_LANES_BINARY(maximum)
TENON_LANES_BINARY(minimum)
TENON_LANES_COMPARE(less)
TENON_LANES_COMPARE(less_equal)
TENON_LANES_COMPARE(equal)
#undef TENON_LANES_UNARY
#undef TENON_LANES_BINARY
#undef TENON_LANES_COMPARE

template <class T, class Unit>
requires isa::single<T> TENON_INLINE lanes<bool, Unit> is_nan(const lanes<T, Unit>& a) {
  return lanes<bool, Unit>::from(isa::is_nan(a.x));
}
template <class T, class Unit>
requires isa::pair<T> TENON_INLINE lanes<bool, Unit> is_nan(const lanes<T, Unit>& a) {
  return lanes<bool, Unit>::from(isa::narrow(isa::is_nan(a.lo), isa::is_nan(a.hi)));
}

template <class T, class Unit>
requires isa::single<T> TENON_INLINE lanes<T, Unit> where(lanes<bool, Unit> condition,
                                                          const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return lanes<T, Unit>::from(isa::select(condition.m, a.x, b.x));
}
template <class T, class Unit>
requires isa::pair<T> TENON_INLINE lanes<T, Unit> where(lanes<bool, Unit> condition, const lanes<T, Unit>& a,
                                                        const lanes<T, Unit>& b) {
  return lanes<T, Unit>::from(isa::select(isa::widen_lo(condition.m), a.lo, b.lo),
                              isa::select(isa::widen_hi(condition.m), a.hi, b.hi));
}

// ---- functions on truth values ----

template <class Unit>
TENON_INLINE lanes<bool, Unit> logical_and(lanes<bool, Unit> a, lanes<bool, Unit> b) {
  return lanes<bool, Unit>::from(isa::mask_and(a.m, b.m));
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> logical_or(lanes<bool, Unit> a, lanes<bool, Unit> b) {
  return lanes<bool, Unit>::from(isa::mask_or(a.m, b.m));
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> logical_not(lanes<bool, Unit> a) {
  return lanes<bool, Unit>::from(isa::mask_not(a.m));
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> equal(const lanes<bool, Unit>& a, const lanes<bool, Unit>& b) {
  return lanes<bool, Unit>::from(isa::mask_not(isa::mask_xor(a.m, b.m)));
}

#else

template <class Unit>
TENON_INLINE lanes<bool, Unit> logical_and(lanes<bool, Unit> a, lanes<bool, Unit> b) {
  for (int i = 0; i < lane_count<Unit>; ++i) a.v[i] &= b.v[i];
  return a;
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> logical_or(lanes<bool, Unit> a, lanes<bool, Unit> b) {
  for (int i = 0; i < lane_count<Unit>; ++i) a.v[i] |= b.v[i];
  return a;
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> logical_not(lanes<bool, Unit> a) {
  for (int i = 0; i < lane_count<Unit>; ++i) a.v[i] = ~a.v[i];
  return a;
}

#endif

template <class Unit>
TENON_INLINE lanes<bool, Unit> where(lanes<bool, Unit> condition, const lanes<bool, Unit>& a,
                                     const lanes<bool, Unit>& b) {
  return host::logical_or(host::logical_and(condition, a),
                          host::logical_and(host::logical_not(condition), b));
}

/// Whether any lane is true.
template <class Unit>
TENON_INLINE bool any(lanes<bool, Unit> a) {
#if defined(TENON_CPU_PACKETS)
  return isa::mask_any(a.m);
#else
  std::int32_t r = 0;
  for (int i = 0; i < lane_count<Unit>; ++i) r |= a.v[i];
  return r != 0;
#endif
}

// false is less than true
template <class Unit>
TENON_INLINE lanes<bool, Unit> less(const lanes<bool, Unit>& a, const lanes<bool, Unit>& b) {
  return host::logical_and(host::logical_not(a), b);
}
template <class Unit>
TENON_INLINE lanes<bool, Unit> less_equal(const lanes<bool, Unit>& a, const lanes<bool, Unit>& b) {
  return host::logical_or(host::logical_not(a), b);
}

}  // namespace tenon::host
