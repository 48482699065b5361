// .npy and .npz: what NumPy wrote, what we write, and hostile bytes.
#include "tenon/io/npz.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tenon/io/npy.hpp"

#if defined(__unix__)
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace {

using tenon::format_npy;
using tenon::format_npz;
using tenon::npy_array;
using tenon::npz_entry;
using tenon::parse_npy;
using tenon::parse_npz;
using extents = std::vector<tenon::index>;

template <std::size_t N>
std::string bytes(const char (&text)[N]) {
  return std::string(text, N - 1);
}

template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const tenon::error& e) {
    return e.what();
  }
  return "no error";
}

template <class T>
std::vector<T> values(const npy_array& array) {
  std::vector<T> out(array.data.size() / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), array.data.data(), array.data.size());
  return out;
}

template <class T>
npy_array array_of(const std::string& descr, const extents& shape, const std::vector<T>& numbers) {
  npy_array array{descr, false, shape, std::string(numbers.size() * sizeof(T), '\0')};
  if (!numbers.empty()) std::memcpy(array.data.data(), numbers.data(), array.data.size());
  return array;
}

/// An .npy file with any header.
std::string npy(const std::string& header, const std::string& data = {}) {
  std::string out = bytes("\x93NUMPY\x01\x00");
  out += static_cast<char>(header.size() & 0xFF);
  out += static_cast<char>(header.size() >> 8);
  return out + header + data;
}

std::string npy_error(const std::string& file) {
  return error_of([&] { parse_npy(file, "a.npy"); });
}

std::string header_error(const std::string& header, const std::string& data = {}) {
  return npy_error(npy(header, data));
}

std::string shape_error(const std::string& shape, const std::string& data = {}) {
  return header_error("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}", data);
}

std::string npz_error(const std::string& file) {
  return error_of([&] { parse_npz(file, "m.npz"); });
}

// All made by NumPy 2.4.
// clang-format off
// 152 bytes
const std::string npy_f4 = bytes(
    "\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }                "
    "                                          \n\x00\x00\x80\x3f\x00\x00\x00@\x00\x00@@\x00\x00\x80@\x00"
    "\x00\xa0@\x00\x00\xc0@");
// 160 bytes
const std::string npy_f8_fortran = bytes(
    "\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': True, 'shape': (2, 2), }                 "
    "                                          \n\x00\x00\x00\x00\x00\x00\xf8\x3f\x00\x00\x00\x00\x00\x00"
    "\x08@\x00\x00\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x10@");
// 136 bytes
const std::string npy_i4_big = bytes(
    "\x93NUMPY\x01\x00v\x00{'descr': '>i4', 'fortran_order': False, 'shape': (2,), }                  "
    "                                          \n\x00\x00\x00\x01\xff\xff\xff\xfe");
// 136 bytes
const std::string npy_scalar_v2 = bytes(
    "\x93NUMPY\x02\x00t\x00\x00\x00{'descr': '<i8', 'fortran_order': False, 'shape': (), }            "
    "                                                \n\x07\x00\x00\x00\x00\x00\x00\x00");
// 131 bytes
const std::string npy_bool_v3 = bytes(
    "\x93NUMPY\x03\x00t\x00\x00\x00{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }          "
    "                                                \n\x01\x00\x01");
// 128 bytes
const std::string npy_empty = bytes(
    "\x93NUMPY\x01\x00v\x00{'descr': '|u1', 'fortran_order': False, 'shape': (0, 3), }                "
    "                                          \n");
// 277 bytes
const std::string npy_object = bytes(
    "\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }                   "
    "                                          \n\x80\x04\x95\x8a\x00\x00\x00\x00\x00\x00\x00\x8c\x16n"
    "umpy._core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\x05numpy\x94\x8c\x07ndarray\x94\x93"
    "\x94K\x00\x85\x94""C\x01""b\x94\x87\x94R\x94(K\x01K\x01\x85\x94h\x03\x8c\x05""dtype\x94\x93\x94\x8c"
    "\x02O8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x3ft\x94"
    "b\x89]\x94Nat\x94""b.");
