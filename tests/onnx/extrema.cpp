// Extrema, sums and means of several tensors, and limits.
#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

/// Max, Min, Sum and Mean take any number of operands.
template <class Types, class F>
auto variadic(Types taken, F f) {
  return [taken, f](const call& c) -> results {
    return {among(taken, c[0].type, [&]<class T>(T) {
      auto r = wide<T>(c[0]);
      int rank = c[0].rank();
      for (std::size_t i = 1; i < c.in.size(); ++i) {
        r = eval(f(r, wide<T>(c[i])));
        rank = std::max(rank, c[i].rank());
      }
      return give_wide(r, rank);
    })};
  };
}

}  // namespace

void add_extrema(operators& t) {
  t["Max"] = variadic(numbers{}, [](const auto& x, const auto& y) { return maximum(x, y); });
  t["Min"] = variadic(numbers{}, [](const auto& x, const auto& y) { return minimum(x, y); });
  t["Sum"] = variadic(types<float>{}, [](const auto& x, const auto& y) { return x + y; });
  t["Mean"] = [](const call& c) -> results {
    const value sum = variadic(floats{}, [](const auto& x, const auto& y) { return x + y; })(c)[0];
    return {among(floats{}, sum.type,
                  [&]<class T>(T) { return give(wide<T>(sum) / T(c.in.size()), sum.extent); })};
  };
  t["Clip"] = [](const call& c) -> results {
    return {among(types<float, double, std::int8_t>{}, c[0].type, [&]<class T>(T) {
      auto x = wide<T>(c[0]);
      if (c.has(1)) x = maximum(x, wide<T>(c[1]));
      if (c.has(2)) x = minimum(x, wide<T>(c[2]));
      return give(x, c[0].extent);
    })};
  };
}

}  // namespace onnx
