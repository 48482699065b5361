// What a computation costs, before it runs: kernels, FLOPs, bytes moved, memory. Constant expressions, from the
// tables of the plan that would run; no kernel is compiled for it.
//
//   auto e = tanh(matmul(X, W));
//   static_assert(peak_bytes(e) <= 1 << 20);                       // all extents static
//   static_assert(peak_bytes(e, extent_of<"batch"> = 32) <= 1 << 20);
//   flops(e).text()                                                // "100352*batch"
//
// What is counted how stands in plan/outline.hpp. Included by name, not by tenon.hpp.
#pragma once

#include <string>
#include <vector>

#include "tenon/plan/outline.hpp"
#include "tenon/symbol/compile.hpp"
#include "tenon/symbol/executor.hpp"

namespace tenon {
namespace detail {

// ---- from what users hold to the task that would run ------------------------------------------------------

template <class Graph, class Roots, class Values, bool Train, class Wrt>
struct graph_task {
  using type = task<Graph, Roots, derive::nothing, places<>>;
};
template <class Graph, class Roots, class Values, class Wrt>
struct graph_task<Graph, Roots, Values, true, Wrt> {
  using value = at<0, Values>;
  using wrt = typename executor_wrt<Graph, Wrt>::nodes;
  template <bool Scalar, class Seed>
  struct choose {
    using type = task<Graph, Roots, derive::gradient, wrt, true>;
  };
  template <class Seed>
  struct choose<false, Seed> {
    using type = task<typename with_leaf<Graph, Seed>::type, Roots, derive::pullback, wrt, true>;
  };
  using seed =
      named_leaf<number<first_extra_argument>, typename value::value_type, typename value::shape_type>;
  using type = typename choose<value::shape_type::rank == 0, seed>::type;
};

template <class X, bool Train, class Wrt>
struct task_behind {
  static constexpr bool known = false;
};
template <class G, int R, class T, class S, bool Train, class Wrt>
struct task_behind<expression<G, R, T, S>, Train, Wrt>
    : graph_task<G, places<R>, list<expression<G, R, T, S>>, Train, Wrt> {
  static constexpr bool known = true;
  using graph_type = G;
  using roots = places<R>;
};
template <class G, int L, class... E, int... R, bool Train, class Wrt>
struct task_behind<expression_group<G, L, places<R...>, E...>, Train, Wrt>
    : graph_task<G, places<R...>, list<E...>, Train, Wrt> {
  static constexpr bool known = true;
  using graph_type = G;
  using roots = places<R...>;
};
template <class G, class Roots, class Values, class W, class Unit, bool Train, class Wrt>
struct task_behind<executor<G, Roots, Values, W, Unit>, Train, Wrt> : graph_task<G, Roots, Values, Train, W> {
  static constexpr bool known = true;
  using graph_type = G;
  using roots = Roots;
};
template <class F, class E, class Unit, class... A, bool Train, class Wrt>
struct task_behind<compiled<F, E, Unit, A...>, Train, Wrt> : compiled_task<F, E, A...> {
  static constexpr bool known = true;
  static_assert(!Train, "tenon: a compiled function has one plan; compile value_and_grad(f) to train");
  using graph_type = typename E::graph_type;
  using roots = places<E::root>;
};

// ---- the outline of a task's plan -------------------------------------------------------------------------

template <class L>
struct layer_of {
  using name = void;
};
template <int K, class N, class T, class S>
struct layer_of<model_parameter<K, N, T, S>> {
  using name = N;
};
template <class L>
constexpr leaf_label label_of() {
  leaf_label l;
  if constexpr (!std::is_void_v<typename leaf_traits<L>::name>) l.name = leaf_traits<L>::name::text;
  if constexpr (!std::is_void_v<typename layer_of<L>::name>) l.name = layer_of<L>::name::text;
  l.argument = leaf_traits<L>::argument;
  l.parameter = leaf_traits<L>::parameter;
  l.seed = l.argument >= first_extra_argument;
  return l;
}

template <class Leaves>
struct leaf_labels;
template <class... L>
struct leaf_labels<list<L...>> {
  static constexpr leaf_label at[sizeof...(L) + 1] = {label_of<L>()..., leaf_label{}};
};

/// How many nodes there were before what no output needs was dropped.
template <class P, derive Kind>
struct written_nodes {
  static constexpr int opened(const flat_node& f) {
    if (P::world::rows()[f.op].kind != op_kind::call) return 1;
    const flat_graph& body = P::world::called()[f.op];
    int n = 0;
    for (int i = 0; i < body.n; ++i) n += body.node[i].argument < 0 ? opened(body.node[i]) : 0;
    return n;
  }
  static constexpr int written() {
    int n = 0;
    for (int i = 0; i < P::size; ++i) n += opened(P::nodes::value.at[i]);
    return n - (Kind == derive::pullback);
  }
  static constexpr int distinct_nodes() {
    typename P::scratch s;
    int to[P::size + 1]{};
    graph_builder b = P::builder(s);
    P::lower(b, to);
    if constexpr (Kind != derive::nothing) {
      computation<P::capacity, P::shape_capacity> unused;
      P::derive_outputs(b, to, unused);
    }
    return b.n;
  }
};

/// The plan of a task, by how it takes dynamic extents that meet.
template <class Plans, dynamic_extents>
struct plan_for {
  using type = typename Plans::usual;
};
template <class Graph, class Roots, derive Kind, class Wrt, bool Split, class Unit>
struct plan_for<plans<Graph, Roots, Kind, Wrt, Split, Unit>, dynamic_extents::any> {
  using type = cpu_plan<Graph, Roots, Kind, Wrt, dynamic_extents::any, Split, Unit>;
};

template <class Task, dynamic_extents Dynamic = dynamic_extents::equal>
struct outline_of {
  using passes_type =
      passes<typename Task::graph_type, typename Task::roots, Task::kind, typename Task::wrt, Dynamic>;
  using plan_type = typename plan_for<typename Task::template plans_type<this_unit>, Dynamic>::type;
  using world = typename passes_type::world;
  using counts = written_nodes<passes_type, Task::kind>;
  static constexpr const auto& graph = passes_type::result;
  static constexpr int nodes = passes_type::unbounded.n;
  static constexpr int names = world::names::size;
  static constexpr int dynamics = int(graph.dynamics);

