// docs/coverage.md: it is what its data give, and what it says is there is declared in the headers.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
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

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == text.npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// ---- the data ---------------------------------------------------------------------------------------------

struct entry {
  int line;
  std::string table, theirs, ours, note;
};

std::vector<entry> entries() {
  std::vector<entry> all;
  std::ifstream in(source_dir / "docs/coverage.tsv");
  REQUIRE(in);
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.starts_with("#")) continue;
    CAPTURE(number);
    CAPTURE(line);
    const auto fields = split(line, "\t");
    REQUIRE(fields.size() == 4);
    all.push_back({number, fields[0], fields[1], fields[2], fields[3]});
  }
  return all;
}

// ---- what the headers declare -----------------------------------------------------------------------------

/// The text without comments, preprocessor lines, and what stands in literals.
std::string bare(const std::string& text) {
  std::string r;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view here = std::string_view(text).substr(i);
    if (here.starts_with("//")) {
      i = std::min(text.find('\n', i), text.size());
    } else if (here.starts_with("/*")) {
      i = std::min(text.find("*/", i), text.size() - 2) + 2;
    } else if (text[i] == '#' && r.find_last_not_of(" \t") == r.rfind('\n')) {
      while (i < text.size() && text[i] != '\n') i += text[i] == '\\' ? 2 : 1;
    } else if (text[i] == '"' || (text[i] == '\'' && (i == 0 || !in_word(text[i - 1])))) {
      const char quote = text[i];
      for (++i; i < text.size() && text[i] != quote; ++i) i += text[i] == '\\';
      ++i;
      r += "0";
    } else {
      r += text[i++];
    }
  }
  return r;
}

/// What each namespace and class declares in public, such as tenon::optim or tenon::basic_tensor: without the
/// bodies of functions, and of parentheses only with the commas between parameters.
using declarations = std::map<std::string, std::string>;

struct scope {
  std::string name;  // empty: braces of something else
  bool hidden;       // whether what follows is private
};

/// What the braces after `head` open.
scope opened_scope(const std::string& head) {
  const auto name_after = [&](std::size_t at) {
    at = std::min(head.find_first_not_of(" \n", at), head.size());
    std::size_t end = at;
    while (end < head.size() && (in_word(head[end]) || head.compare(end, 2, "::") == 0))
      end += in_word(head[end]) ? 1 : 2;
    return head.substr(at, end - at);
  };
  int depth = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    depth += head[i] == '<' ? 1 : head[i] == '>' ? -1 : 0;
    if (depth != 0 || (i > 0 && in_word(head[i - 1]))) continue;
    for (const std::string_view kind : {"namespace ", "struct ", "class ", "union ", "enum class "})
      if (head.compare(i, kind.size(), kind) == 0) return {name_after(i + kind.size()), kind == "class "};
  }
  return {"", false};
}

void declare(declarations& to, const std::string& text) {
  std::vector<scope> scopes{{"", false}};
  std::string head;
  std::size_t parentheses = 0, bodies = 0;
  const auto end_head = [&](char end) {
    const std::size_t hides = std::max(head.find("private:") + 1, head.find("protected:") + 1);
    const std::size_t shows = head.find("public:") + 1;  // 0 where there is none
    if (hides != shows) scopes.back().hidden = hides > shows;
    if (!scopes.back().hidden) to[scopes.back().name] += head + end + '\n';
  };
  for (const char c : text) {
    if (bodies > 0) {
      bodies += c == '{' ? 1 : 0;
      bodies -= c == '}' ? 1 : 0;
    } else if (parentheses > 0) {
      parentheses += c == '(' ? 1 : 0;
      parentheses -= c == ')' ? 1 : 0;
      if ((c == ')' && parentheses == 0) || (c == ',' && parentheses == 1)) head += c;
    } else if (c == '{') {
      end_head(c);
      const scope opened = opened_scope(head);
      head.clear();
      if (opened.name.empty())
        bodies = 1;
      else
        scopes.push_back({(scopes.back().name.empty() ? "" : scopes.back().name + "::") + opened.name,
                          opened.hidden || scopes.back().hidden});
    } else if (c == ';' || c == '}') {
      end_head(c);
      head.clear();
      if (c == '}') scopes.pop_back();
      REQUIRE(!scopes.empty());
    } else {
      parentheses = c == '(' ? 1 : 0;
      head += c;
    }
  }
  REQUIRE(scopes.size() == 1);
}

