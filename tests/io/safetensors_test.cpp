// .safetensors: what Python wrote, what we write, and hostile bytes.
#include "tenon/io/safetensors.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using tenon::dyn;
using tenon::entry_of;
using tenon::format_safetensors;
using tenon::parse_safetensors;
using tenon::read_entry;
using tenon::safetensors_entry;
using tenon::safetensors_file;
using tenon::tensor;
using shape = std::vector<tenon::index>;
using vec = std::vector<double>;
using strings = std::map<std::string, std::string>;

std::string unhex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return out;
}

template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const tenon::io_error& e) {
    return e.what();
  }
  return "no error";
}

template <class F>
std::string usage_error_of(F f) {
  try {
    f();
  } catch (const tenon::usage_error& e) {
    return e.what();
  }
  return "no error";
}

template <class X>
std::vector<double> values(const X& x) {
  return {x.begin(), x.end()};
}

/// A file with any header.
std::string file(const std::string& header, const std::string& data = {}) {
  std::string out;
  for (int i = 0; i < 8; ++i) out += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  return out + header + data;
}

std::string parse_error(const std::string& bytes) {
  return error_of([&] { parse_safetensors(bytes, "m"); });
}

std::string header_error(const std::string& header, const std::string& data = {}) {
  return parse_error(file(header, data));
}

/// An entry of a header.
std::string entry(const std::string& name, const std::string& type, const std::string& extents,
                  const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":")" + type + R"(","shape":[)" + extents + R"(],"data_offsets":[)" +
         offsets + "]}";
}

/// The error of a header with one entry "a", without what is the same each time.
std::string entry_error(const std::string& type, const std::string& extents, const std::string& offsets,
                        std::size_t size) {
  const std::string text =
      header_error("{" + entry("a", type, extents, offsets) + "}", std::string(size, 'x'));
  const std::string common = "m: entry \"a\": expected ";
  return text.starts_with(common) ? text.substr(common.size()) : text;
}

/// The error of a header without its place, which is "in the safetensors header at byte N".
std::string grammar_error(const std::string& header) {
  const std::string text = header_error(header, "x");
  const std::size_t at = text.find(": expected ");
  return text.starts_with("m: in the safetensors header at byte ") ? text.substr(at + 2) : text;
}

const safetensors_entry& find(const safetensors_file& f, const std::string& name) {
  return tenon::detail::find_entry(f.entries, name, "m");
}

// All made by data/make_safetensors.py.
// clang-format off
// 846 bytes
const std::string python_dtypes = unhex(
    "e8020000000000007b22753634223a7b226474797065223a22553634222c227368617065223a5b325d2c22646174615f6f66"
    "6673657473223a5b302c31365d7d2c22693634223a7b226474797065223a22493634222c227368617065223a5b325d2c2264"
    "6174615f6f666673657473223a5b31362c33325d7d2c22663634223a7b226474797065223a22463634222c22736861706522"
    "3a5b325d2c22646174615f6f666673657473223a5b33322c34385d7d2c22663332223a7b226474797065223a22463332222c"
    "227368617065223a5b325d2c22646174615f6f666673657473223a5b34382c35365d7d2c22753332223a7b22647479706522"
    "3a22553332222c227368617065223a5b325d2c22646174615f6f666673657473223a5b35362c36345d7d2c22693332223a7b"
    "226474797065223a22493332222c227368617065223a5b325d2c22646174615f6f666673657473223a5b36342c37325d7d2c"
    "2262663136223a7b226474797065223a2242463136222c227368617065223a5b325d2c22646174615f6f666673657473223a"
    "5b37322c37365d7d2c22663136223a7b226474797065223a22463136222c227368617065223a5b325d2c22646174615f6f66"
    "6673657473223a5b37362c38305d7d2c22753136223a7b226474797065223a22553136222c227368617065223a5b325d2c22"
    "646174615f6f666673657473223a5b38302c38345d7d2c22693136223a7b226474797065223a22493136222c227368617065"
    "223a5b325d2c22646174615f6f666673657473223a5b38342c38385d7d2c226938223a7b226474797065223a224938222c22"
    "7368617065223a5b325d2c22646174615f6f666673657473223a5b38382c39305d7d2c227538223a7b226474797065223a22"
    "5538222c227368617065223a5b325d2c22646174615f6f666673657473223a5b39302c39325d7d2c22626f6f6c223a7b2264"
    "74797065223a22424f4f4c222c227368617065223a5b325d2c22646174615f6f666673657473223a5b39322c39345d7d7d20"
    "2020000000000000008002000000000000000000000000010000feffffffffffffff000000000000f83f00000000000000c0"
    "0000c03f000000c0000000800200000000001000feffffffc03f00c0003e00c0008002000004feff64fec8020100");
