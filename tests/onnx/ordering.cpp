// Places of extrema, running sums, the greatest elements, distinct elements.
#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

template <class F>
auto place(F f) {
  return [f](const call& c) -> results {
    const onnx::index a = c.integer("axis", 0);
    const bool last = c.integer("select_last_index", 0) != 0;
    extent_list result = c[0].extent;
    const lines l(result, a);
    const auto at = result.begin() + l.axis;
    if (c.integer("keepdims", 1) != 0)
      *at = 1;
    else
      result.erase(at);
    return {among(types<float>{}, c[0].type, [&]<class T>(T) {
      const auto x = along<T>(c[0], a);
      if (last) return give(std::int64_t(l.n - 1) - f(flip(x, axis<1>)), result);
      return give(f(x), result);
    })};
  };
}

results cumulative(const call& c) {
  const onnx::index a = integers_in(c[1]).at(0);
  const bool without = c.integer("exclusive", 0) != 0, backwards = c.integer("reverse", 0) != 0;
  return {among(types<float, double, std::int64_t>{}, c[0].type, [&]<class T>(T) {
    auto x = along<T>(c[0], a);
    if (backwards) x = flip(x, axis<1>);
    x = without ? eval(cumsum<1>(x) - x) : eval(cumsum<1>(x));
    if (backwards) x = flip(x, axis<1>);
    return give(x, c[0].extent);
  })};
}

results greatest(const call& c) {
  const onnx::index a = c.integer("axis", -1), k = integers_in(c[1]).at(0);
  extent_list result = c[0].extent;
  result[std::size_t(lines(result, a).axis)] = k;
  const bool descending = c.integer("largest", 1) != 0;
  results r;
  r.push_back(among(types<float>{}, c[0].type, [&]<class T>(T) {
    const auto x = along<T>(c[0], a);
    array<std::int64_t, 3> places;
    if (descending && k == 3)  // the number that the models have
      places = topk<3, 1>(x);
    else if (descending)
      places = eval(argsort_descending<1>(x)).slice(all, range(0, k), all);
    else
      places = eval(argsort<1>(x)).slice(all, range(0, k), all);
    r.push_back(give(places, result));
    return give(take_along_axis<1>(x, places), result);
  }));
  std::swap(r[0], r[1]);
  return r;
}

/// A number for each slab of x along its first axis; they compare as the slabs do, element by element: the
/// number of the elements so far and the next element make a pair, and pairs have numbers.
template <class T>
tensor<std::int64_t, dyn> slab_numbers(const array<T, 2>& slabs) {
  auto r = zeros<std::int64_t>(slabs.extent(0));
  for (onnx::index j = 0; j < slabs.extent(1); ++j) {
    const auto column = unique_inverse(eval(slabs.slice(all, j))).inverse_indices;
    r = unique_inverse(eval(r * std::int64_t(slabs.extent(0)) + column)).inverse_indices;
  }
  return r;
}

/// The distinct elements, or slabs, in their order or in that of their first appearance.
results distinct(const call& c) {
  const bool slabs = c.find("axis"), sorted = c.integer("sorted", 1) != 0;
  return among(types<float>{}, c[0].type, [&]<class T>(T) -> results {
    const value& v = c[0];
    const lines l = slabs ? lines(v.extent, c.integer("axis", 0)) : lines({v.size()}, 0);
    const auto x = as<T, 3>(v, {l.before, l.n, l.after});
    const auto ordered = eval(permute<1, 0, 2>(x));
    tensor<std::int64_t, dyn> indices, inverse, counts;
    if (slabs) {
      const auto table = from_data<T>(ordered.data(), l.n, l.before * l.after);
      const auto u = unique_all(slab_numbers<T>(table));
      indices = u.indices, inverse = u.inverse_indices, counts = u.counts;
    } else {
      const auto u = unique_all(flat<T>(v));
      indices = u.indices, inverse = u.inverse_indices, counts = u.counts;
    }
    if (!sorted) {
      const auto order = eval(argsort(indices));
      counts = take(counts, order);
      indices = take(indices, order);
      inverse = take(argsort(order), inverse);
    }
    const onnx::index n = indices.extent(0);
    extent_list e = slabs ? v.extent : extent_list{n};
    e[std::size_t(l.axis)] = n;
    return {give(take<1>(x, indices), e), give(indices, {n}), give(inverse, {l.n}), give(counts, {n})};
  });
}

}  // namespace

void add_ordering(operators& t) {
  t["ArgMax"] = place([](const auto& x) { return argmax(x, axis<1>); });
  t["ArgMin"] = place([](const auto& x) { return argmin(x, axis<1>); });
  t["CumSum"] = cumulative;
  t["TopK"] = greatest;
  t["Unique"] = distinct;
}

}  // namespace onnx
