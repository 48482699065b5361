// Expressions of small tensors against the same of tensors with dynamic extents, which plans compute.
#pragma once

#
#include <tenon/tenon.hpp>

#include <cstring>

#include "../support.hpp"

namespace test {

/// The same elements under dynamic extents.
template <class T, class... D>
auto dynamic(const tenon::basic_tensor<T, tenon::shape<D...>>& x) {
  typename tenon::detail::dynamic_shape<int(sizeof...(D))>::type extents_type;
  using R = tenon::basic_tensor<T, decltype(extents_type)>;
  auto r = R::uninitialised(x.shape());
  std::memcpy(r.own(), x.flat(), std::size_t(x.size()) * sizeof(T));
  return r;
}

/// Numbers of all kinds in no order, from `seed` on.
template <class X>
X varied(int seed) {
  using T = typename X::value_type;
  X x;
  for (tenon::index i = 0; i < x.size(); ++i) {
    const int k = int((i * 7 + seed * 13) % 23) - 6;
    if constexpr (tenon::is_complex(tenon::dtype_of<T>))
      x.own()[i] = T(float(k), float((k * 5) % 7));
    else if constexpr (std::is_same_v<T, bool>)
      x.own()[i] = k % 3 == 0;
    else if constexpr (tenon::is_floating(tenon::dtype_of<T>))
      x.own()[i] = static_cast<T>(float(k) * 0.375f + 0.0625f);
    else
      x.own()[i] = static_cast<T>(k < 0 && tenon::is_unsigned_integer(tenon::dtype_of<T>) ? -k : k);
  }
  return x;
}

/// Whether two results have the same bits (a NaN like any other).
template <class A, class B>
bool same_bits(const A& a, const B& b) {
  using T = typename A::value_type;
  static_assert(std::is_same_v<T, typename B::value_type>);
  if (a.size() != b.size()) return false;
  for (tenon::index i = 0; i < a.size(); ++i) {
    const T &x = a.flat()[i], &y = b.flat()[i];
    const bool nan = x != x && y != y;
    if (!nan && std::memcmp(&x, &y, sizeof(T)) != 0) return false;
  }
  return true;
}
template <class A, class B>
bool nearly_same(const A& a, const B& b) {
  using T = typename A::value_type;
  if (a.size() != b.size()) return false;
  const double unit = sizeof(T) == 8 ? 1e-13 : sizeof(T) == 4 ? 2e-6 : 2e-2;
  for (tenon::index i = 0; i < a.size(); ++i) {
    if constexpr (tenon::is_complex(tenon::dtype_of<T>)) {
      const T &x = a.flat()[i], &y = b.flat()[i];
      if (std::abs(double(x.re) - double(y.re)) + std::abs(double(x.im) - double(y.im)) >
          1e-5 * (1 + std::abs(double(x.re))))
        return false;
    } else {
      const double x = double(a.flat()[i]), y = double(b.flat()[i]);
      if (!(x == y || (x != x && y != y) || std::abs(x - y) <= unit * (1 + std::abs(x) * 16))) return false;
    }
  }
  return true;
}

/// Compares f on small tensors with f on dynamic ones; the small one must be that.
template <class F, class... X>
void compare(bool exact, const char* what, F f, const X&... x) {
  const auto small = tenon::eval(f(x...));
  const auto large = tenon::eval(f(dynamic(x)...));
  static_assert(decltype(small)::inside);
  INFO(what, " of ", tenon::name_of(tenon::dtype_of<typename decltype(small)::value_type>), ", ",
       small.size());
  if (exact)
    CHECK(same_bits(small, large));
  else
    CHECK(nearly_same(small, large));
}

}  // namespace test