// 538 bytes
const std::string npz_stored = bytes(
    "PK\x03\x04-\x00\x00\x00\x00\x00\x00\x00!\x00|\x9c\xde\xa2\xff\xff\xff\xff\xff\xff\xff\xff\n\x00\x14"
    "\x00weight.npy\x01\x00\x10\x00\x98\x00\x00\x00\x00\x00\x00\x00\x98\x00\x00\x00\x00\x00\x00\x00\x93"
    "NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }                    "
    "                                      \n\x00\x00\x80\x3f\x00\x00\x00@\x00\x00@@\x00\x00\x80@\x00\x00"
    "\xa0@\x00\x00\xc0@PK\x03\x04-\x00\x00\x00\x00\x00\x00\x00!\x00#\xb8\xf0l\xff\xff\xff\xff\xff\xff\xff"
    "\xff\x08\x00\x14\x00step.npy\x01\x00\x10\x00\x88\x00\x00\x00\x00\x00\x00\x00\x88\x00\x00\x00\x00\x00"
    "\x00\x00\x93NUMPY\x01\x00v\x00{'descr': '<i8', 'fortran_order': False, 'shape': (), }            "
    "                                                  \n\x07\x00\x00\x00\x00\x00\x00\x00PK\x01\x02-\x03"
    "-\x00\x00\x00\x00\x00\x00\x00!\x00|\x9c\xde\xa2\x98\x00\x00\x00\x98\x00\x00\x00\n\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00weight.npyPK\x01\x02-\x03-\x00\x00\x00\x00\x00"
    "\x00\x00!\x00#\xb8\xf0l\x88\x00\x00\x00\x88\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x80\x01\xd4\x00\x00\x00step.npyPK\x05\x06\x00\x00\x00\x00\x02\x00\x02\x00n\x00\x00\x00\x96\x01"
    "\x00\x00\x00\x00");
// clang-format on

const std::vector<npz_entry> two_entries = {{"weight", array_of<float>("<f4", {2, 3}, {1, 2, 3, 4, 5, 6})},
                                            {"step", array_of<std::int64_t>("<i8", {}, {7})}};

std::string replaced(std::string text, std::size_t at, const std::string& with) {
  return text.replace(at, with.size(), with);
}

}  // namespace

TEST_CASE("npy: reads what NumPy wrote") {
  const npy_array f4 = parse_npy(npy_f4, "a");
  CHECK(f4.descr == "<f4");
  CHECK(!f4.fortran);
  CHECK(f4.shape == extents{2, 3});
  CHECK(values<float>(f4) == std::vector<float>{1, 2, 3, 4, 5, 6});

  const npy_array f8 = parse_npy(npy_f8_fortran, "a");
  CHECK(f8.descr == "<f8");
  CHECK(f8.fortran);
  CHECK(values<double>(f8) == std::vector<double>{1.5, 3, -2, 4});

  const npy_array i4 = parse_npy(npy_i4_big, "a");
  CHECK(i4.descr == "<i4");
  CHECK(i4.shape == extents{2});
  CHECK(values<std::int32_t>(i4) == std::vector<std::int32_t>{1, -2});

  const npy_array scalar = parse_npy(npy_scalar_v2, "a");
  CHECK(scalar.shape.empty());
  CHECK(values<std::int64_t>(scalar) == std::vector<std::int64_t>{7});

  const npy_array boolean = parse_npy(npy_bool_v3, "a");
  CHECK(boolean.descr == "|b1");
  CHECK(boolean.data == bytes("\1\0\1"));

  const npy_array empty = parse_npy(npy_empty, "a");
  CHECK(empty.shape == extents{0, 3});
  CHECK(empty.data.empty());
}

