// Arrays and tables as CSV text, which read_csv and spreadsheets read.
#pragma once

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/array/any_tensor.hpp"
#include "tenon/io/csv.hpp"

namespace tenon {

namespace detail {

/// A number in the fewest digits that give it again; bools as 0 and 1.
template <class T>
void append_csv_number(std::string& out, T v) {
  char text[64];
  if constexpr (std::is_same_v<T, bool>)
    out += v ? '1' : '0';
  else if constexpr (float_of_16_bits<T>)
    out.append(text, std::to_chars(text, text + sizeof text, static_cast<float>(v)).ptr);
  else
    out.append(text, std::to_chars(text, text + sizeof text, v).ptr);
}

/// A name, in quotes where it holds what ends a field or is at an end of it and blank.
inline void append_csv_name(std::string& out, std::string_view name, char delimiter) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  const bool plain = !name.empty() && !blank(name.front()) && !blank(name.back()) &&
                     name.find_first_of(std::string("\"\r\n") + delimiter) == name.npos;
  if (plain) {
    out += name;
    return;
  }
  out += '"';
  for (const char c : name) out.append(c == '"' ? 2 : 1, c);
  out += '"';
}

template <class T>
std::string csv_text(const T* numbers, index rows, index columns, const std::vector<std::string>& header,
                     char delimiter) {
  if (std::string_view("0123456789+-.eEinfa\"\r\n").find(delimiter) != std::string_view::npos)
    throw usage_error("format_csv: expected a delimiter such as ',', got " + in_quotes({&delimiter, 1}));
  if (!header.empty() && static_cast<index>(header.size()) != columns)
    throw usage_error("format_csv: expected " + std::to_string(columns) + " names in the header, got " +
                      std::to_string(header.size()));
  std::string out;
  for (std::size_t k = 0; k < header.size(); ++k) {
    if (k > 0) out += delimiter;
    append_csv_name(out, header[k], delimiter);
  }
  if (!header.empty()) out += '\n';
  for (index i = 0; i < rows; ++i) {
    for (index j = 0; j < columns; ++j) {
      if (j > 0) out += delimiter;
      append_csv_number(out, numbers[i * columns + j]);
    }
    out += '\n';
  }
  return out;
}

}  // namespace detail

/// A matrix as CSV text, [rows, columns] or [rows], with a line of names before it where there are any:
/// format_csv(x, {"height", "width"}). Numbers have the fewest digits that give them again; NaN and infinite
/// ones are written as nan and inf, which csv_options::allow_nan reads. shape_error for other ranks,
/// dtype_error for complex numbers, usage_error where the header does not fit the columns.
inline std::string format_csv(const any_tensor& x, const std::vector<std::string>& header = {},
                              char delimiter = ',') {
  if (x.rank() != 1 && x.rank() != 2)
    throw shape_error("format_csv: expected an array of 1 or 2 axes, got " + x.text());
  return detail::with_type(x.type(), [&]<class T>(T) -> std::string {
    if constexpr (complex_number<T>)
      throw dtype_error("format_csv: expected real numbers, got " + x.text());
    else
      return detail::csv_text(reinterpret_cast<const T*>(x.data()), x.extent(0),
                              x.rank() == 2 ? x.extent(1) : 1, header, delimiter);
  });
}
/// A table, as read_csv reads it, with its header.
inline std::string format_csv(const csv_table& table, char delimiter = ',') {
  if (table.values.size() != static_cast<std::size_t>(table.rows) * static_cast<std::size_t>(table.columns))
    throw shape_error("format_csv: expected a table of " + std::to_string(table.rows) + " x " +
                      std::to_string(table.columns) + " numbers, got " + std::to_string(table.values.size()));
  return detail::csv_text(table.values.data(), table.rows, table.columns, table.header, delimiter);
}

/// Writes a CSV file in one step: write_csv("x.csv", x, {"height", "width"}). Errors as those of format_csv
/// and write_file.
inline void write_csv(const std::string& path, const any_tensor& x,
                      const std::vector<std::string>& header = {}, char delimiter = ',') {
  write_file(path, format_csv(x, header, delimiter));
}
inline void write_csv(const std::string& path, const csv_table& table, char delimiter = ',') {
  write_file(path, format_csv(table, delimiter));
}

}  // namespace tenon
