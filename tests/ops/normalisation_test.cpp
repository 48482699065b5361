// layer_norm, instance_norm, group_norm, l2_normalize, smooth_l1, rcbrt and all_finite against loops in long double.
#include "../support.hpp"

#include <tenon/autodiff/check.hpp>
#include <tenon/ops/averages.hpp>
#include <tenon/ops/exponential.hpp>
#include <tenon/ops/joining.hpp>
#include <tenon/ops/normalisation.hpp>

#include <cmath>
#include <limits>
#include <random>

using namespace tenon;
using test::contains;
using test::dims;
using test::thrown;
using test::values;
using test::vec;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(),
                 not_a_number = std::numeric_limits<double>::quiet_NaN();

template <class T, class... N>
auto numbers(double offset, N... n) {
  static std::mt19937 bits(3);
  auto x = zeros<T>(n...);
  for (std::int64_t i = 0; i < x.size(); ++i)
    x.own()[i] = T(float(offset + double(bits() % 2000) * 0.001 - 1));
  return x;
}

/// (x - mean) / sqrt(variance + eps), or x / sqrt(squares + eps), over blocks of n neighbours.
vec blocks(const vec& x, std::size_t n, long double eps, bool centre) {
  vec r;
  for (std::size_t first = 0; first < x.size(); first += n) {
    long double mean = 0, squares = 0;
    for (std::size_t i = 0; i < n && centre; ++i) mean += x[first + i] / (long double)(n);
    for (std::size_t i = 0; i < n; ++i) squares += (x[first + i] - mean) * (x[first + i] - mean);
    const long double root = std::sqrt((centre ? squares / (long double)(n) : squares) + eps);
    for (std::size_t i = 0; i < n; ++i) r.push_back(double((x[first + i] - mean) / root));
  }
  return r;
}
/// Times gamma plus beta of channel (i / inner) % channels.
vec scaled(vec x, const vec& gamma, const vec& beta, std::size_t inner) {
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = x[i] * gamma[i / inner % gamma.size()] + beta[i / inner % beta.size()];
  return x;
}
double furthest(const vec& a, const vec& b) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

}  // namespace

TEST_CASE("layer_norm") {
  const auto x = numbers<double>(5, 4, 3, 6);
  const auto gamma = numbers<double>(1, 6), beta = numbers<double>(0, 6);
  const vec expected = scaled(blocks(values(x), 6, 1e-5L, true), values(gamma), values(beta), 1);
  CHECK(furthest(values(layer_norm(x, gamma, beta)), expected) < 1e-12);
  CHECK(furthest(values(layer_norm(x * 2.0, gamma, beta, 4e-5)), expected) < 1e-12);
  // along another axis
  CHECK(furthest(values(permute<0, 2, 1>(layer_norm<1>(permute<0, 2, 1>(x), gamma, beta))), expected) <
        1e-12);
  const tensor<float, 4, 18> y = reshape<4, 18>(astype<float>(x));
  const auto g = eval(numbers<float>(1, 18)), b = eval(numbers<float>(0, 18));
  CHECK(furthest(values(layer_norm(y, g, b, 0.01)),
                 scaled(blocks(values(y), 18, 0.01L, true), values(g), values(b), 1)) < 1e-5);
}

TEST_CASE("layer_norm far from 0, of constant rows, and of 16-bit numbers") {
  const auto ones_ = ones<float>(3), zeros_ = zeros<float>(3);
  const tensor<float, 1, 3> far{{100001.f, 100002.f, 100003.f}};
  CHECK(furthest(values(layer_norm(far, ones_, zeros_, 0.0)), {-1.224744871, 0, 1.224744871}) < 1e-5);
  CHECK(values(layer_norm(full<float>(3.f, 2, 3), ones_, zeros_)) == vec{0, 0, 0, 0, 0, 0});
  const auto half = astype<float16>(tensor<float, 1, 3>{{300.f, 600.f, 900.f}});  // squares overflow
  const auto normalised = layer_norm(half, astype<float16>(ones_), astype<float16>(zeros_));
  CHECK(furthest(values(normalised), {-1.224744871, 0, 1.224744871}) < 1e-3);
  static_assert(std::is_same_v<decltype(normalised)::value_type, float16>);
}

