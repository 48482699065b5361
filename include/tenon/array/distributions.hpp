// Random numbers of other distributions, element by element: each draws from a sequence of its own, so that
// how many tries one takes changes no other.
#pragma once

#include "tenon/array/random.hpp"

namespace tenon {

namespace detail {

/// log of a gamma variate of shape a > 0 and scale 1. Where a < 1, one of shape a + 1 times U^(1 / a): the
/// logarithm holds what would underflow. Source: Marsaglia, Tsang, "A simple method for generating gamma
/// variables", 2000.
inline double log_gamma_variate(random_sequence& s, double a) {
  double boost = 0;
  if (a < 1) {
    boost = std::log(s.positive()) / a;
    a += 1;
  }
  const double d = a - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = s.normal(), t = 1 + c * x;
    if (t <= 0) continue;
    const double v = t * t * t;
    if (std::log(s.positive()) < 0.5 * x * x + d - d * v + d * std::log(v)) return std::log(d * v) + boost;
  }
}
inline double beta_variate(random_sequence& s, double a, double b) {
  const double x = log_gamma_variate(s, a), y = log_gamma_variate(s, b);
  return 1 / (1 + std::exp(y - x));
}

/// Below 10 by inversion, term after term; else by transformed rejection. Source: Hörmann, "The transformed
/// rejection method for generating Poisson random variables", 1993 (PTRS).
inline std::int64_t poisson_variate(random_sequence& s, double mean) {
  if (mean < 10) {
    double u = s.uniform(), term = std::exp(-mean);
    std::int64_t k = 0;
    while (u >= term && (static_cast<double>(k) < mean || term > 1e-18)) {
      u -= term;
      term *= mean / static_cast<double>(++k);
    }
    return k;
  }
  const double log_mean = std::log(mean), b = 0.931 + 2.53 * std::sqrt(mean), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), v_r = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = s.uniform() - 0.5, v = s.positive(), us = 0.5 - std::abs(u);
    if (us <= 0) continue;
    const double k = std::floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= v_r) return static_cast<std::int64_t>(k);
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b) <=
        k * log_mean - mean - std::lgamma(k + 1))
      return static_cast<std::int64_t>(k);
  }
}

/// A Poisson number whose mean is a gamma variate: the failures before the k-th success, of probability
/// 1 / (1 + odds) each.
inline std::int64_t gamma_poisson_variate(random_sequence& s, double k, double odds) {
  return poisson_variate(s, odds * std::exp(log_gamma_variate(s, k)));
}
/// What gamma_poisson_variate stays below: beyond are fewer than 2^-53 of the numbers.
inline double most_gamma_poisson(double k, double odds) {
  const double mean = odds * (k + 40 * std::sqrt(k) + 40);
  return mean + 40 * std::sqrt(mean) + 40;
}

/// Exact: while n is large, a beta variate is the i-th smallest of n uniform numbers, and tells how many of
/// those below p are left to be counted on one side of it. Source: Ahrens, Dieter, "Computer methods for
/// sampling from gamma, beta, Poisson and binomial distributions", 1974.
inline std::int64_t binomial_variate(random_sequence& s, std::int64_t n, double p) {
  std::int64_t count = 0;
  while (n > 40 && p > 0 && p < 1) {
    const std::int64_t i = n / 2 + 1;
    const double y = beta_variate(s, static_cast<double>(i), static_cast<double>(n + 1 - i));
    if (y <= p) {
      count += i;
      n -= i;
      p = (p - y) / (1 - y);
    } else {
      n = i - 1;
      p /= y;
    }
  }
  if (p >= 1) return count + n;
  for (std::int64_t k = 0; k < n && p > 0; ++k) count += s.uniform() < p;
  return count;
}

/// Of a standard normal number in [a, b]: normal proposals where the interval is wide and holds 0, else
/// exponential or uniform ones. Source: Robert, "Simulation of truncated normal variables", 1995.
inline double truncated_normal_variate(random_sequence& s, double a, double b) {
  if (b < 0 || (a < 0 && b == 0)) return -truncated_normal_variate(s, -b, -a);
  if (a < 0) {
    if (b - a > 2.5)
      for (;;)
        if (const double x = s.normal(); x >= a && x <= b) return x;
    for (;;)
      if (const double x = a + (b - a) * s.uniform(); s.uniform() < std::exp(-0.5 * x * x)) return x;
  }
  if (a == 0 && b > 1.25)
    for (;;)
      if (const double x = std::abs(s.normal()); x <= b) return x;
  if ((b - a) * (a + b) < 2)  // the density falls by less than e: uniform proposals
    for (;;)
      if (const double x = a + (b - a) * s.uniform(); s.uniform() < std::exp(0.5 * (a * a - x * x))) return x;
  const double rate = 0.5 * (a + std::sqrt(a * a + 4));
  for (;;) {
    const double x = a + s.exponential() / rate, miss = x - rate;
    if (x <= b && s.uniform() < std::exp(-0.5 * miss * miss)) return x;
  }
}