declarations library() {
  declarations all;
  for (const auto& file : std::filesystem::recursive_directory_iterator(source_dir / "include/tenon")) {
    if (file.path().extension() != ".hpp") continue;
    CAPTURE(file.path());
    declare(all, bare(content(file.path())));
  }
  return all;
}

/// Whether a scope declares a function, type or variable of this name.
bool declares(const declarations& all, const std::string& place, const std::string& name) {
  const auto found = all.find(place);
  if (found == all.end()) return false;
  const std::string& text = found->second;
  for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at > 0 && in_word(text[at - 1])) || (end < text.size() && in_word(text[end]))) continue;
    const std::size_t before = at == 0 ? text.npos : text.find_last_not_of(" \n", at - 1);
    const std::size_t after = text.find_first_not_of(" \n", end);
    if (before == text.npos || after == text.npos) continue;
    const bool typed =
        in_word(text[before]) || std::string_view(">*&").find(text[before]) != std::string::npos;
    if (typed && std::string_view("({=;:").find(text[after]) != std::string::npos) return true;
  }
  return false;
}

/// Whether a scope declares an operator of so many parameters: "+" of 2 is operator+(a, b).
bool declares_operator(const declarations& all, const std::string& place, const std::string& op,
                       int parameters) {
  const auto found = all.find(place);
  const std::string commas(static_cast<std::size_t>(parameters - 1), ',');
  return found != all.end() && found->second.find("operator" + op + "(" + commas + ")") != std::string::npos;
}

// ---- claims -----------------------------------------------------------------------------------------------

/// What is claimed and not there, as a list of names; empty where all of it is.
std::string undeclared(const declarations& all, const std::string& claim) {
  std::string missing;
  int checked = 0;
  const auto check = [&](bool there, const std::string& what) {
    ++checked;
    if (!there) missing += (missing.empty() ? "" : ", ") + what;
  };

  static const std::set<std::string> elements{
      "bool",         "float",        "double",        "float16",       "bfloat16",
      "complex64",    "complex128",   "std::int8_t",   "std::int16_t",  "std::int32_t",
      "std::int64_t", "std::uint8_t", "std::uint16_t", "std::uint32_t", "std::uint64_t"};
  if (elements.count(claim) != 0) {  // a dtype
    static const std::string types = content(source_dir / "include/tenon/core/dtype.hpp");
    const bool there = types.find(", " + claim + ")\n") != std::string::npos;
    return there ? "" : "an element type " + claim;
  }

  // Names: what is called, has template arguments, is qualified, or is a member of an array.
  bool bare_name = true;
  for (std::size_t i = 0; i < claim.size();) {
    if (!in_word(claim[i])) {
      bare_name = bare_name && claim[i] == ':';
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < claim.size() && (in_word(claim[end]) || claim.compare(end, 2, "::") == 0))
      end += in_word(claim[end]) ? 1 : 2;
    const std::string name = claim.substr(i, end - i);
    const bool member = i > 0 && claim[i - 1] == '.', of_type = i > 2 && claim.compare(i - 3, 3, ">::") == 0;
    const bool used = end < claim.size() && (claim[end] == '(' || claim[end] == '<');
    if (std::isdigit(static_cast<unsigned char>(name[0])) != 0) {  // no name, but a number
    } else if (member || of_type) {
      // a tensor has its elements, and what is said of them, from a base
      check(
          declares(all, "tenon::basic_tensor", name) || declares(all, "tenon::detail::inside_elements", name),
          "a member " + name);
    } else if (const std::size_t colon = name.rfind("::"); colon != name.npos) {
      const std::string place = name.substr(0, colon);
      static const std::set<std::string> internal{"detail", "host", "math"};
      bool offered = true;
      for (const std::string& part : split(place, "::")) offered = offered && internal.count(part) == 0;
      check(offered && declares(all, "tenon::" + place, name.substr(colon + 2)), name);
    } else if (used) {
      check(declares(all, "tenon", name), name);
    }
    i = end;
  }
  if (checked == 0 && bare_name) check(declares(all, "tenon", claim), claim);

  // Operators: those between words, and those before the only one.
  static const std::set<std::string> assigning{"+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="};
  const auto in_operator = [](char c) {
    return std::string_view("+-*/%&|^<>=!").find(c) != std::string::npos;
  };
  for (const std::string& op : split(claim, " ")) {
    if (op == "=" || op.empty() || !std::all_of(op.begin(), op.end(), in_operator)) continue;
    if (assigning.count(op) != 0)
      check(declares_operator(all, "tenon::basic_tensor", op, 1), op);
    else
      check(declares_operator(all, "tenon", op, 2), op);
  }
  for (const std::string op : {"-", "!", "~"})
    if (claim.starts_with(op) || claim.find("(" + op) != std::string::npos)
      check(declares_operator(all, "tenon", op, 1), "unary " + op);
  if (claim.find("x[") != std::string::npos) {
    check(declares_operator(all, "tenon::basic_tensor", "[]", 1), "[]");
    if (claim.find("] = ") != std::string::npos)
      check(declares_operator(all, "tenon::basic_view", "=", 1), "= of a view");
  }
  if (checked == 0) return "nothing that could be looked for";
  return missing;
}

}  // namespace

