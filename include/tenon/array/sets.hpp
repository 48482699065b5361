// Distinct elements: unique_values and its relatives, as the Python array API has them. How many there are
// depends on values, so they are computed at once. NaN is distinct from itself; -0 and 0 are one.
#pragma once

#include "tenon/array/masks.hpp"
#include "tenon/ops/ordering.hpp"

namespace tenon {

/// What unique_counts, unique_inverse and unique_all give: distinct elements in ascending order; for each the
/// first place, in row-major order, where it is; how often it is; and for each element of x which one it is.
template <class T>
struct unique_counts_result {
  tensor<T, dyn> values;
  tensor<std::int64_t, dyn> counts;
};
template <class T, class Shape>
struct unique_inverse_result {
  tensor<T, dyn> values;
  basic_tensor<std::int64_t, Shape> inverse_indices;
};
template <class T, class Shape>
struct unique_all_result {
  tensor<T, dyn> values;
  tensor<std::int64_t, dyn> indices;
  basic_tensor<std::int64_t, Shape> inverse_indices;
  tensor<std::int64_t, dyn> counts;
};

/// All of the above: auto [values, indices, inverse, counts] = unique_all(x).
template <tensor_like X>
auto unique_all(const X& x) {
  const auto v = detail::value_now(x);
  using V = std::remove_cvref_t<decltype(v)>;
  using T = typename V::value_type;
  const index n = v.size();
  const T* const from = v.data();
  auto order = tensor<std::int64_t, dyn>::uninitialised({n});
  std::int64_t* const place = order.own();
  detail::argsort_line(from, 1, n, place, false, n);
  index distinct = 0;
  for (index i = 0; i < n; ++i) distinct += i == 0 || !(from[place[i]] == from[place[i - 1]]);
  unique_all_result<T, typename V::shape_type> r{
      tensor<T, dyn>::uninitialised({distinct}), tensor<std::int64_t, dyn>::uninitialised({distinct}),
      basic_tensor<std::int64_t, typename V::shape_type>::uninitialised(v.shape()),
      tensor<std::int64_t, dyn>::uninitialised({distinct})};
  T* const value = r.values.own();
  std::int64_t *const first = r.indices.own(), *const inverse = r.inverse_indices.own(),
                      *const count = r.counts.own();
  index k = -1;
  for (index i = 0; i < n; ++i) {
    if (i == 0 || !(from[place[i]] == from[place[i - 1]])) {
      value[++k] = from[place[i]];
      first[k] = place[i];
      count[k] = 0;
    }
    ++count[k];
    inverse[place[i]] = k;
  }
  return r;
}

/// The distinct elements of x in ascending order: [n].
template <tensor_like X>
auto unique_values(const X& x) {
  const auto v = detail::value_now(x);
  using T = typename std::remove_cvref_t<decltype(v)>::value_type;
  const index n = v.size();
  auto sorted = tensor<T, dyn>::uninitialised({n});
  T* const s = sorted.own();
  detail::sort_line(v.data(), 1, n, s, false);
  index distinct = 0;  // kept ones move to the front: s[distinct - 1] is the one before
  for (index i = 0; i < n; ++i)
    if (distinct == 0 || !(s[i] == s[distinct - 1])) s[distinct++] = s[i];
  auto r = tensor<T, dyn>::uninitialised({distinct});
  std::copy_n(s, distinct, r.own());
  return r;
}
/// The distinct elements, and how often each is in x.
template <tensor_like X>
auto unique_counts(const X& x) {
  auto a = unique_all(x);
  return unique_counts_result<typename decltype(a.values)::value_type>{std::move(a.values),
                                                                       std::move(a.counts)};
}
/// The distinct elements, and for each element of x which of them it is: take(values, inverse) is x.
template <tensor_like X>
auto unique_inverse(const X& x) {
  auto a = unique_all(x);
  return unique_inverse_result<typename decltype(a.values)::value_type,
                               typename decltype(a.inverse_indices)::shape_type>{
      std::move(a.values), std::move(a.inverse_indices)};
}

}  // namespace tenon
