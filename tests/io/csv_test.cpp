// CSV text: what is read, and the exact line of each error.
#include "tenon/io/csv.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

namespace {

using tenon::csv_header;
using tenon::csv_options;
using tenon::csv_table;
using tenon::parse_csv;
using doubles = std::vector<double>;
using strings = std::vector<std::string>;

std::string error_of(std::string_view text, const csv_options& options = {}) {
  try {
    parse_csv(text, "spam.csv", options);
  } catch (const tenon::io_error& e) {
    return e.what();
  }
  return "no error";
}

csv_options with_header(csv_header header) {
  csv_options options;
  options.header = header;
  return options;
}

csv_options with_delimiter(char delimiter) {
  csv_options options;
  options.delimiter = delimiter;
  return options;
}

csv_options missing_allowed() {
  csv_options options;
  options.allow_missing = true;
  return options;
}

csv_options nan_allowed() {
  csv_options options;
  options.allow_nan = true;
  return options;
}

}  // namespace

TEST_CASE("csv: numbers are read row by row") {
  const csv_table table = parse_csv("1,2.5,-3\n+4,5e2,-6.25E-1\n", "t");
  CHECK(table.rows == 2);
  CHECK(table.columns == 3);
  CHECK(table.header.empty());
  CHECK(table.values == doubles{1, 2.5, -3, 4, 500, -0.625});
  CHECK(table.at(1, 2) == -0.625);
  CHECK(table.at(0, 1) == 2.5);
}

TEST_CASE("csv: an index outside the table is an error") {
  const csv_table table = parse_csv("1,2\n", "t");
  CHECK_THROWS_WITH_AS(table.at(0, 2), "csv_table::at: expected an index in a table of 1 x 2, got (0, 2)",
                       tenon::index_error);
  CHECK_THROWS_AS(table.at(-1, 0), tenon::index_error);
  CHECK_THROWS_AS(table.at(1, 0), tenon::index_error);
}

TEST_CASE("csv: line ends, byte order mark, blank lines and spaces do not matter") {
  const doubles expected{1, 2, 3, 4};
  for (const char* text :
       {"1,2\n3,4", "1,2\n3,4\n", "1,2\r\n3,4\r\n", "1,2\r3,4\r",
        "\xef\xbb\xbf"
        "1,2\n3,4\n",
        "1,2\n3,4\n\n\r\n  \n", "\n \n1,2\n3,4", " 1 ,\t2\n3  , 4\t\n", "\"1\",\" 2 \"\n3,\"4\"\n"}) {
    CAPTURE(text);
    const csv_table table = parse_csv(text, "t");
    CHECK(table.values == expected);
    CHECK(table.rows == 2);
    CHECK(table.columns == 2);
  }
}

TEST_CASE("csv: a header is detected, demanded or denied") {
  const csv_table table = parse_csv("a, b ,\"c, \"\"d\"\"\ne\"\n1,2,3\n", "t");
  CHECK(table.header == strings{"a", "b", "c, \"d\"\ne"});
  CHECK(table.values == doubles{1, 2, 3});
  CHECK(table.rows == 1);
  CHECK(parse_csv(",a\n1,2", "t").header == strings{"", "a"});
  CHECK(parse_csv("a,b\n", "t").rows == 0);
  CHECK(parse_csv("a,b\n", "t").columns == 2);

  const csv_table years = parse_csv("2020,2021\n1,2\n", "t", with_header(csv_header::present));
  CHECK(years.header == strings{"2020", "2021"});
  CHECK(years.values == doubles{1, 2});
  CHECK(error_of("a,b\n1,2\n", with_header(csv_header::none)) ==
        "spam.csv:1:1: expected a number, got \"a\"");
  // One number among the names is more likely a broken row than a header.
  CHECK(error_of("1,x\n1,2\n") == "spam.csv:1:2: expected a number, got \"x\"");
}

TEST_CASE("csv: other delimiters") {
  CHECK(parse_csv("1;2\n3;4\n", "t", with_delimiter(';')).values == doubles{1, 2, 3, 4});
  CHECK(parse_csv("1\t2\n 3\t4\n", "t", with_delimiter('\t')).values == doubles{1, 2, 3, 4});
  CHECK(parse_csv("1 2\n3 4\n", "t", with_delimiter(' ')).values == doubles{1, 2, 3, 4});
  CHECK(error_of("1,5;2\n3;4\n", with_delimiter(';')) == "spam.csv:1:1: expected a number, got \"1,5\"");
  for (const char d : {'e', '.', '-', '+', '3', '"', '\n', '\r', 'N'}) {
    CHECK_THROWS_AS(parse_csv("1\n", "t", with_delimiter(d)), tenon::usage_error);
  }
  CHECK_THROWS_WITH_AS(parse_csv("1\n", "t", with_delimiter('.')),
                       "csv_options: expected a delimiter such as ',', got \".\"", tenon::usage_error);
}