TEST_CASE("npy: writes byte for byte what NumPy writes") {
  for (const std::string& golden : {npy_f4, npy_f8_fortran, npy_empty}) {
    CHECK(format_npy(parse_npy(golden, "a")) == golden);
  }
}

TEST_CASE("npy: round trips") {
  for (const char* descr :
       {"|b1", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"}) {
    const auto item = static_cast<std::size_t>(tenon::detail::npy_item_size(descr));
    for (const extents& shape : {extents{}, extents{5}, extents{2, 0, 3}, extents{1, 2, 3, 2}}) {
      std::size_t count = 1;
      for (const tenon::index n : shape) count *= static_cast<std::size_t>(n);
      npy_array array{descr, shape.size() > 2, shape, std::string(count * item, '\0')};
      for (std::size_t i = 0; i < array.data.size(); ++i) array.data[i] = static_cast<char>(i * 37);
      const std::string file = format_npy(array);
      CHECK((file.size() - array.data.size()) % 64 == 0);
      const npy_array back = parse_npy(file, "a");
      CHECK(back.descr == array.descr);
      CHECK(back.fortran == array.fortran);
      CHECK(back.shape == array.shape);
      CHECK(back.data == array.data);
    }
  }
}

TEST_CASE("npy: headers that Python would read too") {
  const npy_array array =
      parse_npy(npy("{\"shape\":(2,1),'fortran_order':True ,\n 'descr':'>u2',}", "\1\2\3\4"), "a");
  CHECK(array.descr == "<u2");
  CHECK(array.fortran);
  CHECK(array.shape == extents{2, 1});
  CHECK(array.data == "\2\1\4\3");
  CHECK(parse_npy(npy("{'descr': '<i1', 'fortran_order': False, 'shape': (1,)}", "x"), "a").descr == "|i1");
  // Each half of a complex number is turned.
  CHECK(parse_npy(npy("{'descr': '>c8', 'fortran_order': False, 'shape': ()}", "abcdefgh"), "a").data ==
        "dcbahgfe");
}

TEST_CASE("npy: broken files") {
  CHECK(npy_error("") == "a.npy: expected npy data, got 0 bytes");
  CHECK(npy_error("PK\3\4 and more") == "a.npy: expected npy data, got other first bytes");
  CHECK(npy_error(bytes("\x93NUMPY\x04\x00\x00\x00\x00\x00")) ==
        "a.npy: expected npy version 1.0, 2.0 or 3.0, got 4.0");
  CHECK(npy_error(bytes("\x93NUMPY\x01")) == "a.npy: expected an npy header, got the end after byte 7");
  CHECK(npy_error(bytes("\x93NUMPY\x02\x00\x01\x00")) ==
        "a.npy: expected an npy header, got the end after byte 10");
  CHECK(npy_error(bytes("\x93NUMPY\x02\x00\xff\xff\xff\xff{}")) ==
        "a.npy: expected an npy header of 4294967295 bytes, got 2");
  CHECK(npy_error(npy_f4.substr(0, npy_f4.size() - 1)) ==
        "a.npy: expected 24 bytes of data for shape (2, 3) of '<f4', got 23");
  CHECK(npy_error(npy_f4 + "x") == "a.npy: expected 24 bytes of data for shape (2, 3) of '<f4', got 25");
  CHECK(npy_error(npy_object) ==
        "a.npy: in the npy header: expected a descr of numbers such as '<f4', got \"|O\" (Python objects)");
  for (std::size_t size = 0; size < npy_f4.size(); ++size) {
    CHECK(npy_error(npy_f4.substr(0, size)).starts_with("a.npy: expected "));
  }
}

TEST_CASE("npy: broken headers") {
  const std::string prefix = "a.npy: in the npy header: expected ";
  CHECK(header_error("") == prefix + "'{', got the end");
  CHECK(header_error("{") == prefix + "a key in quotes, got the end");
  CHECK(header_error("{'descr") == prefix + "a key in quotes, got \"'descr\"");
  CHECK(header_error("{}") == prefix + "the keys descr, fortran_order and shape, got no descr");
  CHECK(header_error("{'descr': '<f4', 'shape': ()}") ==
        prefix + "the keys descr, fortran_order and shape, got no fortran_order");
  CHECK(header_error("{'x': 1}") == prefix + "one of the keys descr, fortran_order and shape, got \"x\"");
  CHECK(header_error("{'descr': '<f4', 'descr': '<f4'}") == prefix + "each key once, got \"descr\" twice");
  CHECK(header_error("{'descr': [('a', '<f4')]}") ==
        prefix + "a descr of numbers such as '<f4', got a structured one");
  CHECK(header_error("{'descr': '<U5'}") == prefix + "a descr of numbers such as '<f4', got \"<U5\"");
  CHECK(header_error("{'fortran_order': 1}") == prefix + "True or False, got \"1}\"");
  CHECK(header_error("{'descr': '<f4' 'shape': ()}") == prefix + "',' or '}', got \"'shape': ()}\"");
  CHECK(shape_error("(1,)} {") == prefix + "nothing after the dict, got \"{}\"");
  CHECK(shape_error("(-1,)") == prefix + "an extent from 0 to 2^63 - 1, got \"-1,)}\"");
  CHECK(shape_error("(99999999999999999999,)") ==
        prefix + "an extent from 0 to 2^63 - 1, got \"9999999999999999\"");
  CHECK(shape_error("(1)") == prefix + "',' or ')', got \")}\"");
  CHECK(shape_error("(1 2)") == prefix + "',' or ')', got \"2)}\"");
  CHECK(shape_error("(1.5,)") == prefix + "',' or ')', got \".5,)}\"");
  std::string many = "(";
  for (int i = 0; i < 65; ++i) many += "1,";
  CHECK(shape_error(many + ")") == prefix + "at most 64 axes, got more");
}

TEST_CASE("npy: sizes that overflow") {
  CHECK(shape_error("(4294967296, 4294967296)") ==
        "a.npy: expected a size below 2^63 bytes, got shape (4294967296, 4294967296) of '<f4'");
  CHECK(shape_error("(0, 4294967296, 4294967296)") ==
        "a.npy: expected a size below 2^63 bytes, got shape (0, 4294967296, 4294967296) of '<f4'");
  CHECK(shape_error("(1099511627776,)", "1234") ==
        "a.npy: expected 4398046511104 bytes of data for shape (1099511627776,) of '<f4', got 4");
}

TEST_CASE("npy: arrays that do not fit together are not written") {
  CHECK(error_of([] {
          format_npy({"<x4", false, {1}, "1234"});
        }) == "format_npy: expected a descr of numbers such as '<f4', got \"<x4\"");
  CHECK(error_of([] {
          format_npy({"<f4", false, {2}, "1234"});
        }) == "format_npy: expected the data of shape (2,) of '<f4', got 4 bytes");
  CHECK_THROWS_AS(format_npy({"<f4", false, {-1}, ""}), tenon::usage_error);
}

TEST_CASE("npz: the checksum") { CHECK(tenon::detail::crc32_of("123456789") == 0xCBF43926u); }

TEST_CASE("npz: reads what NumPy wrote") {
  const std::vector<npz_entry> entries = parse_npz(npz_stored, "m.npz");
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].name == "weight");
  CHECK(entries[0].array.shape == extents{2, 3});
  CHECK(values<float>(entries[0].array) == std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(entries[1].name == "step");
  CHECK(entries[1].array.shape.empty());
  CHECK(values<std::int64_t>(entries[1].array) == std::vector<std::int64_t>{7});
}

