// check_grads: passes where derivatives are right, throws where a partial is wrong.
#include <tenon/autodiff/check.hpp>

#include "../support.hpp"

using namespace tenon;

namespace {

/// x^3 with its derivative, with a wrong one, and with one whose own derivative is wrong.
struct cube_op : elementwise<1> {
  static constexpr auto name = "cube";
  static constexpr domain takes = domain::floating;
  template <class V>
  TENON_INLINE static V value(V x) {
    using namespace math;
    return multiply(x, multiply(x, x));
  }
  template <int K>
  static constexpr auto partial(auto, auto x) {
    return constant<3> * x * x;
  }
};
struct wrong_cube_op : elementwise<1> {
  static constexpr auto name = "wrong_cube";
  template <class V>
  TENON_INLINE static V value(V x) {
    return cube_op::value(x);
  }
  template <int K>
  static constexpr auto partial(auto, auto x) {
    return 2_c * x * x;
  }
};
struct wrong_second_op : elementwise<1> {
  static constexpr auto name = "wrong_second";
  template <class V>
  TENON_INLINE static V value(V x) {
    return cube_op::value(x);
  }
  template <int K>
  static constexpr auto partial(auto, auto x) {
    return constant<3> * x * stop_gradient(x);
  }
};

/// a b^2; the second partial is wrong where Wrong.
template <bool Wrong>
struct weighted_op : elementwise<2> {
  static constexpr auto name = "weighted";
  template <class V>
  TENON_INLINE static V value(V a, V b) {
    using namespace math;
    return multiply(a, multiply(b, b));
  }
  template <int K>
  static constexpr auto partial(auto, auto a, auto b) {
    if constexpr (K == 0)
      return b * b;
    else if constexpr (Wrong)
      return a * b;
    else
      return 2_c * a * b;
  }
};

const tensor<double, 3> x{0.5, -1.25, 2};

}  // namespace

TEST_CASE("check_grads passes for a right partial, order 2 and other shapes included") {
  CHECK_NOTHROW(
      check_grads([](const auto& v) { return sum(apply<cube_op>(v) * v); }, primals(x), {.order = 2}));
  CHECK_NOTHROW(check_grads([](const auto& v) { return apply<cube_op>(v); }, primals(x)));
  const tensor<float, dyn> y{0.5f, -1.25f, 2};
  CHECK_NOTHROW(
      check_grads([](const auto& v) { return sum(apply<cube_op>(v) * v); }, primals(y), {.order = 2}));
}

TEST_CASE("check_grads throws for a wrong partial and says which derivative") {
  const std::string line = test::thrown<usage_error>(
      [] { check_grads([](const auto& v) { return sum(apply<wrong_cube_op>(v)); }, primals(x)); });
  CHECK(test::contains(line, "check_grads: the forward derivative is "));
  CHECK(test::contains(line, ", expected "));
  CHECK_FALSE(test::contains(line, "\n"));
}

TEST_CASE("check_grads: a wrong second derivative shows at order 2 alone") {
  const auto f = [](const auto& v) { return sum(apply<wrong_second_op>(v)); };
  CHECK_NOTHROW(check_grads(f, primals(x)));
  CHECK(test::contains(test::thrown<usage_error>([&] { check_grads(f, primals(x), {.order = 2}); }),
                       "the second derivative"));
}

TEST_CASE("check_grads: two operands") {
  const tensor<double, 3> b{1, 2, -0.5};
  CHECK_NOTHROW(check_grads([](const auto& p, const auto& q) { return apply<weighted_op<false>>(p, q); },
                            primals(x, b)));
  CHECK_THROWS_AS(
      check_grads([](const auto& p, const auto& q) { return apply<weighted_op<true>>(p, q); }, primals(x, b)),
      usage_error);
  CHECK_THROWS_AS(check_grads([](const auto& p, const auto& q) { return apply<weighted_op<false>>(p, q); },
                              primals(x, b), {.order = 2}),
                  usage_error);
}
