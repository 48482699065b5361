// JSON (RFC 8259), read strictly: for descriptions of graphs, which come from files that anybody may have
// made.
//
// Written here rather than taken from a JSON library: tenon's headers need nothing installed, what is read is
// a few kinds of value, and hostile files get limits and one-line errors like those of the other readers.
//
// Refused, beyond what the grammar refuses: a key twice in one object, text that is not UTF-8, more than
// json_limits allow.
#pragma once

#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/core/config.hpp"
#include "tenon/io/file.hpp"

namespace tenon {

/// What a reader of JSON takes at most.
struct json_limits {
  std::size_t bytes = std::size_t(16) << 20;
  int depth = 32;
  std::size_t values = std::size_t(1) << 20;
};

/// A JSON value. Numbers keep their text, so that no digit is lost.
struct json_value {
  enum kind_type { null, boolean, number, string, array, object };
  kind_type kind = null;
  bool truth = false;
  std::string text;               // of a number or string
  std::vector<json_value> items;  // of an array; of an object, in the order of its keys
  std::vector<std::string> keys;

  /// The member of that key, or null.
  const json_value* find(std::string_view key) const {
    for (std::size_t k = 0; k < keys.size(); ++k)
      if (keys[k] == key) return &items[k];
    return nullptr;
  }
  /// A number without fraction and exponent that fits 64 bits.
  bool is_integer(index& value) const {
    if (kind != number) return false;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    return end.ec == std::errc() && end.ptr == text.data() + text.size();
  }
};

namespace detail {

inline const char* name_of(json_value::kind_type kind) {
  constexpr const char* names[] = {"null", "true or false", "a number", "a string", "an array", "an object"};
  return names[kind];
}

class json_reader {
 public:
  json_reader(std::string_view text, std::string where, const json_limits& limits)
      : text_(text), where_(std::move(where)), limits_(limits) {}

  json_value read() {
    if (text_.size() > limits_.bytes)
      throw_io(where_ + ": expected at most " + std::to_string(limits_.bytes) + " bytes of JSON, got " +
               std::to_string(text_.size()));
    json_value v = value(0);
    space();
    if (at_ < text_.size()) refuse("the end of the text");
    return v;
  }

 private:
  [[noreturn]] void refuse(const std::string& expected) const {
    std::size_t line = 1, column = 1;
    for (std::size_t i = 0; i < at_ && i < text_.size(); ++i) {
      ++column;
      if (text_[i] == '\n') {
        ++line;
        column = 1;
      }
    }
    throw_io(
        where_ + ": line " + std::to_string(line) + ", column " + std::to_string(column) + ": expected " +
        expected +
        (at_ >= text_.size() ? ", got the end of the text" : ", got " + in_quotes(text_.substr(at_, 12))));
  }

  void space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool next_is(char low, char high) const {
    return at_ < text_.size() && text_[at_] >= low && text_[at_] <= high;
  }

  json_value value(int depth) {
    if (depth > limits_.depth) refuse("at most " + std::to_string(limits_.depth) + " levels");
    if (++values_ > limits_.values) refuse("at most " + std::to_string(limits_.values) + " values");
    space();
    json_value v;
    if (take('{'))
      object(v, depth);
    else if (take('['))
      array(v, depth);
    else if (next_is('"', '"'))
      v.kind = json_value::string, v.text = string();
    else if (next_is('-', '-') || next_is('0', '9'))
      v.kind = json_value::number, v.text = number();
    else
      word(v);
    return v;
  }

  void object(json_value& v, int depth) {
    v.kind = json_value::object;
    space();
    if (take('}')) return;
    do {
      space();
      if (!next_is('"', '"')) refuse("a key");
      const std::size_t begin = at_;
      std::string key = string();
      if (v.find(key) != nullptr) {
        at_ = begin;
        refuse("each key once");
      }
      if (v.keys.size() >= max_keys) refuse("at most " + std::to_string(max_keys) + " keys");
      space();
      if (!take(':')) refuse("\":\"");
      v.keys.push_back(std::move(key));
      v.items.push_back(value(depth + 1));
      space();
    } while (take(','));
    if (!take('}')) refuse("\",\" or \"}\"");
  }

