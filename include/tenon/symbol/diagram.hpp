// A plan as a picture's contents: kernels as boxes, ops in them, what they read and give. symbol/draw.hpp
// draws it.
#pragma once

#include "tenon/io/svg.hpp"
#include "tenon/symbol/explain.hpp"

namespace tenon::detail {

/// What to draw. Arguments, numbers and views stand in each box that reads them; what lies between boxes are
/// stored values.
struct diagram {
  enum class kind { op, view, argument, parameter, number, result };
  enum class stage { once, forward, backward };
  struct item {
    kind what;
    std::string name, shape;
    int box;
    bool stored = false;
  };
  struct box {
    std::string name;
    stage when;
  };
  struct edge {
    int from, to, operand, operands;
  };
  std::vector<item> items;
  std::vector<box> boxes;
  std::vector<edge> edges;
};

inline std::string short_number(double v) {
  if (v == std::floor(v) && std::fabs(v) < 1e6) return std::to_string(static_cast<index>(v));
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, v, std::chars_format::general, 4);
  return {text, end.ptr};
}

class diagram_writer {
 public:
  explicit diagram_writer(const plan_report& r)
      : report_(r), p_(*r.outline), op_item_(std::size_t(p_.nodes), -1) {
    int kernel = 0;
    for (int q = 0; q < p_.steps; ++q) {
      const bool once = q < p_.prologue;
      const int loop = p_.loop_of_step[q];
      d.boxes.push_back({once            ? "once per binding"
                         : loop >= 0     ? report_.kernels[std::size_t(q)].loop
                         : p_.follows[q] ? "kernel " + std::to_string(kernel++) + ", on tiles"
                                         : "kernel " + std::to_string(kernel++),
                         once              ? diagram::stage::once
                         : q >= p_.forward ? diagram::stage::backward
                                           : diagram::stage::forward});
    }
    // a plan that does not keep forward and backward apart: a kernel is backward where all its ops are
    if (p_.forward == p_.steps && !p_.forward_only)
      for (int q = p_.prologue; q < p_.steps; ++q) {
        int ops = 0, backward = 0;
        for (int i = 0; i < p_.nodes; ++i)
          if (box_of(i) == q) ++ops, backward += p_.backward[i];
        if (ops > 0 && backward == ops) d.boxes[std::size_t(q)].when = diagram::stage::backward;
      }
    for (int i = 0; i < p_.nodes; ++i)
      if (p_.step_of[i] >= 0 && p_.base[i] == i)
        op_item_[std::size_t(i)] = add(diagram::kind::op, i, op_text(p_, i), box_of(i));
    for (int i = 0; i < p_.nodes; ++i)
      if (op_item_[std::size_t(i)] >= 0) read_operands(i, op_item_[std::size_t(i)], box_of(i));
    const outline_formulas f{p_};
    for (int o = 0; o < p_.outputs; ++o) {
      const int from = op_item_[std::size_t(p_.output[o])];
      if (from < 0) continue;
      const int to = add(diagram::kind::result, p_.output[o], f.output_name(o), box_of(p_.output[o]));
      d.items[std::size_t(to)].shape = report_.output_shape(o);
      d.edges.push_back({from, to, 0, 1});
    }
    drop_empty_boxes();
  }
  diagram d;

 private:
  /// A loop without carries begins with nothing: its end says how many steps it has.
  void drop_empty_boxes() {
    std::vector<int> place(d.boxes.size(), -1);
    for (const diagram::item& i : d.items) place[std::size_t(i.box)] = 0;
    int kept = 0;
    for (std::size_t b = 0; b < d.boxes.size(); ++b) {
      if (place[b] < 0) {
        const int loop = p_.loop_of_step[b];
        if (loop >= 0) d.boxes[std::size_t(p_.loop[loop].end)].name = d.boxes[b].name;
        continue;
      }
      place[b] = kept;
      d.boxes[std::size_t(kept++)] = d.boxes[b];
    }
    d.boxes.resize(std::size_t(kept));
    for (diagram::item& i : d.items) i.box = place[std::size_t(i.box)];
  }
  /// The step that a node is drawn in: a stack, which has its memory before the loop begins, at its end.
  int box_of(int i) const {
    const int q = p_.step_of[i];
    return q >= 0 && p_.op[p_.node[i].op].part == loop_part::stack ? p_.loop[p_.loop_of_step[q]].end : q;
  }
  int add(diagram::kind what, int i, std::string name, int box) {
    d.items.push_back({what, std::move(name), report_.shape_text(i), box, p_.stored[i]});
    return static_cast<int>(d.items.size()) - 1;
  }

  void read_operands(int i, int item, int box) {
    int operands = 0;
    for (int k = 0; k < p_.op[p_.node[i].op].arity; ++k) operands += p_.reads(i, k);
    for (int k = 0; k < p_.op[p_.node[i].op].arity; ++k)
      if (p_.reads(i, k)) d.edges.push_back({source(p_.node[i].in[k], box), item, k, operands});
  }

  /// The item that stands for value x in a box.
  int source(int x, int box) {
    if (op_item_[std::size_t(x)] >= 0) return op_item_[std::size_t(x)];
    for (const auto& [value, where, item] : copies_)
      if (value == x && where == box) return item;
    int item = 0;
    const op_kind kind = p_.kind(x);
    if (kind == op_kind::leaf) {
      const bool parameter = p_.label[p_.leaf[x]].parameter;
      item = add(parameter ? diagram::kind::parameter : diagram::kind::argument, x,
                 outline_formulas{p_}.leaf_name(x), box);
    } else if (kind == op_kind::constant) {
      item =
          add(diagram::kind::number, x, short_number(std::bit_cast<double>(p_.node[x].attribute.a[0])), box);
      d.items[std::size_t(item)].shape.clear();
    } else if (kind == op_kind::bound_scalar) {
      item = add(diagram::kind::number, x, op_text(p_, x), box);
      d.items[std::size_t(item)].shape.clear();
    } else {
      item = add(diagram::kind::view, x, op_text(p_, x), box);
      copies_.push_back({x, box, item});
      read_operands(x, item, box);
      return item;
    }
    copies_.push_back({x, box, item});
    return item;
  }

  struct copy {
    int value, box, item;
  };
  const plan_report& report_;
  const plan_outline& p_;
  std::vector<int> op_item_;
  std::vector<copy> copies_;
};

}  // namespace tenon::detail
