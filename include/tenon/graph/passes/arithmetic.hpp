// Identities of + - * / and unary minus. Those of passes::simplify keep every bit; beside each other one
// stands what it breaks.
//
// Rules see a node before it is in the graph, its operands converted to one dtype, and give the node that
// stands for it, or -1. A number has rank 0, so the other operand alone has the result's shape.
#pragma once

#include "tenon/graph/builder.hpp"
#include "tenon/graph/passes/fold.hpp"

namespace tenon::detail {

struct arithmetic_rules {
  graph_builder& b;
  const array_node& made;
  int x, y;             // operands
  bool real;            // floating-point: has signed zeros, infinities, NaN
  folded u{}, v{};      // operands that are numbers
  bool exact, regroup;  // passes::simplify, passes::reassociate

  constexpr arithmetic_rules(graph_builder& builder, const array_node& node)
      : b(builder),
        made(node),
        x(node.in[0]),
        y(node.in[1]),
        real(is_floating(node.type) || node.type == dtype::weak),
        exact(builder.on(pass::simplify)),
        regroup(builder.on(pass::reassociate)) {
    if (b.is(x, core::constant)) u = value_of(x);
    if (y >= 0 && b.is(y, core::constant)) v = value_of(y);
  }

  constexpr folded value_of(int i) const { return constant_value(b.node[i].type, b.number_at(i)); }
  constexpr bool negated(int i) const { return b.is(i, core::negate); }
  constexpr int inside(int i) const { return b.node[i].in[0]; }
  constexpr int number(double a) { return b.number(a, made.type); }
  constexpr int zeros_like(int i) { return b.broadcast_to_shape_of(number(0), i); }
  /// Whether adding c changes nothing: c = -0, and of integers c = 0.
  constexpr bool adds_nothing(const folded& c) const {
    return c.known && c.value == 0 && (!real || is_negative_zero(c.value) || b.on(pass::unsigned_zero));
  }
  constexpr bool subtracts_nothing(const folded& c) const {
    return c.known && c.value == 0 && (!real || !is_negative_zero(c.value) || b.on(pass::unsigned_zero));
  }
  constexpr int folded_to(arithmetic what) {
    if (!u.known || !v.known || !b.folds(made.type)) return -1;
    const folded r = fold_arithmetic(what, made.type, u.value, v.value);
    return r.known ? number(r.value) : -1;
  }
  /// A product with a number that is not 0: absorbing or not, it is the same.
  constexpr int scaled(double c, int i) { return b.push(core::multiply, number(c), i); }
  /// The number of a product with one, and what it multiplies.
  constexpr folded scale_in(int i, int& of) const {
    if (!b.is(i, core::multiply)) return {};
    for (int k = 0; k < 2; ++k) {
      const int c = b.node[i].in[k];
      if (!b.is(c, core::constant)) continue;
      of = b.node[i].in[1 - k];
      return value_of(c);
    }
    return {};
  }

  constexpr int add() {
    if (const int n = folded_to(arithmetic::add); n >= 0) return n;
    if (exact) {
      if (adds_nothing(u)) return y;
      if (adds_nothing(v)) return x;
      if (negated(y)) return b.push(core::subtract, x, inside(y));
      if (negated(x)) return b.push(core::subtract, y, inside(x));
    }
    if (regroup && (u.known || v.known)) return add_number(u.known ? u : v, u.known ? y : x);
    return -1;
  }
  /// c + (d + z) = (c + d) + z.
  constexpr int add_number(const folded& c, int sum) {
    if (!b.is(sum, core::add)) return -1;
    for (int k = 0; k < 2; ++k) {
      const int d = b.node[sum].in[k];
      if (!b.is(d, core::constant)) continue;
      const folded e = value_of(d);
      const folded r = e.known ? fold_arithmetic(arithmetic::add, made.type, c.value, e.value) : folded{};
      if (r.known) return b.push(core::add, number(r.value), b.node[sum].in[1 - k]);
    }
    return -1;
  }

