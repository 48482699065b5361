// Goes through all elementwise ops of one dtype and compares values with the references, element by element.
#pragma once

#include "../support.hpp"
#include "references.hpp"

#include <cstring>

namespace test {

template <class T>
std::vector<T> telling_values() {
  using limits = std::numeric_limits<T>;
  std::vector<T> v;
  if constexpr (std::is_same_v<T, bool>) {
    v = {false, true};
  } else if constexpr (std::is_integral_v<T>) {
    for (const std::int64_t i : {0, 1, -1, 2, -3, 7, 46341, -65536}) v.push_back(static_cast<T>(i));
    const T top = std::is_same_v<T, std::uint64_t> ? T(limits::max() / 2) : limits::max();  // see references
    v.insert(v.end(), {top, limits::lowest(), static_cast<T>(top / 2)});
    if constexpr (std::is_same_v<T, std::uint64_t>) std::erase_if(v, [top](T i) { return i > top; });
  } else {  // infinities where a 16-bit number ends earlier
    v = {T(0),
         T(1),
         T(2.5),
         T(0.3),
         T(20),
         T(88.5),
         T(700),
         limits::infinity(),
         limits::quiet_NaN(),
         limits::min(),
         limits::denorm_min(),
         limits::max(),
         T(1e-4)};
    for (std::size_t i = 0, n = v.size(); i < n; ++i) v.push_back(-v[i]);
  }
  return v;
}

/// Whether got is the value of a function that is `exact` before rounding, within `ulps` units in the last
/// place.
template <class T>
bool close(T got, long double exact, int ulps) {
  if (std::isnan(exact)) return tenon::math::is_nan(got);
  if (tenon::math::is_nan(got)) return false;
  const T rounded = static_cast<T>(exact);
  if (got == rounded) return true;
  if (std::isinf(static_cast<long double>(rounded)) || std::isinf(static_cast<long double>(got)))
    return false;
  int exponent = 0;
  std::frexp(static_cast<long double>(rounded), &exponent);
  const long double ulp = std::max(std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits),
                                   static_cast<long double>(std::numeric_limits<T>::denorm_min()));
  return std::fabs(static_cast<long double>(got) - exact) <= ulps * ulp;
}

/// Operands of `n` elements that hold every combination of telling values over and over.
template <class T>
tenon::tensor<T, tenon::dyn> operand(index n, index every) {
  const std::vector<T> v = telling_values<T>();
  auto x = tenon::zeros<T>(n);
  for (index i = 0; i < n; ++i) x(i) = v[static_cast<std::size_t>(i / every) % v.size()];
  return x;
}

/// Checks an op's function against the reference of its name. It is known by pointer, so that all ops of one
/// dtype share this code.
template <class A, class B, class R>
void check_values(const std::string& name, bool condition, [[maybe_unused]] int ulps,
                  R (*evaluate)(const A&, const B&, const B&)) {
  using T = typename B::value_type;
  INFO(name, " of ", std::string(tenon::name_of(tenon::dtype_of<T>)));
  const index m = static_cast<index>(telling_values<T>().size());
  const auto f = [&] {
    if constexpr (tenon::math::real<T>)
      return real_references().at(name);
    else
      return integer_references().at(name);
  }();
  for (const index n :
       {index(0), index(1), index(2), index(15), index(16), index(17), index(33), m * m * 2}) {
    const auto a = operand<typename A::value_type>(n, condition ? m * m : 1);
    const auto b = operand<T>(n, condition ? 1 : m), c = operand<T>(n, m);
    const auto r = evaluate(a, b, c);
    using V = typename R::value_type;
    REQUIRE(r.size() == n);
    index wrong = 0;
    for (index i = 0; i < n; ++i) {
      bool right;
      if constexpr (tenon::math::real<T>) {
        const real exact = f(real(a(i)), real(b(i)), real(c(i)));
        if constexpr (std::is_same_v<V, bool>)
          right = r(i) == (exact != 0);
        else
          right = close(r(i), exact, ulps);
      } else {
        right = r(i) == static_cast<V>(f(std::int64_t(a(i)), std::int64_t(b(i)), std::int64_t(c(i))));
      }
      if (!right && wrong++ == 0) {
        INFO("n = ", n, ", at ", i, ": ", double(a(i)), ", ", double(b(i)), " gave ", double(r(i)));
        CHECK(right);
      }
    }
    CHECK(wrong == 0);
  }
}

template <class Op, class T>
void check_values() {
  using A = tenon::tensor<operand_type<Op, 0, T>, tenon::dyn>;
  using B = tenon::tensor<T, tenon::dyn>;
  const auto evaluate = [](const A& a, [[maybe_unused]] const B& b, [[maybe_unused]] const B& c) {
    if constexpr (Op::arity == 1)
      return tenon::eval(tenon::apply<Op>(a));
    else if constexpr (Op::arity == 2)
      return tenon::eval(tenon::apply<Op>(a, b));
    else
      return tenon::eval(tenon::apply<Op>(a, b, c));
  };
  using R = decltype(evaluate(std::declval<A>(), std::declval<B>(), std::declval<B>()));
  const int ulps = allowed_ulps(Op::name, !tenon::takes_dtype(Op::takes, tenon::dtype::int32));
  check_values<A, B, R>(Op::name, Op::condition == 0, ulps, evaluate);
}

inline void require_reference(const std::string& name, bool of_reals) {
  const bool known = of_reals ? real_references().count(name) == 1 : integer_references().count(name) == 1;
  INFO("no reference for ", name);
  REQUIRE(known);
}

template <class Ops, class... T>
void check_values_of_ops() {
  for_each_op<Ops>::run([]<class Op>() {
    const auto one = []<class U>() {
      if constexpr (takes<Op, U>()) {
        require_reference(Op::name, tenon::math::real<U>);
        check_values<Op, U>();
      }
    };
    (one.template operator()<T>(), ...);
  });
}

}  // namespace test
