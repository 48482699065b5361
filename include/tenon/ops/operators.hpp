// The ops that C++ has operators for, and `where`: arithmetic, comparisons, logic. Partial derivatives are
// written in them, so all are declared before the first one is defined.
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

}  // namespace tenon
