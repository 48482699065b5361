// Pictures of plans: to_svg, which needs no installed program, and to_dot for Graphviz.
#pragma once

#include "tenon/symbol/diagram.hpp"
#include "tenon/symbol/layout.hpp"

namespace tenon {
namespace detail {

/// A drawing in two levels, so that no box can overlap another and no edge runs through one: ops are laid out
/// in each kernel, then kernels as nodes with ports at their borders.
class plan_drawing {
 public:
  explicit plan_drawing(const diagram& d) : d_(d), inside_(d.boxes.size()), place_(d.items.size()) {
    for (const diagram::item& i : d.items) sizes_.push_back(size_of_item(i));
    for (int pass = 0; pass < 3; ++pass) {  // from the second on, ports are in the order of what they join
      for (std::size_t b = 0; b < d.boxes.size(); ++b) lay_out_box(b, pass > 0);
      lay_out_boxes();
    }
  }

  std::string svg(const std::string& title) const;

  // for tests: no two boxes and no two items overlap
  struct rectangle {
    double left, top, right, bottom;
  };
  std::vector<rectangle> boxes() const {
    std::vector<rectangle> r;
    for (const inner& b : inside_) r.push_back({b.x, b.y, b.x + b.width, b.y + b.height});
    return r;
  }
  std::vector<rectangle> items() const {
    std::vector<rectangle> r;
    for (std::size_t i = 0; i < place_.size(); ++i) {
      const inner& b = inside_[std::size_t(d_.items[i].box)];
      r.push_back({b.x + place_[i].x - sizes_[i].width / 2, b.y + place_[i].y,
                   b.x + place_[i].x + sizes_[i].width / 2, b.y + place_[i].y + sizes_[i].height});
    }
    return r;
  }
  double width() const { return width_; }
  double height() const { return height_; }

 private:
  static constexpr double name_size = 13, shape_size = 11, head_size = 11.5;
  static constexpr double padding = 14, head = 22, margin = 20, legend = 34, gap = 28;
  using points = std::vector<layered_layout::passage>;

  struct size {
    double width, height;
  };
  struct spot {
    double x = 0, y = 0;  // centre and top, in its box
  };
  struct port {
    int item;                                    // outside the box (in), or inside (out)
    double x = 0;                                // in the box
    std::vector<std::pair<int, points>> routes;  // in: for each edge, what it passes to its item; out: one
  };
  struct inner {
    double x = 0, y = 0, width = 0, height = 0;
    std::vector<port> in, out;
  };
  struct outer {
    std::size_t from_box, from_port, to_box, to_port;
    points route;
  };