TEST_CASE("csv: missing numbers") {
  CHECK(error_of("1,2\n3,\n") == "spam.csv:2:2: expected a number, got an empty field");
  CHECK(error_of("1,2\n,3") == "spam.csv:2:1: expected a number, got an empty field");
  CHECK(error_of("1,2\n3, \"\"") == "spam.csv:2:2: expected a number, got an empty field");
  const csv_table table = parse_csv(",2\n3,", "t", missing_allowed());
  REQUIRE(table.values.size() == 4);
  CHECK(std::isnan(table.values[0]));
  CHECK(table.values[1] == 2);
  CHECK(table.values[2] == 3);
  CHECK(std::isnan(table.values[3]));
  const csv_table single = parse_csv("1\n\n3\n\n", "t", missing_allowed());
  CHECK(single.rows == 3);
  REQUIRE(single.values.size() == 3);
  CHECK(std::isnan(single.values[1]));
  CHECK(error_of("1,2\n3,nan\n", missing_allowed()) == "spam.csv:2:2: expected a finite number, got \"nan\"");
}

TEST_CASE("csv: nan and inf need leave") {
  CHECK(error_of("1,2\n1,2\n1,nan\n") == "spam.csv:3:2: expected a finite number, got \"nan\"");
  CHECK(error_of("1,-INF\n") == "spam.csv:1:2: expected a finite number, got \"-INF\"");
  const csv_table table = parse_csv("nan,inf,-inf\n", "t", nan_allowed());
  CHECK(std::isnan(table.at(0, 0)));
  CHECK(table.at(0, 1) == std::numeric_limits<double>::infinity());
  CHECK(table.at(0, 2) == -std::numeric_limits<double>::infinity());
}

TEST_CASE("csv: numbers at the ends of the range of double") {
  CHECK(error_of("0\n1e999\n") ==
        "spam.csv:2:1: expected a number within the range of double, got \"1e999\"");
  CHECK(error_of("0\n-1e99999999999999999999\n") ==
        "spam.csv:2:1: expected a number within the range of double, got \"-1e99999999999999999999\"");
  CHECK(error_of("1e999\n") == "spam.csv:1:1: expected a number within the range of double, got \"1e999\"");
  CHECK(error_of("1" + std::string(400, '0') + "\n", nan_allowed())
            .starts_with("spam.csv:1:1: expected a number within"));
  CHECK(error_of("0\n1" + std::string(400, '0') + "e-20\n") ==
        "spam.csv:2:1: expected a number within the range of double, got \"1" + std::string(39, '0') +
            "...\"");
  const std::string tiny = "1e-999,-0." + std::string(400, '0') + "1,1e-99999999999999999999,+1e-400\n";
  const csv_table table = parse_csv(tiny, "t");
  CHECK(table.values == doubles{0, 0, 0, 0});
  CHECK(std::signbit(table.values[1]));
  CHECK(parse_csv("4.9e-324,1.7976931348623157e308", "t").values ==
        doubles{std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max()});
}

TEST_CASE("csv: what is no number") {
  CHECK(error_of("1,2,3,4,5\n1,2,3,4,abc\n") == "spam.csv:2:5: expected a number, got \"abc\"");
  CHECK(error_of("1\n1.2.3\n") == "spam.csv:2:1: expected a number, got \"1.2.3\"");
  for (const char* text :
       {"0\n++1", "0\n+-1", "0\n-+1", "0\n0x10", "0\n1 2", "0\n1e", "0\n+", "0\n-", "0\n1_0"}) {
    CAPTURE(text);
    CHECK(error_of(text).starts_with("spam.csv:2:1: expected a number, got \""));
  }
  CHECK(error_of(std::string("0\n1\0", 4)) == "spam.csv:2:1: expected a number, got \"1?\"");
  CHECK(error_of("0\n\"a\nb\"") == "spam.csv:2:1: expected a number, got \"a?b\"");
}

