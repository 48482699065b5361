// Reductions over any axes, which run time knows. Neighbours that are both reduced or both kept are one axis, so that
// kept and reduced axes take turns: five are enough for all models, and axes 1 and 3 of them are reduced.
#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

struct turns {
  std::array<onnx::index, 5> extents{1, 1, 1, 1, 1};
  extent_list result;

  turns(const value& x, const extent_list& axes, bool keep) {
    std::size_t at = 0;
    for (int i = 0; i < x.rank(); ++i) {
      bool reduced = axes.empty();
      for (const onnx::index a : axes) reduced = reduced || (a < 0 ? a + x.rank() : a) == i;
      if (reduced != (at % 2 == 1)) ++at;
      if (at >= extents.size()) throw not_applicable("more than two groups of axes");
      extents[at] *= x.extent[std::size_t(i)];
      if (!reduced)
        result.push_back(x.extent[std::size_t(i)]);
      else if (keep)
        result.push_back(1);
    }
  }
};

template <class F>
auto reduction(F f) {
  return [f](const call& c) -> results {
    const extent_list axes = c.integers("axes", 1);
    if (axes.empty() && c.integer("noop_with_empty_axes", 0) != 0) return {c[0]};
    const turns shape(c[0], axes, c.integer("keepdims", 1) != 0);
    return {among(floats{}, c[0].type,
                  [&]<class T>(T) { return give(f(as<T>(c[0], shape.extents)), shape.result); })};
  };
}

}  // namespace

void add_reductions(operators& t) {
  static constexpr axes_t<1, 3> which = axes<1, 3>;
  t["ReduceSum"] = reduction([](const auto& x) { return sum(x, which); });
  t["ReduceMean"] = reduction([](const auto& x) { return mean(x, which); });
  t["ReduceMax"] = reduction([](const auto& x) { return max(x, which); });
  t["ReduceMin"] = reduction([](const auto& x) { return min(x, which); });
  t["ReduceProd"] = reduction([](const auto& x) { return prod(x, which); });
  t["ReduceL1"] = reduction([](const auto& x) { return norm<1>(x, which); });
  t["ReduceL2"] = reduction([](const auto& x) { return norm(x, which); });
  t["ReduceSumSquare"] = reduction([](const auto& x) { return sum(square(x), which); });
  t["ReduceLogSum"] = reduction([](const auto& x) { return log(sum(x, which)); });
  t["ReduceLogSumExp"] = reduction([](const auto& x) { return logsumexp(x, which); });

  const auto pooling = [](auto f) {
    return [f](const call& c) -> results {
      const auto& e = c[0].extent;
      extent_list result(e.size(), 1);
      result.at(0) = e.at(0);
      result.at(1) = e.at(1);
      return {among(types<float>{}, c[0].type, [&]<class T>(T) {
        return give(f(as<T, 2>(c[0], {e[0] * e[1], c[0].size() / (e[0] * e[1])})), result);
      })};
    };
  };
  t["GlobalAveragePool"] = pooling([](const auto& x) { return mean(x, axis<1>); });
  t["GlobalMaxPool"] = pooling([](const auto& x) { return max(x, axis<1>); });
}

}  // namespace onnx