TEST_CASE("npz: round trips, with 32-bit and with 64-bit records") {
  std::vector<npz_entry> entries = two_entries;
  entries.push_back({"layer/\xc3\xa4.bias", array_of<std::uint8_t>("|u1", {0}, {})});
  for (const std::uint64_t zip64_from :
       {std::uint64_t{0}, std::uint64_t{140}, std::uint64_t{300}, ~std::uint64_t{0}}) {
    const std::string file = tenon::detail::format_npz_entries(entries, zip64_from);
    const std::vector<npz_entry> back = parse_npz(file, "m.npz");
    REQUIRE(back.size() == entries.size());
    for (std::size_t i = 0; i < back.size(); ++i) {
      CHECK(back[i].name == entries[i].name);
      CHECK(back[i].array.descr == entries[i].array.descr);
      CHECK(back[i].array.shape == entries[i].array.shape);
      CHECK(back[i].array.data == entries[i].array.data);
    }
  }
  CHECK(format_npz(entries) == tenon::detail::format_npz_entries(entries, 0xFFFFFFFF));
  CHECK(parse_npz(format_npz({}), "m.npz").empty());
}

TEST_CASE("npz: names that cannot be written") {
  const npy_array array = array_of<float>("<f4", {1}, {1});
  CHECK(error_of([&] {
          format_npz({{"a", array}, {"b", array}, {"a", array}});
        }) == "format_npz: expected a name once, got \"a\" twice");
  CHECK(error_of([&] {
          format_npz({{"", array}});
        }) == "format_npz: expected a name of 1 to 60000 bytes other than 0, got \"\"");
  CHECK_THROWS_AS(format_npz({{std::string("a\0b", 3), array}}), tenon::usage_error);
  CHECK_THROWS_AS(format_npz({{std::string(70000, 'a'), array}}), tenon::usage_error);
}

