// What tests of linear algebra share: stacks of random matrices, and plain loops in long double.
#pragma once

#include "../support.hpp"

#include <tenon/array/random.hpp>
#include <tenon/linear_algebra.hpp>
#include <tenon/ops/indexing.hpp>
#include <tenon/ops/trigonometric.hpp>

#include <cmath>
#include <limits>
#include <utility>

namespace test {

using namespace tenon;
using tenon::index;

template <class T>
using stack = tensor<T, dyn, dyn, dyn>;
template <class T>
using vectors = tensor<T, dyn, dyn>;

/// [s, m, n] of normal numbers.
template <class T>
stack<T> random_stack(generator& g, index s, index m, index n) {
  return astype<T>(normal<double>(g, int(s), int(m), int(n)));
}
/// [s, n, n], regular and well conditioned: normal numbers, and more on the diagonal.
template <class T>
stack<T> regular_stack(generator& g, index s, index n) {
  stack<T> x = random_stack<T>(g, s, n, n);
  for (index i = 0; i < s; ++i)
    for (index k = 0; k < n; ++k) x(i, k, k) += T(2 * std::sqrt(double(n)) + 1);
  return x;
}

/// One matrix in long double.
struct dense {
  index m, n;
  std::vector<long double> v;
  dense(index rows, index columns) : m(rows), n(columns), v(std::size_t(rows * columns)) {}
  long double& operator()(index i, index j) { return v[std::size_t(i * n + j)]; }
  long double operator()(index i, index j) const { return v[std::size_t(i * n + j)]; }
};

template <class T>
dense at(const stack<T>& x, index s) {
  dense d(x.extent(1), x.extent(2));
  for (index i = 0; i < d.m; ++i)
    for (index j = 0; j < d.n; ++j) d(i, j) = x(s, i, j);
  return d;
}
inline dense operator*(const dense& a, const dense& b) {
  REQUIRE(a.n == b.m);
  dense c(a.m, b.n);
  for (index i = 0; i < a.m; ++i)
    for (index j = 0; j < b.n; ++j)
      for (index k = 0; k < a.n; ++k) c(i, j) += a(i, k) * b(k, j);
  return c;
}
inline dense flipped(const dense& a) {
  dense t(a.n, a.m);
  for (index i = 0; i < a.m; ++i)
    for (index j = 0; j < a.n; ++j) t(j, i) = a(i, j);
  return t;
}
inline dense unit(index n) {
  dense d(n, n);
  for (index i = 0; i < n; ++i) d(i, i) = 1;
  return d;
}
inline dense symmetrised(const dense& a) {
  dense d(a.m, a.n);
  for (index i = 0; i < a.m; ++i)
    for (index j = 0; j < a.n; ++j) d(i, j) = (a(i, j) + a(j, i)) / 2;
  return d;
}

/// The greatest magnitude; NaN where there is one.
inline double size_of_elements(const dense& a) {
  double most = 0;
  for (const long double x : a.v)
    most = std::isnan(x) || std::fabs(double(x)) > most ? std::fabs(double(x)) : most;
  return most;
}
inline double distance(const dense& a, const dense& b) {
  REQUIRE(a.m == b.m);
  REQUIRE(a.n == b.n);
  dense d = a;
  for (std::size_t i = 0; i < d.v.size(); ++i) d.v[i] -= b.v[i];
  return size_of_elements(d);
}

/// The determinant by elimination with complete pivoting.
inline long double determinant(dense a) {
  long double det = 1;
  for (index k = 0; k < a.n; ++k) {
    index p = k, q = k;
    for (index i = k; i < a.n; ++i)
      for (index j = k; j < a.n; ++j)
        if (std::fabs(a(i, j)) > std::fabs(a(p, q))) p = i, q = j;
    if (a(p, q) == 0) return 0;
    for (index j = 0; j < a.n; ++j) std::swap(a(k, j), a(p, j));
    for (index i = 0; i < a.n; ++i) std::swap(a(i, k), a(i, q));
    det *= a(k, k) * ((p == k) == (q == k) ? 1 : -1);
    for (index i = k + 1; i < a.n; ++i) {
      const long double factor = a(i, k) / a(k, k);
      for (index j = k; j < a.n; ++j) a(i, j) -= factor * a(k, j);
    }
  }
  return det;
}

/// Units in the last place of 1, as many as rounding errors of a backward stable method may be.
template <class T>
double rounding(index n) {
  return double(std::numeric_limits<T>::epsilon()) * 8 * double(n + 2);
}

inline const std::vector<index> sizes{0, 1, 2, 3, 5, 8, 15, 16, 17, 40};
inline const std::vector<std::pair<index, index>> shapes{{0, 3},  {3, 0},   {1, 1},   {1, 4},  {4, 1},
                                                         {2, 3},  {3, 2},   {5, 5},   {7, 4},  {4, 7},
                                                         {16, 9}, {17, 17}, {30, 20}, {20, 40}};

/// The same elements in memory that is transposed: a view's strides reach the op.
template <class T>
auto across(const stack<T>& x) {
  return swapaxes<-2, -1>(eval(swapaxes<-2, -1>(x)));
}

template <class X, class Y>
bool same_bits(const X& x, const Y& y) {
  return x.size() == y.size() &&
         std::memcmp(x.data(), y.data(), std::size_t(x.size()) * sizeof(typename X::value_type)) == 0;
}

}  // namespace test
