// Charts as SVG: ticks, escaping, gaps, legend and layout.
#include "tenon/io/svg.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace {

using strings = std::vector<std::string>;
using doubles = std::vector<double>;
constexpr double gap = std::numeric_limits<double>::quiet_NaN();

strings labels(double low, double high, int count, bool widen) {
  tenon::detail::svg_axis axis;
  axis.add(low);
  axis.add(high);
  axis.choose_ticks(count, widen);
  strings out;
  for (const double tick : axis.ticks()) out.push_back(axis.label(tick));
  return out;
}

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++n;
  return n;
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The d attributes of the paths.
strings paths(const std::string& svg) {
  strings out;
  for (std::size_t at = 0; (at = svg.find("<path d=\"", at)) != std::string::npos;) {
    at += 9;
    out.push_back(svg.substr(at, svg.find('"', at) - at));
  }
  return out;
}

}  // namespace

TEST_CASE("svg: ticks are multiples of 1, 2 or 5") {
  CHECK(labels(0, 10, 5, true) == strings{"0", "2", "4", "6", "8", "10"});
  CHECK(labels(0.03, 0.98, 4, true) == strings{"0", "0.5", "1.0"});
  CHECK(labels(0.1, 0.52, 5, true) == strings{"0.1", "0.2", "0.3", "0.4", "0.5", "0.6"});
  CHECK(labels(-7, 7, 5, true) == strings{"\u221210", "\u22125", "0", "5", "10"});
  CHECK(labels(0, 3, 7, false) == strings{"0", "1", "2", "3"});
  CHECK(labels(0.5, 3, 5, false) == strings{"0.5", "1.0", "1.5", "2.0", "2.5", "3.0"});
  CHECK(labels(1, 97, 5, false) == strings{"20", "40", "60", "80"});
  CHECK(labels(0, 3e7, 3, true) == strings{"0", "1e7", "2e7", "3e7"});
  CHECK(labels(0, 2e-6, 4, true) == strings{"0", "5e\u22127", "1.0e\u22126", "1.5e\u22126", "2.0e\u22126"});
}

TEST_CASE("svg: every range has a few ticks and ends within itself") {
  const doubles values = {0,
                          1,
                          -1,
                          1e-300,
                          1e-308,
                          4e-324,
                          1e15,
                          1e15 + 1,
                          1 + 1e-15,
                          1e290,
                          -1e290,
                          1e300,
                          gap,
                          1e-5,
                          123456,
                          0.1,
                          std::numeric_limits<double>::infinity()};
  for (const double a : values) {
    for (const double b : values) {
      for (const bool widen : {false, true}) {
        CAPTURE(a);
        CAPTURE(b);
        tenon::detail::svg_axis axis;
        axis.add(a);
        axis.add(b);
        axis.choose_ticks(5, widen);
        CHECK(axis.ticks().size() >= 1);
        CHECK(axis.ticks().size() <= 13);
        for (const double tick : axis.ticks()) {
          CHECK(std::isfinite(tick));
          CHECK(axis.place(tick) >= -1e-6);
          CHECK(axis.place(tick) <= 1 + 1e-6);
          CHECK(!axis.label(tick).empty());
        }
        for (const double value : {a, b}) {
          if (tenon::detail::svg_drawable(value)) CHECK(std::abs(axis.place(value) - 0.5) <= 0.5 + 1e-6);
        }
      }
    }
  }
}

TEST_CASE("svg: text is escaped") {
  CHECK(tenon::detail::xml_escape("a<b> & \"c\"") == "a&lt;b&gt; &amp; &quot;c&quot;");
  CHECK(tenon::detail::xml_escape("a\n\x1b") == "a  ");
  CHECK(tenon::detail::xml_escape("\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82") ==
        "\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82");
  const std::string bad = "\xEF\xBF\xBD";
  CHECK(tenon::detail::xml_escape("\xe4"
                                  "b") == bad + "b");
  CHECK(tenon::detail::xml_escape("\xc0\x80") == bad + bad);
  CHECK(tenon::detail::xml_escape("\xed\xa0\x80") == bad + bad + bad);
  CHECK(tenon::detail::xml_escape("\xe2\x82") == bad + bad);
  const std::string svg = tenon::svg_plot("<t>", "&x", "y\"").line("</text>", {1, 2}).str();
  CHECK(holds(svg, ">&lt;t&gt;</text>"));
  CHECK(holds(svg, ">&amp;x</text>"));
  CHECK(holds(svg, ">y&quot;</text>"));
  CHECK(holds(svg, ">&lt;/text&gt;</text>"));
  CHECK(!holds(svg, "<t>"));
}

