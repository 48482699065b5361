// Named arrays in the safetensors format of model weights: a JSON header, then the numbers.
// Source: https://github.com/huggingface/safetensors#format, https://www.rfc-editor.org/rfc/rfc8259
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "tenon/core/config.hpp"
#include "tenon/core/error.hpp"
#include "tenon/io/file.hpp"
#include "tenon/io/npz.hpp"
#include "tenon/io/tensors.hpp"

namespace tenon {

namespace detail {

/// A type of number in the format, and the descr of the same in an .npy file.
struct safetensors_type {
  std::string_view name;
  index size;
  std::string_view descr;
};

inline constexpr safetensors_type safetensors_types[] = {
    {"F64", 8, "<f8"},      {"F32", 4, "<f4"},  {"F16", 2, "<f2"},  {"BF16", 2, "<V2"},
    {"F8_E4M3", 1, ""},     {"F8_E5M2", 1, ""}, {"F8_E8M0", 1, ""}, {"F8_E4M3FNUZ", 1, ""},
    {"F8_E5M2FNUZ", 1, ""}, {"C64", 8, "<c8"},  {"I64", 8, "<i8"},  {"I32", 4, "<i4"},
    {"I16", 2, "<i2"},      {"I8", 1, "|i1"},   {"U64", 8, "<u8"},  {"U32", 4, "<u4"},
    {"U16", 2, "<u2"},      {"U8", 1, "|u1"},   {"BOOL", 1, "|b1"}};

/// The type of this name, or null.
constexpr const safetensors_type* find_safetensors_type(std::string_view name) {
  for (const safetensors_type& t : safetensors_types)
    if (t.name == name) return &t;
  return nullptr;
}

/// Largest header in bytes, and most axes of an array.
inline constexpr std::size_t safetensors_header_limit = 100'000'000;
inline constexpr std::size_t safetensors_rank_limit = 64;

inline constexpr std::string_view safetensors_metadata_key = "__metadata__";

/// Bytes of the UTF-8 character that a text opens with; 0 where it is none: cut, overlong or a surrogate.
constexpr std::size_t utf8_size(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const std::size_t size = first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF8 ? 4 : 0;
  if (size == 0 || text.size() < size) return 0;
  std::uint32_t code = first & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return 0;
    code = code << 6 | (next & 0x3Fu);
  }
  constexpr std::uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
  return code < lowest[size] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : size;
}

constexpr bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

/// Appends a character, code below 0x110000 and no surrogate, as UTF-8.
inline void append_utf8(std::string& out, std::uint32_t code) {
  const int tail = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr std::uint32_t lead[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(lead[tail] | code >> (6 * tail));
  for (int i = tail - 1; i >= 0; --i) out += static_cast<char>(0x80 | (code >> (6 * i) & 0x3F));
}

inline void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += "0123456789abcdef"[c >> 4];
      out += "0123456789abcdef"[c & 15];
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  out += '"';
}

}  // namespace detail

/// One array of a safetensors file.
struct safetensors_entry {
  std::string name;
  /// "F64", "F32", "I64", "I32" or "BOOL", or what tenon has no dtype for, such as "F16", "BF16" and "U8".
  std::string type;
  std::vector<index> shape;
  /// The numbers, little-endian, row by row, without gaps.
  std::string data;

  safetensors_entry() = default;
  safetensors_entry(std::string entry_name, std::string entry_type, std::vector<index> entry_shape,
                    std::string entry_data)
      : name(std::move(entry_name)),
        type(std::move(entry_type)),
        shape(std::move(entry_shape)),
        data(std::move(entry_data)) {}

  /// What entry_of makes, or an entry of an .npz file; usage_error for a type that the format lacks, and for
  /// a matrix whose first axis runs fastest.
  safetensors_entry(npz_entry entry)
      : name(std::move(entry.name)), shape(std::move(entry.array.shape)), data(std::move(entry.array.data)) {
    for (const detail::safetensors_type& t : detail::safetensors_types)
      if (!t.descr.empty() && t.descr == entry.array.descr) type = t.name;
    if (type.empty())
      throw usage_error("safetensors_entry: entry " + detail::in_quotes(name) +
                        ": expected a type that the format has, got " + detail::in_quotes(entry.array.descr));
    if (entry.array.fortran && shape.size() > 1)
      throw usage_error("safetensors_entry: entry " + detail::in_quotes(name) +
                        ": expected numbers row by row, got the first axis fastest");
  }
};

