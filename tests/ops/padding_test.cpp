// pad in all its modes, roll and shift: values against index arithmetic, derivatives.
#include "elements.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/rolling.hpp>

using namespace tenon;
using test::check_elements;
using test::counted;
using test::dims;
using test::values;
using test::vec;

namespace {

template <class E, class S>
constexpr bool shaped = std::is_same_v<typename std::remove_cvref_t<E>::shape_type, S>;

/// The place that a border shows, walked to step by step instead of computed.
tenon::index walked(tenon::index i, tenon::index n, pad_mode mode) {
  if (mode == pad_mode::edge || n == 1) return std::min(std::max<tenon::index>(i, 0), n - 1);
  while (i < 0 || i >= n) {
    if (mode == pad_mode::wrap)
      i += i < 0 ? n : -n;
    else if (mode == pad_mode::reflect)
      i = i < 0 ? -i : 2 * (n - 1) - i;
    else
      i = i < 0 ? -1 - i : 2 * n - 1 - i;
  }
  return i;
}

template <pad_mode Mode>
void check_mode() {
  for (const tenon::index n : {1, 2, 3, 7}) {
    CAPTURE(n);
    const auto x = counted<float>(2, n);
    check_elements(pad<1, 3, 8, Mode>(x), {2, n + 11},
                   [&](const dims& i) { return x(i[0], walked(i[1] - 3, n, Mode)); });
    check_elements(pad<0, 5, 0, Mode>(x), {7, n},
                   [&](const dims& i) { return x(walked(i[0] - 5, 2, Mode), i[1]); });
    check_elements(pad<Mode, border<1, 2>, border<3>>(transpose(x)), {n + 3, 8},
                   [&](const dims& i) { return x(walked(i[1] - 3, 2, Mode), walked(i[0] - 1, n, Mode)); });
  }
  check_elements(pad<1, Mode>(counted<double, 2, 2>() * 2.0), {4, 4}, [](const dims& i) {
    return 2 + 2 * walked(i[1] - 1, 2, Mode) + 4 * walked(i[0] - 1, 2, Mode);
  });
  CHECK_THROWS_AS((void)eval(pad<0, 1, 0, Mode>(zeros<float>(0, 2))), shape_error);
  CHECK(test::extents(pad<1, 1, 0, Mode>(zeros<float>(0, 2))) == dims{0, 3});
}

template <class T>
void check_constant() {
  const auto x = counted<T>(2, 3);
  const auto inside = [&](tenon::index i, tenon::index j, T outside) {
    return i >= 0 && i < 2 && j >= 0 && j < 3 ? T(x(i, j)) : outside;
  };
  check_elements(pad<1, 2, 1>(x), {2, 6}, [&](const dims& i) { return inside(i[0], i[1] - 2, T(0)); });
  check_elements(pad<1, 2, 1>(x, T(1)), {2, 6}, [&](const dims& i) { return inside(i[0], i[1] - 2, T(1)); });
  check_elements(pad<2>(x), {6, 7}, [&](const dims& i) { return inside(i[0] - 2, i[1] - 2, T(0)); });
  check_elements(pad<border<1, 0>, border<0, 2>>(x, T(1)), {3, 5},
                 [&](const dims& i) { return inside(i[0] - 1, i[1], T(1)); });
}

}  // namespace

TEST_CASE("pad with a constant, on every dtype") {
  check_constant<float>();
  check_constant<double>();
  check_constant<std::int32_t>();
  check_constant<std::int16_t>();
  check_constant<bfloat16>();
  check_constant<bool>();
}

TEST_CASE("pad: extents and edges") {
  CHECK(shaped<decltype(pad<0, 1, 2>(zeros<float, 2, 3>())), shape_of_extents<5, 3>>);
  CHECK(shaped<decltype(pad<1, 1, 2>(zeros<float, "n", 3>(2))), shape_of_extents<"n", 6>>);
  CHECK(shaped<decltype(pad<0, 1, 2>(zeros<float, "n", 3>(2))), shape_of_extents<dyn, 3>>);
  CHECK(values(pad<0, 1, 2>(zeros<float>(0), 4.f)) == vec{4, 4, 4});
  CHECK(values(pad<0, 0, 0>(counted<float>(2))) == vec{1, 2});
  CHECK(std::isnan(values(pad<0, 1, 0>(counted<float>(2), std::nanf("")))[0]));
}

