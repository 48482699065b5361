// Orders of axes, joining, parts, reversed parts.
#include <algorithm>

#include "operators.hpp"

namespace onnx {

using namespace tenon;

namespace {

/// Any order of axes, by exchanges of neighbours: [before, m, n, after] -> [before, n, m, after].
value permuted(value v, const extent_list& order) {
  extent_list now(order.size());
  std::iota(now.begin(), now.end(), 0);
  for (std::size_t k = 0; k < order.size(); ++k)
    for (std::size_t i = std::size_t(std::find(now.begin(), now.end(), order[k]) - now.begin()); i > k; --i) {
      const auto& e = v.extent;
      const onnx::index m = e[i - 1], n = e[i],
                        before = count(extent_list(e.begin(), e.begin() + onnx::index(i) - 1)),
                        after = count(extent_list(e.begin() + onnx::index(i) + 1, e.end()));
      extent_list exchanged = e;
      std::swap(exchanged[i - 1], exchanged[i]);
      v = moving(v, [&]<class T>(T) {
        return give(swapaxes<1, 2>(as<T, 4>(v, {before, m, n, after})), exchanged);
      });
      std::swap(now[i - 1], now[i]);
    }
  return v;
}

/// Three axes by permute, others by exchanges.
value in_order(const value& v, const extent_list& order) {
  if (v.rank() != 3) return permuted(v, order);
  const auto& e = v.extent;
  const extent_list result{e[std::size_t(order[0])], e[std::size_t(order[1])], e[std::size_t(order[2])]};
  return moving(v, [&]<class T>(T) {
    const auto x = wide<T, 3>(v);
    switch (order[0] * 2 + (order[1] > order[2])) {
      case 0:
        return give(permute<0, 1, 2>(x), result);
      case 1:
        return give(permute<0, 2, 1>(x), result);
      case 2:
        return give(permute<1, 0, 2>(x), result);
      case 3:
        return give(permute<1, 2, 0>(x), result);
      case 4:
        return give(permute<2, 0, 1>(x), result);
      default:
        return give(permute<2, 1, 0>(x), result);
    }
  });
}

results transpose_axes(const call& c) {
  const value& v = c[0];
  extent_list order;
  if (const attribute* a = c.find("perm"))
    order = a->integers;
  else
    for (int i = v.rank() - 1; i >= 0; --i) order.push_back(i);
  return {in_order(v, order)};
}

results concatenated(const call& c) {
  const onnx::index a = c.integer("axis", 0);
  value r = c[0];
  for (std::size_t i = 1; i < c.in.size(); ++i) {
    extent_list e = r.extent;
    const std::size_t at = std::size_t(lines(e, a).axis);
    e[at] += c[i].extent.at(at);
    r = moving(r, [&]<class T>(T) { return give(concat<1>(along<T>(r, a), along<T>(c[i], a)), e); });
  }
  return {r};
}

results split_axis(const call& c) {
  const onnx::index a = c.integer("axis", 0);
  const lines l(c[0].extent, a);
  extent_list sizes = c.integers("split", 1);
  const bool equal = sizes.empty();
  if (equal) sizes.assign(c.results(), l.n / onnx::index(c.results()));
  results r;
  onnx::index begin = 0;
  const auto part = [&](const auto& x, std::size_t i) {
    extent_list e = c[0].extent;
    e[std::size_t(l.axis)] = sizes[i];
    r.push_back(give(x, e));
  };
  moving(c[0], [&]<class T>(T) {
    const auto x = along<T>(c[0], a);
    if (equal && sizes.size() == 2) {
      const auto [p, q] = split<2, 1>(x);
      part(p, 0), part(q, 1);
    } else if (equal && sizes.size() == 3) {
      const auto [p, q, s] = split<3, 1>(x);
      part(p, 0), part(q, 1), part(s, 2);
    } else if (sizes == extent_list{2, 4}) {
      const auto [p, q] = split_at<1, 2>(x);
      part(p, 0), part(q, 1);
    } else {
      for (std::size_t i = 0; i < sizes.size(); begin += sizes[i++])
        part(x.slice(all, range(begin, begin + sizes[i]), all), i);
    }
    return value{};
  });
  return r;
}

/// Bounds beyond an axis are its ends; negative ones count from there.
range bounded(onnx::index begin, onnx::index end, onnx::index step, onnx::index n) {
  const auto from_end = [n](onnx::index i) { return i < 0 ? i + n : i; };
  if (step > 0)
    return {std::clamp(from_end(begin), onnx::index(0), n), std::clamp(from_end(end), onnx::index(0), n),
            step};
  const onnx::index last = std::clamp(from_end(end), onnx::index(-1), n - 1);
  return {std::clamp(from_end(begin), onnx::index(0), n - 1), last < 0 ? -n - 1 : last, step};
}

results slice_axes(const call& c) {
  const extent_list begin = integers_in(c[1]), end = integers_in(c[2]);
  extent_list axes = c.has(3) ? integers_in(c[3]) : extent_list{},
              step = c.has(4) ? integers_in(c[4]) : extent_list{};
  value r = c[0];
  for (std::size_t i = 0; i < begin.size(); ++i) {
    const onnx::index a = axes.empty() ? onnx::index(i) : axes.at(i);
    const lines l(r.extent, a);
    const range which = bounded(begin[i], end.at(i), step.empty() ? 1 : step.at(i), l.n);
    r = moving(r, [&]<class T>(T) {
      const auto part = eval(along<T>(r, a).slice(all, which, all));
      extent_list e = r.extent;
      e[std::size_t(l.axis)] = part.extent(1);
      return give(part, e);
    });
  }
  return {r};
}

/// The first elements of each line in the opposite order, as many as are said.
results reversed_sequences(const call& c) {
  const extent_list lengths = integers_in(c[1]);
  auto x = wide<float, 2>(c[0]);
  const bool rows = c.integer("batch_axis", 1) == 0;
  if (c[0].rank() != 2) throw not_applicable("sequences of more than two axes");
  if (!rows) x = transpose(x);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const range first(0, lengths[i]);
    const auto part = eval(x.slice(onnx::index(i), first));
    x.slice(onnx::index(i), first) = flip(part, axis<0>);
  }
  if (!rows) x = transpose(x);
  return {give(x, c[0].extent)};
}

}  // namespace

void add_rearranging(operators& t) {
  t["Transpose"] = transpose_axes;
  t["Concat"] = concatenated;
  t["Split"] = split_axis;
  t["Slice"] = slice_axes;
  t["ReverseSequence"] = reversed_sequences;
}

}  // namespace onnx
