// Applying an op to operands: what operands stand for, how their leaves are joined, and the messages when
// they do not fit.
#pragma once

#include <array>
#include <cstring>

#include "tenon/core/math.hpp"
#include "tenon/graph/result.hpp"

namespace tenon {
namespace detail {

// ---- leaves -----------------------------------------------------------------------------------------------

template <int Place>
struct one_place {
  static constexpr int at[1] = {Place};
};
/// For each leaf of graph G, its place among the leaves of the graph that G was merged into.
template <class G, class Merge>
struct merged_leaves {
  using from = graph_info<G>;
  using into = graph_info<typename Merge::type>;
  static constexpr std::array<int, from::leaves + 1> compute() {
    int ordinal[into::size + 1]{};
    for (int i = 0; i < into::size; ++i) ordinal[i + 1] = ordinal[i] + (into::slot[i] || into::parameter[i]);
    std::array<int, from::leaves + 1> r{};
    int k = 0;
    for (int j = 0; j < from::size; ++j)
      if (from::slot[j] || from::parameter[j]) r[k++] = ordinal[Merge::map(j)];
    return r;
  }
  static constexpr std::array<int, from::leaves + 1> place = compute();
  static constexpr int to(int k) { return place[k]; }
  static constexpr bool same() {
    for (int k = 0; k < from::leaves; ++k)
      if (place[k] != k) return false;
    return true;
  }
  /// Null where every leaf keeps its place.
  static constexpr const int* table() {
    if constexpr (same())
      return nullptr;
    else if constexpr (from::leaves == 1)
      return one_place<place[0]>::at;
    else
      return place.data();
  }
};
template <class G>
struct merged_leaves<G, void> {
  static constexpr int place[1] = {0};
  static constexpr int to(int k) { return k; }
  static constexpr const int* table() { return nullptr; }
};

[[noreturn]] TENON_COLD inline void throw_same_place() {
  throw usage_error(
      "model: two parameters of one dtype and shape stand at the same place of a traced function and cannot "
      "be told "
      "apart; give one of the two layers a name, as in nn::dense<64, 64, \"query\">");
}

/// Puts n leaves at their places in `to`, of which the first `filled` are there already.
template <class Leaf>
TENON_NOINLINE void join_leaves(leaf* to, int filled, Leaf* from, const int* place, int n) {
  for (int j = 0; j < n; ++j) {
    const int at = place == nullptr ? j : place[j];
    if (at >= filled)
      ::new (to + at) leaf(std::move(from[j]));  // over one without a buffer; a copy where Leaf is const
    else if (to[at].parameter != from[j].parameter)
      throw_same_place();
  }
}

/// The leaves of an expression. Temporaries give theirs away: an array that they alone still held could not
/// be written in place.
template <class Result, class X>
constexpr void join_expression(Result& r, int filled, X&& e, const int* place) {
  if constexpr (bare<X>::type::small) {
    leaf own[bare<X>::type::leaf_count];
    e.own_leaves(own);
    join_leaves(r.leaves, filled, own, place, bare<X>::type::leaf_count);
  } else if constexpr (bare<X>::type::leaf_count > 0) {
    if constexpr (std::is_lvalue_reference_v<X>)
      join_leaves(r.leaves, filled, static_cast<const leaf*>(e.leaves), place, bare<X>::type::leaf_count);
    else
      join_leaves(r.leaves, filled, e.leaves, place, bare<X>::type::leaf_count);
  }
}

/// The same where all arrays are small: their elements go to where Merged says.
template <class Merged, class Result, class E, int... K>
TENON_HOST_INLINE void join_small(Result& r, const E& e, std::integer_sequence<int, K...>) {
  (copy_block(small_leaf_at<Merged::to(K)>(r), small_leaf_at<K>(e)), ...);
}

// ---- operands: anything the user may write, as an expression ----------------------------------------------

/// Evaluates an expression to a leaf; the evaluator defines it. Of a small one: to a record of its own.
template <class E, class Unit>
const leaf& evaluate_once(const E& e);
/// The same for an expression whose leaves and value are small.
template <class Unit, class E, class Block>
void evaluate_small_once(const E& e, Block& to);
template <class E, class Unit>
leaf evaluated_leaf(const E& e);

template <class T>
using scalar_expression = expression<graph<node<slot<0, T, shape<>>>>, 0, T, shape<>>;

/// What an operand is: an expression as it stands, a named lazy expression (evaluated at most once, whatever
/// number of statements read it), a number, or an array, parameter or symbol (one leaf).
enum class operand_source { expression, named, number, leaf };

/// X as it was deduced: a reference where the operand has a name.
template <class X>
struct source_of {
  static constexpr operand_source find() {
    if constexpr (operand_kind<X>::number) {
      return operand_source::number;
    } else if constexpr (!is_expression<typename bare<X>::type>) {
      return operand_source::leaf;
    } else {
      constexpr bool named = std::is_lvalue_reference_v<X> && !bare<X>::type::traced &&
                             !bare<X>::type::is_leaf && bare<X>::type::leaf_count > 0;
      return named ? operand_source::named : operand_source::expression;
    }
  }
  static constexpr operand_source value = find();
};

/// The expression that operand X, neither a number nor named, stands for; Number is the place of a model's
/// parameter. X is matched, never asked for its source_of: an argument computed from X would double what nvcc
/// keeps of a type with each operator (see list.hpp).
template <int Number, class X>
struct operand_as : operand_traits<X>::template one_leaf<Number> {};
template <int Number, class G, int R, class T, class S>
struct operand_as<Number, expression<G, R, T, S>> {
  using type = expression<G, R, T, S>;
};
template <int Number, class X>
struct operand_as<Number, const X> : operand_as<Number, X> {};
template <int Number, class X>
struct operand_as<Number, X&> : operand_as<Number, X> {};
template <int Number, class X>
struct operand_as<Number, X&&> : operand_as<Number, X> {};

/// Reads the one array that operand x is into the expression that stands for it.
template <class E, class X>
constexpr void read_leaf(E& e, X&& x) {
  using traits = operand_traits<typename bare<X>::type>;
  if constexpr (!E::small) {
    if constexpr (E::leaf_count > 0) traits::read(*::new (&e.leaves[0]) leaf, static_cast<X&&>(x));
  } else if constexpr (requires { traits::read_small(small_leaf_at<0>(e), x); }) {
    traits::read_small(small_leaf_at<0>(e), x);
  } else {
    leaf l;
    traits::read(l, static_cast<X&&>(x));
    e.set_leaf(0, l);
  }
}

/// Puts the leaves of operand x, an expression E, where merging it as operand K of Rule has them. (The number
/// of leaves before it is no template argument: see list.hpp.)
template <class E, class Rule, int K, class Result, class X>
constexpr void join_operand(Result& r, X&& x) {
  if constexpr (E::leaf_count == 0) {
  } else if constexpr (Result::small) {
    using merged = merged_leaves<typename E::graph_type, at<K, typename Rule::merges>>;
    if constexpr (source_of<X>::value == operand_source::expression) {
      join_small<merged>(r, x, std::make_integer_sequence<int, E::leaf_count>{});
    } else {
      E e;
      read_leaf(e, static_cast<X&&>(x));
      join_small<merged>(r, e, std::make_integer_sequence<int, 1>{});
    }
  } else if constexpr (source_of<X>::value == operand_source::expression) {
    join_expression(r, Rule::filled[K], static_cast<X&&>(x),
                    merged_leaves<typename E::graph_type, at<K, typename Rule::merges>>::table());
  } else if constexpr (merged_leaves<typename E::graph_type, at<K, typename Rule::merges>>::place[0] >=
                       Rule::filled[K]) {
    operand_traits<typename bare<X>::type>::read(
        *::new (&r.leaves[merged_leaves<typename E::graph_type, at<K, typename Rule::merges>>::place[0]])
            leaf,
        static_cast<X&&>(x));
  } else {
    leaf l;
    operand_traits<typename bare<X>::type>::read(l, static_cast<X&&>(x));
    join_leaves(r.leaves, Rule::filled[K], &l,
                merged_leaves<typename E::graph_type, at<K, typename Rule::merges>>::table(), 1);
  }
}

/// The operand of a function as an expression.
template <int Number, class X>
constexpr decltype(auto) as_expression(X&& x) {
  using E = typename bare<X>::type;
  if constexpr (source_of<X>::value == operand_source::expression) {
    return static_cast<X&&>(x);
  } else if constexpr (source_of<X>::value == operand_source::named) {
    expression<graph<node<slot<0, typename E::value_type, typename E::shape_type>>>, 0,
               typename E::value_type, typename E::shape_type>
        read;
    if constexpr (!is_small<typename E::value_type, typename E::shape_type>)
      read.leaves[0] = evaluate_once<E, this_unit>(x);
    else if constexpr (E::small)
      evaluate_small_once<this_unit>(x, small_leaf_at<0>(read));
    else
      read.set_leaf(0, evaluate_once<E, this_unit>(x));
    return read;
  } else {
    typename operand_as<Number, X>::type e;
    read_leaf(e, static_cast<X&&>(x));
    return e;
  }
}
// ---- dtypes of operands, numbers among them ---------------------------------------------------------------

template <class X, operand_source = source_of<X>::value>
struct operand_types {
  using type = typename operand_as<0, X>::type::value_type;
};
/// The dtype of a plain number: its own; long, long long and char as the integer of their size, long double
/// as double.
template <class N, bool Element>
struct number_type {
  using type = N;
};
template <class N>
struct number_type<N, false> {
  using type = std::conditional_t<
      std::is_floating_point_v<N>, double,
      std::conditional_t<std::is_signed_v<N>, std::conditional_t<sizeof(N) <= 4, std::int32_t, std::int64_t>,
                         std::conditional_t<sizeof(N) <= 4, std::uint32_t, std::uint64_t>>>;
};
template <class T>
struct number_type<std::complex<T>, false> {
  using type = basic_complex<T>;
};
template <class X>
struct operand_types<X, operand_source::number> {
  using N = typename bare<X>::type;
  using type = typename number_type<N, dtype_of<N> != dtype::none>::type;
};

[[noreturn]] TENON_NOINLINE TENON_COLD inline void throw_number(const std::string& value, dtype type) {
  throw usage_error("the number " + value + " is none of dtype " + name_of(type) +
                    "; convert the array beside it with astype<T>(x)");
}
template <class T, class Number>
TENON_HOST_INLINE scalar_expression<T> scalar_leaf(Number value) {
  scalar_expression<T> e;
  const auto number = static_cast<typename number_type<Number, dtype_of<Number> != dtype::none>::type>(value);
  const T converted = math::cast<T>(number);
  if constexpr (std::is_integral_v<T> && std::is_integral_v<Number> && !std::is_same_v<T, bool>)
    if (static_cast<Number>(converted) != value || (converted < T(0)) != (value < Number(0)))
      throw_number(std::to_string(value), dtype_of<T>);
  small_leaf_at<0>(e).v[0] = converted;
  return e;
}

struct operand_dtype {
  dtype type;
  bool number;
};
template <class X>
inline constexpr operand_dtype dtype_of_operand{dtype_of<typename operand_types<X>::type>,
                                                source_of<X>::value == operand_source::number};

/// The dtype that numbers take: that of the arrays beside them; among numbers alone, their own.
constexpr dtype number_dtype(const operand_dtype* in, int n) {
  dtype arrays = dtype::weak, all = dtype::weak;
  for (int k = 0; k < n; ++k) {
    if (!in[k].number) arrays = promote(arrays, in[k].type);
    all = promote(all, in[k].type);
  }
  return arrays == dtype::weak || arrays == dtype::none ? all : arrays;
}
/// Whether numbers among the operands can be numbers of a dtype: a floating-point one, a bool.
constexpr bool floats_fit(dtype to, const operand_dtype* in, int n) {
  for (int k = 0; k < n; ++k)
    if (in[k].number && ((is_floating(in[k].type) && !is_floating(to) && !is_complex(to)) ||
                         (is_complex(in[k].type) && !is_complex(to))))
      return false;
  return true;
}
constexpr bool booleans_fit(dtype to, const operand_dtype* in, int n) {
  for (int k = 0; k < n; ++k)
    if (in[k].number && in[k].type != dtype::boolean && to == dtype::boolean) return false;
  return true;
}

template <class X>
constexpr int parameters_in() {
  if constexpr (source_of<X>::value == operand_source::expression)
    return graph_info<typename bare<X>::type::graph_type>::parameters;
  else
    return 0;
}

// ---- the op applied ---------------------------------------------------------------------------------------

/// Whether the shapes of operands E fit. Named with their types, for messages quote them; and nvcc knows a
/// class by the words that first named it, so shapes are named by their expressions here as in result.hpp.
template <class X, class... E>
struct fitting {
  static constexpr misfit compute() {
    if constexpr (in_rule<typename E::shape_type...>)
      return misfit::none;
    else
      return result_shape<X, typename E::shape_type...>::value.error;
  }
  static constexpr misfit why = compute();
  static constexpr bool names = why != misfit::names, sizes = why != misfit::sizes,
                        ranks = why != misfit::rank, elements = why != misfit::elements,
                        ranges = why != misfit::range;
};

/// What op X says of operands A, as values. The functions that users call assert on them themselves: an
/// assertion in here would put templates between the message and the user's line, and messages are read from
/// the top.
template <class X, class... A>
struct applying {
  using op = typename op_parts<X>::op;
  static constexpr int n = int(sizeof...(A)), skip = op::condition == 0;
  static constexpr operand_dtype in[n + 1] = {dtype_of_operand<A>..., {}};
  static constexpr dtype number = number_dtype(in + skip, n - skip);  // a condition says nothing of numbers
  static constexpr bool floats = floats_fit(number, in, n), booleans = booleans_fit(number, in, n);
  /// Whether a derivative rule is being written, which holds for any dtypes and shapes.
  static constexpr bool rule = ((dtype_of_operand<A>.type == dtype::none) || ...);

