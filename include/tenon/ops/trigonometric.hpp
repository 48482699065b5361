// Trigonometric and hyperbolic functions and their inverses, elementwise on floating-point numbers; angles in
// radians.
#pragma once

#include "tenon/ops/elementwise.hpp"

namespace tenon {

// ---- circular --------------------------------------------------------------------------------------------

struct cos_op;
template <tensor_like A>
constexpr auto cos(A&& a);

struct sin_op : elementwise<1> {
  static constexpr auto name = "sin";
  using inverse = struct asin_op;
  static constexpr domain takes = domain::analytic;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return sin(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return cos(x);
  }
};
template <tensor_like A>
constexpr auto sin(A&& a) {
  return apply<sin_op>(static_cast<A&&>(a));
}
struct cos_op : elementwise<1> {
  static constexpr auto name = "cos";
  using inverse = struct acos_op;
  static constexpr unsigned laws = law::even;
  static constexpr domain takes = domain::analytic;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return cos(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return -sin(x);
  }
};
template <tensor_like A>
constexpr auto cos(A&& a) {
  return apply<cos_op>(static_cast<A&&>(a));
}
struct tan_op : elementwise<1> {
  static constexpr auto name = "tan";
  using inverse = struct atan_op;
  static constexpr domain takes = domain::analytic;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return tan(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return 1_c + y * y;
  }
};
template <tensor_like A>
constexpr auto tan(A&& a) {
  return apply<tan_op>(static_cast<A&&>(a));
}
/// The inverse sine, in [-pi/2, pi/2]; NaN outside [-1, 1], where the slope at the ends is infinite.
struct asin_op : elementwise<1> {
  static constexpr auto name = "asin";
  static constexpr domain takes = domain::analytic;
  static constexpr bool singular = true;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return asin(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return 1_c / sqrt((1_c - x) * (1_c + x));
  }
};
template <tensor_like A>
constexpr auto asin(A&& a) {
  return apply<asin_op>(static_cast<A&&>(a));
}
/// The inverse cosine, in [0, pi]; NaN outside [-1, 1], where the slope at the ends is infinite.
struct acos_op : elementwise<1> {
  static constexpr auto name = "acos";
  static constexpr domain takes = domain::analytic;
  static constexpr bool singular = true;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return acos(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return constant<-1> / sqrt((1_c - x) * (1_c + x));
  }
};
template <tensor_like A>
constexpr auto acos(A&& a) {
  return apply<acos_op>(static_cast<A&&>(a));
}
/// The inverse tangent, in [-pi/2, pi/2].
struct atan_op : elementwise<1> {
  static constexpr auto name = "atan";
  static constexpr domain takes = domain::analytic;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return atan(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return 1_c / (1_c + x * x);
  }
};
template <tensor_like A>
constexpr auto atan(A&& a) {
  return apply<atan_op>(static_cast<A&&>(a));
}

// ---- lengths and angles of points ------------------------------------------------------------------------

/// sqrt(a^2 + b^2) without overflow; inf where either is infinite, even beside NaN (IEEE 754). Its derivative
/// at the origin is 0.
struct hypot_op : elementwise<2> {
  static constexpr auto name = "hypot";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return hypot(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return a / y;
    else
      return b / y;
  }
  template <int K>
  static constexpr auto select([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return y != 0_c;
    else
      return y != 0_c;
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto hypot(A&& a, B&& b) { return apply<hypot_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }
/// The angle of the point (b, a), in [-pi, pi]: a is the ordinate. Its derivative at the origin is 0.
struct atan2_op : elementwise<2> {
  static constexpr auto name = "atan2";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return atan2(a, b);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return b / hypot(a, b) / hypot(a, b);
    else
      return -a / hypot(a, b) / hypot(a, b);
  }
  template <int K>
  static constexpr auto select([[maybe_unused]] auto y, [[maybe_unused]] auto a, [[maybe_unused]] auto b) {
    if constexpr (K == 0)
      return hypot(a, b) != 0_c;
    else
      return hypot(a, b) != 0_c;
  }
};
template <class A, class B>
requires operands<A, B>
constexpr auto atan2(A&& a, B&& b) { return apply<atan2_op>(static_cast<A&&>(a), static_cast<B&&>(b)); }

// ---- hyperbolic ------------------------------------------------------------------------------------------

struct cosh_op;
template <tensor_like A>
constexpr auto cosh(A&& a);

struct sinh_op : elementwise<1> {
  static constexpr auto name = "sinh";
  using inverse = struct asinh_op;
  static constexpr domain takes = domain::analytic;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return sinh(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return cosh(x);
  }
};
template <tensor_like A>
constexpr auto sinh(A&& a) {
  return apply<sinh_op>(static_cast<A&&>(a));
}
struct cosh_op : elementwise<1> {
  static constexpr auto name = "cosh";
  using inverse = struct acosh_op;
  static constexpr unsigned laws = law::even;
  static constexpr domain takes = domain::analytic;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return cosh(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return sinh(x);
  }
};
template <tensor_like A>
constexpr auto cosh(A&& a) {
  return apply<cosh_op>(static_cast<A&&>(a));
}
struct asinh_op : elementwise<1> {
  static constexpr auto name = "asinh";
  using inverse = struct sinh_op;
  static constexpr domain takes = domain::analytic;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return asinh(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return 1_c / hypot(x, 1_c);
  }
};
template <tensor_like A>
constexpr auto asinh(A&& a) {
  return apply<asinh_op>(static_cast<A&&>(a));
}
/// The inverse of cosh, 0 or more; NaN below 1, where the slope is infinite.
struct acosh_op : elementwise<1> {
  static constexpr auto name = "acosh";
  static constexpr domain takes = domain::analytic;
  static constexpr bool singular = true;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return acosh(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return 1_c / (sqrt(x - 1_c) * sqrt(x + 1_c));
  }
};
template <tensor_like A>
constexpr auto acosh(A&& a) {
  return apply<acosh_op>(static_cast<A&&>(a));
}
/// The inverse of tanh; infinite at -1 and 1, NaN beyond.
struct atanh_op : elementwise<1> {
  static constexpr auto name = "atanh";
  using inverse = struct tanh_op;
  static constexpr domain takes = domain::analytic;
  static constexpr bool singular = true;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return atanh(x);
  }
  template <int K>
  static constexpr auto partial([[maybe_unused]] auto y, [[maybe_unused]] auto x) {
    return 1_c / ((1_c - x) * (1_c + x));
  }
};
template <tensor_like A>
constexpr auto atanh(A&& a) {
  return apply<atanh_op>(static_cast<A&&>(a));
}

}  // namespace tenon
