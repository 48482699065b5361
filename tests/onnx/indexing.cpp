// Gathers, scatters and choices of elements at places that tensors hold.
#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

using elements = types<float, std::int32_t, std::int64_t>;
using integers_of_places = types<std::int32_t, std::int64_t>;

results gathered(const call& c) {
  const onnx::index a = c.integer("axis", 0);
  const lines l(c[0].extent, a);
  extent_list e = c[0].extent;
  e.erase(e.begin() + l.axis);
  e.insert(e.begin() + l.axis, c[1].extent.begin(), c[1].extent.end());
  return {among(elements{}, c[0].type, [&]<class T>(T) {
    return among(integers_of_places{}, c[1].type, [&]<class P>(P) {
      auto places = flat<P>(c[1]);
      places = where(places < P(0), places + P(l.n), places);
      return give(take<1>(along<T>(c[0], a), places), e);
    });
  })};
}

/// Places along an axis, negative ones counted from its end.
array<std::int64_t, 3> places_along(const value& v, onnx::index a, onnx::index n) {
  return among(integers_of_places{}, v.type, [&]<class P>(P) -> array<std::int64_t, 3> {
    const auto p = along<P>(v, a);
    return astype<std::int64_t>(where(p < P(0), p + P(n), p));
  });
}

/// Operators of places that vary along an axis: x may have more elements along the other axes than the places
/// have. Only models with one axis before the last need that: `along` has joined the others.
results gathered_elements(const call& c) {
  const onnx::index a = c.integer("axis", 0);
  const lines l(c[0].extent, a);
  return {among(elements{}, c[0].type, [&]<class T>(T) {
    return give(take_along_axis<1>(along<T>(c[0], a), places_along(c[1], a, l.n)), c[1].extent);
  })};
}

results scattered_elements(const call& c) {
  const onnx::index a = c.integer("axis", 0);
  const lines l(c[0].extent, a);
  const auto x = along<float>(c[0], a), updates = along<float>(c[2], a);
  const auto places = places_along(c[1], a, l.n);
  if (c.text("reduction", "none") == "none")
    return {give(put_along_axis<1>(x, places, updates), c[0].extent)};
  if (c.text("reduction", "none") != "add" || l.before != 1 || l.after != 1)
    throw not_applicable("elements are added at places along one line only");
  return {give(scatter_add<1>(x, flatten(places), updates), c[0].extent)};
}

/// Coordinates stand along the last axis of the places, whose extent is static in Tenon: 1 to 3 of them.
template <class F>
void with_coordinates(const value& places, F f) {
  const onnx::index m = places.extent.back(), n = places.size() / m;
  const auto given = [&]<int M>(std::integral_constant<int, M>) {
    auto p = tensor<std::int64_t, dyn, M>::uninitialised({n, M});
    std::memcpy(p.data(), places.bytes.data(), places.bytes.size());
    f(p, std::integral_constant<int, M>{});
  };
  if (m == 1)
    given(std::integral_constant<int, 1>{});
  else if (m == 2)
    given(std::integral_constant<int, 2>{});
  else
    throw not_applicable("coordinates along more than two axes");
}
/// x with M axes and one of all others.
template <class T, int M>
array<T, M + 1> blocks_of(const value& v, std::integral_constant<int, M>) {
  std::array<onnx::index, std::size_t(M + 1)> e;
  std::copy_n(v.extent.begin(), M, e.begin());
  e[std::size_t(M)] = count(extent_list(v.extent.begin() + M, v.extent.end()));
  return as<T>(v, e);
}
/// A part of the first axis.
value slab(const value& v, onnx::index i) {
  value r{v.type, extent_list(v.extent.begin() + 1, v.extent.end()), {}};
  const onnx::index bytes = r.size() * size_of(v.type);
  r.bytes.assign(v.bytes.begin() + i * bytes, v.bytes.begin() + (i + 1) * bytes);
  return r;
}