  struct leaf_numbers {
    int at[Task::wrt::n + 1]{};
  };
  static constexpr leaf_numbers find_wrt() {
    leaf_numbers r;
    for (int w = 0; w < Task::wrt::n; ++w)
      for (int i = 0; i < Task::wrt::at[w]; ++i)
        r.at[w] += world::rows()[passes_type::nodes::value.at[i].op].kind == op_kind::leaf;
    return r;
  }
  static constexpr leaf_numbers wrt = find_wrt();

  static constexpr plan_outline value{nodes,
                                      plan_type::parts.count,
                                      plan_type::parts.prologue,
                                      plan_type::parts.forward,
                                      graph.output_count,
                                      plan_type::leaves.n,
                                      names,
                                      graph.shapes,
                                      graph.dynamics,
                                      graph.node,
                                      graph.shape,
                                      world::bound_rows(),
                                      plan_type::parts.step,
                                      plan_type::parts.base,
                                      plan_type::parts.last_use,
                                      graph.outputs,
                                      graph.output_shape,
                                      plan_type::leaves.at,
                                      plan_type::parts.stored,
                                      graph.backward,
                                      plan_type::parts.fused,
                                      plan_type::parts.first,
                                      plan_type::parts.space,
                                      plan_type::programs.use,
                                      plan_type::operands.load,
                                      plan_type::operands.output,
                                      text_of<typename world::names>::value,
                                      leaf_labels<typename Task::leaves>::at,
                                      counts::written(),
                                      counts::distinct_nodes(),
                                      Task::kind == derive::nothing,
                                      Task::roots::n,
                                      wrt.at};

  using sizes = sized_plan<nodes, names, dynamics>;