// 552 bytes
const std::string python_ranks = unhex(
    "78010000000000007b22666f7572223a7b226474797065223a22463634222c227368617065223a5b312c322c312c325d2c22"
    "646174615f6f666673657473223a5b302c33325d7d2c22656d707479223a7b226474797065223a22463332222c2273686170"
    "65223a5b302c355d2c22646174615f6f666673657473223a5b33322c33325d7d2c226d6174726978223a7b22647479706522"
    "3a22463332222c227368617065223a5b322c335d2c22646174615f6f666673657473223a5b33322c35365d7d2c2276656374"
    "6f72223a7b226474797065223a22463332222c227368617065223a5b335d2c22646174615f6f666673657473223a5b35362c"
    "36385d7d2c2263756265223a7b226474797065223a22493332222c227368617065223a5b322c332c345d2c22646174615f6f"
    "666673657473223a5b36382c3136345d7d2c227363616c6172223a7b226474797065223a22493332222c227368617065223a"
    "5b5d2c22646174615f6f666673657473223a5b3136342c3136385d7d7d20202020200000000000000000000000000000f03f"
    "00000000000000400000000000000840000000000000803f0000004000004040000080400000a040000000000000803f0000"
    "0040000000000100000002000000030000000400000005000000060000000700000008000000090000000a0000000b000000"
    "0c0000000d0000000e0000000f00000010000000110000001200000013000000140000001500000016000000170000000700"
    "0000");
// 300 bytes
const std::string python_names = unhex(
    "18010000000000007b225f5f6d657461646174615f5f223a7b22656d707479223a22222c226b6579205c22c3bc5c22223a22"
    "6c696e655c6e6c696e65222c22666f726d6174223a226e70227d2c22223a7b226474797065223a22493332222c2273686170"
    "65223a5b315d2c22646174615f6f666673657473223a5b302c345d7d2c2261205c2271756f7465645c22205c5c206e616d65"
    "5c6e5c745c7530303031223a7b226474797065223a22493332222c227368617065223a5b315d2c22646174615f6f66667365"
    "7473223a5b342c385d7d2c226772c3b6c39f652fe6a8a1e59e8b2ff09f9982223a7b226474797065223a22493332222c2273"
    "68617065223a5b315d2c22646174615f6f666673657473223a5b382c31325d7d7d2020202020030000000100000002000000");
// 16 bytes
const std::string python_nothing = unhex(
    "08000000000000007b7d202020202020");
// clang-format on

/// A small file of ours with each kind of thing in it.
std::string sample() {
  return format_safetensors(
      {entry_of("w\n\u00e9", tensor<float, 2, 2>{{1, 2}, {3, 4}}), entry_of("n", tensor<std::int64_t>(5)),
       entry_of("e", tenon::zeros<double>(0, 3)), safetensors_entry("h", "BF16", {1}, "ab")},
      {{"by", "me"}});
}

}  // namespace

TEST_CASE("safetensors: reads what Python wrote, every dtype") {
  const auto f = parse_safetensors(python_dtypes, "m");
  CHECK(f.entries.size() == 13);
  CHECK(f.metadata.empty());
  CHECK(values(read_entry<double, 2>(f, "f64", "m")) == vec{1.5, -2});
  CHECK(values(read_entry<float, dyn>(f, "f32", "m")) == vec{1.5, -2});
  CHECK(values(read_entry<std::int64_t, "n">(f, "i64", "m")) == vec{1099511627776.0, -2});
  CHECK(values(read_entry<int, 2>(f, "i32", "m")) == vec{1048576, -2});
  CHECK(values(read_entry<bool, 2>(f, "bool", "m")) == vec{1, 0});
  const auto kept = [&](const char* name) { return find(f, name).type + ":" + find(f, name).data; };
  CHECK(kept("f16") == unhex("4631363a003e00c0"));
  CHECK(kept("bf16") == unhex("424631363ac03f00c0"));
  CHECK(kept("i16") == unhex("4931363a0004feff"));
  CHECK(kept("i8") == unhex("49383a64fe"));
  CHECK(kept("u64") == unhex("5536343a00000000000000800200000000000000"));
  CHECK(kept("u32") == unhex("5533323a0000008002000000"));
  CHECK(kept("u16") == unhex("5531363a00800200"));
  CHECK(kept("u8") == unhex("55383ac802"));
  CHECK(values(tenon::eval(tenon::astype<double>(read_entry<tenon::float16, 2>(f, "f16", "m")))) ==
        vec{1.5, -2});
  CHECK(values(tenon::eval(tenon::astype<double>(read_entry<tenon::bfloat16, 2>(f, "bf16", "m")))) ==
        vec{1.5, -2});
  CHECK(values(read_entry<std::int16_t, 2>(f, "i16", "m")) == vec{1024, -2});
  CHECK(values(read_entry<std::int8_t, 2>(f, "i8", "m")) == vec{100, -2});
  CHECK(values(read_entry<std::uint64_t, 2>(f, "u64", "m")) == vec{9223372036854775808.0, 2});
  CHECK(values(read_entry<std::uint32_t, 2>(f, "u32", "m")) == vec{2147483648.0, 2});
  CHECK(values(read_entry<std::uint16_t, 2>(f, "u16", "m")) == vec{32768, 2});
  CHECK(values(read_entry<std::uint8_t, 2>(f, "u8", "m")) == vec{200, 2});
  CHECK(error_of([&] { read_entry<float, 2>(f, "bf16", "m"); }) ==
        "m: entry \"bf16\": expected float32 [2], got bfloat16 [2]");
  CHECK(error_of([&] { read_entry<int, 2>(f, "u8", "m"); }) ==
        "m: entry \"u8\": expected int32 [2], got uint8 [2]");
}

