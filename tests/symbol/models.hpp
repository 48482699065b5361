// Nets for tests of training: one hash of their weights, and labelled rows.
#pragma once

#include <tenon/loss/cross_entropy.hpp>
#include <tenon/nn/dense.hpp>
#include <tenon/nn/model.hpp>

#include "../support.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>

namespace test {

template <int In, int Hidden, int Out>
using net =
    tenon::nn::sequential<tenon::nn::dense<In, Hidden>, tenon::nn::tanh, tenon::nn::dense<Hidden, Out>>;

template <class Model>
Model started(std::uint64_t seed = 1) {
  Model model;
  tenon::generator g(seed);
  tenon::initialise(model, g);
  return model;
}

constexpr auto loss_of = [](const auto& model, const auto& x, const auto& y) {
  return tenon::loss::softmax_cross_entropy(model(x), y);
};

template <int Columns>
tenon::tensor<float, "batch", Columns> features(index rows, double phase = 0) {
  auto x = tenon::zeros<float, "batch", Columns>(rows);
  for (index i = 0; i < x.size(); ++i) x.own()[i] = static_cast<float>(std::sin(0.37 * double(i) + phase));
  return x;
}
inline tenon::tensor<std::int32_t, "batch"> classes(index rows, int count, int shift = 0) {
  auto y = tenon::zeros<std::int32_t, "batch">(rows);
  for (index i = 0; i < rows; ++i) y.own()[i] = static_cast<std::int32_t>((i * 7 + shift) % count);
  return y;
}

/// FNV-1a over the bits of all parameters.
template <class Model>
std::uint64_t hash_of(const Model& model) {
  std::uint64_t h = 14695981039346656037ULL;
  tenon::for_each_parameter(model, [&](const auto& p) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(p.flat());
    const auto n = static_cast<std::size_t>(p.size()) * sizeof(*p.flat());
    for (std::size_t i = 0; i < n; ++i) h = (h ^ bytes[i]) * 1099511628211ULL;
  });
  return h;
}

template <class A, class B>
bool same_bits(const A& a, const B& b) {
  if (a.size() != b.size()) return false;
  return a.size() == 0 ||
         std::memcmp(a.flat(), b.flat(), static_cast<std::size_t>(a.size()) * sizeof(*a.flat())) == 0;
}

}  // namespace test
