// The element types: promotion by the tables of the array API standard, and the 16-bit numbers bit by bit.
#include <tenon/core/dtype.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <string>

using namespace tenon;

TEST_CASE("integers promote as the tables of the array API standard say") {
  using d = dtype;
  const d signed_types[] = {d::int8, d::int16, d::int32, d::int64};
  const d unsigned_types[] = {d::uint8, d::uint16, d::uint32, d::uint64};
  for (int a = 0; a < 4; ++a)
    for (int b = 0; b < 4; ++b) {
      CHECK(promote(signed_types[a], signed_types[b]) == signed_types[a > b ? a : b]);
      CHECK(promote(unsigned_types[a], unsigned_types[b]) == unsigned_types[a > b ? a : b]);
    }
  // rows i1 i2 i4 i8, columns u1 u2 u4 u8
  const d mixed[4][4] = {{d::int16, d::int32, d::int64, d::none},
                         {d::int16, d::int32, d::int64, d::none},
                         {d::int32, d::int32, d::int64, d::none},
                         {d::int64, d::int64, d::int64, d::none}};
  for (int a = 0; a < 4; ++a)
    for (int b = 0; b < 4; ++b) {
      CHECK(promote(signed_types[a], unsigned_types[b]) == mixed[a][b]);
      CHECK(promote(unsigned_types[b], signed_types[a]) == mixed[a][b]);
    }
}

TEST_CASE("floating-point numbers promote among themselves and to complex ones; other kinds do not mix") {
  using d = dtype;
  CHECK(promote(d::float32, d::float64) == d::float64);
  CHECK(promote(d::float16, d::float32) == d::float32);
  CHECK(promote(d::bfloat16, d::float32) == d::float32);
  CHECK(promote(d::float16, d::bfloat16) == d::float32);
  CHECK(promote(d::float32, d::complex64) == d::complex64);
  CHECK(promote(d::float64, d::complex64) == d::complex128);
  CHECK(promote(d::complex128, d::float32) == d::complex128);
  CHECK(promote(d::complex64, d::complex128) == d::complex128);
  for (int a = 2; a < dtype_count; ++a)
    for (int b = 2; b < dtype_count; ++b) {
      const d x = static_cast<d>(a), y = static_cast<d>(b);
      CHECK(promote(x, y) == promote(y, x));
      if (x == y) CHECK(promote(x, y) == x);
      if (is_integer(x) && (is_floating(y) || is_complex(y))) CHECK(promote(x, y) == d::none);
      if (x == d::boolean && y != d::boolean) CHECK(promote(x, y) == d::none);
      CHECK(promote(d::weak, x) == x);
    }
}

TEST_CASE("names and sizes are those of the C++ types") {
  const auto check = []<class T>(T, const char* name) {
    INFO(std::string(name));
    CHECK(std::string(name_of(dtype_of<T>)) == name);
    CHECK(size_of(dtype_of<T>) == tenon::index(sizeof(T)));
    static_assert(std::is_same_v<type_of<dtype_of<T>>, T>);
    bool found = false;
    detail::with_type(dtype_of<T>, [&]<class U>(U) { found = std::is_same_v<T, U>; });
    CHECK(found);
  };
  check(true, "bool");
  check(std::int8_t(), "int8");
  check(std::int16_t(), "int16");
  check(std::int32_t(), "int32");
  check(std::int64_t(), "int64");
  check(std::uint8_t(), "uint8");
  check(std::uint16_t(), "uint16");
  check(std::uint32_t(), "uint32");
  check(std::uint64_t(), "uint64");
  check(float16(), "float16");
  check(bfloat16(), "bfloat16");
  check(float(), "float32");
  check(double(), "float64");
  check(complex64(), "complex64");
  check(complex128(), "complex128");
}

namespace {

/// The value of a 16-bit pattern, from the definition of the format.
template <int Exponent, int Fraction>
double value_of(unsigned bits) {
  const int bias = (1 << (Exponent - 1)) - 1, most = (1 << Exponent) - 1;
  const int e = static_cast<int>(bits >> Fraction) & most,
            f = static_cast<int>(bits & ((1u << Fraction) - 1));
  const double sign = (bits >> 15) != 0 ? -1 : 1;
  if (e == most) return f == 0 ? sign * INFINITY : NAN;
  return sign *
         (e == 0 ? std::ldexp(f, 1 - bias - Fraction) : std::ldexp(f + (1 << Fraction), e - bias - Fraction));
}

template <class T, int Exponent, int Fraction>
void check_format() {
  double previous = -1;
  unsigned last = ((1u << Exponent) - 1) << Fraction;
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const T x = T::from_bits(static_cast<std::uint16_t>(bits));
    const double exact = value_of<Exponent, Fraction>(bits);
    if (std::isnan(exact)) {
      REQUIRE(std::isnan(static_cast<float>(x)));
      REQUIRE(std::isnan(static_cast<float>(T(static_cast<float>(x)))));
      continue;
    }
    REQUIRE(double(float(x)) == exact);
    REQUIRE(T(static_cast<float>(x)).bits() == bits);
    REQUIRE(T(exact).bits() == bits);
    if (bits == 0 || bits > last) continue;
    // what lies between two neighbours goes to the nearer, half way to the even one; past the last to infinity
    const double low = value_of<Exponent, Fraction>(bits - 1);
    const double high = bits == last ? 2 * low - previous : exact, middle = low + (high - low) / 2;
    previous = low;
    REQUIRE(T(middle).bits() == (bits % 2 == 0 ? bits : bits - 1));
    REQUIRE(T(std::nextafter(middle, 0.0)).bits() == bits - 1);
    REQUIRE(T(std::nextafter(middle, INFINITY)).bits() == bits);
    REQUIRE(T(static_cast<float>(middle)).bits() == (bits % 2 == 0 ? bits : bits - 1));
    REQUIRE(T(-middle).bits() == (0x8000u | (bits % 2 == 0 ? bits : bits - 1)));
  }
}

}  // namespace

TEST_CASE("each float16 has the value of its bits, and rounding is to nearest even") {
  check_format<float16, 5, 10>();
}
TEST_CASE("each bfloat16 has the value of its bits, and rounding is to nearest even") {
  check_format<bfloat16, 8, 7>();
}

TEST_CASE("limits of the 16-bit numbers") {
  using h = std::numeric_limits<float16>;
  CHECK(h::max() == 65504.0f);
  CHECK(h::min() == 0x1p-14f);
  CHECK(h::denorm_min() == 0x1p-24f);
  CHECK(h::epsilon() == 0x1p-10f);
  CHECK(h::digits == 11);
  using b = std::numeric_limits<bfloat16>;
  CHECK(b::max() == 0x1.fep127f);
  CHECK(b::min() == 0x1p-126f);
  CHECK(b::epsilon() == 0x1p-7f);
  CHECK(float16(2049).bits() == float16(2048.0f).bits());  // integers round too
  CHECK(float16(2051).bits() == float16(2052.0f).bits());
  CHECK(std::isinf(float(float16(std::int64_t{1} << 40))));
}
