// The variables of a graph by name and by position; a name that is not there is a compile error that lists
// those that are.
#pragma once

#include "tenon/autodiff/trace.hpp"
#include "tenon/symbol/group.hpp"

namespace tenon::detail {

template <class Name>
struct plain_name {
  using type = Name;
  static constexpr bool state = false;
};
template <class Name>
struct plain_name<state_name<Name>> {
  using type = Name;
  static constexpr bool state = true;
};

/// Refuses a name that a graph has not. The names that it has stand in the type, where messages quote them.
template <bool Found, class Asked, class... TheGraphHas>
struct name_is_known {
  static_assert(Found,
                "tenon: this graph has no variable of this name; Asked is the name, TheGraphHas lists those "
                "that it has");
};

/// Refuses a position beyond the last.
template <bool Found, int Asked, int Count>
struct position_is_there {
  static_assert(Found, "tenon: there is no such position; Count is how many there are");
};

template <class Names, class Name>
inline constexpr bool names_include = false;
template <class... N, class Name>
inline constexpr bool names_include<list<N...>, Name> = (std::is_same_v<N, Name> || ...);

template <class Name>
constexpr const char* text_of_name() {
  if constexpr (std::is_void_v<Name>)
    return "";
  else
    return Name::text;
}

/// A shape as the user wrote it: static sizes, and the names of others.
struct written_shape {
  extents sizes;  // codes: static sizes, else negative
  const char* name[max_rank]{};
};
template <class D>
constexpr const char* dim_text() {
  if constexpr (is_named_dim<D>)
    return D::text;
  else
    return static_size<D> < 0 ? "dyn" : "";
}
template <class Shape>
struct write_shape;
template <class... D>
struct write_shape<shape<D...>> {
  static constexpr written_shape value{extents_of<shape<D...>, list<>>::value, {dim_text<D>()...}};
};

/// Throws shape_error where an array does not have the rank and the static extents of a variable.
TENON_NOINLINE inline void check_shape(const char* who, const char* variable, const written_shape& declared,
                                       const index* extent, int rank) {
  const extents& d = declared.sizes;
  bool fits = rank == d.rank;
  for (int a = 0; a < rank && fits; ++a) fits = d[a].code < 0 || d[a].code == extent[a];
  if (fits) return;
  extents got;
  for (int a = 0; a < rank; ++a) got[got.rank++] = {extent[a], extent[a]};
  std::string line = who;
  line.append(": \"").append(variable).append("\" has shape ").append(describe(got)).append(", expected [");
  for (int a = 0; a < d.rank; ++a)
    line.append(a > 0 ? ", " : "")
        .append(d[a].code < 0 ? declared.name[a] : std::to_string(d[a].code).c_str());
  throw shape_error(line.append("]"));
}

/// The leaves of a graph with their names. Arguments and states are counted apart.
template <class Leaves>
struct named_leaf_tables;
template <class... L>
struct named_leaf_tables<list<L...>> : leaf_tables<list<L...>> {
  static constexpr int n = sizeof...(L);
  static constexpr bool named[n + 1] = {!std::is_void_v<typename leaf_traits<L>::name>..., false};
  static constexpr bool state[n + 1] = {plain_name<typename leaf_traits<L>::name>::state..., false};
  static constexpr const char* texts[n + 1] = {
      text_of_name<typename plain_name<typename leaf_traits<L>::name>::type>()..., ""};
  static constexpr const char* text(int leaf) { return texts[leaf]; }
  static constexpr written_shape declared[n + 1] = {
      write_shape<typename leaf_traits<L>::shape_type>::value..., {}};
  /// Whether all extents of a leaf are static.
  static constexpr bool fixed(int k) {
    for (int a = 0; a < declared[k].sizes.rank; ++a)
      if (declared[k].sizes[a].code < 0) return false;
    return true;
  }
  /// Throws shape_error where an array does not have the rank and static extents of leaf k.
  static void check(const char* who, int k, const index* extent, int axes) {
    check_shape(who, texts[k], declared[k], extent, axes);
  }