  static size size_of_item(const diagram::item& i) {
    const double name = 1.1 * svg_text_width(i.name, name_size),  // it is bold
        shape = svg_text_width(i.shape, shape_size);
    if (i.what == diagram::kind::number) return {std::max(26.0, name + 16), 24};
    return {std::max({46.0, name + 22, shape + 18}), i.shape.empty() ? 26.0 : 40.0};
  }
  double enters(int item, int operand, int operands) const {
    const double step = std::min(18.0, 0.6 * sizes_[std::size_t(item)].width / std::max(1, operands));
    return (operand - (operands - 1) / 2.0) * step;
  }
  bool crosses(const diagram::edge& e) const {
    return d_.items[std::size_t(e.from)].box != d_.items[std::size_t(e.to)].box;
  }
  void lay_out_box(std::size_t b, bool again) {
    layered_layout l(16, gap);
    std::vector<int> node(d_.items.size(), -1);
    for (std::size_t i = 0; i < d_.items.size(); ++i)
      if (std::size_t(d_.items[i].box) == b) node[i] = l.add(sizes_[i].width, sizes_[i].height);
    inner& box = inside_[b];
    std::vector<port> in, out;
    std::vector<int> in_node, out_node, out_edge, edge_of(d_.edges.size(), -1);
    const auto nan = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t k = 0; k < d_.edges.size(); ++k) {
      const diagram::edge& e = d_.edges[k];
      const bool leaves = node[std::size_t(e.from)] >= 0, enters_here = node[std::size_t(e.to)] >= 0;
      if (!leaves && !enters_here) continue;
      const double in_at = enters(e.to, e.operand, e.operands);
      if (leaves && enters_here) {
        edge_of[k] = l.link(node[std::size_t(e.from)], node[std::size_t(e.to)], 0, in_at);
      } else if (enters_here) {
        std::size_t q = 0;
        while (q < in.size() && in[q].item != e.from) ++q;
        if (q == in.size()) {
          in.push_back({e.from, 0, {}});
          in_node.push_back(l.add(8, 0, layered_layout::pin::top, again ? arrives_at(e.from, b) : nan));
        }
        in[q].routes.emplace_back(int(k), points{});
        edge_of[k] = l.link(in_node[q], node[std::size_t(e.to)], 0, in_at);
      } else {
        std::size_t q = 0;
        while (q < out.size() && out[q].item != e.from) ++q;
        if (q == out.size()) {
          out.push_back({e.from, 0, {}});
          out_node.push_back(l.add(8, 0, layered_layout::pin::bottom, again ? leaves_at(e.from) : nan));
          out_edge.push_back(l.link(node[std::size_t(e.from)], out_node.back()));
        }
      }
    }
    l.run();
    // values come in right of the title, and the room for ports is not needed in full
    const double title = svg_text_width(d_.boxes[b].name, head_size) + 20;
    double shift = padding;
    for (const int n : in_node) shift = std::max(shift, title - l.x(n));
    box.width = std::max(l.width() + shift + padding, title + 4);
    if (in.empty()) shift = (box.width - l.width()) / 2;
    const double top = in.empty() ? head + 4 : head - 10;
    box.height = top + l.height() + (out.empty() ? padding : -gap / 2);
    const auto moved = [&](points r) {
      for (layered_layout::passage& p : r) p = {p.x + shift, p.top + top, p.bottom + top};
      return r;
    };
    for (std::size_t i = 0; i < d_.items.size(); ++i)
      if (node[i] >= 0) place_[i] = {l.x(node[i]) + shift, l.top(node[i]) + top};
    for (std::size_t q = 0; q < in.size(); ++q) {
      in[q].x = l.x(in_node[q]) + shift;
      for (auto& [k, route] : in[q].routes) route = moved(l.route(edge_of[std::size_t(k)]));
    }
    for (std::size_t q = 0; q < out.size(); ++q) {
      out[q].x = l.x(out_node[q]) + shift;
      out[q].routes.emplace_back(-1, moved(l.route(out_edge[q])));
    }
    for (std::size_t k = 0; k < d_.edges.size(); ++k)
      if (edge_of[k] >= 0 && !crosses(d_.edges[k])) {
        within_.resize(d_.edges.size());
        within_[k] = moved(l.route(edge_of[k]));
      }
    box.in = std::move(in);
    box.out = std::move(out);
  }
  /// Where a value from outside comes down to box b, and where one goes on average, in the last layout.
  double arrives_at(int item, std::size_t b) const {
    for (const outer& o : outer_)
      if (o.to_box == b && inside_[o.from_box].out[o.from_port].item == item)
        return o.route[o.route.size() - 2].x;
    return 0;
  }
  double leaves_at(int item) const {
    double sum = 0;
    int n = 0;
    for (const outer& o : outer_) {
      if (inside_[o.from_box].out[o.from_port].item != item) continue;
      sum += o.route[1].x;
      ++n;
    }
    return n > 0 ? sum / n : 0;
  }

