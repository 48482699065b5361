// IDX files: what Python wrote, what we write, and hostile bytes.
#include "tenon/io/idx.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#if defined(TENON_TEST_GZIP)
#include "tenon/io/gzip.hpp"
#endif

namespace {

using tenon::dyn;
using tenon::format_idx;
using tenon::idx_type;
using tenon::parse_idx;
using tenon::read_idx;
using tenon::tensor;
using vec = std::vector<double>;

std::string unhex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return out;
}

template <class E, class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const E& e) {
    return e.what();
  }
  return "no error";
}

template <class X>
std::vector<double> values(const X& x) {
  return {x.begin(), x.end()};
}

/// The error of reading these bytes as a float matrix.
std::string matrix_error(const std::string& bytes) {
  return error_of<tenon::io_error>([&] { parse_idx<float, dyn, dyn>(bytes, "t.idx"); });
}

/// The error of reading one number from these bytes.
template <class T>
std::string number_error(const std::string& hex) {
  const std::string text = error_of<tenon::io_error>([&] { parse_idx<T>(unhex(hex), "t"); });
  const std::string common = "t: element 0: expected a number that ";
  return text.starts_with(common) ? text.substr(common.size()) : text;
}

// All made by data/make_idx.py.
// clang-format off
// 18 bytes
const std::string python_uint8 = unhex(
    "00000802000000020000000300017f80feff");
// 18 bytes
const std::string python_int8 = unhex(
    "00000902000000020000000300017f80feff");
// 24 bytes
const std::string python_int16 = unhex(
    "00000b020000000200000003000000017fff80000102ffff");
// 36 bytes
const std::string python_int32 = unhex(
    "00000c02000000020000000300000000000000017fffffff8000000001020304ffffffff");
// 36 bytes
const std::string python_float32 = unhex(
    "00000d020000000200000003000000003f8000003fc00000c01000007f80000000000001");
// 60 bytes
const std::string python_float64 = unhex(
    "00000e02000000020000000300000000000000003ff00000000000003fb999999999999ac002000000000000fff000000000"
    "00000000000000000001");
// 28 bytes
const std::string python_cube = unhex(
    "00000803000000020000000300000002000102030405060708090a0b");
// 42 bytes
const std::string python_cube_gz = unhex(
    "1f8b08000000000002036360e06066606060026208cdc8c4ccc2cac6cec1c9c50d00be0c13de1c000000");
// clang-format on

}  // namespace

TEST_CASE("idx: reads what Python wrote") {
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(values(parse_idx<float, 2, 3>(python_uint8, "t")) == vec{0, 1, 127, 128, 254, 255});
  CHECK(values(parse_idx<int, 2, 3>(python_int8, "t")) == vec{0, 1, 127, -128, -2, -1});
  CHECK(values(parse_idx<std::int64_t, 2, 3>(python_int16, "t")) == vec{0, 1, 32767, -32768, 258, -1});
  CHECK(values(parse_idx<int, dyn, dyn>(python_int32, "t")) ==
        vec{0, 1, 2147483647, -2147483648.0, 16909060, -1});
  CHECK(values(parse_idx<float, "n", 3>(python_float32, "t")) == vec{0, 1, 1.5, -2.25, inf, 0x1p-149});
  CHECK(values(parse_idx<double, "n", dyn>(python_float64, "t")) == vec{0, 1, 0.1, -2.25, -inf, 0x1p-1074});
  const auto cube = parse_idx<float, "n", 3, 2>(python_cube, "t");
  static_assert(std::is_same_v<std::remove_const_t<decltype(cube)>, tensor<float, "n", 3, 2>>);
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 2; ++k) CHECK(cube(i, j, k) == 6 * i + 2 * j + k);
}

TEST_CASE("idx: writes what Python wrote") {
  CHECK(format_idx(parse_idx<float, 2, 3>(python_uint8, "t"), idx_type::uint8) == python_uint8);
  CHECK(format_idx(parse_idx<int, 2, 3>(python_int8, "t"), idx_type::int8) == python_int8);
  CHECK(format_idx(parse_idx<double, 2, 3>(python_int16, "t"), idx_type::int16) == python_int16);
  CHECK(format_idx(parse_idx<int, 2, 3>(python_int32, "t")) == python_int32);
  CHECK(format_idx(parse_idx<std::int64_t, 2, 3>(python_int32, "t")) == python_int32);
  CHECK(format_idx(parse_idx<float, 2, 3>(python_float32, "t")) == python_float32);
  CHECK(format_idx(parse_idx<double, 2, 3>(python_float32, "t"), idx_type::float32) == python_float32);
  CHECK(format_idx(parse_idx<double, 2, 3>(python_float64, "t")) == python_float64);
  CHECK(format_idx(tensor<bool, 3>{true, false, true}) == unhex("0000080100000003010001"));
}