TEST_CASE("instance_norm and group_norm") {
  const auto x = numbers<double>(-3, 2, 6, 4, 5);
  const auto gamma = numbers<double>(1, 6), beta = numbers<double>(0, 6);
  CHECK(furthest(values(instance_norm(x, gamma, beta, 1e-3)),
                 scaled(blocks(values(x), 20, 1e-3L, true), values(gamma), values(beta), 20)) < 1e-12);
  CHECK(furthest(values(group_norm<3>(x, gamma, beta)),
                 scaled(blocks(values(x), 40, 1e-5L, true), values(gamma), values(beta), 20)) < 1e-12);
  CHECK(furthest(values(group_norm<1>(x + 0.0, gamma, beta)),
                 scaled(blocks(values(x), 120, 1e-5L, true), values(gamma), values(beta), 20)) < 1e-12);
  CHECK(furthest(values(group_norm<6>(x, gamma, beta)), values(instance_norm(x, gamma, beta))) < 1e-13);
  const auto flat = eval(reshape<40, 6>(x));  // no axes behind the channels
  CHECK(furthest(values(group_norm<2>(flat, gamma, beta)),
                 scaled(blocks(values(flat), 3, 1e-5L, true), values(gamma), values(beta), 1)) < 1e-12);
  static_assert(std::is_same_v<decltype(group_norm<2>(zeros<float, "batch", "channels", 8>(1, 2),
                                                      zeros<float, "channels">(2),
                                                      zeros<float, "channels">(2)))::shape_type,
                               shape_of_extents<"batch", "channels", 8>>);
  CHECK_THROWS_AS((void)eval(group_norm<4>(x, gamma, beta)), shape_error);
  CHECK_THROWS_AS((void)eval(instance_norm(x, zeros<double>(5), beta)), shape_error);
  CHECK_THROWS_AS((void)eval(layer_norm(zeros<double>(2, 1), gamma, beta)), shape_error);
}

TEST_CASE("normalising nothing, and NaN") {
  CHECK(test::extents(layer_norm(zeros<double>(0, 3), ones<double>(3), ones<double>(3))) == dims{0, 3});
  CHECK(test::extents(layer_norm(zeros<double>(2, 0), ones<double>(0), ones<double>(0))) == dims{2, 0});
  CHECK(test::extents(group_norm<2>(zeros<double>(0, 4, 3), ones<double>(4), ones<double>(4))) ==
        dims{0, 4, 3});
  const auto r = values(
      layer_norm(tensor<double, 2, 2>{{1, not_a_number}, {1, 3}}, ones<double>(2), zeros<double>(2), 0.0));
  CHECK(std::isnan(r[0]));
  CHECK(std::isnan(r[1]));
  CHECK(r[2] == -1);
  CHECK(r[3] == 1);
}

TEST_CASE("l2_normalize") {
  const auto x = numbers<double>(0, 4, 3, 6);
  CHECK(furthest(values(l2_normalize(x, axes<1, 2>)), blocks(values(x), 18, 1e-10L, false)) < 1e-14);
  CHECK(furthest(values(l2_normalize(x, axis<-1>, 0.5)), blocks(values(x), 6, 0.5L, false)) < 1e-14);
  CHECK(furthest(values(l2_normalize(x)), blocks(values(x), 72, 1e-10L, false)) < 1e-14);
  CHECK(values(l2_normalize(zeros<float>(2, 2), axis<1>)) == vec{0, 0, 0, 0});
  CHECK(furthest(values(l2_normalize(astype<float16>(tensor<float, 2>{300.f, 400.f}), axis<0>)), {0.6, 0.8}) <
        1e-3);
}

