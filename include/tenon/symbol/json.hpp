// Graphs as JSON: written from an expression, and read to check that an expression still is that graph. The
// format is described in docs/seeing.md.
//
// A graph is a C++ type, so a file cannot make one; what it can do is refuse to be used with another.
#pragma once

#include <bit>
#include <cmath>

#include "tenon/io/json.hpp"
#include "tenon/symbol/record.hpp"

namespace tenon {
namespace detail {

inline constexpr index json_graph_version = 1;

/// The shortest decimal that reads back as the same double; what JSON has no number for is a string.
inline std::string json_number(double v) {
  if (std::isnan(v)) return "\"nan\"";
  if (std::isinf(v)) return v > 0 ? "\"inf\"" : "\"-inf\"";
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, v);
  return {buffer, end.ptr};
}

inline std::string json_list(const std::vector<index>& list) {
  std::string s = "[";
  for (std::size_t k = 0; k < list.size(); ++k) s += (k > 0 ? ", " : "") + std::to_string(list[k]);
  return s + "]";
}
inline std::string json_shape(const std::vector<recorded_extent>& shape) {
  std::string s = "[";
  for (std::size_t k = 0; k < shape.size(); ++k) {
    const recorded_extent& e = shape[k];
    s += k > 0 ? ", " : "";
    s += !e.name.empty() ? json_quoted(e.name) : e.size < 0 ? "null" : std::to_string(e.size);
  }
  return s + "]";
}

/// Reads a graph_record; every error names the file and the node.
class graph_reader {
 public:
  graph_reader(const json_value& root, std::string where) : where_(std::move(where)) {
    const std::string_view keys[] = {"format", "version", "nodes", "outputs"};
    only(root, keys, 4);
    if (text(need(root, "format"), "format") != "tenon-graph")
      refuse("format: expected \"tenon-graph\", got " + in_quotes(need(root, "format").text));
    if (const index v = integer(need(root, "version"), "version"); v != json_graph_version)
      refuse("version: expected " + std::to_string(json_graph_version) + ", got " + std::to_string(v));
    const json_value& nodes = of_kind(need(root, "nodes"), json_value::array, "nodes");
    for (const json_value& n : nodes.items) {
      at_ = "node " + std::to_string(graph.nodes.size()) + ": ";
      graph.nodes.push_back(read_node(n));
    }
    at_.clear();
    graph.outputs = integers(need(root, "outputs"), "outputs");
    for (const index o : graph.outputs) before(o, "outputs");
  }
  graph_record graph;

 private:
  [[noreturn]] void refuse(const std::string& what) const { throw_io(where_ + ": " + at_ + what); }

  const json_value& of_kind(const json_value& v, json_value::kind_type kind, std::string_view what) const {
    if (v.kind != kind)
      refuse(std::string(what) + ": expected " + name_of(kind) + ", got " + name_of(v.kind));
    return v;
  }
  const json_value& need(const json_value& v, std::string_view key) const {
    const json_value* m = v.find(key);
    if (m == nullptr) refuse("expected the key \"" + std::string(key) + "\"");
    return *m;
  }
  void only(const json_value& v, const std::string_view* keys, int n) const {
    of_kind(v, json_value::object, "graph");
    for (const std::string& key : v.keys) {
      bool known = false;
      for (int k = 0; k < n; ++k) known = known || key == keys[k];
      if (!known) refuse("there is no key " + in_quotes(key) + " in version 1");
    }
  }
  const std::string& text(const json_value& v, std::string_view what) const {
    return of_kind(v, json_value::string, what).text;
  }
  index integer(const json_value& v, std::string_view what) const {
    index n = 0;
    if (!v.is_integer(n))
      refuse(std::string(what) + ": expected an integer, got " +
             (v.kind == json_value::number ? in_quotes(v.text) : name_of(v.kind)));
    return n;
  }
  std::vector<index> integers(const json_value& v, std::string_view what) const {
    std::vector<index> list;
    for (const json_value& item : of_kind(v, json_value::array, what).items)
      list.push_back(integer(item, what));
    return list;
  }
  void before(index i, std::string_view what) const {
    if (i < 0 || i >= index(graph.nodes.size()))
      refuse(std::string(what) + ": expected an earlier node, got " + std::to_string(i));
  }
  double value(const json_value& v) const {
    if (v.kind == json_value::string) {
      if (v.text == "nan") return std::numeric_limits<double>::quiet_NaN();
      if (v.text == "inf" || v.text == "-inf")
        return (v.text[0] == '-' ? -1 : 1) * std::numeric_limits<double>::infinity();
    }
    double d = 0;
    const char *begin = v.text.data(), *end = begin + v.text.size();
    const auto read = std::from_chars(begin, end, d);
    if (v.kind != json_value::number || read.ec != std::errc() || read.ptr != end)
      refuse("value: expected a number, \"nan\", \"inf\" or \"-inf\"");
    return d;
  }