  void lay_out_boxes() {
    layered_layout l(26, 38);
    for (const inner& b : inside_) l.add(b.width, b.height);
    outer_.clear();
    std::vector<int> link;
    for (std::size_t b = 0; b < inside_.size(); ++b)
      for (std::size_t q = 0; q < inside_[b].in.size(); ++q) {
        const port& in = inside_[b].in[q];
        const auto from = std::size_t(d_.items[std::size_t(in.item)].box);
        std::size_t o = 0;
        while (inside_[from].out[o].item != in.item) ++o;
        outer_.push_back({from, o, b, q, {}});
        link.push_back(l.link(int(from), int(b), inside_[from].out[o].x - inside_[from].width / 2,
                              in.x - inside_[b].width / 2));
      }
    l.run();
    for (std::size_t b = 0; b < inside_.size(); ++b) {
      inside_[b].x = margin + l.x(int(b)) - inside_[b].width / 2;
      inside_[b].y = margin + l.top(int(b));
    }
    for (std::size_t e = 0; e < outer_.size(); ++e) {
      outer_[e].route = l.route(link[e]);
      for (layered_layout::passage& p : outer_[e].route)
        p = {p.x + margin, p.top + margin, p.bottom + margin};
    }
    height_ = l.height() + 2 * margin + legend;
    double right = 0;
    (void)legend_line(right);
    width_ = std::max(l.width() + 2 * margin, right);
  }

  // ---- SVG ------------------------------------------------------------------------------------------------

  struct pen {
    std::string path;
    double x = 0, y = 0;
    static std::string number(double v) { return svg_number(v); }
    void straight(double to_y) {
      if (to_y > y) path += "V" + number(to_y);
      y = to_y;
    }
    /// To (to_x, to_y), leaving and arriving straight down.
    void curve(double to_x, double to_y) {
      const double half = (y + to_y) / 2;
      if (std::fabs(to_x - x) < 0.5)
        path += "L" + number(to_x) + " " + number(to_y);
      else
        path += "C" + number(x) + " " + number(half) + " " + number(to_x) + " " + number(half) + " " +
                number(to_x) + " " + number(to_y);
      x = to_x;
      y = to_y;
    }
    /// Along a route, from its passage `first` on; the first of all begins the path.
    void through(const points& route, double dx, double dy, std::size_t first) {
      for (std::size_t k = first; k < route.size(); ++k) {
        const double to_x = route[k].x + dx, to_y = route[k].top + dy;
        if (path.empty()) {
          path = "M" + number(to_x) + " " + number(to_y);
          x = to_x;
          y = to_y;
        } else {
          curve(to_x, to_y);
        }
        straight(route[k].bottom + dy);
      }
    }
  };

  static std::string text(double x, double y, double font, const char* fill, const char* more,
                          const std::string& content) {
    return "<text x=\"" + svg_number(x) + "\" y=\"" + svg_number(y) + "\" font-size=\"" + svg_number(font) +
           "\" fill=\"" + fill + "\"" + more + ">" + xml_escape(content) + "</text>\n";
  }
  static std::string rectangle_at(double x, double y, double w, double h, double radius,
                                  const std::string& style) {
    return "<rect x=\"" + svg_number(x) + "\" y=\"" + svg_number(y) + "\" width=\"" + svg_number(w) +
           "\" height=\"" + svg_number(h) + "\" rx=\"" + svg_number(radius) + "\" " + style + "/>\n";
  }

  struct colours {
    const char *fill, *stroke, *ink, *faint;
  };
  static colours colours_of(diagram::kind what) {
    switch (what) {
      case diagram::kind::argument:
        return {"#dbeafe", "#60a5fa", "#1e3a8a", "#3b5998"};
      case diagram::kind::parameter:
        return {"#ede9fe", "#a78bfa", "#4c1d95", "#6d4fb0"};
      case diagram::kind::result:
        return {"#dcfce7", "#4ade80", "#14532d", "#2f7a4d"};
      case diagram::kind::number:
        return {"#eef2f7", "#a3b1c4", "#334155", "#64748b"};
      default:
        return {"#fbfdff", "#8494aa", "#0f172a", "#56657a"};
    }
  }
  static const char* stroke_of(diagram::stage when) {
    return when == diagram::stage::backward ? "#e0912f"
           : when == diagram::stage::once   ? "#94a3b8"
                                            : "#4f8fd9";
  }

