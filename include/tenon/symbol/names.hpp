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

template <class D>
std::string dim_text() {
  if constexpr (is_named_dim<D>)
    return D::text;
  else
    return static_size<D> < 0 ? "dyn" : std::to_string(static_size<D>);
}
/// A shape as the user wrote it: [batch, 784].
template <class Shape>
struct shape_text;
template <class... D>
struct shape_text<shape<D...>> {
  static std::string make() {
    std::string line;
    ((line += (line.empty() ? "" : ", ") + dim_text<D>()), ...);
    return "[" + line + "]";
  }
};

/// The leaves of a graph with their names. Arguments and states are counted apart.
template <class Leaves>
struct named_leaf_tables;
template <class... L>
struct named_leaf_tables<list<L...>> : leaf_tables<list<L...>> {
  static constexpr int n = sizeof...(L);
  static constexpr bool named[n + 1] = {!std::is_void_v<typename leaf_traits<L>::name>..., false};
  static constexpr bool state[n + 1] = {plain_name<typename leaf_traits<L>::name>::state..., false};
  static constexpr int rank[n + 1] = {leaf_traits<L>::shape_type::rank..., 0};
  static constexpr const char* texts[n + 1] = {
      text_of_name<typename plain_name<typename leaf_traits<L>::name>::type>()..., ""};
  static constexpr const char* text(int leaf) { return texts[leaf]; }
  static constexpr extents declared[n + 1] = {
      extents_of<typename leaf_traits<L>::shape_type, list<>>::value..., extents{}};
  static constexpr std::string (*declared_text[n + 1])() = {
      &shape_text<typename leaf_traits<L>::shape_type>::make..., nullptr};
  /// Whether all extents of a leaf are static.
  static constexpr bool fixed(int k) {
    for (int a = 0; a < declared[k].rank; ++a)
      if (declared[k][a].code < 0) return false;
    return true;
  }
  /// Throws shape_error where an array does not have the static extents of leaf k.
  static void check(const char* who, int k, const index* extent, int rank) {
    bool fits = rank == declared[k].rank;
    for (int a = 0; a < rank && fits; ++a) fits = declared[k][a].code < 0 || declared[k][a].code == extent[a];
    if (fits) return;
    extents got;
    for (int a = 0; a < rank; ++a) got[got.rank++] = {extent[a], extent[a]};
    throw shape_error(std::string(who) + ": \"" + texts[k] + "\" has shape " + describe(got) + ", expected " +
                      declared_text[k]());
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
  /// The leaf that a user means by a name, or by a number: the position among arguments (or states).
  template <extent Which, bool States>
  static constexpr int leaf_of() {
    if constexpr (Which.is_named()) {
      (void)sizeof(typename by_name<spelled<Which>>::check);
      return by_name<spelled<Which>>::leaf;
    } else {
      constexpr int k = nth(int(Which.size), States);
      (void)sizeof(position_is_there<(k >= 0), int(Which.size), count(States)>);
      return k < 0 ? 0 : k;
    }
  }
};

/// The names of what a predicate on leaves chooses, one line: "x", "w" and "b".
template <class Chosen>
std::string listed(int n, const char* const* texts, Chosen chosen) {
  std::string line;
  int left = 0, total = 0;
  for (int k = 0; k < n; ++k) left += chosen(k);
  total = left;
  for (int k = 0; k < n; ++k) {
    if (!chosen(k)) continue;
    if (left < total) line += left == 1 ? " and " : ", ";
    line += "\"" + std::string(texts[k]) + "\"";
    --left;
  }
  return line;
}

}  // namespace tenon::detail