TEST_CASE("safetensors: reads what Python wrote, ranks 0 to 4 and no elements") {
  const auto f = parse_safetensors(python_ranks, "m");
  CHECK(f.entries.size() == 6);
  CHECK(read_entry<int>(f, "scalar", "m").item() == 7);
  CHECK(values(read_entry<float, 3>(f, "vector", "m")) == vec{0, 1, 2});
  const auto matrix = read_entry<float, 2, dyn>(f, "matrix", "m");
  CHECK(matrix(1, 0) == 3);
  const auto cube = read_entry<int, 2, 3, 4>(f, "cube", "m");
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 4; ++k) CHECK(cube(i, j, k) == 12 * i + 4 * j + k);
  CHECK(values(read_entry<double, 1, 2, 1, "n">(f, "four", "m")) == vec{0, 1, 2, 3});
  CHECK(read_entry<float, dyn, 5>(f, "empty", "m").size() == 0);
}

TEST_CASE("safetensors: reads what Python wrote, names and metadata") {
  const auto f = parse_safetensors(python_names, "m");
  CHECK(f.entries.size() == 3);
  CHECK(read_entry<int, 1>(f, "a \"quoted\" \\ name\n\t\x01", "m")(0) == 1);
  CHECK(read_entry<int, 1>(f, "gr\xc3\xb6\xc3\x9f\x65/\xe6\xa8\xa1\xe5\x9e\x8b/\xf0\x9f\x99\x82", "m")(0) ==
        2);
  CHECK(read_entry<int, 1>(f, "", "m")(0) == 3);
  CHECK(f.metadata == strings{{"format", "np"}, {"key \"\xc3\xbc\"", "line\nline"}, {"empty", ""}});
  CHECK(parse_safetensors(python_nothing, "m").entries.empty());
}

TEST_CASE("safetensors: every dtype through a file and back") {
  const std::string path = "tenon_safetensors_test.safetensors";
  const tensor<float, 2, 3> w{{1, 2, 3}, {4, 5, 6.5f}};
  const auto b = tenon::full<double, "batch">(0.1, 4);
  const tensor<std::int64_t> step = std::int64_t(1) << 40;
  const tensor<bool, 3> mask{true, false, true};
  const tensor<int, 2> labels{-7, 8};
  tenon::write_safetensors(
      path,
      {entry_of("mask", mask), entry_of("layer.w", w), entry_of("b", b), entry_of("step", step),
       entry_of("labels", labels), entry_of("none", tenon::zeros<float>(0, 5)),
       entry_of("four", tenon::ones<float>(1, 2, 1, 2)), safetensors_entry("half", "F16", {1, 2, 1}, "abcd")},
      {{"format", "pt"}, {"note", "\"\\\x01\n"}});
  const std::string bytes = tenon::read_file(path);
  const auto f = tenon::read_safetensors(path);
  std::remove(path.c_str());
  CHECK(f.metadata == strings{{"format", "pt"}, {"note", "\"\\\x01\n"}});
  CHECK(f.entries.size() == 8);
  CHECK(values(read_entry<float, 2, 3>(f, "layer.w", path)) == values(w));
  CHECK(values(read_entry<float, dyn, "in">(f, "layer.w", path)) == values(w));
  CHECK(values(read_entry<double, "rows">(f, "b", path)) == values(b));
  CHECK(read_entry<std::int64_t>(f, "step", path).item() == std::int64_t(1) << 40);
  CHECK(values(read_entry<bool, 3>(f, "mask", path)) == vec{1, 0, 1});
  CHECK(values(read_entry<int, dyn>(f, "labels", path)) == vec{-7, 8});
  CHECK(read_entry<float, dyn, 5>(f, "none", path).shape() == std::array<tenon::index, 2>{0, 5});
  CHECK(values(read_entry<float, 1, 2, 1, dyn>(f, "four", path)) == vec{1, 1, 1, 1});
  CHECK(find(f, "half").data == "abcd");
  CHECK(find(f, "half").shape == shape{1, 2, 1});
  CHECK(format_safetensors(f.entries, f.metadata) == bytes);
  CHECK_THROWS_AS(tenon::read_safetensors(path), tenon::io_error);
  CHECK_THROWS_AS(tenon::write_safetensors("no/such/folder/a.safetensors", {}), tenon::io_error);
}

