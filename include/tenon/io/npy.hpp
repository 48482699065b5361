// NumPy's array format (.npy, versions 1 to 3), of numbers only: bytes in, bytes out.
// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "tenon/core/config.hpp"
#include "tenon/core/error.hpp"
#include "tenon/io/file.hpp"

namespace tenon {

/// An array as NumPy stores it.
struct npy_array {
  /// Kind and bytes per number, such as '<f4', '<f8', '<i4', '<i8', '|u1', '|b1'; little-endian.
  std::string descr;
  /// True where the first axis runs fastest.
  bool fortran = false;
  std::vector<index> shape;
  /// The numbers, without gaps.
  std::string data;
};

namespace detail {

/// Bytes per number of a descr such as "<f4"; 0 where it is not a bool, an integer, a float or a complex
/// number.
inline index npy_item_size(std::string_view descr) {
  if (descr.size() < 3 || std::string_view("<>|=").find(descr[0]) == std::string_view::npos) return 0;
  const std::string_view kind_and_size = descr.substr(1);
  for (const std::string_view known :
       {"b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"}) {
    if (kind_and_size == known) return known[1] - '0';
  }
  return kind_and_size == "c8" ? 8 : kind_and_size == "c16" ? 16 : 0;
}

/// Bytes of an array, or -1 where its shape is impossible: the product of the extents other than zero, times
/// the bytes per number, must fit an index too, so that no stride of an empty array overflows.
inline index npy_data_size(const std::vector<index>& shape, index item_size) {
  index size = item_size;
  bool empty = false;
  for (const index extent : shape) {
    if (extent < 0 || (extent > 0 && size > std::numeric_limits<index>::max() / extent)) return -1;
    if (extent == 0) empty = true;
    if (extent > 0) size *= extent;
  }
  return empty ? 0 : size;
}

inline std::string npy_shape_text(const std::vector<index>& shape) {
  std::string out = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    out += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  }
  return out + (shape.size() == 1 ? ",)" : ")");
}

/// Reads the Python dict that a header is: three keys in any order, and nothing else.
class npy_header_reader {
 public:
  npy_header_reader(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  void read(npy_array& array) {
    bool seen[3] = {};
    expect('{');
    while (!accept('}')) {
      const std::string_view key = string("a key");
      const int which = key == "descr" ? 0 : key == "fortran_order" ? 1 : key == "shape" ? 2 : 3;
      if (which == 3) fail("one of the keys descr, fortran_order and shape", in_quotes(key));
      if (std::exchange(seen[which], true)) fail("each key once", in_quotes(key) + " twice");
      expect(':');
      if (which == 0) array.descr = descr();
      if (which == 1) array.fortran = boolean();
      if (which == 2) array.shape = shape();
      if (!accept(',') && peek() != '}') fail("',' or '}'", seen_next());
    }
    if (!seen[0] || !seen[1] || !seen[2]) {
      fail("the keys descr, fortran_order and shape", std::string("no ") + (!seen[0]   ? "descr"
                                                                            : !seen[1] ? "fortran_order"
                                                                                       : "shape"));
    }
    skip_spaces();
    if (!rest_.empty()) fail("nothing after the dict", seen_next());
  }

 private:
  [[noreturn]] void fail(const std::string& expected, const std::string& got) const {
    throw_io(name_ + ": in the npy header: expected " + expected + ", got " + got);
  }
  void skip_spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
  char peek() {
    skip_spaces();
    return rest_.empty() ? '\0' : rest_[0];
  }
  bool accept(char c) {
    if (peek() != c || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail({'\'', c, '\''}, seen_next());
  }
  std::string seen_next() {
    skip_spaces();
    return rest_.empty() ? "the end" : in_quotes(rest_.substr(0, 16));
  }

  std::string_view string(const char* what) {
    const char quote = peek();
    const std::size_t close = quote == '\'' || quote == '"' ? rest_.find(quote, 1) : std::string_view::npos;
    if (close == std::string_view::npos) fail(std::string(what) + " in quotes", seen_next());
    const std::string_view text = rest_.substr(1, close - 1);
    rest_.remove_prefix(close + 1);
    return text;
  }

  std::string descr() {
    if (peek() == '[') fail("a descr of numbers such as '<f4'", "a structured one");
    const std::string_view text = string("a descr");
    if (npy_item_size(text) == 0) {
      fail("a descr of numbers such as '<f4'", in_quotes(text) + (text == "|O" ? " (Python objects)" : ""));
    }
    return std::string(text);
  }

  bool boolean() {
    skip_spaces();
    const bool value = rest_.starts_with("True");
    if (!value && !rest_.starts_with("False")) fail("True or False", seen_next());
    rest_.remove_prefix(value ? 4 : 5);
    return value;
  }

  std::vector<index> shape() {
    std::vector<index> extents;
    expect('(');
    while (!accept(')')) {
      skip_spaces();
      index extent = 0;
      const auto [stop, status] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
      if (status != std::errc() || extent < 0) fail("an extent from 0 to 2^63 - 1", seen_next());
      if (extents.size() == 64) fail("at most 64 axes", "more");  // as NumPy
      rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
      extents.push_back(extent);
      if (!accept(',') && (extents.size() == 1 || peek() != ')')) fail("',' or ')'", seen_next());
    }
    return extents;
  }

  std::string_view rest_;
  const std::string& name_;
};

/// Big-endian numbers become little-endian, and the descr says '<', or '|' for single bytes.
inline void make_little_endian(npy_array& array) {
  const auto size = static_cast<std::size_t>(npy_item_size(array.descr));
  const std::size_t part = array.descr[1] == 'c' ? size / 2 : size;
  if (array.descr[0] == '>') {
    for (std::size_t i = 0; i + part <= array.data.size(); i += part) {
      std::reverse(&array.data[i], &array.data[i] + part);
    }
  }
  array.descr[0] = size == 1 ? '|' : '<';
}

}  // namespace detail

/// Reads the bytes of an .npy file. `name` stands for it in an io_error that says what was expected and what
/// was found. Big-endian numbers are turned, so the descr opens with '<' or '|'; Python objects, text and
/// structured types are errors. No memory is taken before the sizes are known to match what is there.
inline npy_array parse_npy(std::string_view bytes, const std::string& name) {
  if (!bytes.starts_with("\x93NUMPY")) {
    detail::throw_io(name + ": expected npy data, got " +
                     (bytes.size() < 6 ? std::to_string(bytes.size()) + " bytes" : "other first bytes"));
  }
  const auto byte = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at]));
  };
  const std::size_t version = bytes.size() < 8 ? 0 : byte(6);
  if (bytes.size() >= 8 && (version < 1 || version > 3 || byte(7) != 0)) {
    detail::throw_io(name + ": expected npy version 1.0, 2.0 or 3.0, got " + std::to_string(version) + "." +
                     std::to_string(byte(7)));
  }
  const std::size_t start = version == 1 ? 10 : 12;
  if (bytes.size() < start) {
    detail::throw_io(name + ": expected an npy header, got the end after byte " +
                     std::to_string(bytes.size()));
  }
  const std::size_t length =
      version == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  if (length > bytes.size() - start) {
    detail::throw_io(name + ": expected an npy header of " + std::to_string(length) + " bytes, got " +
                     std::to_string(bytes.size() - start));
  }
  npy_array array;
  detail::npy_header_reader(bytes.substr(start, length), name).read(array);
  const std::string_view data = bytes.substr(start + length);
  const index size = detail::npy_data_size(array.shape, detail::npy_item_size(array.descr));
  const std::string what = "shape " + detail::npy_shape_text(array.shape) + " of '" + array.descr + "'";
  if (size < 0) detail::throw_io(name + ": expected a size below 2^63 bytes, got " + what);
  if (static_cast<std::size_t>(size) != data.size()) {
    detail::throw_io(name + ": expected " + std::to_string(size) + " bytes of data for " + what + ", got " +
                     std::to_string(data.size()));
  }
  array.data = data;
  detail::make_little_endian(array);
  return array;
}

