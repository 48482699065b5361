// explain: the plan of a computation as a table. Kernels in order with their ops, bytes and FLOPs; memory
// with and without sharing; what was simplified. The numbers are those of symbol/cost.hpp.
#pragma once

#include "tenon/core/describe.hpp"
#include "tenon/core/table.hpp"
#include "tenon/symbol/cost.hpp"

namespace tenon {

/// One kernel of a plan, in the order in which they run.
struct kernel_cost {
  std::vector<std::string> ops;
  bool backward = false, once = false;  // once: before the first run, from extents and constants alone
  bool counted = true;                  // false: an opaque op, whose FLOPs are not known
  bool follows = false;                 // may go over the tiles of the product before it
  index bytes_read = 0, bytes_written = 0, flops = 0;
};

namespace detail {

/// Reads the arrays behind the leaves of what is explained, where there are any.
struct inspector {
  template <class G, int R, class T, class S>
  static std::vector<const leaf*> leaves(const expression<G, R, T, S>& e) {
    return own<typename leaves_of<G>::type>(e);
  }
  template <class G, int L, class Roots, class... E>
  static std::vector<const leaf*> leaves(const expression_group<G, L, Roots, E...>& e) {
    return own<typename leaves_of<G>::type>(e);
  }
  template <class G, class Roots, class Values, class Options, class Unit>
  static std::vector<const leaf*> leaves(const executor<G, Roots, Values, Options, Unit>& x) {
    std::vector<const leaf*> r;
    for (int k = 0; k < x.leaf_count; ++k)
      r.push_back(x.given_[std::size_t(k)] ? &x.cells_[std::size_t(k)] : nullptr);
    return r;
  }
  template <class X>  // compiled functions and steps
  static std::vector<const leaf*> leaves(const X& x) {
    std::vector<const leaf*> r;
    for (int k = 0; k < x.runner_.leaf_count; ++k)
      r.push_back(x.runner_.is_set(k) ? &x.runner_.at(k) : nullptr);
    return r;
  }

 private:
  template <class Leaves, class X>
  static std::vector<const leaf*> own([[maybe_unused]] const X& x) {
    using tables = leaf_tables<Leaves>;
    std::vector<const leaf*> r;
    [[maybe_unused]] std::size_t next = 0;
    for (int k = 0; k < tables::n; ++k) {
      r.push_back(nullptr);
      if constexpr (requires { x.leaves[0]; })
        if (tables::own[k]) r.back() = &x.leaves[next++];
    }
    return r;
  }
};

/// An op with the attributes that a reader wants: sum<1>, cast<float64>; tanh' where it is computed again.
inline std::string op_text(const plan_outline& p, int i) {
  const array_node& n = p.node[i];
  const op_row& row = p.op[n.op];
  std::string s = row.name;
  if (row.kind == op_kind::reduction && n.op != core::sum_to_like) {
    std::string axes;
    for (int a = 0; a < max_rank; ++a)
      if (((n.attribute.a[0] >> a) & 1) != 0) axes += (axes.empty() ? "" : ", ") + std::to_string(a);
    s += "<" + axes + ">";
  }
  if (n.op == core::cast) s += std::string("<") + name_of(n.type) + ">";
  if (p.copies != nullptr && p.copies[i]) s += "'";
  return s;
}

/// What is said of a plan, as text where sizes are open and as numbers where they are known.
struct plan_report {
  const plan_outline* outline = nullptr;
  bool sized = false, second_plan = false;
  struct line {
    kernel_cost cost;
    std::string result, read, written, flops;
    std::string loop;  // of the steps that begin one, and end it: what to call them
    bool ends = false, carries = false;
  };
  std::vector<line> kernels;
  struct update {  // of a parameter, after a step
    int after;
    std::string parameter;
    index read, written, flops;
  };
  std::vector<update> updates;
  std::vector<extents> shapes, output_shapes;  // of all nodes, where sizes are known
  std::string limit;                           // what a limit on memory made of the plan
  std::string read, written, flops, arguments, outputs, arena, unplanned, peak;
  plan_cost total;