TEST_CASE("coverage: the page is what the data give") {
  const auto fresh = std::filesystem::temp_directory_path() /
                     ("tenon_coverage_" + std::to_string(std::random_device()()) + ".md");
  const std::string command =
      "cmake \"-DPAGE=" + fresh.string() + "\" -P \"" + (source_dir / "cmake/coverage.cmake").string() + "\"";
  REQUIRE(std::system(command.c_str()) == 0);
  const std::string expected = content(fresh);
  std::filesystem::remove(fresh);
  const std::string page = content(source_dir / "docs/coverage.md");
  const bool current = page == expected;
  CHECK_MESSAGE(current, "docs/coverage.md is stale; write it with: cmake -P cmake/coverage.cmake");
}

TEST_CASE("coverage: every entry is whole and stands once") {
  std::set<std::pair<std::string, std::string>> seen;
  std::map<std::string, int> names;
  for (const entry& e : entries()) {
    CAPTURE(e.line);
    CAPTURE(e.theirs);
    CAPTURE(e.note);
    if (e.ours.empty()) {
      CHECK((e.note.starts_with("not yet: ") || e.note.starts_with("not wanted: ")));
    } else {
      CHECK((e.note.empty() || e.note.starts_with("differs: ")));
    }
    for (const std::string& name : split(e.theirs, ", ")) {
      CAPTURE(name);
      CHECK(!name.empty());
      CHECK(name.find_first_of(" |`") == name.npos);
      CHECK(seen.insert({e.table, name}).second);
      ++names[e.table];
    }
  }
  CHECK(names.size() == 3);
  CHECK(names["array-api"] >= 200);
  CHECK(names["numpy"] >= 100);
  CHECK(names["mxnet"] >= 300);
}

TEST_CASE("coverage: what is said to be there is declared") {
  const declarations all = library();
  int claims = 0;
  for (const entry& e : entries()) {
    if (e.ours.empty()) continue;
    for (const std::string& claim : split(e.ours, "; ")) {
      ++claims;
      CHECK_MESSAGE(undeclared(all, claim) == "",
                    "coverage.tsv:" << e.line << ": " << e.theirs << ": " << claim);
    }
  }
  CHECK(claims > 300);
}

TEST_CASE("coverage: a claim that does not hold is found out") {
  const declarations all = library();
  CHECK(undeclared(all, "no_such_function(x)") == "no_such_function");
  CHECK(undeclared(all, "sum(no_such_function<3>(x))") == "no_such_function");
  CHECK(undeclared(all, "x.no_such_member(1)") == "a member no_such_member");
  CHECK(undeclared(all, "x.no_such_member") == "a member no_such_member");
  CHECK(undeclared(all, "tensor<float, dyn>::no_such_member()") == "a member no_such_member");
  CHECK(undeclared(all, "optim::no_such_optimiser") == "optim::no_such_optimiser");
  CHECK(undeclared(all, "no_such_name") == "no_such_name");
  CHECK(undeclared(all, "xlogy") == "");
  CHECK(undeclared(all, "adam") == "adam");                      // optim::adam
  CHECK(undeclared(all, "is_nan(x)") == "is_nan");               // in tenon::math
  CHECK(undeclared(all, "each_line(x)") == "each_line");         // in tenon::detail
  CHECK(undeclared(all, "strides(x)") == "strides");             // a member
  CHECK(undeclared(all, "refuse(x)") == "refuse");               // a variable in a function
  CHECK(undeclared(all, "which(x)") == "which");                 // a parameter
  CHECK(undeclared(all, "x.measure(1)") == "a member measure");  // private
  CHECK(undeclared(all, "math::exp(x)") == "math::exp");
  CHECK(undeclared(all, "a ->* b") == "->*");
  CHECK(undeclared(all, "?") == "nothing that could be looked for");
}
