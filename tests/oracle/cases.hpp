// What the families of cases share: random numbers that are the same everywhere, operands that are slices
// with steps, negative steps and transposes of larger arrays, and the file that check.py reads.
//
// The file is a sequence of cases, little-endian: op and attributes ("axes=0,2;keep=1"), each as a uint16
// length and its letters; uint8 number of operands, the operands; uint8 number of results, the results. An
// array is uint8 dtype (tenon::dtype), uint8 rank, int64 extents, int64 strides in elements, its elements in
// row-major order. No results: the attribute "threw" says why.
#pragma once

#include <tenon/array/create.hpp>
#include <tenon/array/tensor.hpp>
#include <tenon/ops/core_ops.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace oracle {

using tenon::index;
using i32 = std::int32_t;
using i64 = std::int64_t;

class source {
 public:
  explicit source(std::uint64_t seed) : bits_(seed) {}
  std::uint64_t word() { return bits_(); }
  /// In [0, n).
  index below(index n) { return static_cast<index>(word() % static_cast<std::uint64_t>(n)); }
  index between(index low, index high) { return low + below(high - low + 1); }
  bool chance(int percent) { return below(100) < percent; }
  /// In [0, 1).
  double unit() { return static_cast<double>(word() >> 11) * 0x1p-53; }

 private:
  std::mt19937_64 bits_;
};

/// What numbers an array holds. `tame`: magnitudes near 1; `ties`: small multiples of 1/2; `wide`: magnitudes
/// far apart, whose squares are still numbers; `special`: NaN, infinities, zeros and denormals among them, no
/// greatest numbers; `extreme`: the ends of the range too; `factors`: for long products.
enum class values { tame, ties, wide, special, extreme, factors };

template <class T>
T draw(source& s, values v) {
  if constexpr (std::is_same_v<T, bool>) {
    return s.chance(50);
  } else if constexpr (std::is_integral_v<T>) {
    using limits = std::numeric_limits<T>;
    if (v == values::ties || v == values::factors) return static_cast<T>(s.between(-3, 3));
    if (v == values::tame) return static_cast<T>(s.between(-1000, 1000));
    if (v == values::wide) return static_cast<T>(s.word());
    const T ends[] = {limits::min(), limits::max(), T(limits::min() + 1), T(0), T(-1), T(1), T(31), T(64)};
    return s.chance(40) ? ends[s.below(8)] : s.chance(50) ? T(s.between(-9, 9)) : static_cast<T>(s.word());
  } else {
    using limits = std::numeric_limits<T>;
    const T inf = limits::infinity(), nan = limits::quiet_NaN();
    const auto power = [&](int most) {
      const T m = static_cast<T>(std::ldexp(1 + s.unit(), static_cast<int>(s.between(-most, most))));
      return s.chance(50) ? m : -m;
    };
    if (v == values::factors && !s.chance(3))
      return static_cast<T>((s.chance(50) ? 1 : -1) * (0.8 + 0.45 * s.unit()));
    if (v == values::ties) return static_cast<T>(s.between(-7, 7)) / T(2);
    if (v == values::wide) return power(40);
    if (v == values::special || v == values::factors) {
      const T some[] = {nan, inf, -inf, T(0), T(-0.0), T(1), limits::denorm_min(), -limits::min()};
      // Products of tiny numbers would be 0, and NaN beside an infinity, in some orders and not in others.
      if (v == values::factors) return some[s.below(6)];
      if (s.chance(12)) return some[s.below(8)];
    }
    if (v == values::extreme) {
      const T some[] = {nan,
                        -nan,
                        inf,
                        -inf,
                        T(0),
                        T(-0.0),
                        limits::denorm_min(),
                        -limits::denorm_min(),
                        limits::min(),
                        T(1),
                        T(-1),
                        T(.5),
                        T(-.5),
                        T(1.5),
                        T(2.5),
                        T(2147483648.0),
                        limits::max(),
                        limits::lowest(),
                        limits::epsilon(),
                        T(-2147483649.0),
                        T(9223372036854775808.0),
                        T(-9223372036854775808.0),
                        T(710),
                        T(-89)};
      if (s.chance(40)) return some[s.below(24)];
      if (s.chance(30)) return power(limits::max_exponent - 1);
      if (s.chance(30)) return static_cast<T>(s.between(-300, 300)) / T(2);
    }
    return static_cast<T>(s.chance(30) ? 2 * s.unit() - 1 : 8 * s.unit() - 4);
  }
}