TEST_CASE("pad with the array's own elements") {
  check_mode<pad_mode::edge>();
  check_mode<pad_mode::reflect>();
  check_mode<pad_mode::symmetric>();
  check_mode<pad_mode::wrap>();
}

TEST_CASE("roll and shift") {
  const auto x = counted<float>(3, 4);
  const auto mod = [](tenon::index a, tenon::index n) { return ((a % n) + n) % n; };
  check_elements(roll<1>(x, axis<1>), {3, 4}, [&](const dims& i) { return x(i[0], mod(i[1] - 1, 4)); });
  check_elements(roll<-9>(x, axis<-1>), {3, 4}, [&](const dims& i) { return x(i[0], mod(i[1] + 9, 4)); });
  check_elements(roll<5>(transpose(x), axis<1>), {4, 3},
                 [&](const dims& i) { return x(mod(i[1] - 5, 3), i[0]); });
  check_elements(roll<1, -2>(x, axes<0, 1>), {3, 4},
                 [&](const dims& i) { return x(mod(i[0] - 1, 3), mod(i[1] + 2, 4)); });
  check_elements(roll<5>(x), {3, 4}, [&](const dims& i) { return 1 + mod(i[0] * 4 + i[1] - 5, 12); });
  check_elements(roll<0>(x), {3, 4}, [&](const dims& i) { return x(i[0], i[1]); });
  CHECK(values(roll<1>(transpose(counted<std::int64_t, 2, 3>()))) == vec{6, 1, 4, 2, 5, 3});
  CHECK(test::extents(roll<3>(zeros<float>(0, 2), axis<0>)) == dims{0, 2});
  CHECK(values(roll<3>(zeros<float>(0, 2))).empty());
  CHECK(values(roll<2>(tensor<float>(7.f))) == vec{7});
  CHECK(values(roll<1>(tensor<bool, 3>{true, false, false})) == vec{0, 1, 0});
  CHECK(values(shift<1>(counted<double>(4), axis<0>)) == vec{0, 1, 2, 3});
  CHECK(values(shift<-3>(counted<double>(4), axis<0>)) == vec{4, 0, 0, 0});
  CHECK(values(shift<9>(counted<std::int32_t>(2), axis<0>)) == vec{0, 0});
  check_elements(shift<1>(x, axis<0>), {3, 4},
                 [&](const dims& i) { return i[0] == 0 ? 0 : x(i[0] - 1, i[1]); });
}

TEST_CASE("derivatives") {
  const tensor<double, 2, 3> x{{1, -2, 3}, {0.5, 5, 6}};
  const tensor<double, dyn, dyn> d = x;
  const auto padded = [](const auto& t) { return sum(square(pad<1>(t)) * pad<1>(t)); };
  check_grads(padded, primals(x), {.order = 2});
  check_grads(padded, primals(d), {.order = 2});
  check_grads([](const auto& t, const auto& v) { return sum(square(pad<1, 2, 1>(t, v))); },
              primals(x, tensor<double>(0.3)));
  const auto reflected = [](const auto& t) {
    return sum(square(pad<1, 4, 3, pad_mode::reflect>(t)) * pad<1, 4, 3, pad_mode::symmetric>(t)) +
           sum(square(pad<0, 2, 1, pad_mode::wrap>(pad<1, 1, 1, pad_mode::edge>(t))));
  };
  check_grads(reflected, primals(x), {.order = 2});
  check_grads(reflected, primals(d), {.order = 2});
  check_grads(
      [](const auto& t) {
        return sum(square(roll<2>(t)) * roll<1, 1>(t, axes<0, 1>) * shift<1>(t, axis<1>));
      },
      primals(d), {.order = 2});
  CHECK(values(grad([](const auto& t) { return sum(pad<1, 1, 2, pad_mode::edge>(t)); })(d)) ==
        vec{2, 1, 3, 2, 1, 3});
  CHECK(values(grad([](const auto& t) { return sum(shift<1>(t, axis<1>)); })(d)) == vec{1, 1, 0, 1, 1, 0});
}
