// Tables as text: columns as wide as their widest cell, long cells folded at spaces outside of brackets.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tenon/core/config.hpp"

namespace tenon::detail {

/// 1234567 as 1,234,567.
inline std::string with_commas(index n) {
  std::string s = std::to_string(n);
  const std::size_t sign = n < 0 ? 1 : 0;
  for (std::size_t k = s.size(); k > sign + 3; k -= 3) s.insert(k - 3, ",");
  return s;
}

class text_table {
 public:
  struct column {
    std::string head;
    bool right = false;
    std::size_t fold = 0;  // 0: a cell is one line
  };
  explicit text_table(std::vector<column> columns) : columns_(std::move(columns)) {}

  void row(std::vector<std::string> cells) { rows_.push_back({std::move(cells), {}, false}); }
  /// A line of its own between rows.
  void heading(std::string text) { rows_.push_back({{}, std::move(text), false}); }
  void rule() { rows_.push_back({{}, {}, true}); }

  std::string str() const {
    std::vector<std::size_t> width(columns_.size());
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      width[c] = characters(columns_[c].head);
      for (const line& r : rows_)
        if (c < r.cells.size())
          for (const std::string& part : folded(r.cells[c], columns_[c].fold))
            if (characters(part) > width[c]) width[c] = characters(part);
    }
    std::size_t total = 0;
    for (const std::size_t w : width) total += w + 2;
    std::string out;
    std::vector<std::string> heads;
    for (const column& c : columns_) heads.push_back(c.head);
    write(out, heads, width);
    const std::string dashes = std::string(total - 2, '-') + "\n";
    out += dashes;
    for (const line& r : rows_)
      if (r.rule)
        out += dashes;
      else if (r.cells.empty())
        out += r.heading + "\n";
      else
        write(out, r.cells, width);
    return out;
  }

 private:
  struct line {
    std::vector<std::string> cells;
    std::string heading;
    bool rule;
  };
  static std::size_t characters(const std::string& s) {
    std::size_t n = 0;
    for (const char c : s) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return n;
  }
  static std::vector<std::string> folded(const std::string& text, std::size_t most) {
    if (most == 0 || text.size() <= most) return {text};
    std::vector<std::string> out;
    std::string now;
    for (std::size_t from = 0; from <= text.size();) {
      std::size_t to = from;
      for (int open = 0; to < text.size() && (open > 0 || text[to] != ' '); ++to)
        open += text[to] == '[' || text[to] == '(' ? 1 : text[to] == ']' || text[to] == ')' ? -1 : 0;
      const std::string word = text.substr(from, to - from);
      if (!now.empty() && now.size() + 1 + word.size() > most) {
        out.push_back(now);
        now.clear();
      }
      now += (now.empty() ? "" : " ") + word;
      from = to + 1;
    }
    out.push_back(now);
    return out;
  }
  void write(std::string& out, const std::vector<std::string>& cells,
             const std::vector<std::size_t>& width) const {
    std::vector<std::vector<std::string>> parts;
    std::size_t lines = 1;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      parts.push_back(folded(c < cells.size() ? cells[c] : "", columns_[c].fold));
      if (parts.back().size() > lines) lines = parts.back().size();
    }
    for (std::size_t l = 0; l < lines; ++l) {
      std::string text;
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        const std::string part = l < parts[c].size() ? parts[c][l] : "";
        const std::string space(width[c] - characters(part), ' ');
        text += (c > 0 ? "  " : "") + (columns_[c].right ? space + part : part + space);
      }
      text.erase(text.find_last_not_of(' ') + 1);
      out += text + "\n";
    }
  }

  std::vector<column> columns_;
  std::vector<line> rows_;
};

}  // namespace tenon::detail
