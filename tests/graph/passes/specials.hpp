// Special values in pairs: what identities have to hold for.
#pragma once

#include "graphs.hpp"

#include <limits>

namespace test {

/// Zeros, ones, numbers of all sizes, the least and greatest, subnormal ones, infinities and NaN.
template <class T>
std::vector<T> specials() {
  using L = std::numeric_limits<float>;
  std::vector<double> v{0.0,
                        -0.0,
                        1,
                        -1,
                        0.5,
                        -0.5,
                        3,
                        -3,
                        1.0 / 3,
                        -0.1,
                        7.25,
                        1e-3,
                        1e20,
                        L::max(),
                        L::min(),
                        L::lowest(),
                        L::denorm_min(),
                        -L::denorm_min(),
                        1.5 * double(L::min()),
                        3 * double(L::denorm_min())};
  std::vector<T> r;
  for (const double d : v) r.push_back(static_cast<T>(static_cast<float>(d)));
  if constexpr (std::is_same_v<T, double>)
    for (const double d :
         {std::numeric_limits<double>::max(), std::numeric_limits<double>::denorm_min(), 1e-310})
      r.push_back(d);
  for (const float d : {L::infinity(), -L::infinity(), L::quiet_NaN(), -L::quiet_NaN()})
    r.push_back(static_cast<T>(d));
  return r;
}
template <class T>
std::vector<T> integers() {
  using L = std::numeric_limits<T>;
  return {T(0), T(1), T(-1), T(2), T(5), T(-7), T(100), L::max(), L::min(), T(L::max() - 1), T(L::min() + 1)};
}

/// All pairs of special values.
template <class T>
struct pairs {
  tenon::tensor<T, tenon::dyn> a, b;
  explicit pairs(const std::vector<T> &v)
      : a(tenon::zeros<T>(tenon::index(v.size() * v.size()))),
        b(tenon::zeros<T>(tenon::index(v.size() * v.size()))) {
    for (std::size_t k = 0; k < v.size() * v.size(); ++k) {
      a.data()[k] = v[k / v.size()];
      b.data()[k] = v[k % v.size()];
    }
  }
};

}  // namespace test