TEST_CASE("npz: broken files") {
  const std::string file = format_npz(two_entries);
  REQUIRE(parse_npz(file, "m.npz").size() == 2);
  const std::size_t end = file.size() - 22;
  const std::size_t directory = file.find("PK\1\2");
  const std::size_t second = file.find("PK\1\2", directory + 1);
  const std::size_t data = file.find("\x93NUMPY");

  CHECK(npz_error("") == "m.npz: expected a zip file, got 0 bytes");
  CHECK(npz_error(std::string(100, 'x')) ==
        "m.npz: expected a zip file, got no end of a central directory (truncated?)");
  CHECK(npz_error(file.substr(0, file.size() - 1)) ==
        "m.npz: expected a zip file, got no end of a central directory (truncated?)");
  CHECK(npz_error(replaced(file, end + 4, bytes("\1\0"))) ==
        "m.npz: expected a zip file in one part, got one of several");
  CHECK(npz_error(replaced(file, end + 10, bytes("\x01\x00"))) ==
        "m.npz: expected the central directory to hold 1 entries, got more");
  CHECK(npz_error(replaced(file, end + 10, bytes("\xff\xff"))) ==
        "m.npz: expected at most 2 entries in the central directory, got 65535");
  CHECK(npz_error(replaced(file, end + 16, bytes("\xff\xff\xff\xff")))
            .starts_with("m.npz: expected a central directory within the file, got "));
  CHECK(npz_error(replaced(file, data + 130, "x"))
            .starts_with("m.npz:weight.npy: expected the CRC-32 2732498044, got "));
  CHECK(npz_error(replaced(file, directory + 8, bytes("\1"))) ==
        "m.npz: entry \"weight.npy\": expected no encryption, got an encrypted entry");
  CHECK(npz_error(replaced(file, directory + 10, bytes("\x0c"))) ==
        "m.npz: entry \"weight.npy\": expected compression method 0 or 8, got 12");
  CHECK(npz_error(replaced(file, directory + 10, bytes("\x08"))) ==
        "m.npz:weight.npy: expected a stored entry, got a compressed one (include tenon/io/gzip.hpp and pass "
        "inflate_raw)");
  CHECK(npz_error(replaced(file, directory + 20, bytes("\x01"))) ==
        "m.npz: entry \"weight.npy\": expected 152 bytes stored, got 1");
  CHECK(npz_error(replaced(file, directory + 20, bytes("\xf0\xff\xff\x7f\xf0\xff\xff\x7f"))) ==
        "m.npz: entry \"weight.npy\": expected 2147483632 bytes before the central directory, got fewer");
  CHECK(npz_error(replaced(file, directory + 20, bytes("\xff\xff\xff\xff\xff\xff\xff\xff"))) ==
        "m.npz: entry \"weight.npy\": expected a zip64 extra field, got none");
  CHECK(npz_error(replaced(file, directory + 42, bytes("\x05"))) ==
        "m.npz: entry \"weight.npy\": expected a local header at byte 5, got something else");
  CHECK(npz_error(replaced(file, directory + 46, "x")) ==
        "m.npz: entry \"xeight.npy\": expected the same name in the local header, got another");
  CHECK(npz_error(replaced(file, second + 28, bytes("\xff\xff")))
            .starts_with("m.npz: expected an entry within"));
  std::string renamed = file;
  for (std::size_t at; (at = renamed.find("step.npy")) != std::string::npos;)
    renamed.replace(at, 8, "step.txt");
  CHECK(npz_error(renamed) == "m.npz: expected entries with names in .npy, got \"step.txt\"");
}

