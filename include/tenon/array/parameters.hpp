// Random numbers by arrays of parameters, one for each: normal<float>(g, means, deviations). Parameters
// broadcast against each other, so that several numbers of each are
// normal<float>(g, broadcast_to<5, 3>(means), deviations). Element i depends on the seed, the number of calls
// before, i and its parameters alone. Numbers are refused by usage_error as where one is given; all are
// looked at first.
#pragma once

#include "tenon/array/distributions.hpp"
#include "tenon/ops/shape.hpp"

namespace tenon {

namespace detail {

/// draw(numbers, a, b) for each of the parameters a and b, read in double; check(a, b) before all.
template <class T, class A, class B, class Check, class Draw>
auto drawn_by(generator& g, const A& first, const B& second, const Check& check, const Draw& draw) {
  const auto both = astype<double>(first) + astype<double>(second);
  const auto a = eval(broadcast_like(astype<double>(first), both));
  const auto b = eval(broadcast_like(astype<double>(second), both));
  using R = basic_tensor<T, typename decltype(a)::shape_type>;
  const double *const p = a.data(), *const q = b.data();
  const index count = a.size();
  for (index i = 0; i < count; ++i) check(p[i], q[i]);
  R r = R::uninitialised(a.shape());
  const random_key key = g.next();
  T* const to = r.own();
  in_parts(count, 2048, [&](index begin, index n) {
    for (index i = begin; i < begin + n; ++i) {
      random_sequence numbers(key, i);
      to[i] = draw(numbers, p[i], q[i]);
    }
  });
  return r;
}

}  // namespace detail

/// Normal numbers, one for each mean and standard deviation.
template <element T, tensor_like M, tensor_like S>
requires detail::real_floating<T>
auto normal(generator& g, const M& means, const S& deviations) {
  return detail::drawn_by<T>(
      g, means, deviations,
      [](double m, double s) {
        detail::require_location("normal", m);
        detail::require_scale("normal", s);
      },
      [](detail::random_sequence& n, double m, double s) { return detail::rounded<T>(m + s * n.normal()); });
}
/// Numbers in [low, high), one for each pair; low where the two are equal.
template <element T, tensor_like L, tensor_like H>
requires detail::real_floating<T>
auto uniform(generator& g, const L& low, const H& high) {
  return detail::drawn_by<T>(
      g, low, high,
      [](double a, double b) {
        const double width =
            static_cast<double>(detail::rounded<T>(b)) - static_cast<double>(detail::rounded<T>(a));
        detail::require(width >= 0 && std::isfinite(width), "uniform", "finite low <= high and high - low",
                        width);
      },
      [](detail::random_sequence& n, double from, double to) {
        const T a = detail::rounded<T>(from), b = detail::rounded<T>(to);
        const double start = static_cast<double>(a);
        const T v = detail::rounded<T>(start + n.uniform() * (static_cast<double>(b) - start));
        return v < b ? v : a < b ? detail::below(b) : b;  // what rounds to high is not in [low, high)
      });
}
/// Numbers of density exp(-x / scale) / scale, one for each scale.
template <element T, tensor_like S>
requires detail::real_floating<T>
auto exponential(generator& g, const S& scales) {
  return detail::drawn_by<T>(
      g, scales, scales, [](double s, double) { detail::require_scale("exponential", s); },
      [](detail::random_sequence& n, double s, double) { return detail::rounded<T>(s * n.exponential()); });
}
/// Gamma variates, one for each shape and scale.
template <element T, tensor_like A, tensor_like S>
requires detail::real_floating<T>
auto gamma(generator& g, const A& shapes, const S& scales) {
  return detail::drawn_by<T>(
      g, shapes, scales,
      [](double a, double s) {
        detail::require_positive("gamma", a);
        detail::require_scale("gamma", s);
      },
      [](detail::random_sequence& n, double a, double s) {
        return detail::rounded<T>(s * std::exp(detail::log_gamma_variate(n, a)));
      });
}
/// Counts of events, one for each mean; int64 if no type is given.
template <element T = std::int64_t, tensor_like M>
requires detail::counting<T>
auto poisson(generator& g, const M& means) {
  return detail::drawn_by<T>(
      g, means, means, [](double m, double) { detail::require_mean<T>("poisson", m); },
      [](detail::random_sequence& n, double m, double) {
        return static_cast<T>(detail::poisson_variate(n, m));
      });
}
/// Failures before k successes of probability p, one count for each pair; int64 if no type is given.
template <element T = std::int64_t, tensor_like K, tensor_like P>
requires detail::counting<T>
auto negative_binomial(generator& g, const K& k, const P& p) {
  return detail::drawn_by<T>(
      g, k, p, [](double a, double b) { (void)detail::negative_binomial_odds<T>(a, b); },
      [](detail::random_sequence& n, double a, double b) {
        return static_cast<T>(detail::gamma_poisson_variate(n, a, (1 - b) / b));
      });
}
/// Negative binomial counts, one for each mean and dispersion; int64 if no type is given.
template <element T = std::int64_t, tensor_like M, tensor_like A>
requires detail::counting<T>
auto generalized_negative_binomial(generator& g, const M& means, const A& alpha) {
  return detail::drawn_by<T>(
      g, means, alpha, [](double m, double a) { detail::require_dispersed<T>(m, a); },
      [](detail::random_sequence& n, double m, double a) {
        return static_cast<T>(a == 0 ? detail::poisson_variate(n, m)
                                     : detail::gamma_poisson_variate(n, 1 / a, m * a));
      });
}

}  // namespace tenon