/// The bytes of an .npy file, version 1, as numpy.save writes it; usage_error where descr, shape and data do
/// not fit together.
inline std::string format_npy(const npy_array& array) {
  const index item_size = detail::npy_item_size(array.descr);
  if (item_size == 0) {
    throw usage_error("format_npy: expected a descr of numbers such as '<f4', got " +
                      detail::in_quotes(array.descr));
  }
  const index size = array.shape.size() > 64 ? -1 : detail::npy_data_size(array.shape, item_size);
  if (size < 0 || static_cast<std::size_t>(size) != array.data.size()) {
    throw usage_error("format_npy: expected the data of shape " + detail::npy_shape_text(array.shape) +
                      " of '" + array.descr + "', got " + std::to_string(array.data.size()) + " bytes");
  }
  std::string header = "{'descr': '" + array.descr +
                       "', 'fortran_order': " + (array.fortran ? "True" : "False") +
                       ", 'shape': " + detail::npy_shape_text(array.shape) + ", }";
  if (!array.shape.empty()) {  // room for the slowest extent to grow to 21 digits, as NumPy leaves
    header.append(21 - std::to_string(array.fortran ? array.shape.back() : array.shape.front()).size(), ' ');
  }
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::string out("\x93NUMPY\x01\x00", 8);
  out.reserve(10 + header.size() + array.data.size());
  out += static_cast<char>(header.size() & 0xFF);
  out += static_cast<char>(header.size() >> 8);
  out += header;
  out += array.data;
  return out;
}

}  // namespace tenon