  /// Whether every extent of the leaves is a size.
  static constexpr bool is_static() {
    for (int i = 0; i < nodes; ++i)
      for (int k = 0; k < value.shape[value.node[i].shape].rank; ++k)
        if (!tenon::is_static(value.shape[value.node[i].shape][k].code)) return false;
    return true;
  }
};

/// The plan with sizes given, placed. Throws usage_error where an extent is missing or not there.
template <class Outline, class... Name>
constexpr typename Outline::sizes sized_outline(const named_size<Name>&... given) {
  typename Outline::sizes s(Outline::value);
  [[maybe_unused]] const auto give = [&](const char* text, index size) {
    if (size < 0) throw usage_error("extent_of: an extent is not negative");
    if (!s.give(text, size))
      throw usage_error("extent_of: there is no extent \"" + std::string(text) + "\" in this graph");
  };
  (give(Name::text, given.size), ...);
  if (const index code = s.resolve(); code != 0)
    throw usage_error(is_name(code)
                          ? "cost: the extent \"" + std::string(Outline::value.name[first_name_code - code]) +
                                "\" has no size; give extent_of<...> = n"
                          : "cost: a dynamic extent has no size; give extent_of<\"x.0\"> = n for "
                            "axis 0 of x, and so on");
  if (s.refused) throw shape_error("cost: these sizes do not fit in this graph");
  if (s.assumed_wrong)
    throw usage_error(
        "cost: dynamic extents that meet are taken as equal here; explain() takes arrays of others");
  s.place();
  return s;
}

template <class Outline, class... Name>
constexpr plan_cost cost_at(const named_size<Name>&... given) {
  return sized_outline<Outline>(given...).total();
}

// ---- formulas in names ------------------------------------------------------------------------------------

/// A sum of products of extents, for reading: terms by degree, equal ones added.
class polynomial {
 public:
  struct term {
    index factor;
    std::vector<index> codes;  // ascending
  };
  polynomial() = default;
  explicit polynomial(index n) { add({n, {}}); }
  /// Bytes, or elements, of an array.
  static polynomial of(const extents& e, index factor) {
    term t{factor, {}};
    for (int k = 0; k < e.rank; ++k) {
      if (is_static(e[k].code)) {
        t.factor *= e[k].code;
        continue;
      }
      std::size_t at_place = t.codes.size();
      t.codes.push_back(e[k].code);
      for (; at_place > 0 && t.codes[at_place - 1] < t.codes[at_place]; --at_place)
        std::swap(t.codes[at_place - 1], t.codes[at_place]);
    }
    polynomial p;
    p.add(t);
    return p;
  }
  polynomial& operator+=(const polynomial& o) {
    for (const term& t : o.terms_) add(t);
    return *this;
  }
  polynomial& operator*=(index factor) {
    for (term& t : terms_) t.factor *= factor;
    if (factor == 0) terms_.clear();
    return *this;
  }
  const std::vector<term>& terms() const { return terms_; }
  bool divides(index by) const {
    for (const term& t : terms_)
      if (t.factor % by != 0) return false;
    return true;
  }
  bool operator==(const polynomial& o) const {
    polynomial difference = o;
    difference *= -1;
    difference += *this;
    return difference.terms_.empty();
  }

  template <class Spell>
  std::string text(Spell spell) const {
    std::string out;
    for (const term& t : terms_) {
      const bool minus = t.factor < 0;
      out += out.empty() ? (minus ? "-" : "") : (minus ? " - " : " + ");
      const index n = minus ? -t.factor : t.factor;
      if (n != 1 || t.codes.empty()) out += std::to_string(n);
      for (std::size_t k = 0; k < t.codes.size(); ++k)
        out += (k > 0 || n != 1 ? "*" : "") + spell(t.codes[k]);
    }
    return out.empty() ? "0" : out;
  }

 private:
  void add(const term& t) {
    std::size_t k = 0;
    for (; k < terms_.size(); ++k) {
      if (terms_[k].codes == t.codes) {
        terms_[k].factor += t.factor;
        if (terms_[k].factor == 0) terms_.erase(terms_.begin() + std::ptrdiff_t(k));
        return;
      }
      if (terms_[k].codes.size() < t.codes.size() ||
          (terms_[k].codes.size() == t.codes.size() && terms_[k].codes < t.codes))
        break;
    }
    if (t.factor != 0) terms_.insert(terms_.begin() + std::ptrdiff_t(k), t);
  }
  std::vector<term> terms_;
};

/// The same counts as step_cost and plan_cost, as formulas.
struct outline_formulas {
  const plan_outline& p;

