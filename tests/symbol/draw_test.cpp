// Drawings of plans: boxes and ops do not overlap, edges run through none of them, and all that is in the plan
// is in the picture.
#include <tenon/autodiff/branches.hpp>
#include <tenon/autodiff/remat.hpp>
#include <tenon/loss/cross_entropy.hpp>
#include <tenon/ops/joining.hpp>
#include <tenon/symbol/draw.hpp>

#include "../support.hpp"

#include <charconv>
#include <cmath>

using namespace tenon;
using test::contains;

namespace {

const variable<"x", float, "batch", 16> X;
const variable<"w1", float, 16, 16> W1;
const variable<"w2", float, 16, 16> W2;
const variable<"w3", float, 16, 16> W3;
const variable<"b", float, 16> B;
const variable<"v", float, 16, 4> V;
const variable<"y", int, "batch"> Y;

auto residual_loss() {
  const auto h1 = tanh(matmul(X, W1) + B) + X;
  const auto h2 = tanh(matmul(h1, W2) + B) + h1;
  const auto h3 = tanh(matmul(h2, W3) + B) + h2;
  return -mean(pick(log_softmax(matmul(h3, V)), Y));
}

struct point {
  double x, y;
};
using rectangle = detail::plan_drawing::rectangle;

/// The points along every stroked path of a drawing, below its title.
std::vector<std::vector<point>> paths_of(const std::string& svg) {
  std::vector<std::vector<point>> all_paths;
  for (std::size_t at = 0; (at = svg.find("<path d=\"M", at)) != std::string::npos; ++at) {
    const std::size_t end = svg.find('"', at + 9);
    if (svg.compare(end, 13, "\" fill=\"none\"") != 0) continue;
    const std::string d = svg.substr(at + 9, end - at - 9);
    std::vector<point> path;
    for (std::size_t k = 0; k < d.size();) {
      const char command = d[k++];
      double n[6]{};
      const int count = command == 'C' ? 6 : command == 'V' ? 1 : 2;
      for (int i = 0; i < count; ++i) {
        while (d[k] == ' ') ++k;
        const auto read = std::from_chars(d.data() + k, d.data() + d.size(), n[i]);
        REQUIRE(read.ec == std::errc());
        k = std::size_t(read.ptr - d.data());
      }
      const point from = path.empty() ? point{} : path.back();
      const point to = command == 'V'   ? point{from.x, n[0]}
                       : command == 'C' ? point{n[4], n[5]}
                                        : point{n[0], n[1]};
      for (int s = 1; s <= 40 && command != 'M'; ++s) {
        const double t = s / 40.0, u = 1 - t;
        if (command == 'C')
          path.push_back(
              {u * u * u * from.x + 3 * u * u * t * n[0] + 3 * u * t * t * n[2] + t * t * t * to.x,
               u * u * u * from.y + 3 * u * u * t * n[1] + 3 * u * t * t * n[3] + t * t * t * to.y});
        else
          path.push_back({u * from.x + t * to.x, u * from.y + t * to.y});
      }
      if (command == 'M') path.push_back(to);
    }
    all_paths.push_back(path);
  }
  return all_paths;
}
bool overlap(const rectangle& a, const rectangle& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
bool inside(const point& p, const rectangle& r, double by) {
  return p.x > r.left + by && p.x < r.right - by && p.y > r.top + by && p.y < r.bottom - by;
}
int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++n;
  return n;
}

template <class E, class... Options>
void check_drawing(const E& e, const Options&... options) {
  const detail::plan_report report = detail::report_behind(e, options...);
  const detail::diagram_writer writer(report);
  const detail::plan_drawing drawing(writer.d);
  const std::vector<rectangle> boxes = drawing.boxes(), items = drawing.items();
  int box_overlaps = 0, item_overlaps = 0, astray = 0, outside = 0;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) box_overlaps += overlap(boxes[i], boxes[j]);
    outside += boxes[i].left < 0 || boxes[i].top < 0 || boxes[i].right > drawing.width() ||
               boxes[i].bottom > drawing.height();
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) item_overlaps += overlap(items[i], items[j]);
    const rectangle& b = boxes[std::size_t(writer.d.items[i].box)];
    astray += items[i].left < b.left || items[i].right > b.right || items[i].top < b.top + 16 ||
              items[i].bottom > b.bottom;
  }
  CHECK(box_overlaps == 0);
  CHECK(item_overlaps == 0);
  CHECK(astray == 0);
  CHECK(outside == 0);
  const std::string svg = to_svg(e, options...);
  const auto paths = paths_of(svg);
  CHECK(paths.size() == writer.d.edges.size());
  int through_items = 0, through_boxes = 0, titles = 0, upward = 0;
  for (const auto& path : paths) {
    int passed = 0;
    for (std::size_t b = 0; b < boxes.size(); ++b) {
      bool in = false;
      for (const point& p : path) in = in || inside(p, boxes[b], 0.5);
      passed += in;
      const rectangle title{boxes[b].left + 10, boxes[b].top + 7, boxes[b].left + 60, boxes[b].top + 17};
      for (const point& p : path) titles += inside(p, title, 0);
    }
    through_boxes += passed > 2;
    for (const rectangle& r : items)
      for (const point& p : path) through_items += inside(p, r, 1);
    for (std::size_t k = 1; k < path.size(); ++k) upward += path[k].y < path[k - 1].y - 0.1;
  }
  CHECK(through_items == 0);
  CHECK(through_boxes == 0);
  CHECK(titles == 0);
  CHECK(upward == 0);
  // every op of the plan is there, and every box
  for (const auto& line : report.kernels)
    for (const std::string& op : line.cost.ops)
      CHECK(contains(svg, ">" + detail::xml_escape(op) + "</text>"));
  CHECK(count(svg, ">kernel ") >= report.outline->kernels());
  CHECK(count(svg, "<svg ") == 1);
  CHECK(count(svg, "<text ") == count(svg, "</text>"));
}

}  // namespace