TEST_CASE("csv: rows of another length") {
  const std::string row58 = [] {
    std::string row = "1";
    for (int i = 1; i < 58; ++i) row += ",1";
    return row;
  }();
  std::string text;
  for (int i = 0; i < 17; ++i) text += row58 + "\n";
  CHECK(error_of(text + row58.substr(2) + "\n") == "spam.csv:18: expected 58 columns, got 57");
  CHECK(error_of(text + row58 + ",x,y\n") == "spam.csv:18: expected 58 columns, got 60");
  CHECK(error_of("1\n2,3\n") == "spam.csv:2: expected 1 column, got 2");
  CHECK(error_of("a,b\n1\n") == "spam.csv:2: expected 2 columns, got 1");
  CHECK(error_of("1,2\n\n\n3,4\n") == "spam.csv:2: expected 2 columns, got an empty line");
  CHECK(error_of("1\n \n2\n") == "spam.csv:2: expected 1 column, got an empty line");
}

TEST_CASE("csv: quotes, and places after line ends inside them") {
  CHECK(error_of("\"a\nb\r\nc\",d\n1,2\n3,x\n") == "spam.csv:5:2: expected a number, got \"x\"");
  CHECK(error_of("1,2\n\"3\n\",x\n") == "spam.csv:3:2: expected a number, got \"x\"");
  CHECK(error_of("1,2\n3,\"4\n\n") == "spam.csv:2:2: expected a closing quote, got the end of the file");
  CHECK(error_of("1,2\n3,\"4\" 5\n") ==
        "spam.csv:2:2: expected the field to end after its closing quote, got \"5\"");
}

TEST_CASE("csv: files that are no table") {
  for (const char* text : {"", "\n", " \r\n\n", "\xef\xbb\xbf"}) {
    CHECK(error_of(text) == "spam.csv: the file is empty");
  }
  CHECK(error_of("\x1f\x8b\x08") ==
        "spam.csv: expected text, got gzip data (read_csv_gz in tenon/io/gzip.hpp reads it)");
  CHECK(error_of("\xff\xfe"
                 "1") == "spam.csv: expected UTF-8 text, got UTF-16");
}

TEST_CASE("csv: files") {
  const std::string path = "tenon_csv_test.csv";
  tenon::write_file(path, "x,y\n1,2\n");
  CHECK(tenon::read_csv(path).values == doubles{1, 2});
  tenon::write_file(path, "1,2\n3\n");
  CHECK_THROWS_WITH_AS(tenon::read_csv(path), "tenon_csv_test.csv:2: expected 2 columns, got 1",
                       tenon::io_error);
  std::remove(path.c_str());
  CHECK_THROWS_AS(tenon::read_csv(path), tenon::io_error);
}

TEST_CASE("csv: changed text is read or refused, never more") {
  const std::string seed = "a,\"b \"\"c\"\n\",d\r\n1,-2.5e3,+3\r\n\"4\",5,nan\n,1e999,0\n";
  const std::string alphabet = ",\"\n\r 1-+.en\t\xff";
  std::uint64_t state = 1;
  const auto random = [&](std::size_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>(state >> 33) % n;
  };
  int read = 0;
  int refused = 0;
  for (int i = 0; i < 8000; ++i) {
    std::string text = seed;
    for (std::size_t n = random(5) + 1; n > 0 && !text.empty(); --n) {
      const std::size_t at = random(text.size());
      const char c = alphabet[random(alphabet.size())];
      switch (random(4)) {
        case 0:
          text[at] = c;
          break;
        case 1:
          text.insert(at, 1, c);
          break;
        case 2:
          text.erase(at, random(6) + 1);
          break;
        default:
          text.resize(at);
          break;
      }
    }
    csv_options options;
    options.allow_missing = random(2) == 0;
    options.allow_nan = random(2) == 0;
    options.header = static_cast<csv_header>(random(3));
    try {
      const csv_table table = parse_csv(text, "t", options);
      CHECK(static_cast<std::size_t>(table.rows * table.columns) == table.values.size());
      CHECK((table.header.empty() || table.header.size() == static_cast<std::size_t>(table.columns)));
      ++read;
    } catch (const tenon::io_error& e) {
      CHECK(std::string_view(e.what()).find('\n') == std::string_view::npos);
      ++refused;
    }
  }
  CHECK(read > 100);
  CHECK(refused > 100);
}