template <class T, int R>
using array = tenon::basic_tensor<T, typename tenon::detail::dynamic_shape<R>::type>;
template <class T, int R>
using view = tenon::basic_view<T, typename tenon::detail::dynamic_shape<R>::type, false>;
template <int R>
using sizes = std::array<index, static_cast<std::size_t>(R)>;

/// A file of cases.
class report {
 public:
  report(const char* path, std::uint64_t seed, int scale)
      : random(seed), scale_(scale), file_(std::fopen(path, "wb")) {
    if (!file_) throw std::runtime_error(std::string("cannot write ") + path);
  }
  report(const report&) = delete;
  report& operator=(const report&) = delete;
  ~report() { std::fclose(file_); }

  int repeats(int n) const { return std::max(1, n * scale_ / 100); }

  void begin(const std::string& op, const std::string& attributes = "") {
    op_ = op;
    attributes_ = attributes;
    in_.clear();
    out_.clear();
    operands_ = results_ = 0;
  }
  template <class T>
  void operand(const T* data, const index* extent, const index* stride, int rank) {
    ++operands_;
    write(in_, data, extent, stride, rank);
  }
  template <class T>
  void result(const T* data, const index* extent, int rank) {
    ++results_;
    write(out_, data, extent, nullptr, rank);
  }
  template <class T, class S>
  void result(const tenon::basic_tensor<T, S>& t) {
    result(t.begin(), t.shape().data(), t.rank);
  }
  /// Ends the case with what f() evaluates to, or with what it throws.
  template <class F>
  void of(F f) {
    try {
      result(tenon::eval(f()));
    } catch (const std::exception& e) {
      attributes_ += std::string(attributes_.empty() ? "" : ";") + "threw=" + e.what();
    }
    end();
  }
  void end() {
    std::string text;
    for (const std::string& s : {op_, attributes_}) {
      const auto n = static_cast<std::uint16_t>(s.size());
      put(text, n);
      text.append(s, 0, n);
    }
    text += static_cast<char>(operands_);
    text += in_;
    text += static_cast<char>(results_);
    text += out_;
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size())
      throw std::runtime_error("cannot write");
    ++cases;
  }

  source random;
  long cases = 0;

 private:
  template <class N>
  static void put(std::string& to, N number) {
    to.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  template <class T>
  static void write(std::string& to, const T* data, const index* extent, const index* stride, int rank) {
    index n = 1, step[8]{};
    for (int k = rank - 1; k >= 0; --k) {
      step[k] = stride ? stride[k] : n;
      n *= extent[k];
    }
    to += static_cast<char>(tenon::dtype_of<T>);
    to += static_cast<char>(rank);
    for (int k = 0; k < rank; ++k) put(to, extent[k]);
    for (int k = 0; k < rank; ++k) put(to, step[k]);
    to.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(n) * sizeof(T));
  }

  int scale_;
  std::FILE* file_;
  std::string op_, attributes_, in_, out_;
  int operands_ = 0, results_ = 0;
};

/// Extents for a case, at most `most` elements in all.
template <int R>
sizes<R> draw_sizes(source& s, index most = 700) {
  constexpr index some[] = {1, 2, 2, 3, 3, 4, 5, 7, 8, 9, 16, 17, 33};
  sizes<R> e{};
  for (;;) {
    index n = 1;
    for (index& x : e) {
      x = s.chance(3) ? 0 : s.chance(6) ? s.between(60, 300) : some[s.below(13)];
      n *= x;
    }
    if (n <= most) return e;
  }
}
/// Extents that broadcast to e.
template <int R>
sizes<R> thinned(source& s, sizes<R> e, int percent = 25) {
  for (index& x : e)
    if (s.chance(percent)) x = 1;
  return e;
}

