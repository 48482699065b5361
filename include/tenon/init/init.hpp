// Random weights to start from, with static extents: [in, out].
// Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks",
// AISTATS 2010.
#pragma once

#include <cmath>

#include "tenon/array/random.hpp"

namespace tenon {

/// Weights in [-a, a) with a = sqrt(6 / (in + out)), so of variance 2 / (in + out): [in, out].
template <std::floating_point T, index In, index Out>
tensor<T, In, Out> glorot_uniform(generator& g) {
  static_assert(In > 0 && Out > 0, "tenon: a layer has at least one input and one output");
  const T a = static_cast<T>(std::sqrt(6.0 / static_cast<double>(In + Out)));
  auto w = uniform<T, In, Out>(g);
  T* const p = w.own();
  for (index i = 0; i < w.size(); ++i) p[i] = (2 * p[i] - 1) * a;
  return w;
}

/// Weights of mean 0 and variance 2 / (in + out), normally distributed: [in, out].
template <std::floating_point T, index In, index Out>
tensor<T, In, Out> glorot_normal(generator& g) {
  static_assert(In > 0 && Out > 0, "tenon: a layer has at least one input and one output");
  const T deviation = static_cast<T>(std::sqrt(2.0 / static_cast<double>(In + Out)));
  auto w = normal<T, In, Out>(g);
  T* const p = w.own();
  for (index i = 0; i < w.size(); ++i) p[i] *= deviation;
  return w;
}

}  // namespace tenon
