// Arrays as text: equal to NumPy's, whose texts numpy_text.txt holds (numpy_text.py makes it).
#include "tenon/io/format.hpp"

#include <tenon/array/random.hpp>
#include <tenon/nn/parameter.hpp>
#include <tenon/ops/constant.hpp>
#include <tenon/symbol/variable.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "../support.hpp"

namespace {

using tenon::dyn;
using tenon::print_options;
using tenon::tensor;
using test::thrown;

/// Puts the process's options back.
struct options_kept {
  print_options before = tenon::get_print_options();
  ~options_kept() { tenon::set_print_options(before); }
};

struct numpy_case {
  std::string head, function, dtype, text;
  std::vector<tenon::index> shape;
  print_options options;
  std::vector<std::string> elements;  // "0x1p+0"
};

std::vector<std::string> split(const std::string& line, char at) {
  std::vector<std::string> parts;
  std::istringstream in(line);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

void set_option(print_options& options, const std::string& name, const std::string& value) {
  if (name == "precision")
    options.precision = std::stoi(value);
  else if (name == "threshold")
    options.threshold = std::stoll(value);
  else if (name == "edge_items")
    options.edge_items = std::stoll(value);
  else if (name == "line_width")
    options.line_width = std::stoll(value);
  else if (name == "suppress")
    options.suppress = value == "1";
  else if (name == "sign")
    options.sign = value == "space" ? ' ' : value[0];
  else if (name == "nan")
    options.nan = value;
  else if (name == "inf")
    options.inf = value;
  else
    FAIL("an unknown option: " << name);
}

std::vector<numpy_case> numpy_cases() {
  std::ifstream in(TENON_SOURCE_DIR "/tests/io/numpy_text.txt");
  REQUIRE(in);
  std::vector<numpy_case> cases;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("#")) continue;
    if (line.starts_with("|")) {
      std::string& text = cases.back().text;
      text += (text.empty() ? "" : "\n") + line.substr(1);
      continue;
    }
    REQUIRE(line.starts_with("case "));
    numpy_case c;
    c.head = line;
    const auto words = split(line, ' ');
    c.function = words[1];
    c.dtype = words[2];
    if (words[3] != "-")
      for (const std::string& extent : split(words[3], 'x')) c.shape.push_back(std::stoll(extent));
    for (std::size_t i = 4; i < words.size(); ++i)
      set_option(c.options, words[i].substr(0, words[i].find('=')), words[i].substr(words[i].find('=') + 1));
    std::getline(in, line);
    for (const std::string& word : split(line, ' ')) {
      const auto times = word.find('*'), colon = word.find(':');
      if (colon != std::string::npos)
        for (int i = std::stoi(word); i < std::stoi(word.substr(colon + 1)); ++i)
          c.elements.push_back(std::to_string(i));
      else
        c.elements.insert(c.elements.end(),
                          times == std::string::npos ? 1 : std::stoul(word.substr(times + 1)),
                          word.substr(0, times));
    }
    cases.push_back(c);
  }
  return cases;
}

template <class T, class... D>
std::string text_of_rank(const numpy_case& c) {
  using array = tenon::basic_tensor<T, tenon::shape<D...>>;
  std::array<tenon::index, sizeof...(D)> extents{};
  for (std::size_t k = 0; k < sizeof...(D); ++k) extents[k] = c.shape[k];
  auto x = array::uninitialised(extents);
  REQUIRE(x.size() == static_cast<tenon::index>(c.elements.size()));
  T* to = x.own();
  for (const std::string& word : c.elements) {
    if constexpr (std::is_floating_point_v<T>)
      *to++ = static_cast<T>(std::strtod(word.c_str(), nullptr));
    else
      *to++ = static_cast<T>(std::stoll(word));
  }
  if (c.function == "array2string") return tenon::to_string(x, c.options);
  const options_kept kept;
  tenon::set_print_options(c.options);
  return tenon::to_string(x);
}

template <class T>
std::string text_of(const numpy_case& c) {
  using d = tenon::dyn_size;
  switch (c.shape.size()) {
    case 0:
      return text_of_rank<T>(c);
    case 1:
      return text_of_rank<T, d>(c);
    case 2:
      return text_of_rank<T, d, d>(c);
    case 3:
      return text_of_rank<T, d, d, d>(c);
    default:
      return text_of_rank<T, d, d, d, d>(c);
  }
}

}  // namespace

TEST_CASE("to_string: the texts of NumPy") {
  const auto cases = numpy_cases();
  CHECK(cases.size() >= 300);
  for (const numpy_case& c : cases) {
    CAPTURE(c.head);
    const std::string text = c.dtype == "bool"      ? text_of<bool>(c)
                             : c.dtype == "int32"   ? text_of<std::int32_t>(c)
                             : c.dtype == "int64"   ? text_of<std::int64_t>(c)
                             : c.dtype == "float32" ? text_of<float>(c)
                                                    : text_of<double>(c);
    CHECK(text == c.text);
  }
}

