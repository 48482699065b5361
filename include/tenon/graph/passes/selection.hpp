// Identities of comparisons, logic, where, astype and broadcasts: all of them keep every bit.
#pragma once

#include "tenon/graph/builder.hpp"
#include "tenon/graph/passes/fold.hpp"

namespace tenon::detail {

/// Whether the shapes alone say that x broadcasts to the shape of y.
constexpr bool surely_broadcasts(const extents& x, const extents& y) {
  if (x.rank > y.rank) return false;
  for (int i = 0; i < x.rank; ++i)
    if (x.from_right(i).code != 1 && x.from_right(i).code != y.from_right(i).code) return false;
  return true;
}

/// x with the shape of the result of `made`, where shapes alone say what that is: x itself, or x broadcast to
/// the operand that has it; else -1.
constexpr int shaped_as_result(graph_builder& b, const array_node& made, int x) {
  const int arity = b.op[made.op].arity;
  const auto covers = [&](int y) {
    bool all = true;
    for (int k = 0; k < arity; ++k) all = all && surely_broadcasts(b.shape_of(made.in[k]), b.shape_of(y));
    return all;
  };
  if (covers(x)) return x;
  for (int k = 0; k < arity; ++k)
    if (covers(made.in[k])) return b.broadcast_to_shape_of(x, made.in[k]);
  return -1;
}

/// Comparisons of two numbers. What an op says for less, equal and greater stands in its laws.
constexpr int simplify_comparison(graph_builder& b, const array_node& made) {
  const int x = made.in[0], y = made.in[1];
  if (!b.is(x, core::constant) || !b.is(y, core::constant) || !b.folds(b.node[x].type)) return -1;
  const folded u = constant_value(b.node[x].type, b.number_at(x)),
               v = constant_value(b.node[y].type, b.number_at(y));
  if (!u.known || !v.known) return -1;
  const unsigned which = u.value < v.value    ? law::holds_for_less
                         : u.value == v.value ? law::holds_for_equal
                                              : law::holds_for_greater;
  return b.number((b.op[made.op].laws & which) != 0, dtype::boolean);
}

constexpr int simplify_and(graph_builder& b, const array_node& made) {
  for (int k = 0; k < 2; ++k) {
    const int x = made.in[k], y = made.in[1 - k];
    if (b.is(x, core::constant)) return b.number_at(x) != 0 ? y : b.broadcast_to_shape_of(x, y);
    // x and (x and z)
    if (b.is(y, core::logical_and) && (b.node[y].in[0] == x || b.node[y].in[1] == x))
      return shaped_as_result(b, made, y);
  }
  return -1;
}

constexpr int simplify_where(graph_builder& b, const array_node& made) {
  const int c = made.in[0], x = made.in[1], y = made.in[2];
  const int chosen = b.is(c, core::broadcast_like) ? b.node[c].in[0] : c;
  if (b.is(chosen, core::constant)) return shaped_as_result(b, made, b.number_at(chosen) != 0 ? x : y);
  if (x == y) return shaped_as_result(b, made, x);
  if (b.is(c, core::logical_not)) return b.push(core::where, b.node[c].in[0], y, x);
  // a branch that asks the same again
  if (b.is(x, core::where) && b.node[x].in[0] == c && b.node[x].shape == b.node[b.node[x].in[1]].shape)
    return b.push(core::where, c, b.node[x].in[1], y);
  if (b.is(y, core::where) && b.node[y].in[0] == c && b.node[y].shape == b.node[b.node[y].in[2]].shape)
    return b.push(core::where, c, x, b.node[y].in[2]);
  if (made.type == dtype::boolean && b.is(x, core::constant) && b.is(y, core::constant)) {
    if (b.number_at(x) != 0 && b.number_at(y) == 0) return c;
    if (b.number_at(x) == 0 && b.number_at(y) != 0) return b.push(core::logical_not, c);
  }
  return -1;
}

/// Whether each number of dtype a is one of dtype b, so that a -> b -> a is the identity.
constexpr bool holds_all(dtype a, dtype b) {
  if (a == b || a == dtype::boolean) return b != dtype::weak && b != dtype::none;
  const int bits = static_cast<int>(8 * size_of(a)), room = static_cast<int>(8 * size_of(b));
  if (is_integer(a) && is_integer(b))
    return is_signed_integer(a) == is_signed_integer(b) ? room >= bits : is_signed_integer(b) && room > bits;
  const int digits = b == dtype::float64 ? 53 : b == dtype::float32 ? 24 : b == dtype::float16 ? 11 : 8;
  if (is_integer(a)) return is_floating(b) && bits - is_signed_integer(a) <= digits;
  return is_floating(a) && is_floating(b) && room > bits;
}

/// A cast to the dtype that is there, of a number, and of a cast that lost nothing.
constexpr int simplify_cast(graph_builder& b, const array_node& made) {
  const int x = made.in[0];
  const array_node& from = b.node[x];
  if (from.type == made.type) return x;
  if (b.is(x, core::constant) && b.folds(from.type) && !is_complex(made.type)) {
    const folded v = constant_value(from.type, b.number_at(x));
    const folded r = v.known ? rounded(made.type, v.value) : folded{};
    if (r.known && (is_floating(made.type) || made.type == dtype::boolean || r.value == v.value))
      return b.number(r.value, made.type);
  }
  if (!b.is(x, core::cast) || !b.on(pass::simplify)) return -1;
  const dtype first = b.node[from.in[0]].type, between = from.type, last = made.type;
  if (is_complex(between) || is_complex(last) || first == dtype::weak || !holds_all(first, between))
    return -1;
  const bool alike = (is_integer(first) && is_integer(between) && is_integer(last)) ||
                     (is_floating(first) && is_floating(between) && is_floating(last));
  return alike || last == first || last == dtype::boolean || holds_all(first, last)
             ? b.convert(from.in[0], last)
             : -1;
}

/// The node furthest up that lends the same extents: what is between need not be computed for them. It is
/// passed over only where its operands are sure to fit, so that no check is lost.
constexpr int lender(const graph_builder& b, int x) {
  while (b.op_of(x).kind == op_kind::map) {
    int next = -1;
    for (int k = 0; k < b.op_of(x).arity; ++k) {
      const int in = b.node[x].in[k];
      if (!surely_broadcasts(b.shape_of(in), b.shape_of(x))) return x;
      if (next < 0 && b.node[in].shape == b.node[x].shape) next = in;
    }
    if (next < 0) return x;
    x = next;
  }
  return x;
}

/// A broadcast of a broadcast, and to the shape of what need not be computed.
constexpr int simplify_broadcast(graph_builder& b, const array_node& made) {
  if (!b.on(pass::simplify)) return -1;
  const int x = made.in[0], y = made.in[1];
  if (b.is(x, core::broadcast_like) && surely_broadcasts(b.shape_of(x), b.shape_of(y)))
    return b.broadcast_to_shape_of(b.node[x].in[0], y);
  const int lends = lender(b, y);
  return lends == y ? -1 : b.push(core::broadcast_like, x, lends);
}

/// An op of numbers, some of them broadcast: computed once, and broadcast afterwards.
constexpr int hoist_broadcast(graph_builder& b, const array_node& made, int arity) {
  int in[] = {made.in[0], made.in[1], made.in[2]}, like = -1;
  for (int k = 0; k < arity; ++k) {
    if (b.is(in[k], core::broadcast_like)) {
      if (like >= 0 && b.node[like].shape != b.node[in[k]].shape) return -1;
      like = b.node[in[k]].in[1];
      in[k] = b.node[in[k]].in[0];
    }
    if (!b.is(in[k], core::constant)) return -1;
  }
  if (like < 0) return -1;
  return b.broadcast_to_shape_of(b.push(made.op, in[0], in[1], in[2], made.attribute), like);
}

/// An operand that was broadcast to the shape that another one has anyway.
constexpr int drop_broadcast(graph_builder& b, const array_node& made, int arity) {
  for (int k = 0; k < arity; ++k) {
    const int x = made.in[k];
    if (!b.is(x, core::broadcast_like)) continue;
    bool other = false;
    for (int j = 0; j < arity; ++j) other = other || (j != k && b.node[made.in[j]].shape == b.node[x].shape);
    if (!other || !surely_broadcasts(b.shape_of(b.node[x].in[0]), b.shape_of(x))) continue;
    int in[] = {made.in[0], made.in[1], made.in[2]};
    in[k] = b.node[x].in[0];
    return b.push(made.op, in[0], in[1], in[2], made.attribute);
  }
  return -1;
}

}  // namespace tenon::detail