TEST_CASE("safetensors: the bytes that we write") {
  const std::string bytes = format_safetensors(
      {entry_of("b", tensor<bool, 1>{true}), entry_of("f", tensor<int>(1)), entry_of("d", tensor<double>(2))},
      {{"k", "v"}});
  const std::string header =
      R"({"__metadata__":{"k":"v"},"d":{"dtype":"F64","shape":[],"data_offsets":[0,8]},)"
      R"("f":{"dtype":"I32","shape":[],"data_offsets":[8,12]},)"
      R"("b":{"dtype":"BOOL","shape":[1],"data_offsets":[12,13]}})";
  CHECK(header.size() % 8 != 0);
  CHECK(bytes == file(header + std::string(8 - header.size() % 8, ' '), unhex("00000000000000400100000001")));
  CHECK(format_safetensors({}) == file("{}      "));
  CHECK(format_safetensors(parse_safetensors(python_names, "m").entries).size() % 8 == 4);
}

TEST_CASE("safetensors: an entry that does not fit") {
  const auto f = parse_safetensors(format_safetensors({entry_of("x", tenon::zeros<double, 3, 4>())}), "m");
  CHECK(error_of([&] { read_entry<float, 784, 10>(f, "x", "m"); }) ==
        "m: entry \"x\": expected float32 [784, 10], got float64 [3, 4]");
  CHECK(error_of([&] { read_entry<double, "n", "n">(f, "x", "m"); }) ==
        "m: entry \"x\": expected float64 [n, n], got float64 [3, 4]");
  CHECK(error_of([&] { read_entry<double>(f, "x", "m"); }) ==
        "m: entry \"x\": expected float64 [], got float64 [3, 4]");
  CHECK(error_of([&] { read_entry<double>(f, "z", "m"); }) == "m: expected an entry \"z\", got \"x\"");
  CHECK(error_of([&] { read_entry<double>(safetensors_file{}, "z", "m"); }) ==
        "m: expected an entry \"z\", got no entries");
  const safetensors_file changed{{{"x", "F64", {2}, "short"}}, {}};
  CHECK(error_of([&] { read_entry<double, 2>(changed, "x", "m"); }) ==
        "m: entry \"x\": expected 16 bytes of data, got 5");
}

TEST_CASE("safetensors: what cannot be written") {
  const auto error = [](const std::vector<safetensors_entry>& entries, const strings& metadata = {}) {
    return usage_error_of([&] { format_safetensors(entries, metadata); });
  };
  const tensor<float> x(1);
  CHECK(error({entry_of("a", x), entry_of("a", x)}) ==
        "format_safetensors: expected a name once, got \"a\" twice");
  CHECK(error({entry_of("__metadata__", x)}) ==
        "format_safetensors: entry \"__metadata__\": expected a name in UTF-8 other than \"__metadata__\"");
  CHECK(error({entry_of("\xff", x)}).find("expected a name in UTF-8") != std::string::npos);
  CHECK(error({{"a", "F33", {}, "abcd"}}) ==
        "format_safetensors: entry \"a\": expected a dtype such as \"F32\", got \"F33\"");
  CHECK(error({{"a", "F32", {2}, "abcd"}}) ==
        "format_safetensors: entry \"a\": expected the data of [2] of F32, got 4 bytes");
  CHECK(error({{"a", "F32", {-1}, ""}}) ==
        "format_safetensors: entry \"a\": expected the data of [-1] of F32, got 0 bytes");
  CHECK(error({{"a", "U8", shape(65, 1), "x"}}).ends_with("of U8, got 1 bytes"));
  CHECK(error({{"a", "U8", shape(64, 1), "x"}}) == "no error");
  CHECK(error({}, {{"k", "\xc3"}}) == "format_safetensors: metadata \"k\": expected UTF-8, got other bytes");
  CHECK(usage_error_of([&] {
          tenon::detail::format_safetensors_within(31, {}, {{"k", "1234567"}});
        }) == "format_safetensors: expected names and metadata that fit a header of 31 bytes, got 32");
  CHECK(tenon::detail::format_safetensors_within(32, {}, {{"k", "1234567"}}).size() == 40);
  tenon::npz_entry complex = entry_of("a", x);
  complex.array.descr = "<c16";
  CHECK(usage_error_of([&] { safetensors_entry{complex}; }) ==
        "safetensors_entry: entry \"a\": expected a type that the format has, got \"<c16\"");
  tenon::npz_entry fortran = entry_of("a", tenon::zeros<float, 2, 2>());
  fortran.array.fortran = true;
  CHECK(usage_error_of([&] { safetensors_entry{fortran}; }) ==
        "safetensors_entry: entry \"a\": expected numbers row by row, got the first axis fastest");
}