TEST_CASE("derivatives of normalisations") {
  const auto x = numbers<double>(2, 2, 4, 3);
  const auto g = numbers<double>(1, 4), b = numbers<double>(0, 4);
  check_grads([](const auto& v, const auto& s, const auto& t) { return square(layer_norm<1>(v, s, t, 0.1)); },
              primals(x, g, b));
  check_grads([](const auto& v, const auto& s, const auto& t) { return square(instance_norm(v, s, t, 0.1)); },
              primals(x, g, b));
  check_grads([](const auto& v, const auto& s, const auto& t) { return square(group_norm<2>(v, s, t, 0.1)); },
              primals(x, g, b));
  check_grads([](const auto& v) { return exp(l2_normalize(v, axis<-1>)); }, primals(x));
  check_grads([](const auto& v) { return sum(exp(l2_normalize(v, axis<0>, 0.1))); }, primals(x),
              {.order = 2});
}

TEST_CASE("smooth_l1") {
  const tensor<double, 7> x{-2, -0.5, 0, 0.2, 1, 3, -infinity};
  for (const double sigma : {1.0, 2.0, 0.5}) {
    vec expected;
    for (const double v : x) {
      const double q = sigma * sigma;
      expected.push_back(std::abs(v) < 1 / q ? 0.5 * q * v * v : std::abs(v) - 0.5 / q);
    }
    CHECK(values(smooth_l1(x, sigma)) == expected);
  }
  CHECK(values(smooth_l1(x)) == values(smooth_l1(x, 1)));
  CHECK(std::isnan(values(smooth_l1(tensor<double, 1>{not_a_number}))[0]));
  CHECK(values(grad([](const auto& v) { return sum(smooth_l1(v)); })(x)) == vec{-1, -0.5, 0, 0.2, 1, 1, -1});
  CHECK(values(smooth_l1(zeros<float>(0, 2), 2)).empty());
  const tensor<double, 4> y{-2, -0.5, 0.2, 3};
  check_grads([](const auto& v) { return sum(smooth_l1(v, 0.8) * v); }, primals(y), {.order = 2});
}

TEST_CASE("rcbrt") {
  const tensor<double, 4> x{8, -27, 0, 0.001};
  const vec r = values(rcbrt(x));
  CHECK(furthest({r[0], r[1], r[3]}, {0.5, -1. / 3, 10}) < 1e-13);
  CHECK(r[2] == infinity);
  check_grads([](const auto& v) { return rcbrt(v); }, primals(tensor<double, 3>{8, -27, 0.5}));
}

TEST_CASE("all_finite, and sums of squares of several arrays") {
  const tensor<double, 2> a{1, 2}, bad{1, infinity};
  const tensor<float, 1> b{3}, worse{float(not_a_number)};
  CHECK(values(all_finite(a)) == vec{1});
  CHECK(values(all_finite(a, b, a * 2.0)) == vec{1});
  CHECK(values(all_finite(a, worse)) == vec{0});
  CHECK(values(all_finite(bad, b)) == vec{0});
  CHECK(values(all_finite(zeros<float>(0), a)) == vec{1});
  CHECK(values(stack<0>(sum(square(a)), sum(square(astype<double>(b))))) == vec{5, 9});
}

TEST_CASE("can_cast is what promotion does") {
  static_assert(can_cast<std::int8_t, std::int32_t>() && !can_cast<std::int32_t, std::int8_t>());
  static_assert(can_cast<std::uint8_t, std::int16_t>() && !can_cast<std::uint8_t, std::int8_t>());
  static_assert(!can_cast<std::uint64_t, std::int64_t>() && !can_cast<std::int64_t, std::uint64_t>());
  static_assert(can_cast<float, double>() && !can_cast<double, float>() && !can_cast<int, double>());
  static_assert(can_cast<float16, float>() && !can_cast<float16, bfloat16>() && can_cast<bool, bool>());
  static_assert(can_cast<float, complex64>() && !can_cast<double, complex64>() && !can_cast<bool, int>());
  static_assert(can_cast(dtype::float32, dtype::complex128) && !can_cast(dtype::complex64, dtype::float64));
}
