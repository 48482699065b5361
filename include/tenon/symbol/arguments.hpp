// What an expression or group is made of, by name: list_arguments, list_outputs, list_auxiliary_states.
#pragma once

#include <array>
#include <string_view>

#include "tenon/symbol/names.hpp"

namespace tenon {
namespace detail {

/// An expression, group or symbol as the type that lists are made of.
template <class E>
struct symbol_of {
  using type = typename operand_as<0, E>::type;
};
template <class G, int L, class Roots, class... E>
struct symbol_of<expression_group<G, L, Roots, E...>> {
  using type = expression_group<G, L, Roots, E...>;
};
template <class E>
using symbol_type = typename symbol_of<E>::type;

/// The members of a group that are outputs, apart from those that are new values of states.
template <class Of>
struct outputs_of {
  template <class Values>
  struct split;
  template <class... E>
  struct split<list<E...>> {
    static constexpr int all = sizeof...(E);
    static constexpr bool is_state[all + 1] = {is_new_state<E>..., false};
    static constexpr int count_of(bool state) {
      int n = 0;
      for (int i = 0; i < all; ++i) n += is_state[i] == state;
      return n;
    }
    static constexpr int nth(int i, bool state) {
      for (int k = 0; k < all; ++k)
        if (is_state[k] == state && i-- == 0) return k;
      return -1;
    }
  };
  using members = split<typename Of::values>;
  static constexpr int count = members::count_of(false), states = members::count_of(true);
  static constexpr int member(int i) { return members::nth(i, false); }
  static constexpr int state_member(int i) { return members::nth(i, true); }
  template <class Indices>
  struct make;
  template <int... I>
  struct make<std::integer_sequence<int, I...>> {
    using places = tenon::detail::places<Of::roots::at[member(I)]...>;
    using values = list<at<member(I), typename Of::values>...>;
  };
  using made = make<std::make_integer_sequence<int, count>>;
  using places = typename made::places;
  using values = typename made::values;
};

// ---- names of nodes ---------------------------------------------------------------------------------------

/// Text made in a constant evaluation.
struct node_text {
  char at[48]{};
  int n = 0;
  constexpr void add(const char* text) {
    for (; *text != 0 && n < 47; ++text) at[n++] = *text;
  }
  constexpr void add(int number) {
    if (number >= 10) add(number / 10);
    if (n < 47) at[n++] = static_cast<char>('0' + number % 10);
  }
  constexpr bool operator==(const char* text) const {
    int i = 0;
    for (; i < n && text[i] != 0; ++i)
      if (text[i] != at[i]) return false;
    return i == n && text[i] == 0;
  }
};

template <class Op>
struct node_label {
  static constexpr const char* text = op_parts<Op>::op::name;
  static constexpr bool leaf = false;
};
template <class N, class T, class S>
struct node_label<named_leaf<N, T, S>> {
  static constexpr const char* text = N::text;
  static constexpr bool leaf = true;
};
template <int K, class T, class S>
struct node_label<named_leaf<number<K>, T, S>> {
  static constexpr const char* text = "argument";
  static constexpr bool leaf = false;
};
template <int K, class T, class S>
struct node_label<slot<K, T, S>> {
  static constexpr const char* text = "captured";
  static constexpr bool leaf = false;
};
template <int K, class N, class T, class S>
struct node_label<model_parameter<K, N, T, S>> {
  static constexpr const char* text = "parameter";
  static constexpr bool leaf = false;
};

constexpr bool same_text(const char* a, const char* b) {
  for (; *a != 0 && *a == *b; ++a, ++b) {
  }
  return *a == *b;
}

/// The nodes of a graph by name: a variable has its own, any other node that of its op and a number among the
/// nodes of that op: tanh0, matmul1.
template <class Graph>
struct node_names;
template <class... N>
struct node_names<graph<N...>> {
  static constexpr int n = sizeof...(N);
  static constexpr const char* label[n + 1] = {node_label<typename node_info<N>::op>::text..., ""};
  static constexpr bool leaf[n + 1] = {node_label<typename node_info<N>::op>::leaf..., false};
  static constexpr node_text name(int i) {
    node_text t;
    t.add(label[i]);
    if (leaf[i]) return t;
    int number = 0;
    for (int k = 0; k < i; ++k) number += !leaf[k] && same_text(label[k], label[i]);
    t.add(number);
    return t;
  }
};

template <class Graph, int I, bool Output>
struct text_of_node {
  static constexpr node_text make() {
    node_text t = node_names<Graph>::name(I);
    if (Output && !node_names<Graph>::leaf[I]) t.add("_output");
    return t;
  }
  static constexpr node_text value = make();
  static constexpr std::string_view view{value.at, std::size_t(value.n)};
};

template <class Of>
constexpr auto output_names() {
  return []<int... R>(places<R...>) {
    return std::array<std::string_view, sizeof...(R)>{
        text_of_node<typename Of::graph_type, R, true>::view...};
  }
  (typename outputs_of<Of>::places{});
}

template <class Of, bool States>
constexpr auto variable_names() {
  using tables = named_leaf_tables<typename leaves_of<typename Of::graph_type>::type>;
  std::array<std::string_view, std::size_t(tables::count(States))> r{};
  for (int i = 0; i < tables::count(States); ++i) r[std::size_t(i)] = tables::text(tables::nth(i, States));
  return r;
}

}  // namespace detail

/// The names of the variables of an expression or group that arrays are bound to, in the order of their first
/// appearance. Known when the program is compiled.
template <class E>
constexpr auto list_arguments(const E&) {
  return detail::variable_names<detail::group_of<detail::symbol_type<E>>, false>();
}
/// The names of its outputs: of the op and its number among the nodes of that op, "softmax0_output"; of a
/// variable, its own.
template <class E>
constexpr auto list_outputs(const E&) {
  return detail::output_names<detail::group_of<detail::symbol_type<E>>>();
}
/// The names of its states; see auxiliary.
template <class E>
constexpr auto list_auxiliary_states(const E&) {
  return detail::variable_names<detail::group_of<detail::symbol_type<E>>, true>();
}

}  // namespace tenon