template <class T>
values draw_values(source& s) {
  constexpr values kinds[] = {values::tame, values::ties, values::wide, values::special, values::extreme};
  return kinds[s.below(5)];
}

/// Some range of `n` elements, with a step, in an axis that it makes as long as it needs.
inline tenon::range draw_range(source& s, index n, index& extent) {
  const index step = s.chance(50) ? 1 : s.between(2, 3), before = s.below(3), after = s.below(3);
  const index span = n == 0 ? 0 : (n - 1) * step + 1;
  extent = before + span + after;
  if (s.chance(65) || n == 0) return {before, before + span, step};
  const index first = before + span - 1, end = before - 1;  // backwards
  return {first, end < 0 ? end - extent : end, -step};
}

/// An array as a part of a larger one: the axes of `base` in the order `axis`, each under a range.
template <class T, int R>
struct part {
  array<T, R> base;
  std::vector<T> elements;  // read off `base` by loops of our own
  sizes<R> extent{}, stride{};
  view<T, R> seen;
};

namespace detail {
template <class T, int R, std::size_t... I>
view<T, R> slice_all(const array<T, R>& base, const std::array<tenon::range, R>& r,
                     std::index_sequence<I...>) {
  return base.slice(r[I]...);
}
}  // namespace detail

/// Random elements of the extents e. The layout: whole; a slice; a slice with its axes in another order.
template <class T, int R>
part<T, R> draw_part(source& s, const sizes<R>& e, values v) {
  const index layout = s.below(4);  // 0 and 1: whole
  std::array<int, R> order{};
  for (int k = 0; k < R; ++k) order[std::size_t(k)] = k;
  if (layout == 3)
    for (int k = R - 1; k > 0; --k) std::swap(order[std::size_t(k)], order[std::size_t(s.below(k + 1))]);
  sizes<R> whole{};
  std::array<tenon::range, R> ranges = [&]<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<tenon::range, R>{((void)I, tenon::range(0, 0))...};
  }
  (std::make_index_sequence<std::size_t(R)>());
  for (std::size_t k = 0; k < std::size_t(R); ++k) {
    const index n = e[std::size_t(order[k])];
    whole[k] = n;
    ranges[k] = layout < 2 ? tenon::range(0, n) : draw_range(s, n, whole[k]);
  }
  auto base = array<T, R>::uninitialised(whole);
  T* const to = base.own();
  for (index i = 0; i < base.size(); ++i) to[i] = draw<T>(s, v);

  // The elements, by our own arithmetic.
  sizes<R> stride{};
  index step = 1, start = 0;
  for (int k = R - 1; k >= 0; --k) {
    const auto at = std::size_t(order[std::size_t(k)]);
    const tenon::range& r = ranges[std::size_t(k)];
    stride[at] = step * r.step;
    start += e[at] == 0 ? 0 : step * r.begin;
    step *= whole[std::size_t(k)];
  }
  std::vector<T> elements;
  index n = 1;
  for (const index x : e) n *= x;
  for (index i = 0; i < n; ++i) {
    index rest = i, place = start;
    for (int k = R - 1; k >= 0; --k) {
      place += rest % e[std::size_t(k)] * stride[std::size_t(k)];
      rest /= e[std::size_t(k)];
    }
    elements.push_back(to[place]);
  }
  // One type for every order of axes, where permute<...> would have one for each.
  if constexpr (R == 0) {  // a number is held inside of its array, and moves with it: a view of a copy
    const tenon::basic_tensor<T, tenon::shape<tenon::dyn_size>> kept = tenon::reshape<tenon::dyn>(base);
    return {std::move(base), std::move(elements), e, stride, kept[0]};
  } else {
    view<T, R> seen = detail::slice_all<T, R>(base, ranges, std::make_index_sequence<std::size_t(R)>());
    tenon::leaf turned = seen.as_leaf();
    for (int k = 0; k < R; ++k) {
      turned.extent[order[std::size_t(k)]] = seen.as_leaf().extent[k];
      turned.stride[order[std::size_t(k)]] = seen.as_leaf().stride[k];
    }
    return {std::move(base), std::move(elements), e, stride, view<T, R>(std::move(turned))};
  }
}

