// Random tensors: uniform and normal numbers, permutations, and generators that split.
//
// Each call takes one stream of the generator, whatever it makes; element i of the result depends on the
// seed, the number of calls before and i alone.
#pragma once

#include <cmath>
#include <concepts>
#include <numbers>
#include <utility>

#include "tenon/array/create.hpp"
#include "tenon/core/philox.hpp"

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

template <class T>
void fill_uniform(const random_key& key, T* to, index n) {
  constexpr int per = uniforms_per_block<T>;
  for (index i = 0; i < n; i += per) {
    const random_block block = key.block(static_cast<std::uint64_t>(i / per));
    for (int k = 0; k < per && i + k < n; ++k) to[i + k] = uniform_of<T>(block, k);
  }
}

/// Elements 2j and 2j + 1 are one pair of Box and Muller (1958), worked out in double.
template <class T>
void fill_normal(const random_key& key, T* to, index n) {
  constexpr int per = uniforms_per_block<T>;
  for (index i = 0; i < n; i += per) {
    const random_block block = key.block(static_cast<std::uint64_t>(i / per));
    for (int k = 0; k < per && i + k < n; k += 2) {
      double radius, turn;  // (0, 1], for the logarithm, and [0, 1)
      if constexpr (sizeof(T) == 4) {
        radius = (block.word[k] + 1.0) * 0x1p-32;
        turn = block.word[k + 1] * 0x1p-32;
      } else {
        radius = 1 - uniform_of<double>(block, 0);
        turn = uniform_of<double>(block, 1);
      }
      radius = std::sqrt(-2 * std::log(radius));
      const double angle = 2 * std::numbers::pi * turn;
      to[i + k] = static_cast<T>(radius * std::cos(angle));
      if (i + k + 1 < n) to[i + k + 1] = static_cast<T>(radius * std::sin(angle));
    }
  }
}

/// The numbers of a stream one after the other, where each may take several tries.
class random_sequence {
 public:
  explicit random_sequence(const random_key& key) : key_(key) {}
  /// 0 to n - 1, each as likely as the others: the 2^64 mod n first words are refused.
  std::uint64_t below(std::uint64_t n) {
    const std::uint64_t refused = (0 - n) % n;
    for (;;) {
      const std::uint64_t word = key_.block(at_ / 2).pair(static_cast<int>(at_ % 2));
      ++at_;
      if (word >= refused) return word % n;
    }
  }

 private:
  random_key key_;
  std::uint64_t at_ = 0;
};

}  // namespace detail

/// Numbers in [0, 1), with extents as for zeros: uniform<float>(g, 3, 4), uniform<float, "batch", 10>(g, 32).
template <std::floating_point T, extent... E, std::integral... N>
auto uniform(generator& g, N... sizes) {
  using R = detail::created<T, int(sizeof...(N)), E...>;
  R r = R::uninitialised(detail::filled_extents<typename R::shape_type>::make(sizes...));
  detail::fill_uniform(g.next(), r.own(), r.size());
  return r;
}

/// Numbers of mean 0 and variance 1, with extents as for zeros: normal<float, "batch", 10>(g, 32). Their last
/// bits are those of the platform's logarithm, sine and cosine.
template <std::floating_point T, extent... E, std::integral... N>
auto normal(generator& g, N... sizes) {
  using R = detail::created<T, int(sizeof...(N)), E...>;
  R r = R::uninitialised(detail::filled_extents<typename R::shape_type>::make(sizes...));
  detail::fill_normal(g.next(), r.own(), r.size());
  return r;
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
