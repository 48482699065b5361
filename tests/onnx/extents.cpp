// Other extents of the same elements (a flatten, after which the harness writes the extents), broadcasting, and the
// extents themselves.
#include <algorithm>

#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

value reshaped(const value& v, const extent_list& e) {
  return moving(v, [&]<class T>(T) { return give(flatten(wide<T>(v)), e); });
}

results reshape_to(const call& c) {
  extent_list e = integers_in(c[1]);
  onnx::index known = 1;
  for (std::size_t i = 0; i < e.size(); ++i) {
    if (e[i] == 0 && c.integer("allowzero", 0) == 0) e[i] = c[0].extent.at(i);
    if (e[i] >= 0) known *= e[i];
  }
  for (onnx::index& n : e)
    if (n < 0) n = c[0].size() / known;
  return {reshaped(c[0], e)};
}

results flatten_to(const call& c) {
  const auto& e = c[0].extent;
  const onnx::index a = c.integer("axis", 1), at = a < 0 ? a + c[0].rank() : a;
  const onnx::index before = count(extent_list(e.begin(), e.begin() + at));
  return {reshaped(
      c[0], {before, before > 0 ? c[0].size() / before : count(extent_list(e.begin() + at, e.end()))})};
}

results squeeze_axes(const call& c) {
  const extent_list axes = c.integers("axes", 1);
  extent_list e;
  for (int i = 0; i < c[0].rank(); ++i) {
    const onnx::index n = c[0].extent[std::size_t(i)];
    const bool named = std::any_of(axes.begin(), axes.end(),
                                   [&](onnx::index a) { return (a < 0 ? a + c[0].rank() : a) == i; });
    if (axes.empty() ? n != 1 : !named) e.push_back(n);
  }
  return {reshaped(c[0], e)};
}

results unsqueeze_axes(const call& c) {
  extent_list axes = c.integers("axes", 1);
  extent_list e = c[0].extent;
  for (onnx::index& a : axes)
    if (a < 0) a += c[0].rank() + onnx::index(axes.size());
  std::sort(axes.begin(), axes.end());
  for (const onnx::index a : axes) e.insert(e.begin() + a, 1);
  return {reshaped(c[0], e)};
}

results expanded(const call& c) {
  const extent_list e = integers_in(c[1]);
  const value like{dtype::boolean, e, std::vector<char>(std::size_t(count(e)))};
  return {moving(c[0], [&]<class T>(T) {
    const auto x = wide<T>(c[0]);
    const auto y = wide<bool>(like);
    // ONNX broadcasts both ways: the shape is that of an expression of both.
    return give_wide(broadcast_to(x, shape_of((x == x) && y)), std::max(c[0].rank(), int(e.size())));
  })};
}

results extents_of_operand(const call& c) {
  const onnx::index rank = c[0].rank();
  const auto bound = [rank](onnx::index i) { return std::clamp(i < 0 ? i + rank : i, onnx::index(0), rank); };
  const onnx::index begin = bound(c.integer("start", 0)), end = bound(c.integer("end", rank));
  const auto shape = moving(c[0], [&]<class T>(T) {
    const auto x = wide<T>(c[0]);
    const auto e = x.shape();
    const auto sizes = from_data<std::int64_t>(e.data() + (widest - rank), rank);
    return give(sizes.slice(range(begin, std::max(begin, end))), {std::max(begin, end) - begin});
  });
  return {shape};
}

}  // namespace

void add_extents(operators& t) {
  t["Identity"] = [](const call& c) -> results {
    return {among(types<bool, std::int32_t, std::int64_t, std::uint8_t, float, double>{}, c[0].type,
                  [&]<class T>(T) { return give(wide<T>(c[0]), c[0].extent); })};
  };
  t["Reshape"] = reshape_to;
  t["Flatten"] = flatten_to;
  t["Squeeze"] = squeeze_axes;
  t["Unsqueeze"] = unsqueeze_axes;
  t["Expand"] = expanded;
  t["Shape"] = extents_of_operand;
  t["Size"] = [](const call& c) -> results {
    return {moving(c[0], [&]<class T>(T) {
      const tensor<std::int64_t> n = std::int64_t(wide<T>(c[0]).size());
      return give(n, {});
    })};
  };
}

}  // namespace onnx