  /// Whether a leaf is among the names Wrt; all arguments are among list<>.
  template <class Wrt>
  static constexpr bool named_in(int leaf) {
    constexpr bool in[] = {
        (std::is_same_v<Wrt, list<>>
             ? named[0] || true
             : names_include<Wrt, typename plain_name<typename leaf_traits<L>::name>::type>)...,
        false};
    return in[leaf] && named[leaf] && !state[leaf];
  }
  template <class Name>
  static constexpr int find_name() {
    constexpr bool is[] = {std::is_same_v<typename plain_name<typename leaf_traits<L>::name>::type, Name>...,
                           false};
    for (int k = 0; k < n; ++k)
      if (is[k]) return k;
    return -1;
  }
  static constexpr int count(bool states) {
    int c = 0;
    for (int k = 0; k < n; ++k) c += named[k] && state[k] == states;
    return c;
  }
  /// The leaf of the i-th argument, or of the i-th state; -1 beyond the last.
  static constexpr int nth(int i, bool states) {
    for (int k = 0; k < n; ++k)
      if (named[k] && state[k] == states && i-- == 0) return k;
    return -1;
  }
  static constexpr bool names_unique() {
    constexpr type_id id[] = {
        (std::is_void_v<typename leaf_traits<L>::name>
             ? type_id(0)
             : identity<typename plain_name<typename leaf_traits<L>::name>::type>::id)...,
        0};
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < i; ++j)
        if (id[i] != 0 && id[i] == id[j]) return false;
    return true;
  }

  /// The leaf of a name; the first one after a message, so that it is the only message.
  template <class Asked, bool Reserved = false>
  struct by_name {
    static constexpr int value = find_name<Asked>(), leaf = value < 0 ? 0 : value;
    using check = name_is_known<(value >= 0 || Reserved), Asked,
                                typename plain_name<typename leaf_traits<L>::name>::type...>;
  };
  /// The leaf that a user means by a name, or by a number: the position among arguments (or states). Classes,
  /// since a message inside a function would take the function's value with it.
  template <extent Which, bool States, bool Named = Which.is_named()>
  struct meant {
    static_assert(sizeof(typename by_name<spelled<Which>>::check) > 0);
    static constexpr int leaf = by_name<spelled<Which>>::leaf;
  };
  template <extent Which, bool States>
  struct meant<Which, States, false> {
    static constexpr int place = nth(int(Which.size), States), leaf = place < 0 ? 0 : place;
    static_assert(sizeof(position_is_there<(place >= 0), int(Which.size), count(States)>) > 0);
  };
  /// Whether there is a leaf of this name; of positions `meant` says it.
  template <extent Which>
  static constexpr bool has() {
    if constexpr (Which.is_named())
      return find_name<spelled<Which>>() >= 0;
    else
      return nth(int(Which.size), true) >= 0;
  }
  template <extent Which, bool States>
  static constexpr int leaf_of() {
    return meant<Which, States>::leaf;
  }
};

/// The names of chosen leaves as one line: "x", "w" and "b".
TENON_COLD TENON_NOINLINE inline std::string listed_names(int n, const char* const* texts,
                                                          const bool* chosen) {
  std::string line;
  int total = 0;
  for (int k = 0; k < n; ++k) total += chosen[k];
  for (int k = 0, left = total; k < n; ++k) {
    if (!chosen[k]) continue;
    if (left < total) line.append(left == 1 ? " and " : ", ");
    line.append("\"").append(texts[k]).append("\"");
    --left;
  }
  return line;
}
template <class Tables, class Chosen>
std::string listed(Chosen chosen) {
  bool is[Tables::n + 1]{};
  for (int k = 0; k < Tables::n; ++k) is[k] = chosen(k);
  return listed_names(Tables::n, Tables::texts, is);
}

}  // namespace tenon::detail
