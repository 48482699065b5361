// Kernels on memory of others, which has no slack: nothing is read or written beyond it.
#pragma once

#include <tenon/array/borrow.hpp>
#include <tenon/ops/complex.hpp>

#include "../support.hpp"
#include "guarded.hpp"

namespace test {

/// Small whole numbers, so that results are exact in every dtype.
template <class T>
T nth(index i) {
  return static_cast<T>(static_cast<float>(i % 3));
}
template <>
inline bool nth<bool>(index i) {
  return i % 3 == 1;
}

template <class X, class Y>
bool equal(const X& x, const Y& y) {
  const auto a = tenon::eval(x);
  const auto b = tenon::eval(y);
  if (a.shape() != b.shape()) return false;
  for (index i = 0; i < a.size(); ++i)
    if (!(a.flat()[i] == b.flat()[i])) return false;
  return true;
}

template <class T>
void check_guarded() {
  using namespace tenon;
  for (const edge at : {edge::end, edge::begin})
    for (const index m : {1, 2, 3, 5, 8, 17, 67})
      for (const index n : {1, 3, 4, 7, 9, 15, 16, 31, 33, 129}) {
        const guarded<T> x(m * n, at), row(n, at), out(m * n, at), column(m, at);
        tensor<T, dyn, dyn> X = zeros<T>(m, n);
        tensor<T, dyn> R = zeros<T>(n);
        for (index i = 0; i < m * n; ++i) X.own()[i] = x[i] = nth<T>(i);
        for (index i = 0; i < n; ++i) R.own()[i] = row[i] = nth<T>(i + 1);
        const auto b = borrow(static_cast<const T*>(x.data()), m, n);
        const auto r = borrow(static_cast<const T*>(row.data()), n);
        auto o = borrow(out.data(), m, n);
        const auto reversed = borrow(static_cast<const T*>(x.data() + m * n - 1), {m, n}, {-n, -1});
        CAPTURE(m);
        CAPTURE(n);
        if constexpr (std::is_same_v<T, bool>) {
          o = b || r;
          CHECK(equal(o, X || R));
          o = reversed && b;
          CHECK(equal(o, flip(X) && X));
        } else {
          o = b + r;
          CHECK(equal(o, X + R));
          o = reversed + b;
          CHECK(equal(o, flip(X) + X));
          o += b;  // in place
          CHECK(equal(o, flip(X) + X + X));
          CHECK(equal(sum(b), sum(X)));
          CHECK(equal(sum(b, axis<0>), sum(X, axis<0>)));
          CHECK(equal(sum(b, axis<1>), sum(X, axis<1>)));
          borrow(row.data(), n) = astype<T>(sum(b, axis<0>));
          borrow(column.data(), m) = astype<T>(sum(b, axis<1>));
        }
        o = b;
        CHECK(equal(o, X));
        borrow(out.data(), n, m) = transpose(b);
        CHECK(equal(borrow(out.data(), n, m), transpose(X)));
      }
}

/// Products of m x k by k x n, all three without slack, plain and transposed.
template <class T>
void check_guarded_products() {
  using namespace tenon;
  for (const edge at : {edge::end, edge::begin})
    for (const index m : {1, 3, 4, 13, 131})
      for (const index k : {1, 2, 7, 16, 259})
        for (const index n : {1, 5, 8, 23, 195}) {
          const guarded<T> x(m * k, at), y(k * n, at), out(m * n, at);
          tensor<T, dyn, dyn> X = zeros<T>(m, k), Y = zeros<T>(k, n);
          for (index i = 0; i < m * k; ++i) X.own()[i] = x[i] = nth<T>(i);
          for (index i = 0; i < k * n; ++i) Y.own()[i] = y[i] = nth<T>(i * i + 1);
          tensor<T, dyn, dyn> expected = zeros<T>(m, n);
          for (index i = 0; i < m; ++i)
            for (index j = 0; j < n; ++j) {
              T total = T(0);
              for (index p = 0; p < k; ++p) total = static_cast<T>(total + x[i * k + p] * y[p * n + j]);
              expected.own()[i * n + j] = total;
            }
          CAPTURE(m);
          CAPTURE(k);
          CAPTURE(n);
          auto o = borrow(out.data(), m, n);
          o = astype<T>(matmul(borrow(x.data(), m, k), borrow(y.data(), k, n)));
          CHECK(equal(o, expected));
          // the same elements as columns
          const auto xt = borrow(x.data(), k, m), yt = borrow(y.data(), n, k);
          borrow(x.data(), k, m) = transpose(X);
          borrow(y.data(), n, k) = transpose(Y);
          o = astype<T>(matmul(transpose(xt), transpose(yt)));
          CHECK(equal(o, expected));
        }
}

}  // namespace test
