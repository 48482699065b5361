// Random tensors: uniform and normal numbers, integers, permutations, and generators that split.
//
// Each call takes one stream of the generator, whatever it makes; element i of the result depends on the
// seed, the number of calls before and i alone.
#pragma once

#include <cmath>
#include <concepts>
#include <limits>
#include <numbers>
#include <utility>

#include "tenon/array/create.hpp"
#include "tenon/eval/cpu/random.hpp"

namespace tenon {

/// What random tensors are drawn from. Equal seeds give equal numbers; a copy gives the same numbers again.
class generator {
 public:
  explicit generator(std::uint64_t seed) : key_{seed, 0} {}

  /// The stream of one call; the next call gets another.
  random_key next() {
    const random_key key = key_;
    ++key_.stream;
    return key;
  }
  bool operator==(const generator&) const = default;

 private:
  random_key key_;
};

/// A generator whose numbers are independent of those that `g` goes on to give.
inline generator split(generator& g) { return generator(g.next().block(0).pair(0)); }

namespace detail {

/// f(first, count) for parts of n elements, on several threads where they are many; the parts depend on n
/// alone.
template <class F>
void in_parts(index n, index part, const F& f) {
  struct all_parts {
    const F& f;
    index n, part;
  };
  const all_parts parts{f, n, part};
  host::parallel_for((n + part - 1) / part,
                     [](const void* context, index task, int) {
                       const auto& p = *static_cast<const all_parts*>(context);
                       const index first = task * p.part;
                       p.f(first, p.n - first < p.part ? p.n - first : p.part);
                     },
                     &parts);
}
inline constexpr index random_part = 1 << 14;  // elements a task: a multiple of what a batch makes

/// make(words, to) of each batch of words, the last of which may fill fewer elements than it makes.
template <int PerBatch, class Unit, class T, class F>
void fill_batches(const random_key& key, T* to, index n, const F& make) {
  in_parts(n, random_part, [&](index first, index count) {
    std::uint32_t words[host::batch_words];
    T whole[PerBatch];
    for (index i = first; i < first + count; i += PerBatch) {
      host::random_batch<Unit>::fill(key, static_cast<std::uint64_t>(i / PerBatch * host::batch_blocks),
                                     words);
      if (first + count - i >= PerBatch) {
        make(words, to + i);
      } else {
        make(words, whole);
        std::copy_n(whole, first + count - i, to + i);
      }
    }
  });
}

inline std::uint64_t pair_of(const std::uint32_t* words) {
  return std::uint64_t(words[0]) | std::uint64_t(words[1]) << 32;
}
template <class T>
inline constexpr int per_batch = dtype_of<T> == dtype::float64 ? host::batch_words / 2 : host::batch_words;

template <class Unit, class T>
void fill_uniform(const random_key& key, T* to, index n) {
  fill_batches<per_batch<T>, Unit>(key, to, n, [](const std::uint32_t* words, T* out) {
    for (int k = 0; k < per_batch<T>; ++k)
      if constexpr (std::is_same_v<T, double>)
        out[k] = static_cast<double>(pair_of(words + 2 * k) >> 11) * 0x1p-53;
      else if constexpr (std::is_same_v<T, float>)
        out[k] = static_cast<float>(static_cast<std::int32_t>(words[k] >> 8)) * 0x1p-24f;
      else if constexpr (std::is_same_v<T, float16>)  // as many bits as T has, so that none rounds to 1
        out[k] = T(static_cast<float>(words[k] >> 21) * 0x1p-11f);
      else
        out[k] = T(static_cast<float>(words[k] >> 24) * 0x1p-8f);
  });
}

/// Elements 2j and 2j + 1 are one pair of Box and Muller, worked out in double.
template <class Unit, class T>
void fill_normal(const random_key& key, T* to, index n) {
  fill_batches<per_batch<T>, Unit>(key, to, n, [](const std::uint32_t* words, T* out) {
    constexpr int pairs = per_batch<T> / 2;
    double a[pairs], b[pairs], cosine[pairs], sine[pairs];  // (0, 1], for the logarithm, and [0, 1)
    for (int k = 0; k < pairs; ++k)
      if constexpr (std::is_same_v<T, double>) {
        a[k] = 1 - static_cast<double>(pair_of(words + 4 * k) >> 11) * 0x1p-53;
        b[k] = static_cast<double>(pair_of(words + 4 * k + 2) >> 11) * 0x1p-53;
      } else {
        a[k] = (words[2 * k] + 1.0) * 0x1p-32;
        b[k] = words[2 * k + 1] * 0x1p-32;
      }
    host::normal_pairs<Unit>::run(a, b, cosine, sine, pairs);
    for (int k = 0; k < pairs; ++k) {
      out[2 * k] = static_cast<T>(static_cast<std::conditional_t<sizeof(T) == 8, double, float>>(cosine[k]));
      out[2 * k + 1] =
          static_cast<T>(static_cast<std::conditional_t<sizeof(T) == 8, double, float>>(sine[k]));
    }
  });
}

/// Numbers one after the other, where it is not known how many are wanted: of a whole stream, or of element
/// i of a call, whose blocks are i, i + 2^40, i + 2 2^40 ...
class random_sequence {
 public:
  explicit random_sequence(const random_key& key) : key_(key) {}
  random_sequence(const random_key& key, index element)
      : key_(key), block_(static_cast<std::uint64_t>(element)), step_(std::uint64_t(1) << 40) {}

