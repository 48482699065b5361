// What programs declare ops of their own with, besides `elementwise`: an op as a function, and ops that are a
// loop along lines. See docs/adding-an-op.md.
#pragma once

#include "tenon/ops/ordering.hpp"

namespace tenon {

/// An op as the function that users call: inline constexpr auto bump = function_of<bump_op>; then bump(x).
template <class Op>
struct op_function {
  template <class... X>
  requires(sizeof...(X) == Op::arity && operands<X...>) constexpr auto operator()(X&&... x) const {
    return apply<Op>(static_cast<X&&>(x)...);
  }
};
template <class Op>
inline constexpr op_function<Op> function_of{};

/// The elements of an operand along its last axis: line[0] to line[size - 1], under any stride.
template <class T>
struct input_line {
  const T* first;
  index step, size;
  const T& operator[](index i) const { return first[i * step]; }
};
/// Those of the result, one after the other and not yet written.
template <class T>
struct output_line {
  T* first;
  index size;
  T& operator[](index i) const { return first[i]; }
};

/// The base of an op that computes each line along the last axis by itself: `line(input_line<T> x,
/// output_line<T> y)`, a template on the element type. All extents but the last are the operand's; `shape`
/// may give another last one.
///
/// Derivatives need `linear` and `pullback`, or `pullback` and `pushforward`; without them, smooth = false.
template <class Op>
struct line_op : op_defaults {
  static constexpr op_kind kind = op_kind::opaque;
  static constexpr int arity = 1;
  static constexpr domain takes = domain::floating;

  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    if (q.in[0].rank == 0) scope.fail(misfit::rank, static_dim(0), static_dim(1));
    return q.in[0];
  }
  template <class Unit = this_unit>
  static void run(const opaque_launch& l) {
    detail::with_type(l.in[0].type, [&]<class T>(T) {
      if constexpr (takes_dtype(Op::takes, dtype_of<T>)) lines<T>(l);
    });
  }

 private:
  template <class T>
  static void lines(const opaque_launch& l) {
    const array_access& x = l.in[0];
    const int axis = x.rank - 1;
    if (l.out.size() == 0) return;
    detail::each_line(x, l.out, axis, [&](const std::byte* from, std::byte* to) {
      Op::line(input_line<T>{reinterpret_cast<const T*>(from), x.stride[axis], x.extent[axis]},
               output_line<T>{reinterpret_cast<T*>(to), l.out.extent[axis]});
    });
  }
};

}  // namespace tenon
