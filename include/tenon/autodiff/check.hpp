// Checks derivatives against differences: what users run on functions and ops of their own.
#pragma once

#include <cmath>

#include "tenon/autodiff/transforms.hpp"

namespace tenon {

struct check_options {
  int order = 1;         // 2: the second derivative too, through hvp
  double step = 0;       // 0: the cube root of the dtype's epsilon, relative to the argument
  double tolerance = 0;  // 0: 100 * step, relative to the derivative's size
};

namespace detail {

template <class T>
double default_step() {
  return std::cbrt(static_cast<double>(std::numeric_limits<T>::epsilon()));
}

/// Directions are a fixed pseudo-random sequence: the check gives the same answer each time.
inline double next_direction(std::uint64_t& state) {
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return static_cast<double>(state >> 11) / 4503599627370496.0 - 1.0;
}

template <class Tensor>
Tensor direction_like(const Tensor& x, std::uint64_t& state) {
  Tensor d = x;
  typename Tensor::value_type* const p = d.own();
  for (index i = 0; i < d.size(); ++i) p[i] = static_cast<typename Tensor::value_type>(next_direction(state));
  return d;
}

template <class Tensor>
Tensor moved(const Tensor& x, const Tensor& d, double by) {
  Tensor r = x;
  for (index i = 0; i < r.size(); ++i)
    r.own()[i] = static_cast<typename Tensor::value_type>(double(x.flat()[i]) + by * double(d.flat()[i]));
  return r;
}

template <class Tensor>
double dot_of(const Tensor& a, const Tensor& b) {
  double s = 0;
  for (index i = 0; i < a.size(); ++i) s += double(a.flat()[i]) * double(b.flat()[i]);
  return s;
}

inline void compare(const char* what, double got, double expected, double tolerance) {
  const double scale = std::fmax(1.0, std::fmax(std::fabs(got), std::fabs(expected)));
  if (!(std::fabs(got - expected) <= tolerance * scale))
    throw usage_error(std::string("check_grads: ") + what + " is " + std::to_string(got) + ", expected " +
                      std::to_string(expected) + " by differences");
}

}  // namespace detail

/// Compares forward mode, reverse mode and central differences of f at a point, along a random direction:
/// throws usage_error where they differ. f's result may have any shape; order 2 needs one argument and a
/// rank-0 result.
template <class F, class... A>
void check_grads(const F& f, const std::tuple<A...>& x, check_options options = {}) {
  using namespace detail;
  using first = std::tuple_element_t<0, std::tuple<A...>>;
  std::uint64_t state = 42;
  const double step = options.step > 0 ? options.step : default_step<typename first::value_type>();
  const double tolerance = options.tolerance > 0 ? options.tolerance : 100 * step;
  [&]<int... I>(std::integer_sequence<int, I...>) {
    const auto dx = std::make_tuple(direction_like(std::get<I>(x), state)...);
    const auto [y, dy] = jvp(f, x, dx);
    const auto seed = direction_like(y, state);
    const auto value_at = [&](double by) {
      const auto e = traced(f, std::get<I>(x)...);
      return dot_of(traced_value<this_unit>(e, moved(std::get<I>(x), std::get<I>(dx), by)...), seed);
    };
    const double expected = (value_at(step) - value_at(-step)) / (2 * step);
    compare("the forward derivative", dot_of(dy, seed), expected, tolerance);
    const auto back = vjp(f, std::get<I>(x)...);
    const auto cotangents = back.pullback(seed);
    double reverse = 0;
    if constexpr (sizeof...(I) == 1)
      reverse = dot_of(cotangents, std::get<0>(dx));
    else
      reverse = (dot_of(std::get<I>(cotangents), std::get<I>(dx)) + ...);
    compare("the reverse derivative", reverse, expected, tolerance);
    if constexpr (sizeof...(I) == 1 && std::remove_cvref_t<decltype(y)>::rank == 0) {
      if (options.order >= 2) {
        const auto g = grad(f);
        const auto up = g(moved(std::get<0>(x), std::get<0>(dx), step));
        const auto down = g(moved(std::get<0>(x), std::get<0>(dx), -step));
        const auto other = direction_like(std::get<0>(x), state);
        compare("the second derivative", dot_of(hvp(f, std::get<0>(x), std::get<0>(dx)), other),
                (dot_of(up, other) - dot_of(down, other)) / (2 * step), tolerance);
      }
    } else if (options.order >= 2) {
      throw usage_error("check_grads: order 2 takes a function of one argument with a rank-0 result");
    }
  }
  (std::make_integer_sequence<int, int(sizeof...(A))>{});
}

}  // namespace tenon
