// Arrays of the small and the complex dtypes: conversions, sums, derivatives, numbers beside them, files.
#include <tenon/tenon.hpp>

#include <limits>

#include "../support.hpp"

using namespace tenon;

namespace {
template <class E, class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const E& e) {
    return e.what();
  }
  return "no error";
}
}  // namespace

namespace {

/// What a cast owes: truncation and saturation from floating point, the low bits from integers.
template <class To, class From>
To expected(From v) {
  if constexpr (math::integer<To> && math::real<From>) {
    const long double x = static_cast<long double>(v);
    if (std::isnan(x)) return 0;
    if (x <= static_cast<long double>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
    if (x >= static_cast<long double>(std::numeric_limits<To>::max())) return std::numeric_limits<To>::max();
    return static_cast<To>(x);
  } else if constexpr (math::integer<To>) {
    return static_cast<To>(v);
  } else {
    return To(static_cast<double>(v));
  }
}

template <class To, class From>
void check_cast(const std::vector<From>& values) {
  auto x = zeros<From>(static_cast<tenon::index>(values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) x(tenon::index(i)) = values[i];
  const auto y = eval(astype<To>(x));
  for (std::size_t i = 0; i < values.size(); ++i) {
    INFO(std::string(name_of(dtype_of<From>)), " to ", std::string(name_of(dtype_of<To>)), " of ",
         double(values[i]), ": ", double(y(tenon::index(i))));
    const To got = y(tenon::index(i)), wanted = expected<To>(values[i]);
    CHECK((got == wanted || (math::is_nan(got) && math::is_nan(wanted))));
  }
}

std::vector<double> real_values() {
  std::vector<double> v;
  for (const double x : {0.0,          0.4,          0.9,     1.0,     2.5,          100.7,
                         127.0,        128.0,        200.0,   255.0,   255.9,        256.0,
                         32767.0,      32768.0,      65535.0, 65536.0, 2147483647.0, 2147483648.0,
                         4294967295.0, 4294967296.0, 1e15,    1e19,    1e300,        double(INFINITY)}) {
    v.push_back(x);
    v.push_back(-x);
  }
  v.push_back(NAN);
  return v;
}

}  // namespace

TEST_CASE("casts from double truncate and saturate") {
  check_cast<std::int8_t>(real_values());
  check_cast<std::uint8_t>(real_values());
  check_cast<std::int16_t>(real_values());
  check_cast<std::uint16_t>(real_values());
  check_cast<std::uint32_t>(real_values());
  check_cast<std::uint64_t>(real_values());
  check_cast<float16>(real_values());
  check_cast<bfloat16>(real_values());
}
TEST_CASE("casts from float and float16 do so too") {
  std::vector<float> v;
  std::vector<float16> h;
  for (const double x : real_values()) {
    v.push_back(static_cast<float>(x));
    h.push_back(float16(x));
  }
  check_cast<std::int8_t>(v);
  check_cast<std::uint32_t>(v);
  check_cast<std::uint64_t>(v);
  check_cast<bfloat16>(v);
  check_cast<std::uint8_t>(h);
  check_cast<std::int64_t>(h);
  check_cast<double>(h);
}
TEST_CASE("casts between integers keep the low bits") {
  std::vector<std::int64_t> v;
  for (const std::int64_t x : {0, 1, -1, 127, 128, 255, 256, -129, 65535, 65536, 2049}) v.push_back(x);
  for (const std::int64_t x :
       {std::int64_t{1} << 31, (std::int64_t{1} << 32) + 5, -(std::int64_t{1} << 40) - 3})
    v.push_back(x);
  check_cast<std::int8_t>(v);
  check_cast<std::uint8_t>(v);
  check_cast<std::uint16_t>(v);
  check_cast<std::uint32_t>(v);
  check_cast<std::uint64_t>(v);
  check_cast<float16>(v);
  std::vector<std::uint32_t> u{0, 1, 200, 70000, 4000000000u, 4294967295u};
  check_cast<std::int8_t>(u);
  check_cast<std::int32_t>(u);
  check_cast<std::int64_t>(u);
  check_cast<double>(u);
  check_cast<std::uint64_t>(u);
}

TEST_CASE("sums of small integers are 64 bits wide, those of 16-bit numbers rounded once") {
  const auto bytes = full<std::uint8_t>(200, 1000, 3);
  const auto total = eval(sum(bytes));
  static_assert(std::is_same_v<decltype(total)::value_type, std::uint64_t>);
  CHECK(total.item() == 600000);
  CHECK(eval(sum(bytes, axis<0>))(1) == 200000);
  const auto signs = full<std::int8_t>(-100, 1000);
  const auto negative = eval(sum(signs));
  static_assert(std::is_same_v<decltype(negative)::value_type, std::int64_t>);
  CHECK(negative.item() == -100000);
  CHECK(eval(prod(full<std::int16_t>(2, 40))).item() == std::int64_t{1} << 40);
  CHECK(eval(cumsum<0>(bytes))(999, 2) == 200000);

  // one by one in 11 bits, 1 + 1 + ... stops at 2048
  for (const auto& x : {full<float16>(1.0f, 20000, 2), full<float16>(1.0f, 20000, 2)}) {
    CHECK(float(eval(sum(x, axis<0>))(1)) == 20000);
    CHECK(float(eval(sum(x)).item()) == 40000);
    CHECK(float(eval(mean(x)).item()) == 1);
    CHECK(float(eval(variance(x)).item()) == 0);
    CHECK(float(eval(norm(x)).item()) == 200);
  }
  CHECK(float(eval(sum(full<bfloat16>(1.0f, 3, 4096), axis<1>))(0)) == 4096);
  const auto a = full<float16>(1.0f, 4, 5000), b = full<float16>(1.0f, 5000, 3);
  CHECK(float(eval(matmul(a, b))(3, 2)) == 5000);
}

TEST_CASE("derivatives pass through 16-bit numbers") {
  const tensor<float16, 6> x{0.5f, -1.0f, 2.0f, 0.25f, -3.0f, 1.5f};
  const auto f = [](const auto& v) { return sum(tanh(v) * v); };
  const auto [value, gradient] = value_and_grad(f)(x);
  static_assert(std::is_same_v<std::decay_t<decltype(gradient)>::value_type, float16>);
  const auto [wide, wide_gradient] = value_and_grad(f)(eval(astype<float>(x)));
  CHECK(float(value.item()) == doctest::Approx(wide.item()).epsilon(2e-3));
  for (int i = 0; i < 6; ++i) CHECK(float(gradient(i)) == doctest::Approx(wide_gradient(i)).epsilon(4e-3));
  // the cotangent of a broadcast operand is a sum of 3000 ones
  const auto wrt_bias = grad<1>([](const auto& a, const auto& b) { return sum(a + b); });
  CHECK(float(wrt_bias(full<float16>(1.0f, 3000, 2), full<float16>(0.0f, 2))(0)) == 3000);
}

TEST_CASE("a number beside an array of integers must be one of its dtype") {
  const tensor<std::uint8_t, 2> x{250, 3};
  CHECK(eval(x + 5)(0) == 255);
  CHECK(eval(x + 6)(0) == 0);
  CHECK(error_of<usage_error>([&] { (void)eval(x + 256); }).find("256 is none of dtype uint8") !=
        std::string::npos);
  CHECK(error_of<usage_error>([&] { (void)eval(x + (-1)); }).find("-1 is none of dtype uint8") !=
        std::string::npos);
  CHECK(eval(tensor<float16, 2>{1.0f, 2.0f} * 0.5)(1) == 1.0f);
}

TEST_CASE("small integers of different signs promote") {
  const tensor<std::uint8_t, 2> a{255, 1};
  const tensor<std::int8_t, 2> b{-128, 1};
  const auto c = eval(a + b);
  static_assert(std::is_same_v<decltype(c)::value_type, std::int16_t>);
  CHECK(c(0) == 127);
  const auto d = eval(astype<std::uint32_t>(a) * b);
  static_assert(std::is_same_v<decltype(d)::value_type, std::int64_t>);
  CHECK(d(0) == -255 * 128);
}

TEST_CASE("slices, transposes and comparisons of every dtype") {
  const auto check = []<class T>(T) {
    INFO(std::string(name_of(dtype_of<T>)));
    auto x = zeros<T>(5, 7);
    for (int i = 0; i < 5; ++i)
      for (int j = 0; j < 7; ++j) x(i, j) = T(static_cast<float>(7 * i + j));
    const tensor<T, dyn, dyn> t = transpose(x);
    const tensor<T, dyn, dyn> part = x.slice(range(1, 5, 2), range(0, 7, 3)) + T(1);
    x.slice(range(0, 2), tenon::all) = T(9);
    CHECK(T(t(6, 4)) == T(34));
    CHECK(T(part(1, 2)) == T(28));
    CHECK(T(x(1, 6)) == T(9));
    CHECK(T(x(2, 0)) == T(14));
    CHECK(eval(count_nonzero(x == T(9))).item() == 14);
    const auto picked = eval(take<0>(t, tensor<std::int32_t, 2>{6, 0}));
    CHECK(T(picked(0, 4)) == T(34));
  };
  check(std::int8_t());
  check(std::uint16_t());
  check(float16());
  check(complex128());
}