value gathered_blocks(const value& v, const value& places, onnx::index batch_axes) {
  if (batch_axes > 0) {  // the first axes of both go together
    value r{v.type, {}, {}};
    for (onnx::index i = 0; i < v.extent[0]; ++i) {
      const value part = gathered_blocks(slab(v, i), slab(places, i), batch_axes - 1);
      r.extent = part.extent;
      r.bytes.insert(r.bytes.end(), part.bytes.begin(), part.bytes.end());
    }
    r.extent.insert(r.extent.begin(), v.extent[0]);
    return r;
  }
  value r;
  with_coordinates(places, [&]<int M>(const auto& p, std::integral_constant<int, M> m) {
    extent_list e(places.extent.begin(), places.extent.end() - 1);
    e.insert(e.end(), v.extent.begin() + M, v.extent.end());
    r = among(types<float, std::int32_t>{}, v.type,
              [&]<class T>(T) { return give(gather_nd(blocks_of<T>(v, m), p), e); });
  });
  return r;
}

results scattered_blocks(const call& c) {
  const std::string how = c.text("reduction", "none");
  value r;
  with_coordinates(c[1], [&]<int M>(const auto& p, std::integral_constant<int, M> m) {
    auto x = blocks_of<float>(c[0], m);
    const onnx::index n = p.extent(0);
    const auto updates = as<float, 2>(c[2], {n, c[2].size() / n});
    if (how == "none")
      x = scatter_nd(x, p, updates);
    else if (how == "add")
      x = scatter_nd_add(x, p, updates);
    else
      for (onnx::index i = 0; i < n; ++i) {  // one after the other: places may repeat
        const auto at = eval(p.slice(range(i, i + 1), all));
        x = eval(scatter_nd(x, at, gather_nd(x, at) * updates.slice(range(i, i + 1), all)));
      }
    r = give(x, c[0].extent);
  });
  return {r};
}

/// ONNX's mask may end before the axis does.
results compressed(const call& c) {
  const auto mask = flat<bool>(c[1]);
  using T = float;
  if (!c.find("axis")) {
    const auto x = eval(compress(mask, flat<T>(c[0])));
    return {give(x, {x.size()})};
  }
  const lines l(c[0].extent, c.integer("axis", 0));
  const auto x = eval(compress(mask, along<T>(c[0], l.axis), axis<1>));
  extent_list e = c[0].extent;
  e[std::size_t(l.axis)] = x.extent(1);
  return {give(x, e)};
}

results one_hot(const call& c) {
  const auto depth = onnx::index(real_in(c[1]));
  const onnx::index a = c.integer("axis", -1);
  const std::size_t at = std::size_t(a < 0 ? a + c[0].rank() + 1 : a);
  extent_list e = c[0].extent, with_axis = e;
  e.insert(e.begin() + onnx::index(at), depth);
  with_axis.insert(with_axis.begin() + onnx::index(at), 1);
  const lines l(with_axis, onnx::index(at));
  const value places{c[0].type, with_axis, c[0].bytes};
  return {among(types<float, std::int64_t>{}, c[0].type, [&]<class P>(P) {
    const auto p = remainder(as<P, 3>(places, {l.before, 1, l.after}), P(depth));
    const auto numbers = expand_dims<1>(arange<P>(P(0), P(depth)));
    return among(types<float, std::int32_t>{}, c[2].type, [&]<class T>(T) {
      const auto off_on = flat<T>(c[2]);
      return give(where(p == numbers, T(off_on(1)), T(off_on(0))), e);
    });
  })};
}

results places_of_nonzero(const call& c) {
  if (c[0].rank() != 2) throw not_applicable("nonzero of other than two axes");
  return {among(types<bool, float>{}, c[0].type, [&]<class T>(T) {
    const auto [i, j] = nonzero(wide<T, 2>(c[0]));
    return give(stack<0>(i, j), {2, i.extent(0)});
  })};
}

}  // namespace

void add_indexing(operators& t) {
  t["Gather"] = gathered;
  t["GatherElements"] = gathered_elements;
  t["GatherND"] = [](const call& c) -> results {
    return {gathered_blocks(c[0], c[1], c.integer("batch_dims", 0))};
  };
  t["ScatterElements"] = scattered_elements;
  t["Scatter"] = scattered_elements;
  t["ScatterND"] = scattered_blocks;
  t["Compress"] = compressed;
  t["OneHot"] = one_hot;
  t["NonZero"] = places_of_nonzero;
}

}  // namespace onnx
