// Repetition, borders, pixels and channels.
#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

/// Calls f(constant) for a number from 1 to 8, which a template argument has to be.
template <int Most = 8, class F>
void with_constant(onnx::index n, F f) {
  if constexpr (Most == 0)
    throw not_applicable("a number that is a template argument and not among those mapped");
  else if (n == Most)
    f(std::integral_constant<int, Most>{});
  else
    with_constant<Most - 1>(n, f);
}

results tiled(const call& c) {
  const extent_list repeats = integers_in(c[1]);
  value r = c[0];
  for (std::size_t i = 0; i < repeats.size(); ++i)
    with_constant(repeats[i], [&](auto n) {
      extent_list e = r.extent;
      e.at(i) *= n;
      r = among(types<float>{}, r.type,
                [&]<class T>(T) { return give(tile<1, n, 1>(along<T>(r, onnx::index(i))), e); });
    });
  return {r};
}

/// Widths are template arguments: those that the models have.
results padded(const call& c) {
  const extent_list widths = integers_in(c[1]);
  const std::string mode = c.text("mode", "constant");
  extent_list e = c[0].extent;
  for (std::size_t i = 0; i < e.size(); ++i) e[i] += widths.at(i) + widths.at(i + e.size());
  const bool around = widths == extent_list{0, 0, 1, 1, 0, 0, 1, 1};
  if (mode == "constant" && widths == extent_list{0, 0, 1, 3, 0, 0, 2, 4}) {
    const auto x = wide<float, 4>(c[0]);
    const float filling = c.has(2) ? number<float>(c[2]) : 0;
    return {give(pad<border<0>, border<0>, border<1, 2>, border<3, 4>>(x, filling), e)};
  }
  const auto x = wide<std::int32_t, 4>(c[0]);
  if (mode == "edge" && around)
    return {give(pad<pad_mode::edge, border<0>, border<0>, border<1>, border<1>>(x), e)};
  if (mode == "reflect" && around)
    return {give(pad<pad_mode::reflect, border<0>, border<0>, border<1>, border<1>>(x), e)};
  throw not_applicable("pad's widths are template arguments");
}

results blocks_to_pixels(const call& c) {
  const auto x = wide<float, 4>(c[0]);
  const auto& e = c[0].extent;
  if (c.integer("blocksize", 0) != 2) throw not_applicable("a block size that is not 2");
  const extent_list result{e[0], e[1] / 4, e[2] * 2, e[3] * 2};
  if (c.text("mode", "DCR") == "DCR") return {give(depth_to_space<2>(x), result)};
  // CRD: channel (c B + i) B + j
  const auto parts = as<float, 6>(c[0], {e[0], e[1] / 4, 2, 2, e[2], e[3]});
  return {give(permute<0, 1, 4, 2, 5, 3>(parts), result)};
}

}  // namespace

void add_tiling(operators& t) {
  t["Tile"] = tiled;
  t["Pad"] = padded;
  t["DepthToSpace"] = blocks_to_pixels;
  t["SpaceToDepth"] = [](const call& c) -> results {
    const auto& e = c[0].extent;
    if (c.integer("blocksize", 0) != 2) throw not_applicable("a block size that is not 2");
    return {give(space_to_depth<2>(wide<float, 4>(c[0])), {e[0], e[1] * 4, e[2] / 2, e[3] / 2})};
  };
}

}  // namespace onnx