  std::string edges() const {
    std::string out;
    const auto draw = [&](const pen& p, bool saved, bool stored) {
      const char* const colour = saved ? "#a855f7" : "#8291a7";
      out += "<path d=\"" + p.path + "\" fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"" +
             (stored ? "1.8" : "1.3") + "\"/>\n";
      out += "<path d=\"M" + svg_number(p.x - 3.6) + " " + svg_number(p.y - 7) + "L" + svg_number(p.x) + " " +
             svg_number(p.y) + "L" + svg_number(p.x + 3.6) + " " + svg_number(p.y - 7) + "Z\" fill=\"" +
             colour + "\"/>\n";
    };
    for (std::size_t k = 0; k < d_.edges.size(); ++k) {
      if (crosses(d_.edges[k])) continue;
      const inner& b = inside_[std::size_t(d_.items[std::size_t(d_.edges[k].from)].box)];
      pen p;
      p.through(within_[k], b.x, b.y, 0);
      draw(p, false, false);
    }
    for (const outer& o : outer_) {
      const inner &a = inside_[o.from_box], &b = inside_[o.to_box];
      const port& leaves = a.out[o.from_port];
      const bool saved = d_.boxes[o.from_box].when != diagram::stage::backward &&
                         d_.boxes[o.to_box].when == diagram::stage::backward;
      for (const auto& [unused, route] : b.in[o.to_port].routes) {
        pen p;
        points out_of_box = leaves.routes[0].second;
        out_of_box.pop_back();  // its port, which is at the border
        p.through(out_of_box, a.x, a.y, 0);
        p.curve(a.x + leaves.x, a.y + a.height);
        p.straight(o.route[0].bottom);
        p.through(o.route, 0, 0, 1);
        p.straight(b.y + head - 4);  // past the title
        p.through(route, b.x, b.y, 1);
        draw(p, saved, true);
      }
    }
    return out;
  }

  std::string item(std::size_t i) const {
    const diagram::item& t = d_.items[i];
    const inner& b = inside_[std::size_t(t.box)];
    const double x = b.x + place_[i].x, y = b.y + place_[i].y, w = sizes_[i].width, h = sizes_[i].height;
    const colours c = colours_of(t.what);
    const bool pill = t.what != diagram::kind::op && t.what != diagram::kind::view;
    std::string style = std::string("fill=\"") + c.fill + "\" stroke=\"" + c.stroke + "\" stroke-width=\"" +
                        (t.stored ? "1.8" : "1.1") + "\"";
    if (t.what == diagram::kind::view) style += " stroke-dasharray=\"4 3\"";
    std::string out = rectangle_at(x - w / 2, y, w, h, pill ? h / 2.2 : 6, style);
    const char* const middle = " text-anchor=\"middle\"";
    const bool two = !t.shape.empty();
    out += text(x, y + (two ? 17 : h / 2 + 4.5), name_size, c.ink,
                " text-anchor=\"middle\" font-weight=\"600\"", t.name);
    if (two) out += text(x, y + 32, shape_size, c.faint, middle, t.shape);
    return out;
  }

  /// The line at the bottom that says what colours mean; its right end goes to `x`.
  std::string legend_line(double& x) const {
    const double y = height_ - legend + 8;
    x = margin;
    std::string out;
    const auto label = [&](const char* what) {
      out += text(x, y + 4, 11, "#7b8798", "", what);
      x += svg_text_width(what, 11) + 18;
    };
    bool once = false, backward = false, saved = false;
    for (const diagram::box& b : d_.boxes) {
      once = once || b.when == diagram::stage::once;
      backward = backward || b.when == diagram::stage::backward;
    }
    for (const outer& o : outer_)
      saved = saved || (d_.boxes[o.from_box].when != diagram::stage::backward &&
                        d_.boxes[o.to_box].when == diagram::stage::backward);
    const auto key = [&](diagram::stage when, const char* what) {
      out += rectangle_at(x, y - 6, 14, 12, 3, box_style(when));
      x += 20;
      label(what);
    };
    key(diagram::stage::forward, backward ? "forward kernel" : "kernel");
    if (backward) key(diagram::stage::backward, "backward kernel");
    if (once) key(diagram::stage::once, "once per binding");
    const auto line = [&](const char* colour, const char* what) {
      out += "<path d=\"M" + svg_number(x) + " " + svg_number(y) + "h18\" stroke=\"" + colour +
             "\" stroke-width=\"1.8\"/>\n";
      x += 24;
      label(what);
    };
    line("#8291a7", "stored value");
    if (saved) line("#a855f7", "kept for the gradient");
    return out;
  }
  static std::string box_style(diagram::stage when) {
    const std::string colour = stroke_of(when);
    return "fill=\"" + colour + "\" fill-opacity=\"0.09\" stroke=\"" + colour + "\" stroke-width=\"1.2\"";
  }