TEST_CASE("safetensors: sizes of the header") {
  CHECK(parse_error("") == "m: expected a safetensors file, got 0 bytes");
  CHECK(parse_error("1234567") == "m: expected a safetensors file, got 7 bytes");
  CHECK(parse_error(std::string(8, '\0')) ==
        "m: in the safetensors header at byte 8: expected '{', got the end");
  CHECK(parse_error(std::string(8, '\xff')) ==
        "m: expected a safetensors header of at most 100000000 bytes, got 18446744073709551615");
  CHECK(parse_error(unhex("01e1f50500000000") + "{}") ==
        "m: expected a safetensors header of at most 100000000 bytes, got 100000001");
  CHECK(parse_error(unhex("00e1f50500000000") + "{}") ==
        "m: expected a safetensors header of 100000000 bytes, got 2 bytes");
  CHECK(parse_error(unhex("0300000000000000") + "{}") ==
        "m: expected a safetensors header of 3 bytes, got 2 bytes");
  CHECK(parse_error(unhex("0200000000000000") + "{}") == "no error");
  CHECK(parse_error(unhex("0200000000000000") + "{}x") ==
        "m: expected 0 bytes of data after the header, got 1");
}

TEST_CASE("safetensors: spaces and order that JSON allows") {
  const auto f = parse_safetensors(
      file("{ \"b\"\t:\n{ \"data_offsets\" : [ 4 ,\r6 ] , \"shape\":[ ] ,\"dtype\":\"U16\" } ,\n"
           "\"__metadata__\" : { } , \"a\":{\"shape\":[1,1],\"dtype\":\"\\u00463\\u0032\","
           "\"data_offsets\":[0,4]} , "
           "\"z\":{\"shape\":[9,0],\"dtype\":\"F32\",\"data_offsets\":[4,4]} } \n ",
           "abcdef"),
      "m");
  CHECK(f.entries.size() == 3);
  CHECK(f.entries[0].name == "b");
  CHECK(f.entries[0].data == "ef");
  CHECK(f.entries[1].type == "F32");
  CHECK(f.entries[1].data == "abcd");
  CHECK(f.entries[2].shape == shape{9, 0});
}

