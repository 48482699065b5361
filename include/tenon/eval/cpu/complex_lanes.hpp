// Lanes of complex numbers: real and imaginary parts in lanes of their own. In memory they alternate.
#pragma once

#include "tenon/eval/cpu/lanes.hpp"

namespace tenon::host {

template <complex_number T, class Unit>
struct lanes<T, Unit> {
  static constexpr int count = lane_count<Unit>;
  using real = decltype(T::re);
  using part = lanes<real, Unit>;

  part re, im;

  lanes() = default;
  TENON_INLINE explicit lanes(T a) : re(a.re), im(a.im) {}
  TENON_INLINE static lanes from(const part& a, const part& b) {
    lanes r;
    r.re = a;
    r.im = b;
    return r;
  }

  TENON_INLINE static lanes load(const T* p) {
    alignas(4 * lane_count<Unit>) real a[count];
    alignas(4 * lane_count<Unit>) real b[count];
    for (int i = 0; i < count; ++i) {
      a[i] = p[i].re;
      b[i] = p[i].im;
    }
    return from(part::load(a), part::load(b));
  }
  TENON_INLINE static lanes load_partial(const T* p, index n) {
    T v[count];
    for (int i = 0; i < count; ++i) v[i] = p[i < n ? i : n - 1];
    return load(v);
  }
  TENON_INLINE void store(T* p) const { store_partial(p, count); }
  TENON_INLINE void store_partial(T* p, index n) const {
    alignas(4 * lane_count<Unit>) real a[count];
    alignas(4 * lane_count<Unit>) real b[count];
    re.store(a);
    im.store(b);
    for (int i = 0; i < n; ++i) p[i] = {a[i], b[i]};
  }

  TENON_INLINE T first() const { return {re.first(), im.first()}; }

  template <class Op>
  TENON_INLINE static T fold(const lanes& x, Op op) {
    T r[count];
    x.store(r);
    for (int half = count / 2; half > 0; half /= 2)
      for (int i = 0; i < half; ++i) r[i] = op(r[i], r[i + half]);
    return r[0];
  }
};

template <complex_number T, class Unit>
TENON_INLINE lanes<T, Unit> add(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return lanes<T, Unit>::from(host::add(a.re, b.re), host::add(a.im, b.im));
}
template <complex_number T, class Unit>
TENON_INLINE lanes<T, Unit> subtract(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return lanes<T, Unit>::from(host::subtract(a.re, b.re), host::subtract(a.im, b.im));
}
template <complex_number T, class Unit>
TENON_INLINE lanes<T, Unit> multiply(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return lanes<T, Unit>::from(host::subtract(host::multiply(a.re, b.re), host::multiply(a.im, b.im)),
                              host::add(host::multiply(a.re, b.im), host::multiply(a.im, b.re)));
}
template <complex_number T, class Unit>
TENON_INLINE lanes<T, Unit> negate(const lanes<T, Unit>& a) {
  return lanes<T, Unit>::from(host::negate(a.re), host::negate(a.im));
}
template <complex_number T, class Unit>
TENON_INLINE lanes<T, Unit> divide(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  T u[lane_count<Unit>], v[lane_count<Unit>];
  a.store(u);
  b.store(v);
  for (int i = 0; i < lane_count<Unit>; ++i) u[i] = u[i] / v[i];
  return lanes<T, Unit>::load(u);
}
template <complex_number T, class Unit>
TENON_INLINE lanes<bool, Unit> equal(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return host::logical_and(host::equal(a.re, b.re), host::equal(a.im, b.im));
}
template <complex_number T, class Unit>
TENON_INLINE lanes<bool, Unit> is_nan(const lanes<T, Unit>& a) {
  return host::logical_or(host::is_nan(a.re), host::is_nan(a.im));
}
template <complex_number T, class Unit>
TENON_INLINE lanes<T, Unit> where(lanes<bool, Unit> condition, const lanes<T, Unit>& a,
                                  const lanes<T, Unit>& b) {
  return lanes<T, Unit>::from(host::where(condition, a.re, b.re), host::where(condition, a.im, b.im));
}

// ---- parts ----

template <class T, class Unit>
TENON_INLINE auto real_part(const lanes<T, Unit>& a) {
  return a.re;
}
template <class T, class Unit>
TENON_INLINE auto imaginary_part(const lanes<T, Unit>& a) {
  return a.im;
}
template <class T, class Unit>
TENON_INLINE auto conjugate(const lanes<T, Unit>& a) {
  return lanes<T, Unit>::from(a.re, host::negate(a.im));
}
template <class T, class Unit>
TENON_INLINE auto complex_of(const lanes<T, Unit>& a, const lanes<T, Unit>& b) {
  return lanes<basic_complex<T>, Unit>::from(a, b);
}

}  // namespace tenon::host