TEST_CASE("idx: ranks 0 to 4 and no elements") {
  CHECK(format_idx(tensor<float>(1.5f)) == unhex("00000d003fc00000"));
  CHECK(parse_idx<double>(unhex("00000d003fc00000"), "t").item() == 1.5);
  CHECK(values(parse_idx<int, 3>(format_idx(tensor<int, 3>{1, -2, 3}), "t")) == vec{1, -2, 3});
  const tensor<double, 1, 2, 1, 2> four{{{{1, 2}}, {{3, 4}}}};
  CHECK(values(parse_idx<double, dyn, 2, dyn, 2>(format_idx(four), "t")) == vec{1, 2, 3, 4});
  const auto none = parse_idx<float, dyn, 28, 28>(unhex("00000803000000000000001c0000001c"), "t");
  CHECK(none.shape() == std::array<tenon::index, 3>{0, 28, 28});
  CHECK(format_idx(none, idx_type::uint8) == unhex("00000803000000000000001c0000001c"));
  CHECK(parse_idx<float, 0>(format_idx(tensor<float, 0>()), "t").size() == 0);
}

TEST_CASE("idx: a file") {
  const std::string path = "tenon_idx_test.idx";
  const tensor<int, 2, 2> x{{1, 2}, {3, 255}};
  tenon::write_idx(path, x, idx_type::uint8);
  CHECK(tenon::read_file(path) == unhex("000008020000000200000002010203ff"));
  CHECK(values(read_idx<int, 2, "n">(path)) == values(x));
  tenon::write_idx(path, x);
  CHECK(values(read_idx<double, 2, 2>(path)) == values(x));
  CHECK(error_of<tenon::io_error>([&] { read_idx<double, 2, 3>(path); }) ==
        path + ": expected extents [2, 3], got [2, 2] of int32");
  std::remove(path.c_str());
  CHECK_THROWS_AS((read_idx<float, dyn>(path)), tenon::io_error);
  CHECK_THROWS_AS(tenon::write_idx("no/such/folder/a.idx", x), tenon::io_error);
}

TEST_CASE("idx: compressed files") {
  const std::string path = "tenon_idx_test.idx.gz";
  tenon::write_file(path, python_cube_gz);
  CHECK(error_of<tenon::io_error>([&] { read_idx<float, 2, 3, 2>(path); }) ==
        path + ": expected an IDX file, got gzip data (include tenon/io/gzip.hpp and pass gunzip)");
#if defined(TENON_TEST_GZIP)
  CHECK(values(read_idx<float, 2, 3, 2>(path, tenon::gunzip)) ==
        values(parse_idx<float, 2, 3, 2>(python_cube, "t")));
  CHECK(error_of<tenon::io_error>([&] { read_idx<float, 2, 3, 2>(path, tenon::gunzip, 20); }) ==
        path + ": expected at most 20 bytes uncompressed, got more");
  tenon::write_file(path, python_cube);
  CHECK(read_idx<float, 2, 3, 2>(path, tenon::gunzip).size() == 12);
  for (std::size_t n = 2; n < python_cube_gz.size(); ++n) {
    tenon::write_file(path, python_cube_gz.substr(0, n));
    CHECK_THROWS_AS((read_idx<float, 2, 3, 2>(path, tenon::gunzip)), tenon::io_error);
  }
#endif
  std::remove(path.c_str());
}