  std::string shape_text(int i) const {
    const outline_formulas f{*outline};
    return sized ? describe(shapes[std::size_t(i)]) : f.shape(i);
  }
  /// The shape that users see of output o; its node may lack axes of extent 1, or have more of them.
  std::string output_shape(int o) const {
    return sized ? describe(output_shapes[std::size_t(o)])
                 : outline_formulas{*outline}.shape(outline->shape[outline->output_shape[o]]);
  }
};

inline std::string count_of(int n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

inline std::string loop_text(const loop_row& loop, bool ends, const std::string& steps) {
  if (loop.branch) return ends ? "end of the branch" : "branch: where a condition holds";
  if (ends) return "end of the loop";
  return "loop: " + (loop.flag ? "while a condition holds, counted as one step" : steps);
}

/// Of a plan within a limit (symbol/arena_within.hpp): what is computed again, and what that saves.
template <class Plans>
std::string limit_text() {
  if constexpr (requires { typename Plans::chosen; }) {
    using chosen = typename Plans::chosen;
    std::string out = "arena within " + with_commas(Plans::limit::bytes), sizes, ops;
    Plans::limit::each([&](const char* name, index size) {
      sizes += (sizes.empty() ? " at " : ", ") + std::string(name) + " = " + with_commas(size);
    });
    out += sizes + ": ";
    if constexpr (std::is_same_v<chosen, typename Plans::first>) {
      return out + (chosen::fits ? "takes " : "nothing helps; takes ") + with_commas(chosen::arena) + "\n";
    } else {
      const plan_outline& p = chosen::outline;
      int values = 0;
      for (int i = 0; i < p.nodes; ++i) {
        const auto counts = [&](int j) {
          return chosen::graph.again[j] && p.step_of[j] >= 0 && p.node[j].op == p.node[i].op;
        };
        if (!counts(i)) continue;
        ++values;
        int n = 0;
        bool told = false;
        for (int j = 0; j < p.nodes; ++j) {
          n += counts(j);
          told = told || (j < i && counts(j));
        }
        if (!told) ops += (ops.empty() ? "" : ", ") + std::to_string(n) + " " + p.op[p.node[i].op].name;
      }
      return out + count_of(values, "op") + " computed again (" + ops + "; " +
             with_commas(index(chosen::flops(true))) + " FLOPs), " + with_commas(Plans::first::arena) +
             " bytes become " + with_commas(chosen::arena) +
             (chosen::fits ? "" : ", the least that was found") + "\n";
    }
  } else {
    return {};
  }
}

template <class Task, dynamic_extents Dynamic = dynamic_extents::equal, class X, class... Name>
plan_report report_of(const X& x, const named_size<Name>&... given) {
  const std::vector<const leaf*> leaves = inspector::leaves(x);
  using O = outline_of<Task, Dynamic>;
  const plan_outline& p = O::value;
  const outline_formulas f{p};
  plan_report r;
  r.outline = &p;
  if constexpr (Dynamic == dynamic_extents::equal)
    r.limit = limit_text<typename Task::template plans_type<this_unit>>();
  typename O::sizes s(p);
  for (int i = 0; i < p.nodes; ++i) {
    if (p.leaf[i] < 0 || std::size_t(p.leaf[i]) >= leaves.size()) continue;
    const leaf* const l = leaves[std::size_t(p.leaf[i])];
    const extents& e = p.shape[p.node[i].shape];
    for (int k = 0; k < e.rank && l != nullptr; ++k)
      if (!is_static(e[k].code)) s.set(e[k].code, l->extent[k]);
  }
  typename O::sizes asked(p);
  [[maybe_unused]] const auto give = [&](const char* text, index size) {
    if (size < 0) throw usage_error("extent_of: an extent is not negative");
    if (!asked.give(text, size))
      throw usage_error("explain: there is no extent \"" + std::string(text) + "\" in this graph");
  };
  (give(Name::text, given.size), ...);
  s.override_by(asked);
  r.sized = s.resolve() == 0;
  if constexpr (Dynamic == dynamic_extents::equal && O::dynamics > 1) {
    if (s.assumed_wrong && !s.refused) return report_of<Task, dynamic_extents::any>(x, given...);
    r.second_plan = !r.sized;
  }
  if (s.refused || s.assumed_wrong) throw shape_error("explain: these sizes do not fit in this graph");
  if (r.sized) {
    updates_of<X>::end_gradients(s, x);
    s.place();
    for (int i = 0; i < p.nodes; ++i) r.shapes.push_back(s.shape[i]);
    for (int o = 0; o < p.outputs; ++o) r.output_shapes.push_back(s.sized(p.shape[p.output_shape[o]]));
    r.total = s.total();
    r.read = with_commas(r.total.read);
    r.written = with_commas(r.total.written);
    r.flops = with_commas(r.total.flops);
    r.arguments = with_commas(r.total.arguments);
    r.outputs = with_commas(r.total.outputs);
    r.arena = with_commas(r.total.arena);
    r.unplanned = with_commas(r.total.unplanned);
    r.peak = with_commas(r.total.peak());
  } else {
    r.read = cost_formula<O, quantity::read>{}.text();
    r.written = cost_formula<O, quantity::written>{}.text();
    r.flops = cost_formula<O, quantity::flops>{}.text();
    r.arguments = cost_formula<O, quantity::arguments>{}.text();
    r.outputs = cost_formula<O, quantity::outputs>{}.text();
    r.arena = cost_formula<O, quantity::arena>{}.text();
    r.unplanned = cost_formula<O, quantity::unplanned>{}.text();
    r.peak = cost_formula<O, quantity::peak>{}.text();
  }
  const std::optional<typename O::sizes> sample =
      r.sized ? std::nullopt : std::optional<typename O::sizes>(sample_of<O>());
  for (int q = 0; q < p.steps; ++q) {
    plan_report::line l;
    l.cost.once = q < p.prologue;
    l.cost.backward = q >= p.forward;
    l.cost.counted = !p.uncounted(q);
    l.cost.follows = p.follows[q];
    const int loop = p.loop_of_step[q];
    if (loop >= 0) {
      l.ends = q == p.loop[loop].end;
      const dim n = r.sized ? s.sized_dim(p.length(loop)) : p.length(loop);
      l.loop = loop_text(p.loop[loop], l.ends,
                         r.sized || is_static(n.code) ? count_of(int(n.size), "step")
                                                      : f.text(polynomial(1) *= n) + " steps");
      l.cost.ops.push_back(l.ends ? "carries out" : "carries in");
      for (int i = 0; i < p.nodes; ++i)
        l.carries =
            l.carries || (p.op[p.node[i].op].part == loop_part::carry && p.node[i].attribute.a[0] == loop);
    }
    for (int i = 0; i < p.nodes; ++i) {
      if (p.step_of[i] != q || loop >= 0) continue;
      l.cost.ops.push_back(op_text(p, i));
      if (p.stored[i])
        l.result += (l.result.empty() ? "" : ", ") + r.shape_text(i) + " " + name_of(p.node[i].type);
    }
    if (r.sized) {
      const step_cost c = s.cost(q);
      l.cost.bytes_read = c.read;
      l.cost.bytes_written = c.written;
      l.cost.flops = c.flops;
      l.read = with_commas(c.read);
      l.written = with_commas(c.written);
      l.flops = with_commas(c.flops);
    } else {
      const auto c = f.cost(q, *sample);
      l.read = f.text(c.read);
      l.written = f.text(c.written);
      l.flops = f.text(c.flops);
    }
    if (!l.cost.counted) l.flops = "?";
    r.kernels.push_back(std::move(l));
  }
  return r;
}

inline std::string text_of_report(const plan_report& r) {
  const plan_outline& p = *r.outline;
  const outline_formulas f{p};
  const bool trains = p.forward < p.steps;
  std::string out = count_of(p.kernels(), "kernel");
  if (trains)
    out += " (" + std::to_string(p.kernels(p.prologue, p.forward)) + " forward, " +
           std::to_string(p.kernels(p.forward, p.steps)) + " backward)";
  out += "; nodes: " + std::to_string(p.written) + " written, " + std::to_string(p.distinct) +
         (p.forward_only ? " " : " with derivatives, ") + "after common subexpressions and simplification, " +
         std::to_string(p.nodes) + " live\n" + r.limit + "\n";
  text_table kernels({{"kernel", false, 0},
                      {"ops", false, 44},
                      {"result", false, 36},
                      {"bytes read", r.sized, r.sized ? std::size_t(0) : std::size_t(28)},
                      {"bytes written", r.sized, r.sized ? std::size_t(0) : std::size_t(28)},
                      {"FLOPs", r.sized, r.sized ? std::size_t(0) : std::size_t(28)}});
  const auto update_rows = [&](int q) {
    for (const plan_report::update& u : r.updates)
      if (u.after == q)
        kernels.row(
            {"", "update", u.parameter, with_commas(u.read), with_commas(u.written), with_commas(u.flops)});
  };
  int number = 0;
  bool uncounted = false, follows = false;
  for (int q = 0; q < p.steps; ++q) {
    const plan_report::line& l = r.kernels[std::size_t(q)];
    if (q == 0 && p.prologue > 0) kernels.heading("once per binding");
    if (q == p.prologue && p.prologue > 0 && !trains) kernels.heading("each run");
    if (q == p.prologue && trains) kernels.heading("forward");
    if (q == p.forward && trains) kernels.heading("backward");
    if (!l.loop.empty()) {
      if (!l.ends) kernels.heading(l.loop);
      if (l.carries) kernels.row({"", l.cost.ops[0], "", l.read, l.written, l.flops});
      if (l.ends) kernels.heading(l.loop);
      update_rows(q);
      continue;
    }
    std::string ops;
    for (const std::string& o : l.cost.ops) ops += (ops.empty() ? "" : " ") + o;
    if (l.cost.follows) ops += ", on tiles";
    follows = follows || l.cost.follows;
    uncounted = uncounted || !l.cost.counted;
    kernels.row({l.cost.once ? "" : std::to_string(number++), ops, l.result, l.read, l.written, l.flops});
    update_rows(q);
  }
  kernels.rule();
  kernels.row({"",
               std::string(p.prologue > 0 ? "each run" : "total") + (p.updates ? ", without updates" : ""),
               "", r.read, r.written, r.flops});
  out += kernels.str() + "\n";

  std::string arguments, outputs;
  for (int i = 0; i < p.nodes; ++i)
    if (p.leaf[i] >= 0)
      arguments += (arguments.empty() ? "" : ", ") + f.leaf_name(i) + " " + r.shape_text(i) + " " +
                   name_of(p.node[i].type);
  for (int o = 0; o < p.results(); ++o)
    outputs += (o > 0 ? ", " : "") + (o < p.roots ? "" : f.output_name(o) + " ") + r.output_shape(o) + " " +
               name_of(p.node[p.output[o]].type);
  text_table memory({{"memory", false, 0},
                     {"bytes", r.sized, r.sized ? std::size_t(0) : std::size_t(36)},
                     {"", false, 72}});
  memory.row({"arguments", r.arguments, arguments});
  memory.row({"results", r.outputs, outputs});
  std::string saves;
  if (r.sized && r.total.unplanned > r.total.arena)
    saves =
        " (" + std::to_string((r.total.unplanned - r.total.arena) * 100 / r.total.unplanned) + " % saved)";
  bool loops = false;
  for (int l = 0; l < p.loops; ++l) loops = loops || (p.loop[l].begin >= 0 && !p.loop[l].branch);
  memory.row({"intermediate", r.arena,
              std::string("one arena for all; a buffer for each") + (loops ? " in each step" : "") +
                  " would take " + r.unplanned + saves});
  memory.row({"peak", r.peak, "all of these"});
  out += memory.str();
  if (follows) out += "on tiles: of the product before, where it is large\n";
  if (uncounted) out += "? an op that does not say how much it computes; the sum leaves it out\n";
  if (!r.sized) {
    const auto has = [&](const std::string& s) { return s.find("up64") != std::string::npos; };
    if (has(r.arena) || has(r.unplanned)) out += "up64(n): n rounded up to a multiple of 64\n";
  }
  if (r.second_plan)
    out += "dynamic extents that meet are taken as equal; where one is 1, another plan runs\n";
  return out;
}

/// Of options that check_options has seen.
template <class X, class... Options>
plan_report report_behind(const X& x, const Options&... options) {
  using behind =
      task_behind<X, (is_train<Options> || ...), typename all_options<default_options, Options...>::type>;
  plan_report r = with_sizes(
      [&](const auto&... sizes) { return report_of<typename behind::type>(x, sizes...); }, options...);
  updates_of<X>::report(r, x);
  return r;
}

}  // namespace detail

/// The plan of an expression, a group, a compiled function or an executor as a table: kernels in order, the
/// ops in each, bytes, FLOPs, memory, what was simplified. Options: mode::train for the plan that also
/// computes gradients, wrt<"w"> for which, extent_of<"batch"> = 32 for sizes; arrays that are there give
/// theirs. Where sizes are open, numbers are formulas in the names. Throws usage_error for an extent that the
/// graph has not.
template <detail::explainable X, class... Options>
std::string explain(const X& x, const Options&... options) {
  detail::check_options<X, Options...>();
  return detail::text_of_report(detail::report_behind(x, options...));
}

/// The kernels that explain lists, as values. Throws usage_error where sizes are open.
template <detail::explainable X, class... Options>
std::vector<kernel_cost> kernel_costs(const X& x, const Options&... options) {
  detail::check_options<X, Options...>();
  const detail::plan_report r = detail::report_behind(x, options...);
  if (!r.sized) throw usage_error("kernel_costs: not all extents have sizes; give extent_of<...> = n");
  std::vector<kernel_cost> costs;
  for (const auto& l : r.kernels)
    if (l.loop.empty()) costs.push_back(l.cost);
  return costs;
}

}  // namespace tenon