TEST_CASE("svg: a line goes through its points") {
  tenon::svg_plot plot("");
  plot.line("", {0, 10}, {0, 1}).size(400, 300);
  const strings found = paths(plot.str());
  REQUIRE(found.size() == 1);
  // Left and right ends of the frame; the bottom is y = 0, the top y = 1.
  CHECK(found[0] == "M44.9 266L376 24");
}

TEST_CASE("svg: values that are not finite leave gaps, single points become dots") {
  const double inf = std::numeric_limits<double>::infinity();
  const strings found = paths(tenon::svg_plot("t").line("a", {1, 2, gap, 3, inf, 4, 5, 6, gap}).str());
  REQUIRE(found.size() == 2);
  CHECK(count(found[0], "M") == 3);
  CHECK(count(found[0], "L") == 3);
  CHECK(count(found[1], "M") == 1);
  CHECK(found[1].ends_with("h0"));
  CHECK(paths(tenon::svg_plot("t").line("a", {gap, gap}).str()).empty());
  CHECK(paths(tenon::svg_plot("t").line("a", {gap, 1}, {1, gap}).str()).empty());
  const std::string none = tenon::svg_plot("t").str();
  CHECK(none.ends_with("</svg>\n"));
  CHECK(!holds(none, "nan"));
  CHECK(!holds(none, "inf"));
}

TEST_CASE("svg: points on the same spot are drawn once") {
  const strings found = paths(tenon::svg_plot("t").line("a", doubles(5000, 1.0)).str());
  REQUIRE(found.size() == 1);
  CHECK(count(found[0], "L") < 5000);
  const strings still = paths(tenon::svg_plot("t").line("a", {1, 1, 1, 2}, {5, 5, 5, 6}).str());
  REQUIRE(still.size() == 1);
  CHECK(count(still[0], "L") == 1);
}

TEST_CASE("svg: the legend names the lines, colours differ, the eighth is dashed") {
  tenon::svg_plot plot("t");
  for (int i = 0; i < 8; ++i) plot.line("name" + std::to_string(i), {1, 2});
  plot.line("", {1, 2});
  const std::string svg = plot.str();
  for (int i = 0; i < 8; ++i) CHECK(count(svg, ">name" + std::to_string(i) + "</text>") == 1);
  CHECK(count(svg, "stroke=\"#0072B2\" stroke-width=\"2\"/>") == 2);
  CHECK(count(svg, "stroke=\"#0072B2\" stroke-width=\"2\" stroke-dasharray=\"7 4\"") == 2);
  CHECK(count(svg, "stroke=\"#D55E00\" stroke-width=\"2\"/>") == 2);
  CHECK(count(svg, "stroke=\"#D55E00\" stroke-width=\"2\" stroke-dasharray=\"7 4\"") == 1);
}

TEST_CASE("svg: several charts in one file") {
  std::vector<tenon::svg_plot> plots(3, tenon::svg_plot("t"));
  plots[1].size(300, 500);
  const std::string svg = tenon::svg_document(plots, 2);
  CHECK(holds(svg, "width=\"1280\" height=\"1000\" viewBox=\"0 0 1280 1000\""));
  CHECK(holds(svg, "translate(0 0)"));
  CHECK(holds(svg, "translate(640 0)"));
  CHECK(holds(svg, "translate(0 500)"));
  CHECK(holds(tenon::svg_document({plots[0]}, 5), "width=\"640\" height=\"400\""));
  CHECK(tenon::svg_document({plots[0]}) == plots[0].str());
}

TEST_CASE("svg: what makes no chart") {
  CHECK_THROWS_WITH_AS(tenon::svg_plot("t").line("a", {1, 2}, {1}),
                       "svg_plot::line: expected as many x as y, got 2 and 1", tenon::usage_error);
  CHECK_THROWS_WITH_AS(tenon::svg_plot("t").size(10, 400),
                       "svg_plot::size: expected 200 to 10000 pixels, got 10 x 400", tenon::usage_error);
  CHECK_THROWS_WITH_AS(tenon::svg_document({}),
                       "svg_document: expected at least one chart and one column, got 0 and 1",
                       tenon::usage_error);
  CHECK_THROWS_AS(tenon::svg_document({tenon::svg_plot("t")}, 0), tenon::usage_error);
}
