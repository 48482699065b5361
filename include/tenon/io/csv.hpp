// Tables of numbers from CSV text, strict about what is in them: an error names file, line and field.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
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

/// A table of numbers, row by row.
struct csv_table {
  index rows = 0;
  index columns = 0;
  /// One name per column, or none where the text has no header.
  std::vector<std::string> header;
  /// rows * columns numbers, row-major.
  std::vector<double> values;

  /// One number, both indices from 0; index_error outside the table.
  double at(index r, index c) const {
    if (r < 0 || r >= rows || c < 0 || c >= columns) {
      throw index_error("csv_table::at: expected an index in a table of " + std::to_string(rows) + " x " +
                        std::to_string(columns) + ", got (" + std::to_string(r) + ", " + std::to_string(c) +
                        ")");
    }
    return values[static_cast<std::size_t>(r * columns + c)];
  }
};

/// Whether the first row holds names. `detect` says so where the row has text and not one number.
enum class csv_header { detect, none, present };

/// How to read CSV text.
struct csv_options {
  csv_header header = csv_header::detect;
  /// Between fields; usage_error for a character that a number, a quote or a line end may hold.
  char delimiter = ',';
  /// An empty field becomes NaN instead of an error.
  bool allow_missing = false;
  /// Fields that say nan or inf are numbers instead of errors.
  bool allow_nan = false;
  /// Words that stand for 0, 1, 2, ...: the names of classes, say.
  std::vector<std::string> words = {};
};

namespace detail {

/// Reads one text once, front to back. Numbers take the fast way; quotes, gaps and errors the slow one.
class csv_reader {
 public:
  csv_reader(std::string_view text, const std::string& name, const csv_options& options)
      : at_(text.data()), end_(text.data() + text.size()), name_(name), options_(options) {
    const char d = options.delimiter;
    if ((d >= '0' && d <= '9') || (d >= 'a' && d <= 'z') || (d >= 'A' && d <= 'Z') || d == '.' || d == '+' ||
        d == '-' || d == '"' || d == '\n' || d == '\r') {
      throw usage_error("csv_options: expected a delimiter such as ',', got " + in_quotes({&d, 1}));
    }
    if (text.starts_with("\x1f\x8b")) {
      fail("expected text, got gzip data (read_csv_gz in tenon/io/gzip.hpp reads it)");
    }
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) fail("expected UTF-8 text, got UTF-16");
    if (text.starts_with("\xef\xbb\xbf")) at_ += 3;
  }

  csv_table read() {
    skip_blank_lines();
    if (at_ == end_) fail("the file is empty");
    read_first_row();
    for (;;) {
      const index first_blank = line_;
      const index blanks = skip_blank_lines();
      if (at_ == end_) break;
      if (blanks > 0) take_blank_lines(first_blank, blanks);
      read_row();
    }
    return std::move(table_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw_io(name_ + ": " + what); }
  [[noreturn]] void fail(index line, const std::string& what) const {
    throw_io(name_ + ":" + std::to_string(line) + ": " + what);
  }
  [[noreturn]] void fail(index line, index field, const std::string& what) const {
    throw_io(name_ + ":" + std::to_string(line) + ":" + std::to_string(field) + ": " + what);
  }

  bool is_space(char c) const { return (c == ' ' || c == '\t') && c != options_.delimiter; }
  bool ends_field(const char* p) const {
    return p == end_ || *p == options_.delimiter || *p == '\n' || *p == '\r';
  }
  const char* skip_spaces(const char* p) const {
    while (p != end_ && is_space(*p)) ++p;
    return p;
  }

  /// Steps over a line end, "\n", "\r\n" or "\r", that is at p.
  const char* take_line_end(const char* p) {
    ++line_;
    return *p == '\r' && p + 1 != end_ && p[1] == '\n' ? p + 2 : p + 1;
  }

  index skip_blank_lines() {
    index count = 0;
    for (;;) {
      const char* p = skip_spaces(at_);
      if (p == end_) at_ = p;
      if (p == end_ || (*p != '\n' && *p != '\r')) return count;
      at_ = take_line_end(p);
      ++count;
    }
  }

  void take_blank_lines(index first, index count) {
    if (table_.columns != 1 || !options_.allow_missing) {
      fail(first, "expected " + columns_text() + ", got an empty line");
    }
    const double missing = std::numeric_limits<double>::quiet_NaN();
    table_.values.insert(table_.values.end(), static_cast<std::size_t>(count), missing);
    table_.rows += count;
  }

  std::string columns_text() const {
    return std::to_string(table_.columns) + (table_.columns == 1 ? " column" : " columns");
  }

  void read_first_row() {
    std::vector<std::string> cells;
    std::vector<index> lines;
    bool text = false;
    bool numbers = false;
    do {
      lines.push_back(line_);
      cells.emplace_back(next_field(static_cast<index>(cells.size()) + 1));
      double ignored = 0;
      const bool number = to_number(trim(cells.back()), ignored) != outcome::not_a_number;
      numbers = numbers || number;
      text = text || (!number && !trim(cells.back()).empty());
    } while (end_field());
    table_.columns = static_cast<index>(cells.size());
    if (options_.header == csv_header::present ||
        (options_.header == csv_header::detect && text && !numbers)) {
      table_.header = std::move(cells);
      return;
    }
    for (std::size_t c = 0; c < cells.size(); ++c) {
      table_.values.push_back(checked_number(cells[c], lines[c], static_cast<index>(c) + 1));
    }
    table_.rows = 1;
  }

  void read_row() {
    const index line = line_;
    index fields = 0;
    do {
      ++fields;
      if (fields > table_.columns) {
        next_field(fields);  // only counted
        continue;
      }
      double value = 0;
      if (!fast_number(value)) {
        const index field_line = line_;
        value = checked_number(next_field(fields), field_line, fields);
      }
      table_.values.push_back(value);
    } while (end_field());
    if (fields != table_.columns) {
      fail(line, "expected " + columns_text() + ", got " + std::to_string(fields));
    }
    ++table_.rows;
  }

  /// A plain finite number that fills the field; else false, and nothing is consumed.
  bool fast_number(double& value) {
    const char* p = skip_spaces(at_);
    if (p != end_ && *p == '+' && p + 1 != end_ && p[1] != '-') ++p;
    const auto [stop, status] = std::from_chars(p, end_, value);
    if (status != std::errc() || !std::isfinite(value)) return false;
    p = skip_spaces(stop);
    if (!ends_field(p)) return false;
    at_ = p;
    return true;
  }

  /// Any field, up to its delimiter or line end, without quotes; valid until the next call.
  std::string_view next_field(index field) {
    const char* first = skip_spaces(at_);
    if (first != end_ && *first == '"') return quoted_field(first, field);
    at_ = first;
    while (!ends_field(at_)) ++at_;
    return trim({first, static_cast<std::size_t>(at_ - first)});
  }

  std::string_view quoted_field(const char* p, index field) {
    const index line = line_;
    unquoted_.clear();
    for (++p;;) {
      if (p == end_) fail(line, field, "expected a closing quote, got the end of the file");
      if (*p == '"') {
        if (++p == end_ || *p != '"') break;
      } else if (*p == '\n' || *p == '\r') {
        const char* after = take_line_end(p);
        while (p != after) unquoted_ += *p++;
        continue;
      }
      unquoted_ += *p++;
    }
    p = skip_spaces(p);
    if (!ends_field(p)) {
      const char* stop = p;
      while (!ends_field(stop)) ++stop;
      fail(line, field,
           "expected the field to end after its closing quote, got " +
               in_quotes({p, static_cast<std::size_t>(stop - p)}));
    }
    at_ = p;
    return unquoted_;
  }

  /// Consumes what ended a field; true where another field follows on the line.
  bool end_field() {
    if (at_ == end_) return false;
    if (*at_ == options_.delimiter) {
      ++at_;
      return true;
    }
    at_ = take_line_end(at_);
    return false;
  }

  static std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
  }

