// Random classes, counts, orders and choices, by weights or each as likely as the others.
#pragma once

#include <algorithm>
#include <vector>

#include "tenon/array/distributions.hpp"

namespace tenon {

namespace detail {

template <class Shape>
struct without_last;
template <class Kept, class... D>
struct drop_last;
template <class... K, class D>
struct drop_last<shape<K...>, D> {
  using type = shape<K...>;
};
template <class... K, class D, class E, class... Rest>
struct drop_last<shape<K...>, D, E, Rest...> : drop_last<shape<K..., D>, E, Rest...> {};
template <class... D>
struct without_last<shape<D...>> : drop_last<shape<>, D...> {};

/// Weights as running sums along the last axis, checked: [rows * n].
template <class T, class Shape>
std::vector<double> running_weights(const char* what, const basic_tensor<T, Shape>& p, index n) {
  std::vector<double> sums(static_cast<std::size_t>(p.size()));
  double sum = 0;
  for (index i = 0; i < p.size(); ++i) {
    if (i % n == 0) sum = 0;
    const auto w = static_cast<double>(p.flat()[i]);
    if (!(w >= 0) || !std::isfinite(w))
      throw usage_error(std::string(what) + ": expected finite weights of 0 or more, got " +
                        std::to_string(w) + " at place " + std::to_string(i % n) + " of row " +
                        std::to_string(i / n));
    sums[static_cast<std::size_t>(i)] = sum += w;
    if (i % n == n - 1 && !(sum > 0 && std::isfinite(sum)))
      throw usage_error(std::string(what) + ": the weights of row " + std::to_string(i / n) + " add up to " +
                        std::to_string(sum) + ", expected a finite sum above 0");
  }
  return sums;
}
/// The place whose part of the sum a number in [0, 1) falls into; places of weight 0 are never taken.
inline index place_of(const double* sums, index n, double u) {
  const double target = u * sums[n - 1];
  const index at = std::upper_bound(sums, sums + n, target) - sums;
  if (at < n) return at;
  return std::lower_bound(sums, sums + n, sums[n - 1]) -
         sums;  // rounded up to the sum: the last with a weight
}

template <class T, class Shape>
index classes_of(const char* what, const basic_tensor<T, Shape>& p) {
  static_assert(Shape::rank > 0, "tenon: weights have at least one axis, the last of which is drawn from");
  const index n = p.extent(-1);
  if (n == 0) throw usage_error(std::string(what) + ": there are no classes to draw from");
  return n;
}
template <class T, class Shape>
auto rows_of(const basic_tensor<T, Shape>& p) {
  std::array<index, Shape::rank - 1> e{};
  std::copy_n(p.shape().begin(), Shape::rank - 1, e.begin());
  return e;
}

}  // namespace detail

/// A class for each row of weights, which need not add up to 1, along the last axis: [..., classes] -> [...],
/// int64. usage_error for weights that are negative or not finite, and for rows without a weight above 0.
template <tensor_like P>
requires(detail::operand_as<0, P>::type::shape_type::rank > 0) auto categorical(generator& g,
                                                                                const P& weights) {
  const auto p = eval(weights);
  const index n = detail::classes_of("categorical", p);
  const auto sums = detail::running_weights("categorical", p, n);
  using S = typename detail::without_last<typename decltype(p)::shape_type>::type;
  auto r = basic_tensor<std::int64_t, S>::uninitialised(detail::rows_of(p));
  const random_key key = g.next();
  std::int64_t* const to = r.own();
  detail::in_parts(r.size(), 2048, [&](index first, index count) {
    for (index i = first; i < first + count; ++i)
      to[i] = detail::place_of(sums.data() + i * n, n, detail::random_sequence(key, i).uniform());
  });
  return r;
}
/// The same of logits, unnormalised logarithms of probabilities: the largest after Gumbel numbers were added.
/// -inf is never taken. usage_error for NaN, +inf, and rows of -inf alone.
template <tensor_like P>
auto categorical_from_logits(generator& g, const P& logits) {
  const auto p = eval(logits);
  const index n = detail::classes_of("categorical_from_logits", p);
  for (index i = 0; i < p.size(); i += n) {
    bool some = false;
    for (index k = 0; k < n; ++k) {
      const auto v = static_cast<double>(p.flat()[i + k]);
      if (!(v < std::numeric_limits<double>::infinity()))
        throw usage_error("categorical_from_logits: expected numbers below +inf, got " + std::to_string(v));
      some = some || std::isfinite(v);
    }
    if (!some)
      throw usage_error("categorical_from_logits: row " + std::to_string(i / n) + " is -inf throughout");
  }
  using S = typename detail::without_last<typename decltype(p)::shape_type>::type;
  auto r = basic_tensor<std::int64_t, S>::uninitialised(detail::rows_of(p));
  const random_key key = g.next();
  std::int64_t* const to = r.own();
  detail::in_parts(r.size(), 256, [&](index first, index count) {
    for (index i = first; i < first + count; ++i) {
      detail::random_sequence s(key, i);
      double most = -std::numeric_limits<double>::infinity();
      for (index k = 0; k < n; ++k) {
        double e = s.exponential();
        while (e <= 0) e = s.exponential();
        const double v = static_cast<double>(p.flat()[i * n + k]) - std::log(e);
        if (v > most) {
          most = v;
          to[i] = k;
        }
      }
    }
  });
  return r;
}

/// How often each class comes up in n draws by weights, along the last axis: [..., classes] -> the same,
/// int64, each row adding up to n. usage_error where n < 0, and as for categorical.
template <tensor_like P>
auto multinomial(generator& g, index n, const P& weights) {
  detail::require(n >= 0, "multinomial", "0 draws or more", static_cast<double>(n));
  const auto p = eval(weights);
  const index classes = detail::classes_of("multinomial", p);
  const auto sums = detail::running_weights("multinomial", p, classes);
  using S = typename decltype(p)::shape_type;
  auto r = basic_tensor<std::int64_t, S>::uninitialised(p.shape());
  const random_key key = g.next();
  std::int64_t* const to = r.own();
  detail::in_parts(p.size() / classes, 64, [&](index first, index count) {
    for (index i = first; i < first + count; ++i) {
      detail::random_sequence s(key, i);
      index left = n;  // class by class from the last: a binomial share of what is left
      for (index k = classes - 1; k >= 0; --k) {
        const double upto = sums[static_cast<std::size_t>(i * classes + k)];
        const double before = k > 0 ? sums[static_cast<std::size_t>(i * classes + k - 1)] : 0;
        const index share = upto > before ? detail::binomial_variate(s, left, (upto - before) / upto) : 0;
        to[i * classes + k] = share;
        left -= share;
      }
    }
  });
  return r;
}

/// Puts the parts of x along axis 0 into random order, each order as likely as the others.
template <class T, class Shape>
requires(Shape::rank > 0) void shuffle(generator& g, basic_tensor<T, Shape>& x) {
  const auto order = permutation(g, x.extent(0));
  const index rows = x.extent(0), width = rows == 0 ? 0 : x.size() / rows;
  const basic_tensor<T, Shape> before = x;
  T* const to = x.own();
  for (index i = 0; i < rows; ++i)
    std::copy_n(before.flat() + order.flat()[i] * width, width, to + i * width);
}

/// Whether what was chosen may be chosen again.
enum class replacement { with, without };

/// `count` of the places 0 to n - 1: choice(g, 10, 3), choice(g, 10, 3, replacement::without): [count],
/// int64. usage_error where n or count is negative, n is 0, or without replacement count > n.
inline tensor<std::int64_t, dyn> choice(generator& g, index n, index count,
                                        replacement how = replacement::with) {
  if (count < 0 || n < 0 || (n == 0 && count > 0) || (how == replacement::without && count > n))
    throw usage_error("choice: cannot choose " + std::to_string(count) + " of " + std::to_string(n) +
                      (how == replacement::without ? " without replacement" : ""));
  if (count == 0) return tensor<std::int64_t, dyn>::uninitialised({0});
  if (how == replacement::with) return randint<std::int64_t>(g, 0, n, count);
  detail::random_sequence numbers(g.next());  // the first steps of Fisher and Yates
  std::vector<std::int64_t> places(static_cast<std::size_t>(n));
  for (index i = 0; i < n; ++i) places[static_cast<std::size_t>(i)] = i;
  auto r = tensor<std::int64_t, dyn>::uninitialised({count});
  for (index i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i) + numbers.below(static_cast<std::uint64_t>(n - i));
    std::swap(places[static_cast<std::size_t>(i)], places[at]);
    r.own()[i] = places[static_cast<std::size_t>(i)];
  }
  return r;
}
/// The same by weights [n], which need not add up to 1; without replacement each next place is drawn by the
/// weights of those left. usage_error also for bad weights, and for fewer of them above 0 than are wanted.
/// Source: Efraimidis, Spirakis, "Weighted random sampling with a reservoir", 2006.
template <tensor_like P>
tensor<std::int64_t, dyn> choice(generator& g, const P& weights, index count,
                                 replacement how = replacement::with) {
  const auto p = eval(weights);
  static_assert(decltype(p)::rank == 1, "tenon: weights to choose by have one axis");
  const index n = detail::classes_of("choice", p);
  const auto sums = detail::running_weights("choice", p, n);
  if (count < 0) throw usage_error("choice: cannot choose " + std::to_string(count) + " places");
  auto r = tensor<std::int64_t, dyn>::uninitialised({count});
  const random_key key = g.next();
  std::int64_t* const to = r.own();
  if (how == replacement::with) {
    detail::in_parts(count, 2048, [&](index first, index many) {
      for (index i = first; i < first + many; ++i)
        to[i] = detail::place_of(sums.data(), n, detail::random_sequence(key, i).uniform());
    });
    return r;
  }
  std::vector<std::pair<double, index>>
      times;  // of exponential clocks: the first to ring are chosen, in order
  for (index i = 0; i < n; ++i) {
    const auto w = static_cast<double>(p.flat()[i]);
    if (w > 0) times.emplace_back(detail::random_sequence(key, i).exponential() / w, i);
  }
  if (count > static_cast<index>(times.size()))
    throw usage_error("choice: cannot choose " + std::to_string(count) + " of " +
                      std::to_string(times.size()) + " places with a weight without replacement");
  std::partial_sort(times.begin(), times.begin() + count, times.end());
  for (index i = 0; i < count; ++i) to[i] = times[static_cast<std::size_t>(i)].second;
  return r;
}

}  // namespace tenon
