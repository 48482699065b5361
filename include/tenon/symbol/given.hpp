// What is given beside an expression, checked while compiling before anything is made of it: names that the
// graph has, each once, positions that there are. Each mistake is one class template, whose arguments
// messages quote.
#pragma once

#include "tenon/symbol/arguments.hpp"
#include "tenon/symbol/attributes.hpp"

namespace tenon::detail {

template <bool Named>
struct arguments_are_named {
  static_assert(Named, "tenon: arguments and options are given by name: arg<\"x\"> = x");
};
template <bool Once, class Name>
struct argument_is_given_once {
  static_assert(Once, "tenon: an argument is given twice; Name is the one");
};
template <bool All, class... Missing>
struct every_variable_has_a_value {
  static_assert(All, "tenon: eval: variables of this graph have no value; Missing lists them");
};
template <bool Fit, int Outputs, int... Heads>
struct heads_are_outputs {
  static_assert(
      Fit, "tenon: heads<...> names outputs by position, each at most once; Outputs is how many there are");
};
template <bool State, class Name>
struct becomes_names_a_state {
  static_assert(State, "tenon: becomes<...> names a variable; states are auxiliary<...>");
};
template <bool One, class Given>
struct device_is_second {
  static_assert(
      One, "tenon: after the expression comes the one device that the graph runs on: bind(e, cpu(0), ...)");
};

/// Something given: whether it is known here, the variable that it is a value of, all variables that it
/// names.
template <class X>
struct given_traits {
  static constexpr bool known = with_option<default_options, X>::is_option;
  using value = void;
  using names = list<>;
};
struct given_option {
  static constexpr bool known = true;
  using value = void;
  using names = list<>;
};
template <class Name>
struct given_value {
  static constexpr bool known = true;
  using value = Name;
  using names = list<Name>;
};
template <class Name, class T>
struct given_traits<named_value<Name, T>> : given_value<Name> {};
template <class Name, class E>
struct given_traits<named_expression<Name, E>> : given_value<Name> {};
template <class Name>
struct given_traits<named_shape<Name>> : given_value<Name> {};
template <class Name>
struct given_traits<named_size<Name>> : given_option {};
template <class Name>
struct given_traits<named_attributes<Name>> : given_option {
  using names = list<Name>;
};
template <grad_req R, extent... Names>
struct given_traits<requests_t<R, Names...>> : given_option {  // or by position
  using names =
      typename flattened<std::conditional_t<Names.is_named(), list<spelled<Names>>, list<>>...>::type;
};
template <extent... Names>
struct given_traits<wrt_t<Names...>> : given_option {
  using names = list<spelled<Names>...>;
};

// Whether something fits is a constant; `say` has the message. (A constant evaluation with the message in it
// is none for clang, which says so at length.)

/// Whether no variable is given two values.
template <class... X>
struct given_once {
  static constexpr int find() {
    constexpr type_id id[] = {identity<typename given_traits<X>::value>::id..., 0};
    constexpr bool gives[] = {!std::is_void_v<typename given_traits<X>::value>..., false};
    for (int i = 0; i < int(sizeof...(X)); ++i)
      for (int j = 0; j < i; ++j)
        if (gives[i] && id[i] == id[j]) return i;
    return -1;
  }
  static constexpr int twice = find();
  static constexpr bool value = twice < 0;
  static constexpr void say() {
    if constexpr (!value)
      (void)sizeof(argument_is_given_once<value, at<twice, list<typename given_traits<X>::value...>>>);
  }
};

template <class Tables, class Names>
struct names_known;
template <class Tables, class... N>
struct names_known<Tables, list<N...>> {
  template <class Name>
  static constexpr bool reserved = std::is_same_v<Name, spelled<"parameters">>;
  static constexpr bool value = ((Tables::template find_name<N>() >= 0 || reserved<N>)&&...);
  static constexpr void say() {
    ((void)sizeof(typename Tables::template by_name<N, reserved<N>>::check), ...);
  }
};

template <int Outputs, class X>
struct heads_fit {
  static constexpr bool value = true;
  static constexpr void say() {}
};
template <int Outputs, int... I>
struct heads_fit<Outputs, heads_t<I...>> {
  static constexpr bool find() {
    bool taken[Outputs + 1]{};
    for (const int o : std::initializer_list<int>{I...}) {
      if (o < 0 || o >= Outputs || taken[o]) return false;
      taken[o] = true;
    }
    return true;
  }
  static constexpr bool value = find();
  static constexpr void say() { (void)sizeof(heads_are_outputs<value, Outputs, I...>); }
};

template <class Tables, class E>
struct state_fits {
  static constexpr bool value = true;
  static constexpr void say() {}
};
template <class Tables, class Name, class E>
struct state_fits<Tables, new_state<Name, E>> {
  using named = names_known<Tables, list<Name>>;
  static constexpr bool state = named::value && Tables::state[Tables::template by_name<Name>::leaf];
  static constexpr bool value = state;
  static constexpr void say() {
    named::say();
    if constexpr (named::value) (void)sizeof(becomes_names_a_state<state, Name>);
  }
};

/// Whether what is given fits a group.
template <class Group, class... X>
struct given_fits;
template <class G, int L, class Roots, class... E, class... X>
struct given_fits<expression_group<G, L, Roots, E...>, X...> {
  using tables = named_leaf_tables<typename leaves_of<G>::type>;
  static constexpr int outputs = int((!is_new_state<E> + ... + 0));
  static constexpr bool value = (given_traits<X>::known && ...) &&
                                (names_known<tables, typename given_traits<X>::names>::value && ...) &&
                                (heads_fit<outputs, X>::value && ...) &&
                                (state_fits<tables, E>::value && ...) && given_once<X...>::value;
  static constexpr void say() {
    (void)sizeof(arguments_are_named<(given_traits<X>::known && ...)>);
    (names_known<tables, typename given_traits<X>::names>::say(), ...);
    (heads_fit<outputs, X>::say(), ...);
    (state_fits<tables, E>::say(), ...);
    given_once<X...>::say();
  }
};

/// Asks for a value of each variable among Given.
template <class Leaves, class... Given>
struct all_given {
  using tables = named_leaf_tables<Leaves>;
  static constexpr bool missing(int k) {
    bool given = !tables::named[k];
    ((given = given || tables::template find_name<typename given_traits<Given>::value>() == k), ...);
    return !given;
  }
  static constexpr int nth(int i) {
    for (int k = 0; k < tables::n; ++k)
      if (missing(k) && i-- == 0) return k;
    return -1;
  }
  static constexpr int count() {
    int n = 0;
    for (int k = 0; k < tables::n; ++k) n += missing(k);
    return n;
  }
  template <class Indices>
  struct make;
  template <int... I>
  struct make<std::integer_sequence<int, I...>> {
    using check = every_variable_has_a_value<
        sizeof...(I) == 0, typename plain_name<typename leaf_traits<at<nth(I), Leaves>>::name>::type...>;
  };
  using check = typename make<std::make_integer_sequence<int, count()>>::check;
};

}  // namespace tenon::detail