inline void require_location(const char* what, double v) {
  require(std::isfinite(v), what, "a finite location", v);
}
inline void require_scale(const char* what, double v) {
  require(v >= 0 && std::isfinite(v), what, "a finite scale of 0 or more", v);
}
inline void require_positive(const char* what, double v) {
  require(v > 0 && std::isfinite(v), what, "a finite parameter above 0", v);
}
inline void require_probability(const char* what, double p) {
  require(p >= 0 && p <= 1, what, "a probability in [0, 1]", p);
}
template <class T>
void require_counts(const char* what, double most) {
  require(most <= static_cast<double>(std::numeric_limits<T>::max()) && most <= 0x1p53, what,
          "numbers that the dtype holds", most);
}

template <class T>
void require_mean(const char* what, double mean) {
  require(mean >= 0 && std::isfinite(mean), what, "a finite mean of 0 or more", mean);
  require_counts<T>(what, mean + 40 * std::sqrt(mean) + 40);
}
template <class T>
double negative_binomial_odds(double k, double p) {
  require_positive("negative_binomial", k);
  require(p > 0 && p <= 1, "negative_binomial", "a probability in (0, 1]", p);
  const double odds = (1 - p) / p;
  require_counts<T>("negative_binomial", most_gamma_poisson(k, odds));
  return odds;
}
template <class T>
void require_dispersed(double mean, double alpha) {
  constexpr const char* what = "generalized_negative_binomial";
  require_mean<T>(what, mean);
  require(alpha >= 0 && std::isfinite(alpha), what, "a finite dispersion of 0 or more", alpha);
  if (alpha > 0) require_counts<T>(what, most_gamma_poisson(1 / alpha, mean * alpha));
}

template <class T>
concept counting = std::is_integral_v<T> && !std::is_same_v<T, bool>;

}  // namespace detail

/// true with probability p: bernoulli(g, 0.3, 100); of another dtype 1 and 0: bernoulli<float>(g, 0.3, 100).
/// usage_error where p is not in [0, 1].
template <element T = bool, extent... E, std::integral... N>
requires(!complex_number<T>) auto bernoulli(generator& g, double p, N... sizes) {
  detail::require_probability("bernoulli", p);
  return detail::drawn_each<T, E...>(
      g, [p](detail::random_sequence& s) { return static_cast<T>(s.uniform() < p ? 1.f : 0.f); }, sizes...);
}

/// Numbers of density exp(-x / scale) / scale, above 0. usage_error where scale is below 0 or not finite.
template <element T, extent... E, std::integral... N>
requires detail::real_floating<T>
auto exponential(generator& g, double scale, N... sizes) {
  detail::require_scale("exponential", scale);
  return detail::drawn_each<T, E...>(
      g, [=](detail::random_sequence& s) { return detail::rounded<T>(scale * s.exponential()); }, sizes...);
}

/// Numbers of density exp(-|x - location| / scale) / (2 scale). usage_error where scale is below 0 or one is
/// not finite.
template <element T, extent... E, std::integral... N>
requires detail::real_floating<T>
auto laplace(generator& g, double location, double scale, N... sizes) {
  detail::require_location("laplace", location);
  detail::require_scale("laplace", scale);
  return detail::drawn_each<T, E...>(
      g,
      [=](detail::random_sequence& s) {
        const double x = scale * s.exponential();
        return detail::rounded<T>(s.bits() >> 63 != 0 ? location + x : location - x);
      },
      sizes...);
}