  constexpr int subtract() {
    if (const int n = folded_to(arithmetic::subtract); n >= 0) return n;
    if (exact) {
      if (subtracts_nothing(v)) return x;
      if (adds_nothing(u)) return b.push(core::negate, y);  // -0 - y; 0 - y gives +0 for +0
      if (negated(y)) return b.push(core::add, x, inside(y));
      if (x == y && (!real || b.on(pass::finite))) return zeros_like(x);
    }
    if (regroup && real && v.known) return b.push(core::add, x, number(-v.value));
    return -1;
  }

  constexpr int multiply() {
    if (const int n = folded_to(arithmetic::multiply); n >= 0) return n;
    if (u.known) return times_number(u.value, y);
    if (v.known) return times_number(v.value, x);
    if (exact && negated(x) && negated(y)) return b.push(made.op, inside(x), inside(y));
    return -1;
  }
  constexpr int times_number(double c, int z) {
    if (exact) {
      if (c == 1) return z;
      if (c == -1 && !is_unsigned_integer(made.type)) return b.push(core::negate, z);
      if (c == 0) return !real || (b.on(pass::finite) && b.on(pass::unsigned_zero)) ? zeros_like(z) : -1;
      if (real && negated(z)) return scaled(-c, inside(z));
      if (made.op == core::absorbing_multiply) return scaled(c, z);
    }
    if ((!exact && !regroup) || !real || c == 0) return -1;
    // c (d z) = (c d) z: exact for d = +-2^k, k >= 0, and |c| >= 1, where d z overflows only if the whole
    // does
    int of = -1;
    const folded d = scale_in(z, of);
    if (!d.known || d.value == 0) return -1;
    const bool same = exact && power_of_two(made.type, d.value) >= 0 && (c >= 1 || c <= -1);
    if (!same && !regroup) return -1;
    const folded r = fold_arithmetic(arithmetic::multiply, made.type, c, d.value);
    return r.known ? scaled(r.value, of) : -1;
  }

  constexpr int divide() {
    if (const int n = folded_to(arithmetic::divide); n >= 0) return n;
    if (exact) {
      if (v.known && v.value == 1) return x;
      if (v.known && v.value == -1 && !is_unsigned_integer(made.type)) return b.push(core::negate, x);
      if (!real) return -1;
      if (v.known && power_of_two(made.type, v.value) != no_power) return scaled(1 / v.value, x);
      if (negated(y)) {
        if (negated(x)) return b.push(core::divide, inside(x), inside(y));
        if (u.known) return b.push(core::divide, number(-u.value), inside(y));
      }
      if (negated(x) && v.known) return b.push(core::divide, inside(x), number(-v.value));
    }
    if (regroup && real && v.known && v.value != 0)
      if (const folded r = fold_arithmetic(arithmetic::divide, made.type, 1, v.value); r.known)
        return scaled(r.value, x);
    return -1;
  }

  constexpr int negate() {
    if (u.known && b.folds(made.type))
      if (const folded r = rounded(made.type, -u.value); r.known) return number(r.value);
    if (!exact) return -1;
    if (negated(x)) return inside(x);
    if (real && (b.is(x, core::multiply) || b.is(x, core::divide))) {
      const array_node& inner = b.node[x];
      for (int k = 0; k < 2; ++k) {
        if (!b.is(inner.in[k], core::constant)) continue;
        const folded c = value_of(inner.in[k]);
        if (!c.known) continue;
        const int minus = number(-c.value), p = k == 0 ? minus : inner.in[0],
                  q = k == 1 ? minus : inner.in[1];
        return b.push(inner.op, p, q);
      }
    }
    if (b.is(x, core::subtract) && (is_integer(made.type) || b.on(pass::unsigned_zero)))
      return b.push(core::subtract, b.node[x].in[1], b.node[x].in[0]);
    return -1;
  }
};

/// The rule of made's op, of real numbers; of complex ones, the double negation alone.
constexpr int simplify_arithmetic(graph_builder& b, const array_node& made) {
  if (made.op == core::negate) return arithmetic_rules(b, made).negate();
  if (is_complex(made.type)) return -1;
  switch (made.op) {
    case core::add:
      return arithmetic_rules(b, made).add();
    case core::subtract:
      return arithmetic_rules(b, made).subtract();
    case core::divide:
      return arithmetic_rules(b, made).divide();
    default:
      return arithmetic_rules(b, made).multiply();
  }
}

}  // namespace tenon::detail
