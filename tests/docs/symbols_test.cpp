// docs/symbols.md: each test that its table names is there, and uses what stands beside it.
#include <doctest/doctest.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

const std::filesystem::path source_dir = TENON_SOURCE_DIR;

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE_MESSAGE(in, path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct row {
  std::string theirs, ours, tests;
};

/// The columns of a line of a table; a bar inside of code does not end one.
std::vector<std::string> columns(const std::string& line) {
  std::vector<std::string> r;
  std::string column;
  bool code = false;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '`') code = !code;
    if (line[i] == '|' && !code) {
      r.push_back(column);
      column.clear();
    } else {
      column += line[i];
    }
  }
  return r;
}

std::vector<row> rows() {
  std::vector<row> r;
  std::istringstream page(content(source_dir / "docs/symbols.md"));
  bool table = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("| MXNet |")) table = true;
    if (!table || !line.starts_with("| ") || line.starts_with("| MXNet |")) continue;
    CAPTURE(line);
    const auto c = columns(line);
    REQUIRE(c.size() == 3);
    r.push_back({c[0], c[1], c[2]});
  }
  return r;
}

/// What stands in backticks.
std::vector<std::string> code_in(const std::string& text) {
  std::vector<std::string> r;
  for (std::size_t i = text.find('`'); i != text.npos; i = text.find('`', i + 1)) {
    const std::size_t end = text.find('`', i + 1);
    REQUIRE(end != text.npos);
    r.push_back(text.substr(i + 1, end - i - 1));
    i = end;
  }
  return r;
}

/// The names of three and more letters in code, literals apart.
std::set<std::string> names_in(const std::string& code) {
  std::set<std::string> r;
  std::string word;
  bool literal = false;
  for (const char c : code + ' ') {
    if (c == '"') literal = !literal;
    if (!literal && (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_')) {
      word += c;
    } else {
      if (word.size() >= 3 && std::isdigit(static_cast<unsigned char>(word[0])) == 0) r.insert(word);
      word.clear();
    }
  }
  return r;
}

}  // namespace

TEST_CASE("each entry has a test that uses it, or a reason why it is not here") {
  const auto all_rows = rows();
  CHECK(all_rows.size() >= 60);
  std::set<std::string> seen;
  for (const row& r : all_rows) {
    CAPTURE(r.theirs);
    CHECK(seen.insert(r.theirs).second);
    if (r.ours.starts_with(" not here: ")) {
      CHECK(code_in(r.tests).empty());
      continue;
    }
    std::set<std::string> used;
    for (const std::string& test : code_in(r.tests)) {
      const auto file = source_dir / "tests" / (test + ".cpp");
      REQUIRE_MESSAGE(std::filesystem::exists(file), test);
      used.merge(names_in(content(file)));
    }
    REQUIRE_FALSE(used.empty());
    const auto code = code_in(r.ours);
    CHECK_FALSE(code.empty());
    for (const std::string& span : code)
      for (const std::string& name : names_in(span)) CHECK_MESSAGE(used.count(name) == 1, name);
  }
}
