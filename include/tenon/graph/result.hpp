// The type of what an op makes of operands: dtype, shape and graph; and what is wrong where they do not fit.
#pragma once

#include "tenon/graph/expression.hpp"
#include "tenon/graph/op.hpp"

namespace tenon {

struct cast_op;      // ops/elementwise.hpp
struct constant_op;  // ops/constant.hpp

namespace detail {

// ---- shapes: types to values and back ---------------------------------------------------------------------

template <class D>
inline constexpr bool is_named_dim = false;
template <char... C>
inline constexpr bool is_named_dim<named<C...>> = true;

/// The code of a dimension's type, names numbered by their place in a list.
template <class D, class Names>
inline constexpr index code_of = dyn_code;
template <index N, class Names>
inline constexpr index code_of<size<N>, Names> = N;
template <char... C, class Names>
inline constexpr index code_of<named<C...>, Names> = first_name_code - position<named<C...>, Names>::value;

template <class Shape, class Names>
struct extents_of;
template <class... D, class Names>
struct extents_of<shape<D...>, Names> {
  static constexpr extents compute() {
    static_assert(sizeof...(D) <= max_rank, "tenon: at most 8 axes");
    constexpr index codes[] = {code_of<D, Names>..., 0};
    extents e;
    for (int i = 0; i < int(sizeof...(D)); ++i) e[e.rank++] = {codes[i], codes[i] >= 0 ? codes[i] : -1};
    return e;
  }
  static constexpr extents value = compute();
};

template <class D>
struct name_list {
  using type = list<>;
};
template <char... C>
struct name_list<named<C...>> {
  using type = list<named<C...>>;
};
template <class... Shapes>
struct names_of;
template <class... D>
struct names_of<shape<D...>> : flattened<typename name_list<D>::type...> {};
template <class... S>
requires(sizeof...(S) != 1) struct names_of<S...> : flattened<typename names_of<S>::type...> {
};

template <index Code, class Names,
          int Kind = is_static(Code) ? 0
                     : is_name(Code) ? 1
                                     : 2>
struct dim_type {
  using type = size<Code>;
};
template <index Code, class Names>
struct dim_type<Code, Names, 1> {
  static constexpr int at_name = static_cast<int>(first_name_code - Code);
  using type = at<at_name, Names>;
};
template <index Code, class Names>
struct dim_type<Code, Names, 2> {
  using type = dyn_size;
};

// Codes travel to types through a list of plain numbers.
template <class Names, index... Codes>
struct shape_of_codes {
  using type = shape<typename dim_type<Codes, Names>::type...>;
};

// ---- the result's dtype and shape -------------------------------------------------------------------------

template <class X, class... Shapes>
struct result_shape {
  using parts = op_parts<X>;
  using names = distinct<typename flattened<typename names_of<Shapes>::type...,
                                            typename names_of<typename parts::target>::type>::type>;
  struct outcome {
    extents shape;
    misfit error;
  };
  static constexpr outcome compute() {
    const extents in[] = {extents_of<Shapes, names>::value..., extents{}};
    shape_scope scope;
    outcome o{};
    o.shape =
        parts::op::shape(scope, {in, parts::attribute, extents_of<typename parts::target, names>::value});
    o.error = scope.error;
    return o;
  }
  static constexpr outcome value = compute();
  static constexpr index code(int i) {
    const index c = value.shape.d[i].code;
    return c <= first_dyn_code ? dyn_code : c;
  }
  template <class Indices>
  struct make;
  template <int... I>
  struct make<std::integer_sequence<int, I...>> : shape_of_codes<names, code(I)...> {};
  using type = typename make<std::make_integer_sequence<int, value.shape.rank>>::type;
};

template <class X, class... T>
struct result_dtype {
  static constexpr dtype in[sizeof...(T) + 1] = {dtype_of<T>..., dtype::none};
  static constexpr dtype_rule rule =
      resolve_dtypes(row_of<typename op_parts<X>::op>(), in, op_parts<X>::attribute);
  using type = type_of<rule.result>;
};

/// Whether dtypes or shapes are those of derivative rules, which hold for all.
template <class... T>
inline constexpr bool in_rule = ((std::is_same_v<T, any_dtype> || std::is_same_v<T, any_shape>) || ...);

/// A node or an expression whose numbers are computed. To name `node<X, last::root>` would be to keep, in
/// nvcc's front end, the expression behind the number and a tree of those before it; so computed numbers are
/// arguments of these classes alone (see list.hpp).
template <class X, int... R>
struct make_node {
  using type = node<X, R...>;
};
template <class Graph, int Root, class T, class Shape>
struct make_expression;
template <class... N, int R, class T, class... D>
struct make_expression<graph<N...>, R, T, shape<D...>> {
  using type = expression<graph<N...>, R, T, shape<D...>>;
};
template <class... N, int R, class T>
struct make_expression<graph<N...>, R, T, any_shape> {
  using type = expression<graph<N...>, R, T, any_shape>;
};

// By dtypes and by shapes apart, never by operands: nvcc spells a result's type by the class that it came
// from, and operands among that class's arguments would make a tree of all operands before them (measured:
// time doubled with each residual add).
template <bool InRule, class X, class... T>
struct dtype_result : result_dtype<X, T...> {};
template <class X, class... T>
struct dtype_result<true, X, T...> {
  using type = any_dtype;
};
template <bool InRule, class X, class... S>
struct shape_result : result_shape<X, S...> {};
template <class X, class... S>
struct shape_result<true, X, S...> {
  using type = any_shape;
};

/// How operands' graphs become one, and where their roots are in it. Operand K came in by the K-th of
/// `merges`, when there were filled[K] leaves.
template <class... E>
struct merged_operands;
template <class G, int R, class T, class S>
struct merged_operands<expression<G, R, T, S>> {
  using merges = list<void>;
  static constexpr int filled[1] = {0};
  template <class X>
  struct with_node : append<G, typename make_node<X, R>::type> {};
};
template <class GA, int RA, class TA, class SA, class GB, int RB, class TB, class SB>
struct merged_operands<expression<GA, RA, TA, SA>, expression<GB, RB, TB, SB>> {
  using second = merge<GA, GB>;
  using merges = list<void, second>;
  static constexpr int filled[2] = {0, graph_info<GA>::leaves};
  template <class X>
  struct with_node : append<typename second::type, typename make_node<X, RA, second::map(RB)>::type> {};
};
template <class GA, int RA, class TA, class SA, class GB, int RB, class TB, class SB, class GC, int RC,
          class TC, class SC>
struct merged_operands<expression<GA, RA, TA, SA>, expression<GB, RB, TB, SB>, expression<GC, RC, TC, SC>> {
  using second = merge<GA, GB>;
  using third = merge<typename second::type, GC>;
  using merges = list<void, second, third>;
  static constexpr int filled[3] = {0, graph_info<GA>::leaves, graph_info<typename second::type>::leaves};
  template <class X>
  struct with_node
      : append<typename third::type, typename make_node<X, RA, second::map(RB), third::map(RC)>::type> {};
};

template <class X, class... E>
struct applied : merged_operands<E...> {
  using last = typename merged_operands<E...>::template with_node<X>;
  static constexpr bool rule = in_rule<typename E::value_type...>;
  using type =
      typename make_expression<typename last::type, last::root,
                               typename dtype_result<rule, X, typename E::value_type...>::type,
                               typename shape_result<rule, X, typename E::shape_type...>::type>::type;
};

}  // namespace detail
}  // namespace tenon