  const diagram& d_;
  std::vector<size> sizes_;
  std::vector<inner> inside_;
  std::vector<spot> place_;
  std::vector<points> within_;
  std::vector<outer> outer_;
  double width_ = 0, height_ = 0;
};

inline std::string plan_drawing::svg(const std::string& title) const {
  const std::string w = svg_number(width_), h = svg_number(height_);
  std::string out =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + w + "\" height=\"" + h + "\" viewBox=\"0 0 " +
      w + " " + h +
      "\" role=\"img\" font-family=\"Inter, Helvetica, Arial, 'DejaVu Sans', sans-serif\">\n<title>" +
      xml_escape(title) + "</title>\n";
  for (std::size_t b = 0; b < inside_.size(); ++b) {
    const inner& i = inside_[b];
    out += rectangle_at(i.x, i.y, i.width, i.height, 9, box_style(d_.boxes[b].when));
  }
  out += edges();
  for (std::size_t b = 0; b < inside_.size(); ++b)
    out += text(inside_[b].x + 10, inside_[b].y + 16, head_size, stroke_of(d_.boxes[b].when),
                " font-weight=\"600\"", d_.boxes[b].name);
  for (std::size_t i = 0; i < d_.items.size(); ++i) out += item(i);
  double right = 0;
  return out + legend_line(right) + "</svg>\n";
}

inline std::string dot_quoted(const std::string& s) {
  std::string out = "\"";
  for (const char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

inline std::string dot_of(const diagram& d) {
  std::string out =
      "digraph plan {\n  node [fontname=\"Helvetica\", fontsize=11, shape=box, style=\"rounded\"];\n"
      "  edge [color=\"#8291a7\"];\n";
  for (std::size_t b = 0; b < d.boxes.size(); ++b) {
    const char* const colour = d.boxes[b].when == diagram::stage::backward ? "#e0912f"
                               : d.boxes[b].when == diagram::stage::once   ? "#94a3b8"
                                                                           : "#4f8fd9";
    out += "  subgraph cluster_" + std::to_string(b) + " {\n    label=" + dot_quoted(d.boxes[b].name) +
           "; fontname=\"Helvetica\"; fontsize=10; style=\"rounded\"; color=\"" + colour + "\";\n";
    for (std::size_t i = 0; i < d.items.size(); ++i) {
      const diagram::item& t = d.items[i];
      if (std::size_t(t.box) != b) continue;
      const char* const style = t.what == diagram::kind::op     ? ""
                                : t.what == diagram::kind::view ? ", style=\"rounded,dashed\""
                                                                : ", shape=ellipse";
      std::string label = dot_quoted(t.name);
      if (!t.shape.empty()) label.insert(label.size() - 1, "\\n" + t.shape);
      out += "    n" + std::to_string(i) + " [label=" + label + style + "];\n";
    }
    out += "  }\n";
  }
  for (const diagram::edge& e : d.edges)
    out += "  n" + std::to_string(e.from) + " -> n" + std::to_string(e.to) + ";\n";
  return out + "}\n";
}

}  // namespace detail

/// A drawing of the plan of an expression, a group, a compiled function or an executor: kernels as boxes
/// around their ops, with the names and shapes of values. Options are those of explain.
template <detail::explainable X, class... Options>
std::string to_svg(const X& x, const Options&... options) {
  const detail::plan_report r = detail::report_behind(x, options...);
  const detail::diagram_writer w(r);
  return detail::plan_drawing(w.d).svg(detail::count_of(r.outline->kernels(), "kernel"));
}

/// The same for Graphviz: kernels are clusters.
template <detail::explainable X, class... Options>
std::string to_dot(const X& x, const Options&... options) {
  const detail::plan_report r = detail::report_behind(x, options...);
  return detail::dot_of(detail::diagram_writer(r).d);
}

}  // namespace tenon