TEST_CASE("idx: numbers that do not fit what they are read to") {
  CHECK(number_error<float>("00000c0001000000") == "no error");  // 2^24
  CHECK(number_error<float>("00000c0001000001") == "float32 can hold exactly, got 16777217");
  CHECK(number_error<float>("00000c007fffffff") == "float32 can hold exactly, got 2147483647");
  CHECK(number_error<float>("00000c0080000000") == "no error");  // -2^31
  CHECK(number_error<double>("00000c007fffffff") == "no error");
  CHECK(number_error<float>("00000e003fb999999999999a") == "float32 can hold exactly, got 0.1");
  CHECK(number_error<float>("00000e003ff8000000000000") == "no error");  // 1.5
  CHECK(number_error<float>("00000e0047efffffe0000000") == "no error");  // largest
  CHECK(number_error<float>("00000e0047efffffe0000001").starts_with("float32 can hold exactly"));
  CHECK(number_error<float>("00000e007fefffffffffffff").starts_with("float32 can hold exactly"));
  CHECK(number_error<float>("00000e0036a0000000000000") == "no error");  // smallest
  CHECK(number_error<float>("00000e000000000000000001") == "float32 can hold exactly, got 5e-324");
  CHECK(number_error<float>("00000e007ff0000000000000") == "no error");  // infinity
  CHECK(number_error<int>("00000d003fc00000") == "int32 can hold exactly, got 1.5");
  CHECK(number_error<int>("00000d004f000000") == "int32 can hold exactly, got 2147483648");  // shortest, 2^31
  CHECK(number_error<int>("00000d004effffff") == "no error");
  CHECK(number_error<int>("00000d00cf000000") == "no error");  // -2^31
  CHECK(number_error<int>("00000d007fc00000") == "int32 can hold exactly, got nan");
  CHECK(number_error<int>("00000d00ff800000") == "int32 can hold exactly, got -inf");
  CHECK(number_error<int>("00000e00c1e0000000200000") == "int32 can hold exactly, got -2147483649");
  CHECK(number_error<std::int64_t>("00000e0043e0000000000000").starts_with("int64 can hold exactly"));
  CHECK(number_error<std::int64_t>("00000e0043dfffffffffffff") == "no error");
  CHECK(number_error<std::int64_t>("00000e00c3e0000000000000") == "no error");  // -2^63
  CHECK(number_error<std::int64_t>("00000e008000000000000000") == "no error");  // -0
  CHECK(std::isnan(parse_idx<float>(unhex("00000e007ff8000000000000"), "t").item()));
  CHECK(std::signbit(parse_idx<float>(unhex("00000e008000000000000000"), "t").item()));
  CHECK(error_of<tenon::io_error>([] {
          parse_idx<int, 2>(unhex("00000d01000000023f8000003fc00000"), "t");
        }) == "t: element 1: expected a number that int32 can hold exactly, got 1.5");
}

TEST_CASE("idx: numbers that do not fit what they are written as") {
  const auto error = [](auto v, idx_type type) {
    return error_of<tenon::usage_error>([&] { format_idx(tensor<decltype(v)>(v), type); });
  };
  CHECK(error(256, idx_type::uint8) ==
        "format_idx: element 0: expected a number that uint8 can hold exactly, got 256");
  CHECK(error(-1, idx_type::uint8) ==
        "format_idx: element 0: expected a number that uint8 can hold exactly, got -1");
  CHECK(error(0.5f, idx_type::uint8) ==
        "format_idx: element 0: expected a number that uint8 can hold exactly, got 0.5");
  CHECK(error(255.0, idx_type::uint8) == "no error");
  CHECK(error(256.0, idx_type::uint8) != "no error");
  CHECK(error(128, idx_type::int8) != "no error");
  CHECK(error(-128.f, idx_type::int8) == "no error");
  CHECK(error(-32769, idx_type::int16) != "no error");
  CHECK(error(std::int64_t{1} << 31, idx_type::int32) != "no error");
  CHECK(error(std::int64_t{1} << 62, idx_type::float32) == "no error");
  CHECK(error(std::numeric_limits<std::int64_t>::max(), idx_type::float64) != "no error");
  CHECK(error((std::int64_t{1} << 53) + 1, idx_type::float64) != "no error");
  CHECK(error(0.1, idx_type::float32) != "no error");
  CHECK(error(true, idx_type::float64) == "no error");
  CHECK(error(1, static_cast<idx_type>(10)) == "format_idx: expected an IDX type, got 10");
}