  static constexpr dtype_rule resolve() {
    dtype d[n + 1]{};
    for (int k = 0; k < n; ++k) d[k] = in[k].number ? number : in[k].type;
    return rule ? dtype_rule{} : resolve_dtypes(row_of<op>(), d, op_parts<X>::attribute);
  }
  static constexpr dtype_rule types = resolve();
  static constexpr bool kinds = !types.mixed, dtypes = types.mixed || !types.refused;
  using fit = fitting<X, typename operand_as<0, A>::type...>;
  static constexpr bool ok = kinds && dtypes && fit::why == misfit::none;

  /// Whether operand k is cast to the dtype that it shares with the others.
  static constexpr bool casts(int k) {
    return k != op::condition && k != op::shape_only && k != op::places && types.operand != dtype::none &&
           !in[k].number && in[k].type != types.operand && in[k].type != dtype::weak;
  }
  static constexpr bool any_cast() {
    for (int k = 0; k < n; ++k)
      if (casts(k)) return true;
    return false;
  }
  /// A parameter among the operands comes after those inside of its partners.
  static constexpr int parameters = (parameters_in<A>() + ...);
  /// Whether operand_as says what each operand is: there is no number, named expression, cast, nor a
  /// parameter after others.
  static constexpr bool plain =
      !any_cast() && ((source_of<A>::value == operand_source::expression ||
                       (source_of<A>::value == operand_source::leaf && parameters == 0)) &&
                      ...);
};

/// The expression Rule::type, with the leaves of operands x.
template <class Rule, int... K, class... X>
constexpr auto join(std::integer_sequence<int, K...>, X&&... x) {
  typename Rule::type r;
  (join_operand<typename operand_as<0, X>::type, Rule, K>(r, static_cast<X&&>(x)), ...);
  return r;
}

/// Op X applied to plain operands.
template <class X, class... A>
constexpr auto apply_to(A&&... a) {
  return join<applied<X, typename operand_as<0, A>::type...>>(
      std::make_integer_sequence<int, int(sizeof...(A))>{}, static_cast<A&&>(a)...);
}

/// Operand K as a plain one: a number of its partners' dtype, a cast, a parameter in its place.
template <class All, int K, class A>
constexpr decltype(auto) converted(A&& a) {
  if constexpr (source_of<A>::value == operand_source::number)
    return scalar_leaf<type_of<All::number>>(a);
  else if constexpr (All::casts(K))
    return apply_to<with<cast_op, index(All::types.operand)>>(
        as_expression<All::parameters - parameters_in<A>()>(static_cast<A&&>(a)));
  else
    return as_expression<All::parameters - parameters_in<A>()>(static_cast<A&&>(a));
}
template <class X, int... K, class... A>
constexpr auto apply_converted(std::integer_sequence<int, K...>, A&&... a) {
  return apply_to<X>(converted<applying<X, A...>, K>(static_cast<A&&>(a))...);
}

/// What stands for the result after a message: the first operand.
template <class A, class... More>
constexpr auto first_operand(A&& a, More&&...) {
  if constexpr (source_of<A>::value == operand_source::number)
    return scalar_leaf<typename operand_types<A>::type>(a);
  else
    return as_expression<0>(static_cast<A&&>(a));
}

}  // namespace detail

/// The expression that op X makes of one to three operands, numbers among them.
template <class X, class... A>
requires operands<A...>
constexpr auto apply(A&&... a) {
  static_assert(
      detail::applying<X, A...>::floats,
      "tenon: a floating-point number meets an integer or bool tensor; convert it with astype<float>(x)");
  static_assert(detail::applying<X, A...>::booleans,
                "tenon: a number meets a bool tensor; convert it with astype<T>(x)");
  static_assert(detail::applying<X, A...>::kinds,
                "tenon: the operands have dtypes of different kinds; convert one with astype<T>(x)");
  static_assert(detail::applying<X, A...>::dtypes,
                "tenon: this operation does not take operands of this dtype; see astype<T>(x)");
  static_assert(detail::applying<X, A...>::fit::names,
                "tenon: extents with two different names never fit, not even when their sizes agree");
  static_assert(detail::applying<X, A...>::fit::sizes,
                "tenon: the shapes of the operands do not fit (sizes differ)");
  static_assert(detail::applying<X, A...>::fit::ranks,
                "tenon: this operation does not take operands of these ranks");
  static_assert(detail::applying<X, A...>::fit::elements, "tenon: the numbers of elements differ");
  static_assert(detail::applying<X, A...>::fit::ranges, "tenon: the range lies outside the extent");
  if constexpr (!detail::applying<X, A...>::ok)
    return detail::first_operand(static_cast<A&&>(a)...);
  else if constexpr (detail::applying<X, A...>::plain)
    return detail::apply_to<X>(static_cast<A&&>(a)...);
  else
    return detail::apply_converted<X>(std::make_integer_sequence<int, int(sizeof...(A))>{},
                                      static_cast<A&&>(a)...);
}

}  // namespace tenon