  /// A name, or x.0 for axis 0 of the first leaf with a dynamic extent.
  std::string spell(index code) const {
    if (is_name(code)) return p.name[first_name_code - code];
    for (int i = 0; i < p.nodes; ++i) {
      const extents& e = p.shape[p.node[i].shape];
      if (p.leaf[i] < 0) continue;
      for (int k = 0; k < e.rank; ++k)
        if (e[k].code == code) return leaf_name(i) + "." + std::to_string(k);
    }
    for (int i = 0; i < p.nodes; ++i) {
      const extents& e = p.shape[p.node[i].shape];
      for (int k = 0; k < e.rank; ++k)
        if (e[k].code == code)
          return std::string(p.op[p.node[i].op].name) + std::to_string(i) + "." + std::to_string(k);
    }
    return "?";
  }
  std::string leaf_name(int i) const {
    char text[64]{};
    sized_plan<0, 0, 0>::spell_leaf(p, p.leaf[i], text);
    return text;
  }
  /// Output o, as users call it: result, result 1, gradient of w.
  std::string output_name(int o) const {
    if (o < p.roots) return p.roots > 1 ? "result " + std::to_string(o) : "result";
    if (p.forward_only) return "result " + std::to_string(o);
    char text[64]{};
    sized_plan<0, 0, 0>::spell_leaf(p, p.wrt_leaves[o - p.roots], text);
    return std::string("gradient of ") + text;
  }
  std::string text(const polynomial& q) const {
    return q.text([this](index code) { return spell(code); });
  }
  std::string shape(int i) const { return shape(p.shape[p.node[i].shape]); }
  std::string shape(const extents& e) const {
    std::string s = "[";
    for (int k = 0; k < e.rank; ++k)
      s += (k > 0 ? ", " : "") + (is_static(e[k].code) ? std::to_string(e[k].code) : spell(e[k].code));
    return s + "]";
  }

  const extents& shape_of(int i) const { return p.shape[p.node[i].shape]; }
  polynomial elements(int i) const { return polynomial::of(shape_of(i), 1); }
  polynomial bytes(int i) const { return polynomial::of(shape_of(i), size_of(p.node[i].type)); }

  polynomial flops_of(int i) const {
    if (p.computes(i)) return elements(i);
    if (p.kind(i) == op_kind::reduction) {
      polynomial n = elements(i);
      n *= -1;
      n += elements(p.node[i].in[0]);
      return n;
    }
    if (p.kind(i) != op_kind::contraction) return {};
    extents all = shape_of(i);
    const extents& b = shape_of(p.node[i].in[1]);
    const attributes& k = p.node[i].attribute;
    index factor = 2;
    std::vector<dim> inner;
    for (int a = 0; a < int(k.a[1]); ++a) inner.push_back(b[b.rank - int(k.a[2]) - 1 - a]);
    for (const dim& d : inner) {
      if (is_static(d.code))
        factor *= d.code;
      else if (all.rank < max_rank)
        all[all.rank++] = d;
    }
    return polynomial::of(all, factor);
  }
  struct formulas {
    polynomial read, written, flops;
  };
  /// `s` says which views are copied.
  template <class Sizes>
  formulas cost(int q, const Sizes& s) const {
    formulas c;
    if (p.fused[q]) {
      const kernel_use& use = p.use[q];
      for (int l = 0; l < use.loads; ++l) {
        bool again = false;
        for (int m = 0; m < l; ++m) again = again || p.load[use.load + m].node == p.load[use.load + l].node;
        if (!again) c.read += bytes(p.load[use.load + l].node);
      }
      for (int o = 0; o < use.outputs; ++o) c.written += bytes(p.out[use.output + o].node);
    } else {
      const int i = p.first[q];
      for (int k = 0; k < p.op[p.node[i].op].arity; ++k)
        if (p.reads(i, k)) c.read += bytes(p.node[i].in[k]);
      c.written += bytes(i);
    }
    for (int i = 0; i < p.nodes; ++i)
      if (p.step_of[i] == q) c.flops += flops_of(i);
    for (int k = 0; k < s.items; ++k)
      if (s.item[k].copy && s.item[k].first == q) {
        c.read += bytes(s.item[k].value);
        c.written += bytes(s.item[k].value);
      }
    return c;
  }

  /// A sum of arrays in the arena: each is rounded up to 64 bytes, with 64 to spare. What divides by 64 is in
  /// `sum`.
  struct padded_sum {
    polynomial sum;
    std::vector<std::pair<std::string, int>> rounded;  // and how often