/// Normal numbers of a mean and a standard deviation, those outside [low, high] left out; by default beyond
/// two standard deviations. usage_error where low > high, deviation is not above 0, or mean is not finite;
/// limits may be infinite.
template <element T, extent... E, std::integral... N>
requires detail::real_floating<T>
auto truncated_normal(generator& g, double mean, double deviation, double low, double high, N... sizes) {
  detail::require_location("truncated_normal", mean);
  detail::require_positive("truncated_normal", deviation);
  if (!(low <= high) || low == std::numeric_limits<double>::infinity() ||
      high == -std::numeric_limits<double>::infinity())
    throw usage_error("truncated_normal: expected low <= high, got " + std::to_string(low) + " and " +
                      std::to_string(high));
  const double a = (low - mean) / deviation, b = (high - mean) / deviation;
  return detail::drawn_each<T, E...>(
      g,
      [=](detail::random_sequence& s) {
        if (low == high) return detail::rounded<T>(low);
        const double x = mean + deviation * detail::truncated_normal_variate(s, a, b);
        return detail::rounded<T>(x < low ? low : x > high ? high : x);
      },
      sizes...);
}
template <element T, extent... E, std::integral... N>
requires detail::real_floating<T>
auto truncated_normal(generator& g, N... sizes) {
  return truncated_normal<T, E...>(g, 0.0, 1.0, -2.0, 2.0, sizes...);
}

/// Numbers of density x^(shape - 1) exp(-x / scale), up to its constant. usage_error where shape is not above
/// 0, scale below 0, or one not finite.
template <element T, extent... E, std::integral... N>
requires detail::real_floating<T>
auto gamma(generator& g, double shape, double scale, N... sizes) {
  detail::require_positive("gamma", shape);
  detail::require_scale("gamma", scale);
  return detail::drawn_each<T, E...>(
      g,
      [=](detail::random_sequence& s) {
        return detail::rounded<T>(scale * std::exp(detail::log_gamma_variate(s, shape)));
      },
      sizes...);
}

/// Numbers in [0, 1] of density x^(a - 1) (1 - x)^(b - 1), up to its constant. usage_error where a or b is
/// not above 0 or not finite.
template <element T, extent... E, std::integral... N>
requires detail::real_floating<T>
auto beta(generator& g, double a, double b, N... sizes) {
  detail::require_positive("beta", a);
  detail::require_positive("beta", b);
  return detail::drawn_each<T, E...>(
      g, [=](detail::random_sequence& s) { return detail::rounded<T>(detail::beta_variate(s, a, b)); },
      sizes...);
}

/// Counts of events of which `mean` are expected; int64 if no type is given. usage_error where mean is below
/// 0, or so large that T does not hold the counts.
template <element T = std::int64_t, extent... E, std::integral... N>
requires detail::counting<T>
auto poisson(generator& g, double mean, N... sizes) {
  detail::require_mean<T>("poisson", mean);
  return detail::drawn_each<T, E...>(
      g, [=](detail::random_sequence& s) { return static_cast<T>(detail::poisson_variate(s, mean)); },
      sizes...);
}

/// How many trials of probability p fail before k succeed, k any number above 0; int64 if no type is given.
/// usage_error where k is not above 0, p not in (0, 1], or T might not hold the counts.
template <element T = std::int64_t, extent... E, std::integral... N>
requires detail::counting<T>
auto negative_binomial(generator& g, double k, double p, N... sizes) {
  const double odds = detail::negative_binomial_odds<T>(k, p);
  return detail::drawn_each<T, E...>(
      g,
      [=](detail::random_sequence& s) { return static_cast<T>(detail::gamma_poisson_variate(s, k, odds)); },
      sizes...);
}
/// The same by mean and dispersion: the variance is mean + alpha mean^2; Poisson numbers where alpha is 0.
/// usage_error where mean or alpha is below 0, or T might not hold the counts.
template <element T = std::int64_t, extent... E, std::integral... N>
requires detail::counting<T>
auto generalized_negative_binomial(generator& g, double mean, double alpha, N... sizes) {
  detail::require_dispersed<T>(mean, alpha);
  if (alpha == 0) return poisson<T, E...>(g, mean, sizes...);
  return detail::drawn_each<T, E...>(
      g,
      [=](detail::random_sequence& s) {
        return static_cast<T>(detail::gamma_poisson_variate(s, 1 / alpha, mean * alpha));
      },
      sizes...);
}

/// How many of n trials of probability p succeed; int64 if no type is given. usage_error where n < 0, p is
/// not in [0, 1], or T does not hold n.
template <element T = std::int64_t, extent... E, std::integral... N>
requires detail::counting<T>
auto binomial(generator& g, index n, double p, N... sizes) {
  detail::require(n >= 0, "binomial", "0 trials or more", static_cast<double>(n));
  detail::require_probability("binomial", p);
  detail::require_counts<T>("binomial", static_cast<double>(n));
  return detail::drawn_each<T, E...>(
      g, [=](detail::random_sequence& s) { return static_cast<T>(detail::binomial_variate(s, n, p)); },
      sizes...);
}

}  // namespace tenon