  void array(json_value& v, int depth) {
    v.kind = json_value::array;
    space();
    if (take(']')) return;
    do {
      v.items.push_back(value(depth + 1));
      space();
    } while (take(','));
    if (!take(']')) refuse("\",\" or \"]\"");
  }

  void word(json_value& v) {
    constexpr std::string_view words[] = {"null", "true", "false"};
    for (const std::string_view w : words) {
      if (text_.substr(at_, w.size()) != w) continue;
      at_ += w.size();
      v.kind = w == "null" ? json_value::null : json_value::boolean;
      v.truth = w == "true";
      return;
    }
    refuse("a value");
  }

  std::string number() {
    const std::size_t begin = at_;
    take('-');
    if (!take('0')) digits();
    if (take('.')) digits();
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      digits();
    }
    return std::string(text_.substr(begin, at_ - begin));
  }
  void digits() {
    if (!next_is('0', '9')) refuse("a digit");
    while (next_is('0', '9')) ++at_;
  }

  std::string string() {
    std::string out;
    ++at_;
    while (!take('"')) {
      if (at_ >= text_.size()) refuse("the end of a string");
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c < 0x20) refuse("no control character in a string");
      if (c == '\\')
        escape(out);
      else
        character(out, c);
    }
    return out;
  }
  /// One character of UTF-8: no overlong form, no surrogate, nothing past U+10FFFF.
  void character(std::string& out, unsigned char c) {
    const std::size_t n = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
    bool fits = n > 0 && at_ + n <= text_.size();
    for (std::size_t k = 1; fits && k < n; ++k)
      fits = (static_cast<unsigned char>(text_[at_ + k]) & 0xC0) == 0x80;
    const auto second = fits && n > 2 ? static_cast<unsigned char>(text_[at_ + 1]) : 0xA0;
    if ((c == 0xE0 && second < 0xA0) || (c == 0xED && second > 0x9F) || (c == 0xF0 && second < 0x90) ||
        (c == 0xF4 && second > 0x8F))
      fits = false;
    if (!fits) refuse("UTF-8");
    out += text_.substr(at_, n);
    at_ += n;
  }
  void escape(std::string& out) {
    ++at_;
    constexpr std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
    const std::size_t k = at_ < text_.size() ? from.find(text_[at_]) : std::string_view::npos;
    if (k != std::string_view::npos) {
      out += to[k];
      ++at_;
      return;
    }
    if (!take('u')) refuse("an escape");
    unsigned code = unit();
    if (code >= 0xD800 && code < 0xE000) {
      const bool pair = code < 0xDC00 && take('\\') && take('u');
      const unsigned low = pair ? unit() : 0;
      if (low < 0xDC00 || low > 0xDFFF) refuse("a pair of surrogates");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    const auto add = [&out](unsigned byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
      add(code);
    } else if (code < 0x800) {
      add(0xC0 | (code >> 6));
      add(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      add(0xE0 | (code >> 12));
      add(0x80 | ((code >> 6) & 0x3F));
      add(0x80 | (code & 0x3F));
    } else {
      add(0xF0 | (code >> 18));
      add(0x80 | ((code >> 12) & 0x3F));
      add(0x80 | ((code >> 6) & 0x3F));
      add(0x80 | (code & 0x3F));
    }
  }
  unsigned unit() {
    unsigned code = 0;
    for (int k = 0; k < 4; ++k, ++at_) {
      const char c = at_ < text_.size() ? text_[at_] : ' ';
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) refuse("four hexadecimal digits");
      code = code * 16 + static_cast<unsigned>(digit);
    }
    return code;
  }

  static constexpr std::size_t max_keys = 256;  // each is looked for among the others
  std::string_view text_;
  std::string where_;
  json_limits limits_;
  std::size_t at_ = 0, values_ = 0;
};

}  // namespace detail

/// Reads one JSON value. Throws io_error that begins with `where` and names line and column.
inline json_value parse_json(std::string_view text, const std::string& where = "JSON",
                             const json_limits& limits = {}) {
  return detail::json_reader(text, where, limits).read();
}

/// A string as JSON, in quotes.
inline std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr const char* hex = "0123456789abcdef";
      out += std::string("\\u00") + hex[c / 16] + hex[c % 16];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace tenon