TEST_CASE("to_string: views, parameters and lazy expressions") {
  tensor<float, 2, 3> a{{1, 2, 3}, {4, 5, 6.5f}};
  CHECK(tenon::to_string(a) == "[[1.  2.  3. ]\n [4.  5.  6.5]]");
  CHECK(tenon::to_string(a[1]) == "[4.  5.  6.5]");
  CHECK(tenon::to_string(a.slice(tenon::all, tenon::range(2, 0, -1))) == "[[3.  2. ]\n [6.5 5. ]]");
  CHECK(tenon::to_string(a.slice(1, 2)) == "6.5");
  CHECK(tenon::to_string(a * 2.f - 1.f) == "[[ 1.  3.  5.]\n [ 7.  9. 12.]]");
  CHECK(tenon::to_string(a < 3.f) == "[[ True  True False]\n [False False False]]");
  CHECK(tenon::to_string(tenon::transpose(a)) == "[[1.  4. ]\n [2.  5. ]\n [3.  6.5]]");
  const auto lazy = tenon::sum(a);
  CHECK(tenon::to_string(lazy) == "21.5");
  CHECK(tenon::to_string(lazy, {}) == "21.5");
  CHECK(tenon::to_string(lazy, {.precision = 0}) == "22.");
  CHECK(tenon::to_string(tenon::parameter<double, "n">(tensor<double, dyn>{0.1, 0.25})) == "[0.1  0.25]");
  tensor<float, dyn> b{1, 2};
  const tensor<float, dyn> gone = std::move(b);
  CHECK(gone.size() == 2);
  CHECK_THROWS_AS(tenon::to_string(b), tenon::usage_error);
}

TEST_CASE("to_string: what can be printed") {
  static_assert(tenon::printable<tensor<bool, 2>>);
  static_assert(tenon::printable<const tensor<float, "batch", dyn>&>);
  static_assert(!tenon::printable<float>);
  static_assert(!tenon::printable<std::string>);
  tenon::variable<"x", float, 3> x;
  static_assert(!tenon::printable<decltype(x)>);
  static_assert(!tenon::printable<decltype(x * 2.f)>);
  static_assert(!tenon::printable<decltype(x * tensor<float, 3>())>);
  static_assert(!tenon::printable<decltype(tenon::constant<2>)>);
  static_assert(tenon::printable<decltype(tenon::constant<2> * tensor<float, 3>())>);
}

TEST_CASE("operator<<: a text is one word of the stream") {
  std::ostringstream out;
  out << tensor<int, 3>{1, -2, 3} << ' ' << tensor<float>(0.1f) << ' ' << tensor<bool>(true);
  CHECK(out.str() == "[ 1 -2  3] 0.1 True");
  std::ostringstream of_expression;
  const tensor<int, 2> x{1, 2};
  of_expression << x + x << '\n' << x[0];
  CHECK(of_expression.str() == "[2 4]\n1");
}

TEST_CASE("print_options: those of the process") {
  const options_kept kept;
  const tensor<double, 2> thirds{1 / 3., -2 / 3.};
  CHECK(tenon::get_print_options().precision == 8);
  tenon::set_print_options({.precision = 3, .sign = '+'});
  CHECK(tenon::to_string(thirds) == "[+0.333 -0.667]");
  CHECK(tenon::to_string(thirds, {.precision = 1}) == "[ 0.3 -0.7]");
  CHECK(tenon::to_string(tensor<double>(1 / 3.)) == "0.3333333333333333");
  std::string elsewhere;
  std::thread([&] { elsewhere = tenon::to_string(thirds); }).join();
  CHECK(elsewhere == "[+0.333 -0.667]");
}

TEST_CASE("print_options: threads may set them while others print") {
  const options_kept kept;
  const tensor<double, 1> third{1 / 3.};
  std::vector<std::thread> threads;
  std::array<int, 4> wrong{};
  for (int k = 0; k < 4; ++k)
    threads.emplace_back([&, k] {
      for (int i = 0; i < 200; ++i) {
        tenon::set_print_options({.precision = 2 + k % 2, .nan = "a text too long to be held in place"});
        const std::string text = tenon::to_string(third);
        wrong[std::size_t(k)] += text != "[0.33]" && text != "[0.333]";
      }
    });
  for (std::thread& t : threads) t.join();
  CHECK(wrong == std::array<int, 4>{});
}

TEST_CASE("print_options: what is refused") {
  const options_kept kept;
  const tensor<double, 2> x{1, 2};
  const auto refused = [&](const print_options& options) {
    const auto text = thrown<tenon::usage_error>([&] { tenon::to_string(x, options); });
    CHECK(thrown<tenon::usage_error>([&] { tenon::set_print_options(options); }) == text);
    return text;
  };
  CHECK(refused({.precision = -1}) == "print_options: expected precision >= 0, got -1");
  CHECK(refused({.threshold = -2}) == "print_options: expected threshold >= 0, got -2");
  CHECK(refused({.edge_items = 0}) == "print_options: expected edge_items >= 1, got 0");
  CHECK(refused({.sign = '*'}) == "print_options: expected the sign '-', '+' or ' ', got '*'");
  CHECK(tenon::to_string(x) == "[1. 2.]");
  constexpr auto most = std::numeric_limits<tenon::index>::max();
  CHECK(tenon::to_string(x, {.threshold = 0, .edge_items = most, .line_width = most}) == "[1. 2.]");
  constexpr auto least = std::numeric_limits<tenon::index>::min();
  CHECK(tenon::to_string(x, {.line_width = least}) == "[1.\n 2.]");
}

#if defined(__cpp_lib_format)
TEST_CASE("std::format: a precision, or the options of the process") {
  const options_kept kept;
  const tensor<double, 2> thirds{1 / 3., -2 / 3.};
  CHECK(std::format("{:.3}", thirds) == "[ 0.333 -0.667]");
  CHECK(std::format("{} {:.0}.", thirds, thirds + 1.) == "[ 0.33333333 -0.66666667] [1. 0.].");
  CHECK(std::format("{} {:.2}", tenon::sum(thirds), tensor<float>(0.125f)) == "-0.3333333333333333 0.12");
  tenon::set_print_options({.sign = '+'});
  CHECK(std::format("{0:.1}", thirds) == "[+0.3 -0.7]");
  for (const char* spec : {"{:3}", "{:.}", "{:.3f}", "{:.-1}", "{:.99999999999999999999}"})
    CHECK_THROWS_AS((void)std::vformat(spec, std::make_format_args(thirds)), std::format_error);
}
#endif
