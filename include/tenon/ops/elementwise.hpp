// Elementwise ops: each one declaration (name, dtypes, value, partial derivatives, traits), then the function
// that users call. The value rule is the same template on numbers of every dtype, on SIMD lanes and on a
// GPU's numbers.
//
// partial<K>(y, x...): the partial derivative with respect to operand K, from the result and the operands; 1
// when not given. select<K>(y, x...): where operand K's derivative counts; elsewhere its contribution is
// exactly 0, whatever the partials around it are. Together they state the table of non-smooth points in
// docs/architecture.md.
#pragma once

#include "tenon/core/functions.hpp"
#include "tenon/ops/constant.hpp"

namespace tenon {

// ---- the operators that partial derivatives are written in ------------------------------------------------

struct add_op;
struct subtract_op;
struct multiply_op;
struct divide_op;
struct negate_op;
struct absorbing_multiply_op;
struct less_op;
struct less_equal_op;
struct greater_op;
struct greater_equal_op;
struct equal_op;
struct not_equal_op;
struct logical_and_op;
struct logical_or_op;
struct logical_not_op;
struct where_op;

template <class A, class B>
requires operands<A, B>
constexpr auto operator+(A&& a, B&& b) { return apply<add_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
template <class A, class B>
requires operands<A, B>
constexpr auto operator-(A&& a, B&& b) {
  return apply<subtract_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <class A, class B>
requires operands<A, B>
constexpr auto operator*(A&& a, B&& b) {
  return apply<multiply_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <class A, class B>
requires operands<A, B>
constexpr auto operator/(A&& a, B&& b) { return apply<divide_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
template <class A, class B>
requires operands<A, B>
constexpr auto operator<(A&& a, B&& b) { return apply<less_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
template <class A, class B>
requires operands<A, B>
constexpr auto operator<=(A&& a, B&& b) {
  return apply<less_equal_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <class A, class B>
requires operands<A, B>
constexpr auto operator>(A&& a, B&& b) { return apply<greater_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
template <class A, class B>
requires operands<A, B>
constexpr auto operator>=(A&& a, B&& b) {
  return apply<greater_equal_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <class A, class B>
requires operands<A, B>
constexpr auto operator==(A&& a, B&& b) { return apply<equal_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
template <class A, class B>
requires operands<A, B>
constexpr auto operator!=(A&& a, B&& b) {
  return apply<not_equal_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <class A, class B>
requires operands<A, B>
constexpr auto operator&&(A&& a, B&& b) {
  return apply<logical_and_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <class A, class B>
requires operands<A, B>
constexpr auto operator||(A&& a, B&& b) {
  return apply<logical_or_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <tensor_like A>
constexpr auto operator-(A&& a) {
  return apply<negate_op>(static_cast<A&&>(a));
}
template <tensor_like A>
constexpr auto operator!(A&& a) {
  return apply<logical_not_op>(static_cast<A&&>(a));
}
/// Where c is true, a; elsewhere b. The derivative goes to the operand that was taken, and to that one alone.
template <class C, class A, class B>
requires operands<C, A, B>
constexpr auto where(C&& c, A&& a, B&& b) {
  return apply<where_op>(static_cast<C&&>(c), static_cast<A&&>(a), static_cast<B&&>(b));
}

// ---- arithmetic: + - * / and unary minus; integers wrap ---------------------------------------------------

struct add_op : elementwise<2> {
  static constexpr auto name = "add";
  static constexpr unsigned laws = law::commutative;
  static constexpr domain takes = domain::arithmetic;
  static constexpr bool linear = true;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return add(a, b);
  }
};
struct subtract_op : elementwise<2> {
  static constexpr auto name = "subtract";
  static constexpr domain takes = domain::arithmetic;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return subtract(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return 1_c;
    else
      return constant<-1>;
  }
};
struct multiply_op : elementwise<2> {
  static constexpr auto name = "multiply";
  static constexpr unsigned laws = law::commutative;
  static constexpr domain takes = domain::arithmetic;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return multiply(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return b;
    else
      return a;
  }
};
struct divide_op : elementwise<2> {
  static constexpr auto name = "divide";
  static constexpr domain takes = domain::arithmetic;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return divide(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return 1_c / b;
    else
      return -y / b;
  }
};
struct negate_op : elementwise<1> {
  static constexpr auto name = "negate";
  static constexpr domain takes = domain::arithmetic;
  template <class V>
  TENON_INLINE static V value(V a) {
    using namespace math;
    return negate(a);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a) {
    return constant<-1>;
  }
};
/// a * b, where a zero absorbs an infinity on the other side: products along paths through singular ops.
struct absorbing_multiply_op : elementwise<2> {
  static constexpr auto name = "absorbing_multiply";
  static constexpr unsigned laws = law::commutative;
  static constexpr domain takes = domain::arithmetic;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    const V r = multiply(a, b);
    return where(logical_and(is_nan(r), logical_not(logical_or(is_nan(a), is_nan(b)))), V(0), r);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return b;
    else
      return a;
  }
};

// ---- comparisons and logic: bool results, no derivatives; comparisons with NaN are false, != is true ------

struct less_op : predicate {
  static constexpr auto name = "less";
  static constexpr unsigned laws = law::holds_for_less;
  static constexpr domain takes = domain::ordered;
  template <class V>
  TENON_INLINE static auto value(V a, V b) {
    return a < b;
  }
};
struct less_equal_op : predicate {
  static constexpr auto name = "less_equal";
  static constexpr unsigned laws = law::holds_for_less | law::holds_for_equal;
  static constexpr domain takes = domain::ordered;
  template <class V>
  TENON_INLINE static auto value(V a, V b) {
    return a <= b;
  }
};
struct greater_op : predicate {
  static constexpr auto name = "greater";
  static constexpr unsigned laws = law::holds_for_greater;
  static constexpr domain takes = domain::ordered;
  template <class V>
  TENON_INLINE static auto value(V a, V b) {
    return a > b;
  }
};
struct greater_equal_op : predicate {
  static constexpr auto name = "greater_equal";
  static constexpr unsigned laws = law::holds_for_greater | law::holds_for_equal;
  static constexpr domain takes = domain::ordered;
  template <class V>
  TENON_INLINE static auto value(V a, V b) {
    return a >= b;
  }
};
struct equal_op : predicate {
  static constexpr auto name = "equal";
  static constexpr unsigned laws = law::holds_for_equal | law::commutative;
  static constexpr domain takes = domain::any;
  template <class V>
  TENON_INLINE static auto value(V a, V b) {
    return a == b;
  }
};
struct not_equal_op : predicate {
  static constexpr auto name = "not_equal";
  static constexpr unsigned laws = law::holds_for_less | law::holds_for_greater | law::commutative;
  static constexpr domain takes = domain::any;
  template <class V>
  TENON_INLINE static auto value(V a, V b) {
    return a != b;
  }
};
struct logical_and_op : elementwise<2> {
  static constexpr auto name = "logical_and";
  static constexpr unsigned laws = law::commutative | law::selects_one;
  static constexpr domain takes = domain::boolean;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return logical_and(a, b);
  }
};
struct logical_or_op : elementwise<2> {
  static constexpr auto name = "logical_or";
  static constexpr unsigned laws = law::commutative | law::selects_one;
  static constexpr domain takes = domain::boolean;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return logical_or(a, b);
  }
};
struct logical_not_op : elementwise<1> {
  static constexpr auto name = "logical_not";
  static constexpr unsigned laws = law::involution;
  static constexpr domain takes = domain::boolean;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V a) {
    using namespace math;
    return logical_not(a);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto logical_and(A&& a, B&& b) {
  return apply<logical_and_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <class A, class B>
requires operands<A, B>
constexpr auto logical_or(A&& a, B&& b) {
  return apply<logical_or_op>(static_cast<A&&>(a), static_cast<B&&>(b));
}
template <tensor_like A>
constexpr auto logical_not(A&& a) {
  return apply<logical_not_op>(static_cast<A&&>(a));
}

struct where_op : elementwise<3> {
  static constexpr auto name = "where";
  static constexpr int condition = 0;
  static constexpr domain takes = domain::any;
  template <class C, class V>
  TENON_INLINE static V value(C c, V a, V b) {
    using namespace math;
    return where(c, a, b);
  }
  template <int K>
  static constexpr auto select(auto, auto c, auto, auto) {
    if constexpr (K == 1)
      return c;
    else
      return !c;
  }
};

// ---- maxima, minima and other piecewise ops; NaN of either operand propagates -----------------------------

/// The larger of two; NaN propagates; at a tie each operand gets half the derivative.
struct maximum_op : elementwise<2> {
  static constexpr auto name = "maximum";
  static constexpr unsigned laws = law::commutative_but_zero | law::selects_one;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return maximum(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    return where(a == b, 0.5_c, 1_c);
  }
  template <int K>
  static constexpr auto select([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return !(a < b);
    else
      return !(b < a);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto maximum(A&& a, B&& b) { return apply<maximum_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
/// The smaller of two; NaN propagates; at a tie each operand gets half the derivative.
struct minimum_op : elementwise<2> {
  static constexpr auto name = "minimum";
  static constexpr unsigned laws = law::commutative_but_zero | law::selects_one;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return minimum(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    return where(a == b, 0.5_c, 1_c);
  }
  template <int K>
  static constexpr auto select([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return !(a > b);
    else
      return !(b > a);
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto minimum(A&& a, B&& b) { return apply<minimum_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
/// max(x, 0); relu'(0) = 0.
struct relu_op : elementwise<1> {
  static constexpr auto name = "relu";
  static constexpr unsigned laws = law::idempotent;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return maximum(x, V(0));
  }
  template <int K>
  static constexpr auto select([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return !(x <= 0_c);
  }
};
template <tensor_like A>
constexpr auto relu(A&& a) {
  return apply<relu_op>(static_cast<A&&>(a));
}
struct magnitude_op;  // of complex numbers: ops/complex.hpp
/// |x|; abs'(0) = 0. The smallest integer maps to itself.
struct abs_op : elementwise<1> {
  static constexpr auto name = "abs";
  static constexpr unsigned laws = law::idempotent | law::even;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return abs(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return where(x > 0_c, 1_c, constant<-1>);
  }
  template <int K>
  static constexpr auto select([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return x != 0_c;
  }
};
template <tensor_like A>
constexpr auto abs(A&& a) {
  if constexpr (is_complex(detail::dtype_of_operand<A>.type))
    return apply<magnitude_op>(static_cast<A&&>(a));
  else
    return apply<abs_op>(static_cast<A&&>(a));
}

// ---- smooth functions of floating-point numbers -----------------------------------------------------------

struct exp_op : elementwise<1> {
  static constexpr auto name = "exp";
  using inverse = struct log_op;
  static constexpr domain takes = domain::analytic;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return exp(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return y;
  }
};
template <tensor_like A>
constexpr auto exp(A&& a) {
  return apply<exp_op>(static_cast<A&&>(a));
}
/// The natural logarithm; log(0) = -inf, NaN below.
struct log_op : elementwise<1> {
  static constexpr auto name = "log";
  using inverse = struct exp_op;
  static constexpr unsigned laws = law::logarithm;
  static constexpr domain takes = domain::analytic;
  static constexpr bool singular = true;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return log(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return 1_c / x;
  }
};
template <tensor_like A>
constexpr auto log(A&& a) {
  return apply<log_op>(static_cast<A&&>(a));
}
struct tanh_op : elementwise<1> {
  static constexpr auto name = "tanh";
  using inverse = struct atanh_op;
  static constexpr domain takes = domain::analytic;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return tanh(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return 1_c - y * y;
  }
};
template <tensor_like A>
constexpr auto tanh(A&& a) {
  return apply<tanh_op>(static_cast<A&&>(a));
}
/// 1 / (1 + exp(-x)), without overflow.
struct sigmoid_op : elementwise<1> {
  static constexpr auto name = "sigmoid";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return sigmoid(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return y * (1_c - y);
  }
};
template <tensor_like A>
constexpr auto sigmoid(A&& a) {
  return apply<sigmoid_op>(static_cast<A&&>(a));
}
/// The square root; sqrt'(0) = +inf, NaN below 0.
struct sqrt_op : elementwise<1> {
  static constexpr auto name = "sqrt";
  static constexpr domain takes = domain::analytic;
  static constexpr bool singular = true;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return sqrt(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return 0.5_c / y;
  }
};
template <tensor_like A>
constexpr auto sqrt(A&& a) {
  return apply<sqrt_op>(static_cast<A&&>(a));
}
struct square_op : elementwise<1> {
  static constexpr auto name = "square";
  using inverse = struct sqrt_op;
  static constexpr unsigned laws = law::even;
  static constexpr domain takes = domain::arithmetic;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return multiply(x, x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return 2_c * x;
  }
};
template <tensor_like A>
constexpr auto square(A&& a) {
  return apply<square_op>(static_cast<A&&>(a));
}

// ---- changes of dtype, broadcasting, derivatives switched off ---------------------------------------------

/// A change of dtype: floating to integer truncates and saturates, NaN to 0; numbers to bool compare with 0.
struct cast_op : elementwise<1> {
  static constexpr auto name = "astype";
  static constexpr bool computes = false;
  static constexpr domain takes = domain::any;
  static constexpr yields gives = yields::attribute;
  static constexpr bool linear = true;
  template <class To, class V>
  TENON_INLINE static auto typed_value(V x) {
    using namespace math;
    return cast<To>(x);
  }
};
/// x with elements of type T.
template <element T, tensor_like A>
constexpr auto astype(A&& a) {
  static_assert(!is_complex(detail::dtype_of_operand<A>.type) || is_complex(dtype_of<T>),
                "tenon: complex numbers are no real ones; take real(z), imag(z) or abs(z)");
  return apply<with<cast_op, index(dtype_of<T>)>>(static_cast<A&&>(a));
}

/// The identity, through which no derivative passes.
struct stop_gradient_op : elementwise<1> {
  static constexpr auto name = "stop_gradient";
  static constexpr bool computes = false;
  static constexpr unsigned laws = law::idempotent;
  static constexpr domain takes = domain::any;
  static constexpr bool smooth = false;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return x;
  }
};
template <tensor_like A>
constexpr auto stop_gradient(A&& a) {
  return apply<stop_gradient_op>(static_cast<A&&>(a));
}

/// a, broadcast to the shape of b.
struct broadcast_like_op : elementwise<2> {
  static constexpr auto name = "broadcast_to";
  static constexpr bool computes = false;
  static constexpr domain takes = domain::any;
  static constexpr int shape_only = 1;
  static constexpr bool linear = true;
  template <class V>
  TENON_INLINE static V value(V a) {
    return a;
  }
  static constexpr extents shape(shape_scope& scope, const shape_query& q) {
    broadcast_extents(scope, q.in[0], q.in[1]);
    for (int i = 0; i < q.in[0].rank; ++i)
      if (q.in[0].rank > q.in[1].rank || (q.in[1].from_right(i).size == 1 && q.in[0].from_right(i).size != 1))
        scope.fail(misfit::sizes, q.in[0].from_right(i), q.in[1].from_right(i));
    return q.in[1];
  }
};

/// The position along the last axis, for each element of the operand's shape: 0, 1, 2, ...
struct position_op : op_defaults {
  static constexpr auto name = "position";
  static constexpr bool computes = false;
  static constexpr op_kind kind = op_kind::map;
  static constexpr int arity = 1;
  static constexpr int shape_only = 0;
  static constexpr yields gives = yields::attribute;
  static constexpr bool smooth = false;
  static constexpr extents shape(shape_scope&, const shape_query& q) { return q.in[0]; }
  template <class Lanes, class Count>
  TENON_INLINE static Lanes positions(Count start) {
    return Lanes::iota(start);
  }
};

}  // namespace tenon
