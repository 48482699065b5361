// How far functions on lanes are from exact ones: the functions, their references in long double (whose 64 bits tell
// a double's error to 0.001 ulp), and the measure. For accuracy_test and bench/accuracy.
#pragma once

#include <tenon/eval/cpu/functions.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace accuracy {

using real = long double;
using tenon::host::lanes;
inline constexpr int count = tenon::host::lane_count<>;
inline constexpr double never = 1e30;

/// |got - want| in units of the last place of T at want; `never` where one is NaN or infinite, or has the
/// wrong sign, and the other does not.
template <class T>
double ulps(T got, real want) {
  using limits = std::numeric_limits<T>;
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) && std::isnan(got) ? 0 : never;
  if (got == 0 && std::signbit(got) != std::signbit(want)) return never;
  const T rounded = static_cast<T>(want);
  if (std::isinf(rounded) || std::isinf(got)) {
    if (got == rounded) return 0;
    // Either side of the overflow threshold counts as one unit.
    const real greatest = limits::max();
    return std::fabs(want) > greatest * (1 - limits::epsilon()) &&
                   std::fabs(want) < greatest * (1 + limits::epsilon())
               ? 1
               : never;
  }
  int exponent = limits::min_exponent;
  if (want != 0) std::frexp(want, &exponent);
  const real unit = std::ldexp(1.0L, std::max(exponent, limits::min_exponent) - limits::digits);
  return static_cast<double>(std::fabs(got - want) / unit);
}

inline real sigmoid(real x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }
inline real logaddexp(real a, real b) {
  if (a == b) return a + std::log(2.0L);
  return std::max(a, b) + std::log1p(std::exp(-std::fabs(a - b)));
}
inline real xlogy(real a, real b) { return a == 0 && !std::isnan(b) ? 0 : a * std::log(b); }

/// One function of lanes and its reference.
template <class T>
struct unary {
  const char* name;
  lanes<T> (*f)(lanes<T>);
  real (*exact)(real);
};
template <class T>
struct binary {
  const char* name;
  lanes<T> (*f)(lanes<T>, lanes<T>);
  real (*exact)(real, real);
};

template <class T>
std::vector<unary<T>> unary_functions() {
#define ACCURACY(name)                                                                           \
  {                                                                                              \
#name, [](lanes <T> x) { return tenon::host::name(x); }, [](real x) { return std::name(x); } \
  }
  return {
      ACCURACY(exp),
      ACCURACY(expm1),
      ACCURACY(exp2),
      ACCURACY(log),
      ACCURACY(log1p),
      ACCURACY(log2),
      ACCURACY(log10),
      {"sigmoid", [](lanes<T> x) { return tenon::host::sigmoid(x); }, sigmoid},
      ACCURACY(tanh),
      ACCURACY(sinh),
      ACCURACY(cosh),
      ACCURACY(asinh),
      ACCURACY(acosh),
      ACCURACY(atanh),
      ACCURACY(sin),
      ACCURACY(cos),
      ACCURACY(tan),
      ACCURACY(asin),
      ACCURACY(acos),
      ACCURACY(atan),
      ACCURACY(erf),
      ACCURACY(erfc),
      ACCURACY(sqrt),
      ACCURACY(cbrt),
      ACCURACY(floor),
      ACCURACY(ceil),
      ACCURACY(trunc),
      {"round", [](lanes<T> x) { return tenon::host::round(x); }, [](real x) { return std::nearbyint(x); }}};
#undef ACCURACY
}
template <class T>
std::vector<binary<T>> binary_functions() {
#define ACCURACY(name)                                                                                      \
  {                                                                                                         \
#name, [](lanes <T> x,                                                                                  \
              lanes <T> y) { return tenon::host::name(x, y); },                                             \
                                                             [](real x, real y) { return std::name(x, y); } \
  }
  return {ACCURACY(pow), ACCURACY(atan2), ACCURACY(hypot), ACCURACY(copysign)};
#undef ACCURACY
}

/// The greatest error so far, and where.
template <class T>
struct worst {
  double ulps = 0;
  T at = 0, beside = 0;

  void take(double error, T a, T b = 0) {
    if (error > ulps) *this = {error, a, b};
  }
  void take(const worst& other) { take(other.ulps, other.at, other.beside); }
};

/// Collects arguments until lanes are full.
template <class T>
class measure {
 public:
  explicit measure(const unary<T>& measured) : function(measured) {}
  ~measure() { flush(); }
  void operator()(T x) {
    arguments[filled++] = x;
    if (filled == count) flush();
  }
  void flush() {
    T values[count];
    for (int i = filled; i < count; ++i) arguments[i] = T(1);
    function.f(lanes<T>::load(arguments)).store(values);
    for (int i = 0; i < filled; ++i)
      found.take(accuracy::ulps<T>(values[i], function.exact(real(arguments[i]))), arguments[i]);
    filled = 0;
  }
  worst<T> found;

 private:
  const unary<T>& function;
  T arguments[count];
  int filled = 0;
};

