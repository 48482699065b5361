// What an executor differentiates: which outputs have cotangents, and with respect to which leaves.
#pragma once

#include "tenon/autodiff/runner.hpp"
#include "tenon/symbol/arguments.hpp"
#include "tenon/symbol/attributes.hpp"

namespace tenon::detail {

template <class Heads, int Outputs>
struct chosen_heads {
  static constexpr int n = Heads::n == 0 ? Outputs : Heads::n;
  static constexpr bool given = true;
  static constexpr int output(int h) { return Heads::n == 0 ? h : Heads::at[h]; }
};
template <int Outputs>
struct chosen_heads<void, Outputs> {
  static constexpr int n = 1;
  static constexpr bool given = false;
  static constexpr int output(int) { return 0; }
};

/// Adds leaves for the cotangents of heads.
template <class Graph, int H, class... E>
struct with_seeds {
  using type = Graph;
};
template <class Graph, int H, class E, class... Rest>
struct with_seeds<Graph, H, E, Rest...>
    : with_seeds<typename with_leaf<Graph, named_leaf<number<first_extra_argument + H>,
                                                      typename E::value_type, typename E::shape_type>>::type,
                 H + 1, Rest...> {};

template <class Of, class Options>
struct differentiation {
  using graph_type = typename Of::graph_type;
  using leaves = typename leaves_of<graph_type>::type;
  using tables = named_leaf_tables<leaves>;
  using outputs = outputs_of<Of>;
  using heads = chosen_heads<typename Options::heads, outputs::count>;

  // ---- heads: they come first among the roots of the plan, then other outputs, then states ----------------

  struct order {
    int member[outputs::count + outputs::states + 1]{};  // of each root of the plan: its member of the group
    int place[outputs::count + 1]{};                     // of each output: its root
    bool valid = true;
  };
  static constexpr order arrange() {
    order r;
    bool taken[outputs::count + 1]{};
    int n = 0;
    for (int h = 0; h < heads::n; ++h) {
      const int o = heads::output(h);
      if (o < 0 || o >= outputs::count || taken[o]) {
        r.valid = false;
        return r;
      }
      taken[o] = true;
      r.place[o] = n;
      r.member[n++] = outputs::member(o);
    }
    for (int o = 0; o < outputs::count; ++o)
      if (!taken[o]) {
        r.place[o] = n;
        r.member[n++] = outputs::member(o);
      }
    for (int s = 0; s < outputs::states; ++s) r.member[n++] = outputs::state_member(s);
    return r;
  }
  static constexpr order arranged = arrange();
  static_assert(arranged.valid, "tenon: heads<...> names outputs by position, each at most once");

  template <class Indices>
  struct make_roots;
  template <int... I>
  struct make_roots<std::integer_sequence<int, I...>> {
    using type = places<Of::roots::at[arranged.member[I]]...>;
  };
  using roots = typename make_roots<std::make_integer_sequence<int, outputs::count + outputs::states>>::type;

  template <int H>
  using head = at<heads::output(H), typename outputs::values>;
  static constexpr bool lone_scalar = !heads::given && head<0>::shape_type::rank == 0;
  static constexpr int seeds = lone_scalar ? 0 : heads::n;
  template <class Indices>
  struct make_seeds;
  template <int... H>
  struct make_seeds<std::integer_sequence<int, H...>> {
    static constexpr bool scalars = ((head<H>::shape_type::rank == 0) && ...);
    static constexpr dtype type[sizeof...(H) + 1] = {dtype_of<typename head<H>::value_type>..., dtype::none};
    static constexpr bool floating = (is_floating(dtype_of<typename head<H>::value_type>) && ...);
    using graph = typename with_seeds<graph_type, 0, head<H>...>::type;
  };
  using seeding = make_seeds<std::make_integer_sequence<int, heads::n>>;
  static constexpr bool scalars = seeding::scalars;

  // ---- leaves ---------------------------------------------------------------------------------------------

  static constexpr bool take(int k) {
    if (Options::none || !tables::floating[k]) return false;
    if (tables::parameter[k]) return true;
    return tables::template named_in<typename Options::wrt>(k) &&
           (std::is_same_v<typename Options::null, list<>> ||
            !tables::template named_in<typename Options::null>(k));
  }
  static constexpr int count() {
    int n = 0;
    for (int i = 0; i < tables::n; ++i) n += take(i);
    return n;
  }
  static constexpr int nth(int k) {
    for (int i = 0; i < tables::n; ++i)
      if (take(i) && k-- == 0) return i;
    return -1;
  }
  template <class Indices>
  struct make;
  template <int... K>
  struct make<std::integer_sequence<int, K...>> {
    using nodes = places<leaves_of<graph_type>::places(nth(K))...>;
    using places_of_leaves = places<nth(K)...>;
  };
  using made = make<std::make_integer_sequence<int, count()>>;
  using wrt_leaves = typename made::places_of_leaves;

  template <bool LoneScalar, class Seeding>
  struct make_task {
    using type = detail::task<typename Seeding::graph, roots, derive::pullback, typename made::nodes, true>;
  };
  template <class Seeding>
  struct make_task<true, Seeding> {
    using type = detail::task<graph_type, roots, derive::gradient, typename made::nodes, true>;
  };
  using task = typename make_task<lone_scalar, seeding>::type;
};

}  // namespace tenon::detail