  std::uint64_t bits() {
    if (half_ == 0) {
      now_ = key_.block(block_);
      block_ += step_;
    }
    const std::uint64_t word = now_.pair(half_);
    half_ = 1 - half_;
    return word;
  }
  /// 0 to n - 1, each as likely as the others: the 2^64 mod n first words are refused.
  std::uint64_t below(std::uint64_t n) {
    const std::uint64_t refused = (0 - n) % n;
    for (;;) {
      const std::uint64_t word = bits();
      if (word >= refused) return word % n;
    }
  }
  /// [0, 1), and (0, 1].
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  double positive() { return 1 - uniform(); }
  double exponential() { return -std::log(positive()); }
  double normal() {
    const double radius = std::sqrt(2 * exponential());
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  random_key key_;
  std::uint64_t block_ = 0, step_ = 1;
  random_block now_{};
  int half_ = 0;
};

/// An array of run-time extents, filled by fill(key, elements, n).
template <class T, extent... E, class F, class... N>
auto drawn(generator& g, const F& fill, N... sizes) {
  using R = created<T, int(sizeof...(N)), E...>;
  R r = R::uninitialised(filled_extents<typename R::shape_type>::make(sizes...));
  fill(g.next(), r.own(), r.size());
  return r;
}
/// The same where each element is drawn by itself from a sequence of its own.
template <class T, extent... E, class F, class... N>
auto drawn_each(generator& g, const F& draw, N... sizes) {
  return drawn<T, E...>(
      g,
      [&](const random_key& key, T* to, index n) {
        in_parts(n, 2048, [&](index first, index count) {
          for (index i = first; i < first + count; ++i) {
            random_sequence numbers(key, i);
            to[i] = draw(numbers);
          }
        });
      },
      sizes...);
}

template <class T>
concept real_floating = is_floating(dtype_of<T>);

/// A double as a T.
template <class T>
T rounded(double v) {
  if constexpr (float_of_16_bits<T>)
    return T(static_cast<float>(v));
  else
    return static_cast<T>(v);
}
inline void require(bool good, const char* what, const char* expected, double got) {
  if (!good) throw usage_error(std::string(what) + ": expected " + expected + ", got " + std::to_string(got));
}
/// What is below v and next to it.
template <class T>
T below(T v) {
  if constexpr (float_of_16_bits<T>) {
    for (float f = static_cast<float>(v), d = std::abs(f) * 0x1p-12f + 0x1p-140f;; d *= 2)
      if (const T w(f - d); w < v) return w;
  } else {
    return std::nextafter(v, -std::numeric_limits<T>::infinity());
  }
}

}  // namespace detail

/// Numbers in [0, 1), with extents as for zeros: uniform<float>(g, 3, 4), uniform<float, "batch", 10>(g, 32).
template <element T, extent... E, std::integral... N, class Unit = this_unit>
requires detail::real_floating<T>
auto uniform(generator& g, N... sizes) {
  return detail::drawn<T, E...>(
      g, [](const random_key& key, T* to, index n) { detail::fill_uniform<Unit>(key, to, n); }, sizes...);
}
/// Numbers in [low, high), of which one at least is written as a floating-point number: uniform<float>(g,
/// -1.0, 1.0, 3, 4). usage_error where low > high or one is not finite.
template <element T, extent... E, class Low, class High, std::integral... N, class Unit = this_unit>
requires detail::real_floating<T> &&
    (std::floating_point<Low> || std::floating_point<High>)auto uniform(generator& g, Low low, High high,
                                                                        N... sizes) {
  using F = std::conditional_t<sizeof(T) == 8, double, float>;
  const T a = detail::rounded<T>(static_cast<double>(low)), b = detail::rounded<T>(static_cast<double>(high));
  const F from = static_cast<F>(a), width = static_cast<F>(b) - from;
  detail::require(width >= 0 && std::isfinite(width), "uniform", "finite low <= high and high - low",
                  static_cast<double>(width));
  return detail::drawn<T, E...>(
      g,
      [&](const random_key& key, T* to, index n) {
        const T last =
            from < static_cast<F>(b) ? detail::below(b) : b;  // what rounds to high is not in [low, high)
        detail::fill_batches<detail::per_batch<F>, Unit>(key, to, n, [&](const std::uint32_t* words, T* out) {
          for (int k = 0; k < detail::per_batch<F>; ++k) {
            F u;
            if constexpr (sizeof(F) == 8)
              u = static_cast<double>(detail::pair_of(words + 2 * k) >> 11) * 0x1p-53;
            else
              u = static_cast<float>(static_cast<std::int32_t>(words[k] >> 8)) * 0x1p-24f;
            const T v = static_cast<T>(from + u * width);
            out[k] = v < b ? v : last;
          }
        });
      },
      sizes...);
}

/// Numbers of mean 0 and variance 1, with extents as for zeros: normal<float, "batch", 10>(g, 32). Their last
/// bits are those of the unit's logarithm.
template <element T, extent... E, std::integral... N, class Unit = this_unit>
requires detail::real_floating<T>
auto normal(generator& g, N... sizes) {
  return detail::drawn<T, E...>(
      g, [](const random_key& key, T* to, index n) { detail::fill_normal<Unit>(key, to, n); }, sizes...);
}

/// Integers from low to high - 1, each as likely as the others: randint<int>(g, 0, 10, 3, 4); int64 if no
/// type is given. usage_error where there are none, or T cannot hold them.
template <element T = std::int64_t, extent... E, std::integral... N, class Unit = this_unit>
requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) auto randint(generator& g, index low, index high,
                                                                         N... sizes) {
  if (low >= high)
    throw usage_error("randint: expected low < high, got " + std::to_string(low) + " and " +
                      std::to_string(high));
  if (static_cast<index>(static_cast<T>(low)) != low ||
      static_cast<index>(static_cast<T>(high - 1)) != high - 1 || (!std::is_signed_v<T> && low < 0))
    throw usage_error("randint: " + std::string(name_of(dtype_of<T>)) + " does not hold the integers from " +
                      std::to_string(low) + " to " + std::to_string(high - 1));
  const std::uint64_t many = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  const auto base = static_cast<std::uint64_t>(low);
  if (many > 0xFFFFFFFFu)
    return detail::drawn_each<T, E...>(
        g, [&](detail::random_sequence& s) { return static_cast<T>(base + s.below(many)); }, sizes...);
  // The upper half of a word times `many`; words whose product's lower half is too small are refused.
  // Source: Lemire, "Fast random integer generation in an interval", 2019.
  const auto range = static_cast<std::uint32_t>(many), refused = (0 - range) % range;
  return detail::drawn<T, E...>(
      g,
      [&](const random_key& key, T* to, index n) {
        detail::in_parts(n, detail::random_part, [&](index first, index count) {
          std::uint32_t words[host::batch_words];
          for (index i = first; i < first + count; ++i) {
            const auto k = static_cast<std::size_t>((i - first) % host::batch_words);
            if (k == 0) host::random_batch<Unit>::fill(key, static_cast<std::uint64_t>(i / 4), words);
            std::uint64_t product = std::uint64_t(words[k]) * range;
            if (static_cast<std::uint32_t>(product) < refused) {
              // blocks of this element that no batch reaches
              detail::random_sequence s(key, i + (index(1) << 39));
              do product = (s.bits() >> 32) * range;
              while (static_cast<std::uint32_t>(product) < refused);
            }
            to[i] = static_cast<T>(base + (product >> 32));
          }
        });
      },
      sizes...);
}

/// 0 to n - 1 in random order, each order as likely as the others (Fisher and Yates): [n]. usage_error where
/// n < 0.
inline tensor<std::int64_t, dyn> permutation(generator& g, index n) {
  if (n < 0) throw usage_error("permutation: expected a size of 0 or more, got " + std::to_string(n));
  auto r = arange<std::int64_t>(0, n);
  detail::random_sequence numbers(g.next());
  std::int64_t* const p = r.own();
  for (index i = n - 1; i > 0; --i)
    std::swap(p[i], p[static_cast<index>(numbers.below(static_cast<std::uint64_t>(i) + 1))]);
  return r;
}

}  // namespace tenon
