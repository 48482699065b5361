// Graphs as text, one node a line, so that tests compare what a pass was given and what it made of it.
#pragma once

#include "../../support.hpp"

#include <tenon/autodiff/transforms.hpp>
#include <tenon/ops/all_ops.hpp>
#include <tenon/symbol/compile.hpp>

#include <cstdio>
#include <cstring>

namespace test {

/// A variable of a graph: its name, dtype and extents.
template <tenon::extent N, class T, tenon::extent... E>
using variable = tenon::expression<
    tenon::graph<tenon::node<tenon::named_leaf<tenon::spelled<N>, T, tenon::shape_of_extents<E...>>>>, 0, T,
    tenon::shape_of_extents<E...>>;

/// "0 leaf\n1 constant 2\n2 multiply 0 1 {3}\n": places, ops, operands, attributes that are not 0.
template <class Passes>
std::string graph_text() {
  const auto& g = Passes::result;
  std::string text;
  for (int i = 0; i < g.n; ++i) {
    const tenon::array_node& node = g.node[i];
    const tenon::op_row& op = Passes::world::rows()[node.op];
    text += std::to_string(i) + " " + op.name;
    if (op.kind == tenon::op_kind::constant) {
      char number[40];
      std::snprintf(number, sizeof number, " %.9g", std::bit_cast<double>(node.attribute.a[0]));
      text += number;
    }
    for (int k = 0; k < op.arity; ++k) text += " " + std::to_string(node.in[k]);
    if (op.kind != tenon::op_kind::constant && op.kind != tenon::op_kind::leaf &&
        node.op != tenon::core::reshape) {
      int last = 4;
      while (last > 0 && node.attribute.a[last - 1] == 0) --last;
      for (int a = 0; a < last; ++a) text += (a == 0 ? " {" : ",") + std::to_string(node.attribute.a[a]);
      if (last > 0) text += "}";
    }
    text += "\n";
  }
  return text;
}

/// The graph that a set of passes makes of an expression.
template <unsigned Bits, class E>
std::string graph_of(const E&, tenon::pass_set<Bits>) {
  using namespace tenon::detail;
  return graph_text<tenon::detail::passes<typename E::graph_type, places<E::root>, derive::nothing, places<>,
                                          dynamic_extents::equal, Bits>>();
}
template <class E>
std::string graph_of(const E& e) {
  return graph_of(e, tenon::passes::exact);
}

/// The ops alone, leaves and numbers left out: "add multiply".
template <class E, unsigned Bits>
std::string ops_of(const E& e, tenon::pass_set<Bits> which) {
  std::string text = graph_of(e, which), ops;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    const std::size_t name = text.find(' ', at) + 1;
    const std::string op = text.substr(name, text.find_first_of(" \n", name) - name);
    if (op != "leaf" && op != "constant") ops += (ops.empty() ? "" : " ") + op;
  }
  return ops;
}
template <class E>
std::string ops_of(const E& e) {
  return ops_of(e, tenon::passes::exact);
}

/// Whether two arrays have the same bits; all NaN are one.
template <class T, class S>
bool same_bits(const tenon::basic_tensor<T, S>& a, const tenon::basic_tensor<T, S>& b) {
  const std::vector<T> x(a.begin(), a.end()), y(b.begin(), b.end());
  if (x.size() != y.size()) return false;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const T p = x[i], q = y[i];
    if constexpr (!std::is_integral_v<T>)
      if (p != p && q != q) continue;
    if (std::memcmp(&p, &q, sizeof p) != 0) return false;
  }
  return true;
}

/// An expression's value with and without a set of passes.
template <class E, unsigned Bits>
bool unchanged_by(const E& e, tenon::pass_set<Bits> which) {
  return same_bits(tenon::eval(e, which), tenon::eval(e, tenon::passes::none));
}
template <class E>
bool unchanged(const E& e) {
  return unchanged_by(e, tenon::passes::exact);
}

}  // namespace test