/// Zeros, units, infinities, NaN, denormals, limits, and where the functions change their ways; with
/// neighbours, of both signs.
template <class T>
std::vector<T> telling_values() {
  using limits = std::numeric_limits<T>;
  std::vector<T> v;
  for (const T x : {T(0),
                    T(1),
                    T(0.5),
                    T(2),
                    T(0.25),
                    T(3),
                    T(0.41421356),
                    T(2.41421356),
                    T(0.70710678),
                    T(1.41421356),
                    T(0.78539816),
                    T(1.57079633),
                    T(3.14159265),
                    T(2.35619449),
                    T(1.6e6),
                    T(0x1p30),
                    T(0x1p14),
                    T(0x1p-28),
                    T(0x1p-25),
                    T(0x1p-26),
                    T(0x1p-54),
                    T(0x1p-55),
                    T(9.2),
                    T(10.05),
                    T(11),
                    T(26.5),
                    T(27.2),
                    T(28),
                    T(20),
                    T(40),
                    T(88.72),
                    T(89.41),
                    T(103.97),
                    T(709.78),
                    T(710.47),
                    T(745.13),
                    T(127),
                    T(128),
                    T(149),
                    T(150),
                    T(1023),
                    T(1024),
                    T(1074),
                    T(1075),
                    T(8388608),
                    T(4503599627370496.0),
                    limits::min(),
                    limits::denorm_min(),
                    limits::min() / 3,
                    limits::max(),
                    limits::max() / 3,
                    limits::infinity()}) {
    T up = x, down = x;
    for (int i = 0; i < 4; ++i) {
      v.insert(v.end(), {up, -up, down, -down});
      up = std::nextafter(up, limits::infinity());
      down = std::nextafter(down, T(0));
    }
  }
  v.push_back(limits::quiet_NaN());
  return v;
}

/// Random numbers: of any bits, near 0, near 1, within the range of exp, within that of an angle.
template <class T, class Random>
T arbitrary(Random& random) {
  const std::uint64_t bits = random();
  const T unit = static_cast<T>(random() >> 11) * T(0x1p-52) - 1;  // [-1, 1)
  switch (bits >> 61) {
    case 0:
      return 1 + unit / 4;
    case 1:
      return unit * (sizeof(T) == 8 ? 750 : 105);
    case 2:
      return unit * 30;
    case 3:
      return unit * T(bits & 1 ? 4000 : 2e6);
    case 4:
      return unit;
    case 5:
      return std::copysign(std::ldexp(1 + std::fabs(unit), static_cast<int>(bits % 64) - 60), unit);
    default:
      break;
  }
  if constexpr (sizeof(T) == 8)
    return std::bit_cast<T>(random());
  else
    return std::bit_cast<T>(static_cast<std::uint32_t>(random()));
}

/// The error of a function over the telling values, every `step`-th float (for doubles as many random ones)
/// and `n` random numbers.
template <class T>
worst<T> sweep(const unary<T>& function, std::uint32_t step, long n, std::uint64_t seed) {
  measure<T> see(function);
  for (const T x : telling_values<T>()) see(x);
  if constexpr (sizeof(T) == 4)
    for (std::uint64_t bits = seed % step; bits < std::uint64_t{1} << 32; bits += step)
      see(std::bit_cast<T>(static_cast<std::uint32_t>(bits)));
  std::mt19937_64 random(seed);
  for (long i = 0; i < n; ++i) see(accuracy::arbitrary<T>(random));
  see.flush();
  return see.found;
}

/// Pairs: all of telling values; random ones, of which a half are of like size.
template <class T>
worst<T> sweep(const binary<T>& function, long n, std::uint64_t seed) {
  worst<T> found;
  std::mt19937_64 random(seed);
  const std::vector<T> v = telling_values<T>();
  T a[count], b[count], r[count];
  const long pairs = static_cast<long>(v.size() * v.size());
  for (long i = 0; i < pairs + n; i += count) {
    for (int k = 0; k < count; ++k) {
      const auto p = static_cast<std::size_t>(i + k);
      if (i + k < pairs) {
        a[k] = v[p / v.size()];
        b[k] = v[p % v.size()];
      } else {
        a[k] = accuracy::arbitrary<T>(random);
        b[k] = accuracy::arbitrary<T>(random);
        if (k % 2 == 0) b[k] = a[k] * (T(0.3) + 2 * (b[k] - std::floor(b[k])));
        if (k % 4 == 1) {  // powers that are finite
          a[k] = std::fabs(a[k]);
          b[k] *= (sizeof(T) == 8 ? 700 : 88) / std::max(T(1), std::fabs(b[k] * std::log(a[k])));
        }
      }
    }
    function.f(lanes<T>::load(a), lanes<T>::load(b)).store(r);
    for (int k = 0; k < count; ++k)
      found.take(accuracy::ulps<T>(r[k], function.exact(real(a[k]), real(b[k]))), a[k], b[k]);
  }
  return found;
}

}  // namespace accuracy
