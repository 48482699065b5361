// summary(model, spec): the layers of a model as a table. Layers and parameters are found in any struct, as
// for_each_parameter finds them.
#pragma once

#include "tenon/core/table.hpp"
#include "tenon/nn/dense.hpp"
#include "tenon/nn/model.hpp"
#include "tenon/symbol/record.hpp"

namespace tenon {
namespace detail {

/// The name of a class without namespaces and template arguments: dense.
template <class T>
std::string class_name() {
#if defined(_MSC_VER)
  const std::string text = __FUNCSIG__;
  const std::size_t from = text.find("class_name<") + 11;
#else
  const std::string text = __PRETTY_FUNCTION__;  // ... [with T = tenon::nn::dense<3, 2>; ...] or [T = ...]
  const std::size_t from = text.find("T = ") + 4;
#endif
  std::size_t begin = from, end = from;
  int open = 0;
  for (std::size_t i = from; i < text.size(); ++i) {
    const char c = text[i];
    if (open == 0 && (c == ';' || c == ']' || c == '>')) break;
    if (open == 0 && (c == ':' || c == ' ')) begin = i + 1;
    if (open == 0 && c != '<') end = i + 1;
    if (c == '<' || c == '(' || c == '[' || c == '{') ++open;
    if (c == '>' || c == ')' || c == ']' || c == '}') --open;
  }
  return text.substr(begin, end - begin);
}

/// A line of a summary before it is text.
struct layer_line {
  int depth = 0;
  std::string name, output, shapes;
  index parameters = 0, bytes = 0;
  std::vector<const void*> at;  // its parameters
};

inline std::string shape_of_record(const std::vector<recorded_extent>& shape) {
  std::string s = "[";
  for (std::size_t k = 0; k < shape.size(); ++k)
    s += (k > 0 ? ", " : "") + (!shape[k].name.empty() ? shape[k].name
                                : shape[k].size < 0    ? "?"
                                                       : std::to_string(shape[k].size));
  return s + "]";
}

/// The shape of an expression's type.
template <class E>
std::string shape_of_type() {
  using names = distinct<typename names_of<typename E::shape_type>::type>;
  return describe(extents_of<typename E::shape_type, names>::value, text_of<names>::value);
}

/// What a traced model's parameters do in its graph.
class parameter_uses {
 public:
  template <class E>
  explicit parameter_uses(const E& e) : graph_(record_graph(e)) {
    const std::size_t n = graph_.nodes.size();
    [[maybe_unused]] std::size_t leaf = 0;
    std::vector<std::vector<const void*>> from(n);  // of values that depend on parameters alone
    std::vector<bool> pure(n, false);
    for (std::size_t i = 0; i < n; ++i) {
      const graph_record::node& node = graph_.nodes[i];
      if (node.op == "parameter" || node.op == "array") {
        if constexpr (E::leaf_count > 0) {
          if (node.op == "parameter") from[i] = {e.leaves[leaf].parameter};
          ++leaf;
        }
        pure[i] = node.op == "parameter";
        continue;
      }
      pure[i] = !node.inputs.empty() || node.has_value;
      for (const index x : node.inputs) pure[i] = pure[i] && pure[std::size_t(x)];
      for (const index x : node.inputs)
        for (const void* p : from[std::size_t(x)])
          if (pure[i])
            from[i].push_back(p);
          else
            uses_.emplace_back(p, i);
    }
  }
  /// The shape where the last of these parameters meets the input; empty where none does.
  std::string output_of(const std::vector<const void*>& parameters) const {
    std::size_t last = 0;
    for (const auto& [p, node] : uses_)
      for (const void* q : parameters)
        if (p == q && node > last) last = node;
    return last == 0 ? "" : shape_of_record(graph_.nodes[last].shape);
  }

 private:
  graph_record graph_;
  std::vector<std::pair<const void*, std::size_t>> uses_;
};

template <class X>
constexpr bool is_sequential = false;
template <class... L>
constexpr bool is_sequential<nn::sequential<L...>> = true;

template <class X>
concept layer_range = requires(const X& x) {
  x.begin();
  x.end();
}
&&!tensor_like<X>;

/// Whether a member of a model gets a line: what has parameters, and layers without members.
template <class M>
bool is_layer(const M& m) {
  if constexpr (is_parameter_type<M>) {
    return true;
  } else if constexpr (!std::is_class_v<M> || tensor_like<M>) {
    return false;
  } else if constexpr (std::is_empty_v<M>) {
    return true;
  } else {
    bool any = false;
    for_each_parameter(m, [&](const auto&) { any = true; });
    return any;
  }
}

class summary_writer {
 public:
  std::vector<layer_line> lines;