TEST_CASE("nothing overlaps: one kernel, predictions, gradients of residual networks") {
  check_drawing(tanh(X));
  check_drawing(tanh(matmul(X, W1) + B));
  check_drawing(residual_loss());
  check_drawing(residual_loss(), mode::train);
  check_drawing(residual_loss(), mode::train, wrt<"w2">, extent_of<"batch"> = 32);
  check_drawing(matmul(X, W1) + B, mode::train);
  check_drawing(group(sum(X), X * 2_c, concat<0>(exp(X), X)));
}

TEST_CASE("names and shapes, in names or at sizes; gradients are called by their variables") {
  const std::string svg = to_svg(residual_loss(), mode::train);
  for (const char* part :
       {">w1</text>", ">[batch, 16]</text>", ">gradient of w3</text>", ">result</text>",
        ">kept for the gradient</text>", ">backward kernel</text>", ">once per binding</text>"})
    CHECK(contains(svg, part));
  CHECK(contains(to_svg(residual_loss(), extent_of<"batch"> = 32), ">[32, 16]</text>"));
  CHECK_FALSE(contains(to_svg(residual_loss()), "gradient of"));
  CHECK(contains(to_svg(sum(X, axis<1>)), ">sum&lt;1&gt;</text>"));
  CHECK(contains(to_svg(X * constant<3>), ">3</text>"));
  const auto a = ones<float>(2, 3);
  CHECK(contains(to_svg(exp(a)), ">[2, 3]</text>"));
  auto step = compile(value_and_grad([](const auto& x) { return sum(tanh(x) * x); }), spec<float, 8>{});
  CHECK(contains(to_svg(step), ">gradient of arg0</text>"));
}

TEST_CASE("loops: no box without ops, and none of a prediction is backward") {
  const auto check = [](const std::string& svg, const detail::plan_report& report, bool backward) {
    const detail::diagram_writer w(report);
    for (std::size_t b = 0; b < w.d.boxes.size(); ++b) {
      int items = 0;
      for (const auto& i : w.d.items) items += i.box == int(b);
      CHECK(items > 0);
    }
    CHECK(contains(svg, ">backward kernel</text>") == backward);
    if (!backward) CHECK_FALSE(contains(svg, ">kept for the gradient</text>"));
  };
  const auto e = sum(remat([](auto v) { return tanh(v) * v; })(X));
  check(to_svg(e), detail::report_behind(e), false);
  check(to_svg(e, mode::train), detail::report_behind(e, mode::train), true);
  CHECK(contains(to_svg(e), ">loop: 1 step</text>"));
  const variable<"xs", float, "t", 16> XS;
  const auto [last, all] = scan([](auto s, auto x) { return std::pair(tanh(s + x), s); }, B, XS);
  check(to_svg(group(sum(last), all)), detail::report_behind(group(sum(last), all)), false);
  check(to_svg(sum(all), mode::train), detail::report_behind(sum(all), mode::train), true);
}

TEST_CASE("DOT: a cluster for each kernel, quoted text, all edges") {
  const auto e = residual_loss();
  const std::string dot = to_dot(e, mode::train);
  const detail::plan_report report = detail::report_behind(e, mode::train);
  const detail::diagram_writer w(report);
  CHECK(count(dot, "subgraph cluster_") == int(w.d.boxes.size()));
  CHECK(count(dot, " -> ") == int(w.d.edges.size()));
  CHECK(count(dot, " [label=") == int(w.d.items.size()));
  CHECK(count(dot, "{") == count(dot, "}"));
  CHECK(count(dot, "\"") % 2 == 0);
  CHECK(detail::dot_quoted("a\"b\\c") == "\"a\\\"b\\\\c\"");
  CHECK(to_dot(tanh(X)) ==
        "digraph plan {\n"
        "  node [fontname=\"Helvetica\", fontsize=11, shape=box, style=\"rounded\"];\n"
        "  edge [color=\"#8291a7\"];\n"
        "  subgraph cluster_0 {\n"
        "    label=\"kernel 0\"; fontname=\"Helvetica\"; fontsize=10; style=\"rounded\"; color=\"#4f8fd9\";\n"
        "    n0 [label=\"tanh\\n[batch, 16]\"];\n"
        "    n1 [label=\"x\\n[batch, 16]\", shape=ellipse];\n"
        "    n2 [label=\"result\\n[batch, 16]\", shape=ellipse];\n"
        "  }\n"
        "  n1 -> n0;\n"
        "  n0 -> n2;\n"
        "}\n");
}
