// JSON read strictly: RFC 8259's grammar, and what hostile text does not get through.
#include <tenon/io/json.hpp>

#include <doctest/doctest.h>

#include <string>

using tenon::io_error;
using tenon::json_value;
using tenon::parse_json;

namespace {

std::string refused(const std::string& text, const tenon::json_limits& limits = {}) {
  try {
    (void)parse_json(text, "f.json", limits);
  } catch (const io_error& e) {
    return e.what();
  }
  return "";
}
bool refuses(const std::string& text) {
  const std::string line = refused(text);
  return line.rfind("f.json: ", 0) == 0 && line.find('\n') == std::string::npos;
}

/// A value as JSON again, members in order.
std::string written(const json_value& v) {
  switch (v.kind) {
    case json_value::null:
      return "null";
    case json_value::boolean:
      return v.truth ? "true" : "false";
    case json_value::number:
      return v.text;
    case json_value::string:
      return tenon::json_quoted(v.text);
    default:
      break;
  }
  std::string s = v.kind == json_value::array ? "[" : "{";
  for (std::size_t k = 0; k < v.items.size(); ++k)
    s += (k > 0 ? "," : "") + (v.kind == json_value::object ? tenon::json_quoted(v.keys[k]) + ":" : "") +
         written(v.items[k]);
  return s + (v.kind == json_value::array ? "]" : "}");
}

}  // namespace

TEST_CASE("values of every kind, and what was read is what was written") {
  for (const std::string text :
       {"null", "true", "false", "0", "-0", "12", "-1.5e-300", "1E+5", "\"\"", "\"a\\\"b\\\\c\"", "[]", "{}",
        "[1,2,[3,{\"a\":[null,true]}]]", "{\"a\":1,\"b\":{\"c\":\"d\"},\"\":\"\"}", "\"\\u0001\"",
        "\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\""}) {
    CAPTURE(text);
    CHECK(written(parse_json(text)) == text);
    CHECK(written(parse_json(" \t\r\n" + text + "\n ")) == text);
  }
  CHECK(parse_json("\"\\b\\f\\n\\r\\t\\/\\u0041\\u00e4\\u20AC\\ud83d\\ude00\"").text ==
        "\b\f\n\r\t/A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
  CHECK(parse_json("{ \"a\" : 7 }").find("a")->text == "7");
  CHECK(parse_json("{\"a\":7}").find("b") == nullptr);
}

TEST_CASE("integers are those that fit 64 bits, to the last digit") {
  tenon::index n = 0;
  CHECK(parse_json("9223372036854775807").is_integer(n));
  CHECK(n == 9223372036854775807);
  CHECK(parse_json("-9223372036854775808").is_integer(n));
  CHECK_FALSE(parse_json("9223372036854775808").is_integer(n));
  CHECK_FALSE(parse_json("1.0").is_integer(n));
  CHECK_FALSE(parse_json("1e3").is_integer(n));
  CHECK_FALSE(parse_json("\"1\"").is_integer(n));
}

TEST_CASE("what is no JSON") {
  for (const std::string text : {"",
                                 " ",
                                 "nul",
                                 "True",
                                 "nan",
                                 "Infinity",
                                 "+1",
                                 "01",
                                 "1.",
                                 ".5",
                                 "1e",
                                 "1e+",
                                 "-",
                                 "--1",
                                 "0x1",
                                 "[",
                                 "[1",
                                 "[1,",
                                 "[1,]",
                                 "[,1]",
                                 "[1 2]",
                                 "]",
                                 "{",
                                 "{\"a\"",
                                 "{\"a\":",
                                 "{\"a\":1",
                                 "{\"a\":1,",
                                 "{\"a\":1,}",
                                 "{a:1}",
                                 "{1:1}",
                                 "{\"a\" 1}",
                                 "{\"a\":1 \"b\":2}",
                                 "\"",
                                 "\"a",
                                 "\"\\",
                                 "\"\\x\"",
                                 "\"\\u12\"",
                                 "\"\\u12g4\"",
                                 "\"\\ud800\"",
                                 "\"\\udc00\"",
                                 "\"\\ud800\\u0041\"",
                                 "\"\\ud800x\"",
                                 "\"a\nb\"",
                                 "1 2",
                                 "[] []",
                                 "// c\n1",
                                 "/* c */1",
                                 "'a'",
                                 "\xEF\xBB\xBF"
                                 "1"}) {
    CAPTURE(text);
    CHECK(refuses(text));
  }
  CHECK(refuses(std::string("\"\0\"", 3)));
  CHECK(refuses(std::string("1\0", 2)));
}

TEST_CASE("text that is not UTF-8") {
  for (const std::string bytes :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE0\x80\x80", "\xE2\x82", "\xED\xA0\x80",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3\x28"}) {
    CHECK(refuses("\"" + bytes + "\""));
    CHECK(refuses("{\"" + bytes + "\":1}"));
  }
}

TEST_CASE("limits: depth, size, number of values, keys") {
  const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  CHECK(parse_json(nested(33)).items.size() == 1);
  CHECK(refused(nested(34)).find("at most 32 levels") != std::string::npos);
  CHECK(refuses(nested(1000000)));
  CHECK(refuses(std::string(1000000, '[')));
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  CHECK(refuses(objects));
  CHECK(refused("[1, 2, 3]", {8, 32, 100}).find("at most 8 bytes") != std::string::npos);
  CHECK(refused("[1, 2, 3]", {9, 32, 4}).empty());
  CHECK(refused("[1, 2, 3]", {9, 32, 3}).find("at most 3 values") != std::string::npos);
  CHECK(refused("{\"a\": 1, \"a\": 2}").find("each key once") != std::string::npos);
  CHECK(refused("{\"a\": 1, \"\\u0061\": 2}").find("each key once") != std::string::npos);
  std::string keys = "{";
  for (int i = 0; i < 300; ++i) keys += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":0";
  CHECK(refused(keys + "}").find("keys") != std::string::npos);
}

TEST_CASE("errors name line and column") {
  CHECK(refused("{\n  \"a\": [1,\n   oops]}") ==
        "f.json: line 3, column 4: expected a value, got \"oops]}\"");
  CHECK(refused("[1") == "f.json: line 1, column 3: expected \",\" or \"]\", got the end of the text");
}

TEST_CASE("every part of a text, and every text with one byte changed, is read or refused") {
  const std::string text =
      "{\"a\": [1, -2.5e3, \"x\\u00e4\\ud83d\\ude00\"], \"b\": {\"c\": null, \"d\": [true, false, {}]}}";
  for (std::size_t n = 0; n < text.size(); ++n) CHECK(refuses(text.substr(0, n)));
  int read = 0;
  for (std::size_t i = 0; i < text.size(); ++i)
    for (int c = 0; c < 256; ++c) {
      std::string changed = text;
      changed[i] = static_cast<char>(c);
      const std::string line = refused(changed);
      read += line.empty();
      if (!line.empty()) CHECK(line.rfind("f.json: ", 0) == 0);
    }
  CHECK(read > 256);  // characters of strings, and digits
}