TEST_CASE("safetensors: escapes") {
  const auto key = [](const std::string& text) {
    const auto f = parse_safetensors(file("{\"__metadata__\":{\"" + text + "\":\"\"}}"), "m");
    return f.metadata.begin()->first;
  };
  CHECK(key(R"(\"\\\/\b\f\n\r\t)") == "\"\\/\b\f\n\r\t");
  CHECK(key(R"(\u0041\u00e9\u20AC\uFFFF)") == "A\xc3\xa9\xe2\x82\xac\xef\xbf\xbf");
  CHECK(key(R"(\ud83d\ude42\uD800\uDC00\udbff\udfff)") == "\xf0\x9f\x99\x82\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
  CHECK(key(R"(\u0000)") == std::string(1, '\0'));
  CHECK(key("\x7f\xf0\x90\x80\x80") == "\x7f\xf0\x90\x80\x80");
  // A name of any UTF-8 goes out and comes back.
  std::string all;
  for (std::uint32_t code = 0; code < 0x110000; code += code < 0x900 ? 1 : 0x3f1)
    if (code < 0xD800 || code > 0xDFFF) tenon::detail::append_utf8(all, code);
  const auto f = parse_safetensors(format_safetensors({entry_of(all, tensor<float>(1))}), "m");
  CHECK(f.entries[0].name == all);
}

TEST_CASE("safetensors: hostile headers") {
  const std::string a = entry("a", "U8", "1", "0,1");
  const std::string end = "expected ',' or '}', got ";
  struct hostile {
    std::string header;
    std::string error;
  };
  const std::vector<hostile> headers = {
      // what a header is
      {" {" + a + "}", "expected '{', got \" {\"a\":{\"dtype\":\"\""},
      {"[]", "expected '{', got \"[]\""},
      {"null", "expected '{', got \"null\""},
      {"{", "expected a string in '\"', got the end"},
      {"{" + a, end + "the end"},
      {"{" + a + "},", "expected nothing after the header but spaces, got \",\""},
      {"{" + a + "} {}", "expected nothing after the header but spaces, got \"{}\""},
      {"{" + a + "}" + std::string(1, '\0'), "expected nothing after the header but spaces, got \"?\""},
      {"{" + a + ",}", "expected a string in '\"', got \"}\""},
      {"{," + a + "}", "expected a string in '\"', got \",\"a\":{\"dtype\":\"U\""},
      {"{" + a + " " + entry("b", "U8", "", "1,2") + "}", end + "\"\"b\":{\"dtype\":\"U8\""},
      {"{\"a\"}", "expected ':', got \"}\""},
      {"{\"a\":1}", "expected '{', got \"1}\""},
      {"{\"a\":null}", "expected '{', got \"null}\""},
      {"{'a':{}}", "expected a string in '\"', got \"'a':{}}\""},
      {"{a:{}}", "expected a string in '\"', got \"a:{}}\""},
      {"{/**/}", "expected a string in '\"', got \"/**/}\""},
      {"\xef\xbb\xbf{}", "expected '{', got \"\xef\xbb\xbf{}\""},
      // names
      {"{" + a + "," + a + "}", "m: expected each name once, got \"a\" twice"},
      {"{" + a + "," + entry("\\u0061", "U8", "0", "1,1") + "}",
       "m: expected each name once, got \"a\" twice"},
      {"{\"a", "expected the end of a string, got the end"},
      {"{\"a\n\":{}}", "expected UTF-8 without control characters, got byte 10"},
      {"{\"\xff\":{}}", "expected UTF-8 without control characters, got byte 255"},
      {"{\"\x80\":{}}", "expected UTF-8 without control characters, got byte 128"},
      {"{\"\xc0\x80\":{}}", "expected UTF-8 without control characters, got byte 192"},
      {"{\"\xe0\x9f\xbf\":{}}", "expected UTF-8 without control characters, got byte 224"},
      {"{\"\xed\xa0\x80\":{}}", "expected UTF-8 without control characters, got byte 237"},
      {"{\"\xf4\x90\x80\x80\":{}}", "expected UTF-8 without control characters, got byte 244"},
      {"{\"\xf8\x88\x80\x80\x80\":{}}", "expected UTF-8 without control characters, got byte 248"},
      {"{\"\xe2\x82\":{}}", "expected UTF-8 without control characters, got byte 226"},
      {"{\"\xe2\x82", "expected UTF-8 without control characters, got byte 226"},
      {R"({"\x41":{}})", R"(expected an escape of JSON such as \n or \u00e9, got "\x41":{}}")"},
      {R"({"\u12":{}})", R"(expected an escape of JSON such as \n or \u00e9, got "\u12":{}}")"},
      {R"({"\u-123":{}})", R"(expected an escape of JSON such as \n or \u00e9, got "\u-123":{}}")"},
      {R"({"\u00g0":{}})", R"(expected an escape of JSON such as \n or \u00e9, got "\u00g0":{}}")"},
      {R"({"\u12)", R"(expected an escape of JSON such as \n or \u00e9, got "\u12")"},
      {R"({"\)", R"(expected an escape of JSON such as \n or \u00e9, got "\")"},
      {R"({"\ud83d":{}})", R"(expected an escape of JSON such as \n or \u00e9, got "":{}}")"},
      {R"({"\ud83d\u0041":{}})", "expected the second half of a surrogate pair, got another character"},
      {R"({"\ude42":{}})", "expected the first half of a surrogate pair, got the second"},
      // metadata
      {R"({"__metadata__":null})", "expected '{', got \"null}\""},
      {R"({"__metadata__":[]})", "expected '{', got \"[]}\""},
      {R"({"__metadata__":{"k":1}})", "expected a string in '\"', got \"1}}\""},
      {R"({"__metadata__":{"k":null}})", "expected a string in '\"', got \"null}}\""},
      {R"({"__metadata__":{"k":{"k":"v"}}})", "expected a string in '\"', got \"{\"k\":\"v\"}}}\""},
      {R"({"__metadata__":{"k":"v","k":"v"}})", "expected each name once, got \"k\" twice"},
      {R"({"__metadata__":{},"__metadata__":{}})", "expected each name once, got \"__metadata__\" twice"},
      // the keys of an entry
      {R"({"a":{}})", "m: entry \"a\": expected the keys dtype, shape and data_offsets, got no dtype"},
      {R"({"a":{"dtype":"U8","data_offsets":[0,1]}})",
       "m: entry \"a\": expected the keys dtype, shape and data_offsets, got no shape"},
      {R"({"a":{"dtype":"U8","shape":[]}})",
       "m: entry \"a\": expected the keys dtype, shape and data_offsets, got no data_offsets"},
      {R"({"a":{"dtype":"U8","dtype":"U8"}})", "expected each key once, got \"dtype\" twice"},
      {R"({"a":{"shape":[],"shape":[]}})", "expected each key once, got \"shape\" twice"},
      {R"({"a":{"data_offsets":[],"data_offsets":[]}})",
       "expected each key once, got \"data_offsets\" twice"},
      {R"({"a":{"Shape":[]}})", "expected one of the keys dtype, shape and data_offsets, got \"Shape\""},
      {R"({"a":{"dtype":8}})", "expected a string in '\"', got \"8}}\""},
      {R"({"a":{"shape":{}}})", "expected '[', got \"{}}}\""},
      {R"({"a":{"shape":"[]"}})", "expected '[', got \"\"[]\"}}\""},
      // numbers
      {R"({"a":{"shape":[-1]}})", "expected an integer from 0 to 2^63 - 1, got \"-1]}}\""},
      {R"({"a":{"shape":[-0]}})", "expected an integer from 0 to 2^63 - 1, got \"-0]}}\""},
      {R"({"a":{"shape":[+1]}})", "expected an integer from 0 to 2^63 - 1, got \"+1]}}\""},
      {R"({"a":{"shape":[01]}})", "expected an integer from 0 to 2^63 - 1, got \"01]}}\""},
      {R"({"a":{"shape":[00]}})", "expected an integer from 0 to 2^63 - 1, got \"00]}}\""},
      {R"({"a":{"shape":[1.0]}})", "expected ',' or ']', got \".0]}}\""},
      {R"({"a":{"shape":[1e2]}})", "expected ',' or ']', got \"e2]}}\""},
      {R"({"a":{"shape":[0x1]}})", "expected ',' or ']', got \"x1]}}\""},
      {R"({"a":{"shape":["1"]}})", "expected an integer from 0 to 2^63 - 1, got \"\"1\"]}}\""},
      {R"({"a":{"shape":[true]}})", "expected an integer from 0 to 2^63 - 1, got \"true]}}\""},
      {R"({"a":{"shape":[9223372036854775808]}})",
       "expected an integer from 0 to 2^63 - 1, got \"9223372036854775\""},
      {R"({"a":{"shape":[1,]}})", "expected an integer from 0 to 2^63 - 1, got \"]}}\""},
      {R"({"a":{"shape":[,1]}})", "expected an integer from 0 to 2^63 - 1, got \",1]}}\""},
      {R"({"a":{"shape":[1 1]}})", "expected ',' or ']', got \"1]}}\""},
      {R"({"a":{"shape":[1)", "expected ',' or ']', got the end"},
      {R"({"a":{"shape":[)", "expected an integer from 0 to 2^63 - 1, got the end"},
      {R"({"a":{"shape":[[1]]}})", "expected an integer from 0 to 2^63 - 1, got \"[1]]}}\""},
      {R"({"a":{"data_offsets":[0,1,2]}})", "expected at most 2 offsets, got more"},
  };
  for (const hostile& h : headers) {
    CAPTURE(h.header);
    CHECK(grammar_error(h.header) == h.error);
  }
  CHECK(headers.size() > 40);
  std::string axes = "1";
  for (int i = 1; i < 64; ++i) axes += ",1";
  CHECK(header_error("{" + entry("a", "U8", axes, "0,1") + "}", "x") == "no error");
  CHECK(grammar_error("{" + entry("a", "U8", axes + ",1", "0,1") + "}") ==
        "expected at most 64 axes, got more");
  CHECK(header_error("{" + entry("a", "U8", "1", "0") + "}", "x") ==
        "m: entry \"a\": expected two data_offsets, got 1");
}

TEST_CASE("safetensors: deep nesting neither recurses nor allocates") {
  for (const char* const open : {"[", "{\"a\":", "{\"__metadata__\":", "{\"a\":{\"shape\":["}) {
    std::string deep;
    while (deep.size() < 1'000'000) deep += open;
    CHECK(header_error(deep).starts_with("m: in the safetensors header at byte "));
    CHECK(header_error("{\"a\":{\"shape\":" + deep).starts_with("m: in the safetensors header at byte "));
  }
}

TEST_CASE("safetensors: hostile entries") {
  CHECK(entry_error("F32", "2", "0,8", 8) == "no error" + std::string());
  CHECK(entry_error("F31", "2", "0,8", 8) == "a dtype such as \"F32\", got \"F31\"");
  CHECK(entry_error("f32", "2", "0,8", 8) == "a dtype such as \"F32\", got \"f32\"");
  CHECK(entry_error("", "2", "0,8", 8) == "a dtype such as \"F32\", got \"\"");
  CHECK(entry_error("F4", "2", "0,1", 1) == "a dtype such as \"F32\", got \"F4\"");
  CHECK(entry_error("F32", "2", "0,7", 7) == "8 bytes of data for [2] of F32, got data_offsets [0, 7]");
  CHECK(entry_error("F32", "2", "0,9", 9) == "8 bytes of data for [2] of F32, got data_offsets [0, 9]");
  CHECK(entry_error("F32", "", "0,0", 0) == "4 bytes of data for [] of F32, got data_offsets [0, 0]");
  CHECK(entry_error("F32", "0,3", "0,4", 4) == "0 bytes of data for [0, 3] of F32, got data_offsets [0, 4]");
  CHECK(entry_error("F32", "2", "8,0", 8) ==
        "data_offsets that rise within 8 bytes of data, got data_offsets [8, 0]");
  CHECK(entry_error("F32", "2", "0,8", 7) ==
        "data_offsets that rise within 7 bytes of data, got data_offsets [0, 8]");
  CHECK(entry_error("F32", "2", "4,12", 8) ==
        "data_offsets that rise within 8 bytes of data, got data_offsets [4, 12]");
  CHECK(entry_error("F32", "0", "9,9", 8) ==
        "data_offsets that rise within 8 bytes of data, got data_offsets [9, 9]");
  CHECK(entry_error("U8", "9223372036854775807", "0,9223372036854775807", 8) ==
        "data_offsets that rise within 8 bytes of data, got data_offsets [0, 9223372036854775807]");
  CHECK(entry_error("F64", "9223372036854775807", "0,8", 8) ==
        "a size below 2^63 bytes, got [9223372036854775807] of F64");
  CHECK(entry_error("U8", "4294967296,4294967296", "0,0", 0) ==
        "a size below 2^63 bytes, got [4294967296, 4294967296] of U8");
  CHECK(entry_error("F64", "2305843009213693952", "0,0", 0) ==
        "a size below 2^63 bytes, got [2305843009213693952] of F64");
  CHECK(entry_error("U8", "0,4294967296,4294967296", "0,0", 0) ==
        "a size below 2^63 bytes, got [0, 4294967296, 4294967296] of U8");
  CHECK(entry_error("F32", "2", "1,9", 9) ==
        "data from byte 0 on, without a gap or an overlap, got data from byte 1 on");
  CHECK(entry_error("F32", "2", "0,8", 9) == "m: expected 8 bytes of data after the header, got 9");

  const auto two = [](const std::string& a, const std::string& b, std::size_t size) {
    return header_error("{" + a + "," + b + "}", std::string(size, 'x'));
  };
  const std::string tiling =
      ": expected data from byte 4 on, without a gap or an overlap, got data from byte ";
  const std::string first = entry("a", "F32", "1", "0,4");
  CHECK(two(first, entry("b", "F32", "1", "4,8"), 8) == "no error");
  CHECK(two(entry("b", "F32", "1", "4,8"), first, 8) == "no error");
  CHECK(two(first, entry("b", "F32", "1", "0,4"), 4) == "m: entry \"b\"" + tiling + "0 on");
  CHECK(two(first, entry("b", "F32", "1", "3,7"), 7) == "m: entry \"b\"" + tiling + "3 on");
  CHECK(two(first, entry("b", "F32", "1", "5,9"), 9) == "m: entry \"b\"" + tiling + "5 on");
  CHECK(two(first, entry("b", "F32", "0", "2,2"), 4) == "m: entry \"b\"" + tiling + "2 on");
  CHECK(two(first, entry("b", "F32", "0", "0,0"), 4) == "no error");
  CHECK(two(first, entry("b", "F32", "0", "4,4"), 4) == "no error");
  CHECK(two(first, entry("b", "F32", "1", "4,8"), 12) ==
        "m: expected 8 bytes of data after the header, got 12");
}

TEST_CASE("safetensors: truncated at every byte") {
  for (const std::string& whole : {sample(), python_names}) {
    REQUIRE(parse_error(whole) == "no error");
    for (std::size_t n = 0; n < whole.size(); ++n) {
      CAPTURE(n);
      CHECK(parse_error(whole.substr(0, n)).starts_with("m: "));
      CHECK(parse_error(whole + whole.substr(0, n + 1)).starts_with("m: "));
    }
  }
}

TEST_CASE("safetensors: changed bytes are read or refused, never more") {
  const std::string whole = sample();
  const std::size_t header_end = 8 + static_cast<unsigned char>(whole[0]) +
                                 256 * static_cast<std::size_t>(static_cast<unsigned char>(whole[1]));
  int refused = 0, read = 0;
  const auto attempt = [&](const std::string& bytes) {
    try {
      const auto f = parse_safetensors(bytes, "m");
      std::size_t data = 0;
      for (const safetensors_entry& e : f.entries) data += e.data.size();
      CHECK(data + 8 <= bytes.size());
      ++read;
      return true;
    } catch (const tenon::io_error& e) {
      CHECK(std::string_view(e.what()).find('\n') == std::string_view::npos);
      ++refused;
      return false;
    }
  };
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int to = 0; to < 256; ++to) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(to);
      const bool good = attempt(bytes);
      if (at < 8 && bytes != whole) CHECK(!good);
      if (at >= header_end) CHECK(good);
    }
    std::string bytes = whole;
    attempt(bytes.erase(at, 1));
    bytes = whole;
    attempt(bytes.insert(at, 1, whole[at]));
  }
  CHECK(refused > 20000);
  CHECK(read > 1000);

  std::uint64_t state = 5;
  const auto random = [&](std::size_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>(state >> 33) % n;
  };
  const std::string text = "{}[]:,\"\\u0123456789 FIUBOL-";
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = whole;
    for (std::size_t n = random(4) + 2; n > 0; --n)
      bytes[8 + random(header_end - 8)] = text[random(text.size())];
    attempt(bytes);
  }
}