  /// Adds a layer; what is in it comes below it where that is more than parameters.
  template <class M>
  std::size_t add(const M& m, int depth, const std::string& path) {
    layer_line l;
    l.depth = depth;
    l.name = path;
    if constexpr (is_parameter_type<M>)
      l.name += " parameter";
    else
      l.name += (path.empty() ? "" : " ") + class_name<M>();
    for_each_parameter(m, [&](const auto& p) {
      l.at.push_back(&p);
      l.parameters += p.size();
      l.bytes += p.size() * index(sizeof(*p.flat()));
      l.shapes += (l.shapes.empty() ? "" : " ") + describe(extents_of_leaf(p.record(), p.rank));
    });
    lines.push_back(l);
    return lines.size() - 1;
  }

  /// Layers of a struct: their outputs are where their parameters meet the input.
  template <class M>
  void members(const M& m, int depth, const std::string& path, const parameter_uses& uses) {
    int k = 0;
    const auto one = [&](const auto& member) {
      using T = std::remove_cvref_t<decltype(member)>;
      const std::string place = path + std::to_string(k++);
      if (!is_layer(member)) return;
      const std::size_t at = add(member, depth, place);
      lines[at].output = uses.output_of(lines[at].at);
      if constexpr (!is_parameter_type<T>)
        if (has_layers(member)) {
          lines[at].shapes.clear();
          members(member, depth + 1, place + ".", uses);
        }
    };
    each(m, one);
  }

  /// Layers one after the other: each is traced on what the one before it gives.
  template <int I, class S, class X>
  void chain(const S& s, int depth, const std::string& path, const X& x) {
    if constexpr (I < S::size) {
      const auto& layer = s.template layer<I>();
      const auto y = as_expression<0>(layer(x));
      using E = std::remove_cvref_t<decltype(y)>;
      const std::size_t at = add(layer, depth, path + std::to_string(I));
      lines[at].output = shape_of_type<E>();
      inside(layer, depth + 1, path + std::to_string(I) + ".", x, y, at);
      chain<I + 1>(s, depth, path, argument<0, typename E::value_type, typename E::shape_type>{});
    }
  }
  template <class M, class X, class Y>
  void inside(const M& m, int depth, const std::string& path, [[maybe_unused]] const X& x, const Y& y,
              std::size_t at) {
    if (!has_layers(m)) return;
    lines[at].shapes.clear();
    if constexpr (is_sequential<M>)
      chain<0>(m, depth, path, x);
    else
      members(m, depth, path, parameter_uses(y));
  }

 private:
  template <class M, class F>
  static void each(const M& m, const F& f) {
    if constexpr (has_members<M>)
      m.members([&](const auto&... x) { (f(x), ...); });
    else if constexpr (layer_range<M>)
      for (const auto& x : m) f(x);
    else if constexpr (std::is_aggregate_v<M>)
      for_each_member(m, f);
  }
  /// Whether more than parameters are in it.
  template <class M>
  static bool has_layers(const M& m) {
    bool any = false;
    if constexpr (!is_parameter_type<M> && std::is_class_v<M> && !std::is_empty_v<M>)
      each(m, [&](const auto& x) {
        any = any || (!is_parameter_type<std::remove_cvref_t<decltype(x)>> && is_layer(x));
      });
    return any;
  }
};

}  // namespace detail

/// A table of a model's layers for inputs of these types (spec<float, "batch", 784>{}, ...): output shape,
/// parameters, how many elements they have, bytes; and their sums. Of a struct's layers the output is where
/// their last parameter meets the input; layers without parameters have none there.
template <class Model, class Spec, class... More>
requires(detail::is_spec<Spec>) std::string summary(const Model& model, const Spec& s, const More&... more) {
  using namespace detail;
  summary_writer w;
  const auto y = [&]<int... K>(std::integer_sequence<int, K...>) {
    return as_expression<0>(model(compiled_argument<0>(s), compiled_argument<K + 1>(more)...));
  }
  (std::make_integer_sequence<int, int(sizeof...(More))>{});
  using E = std::remove_cvref_t<decltype(y)>;
  using first = argument<0, typename spec_types<Spec>::element_type, typename spec_types<Spec>::shape_type>;
  if constexpr (is_sequential<Model>)
    w.template chain<0>(model, 0, "", first{});
  else
    w.members(model, 0, "", parameter_uses(y));
  if (w.lines.empty()) w.add(model, 0, "");
  text_table t({{"layer", false, 0},
                {"output", false, 0},
                {"parameters", false, 40},
                {"elements", true, 0},
                {"bytes", true, 0}});
  t.row({"input", shape_of_type<first>()});
  for (const layer_line& l : w.lines)
    t.row({std::string(std::size_t(2 * l.depth), ' ') + l.name, l.output, l.shapes, with_commas(l.parameters),
           with_commas(l.bytes)});
  index bytes = 0;
  for_each_parameter(model, [&](const auto& p) { bytes += p.size() * index(sizeof(*p.flat())); });
  t.rule();
  t.row(
      {class_name<Model>(), shape_of_type<E>(), "", with_commas(parameter_count(model)), with_commas(bytes)});
  return t.str();
}

}  // namespace tenon