TEST_CASE("npz: two entries on the same bytes, or of one name") {
  const npy_array array = array_of<float>("<f4", {1}, {1});
  std::string file = format_npz({{"a", array}, {"b", array}});
  std::string twice = file;
  for (std::size_t at; (at = twice.find("b.npy")) != std::string::npos;) twice[at] = 'a';
  CHECK(npz_error(twice) == "m.npz: entry \"a.npy\": expected a name once, got two entries");
  const std::size_t second = twice.rfind("PK\1\2");
  CHECK(npz_error(replaced(twice, second + 42, bytes("\0\0\0\0"))) ==
        "m.npz: expected entries that do not overlap, got an overlap at byte 0");
}

TEST_CASE("npz: broken 64-bit records") {
  const std::string file = tenon::detail::format_npz_entries(two_entries, 0);
  REQUIRE(parse_npz(file, "m.npz").size() == 2);
  const std::size_t end64 = file.find("PK\6\6");
  const std::size_t locator = file.find("PK\6\7");
  const std::size_t directory = file.find("PK\1\2");
  const std::string huge(8, '\xff');
  CHECK(npz_error(replaced(file, locator + 8, huge)) ==
        "m.npz: expected a zip64 end of the central directory at byte 18446744073709551615, got something "
        "else");
  CHECK(npz_error(replaced(file, end64 + 32, huge)).starts_with("m.npz: expected at most 3 entries"));
  CHECK(
      npz_error(replaced(file, end64 + 40, huge)).starts_with("m.npz: expected a central directory within"));
  CHECK(
      npz_error(replaced(file, end64 + 48, huge)).starts_with("m.npz: expected a central directory within"));
  const std::size_t extra = directory + 46 + 10;
  CHECK(npz_error(replaced(file, extra + 2, bytes("\x08"))) ==
        "m.npz: entry \"weight.npy\": expected a whole zip64 extra field, got a shorter one");
  CHECK(npz_error(replaced(file, extra + 2, bytes("\x80"))) ==
        "m.npz: entry \"weight.npy\": expected an extra field within its entry, got a longer one");
  CHECK(npz_error(replaced(file, extra + 4, huge + huge)) ==
        "m.npz: entry \"weight.npy\": expected 18446744073709551615 bytes before the central directory, got "
        "fewer");
  CHECK(npz_error(replaced(file, extra + 20, huge)) ==
        "m.npz: entry \"weight.npy\": expected a local header at byte 18446744073709551615, got something "
        "else");
}