  enum class outcome { number, too_large, not_a_number };

  static outcome to_number(std::string_view text, double& value) {
    const bool plus = text.size() > 1 && text[0] == '+' && text[1] != '-';
    const char* first = text.data() + (plus ? 1 : 0);
    const char* last = text.data() + text.size();
    const auto [stop, status] = std::from_chars(first, last, value);
    if (stop != last || status == std::errc::invalid_argument) return outcome::not_a_number;
    if (status == std::errc()) return outcome::number;
    if (magnitude({first, static_cast<std::size_t>(last - first)}) > 0) return outcome::too_large;
    value = *first == '-' ? -0.0 : 0.0;  // too small to tell from zero
    return outcome::number;
  }

  /// The power of ten just above a decimal number: "123" has 3, "0.001" has -2, "1e9" has 10.
  static long long magnitude(std::string_view text) {
    const std::size_t e = text.find_first_of("eE");
    long long power = 0;
    if (e != std::string_view::npos) {
      const bool plus = text[e + 1] == '+';
      const auto read = std::from_chars(text.data() + e + (plus ? 2 : 1), text.data() + text.size(), power);
      if (read.ec != std::errc() || power > (1LL << 40) || power < -(1LL << 40)) {
        power = text[e + 1] == '-' ? -(1LL << 40) : 1LL << 40;
      }
    }
    const std::string_view digits = text.substr(0, e);
    const std::size_t leading = digits.find_first_of("123456789");
    const std::size_t point = std::min(digits.find('.'), digits.size());
    if (leading == std::string_view::npos) return power;
    return power + static_cast<long long>(point) - static_cast<long long>(leading) +
           (leading > point ? 1 : 0);
  }

  double checked_number(std::string_view cell, index line, index field) const {
    const std::string_view text = trim(cell);
    if (text.empty()) {
      if (!options_.allow_missing) fail(line, field, "expected a number, got an empty field");
      return std::numeric_limits<double>::quiet_NaN();
    }
    double value = 0;
    const outcome result = to_number(text, value);
    if (result == outcome::not_a_number) {
      for (std::size_t i = 0; i < options_.words.size(); ++i)
        if (text == options_.words[i]) return static_cast<double>(i);
    }
    if (result == outcome::not_a_number) fail(line, field, "expected a number, got " + in_quotes(text));
    if (result == outcome::too_large) {
      fail(line, field, "expected a number within the range of double, got " + in_quotes(text));
    }
    if (!std::isfinite(value) && !options_.allow_nan) {
      fail(line, field, "expected a finite number, got " + in_quotes(text));
    }
    return value;
  }

  const char* at_;
  const char* end_;
  const std::string& name_;
  const csv_options& options_;
  index line_ = 1;
  std::string unquoted_;
  csv_table table_;
};

}  // namespace detail

/// Reads CSV text (RFC 4180; also "\r" and spaces around fields). `name` stands for it in an io_error, as in
/// `spam.csv:17:5: expected a number, got "abc"`: line and field, from 1. Blank lines may only lead or trail.
inline csv_table parse_csv(std::string_view text, const std::string& name, const csv_options& options = {}) {
  return detail::csv_reader(text, name, options).read();
}

/// Reads a CSV file; errors as those of read_file and parse_csv.
inline csv_table read_csv(const std::string& path, const csv_options& options = {}) {
  return parse_csv(read_file(path), path, options);
}

}  // namespace tenon
