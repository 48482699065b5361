// Laws of real numbers that change results: functions and their inverses, logarithms of quotients, powers as
// products, sums of what was broadcast.
#pragma once

#include "tenon/graph/builder.hpp"
#include "tenon/graph/passes/fold.hpp"

namespace tenon::detail {

/// f(g(x)) = x for g the inverse of f; and, of logarithms, log(exp(z) / s) = z - log(s), which for a softmax
/// is its logarithm without underflow.
constexpr int cancel_inverse(graph_builder& b, const array_node& made, const op_row& row) {
  const array_node& inner = b.node[made.in[0]];
  if (b.id[inner.op] == row.inverse) return inner.in[0];
  if ((row.laws & law::logarithm) == 0) return -1;
  const bool product = inner.op == core::multiply;
  if (!product && inner.op != core::divide) return -1;
  for (int k = 0; k <= static_cast<int>(product); ++k) {
    const int e = inner.in[k], s = inner.in[1 - k];
    if (b.id[b.node[e].op] != row.inverse) continue;
    const int z = b.node[e].in[0];
    return b.push(product ? core::add : core::subtract, z, b.push(made.op, s, -1, -1, made.attribute));
  }
  return -1;
}

/// x to a small whole power as products; pow(x, 0) = 1 and pow(x, 1) = x keep every bit.
constexpr int simplify_power(graph_builder& b, const array_node& made) {
  const int x = made.in[0];
  if (!b.is(made.in[1], core::constant)) return -1;
  const double n = b.number_at(made.in[1]);
  if (n == 0 && b.on(pass::simplify)) return b.broadcast_to_shape_of(b.number(1, made.type), x);
  if (n == 1 && b.on(pass::simplify)) return x;
  if (!b.on(pass::reassociate) || !is_floating(made.type)) return -1;
  const double m = n < 0 ? -n : n;
  if (m != 1 && m != 2 && m != 3 && m != 4) return -1;
  const int square = m == 1 ? x : b.push(core::multiply, x, x);
  const int power = m == 3   ? b.push(core::multiply, square, x)
                    : m == 4 ? b.push(core::multiply, square, square)
                             : square;
  return n > 0 ? power : b.push(core::divide, b.number(1, made.type), power);
}

/// The sum of what was broadcast along static axes is a product.
constexpr int sum_of_broadcast(graph_builder& b, const array_node& made) {
  const array_node& wide = b.node[made.in[0]];
  if (wide.op != core::broadcast_like || !is_floating(made.type)) return -1;
  const int x = wide.in[0];
  const extents from = b.shape_of(x), to = b.shape_of(made.in[0]);
  const index mask = made.attribute.a[0];
  const int missing = to.rank - from.rank;  // axes in front that x has not
  double n = 1;
  for (int i = 0; i < to.rank; ++i) {
    const index had = i < missing ? 1 : from[i - missing].code;
    const bool reduced = ((mask >> i) & 1) != 0;
    if (reduced ? had != 1 || !is_static(to[i].code) : had != to[i].code) return -1;
    if (reduced) n *= static_cast<double>(to[i].code);
  }
  int r = b.push(core::multiply, b.number(n, made.type), x);
  if (missing > 0) r = b.push(core::expand, r, -1, -1, {{(index(1) << missing) - 1}});
  return made.attribute.a[1] != 0 ? r : b.push(core::squeeze, r, -1, -1, {{mask}});
}

}  // namespace tenon::detail