/// What a safetensors file holds.
struct safetensors_file {
  std::vector<safetensors_entry> entries;
  std::map<std::string, std::string> metadata;
};

namespace detail {

/// Reads the bytes of a file: the header's grammar, then whether its entries fit each other and the data, and
/// only then the data. The header is three levels deep by its grammar, so nothing recurses.
class safetensors_reader {
 public:
  safetensors_reader(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  safetensors_file read() {
    read_size();
    read_header();
    check_entries();
    for (std::size_t i = 0; i < file_.entries.size(); ++i) {
      file_.entries[i].data = data_.substr(static_cast<std::size_t>(offsets_[i].first),
                                           static_cast<std::size_t>(offsets_[i].second - offsets_[i].first));
    }
    return std::move(file_);
  }

 private:
  [[noreturn]] void fail(const std::string& expected, const std::string& got) const {
    throw_io(name_ + ": expected " + expected + ", got " + got);
  }
  [[noreturn]] void fail_header(const std::string& expected, const std::string& got) const {
    throw_io(name_ + ": in the safetensors header at byte " + std::to_string(at_) + ": expected " + expected +
             ", got " + got);
  }
  [[noreturn]] void fail_entry(const safetensors_entry& entry, const std::string& expected,
                               const std::string& got) const {
    throw_io(name_ + ": entry " + in_quotes(entry.name) + ": expected " + expected + ", got " + got);
  }

  void read_size() {
    if (bytes_.size() < 8) fail("a safetensors file", std::to_string(bytes_.size()) + " bytes");
    std::uint64_t size = 0;
    for (std::size_t i = 8; i-- > 0;) size = size << 8 | static_cast<unsigned char>(bytes_[i]);
    if (size > safetensors_header_limit) {
      fail("a safetensors header of at most " + std::to_string(safetensors_header_limit) + " bytes",
           std::to_string(size));
    }
    if (size > bytes_.size() - 8) {
      fail("a safetensors header of " + std::to_string(size) + " bytes",
           std::to_string(bytes_.size() - 8) + " bytes");
    }
    at_ = 8;
    end_ = 8 + static_cast<std::size_t>(size);
    data_ = bytes_.substr(end_);
  }

  // ---- the subset of JSON ----

  void skip_spaces() {
    while (at_ < end_ &&
           (bytes_[at_] == ' ' || bytes_[at_] == '\t' || bytes_[at_] == '\n' || bytes_[at_] == '\r'))
      ++at_;
  }
  bool accept(char c) {
    skip_spaces();
    if (at_ == end_ || bytes_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail_header({'\'', c, '\''}, seen_next());
  }
  std::string seen_next() const {
    return at_ == end_ ? "the end" : in_quotes(bytes_.substr(at_, std::min<std::size_t>(16, end_ - at_)));
  }

  /// Calls f for each member of an object, which reads the value.
  template <class F>
  void object(F f) {
    expect('{');
    if (accept('}')) return;
    do {
      std::string key = string();
      expect(':');
      f(std::move(key));
    } while (accept(','));
    if (!accept('}')) fail_header("',' or '}'", seen_next());
  }

  std::string string() {
    skip_spaces();
    if (at_ == end_ || bytes_[at_] != '"') fail_header("a string in '\"'", seen_next());
    ++at_;
    std::string out;
    for (;;) {
      if (at_ == end_) fail_header("the end of a string", "the end");
      const char c = bytes_[at_];
      if (c == '"') break;
      if (c == '\\') {
        escape(out);
        continue;
      }
      const std::size_t size = utf8_size(bytes_.substr(at_, end_ - at_));
      if (size == 0 || static_cast<unsigned char>(c) < 0x20)
        fail_header("UTF-8 without control characters",
                    "byte " + std::to_string(static_cast<unsigned char>(c)));
      out += bytes_.substr(at_, size);
      at_ += size;
    }
    ++at_;
    return out;
  }

  void escape(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
    const std::size_t which = at_ + 1 < end_ ? letters.find(bytes_[at_ + 1]) : std::string_view::npos;
    if (which != std::string_view::npos) {
      out += meant[which];
      at_ += 2;
      return;
    }
    std::uint32_t code = code_unit();
    if (code >= 0xD800 && code < 0xDC00) {
      const std::uint32_t low = code_unit();
      if (low < 0xDC00 || low >= 0xE000)
        fail_header("the second half of a surrogate pair", "another character");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code < 0xE000) {
      fail_header("the first half of a surrogate pair", "the second");
    }
    append_utf8(out, code);
  }

  /// The number in "\uXXXX".
  std::uint32_t code_unit() {
    std::uint32_t code = 0;
    const std::string_view text = bytes_.substr(at_, std::min<std::size_t>(6, end_ - at_));
    const bool opens = text.size() == 6 && text.starts_with("\\u");
    const auto [stop, status] =
        std::from_chars(text.data() + (opens ? 2 : 0), text.data() + text.size(), code, 16);
    if (!opens || status != std::errc() || stop != text.data() + 6)
      fail_header("an escape of JSON such as \\n or \\u00e9", seen_next());
    at_ += 6;
    return code;
  }

  std::vector<index> numbers(std::size_t most, const char* what) {
    std::vector<index> out;
    expect('[');
    if (accept(']')) return out;
    do {
      skip_spaces();
      const std::string_view text = bytes_.substr(at_, end_ - at_);
      index number = 0;
      const auto [stop, status] = std::from_chars(text.data(), text.data() + text.size(), number);
      const auto digits = static_cast<std::size_t>(stop - text.data());
      if (status != std::errc() || text[0] == '-' || (text[0] == '0' && digits > 1))
        fail_header("an integer from 0 to 2^63 - 1", seen_next());
      if (out.size() == most) fail_header("at most " + std::to_string(most) + " " + what, "more");
      out.push_back(number);
      at_ += digits;
    } while (accept(','));
    if (!accept(']')) fail_header("',' or ']'", seen_next());
    return out;
  }

  // ---- what the header says ----

  void read_header() {
    if (at_ == end_ || bytes_[at_] != '{') fail_header("'{'", seen_next());
    bool metadata = false;
    object([&](std::string&& key) {
      if (key != safetensors_metadata_key) return read_entry(std::move(key));
      if (std::exchange(metadata, true)) fail_header("each name once", in_quotes(key) + " twice");
      object([&](std::string&& field) {
        const auto [place, is_new] = file_.metadata.try_emplace(std::move(field));
        if (!is_new) fail_header("each name once", in_quotes(place->first) + " twice");
        place->second = string();
      });
    });
    skip_spaces();
    if (at_ != end_) fail_header("nothing after the header but spaces", seen_next());
  }

  void read_entry(std::string&& name) {
    safetensors_entry entry;
    entry.name = std::move(name);
    std::vector<index> offsets;
    bool seen[3] = {};
    object([&](std::string&& key) {
      const int which = key == "dtype" ? 0 : key == "shape" ? 1 : key == "data_offsets" ? 2 : 3;
      if (which == 3) fail_header("one of the keys dtype, shape and data_offsets", in_quotes(key));
      if (std::exchange(seen[which], true)) fail_header("each key once", in_quotes(key) + " twice");
      if (which == 0) entry.type = string();
      if (which == 1) entry.shape = numbers(safetensors_rank_limit, "axes");
      if (which == 2) offsets = numbers(2, "offsets");
    });
    if (!seen[0] || !seen[1] || !seen[2]) {
      fail_entry(entry, "the keys dtype, shape and data_offsets",
                 std::string("no ") + (!seen[0]   ? "dtype"
                                       : !seen[1] ? "shape"
                                                  : "data_offsets"));
    }
    if (offsets.size() != 2) fail_entry(entry, "two data_offsets", std::to_string(offsets.size()));
    offsets_.emplace_back(offsets[0], offsets[1]);
    file_.entries.push_back(std::move(entry));
  }

  // ---- whether it fits ----

  void check_entries() const {
    for (std::size_t i = 0; i < file_.entries.size(); ++i) {
      const safetensors_entry& entry = file_.entries[i];
      const auto [begin, end] = offsets_[i];
      const safetensors_type* const type = find_safetensors_type(entry.type);
      if (type == nullptr) fail_entry(entry, "a dtype such as \"F32\"", in_quotes(entry.type));
      const std::string text = extents_text(entry.shape) + " of " + entry.type;
      const index size = npy_data_size(entry.shape, type->size);
      if (size < 0) fail_entry(entry, "a size below 2^63 bytes", text);
      const std::string range = "data_offsets [" + std::to_string(begin) + ", " + std::to_string(end) + "]";
      if (begin > end || end > data_.size())
        fail_entry(entry, "data_offsets that rise within " + std::to_string(data_.size()) + " bytes of data",
                   range);
      if (end - begin != static_cast<std::uint64_t>(size))
        fail_entry(entry, std::to_string(size) + " bytes of data for " + text, range);
    }
    check_names();
    check_tiling();
  }

  void check_names() const {
    std::vector<std::string_view> names;
    for (const safetensors_entry& entry : file_.entries) names.push_back(entry.name);
    if (const std::string_view* twice = given_twice(names))
      fail("each name once", in_quotes(*twice) + " twice");
  }

  /// Every byte of the data belongs to one entry.
  void check_tiling() const {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> order(offsets_.begin(), offsets_.end());
    std::sort(order.begin(), order.end());
    std::uint64_t at = 0;
    for (const auto& place : order) {
      if (place.first != at) {
        std::size_t whose = offsets_.size() - 1;
        while (offsets_[whose] != place) --whose;
        fail_entry(file_.entries[whose],
                   "data from byte " + std::to_string(at) + " on, without a gap or an overlap",
                   "data from byte " + std::to_string(place.first) + " on");
      }
      at = place.second;
    }
    if (at != data_.size())
      fail(std::to_string(at) + " bytes of data after the header", std::to_string(data_.size()));
  }

  std::string_view bytes_;
  const std::string& name_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::string_view data_;
  safetensors_file file_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> offsets_;
};

inline void check_safetensors(const std::vector<safetensors_entry>& entries,
                              const std::map<std::string, std::string>& metadata) {
  const std::string format = "format_safetensors: ";
  std::vector<std::string_view> names;
  for (const safetensors_entry& entry : entries) {
    const std::string expected = format + "entry " + in_quotes(entry.name) + ": expected ";
    if (!is_utf8(entry.name) || entry.name == safetensors_metadata_key)
      throw usage_error(expected + "a name in UTF-8 other than " + in_quotes(safetensors_metadata_key));
    const safetensors_type* const type = find_safetensors_type(entry.type);
    if (type == nullptr)
      throw usage_error(expected + "a dtype such as \"F32\", got " + in_quotes(entry.type));
    const index size =
        entry.shape.size() > safetensors_rank_limit ? -1 : npy_data_size(entry.shape, type->size);
    if (size < 0 || static_cast<std::size_t>(size) != entry.data.size())
      throw usage_error(expected + "the data of " + extents_text(entry.shape) + " of " + entry.type +
                        ", got " + std::to_string(entry.data.size()) + " bytes");
    names.push_back(entry.name);
  }
  if (const std::string_view* twice = given_twice(names))
    throw usage_error(format + "expected a name once, got " + in_quotes(*twice) + " twice");
  for (const auto& [key, value] : metadata)
    if (!is_utf8(key) || !is_utf8(value))
      throw usage_error(format + "metadata " + in_quotes(key) + ": expected UTF-8, got other bytes");
}

/// format_safetensors with a header of at most `limit` bytes.
inline std::string format_safetensors_within(std::size_t limit, const std::vector<safetensors_entry>& entries,
                                             const std::map<std::string, std::string>& metadata) {
  check_safetensors(entries, metadata);
  std::vector<const safetensors_entry*> order;  // the largest elements first, so that all are aligned
  for (index size = max_element_size; size > 0; size /= 2)
    for (const safetensors_entry& entry : entries)
      if (find_safetensors_type(entry.type)->size == size) order.push_back(&entry);

  std::string header = "{";
  const auto add_key = [&](std::string_view key) {
    if (header.back() != '{') header += ',';
    append_json_string(header, key);
    header += ':';
  };
  if (!metadata.empty()) {
    add_key(safetensors_metadata_key);
    header += '{';
    for (const auto& [key, value] : metadata) {
      add_key(key);
      append_json_string(header, value);
    }
    header += '}';
  }
  std::size_t offset = 0;
  for (const safetensors_entry* entry : order) {
    add_key(entry->name);
    header += "{\"dtype\":\"" + entry->type + "\",\"shape\":[";
    for (std::size_t k = 0; k < entry->shape.size(); ++k)
      header += (k > 0 ? "," : "") + std::to_string(entry->shape[k]);
    header += "],\"data_offsets\":[" + std::to_string(offset) + ",";
    offset += entry->data.size();
    header += std::to_string(offset) + "]}";
  }
  header += '}';
  header.append((8 - header.size() % 8) % 8, ' ');
  if (header.size() > limit) {
    throw usage_error("format_safetensors: expected names and metadata that fit a header of " +
                      std::to_string(limit) + " bytes, got " + std::to_string(header.size()));
  }

  std::string out;
  out.reserve(8 + header.size() + offset);
  for (int i = 0; i < 8; ++i) out += static_cast<char>(std::uint64_t{header.size()} >> (8 * i) & 0xFF);
  out += header;
  for (const safetensors_entry* entry : order) out += entry->data;
  return out;
}

}  // namespace detail

/// The bytes of a safetensors file, the entries with the largest numbers first, so that all are aligned;
/// equal arguments give equal bytes. usage_error for a name twice or one that is not UTF-8, for data that
/// does not fit its type and shape, and for a header over 100 MB.
inline std::string format_safetensors(const std::vector<safetensors_entry>& entries,
                                      const std::map<std::string, std::string>& metadata = {}) {
  return detail::format_safetensors_within(detail::safetensors_header_limit, entries, metadata);
}

/// Reads the bytes of a safetensors file, entries in the order of its header. `name` stands for the file in
/// an io_error that says what was expected and what was found. No data is copied before all sizes are known
/// to match what is there.
inline safetensors_file parse_safetensors(std::string_view bytes, const std::string& name) {
  return detail::safetensors_reader(bytes, name).read();
}

/// Writes a file that safetensors of Python reads: write_safetensors(path, {entry_of("w", w)}, {{"by",
/// "me"}}). In one step, as write_file; errors as those of format_safetensors and write_file.
inline void write_safetensors(const std::string& path, const std::vector<safetensors_entry>& entries,
                              const std::map<std::string, std::string>& metadata = {}) {
  write_file(path, format_safetensors(entries, metadata));
}

/// Reads a safetensors file; errors as those of read_file and parse_safetensors.
inline safetensors_file read_safetensors(const std::string& path) {
  return parse_safetensors(read_file(path), path);
}

/// The entry of this name as a tensor: read_entry<float, 784, dyn>(read_safetensors(path), "w", path); errors
/// as for an .npz file.
template <element T, extent... E, std::same_as<safetensors_file> File>
tensor<T, E...> read_entry(const File& file, const std::string& name, const std::string& path) {
  const safetensors_entry& e = detail::find_entry(file.entries, name, path);
  const detail::safetensors_type* const type = detail::find_safetensors_type(e.type);
  return detail::stored_tensor<T, E...>(
      {type == nullptr ? dtype::none : detail::npy_dtype(type->descr), e.type, e.shape, e.data, false},
      detail::entry_text(name, path));
}

/// An array of the file, whatever its dtype. io_error where tenon has no such dtype or it has over 8 axes.
inline any_tensor to_any(const safetensors_entry& e) {
  const detail::safetensors_type* const type = detail::find_safetensors_type(e.type);
  return detail::any_of_stored(
      {type == nullptr ? dtype::none : detail::npy_dtype(type->descr), e.type, e.shape, e.data, false},
      e.name);
}
/// The entry of this name; io_error, in which `path` stands for the file, also where there is none.
template <std::same_as<safetensors_file> File>
any_tensor read_any(const File& file, const std::string& name, const std::string& path) {
  return to_any(detail::find_entry(file.entries, name, path));
}

}  // namespace tenon
