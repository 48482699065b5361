// A limit on the memory of intermediate values that the plan is made for: values are computed again until
// they fit. Included by name, not by tenon.hpp.
//
//   auto step = compile(value_and_grad(loss), passes::arena_within<4 << 20, "batch", 256>, model,
//                       spec<float, "batch", 784>{}, spec<int, "batch">{});
//   static_assert(arena_bytes(step, extent_of<"batch"> = 256) <= 4 << 20);
//
// A plan is made, and its peak looked for (plan/recompute.hpp); what is dropped there gives another graph and
// another plan, with another peak; and so on, a constant evaluation each.
#pragma once

#include "tenon/plan/recompute.hpp"
#include "tenon/symbol/outline.hpp"

namespace tenon {
namespace detail {

template <class Name, index Size>
struct given_size {};

/// Bytes for the arena, at sizes of extents.
template <index Bytes, class... Given>
struct arena_limit {
  static constexpr index bytes = Bytes;
  template <class Sizes>
  static constexpr bool give(Sizes& s) {
    return (give_one(s, static_cast<Given*>(nullptr)) && ...);
  }
  /// Calls f(name, size) for each.
  template <class F>
  static void each([[maybe_unused]] F f) {
    (tell(f, static_cast<Given*>(nullptr)), ...);
  }
  template <class F, class Name, index Size>
  static void tell(F& f, given_size<Name, Size>*) {
    f(Name::text, Size);
  }
  template <class Sizes, class Name, index Size>
  static constexpr bool give_one(Sizes& s, given_size<Name, Size>*) {
    return s.give(Name::text, Size);
  }
};

template <index Bytes, class Given, extent... Rest>
struct make_limit {
  static_assert(sizeof...(Rest) == 0,
                "tenon: arena_within takes bytes, then names of extents, each with its size: "
                "arena_within<1 << 20, \"batch\", 256>");
  using type = arena_limit<Bytes>;
};
template <index Bytes, class... Given>
struct make_limit<Bytes, list<Given...>> {
  using type = arena_limit<Bytes, Given...>;
};
template <index Bytes, class... Given, extent Name, extent Size, extent... Rest>
requires(Name.is_named() && !Size.is_named() && Size.size >= 0)  //
    struct make_limit<Bytes, list<Given...>, Name, Size, Rest...>
    : make_limit<Bytes, list<Given..., given_size<spelled<Name>, Size.size>>, Rest...> {
};

template <unsigned Bits, index Bytes, class... Given>
constexpr pass_set<Bits, arena_limit<Bytes, Given...>> operator|(pass_set<Bits>,
                                                                 arena_limit<Bytes, Given...>) {
  return {};
}
template <unsigned Bits, index Bytes, class... Given>
constexpr pass_set<Bits, arena_limit<Bytes, Given...>> operator|(arena_limit<Bytes, Given...>,
                                                                 pass_set<Bits>) {
  return {};
}

// ---- one plan after the other -----------------------------------------------------------------------------

/// A plan with its memory placed. First: the one without copies.
template <class First, class Passes, class Leaves, class Unit, bool Split, class Limit>
struct placed_plan {
  using passes_type = Passes;
  using plan_type = plan<Passes, host::backend<Unit>, Split>;
  using world = typename Passes::world;
  static constexpr const auto& graph = Passes::result;
  using graph_type = std::remove_cvref_t<decltype(graph)>;
  using sizes = sized_plan<graph.n, world::names::size, int(graph.dynamics)>;

  /// What placing reads.
  static constexpr plan_outline make_outline() {
    plan_outline o{plan_type::values};
    o.label = leaf_labels<Leaves>::at;
    return o;
  }
  static constexpr plan_outline outline = make_outline();

  enum class problem { none, no_such_extent, no_size, unfit };
  struct placement {
    sizes s{outline};
    problem what = problem::none;
  };
  static constexpr placement place() {
    placement r;
    if (!Limit::give(r.s)) r.what = problem::no_such_extent;
    if (r.what == problem::none && r.s.resolve() != 0) r.what = problem::no_size;
    if (r.s.refused || r.s.assumed_wrong) r.what = problem::unfit;
    if (r.what == problem::none) r.s.place();
    return r;
  }
  static constexpr placement placed = place();
  static constexpr bool valid = placed.what == problem::none;
  static_assert(placed.what != problem::no_such_extent,
                "tenon: arena_within names an extent that is not in this graph");
  static_assert(placed.what != problem::no_size,
                "tenon: arena_within needs the size of each extent that is not static: "
                "arena_within<1 << 20, \"batch\", 256>");
  static_assert(placed.what != problem::unfit, "tenon: the sizes in arena_within do not fit in this graph");

  static constexpr index arena =
      placed.s.top < 0 ? 0 : placed.s.item[placed.s.top].offset + placed.s.item[placed.s.top].bytes;
  static constexpr bool fits = arena <= Limit::bytes || !valid;

  /// FLOPs of nodes that are copies, or of the others.
  static constexpr double flops(bool copies) {
    double n = 0;
    for (int i = 0; i < graph.n; ++i) {
      bool again = false;
      if constexpr (requires { graph.again[0]; }) again = graph.again[i];
      if (again == copies && !graph.idle[i]) n += double(placed.s.flops_of(i));
    }
    return n;
  }
  /// No plan computes more again than all that it was about.
  static constexpr double spare_flops = flops(false) - flops(true);

  using work = recomputer<graph_type, sizes>;
  static constexpr work tools{graph, plan_type::parts, world::rows(), placed.s};
  static constexpr auto facts = tools.facts();
  /// What fragments leave unused at the peak is not there to be filled.
  static constexpr index target = Limit::bytes - (arena - facts.live[facts.at]);