/// vector<bool> has no data().
template <class T, int R>
void record(report& to, const part<T, R>& p) {
  if constexpr (std::is_same_v<T, bool>) {
    const std::vector<char> bytes(p.elements.begin(), p.elements.end());
    to.operand(reinterpret_cast<const bool*>(bytes.data()), p.extent.data(), p.stride.data(), R);
  } else {
    to.operand(p.elements.data(), p.extent.data(), p.stride.data(), R);
  }
}

template <class T, class S>
void record_whole(report& to, const tenon::basic_tensor<T, S>& x) {
  to.operand(x.flat(), x.shape().data(), x.strides().data(), x.rank);
}

// ---- loops over cases -------------------------------------------------------------------------------------

/// Cases of an op of one operand.
template <class T, int R, class F>
void unary(report& to, const char* op, int n, F f) {
  for (int i = to.repeats(n); i > 0; --i) {
    const auto x = draw_part<T, R>(to.random, draw_sizes<R>(to.random), draw_values<T>(to.random));
    to.begin(op);
    record(to, x);
    to.of([&] { return f(x.seen); });
  }
}
/// Cases of an op of two operands that broadcast, of ranks RA and RB.
template <class A, class B, int RA, int RB, class F>
void binary(report& to, const char* op, int n, F f) {
  constexpr int R = RA > RB ? RA : RB;
  source& s = to.random;
  for (int i = to.repeats(n); i > 0; --i) {
    const auto e = draw_sizes<R>(s);
    sizes<RA> ea{};
    sizes<RB> eb{};
    std::copy(e.end() - RA, e.end(), ea.begin());
    std::copy(e.end() - RB, e.end(), eb.begin());
    const auto a = draw_part<A, RA>(s, thinned<RA>(s, ea), draw_values<A>(s));
    const auto b = draw_part<B, RB>(s, thinned<RB>(s, eb), draw_values<B>(s));
    to.begin(op);
    record(to, a);
    record(to, b);
    to.of([&] { return f(a.seen, b.seen); });
  }
}

/// Cases of binary at all 25 pairs of ranks.
template <class T, class F>
void of_all_ranks(report& to, const char* op, int n, F f) {
  [&]<int... K>(std::integer_sequence<int, K...>) { (binary<T, T, K / 5, K % 5>(to, op, n, f), ...); }
  (std::make_integer_sequence<int, 25>());
}

inline std::string listed(const char* key, std::initializer_list<index> numbers) {
  std::string text = std::string(key) + "=";
  for (const index n : numbers) text += (text.back() == '=' ? "" : ",") + std::to_string(n);
  return text;
}

/// Cases of a reduction f(x, how...), with and without keepdims. The more of `plain`, the fewer special
/// values.
template <class T, int R, int... A, class F>
void reduced(report& to, const char* op, const std::string& more, int n, bool factors, F f) {
  source& s = to.random;
  constexpr values kinds[] = {values::tame, values::ties, values::wide, values::special};
  const auto make = [&](const std::string& attributes, auto... how) {
    for (int i = to.repeats(n); i > 0; --i) {
      const values v = factors                 ? values::factors
                       : std::is_integral_v<T> ? draw_values<T>(s)
                                               : kinds[s.below(4)];
      const auto x = draw_part<T, R>(s, draw_sizes<R>(s, s.chance(10) ? 9000 : 500), v);
      to.begin(op, attributes);
      record(to, x);
      to.of([&] { return f(x.seen, how...); });
    }
  };
  const std::string axes = more + (sizeof...(A) > 0 ? listed(";axes", {A...}) : "");
  make(axes, tenon::axes<A...>);
  make(axes + ";keep=1", tenon::axes<A...>, tenon::keepdims);
}

// ---- families ---------------------------------------------------------------------------------------------

void arithmetic(report&);
void predicates(report&);
void rounding(report&);
void transcendental(report&);
void activations(report&);
void sums(report&);
void extrema(report&);
void truth(report&);
void moments(report&);
void places(report&);
void shapes(report&);
void products(report&);
void slices(report&);
void indexing(report&);
void order(report&);
void linear(report&);
void layouts(report&);
void counting(report&);
void fused(report&);

}  // namespace oracle