  graph_record::node read_node(const json_value& v) const {
    const std::string_view keys[] = {"op",    "name",  "number", "inputs",
                                     "value", "dtype", "shape",  "attributes"};
    only(v, keys, 8);
    graph_record::node n;
    n.op = text(need(v, "op"), "op");
    n.dtype = text(need(v, "dtype"), "dtype");
    for (const json_value& e : of_kind(need(v, "shape"), json_value::array, "shape").items) {
      recorded_extent r;
      if (e.kind == json_value::string)
        r.name = e.text;
      else if (e.kind != json_value::null)
        r.size = integer(e, "shape");
      if (e.kind == json_value::string ? r.name.empty() : e.kind != json_value::null && r.size < 0)
        refuse("shape: expected sizes, names and null");
      n.shape.push_back(std::move(r));
    }
    if (const json_value* m = v.find("name"); m != nullptr) n.name = text(*m, "name");
    if (const json_value* m = v.find("number"); m != nullptr) n.number = integer(*m, "number");
    if (const json_value* m = v.find("attributes"); m != nullptr) n.attributes = integers(*m, "attributes");
    if (const json_value* m = v.find("inputs"); m != nullptr) n.inputs = integers(*m, "inputs");
    for (const index i : n.inputs) before(i, "inputs");
    if (const json_value* m = v.find("value"); m != nullptr) {
      n.has_value = true;
      n.value = value(*m);
    }
    return n;
  }

  std::string where_, at_;
};

/// The first difference between two graphs, or an empty text.
inline std::string first_difference(const graph_record& expected, const graph_record& got) {
  const auto differs = [](std::string_view what, const std::string& a, const std::string& b) {
    return std::string(what) + ": expected " + a + ", got " + b;
  };
  for (std::size_t i = 0; i < expected.nodes.size() && i < got.nodes.size(); ++i) {
    const graph_record::node &a = expected.nodes[i], &b = got.nodes[i];
    const std::string at = "node " + std::to_string(i) + " (" + a.op + "): ";
    if (a.op != b.op) return at + differs("op", json_quoted(a.op), in_quotes(b.op));
    if (a.name != b.name) return at + differs("name", json_quoted(a.name), in_quotes(b.name));
    if (a.number != b.number)
      return at + differs("number", std::to_string(a.number), std::to_string(b.number));
    if (a.inputs != b.inputs) return at + differs("inputs", json_list(a.inputs), json_list(b.inputs));
    if (a.attributes != b.attributes)
      return at + differs("attributes", json_list(a.attributes), json_list(b.attributes));
    const bool same_value =
        a.has_value == b.has_value && (std::bit_cast<index>(a.value) == std::bit_cast<index>(b.value) ||
                                       (std::isnan(a.value) && std::isnan(b.value)));
    if (!same_value)
      return at + differs("value", a.has_value ? json_number(a.value) : "none",
                          b.has_value ? json_number(b.value) : "none");
    if (a.dtype != b.dtype) return at + differs("dtype", a.dtype, in_quotes(b.dtype));
    if (a.shape != b.shape) return at + differs("shape", json_shape(a.shape), json_shape(b.shape));
  }
  if (expected.nodes.size() != got.nodes.size())
    return differs("nodes", std::to_string(expected.nodes.size()), std::to_string(got.nodes.size()));
  if (expected.outputs != got.outputs)
    return differs("outputs", json_list(expected.outputs), json_list(got.outputs));
  return {};
}

}  // namespace detail

/// A graph as JSON, a node to a line.
inline std::string to_json(const graph_record& g) {
  std::string out = "{\n  \"format\": \"tenon-graph\",\n  \"version\": 1,\n  \"nodes\": [";
  for (std::size_t i = 0; i < g.nodes.size(); ++i) {
    const graph_record::node& n = g.nodes[i];
    out += (i > 0 ? ",\n    {" : "\n    {") + ("\"op\": " + json_quoted(n.op));
    if (!n.name.empty()) out += ", \"name\": " + json_quoted(n.name);
    if (n.number >= 0) out += ", \"number\": " + std::to_string(n.number);
    if (!n.inputs.empty()) out += ", \"inputs\": " + detail::json_list(n.inputs);
    if (!n.attributes.empty()) out += ", \"attributes\": " + detail::json_list(n.attributes);
    if (n.has_value) out += ", \"value\": " + detail::json_number(n.value);
    out += ", \"dtype\": " + json_quoted(n.dtype) + ", \"shape\": " + detail::json_shape(n.shape) + "}";
  }
  return out + "\n  ],\n  \"outputs\": " + detail::json_list(g.outputs) + "\n}\n";
}

/// The graph of an expression, a group, a compiled function or an executor as JSON, as it was written.
template <detail::explainable X>
std::string to_json(const X& x) {
  return to_json(record_graph(x));
}

/// Reads what to_json wrote. Throws io_error, beginning with `where`, for what is no such text.
inline graph_record parse_graph(std::string_view json, const std::string& where = "JSON") {
  return detail::graph_reader(parse_json(json, where), where).graph;
}

/// Throws io_error unless the text describes the graph of x; the line names the first node that differs, what
/// was expected and what was found.
template <detail::explainable X>
void check_json(const X& x, std::string_view json, const std::string& where = "JSON") {
  const std::string difference = detail::first_difference(record_graph(x), parse_graph(json, where));
  if (!difference.empty()) detail::throw_io(where + ": another graph: " + difference);
}

/// bind, where a file describes the same graph; else throws io_error. See check_json.
template <detail::explainable X, class... Arguments>
auto bind_json(const std::string& path, const X& x, device d, Arguments&&... arguments) {
  check_json(x, read_file(path), path);
  return bind(x, d, std::forward<Arguments>(arguments)...);
}

}  // namespace tenon