  template <int K, class Dummy = void>
  struct search {
    static constexpr auto state = tools.search(facts, search<K - 1>::state, target, spare_flops);
  };
  template <class Dummy>
  struct search<0, Dummy> {
    static constexpr auto state = tools.search(facts, {}, target, spare_flops);
  };
  template <int K, bool Done = search<K>::state.done>
  struct found : found<K + 1> {};
  template <int K>
  struct found<K, true> {
    static constexpr const auto& best = search<K>::state.best;
    static constexpr const auto& least = search<K>::state.least;
  };
  /// Which choice is tried after which: the one with the least peak; then the smallest that helps at all, of
  /// which the peak is better known; then none.
  template <int Try>
  static constexpr const auto& choice() {
    if constexpr (Try == 0)
      return found<0>::best;
    else
      return found<0>::least;
  }
  template <int Try>
  static constexpr bool drops_more() {
    if constexpr (Try == 0)
      return found<0>::best.any;
    else
      return Try == 1 && found<0>::least.flops < found<0>::best.flops;
  }

  template <int Try>
  struct next_passes : First {
    static constexpr auto write() {
      typename work::template grown<graph.shapes, graph.output_count> to{};
      tools.write(facts, choice<Try>(), to);
      return to;
    }
    static constexpr auto written = write();
    static constexpr auto result = fitted<written.n, written.shapes, written.output_count>(written);
  };
  template <int Try>
  using next = placed_plan<First, next_passes<Try>, Leaves, Unit, Split, Limit>;
};

/// From a plan to one that takes less, until one fits or nothing more helps.
inline constexpr int most_plans = 10;
template <class Best, int Count, int Try, bool Fits = Best::fits>
struct best_plan {
  using type = Best;
};
template <class Best, int Count, int Try,
          bool More = (Count < most_plans && Best::template drops_more<Try>())>
struct improved_plan {
  using type = Best;
};
template <class Best, int Count, int Try>
struct best_plan<Best, Count, Try, false> : improved_plan<Best, Count, Try> {};
template <class Best, class Next, int Count, int Try, bool Better = (Next::arena < Best::arena)>
struct better_plan : best_plan<Best, Count, Try + 1> {};
template <class Best, class Next, int Count, int Try>
struct better_plan<Best, Next, Count, Try, true> : best_plan<Next, Count, 0> {};
template <class Best, int Count, int Try>
struct improved_plan<Best, Count, Try, true>
    : better_plan<Best, typename Best::template next<Try>, Count + 1, Try> {};

// ---- tasks and their plans --------------------------------------------------------------------------------

template <class Plans, class Leaves, class Limit>
struct plans_within;
template <class Graph, class Roots, derive Kind, class Wrt, bool Split, class Unit, unsigned Rules,
          class Leaves, class Limit>
struct plans_within<plans<Graph, Roots, Kind, Wrt, Split, Unit, Rules>, Leaves, Limit> {
  using unlimited = plans<Graph, Roots, Kind, Wrt, Split, Unit, Rules>;
  using passes_type = typename unlimited::passes_type;
  using first = placed_plan<passes_type, passes_type, Leaves, Unit, Split, Limit>;
  using chosen = typename best_plan<first, 1, 0>::type;
  using usual = typename chosen::plan_type;
  static constexpr bool dynamic = unlimited::dynamic;
  using limit = Limit;

  static void resolve(binding<Unit>& b, const leaf* const* leaves) {
    unlimited::template resolve_by<usual>(b, leaves);
  }
};

template <class Plans, class Leaves, class Limit>
struct plan_for<plans_within<Plans, Leaves, Limit>, dynamic_extents::any>
    : plan_for<Plans, dynamic_extents::any> {};

template <class Task, class Limit>
struct task_within : Task {
  template <class Unit>
  using plans_type = plans_within<typename Task::template plans_type<Unit>, typename Task::leaves, Limit>;
};
template <class Task, unsigned Bits, class Limit>
struct task_by<Task, pass_set<Bits, Limit>> {
  using type = task_within<typename Task::template with_rules<Bits>, Limit>;
};
template <class Task, class Limit, class Unit>
struct task_passes<task_within<Task, Limit>, Unit> {
  static constexpr bool possible = false;
};

template <class W, class N, bool A, class H, unsigned Bits, class Old, index Bytes, class... Given>
struct with_option<bind_options<W, N, A, H, pass_set<Bits, Old>>, arena_limit<Bytes, Given...>> {
  using type = bind_options<W, N, A, H, pass_set<Bits, arena_limit<Bytes, Given...>>>;
  static constexpr bool is_option = true;
};

}  // namespace detail

namespace passes {
/// Makes a plan whose intermediate values take at most so many bytes (arena_bytes), if computing values again
/// can do that; else the one that takes least. Named extents need their sizes, by which the plan is made:
/// arena_within<4 << 20, "batch", 256>; at others it computes the same and takes what it takes. Dynamic ones
/// are called by leaf and axis, "arg0.0". An argument of compile and bind, alone or beside other sets:
/// passes::all | passes::arena_within<1 << 20>. Results are those of the plan without it.
template <index Bytes, extent... Sizes>
inline constexpr typename detail::make_limit<Bytes, list<>, Sizes...>::type arena_within{};
}  // namespace passes

/// compile within a limit on memory: see passes::arena_within.
template <class F, index Bytes, class... Given, class... A, class Unit = this_unit>
auto compile(const F& f, detail::arena_limit<Bytes, Given...> limit, const A&... a) {
  return compile(f, passes::exact | limit, a...);
}

}  // namespace tenon
