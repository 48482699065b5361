// Pictures of plans: to_svg, which needs no installed program, and to_dot for Graphviz.
#pragma once

#include "tenon/symbol/placement.hpp"

namespace tenon {
namespace detail {

/// A placed diagram as SVG.
class plan_drawing : public placed_diagram {
 public:
  explicit plan_drawing(const diagram& d) : placed_diagram(d) {}

  std::string svg(const std::string& title) const;
  double width() const {
    double right = 0;
    (void)legend_line(right);
    return std::max(placed_diagram::width(), right);
  }
  double height() const { return placed_diagram::height() + legend; }

 private:
  static constexpr double legend = 34;

  struct pen {
    std::string path;
    double x = 0, y = 0;
    /// A letter and the numbers that it takes. (Appended: GCC 12 warns of "V" + number.)
    template <class... Number>
    void command(char letter, Number... at) {
      path += letter;
      std::size_t left = sizeof...(at);
      ((path.append(svg_number(at)), path.append(--left > 0 ? " " : "")), ...);
    }
    void straight(double to_y) {
      if (to_y > y) command('V', to_y);
      y = to_y;
    }
    /// To (to_x, to_y), leaving and arriving straight down.
    void curve(double to_x, double to_y) {
      const double half = (y + to_y) / 2;
      if (std::fabs(to_x - x) < 0.5)
        command('L', to_x, to_y);
      else
        command('C', x, half, to_x, half, to_x, to_y);
      x = to_x;
      y = to_y;
    }
    /// Along a route, from its passage `first` on; the first of all begins the path.
    void through(const points& route, double dx, double dy, std::size_t first) {
      for (std::size_t k = first; k < route.size(); ++k) {
        const double to_x = route[k].x + dx, to_y = route[k].top + dy;
        if (path.empty()) {
          command('M', to_x, to_y);
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
    const double y = placed_diagram::height() + 8;
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
};

inline std::string plan_drawing::svg(const std::string& title) const {
  const std::string w = svg_number(width()), h = svg_number(height());
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
  detail::check_options<X, Options...>();
  const detail::plan_report r = detail::report_behind(x, options...);
  const detail::diagram_writer w(r);
  return detail::plan_drawing(w.d).svg(detail::count_of(r.outline->kernels(), "kernel"));
}

/// The same for Graphviz: kernels are clusters.
template <detail::explainable X, class... Options>
std::string to_dot(const X& x, const Options&... options) {
  detail::check_options<X, Options...>();
  const detail::plan_report r = detail::report_behind(x, options...);
  return detail::dot_of(detail::diagram_writer(r).d);
}

}  // namespace tenon