TEST_CASE("npz: an inflate function that lies is caught") {
  std::string file = format_npz(two_entries);
  file[file.find("PK\1\2") + 10] = 8;
  const auto parse = [&](tenon::inflate_fn inflate) {
    return error_of([&] { parse_npz(file, "m.npz", inflate); });
  };
  CHECK(parse([](std::string_view, std::size_t, const std::string&) { return std::string("x"); }) ==
        "m.npz:weight.npy: expected 152 bytes, got 1");
  CHECK(parse([](std::string_view text, std::size_t, const std::string&) { return std::string(text); }) ==
        "no error");
  std::string bomb = replaced(file, file.find("PK\1\2") + 24, bytes("\xf0\xff\xff\x7f"));
  CHECK(error_of([&] {
          parse_npz(bomb, "m.npz",
                    [](std::string_view, std::size_t n, const std::string&) { return std::string(n, 'x'); });
        }) == "m.npz:weight.npy: expected a size that deflate can reach, got 2147483632 bytes from 152");
}

TEST_CASE("npz: files") {
  const std::string path = "tenon_npz_test.npz";
  tenon::write_file(path, format_npz(two_entries));
  CHECK(parse_npz(tenon::read_file(path), path).size() == 2);
  std::remove(path.c_str());
  CHECK(error_of([&] { tenon::read_file(path); }) ==
        path + ": cannot open the file: " + std::generic_category().message(ENOENT));
  CHECK(error_of([&] { tenon::write_file("no/such/folder/a.npz", "x"); }) ==
        "no/such/folder/a.npz: cannot create the file: " + std::generic_category().message(ENOENT));
#if defined(__unix__)
  const std::string folder = "tenon_npz_test_folder";
  REQUIRE((mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST));
  CHECK(error_of([&] { tenon::read_file(folder); }) ==
        folder + ": cannot read the file: " + std::generic_category().message(EISDIR));
  // A target that cannot be replaced: the temporary beside it is gone again.
  CHECK(error_of([&] { tenon::write_file(folder, "x"); }) ==
        folder + ": cannot write the file: " + std::generic_category().message(EISDIR));
  CHECK_THROWS_AS(tenon::read_file(folder + ".tmp~"), tenon::io_error);
  rmdir(folder.c_str());
#endif
}

TEST_CASE("npy and npz: changed bytes are read or refused, never more") {
  std::uint64_t state = 5;
  const auto random = [&](std::size_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>(state >> 33) % n;
  };
  const std::string zip64 = tenon::detail::format_npz_entries(two_entries, 0);
  const std::string plain = format_npz(two_entries);
  const std::string text = "{}()[],:'-0123456789TrueFalse<>|fiubO";
  int refused = 0;
  for (int i = 0; i < 12000; ++i) {
    const bool is_npy = i % 4 == 0;
    std::string file = is_npy ? npy_f4 : i % 4 == 1 ? npz_stored : i % 4 == 2 ? zip64 : plain;
    // Half of the changes to an archive hit its directory, where the offsets and sizes are.
    const std::size_t from = is_npy || random(2) == 0 ? 0 : file.find("PK\1\2");
    for (std::size_t n = random(3) + 1; n > 0; --n) {
      const std::size_t at =
          std::min(from + random(file.size() - std::min(from, file.size() - 1)), file.size() - 1);
      switch (random(12)) {
        case 0:
          file.resize(at + 1);
          break;
        case 1:
          file.erase(at, 1);
          break;
        case 2:
          file.insert(at, 1, '\0');
          break;
        case 3:
          file[at] = '\xff';
          break;
        case 4:
          file[at] = static_cast<char>(file[at] ^ (1 << random(8)));
          break;
        case 5:
          file[at] = static_cast<char>(random(256));
          break;
        default:
          file[at] = is_npy ? text[random(text.size())] : static_cast<char>(random(4));
          break;
      }
      if (file.empty()) file = "x";
    }
    try {
      if (is_npy) {
        parse_npy(file, "a");
      } else {
        parse_npz(file, "a");
      }
    } catch (const tenon::io_error& e) {
      CHECK(std::string_view(e.what()).find('\n') == std::string_view::npos);
      ++refused;
    }
  }
  CHECK(refused > 3000);
  CHECK(refused < 12000);
}
