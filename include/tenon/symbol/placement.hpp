// Where a plan's kernels, ops and edges are in a picture.
#pragma once

#include "tenon/symbol/diagram.hpp"
#include "tenon/symbol/layout.hpp"

namespace tenon::detail {

/// A drawing in two levels, so that no box can overlap another and no edge runs through one: ops are laid out
/// in each kernel, then kernels as nodes with ports at their borders.
class placed_diagram {
 public:
  explicit placed_diagram(const diagram& d) : d_(d), inside_(d.boxes.size()), place_(d.items.size()) {
    for (const diagram::item& i : d.items) sizes_.push_back(size_of_item(i));
    for (int pass = 0; pass < 3; ++pass) {  // from the second on, ports are in the order of what they join
      for (std::size_t b = 0; b < d.boxes.size(); ++b) lay_out_box(b, pass > 0);
      lay_out_boxes();
    }
  }

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

 protected:
  static constexpr double name_size = 13, shape_size = 11, head_size = 11.5;
  static constexpr double padding = 14, head = 22, margin = 20, gap = 28;
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
    height_ = l.height() + 2 * margin;
    width_ = l.width() + 2 * margin;
  }

  const diagram& d_;
  std::vector<size> sizes_;
  std::vector<inner> inside_;
  std::vector<spot> place_;
  std::vector<points> within_;
  std::vector<outer> outer_;
  double width_ = 0, height_ = 0;
};

}  // namespace tenon::detail