TEST_CASE("idx: hostile files") {
  const std::string start = "t.idx: expected ";
  CHECK(matrix_error("") == start + "an IDX file, got 0 bytes");
  CHECK(matrix_error(unhex("000008")) == start + "an IDX file, got 3 bytes");
  CHECK(matrix_error(unhex("01000802")) ==
        start + "an IDX file, which opens with two zeros, got other first bytes");
  CHECK(matrix_error(unhex("00010802")) ==
        start + "an IDX file, which opens with two zeros, got other first bytes");
  for (int code = 0; code < 256; ++code) {
    std::string bytes = unhex("0000080200000000ffffffff");
    bytes[2] = static_cast<char>(code);
    const bool known = code >= 8 && code <= 14 && code != 10;
    CHECK(matrix_error(bytes) ==
          (known ? "no error" : start + "an IDX type from 8 to 14 but 10, got " + std::to_string(code)));
  }
  CHECK(matrix_error(unhex("00000802")) == start + "an IDX header of 12 bytes for 2 axes, got 4");
  CHECK(matrix_error(unhex("000008ff00000001")) == start + "an IDX header of 1024 bytes for 255 axes, got 8");
  CHECK(matrix_error(unhex("0000080200000001000000")) ==
        start + "an IDX header of 12 bytes for 2 axes, got 11");
  CHECK(matrix_error(unhex("000008020000000100000001")) ==
        start + "1 bytes of data for [1, 1] of uint8, got 0");
  CHECK(matrix_error(unhex("0000080200000001000000010102")) ==
        start + "1 bytes of data for [1, 1] of uint8, got 2");
  CHECK(matrix_error(unhex("00000d02000000010000000100")) ==
        start + "4 bytes of data for [1, 1] of float32, got 1");
  CHECK(matrix_error(unhex("00000802ffffffffffffffff")) ==
        start + "a size below 2^63 bytes, got [4294967295, 4294967295] of uint8");
  CHECK(matrix_error(unhex("000008027fffffff7fffffff00")) ==
        start + "4611686014132420609 bytes of data for [2147483647, 2147483647] of uint8, got 1");
  CHECK(matrix_error(unhex("00000e027fffffff7fffffff00")) ==
        start + "a size below 2^63 bytes, got [2147483647, 2147483647] of float64");
  CHECK(matrix_error(unhex("00000803ffffffffffffffff00000000")) ==
        start + "a size below 2^63 bytes, got [4294967295, 4294967295, 0] of uint8");
  CHECK(matrix_error(unhex("0000080480000000800000008000000080000000")) ==
        start + "a size below 2^63 bytes, got [2147483648, 2147483648, 2147483648, 2147483648] of uint8");
  CHECK(matrix_error(unhex("00000801000000020102")) == start + "extents [?, ?], got [2] of uint8");
  CHECK(matrix_error(unhex("0000080007")) == start + "extents [?, ?], got [] of uint8");
  CHECK(matrix_error(unhex("00000803000000010000000100000001ff")) ==
        start + "extents [?, ?], got [1, 1, 1] of uint8");
  CHECK(matrix_error(python_cube_gz) ==
        start + "an IDX file, which opens with two zeros, got other first bytes");
  CHECK(error_of<tenon::io_error>([] { parse_idx<float, "n", "n">(python_uint8, "t"); }) ==
        "t: expected extents [n, n], got [2, 3] of uint8");
  CHECK(error_of<tenon::io_error>([] { parse_idx<float, 3, 2>(python_uint8, "t"); }) ==
        "t: expected extents [3, 2], got [2, 3] of uint8");
}

TEST_CASE("idx: truncated, lengthened and changed files are read or refused, never more") {
  int refused = 0, read = 0;
  for (const std::string& whole :
       {python_uint8, python_int8, python_int16, python_int32, python_float32, python_float64}) {
    for (std::size_t n = 0; n < whole.size(); ++n) {
      CHECK(matrix_error(whole.substr(0, n)).starts_with("t.idx: "));
      CHECK(matrix_error(whole + whole.substr(0, n + 1)).starts_with("t.idx: "));
      for (int to = 0; to < 256; ++to) {
        std::string bytes = whole;
        bytes[n] = static_cast<char>(to);
        const std::string error = matrix_error(bytes);
        CHECK(error.find('\n') == std::string::npos);
        if (n < 2 && to != 0) CHECK(error.starts_with("t.idx: "));
        if (n >= 4 && n < 12 && bytes != whole) CHECK(error.starts_with("t.idx: "));
        ++(error == "no error" ? read : refused);
      }
    }
  }
  CHECK(refused > 10000);
  CHECK(read > 10000);
}