    std::string text(const outline_formulas& f) const {
      std::string s = sum.terms().empty() && !rounded.empty() ? "" : f.text(sum);
      for (const auto& [of, n] : rounded)
        s += (s.empty() ? "" : " + ") + (n > 1 ? std::to_string(n) + "*" : "") + "up64(" + of + ")";
      return s;
    }
  };
  void add_padded(int i, padded_sum& to) const {
    polynomial b = bytes(i);
    bool number = true;
    for (const polynomial::term& t : b.terms()) number = number && t.codes.empty();
    to.sum += polynomial(64);
    if (number) {
      to.sum += polynomial(padded_bytes(b.terms().empty() ? 0 : b.terms()[0].factor));
    } else if (b.divides(64)) {
      to.sum += b;
    } else {
      const std::string of = text(b);
      for (auto& [known, n] : to.rounded)
        if (known == of) {
          ++n;
          return;
        }
      to.rounded.emplace_back(of, 1);
    }
  }
};

/// The plan at large sizes, all different, to order arrays by and to see which views are copied. Some graphs
/// take certain sizes only (a reshape divides one), hence several bases.
template <class Outline>
typename Outline::sizes sample_of() {
  for (const index base : {5040, 4096, 1000, 27, 1}) {
    typename Outline::sizes s(Outline::value);
    for (int k = 0; k < Outline::names; ++k) s.name[k] = base * (k + 1);
    for (int i = 0; i < Outline::value.nodes; ++i)
      if (Outline::value.leaf[i] >= 0)
        for (const dim& d : Outline::value.shape[Outline::value.node[i].shape].d)
          if (is_dynamic(d.code)) s.at(d.code) = base;
    s.resolve();
    if ((s.refused || s.assumed_wrong) && base > 1) continue;
    s.place();
    return s;
  }
  return typename Outline::sizes(Outline::value);
}

enum class quantity { read, written, moved, flops, arguments, outputs, arena, unplanned, peak };

constexpr index quantity_of(quantity q, const plan_cost& c) {
  switch (q) {
    case quantity::read:
      return c.read;
    case quantity::written:
      return c.written;
    case quantity::moved:
      return c.read + c.written;
    case quantity::flops:
      return c.flops;
    case quantity::arguments:
      return c.arguments;
    case quantity::outputs:
      return c.outputs;
    case quantity::arena:
      return c.arena;
    case quantity::unplanned:
      return c.unplanned;
    default:
      return c.peak();
  }
}

}  // namespace detail

/// A cost in the names of extents: called with their sizes it is exact, as text it is a sum of products.
///
/// `text()` of what depends on the arena (arena_bytes, peak_bytes) is that of large extents in the ratios of
/// a sample, since which arrays share memory depends on sizes; up64(n) is n rounded up to a multiple of 64.
template <class Outline, detail::quantity Quantity>
struct cost_formula {
  /// The number at these sizes: f(extent_of<"batch"> = 32). Dynamic extents are called by leaf and axis,
  /// extent_of<"x.0"> = 7. Throws usage_error where one is missing.
  template <class... Name>
  constexpr index operator()(const detail::named_size<Name>&... sizes) const {
    return detail::quantity_of(Quantity, detail::cost_at<Outline>(sizes...));
  }
  std::string text() const {
    using detail::quantity;
    const detail::plan_outline& p = Outline::value;
    const detail::outline_formulas f{p};
    const auto s = detail::sample_of<Outline>();
    detail::outline_formulas::padded_sum total;
    detail::polynomial& sum = total.sum;
    if constexpr (Quantity == quantity::read || Quantity == quantity::written ||
                  Quantity == quantity::moved || Quantity == quantity::flops)
      for (int q = p.prologue; q < p.steps; ++q) {
        const auto c = f.cost(q, s);
        if constexpr (Quantity == quantity::read || Quantity == quantity::moved) sum += c.read;
        if constexpr (Quantity == quantity::written || Quantity == quantity::moved) sum += c.written;
        if constexpr (Quantity == quantity::flops) sum += c.flops;
      }
    if constexpr (Quantity == quantity::arguments || Quantity == quantity::peak)
      for (int i = 0; i < p.nodes; ++i)
        if (p.leaf[i] >= 0) sum += f.bytes(i);
    if constexpr (Quantity == quantity::outputs || Quantity == quantity::peak)
      for (int o = 0; o < p.outputs; ++o) sum += f.bytes(p.output[o]);
    const auto add = [&](int item) { f.add_padded(s.item[item].value, total); };
    if constexpr (Quantity == quantity::arena || Quantity == quantity::peak)
      for (int k = s.top; k >= 0; k = s.item[k].below) add(k);
    if constexpr (Quantity == quantity::unplanned)
      for (int k = 0; k < s.items; ++k) add(k);
    return total.text(f);
  }
};

namespace detail {

template <class X>
inline constexpr bool is_train = false;
template <>
inline constexpr bool is_train<mode::train_t> = true;

template <class X>
struct size_options {
  using type = list<>;
};
template <class N>
struct size_options<named_size<N>> {
  using type = list<N>;
};

/// The outline behind x, with options: mode::train, wrt<...>; sizes say nothing here.
template <class X, class... Options>
using outline_behind = outline_of<
    typename task_behind<X, (is_train<Options> || ...), typename wrt_among<list<>, Options...>::type>::type>;

template <class X>
concept explainable = task_behind<X, false, list<>>::known;

/// Calls f with the named sizes among the options.
template <class F, class... Options>
constexpr decltype(auto) with_sizes(F f, const Options&... options) {
  return std::apply(f, std::tuple_cat([](const auto& o) {
                      if constexpr (is_named_size<std::remove_cvref_t<decltype(o)>>)
                        return std::tuple(o);
                      else
                        return std::tuple<>();
                    }(options)...));
}

template <quantity Q, class X, class... Options>
constexpr auto cost_in(const Options&... options) {
  using O = outline_behind<X, Options...>;
  if constexpr (O::is_static() || (is_named_size<Options> || ...))
    return with_sizes([](const auto&... sizes) { return quantity_of(Q, cost_at<O>(sizes...)); }, options...);
  else
    return cost_formula<O, Q>{};
}

}  // namespace detail

// Each takes an expression, a group, a compiled function or an executor, and options: mode::train for the plan
// that also computes gradients, wrt<"w"> for which, extent_of<"batch"> = 32 for sizes. Where all extents are
// static, or sizes are given, the result is a number (index), else a cost_formula. All are constant expressions.

/// Kernels that one run launches: fused ones, matrix products and opaque ops.
template <detail::explainable X, class... Options>
constexpr int kernel_count(const X&, const Options&...) {
  return detail::outline_behind<X, Options...>::value.kernels();
}
/// Floating-point (or integer) operations of one run.
template <detail::explainable X, class... Options>
constexpr auto flops(const X&, const Options&... options) {
  return detail::cost_in<detail::quantity::flops, X>(options...);
}
/// Bytes that the kernels of one run read.
template <detail::explainable X, class... Options>
constexpr auto bytes_read(const X&, const Options&... options) {
  return detail::cost_in<detail::quantity::read, X>(options...);
}
/// Bytes that the kernels of one run write.
template <detail::explainable X, class... Options>
constexpr auto bytes_written(const X&, const Options&... options) {
  return detail::cost_in<detail::quantity::written, X>(options...);
}
/// Bytes read and written.
template <detail::explainable X, class... Options>
constexpr auto bytes_moved(const X&, const Options&... options) {
  return detail::cost_in<detail::quantity::moved, X>(options...);
}
/// Bytes of the arguments: variables, parameters, arrays.
template <detail::explainable X, class... Options>
constexpr auto argument_bytes(const X&, const Options&... options) {
  return detail::cost_in<detail::quantity::arguments, X>(options...);
}
/// Bytes of the results, gradients among them.
template <detail::explainable X, class... Options>
constexpr auto output_bytes(const X&, const Options&... options) {
  return detail::cost_in<detail::quantity::outputs, X>(options...);
}
/// Bytes of intermediate values, which share memory where they live at different times; what an executor's
/// arena_bytes() is.
template <detail::explainable X, class... Options>
constexpr auto arena_bytes(const X&, const Options&... options) {
  return detail::cost_in<detail::quantity::arena, X>(options...);
}
/// Bytes of intermediate values if each had a buffer of its own.
template <detail::explainable X, class... Options>
constexpr auto unplanned_bytes(const X&, const Options&... options) {
  return detail::cost_in<detail::quantity::unplanned, X>(options...);
}
/// Bytes of arguments, results and intermediate values together.
template <detail::explainable X, class... Options>
constexpr auto peak_bytes(const X&, const Options&... options) {
  return detail::cost_in<detail::quantity::peak, X>(options...);
}

}  // namespace tenon
