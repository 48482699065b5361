// Applying an op to operands: what operands stand for, how their leaves are joined, and the messages when they
// do not fit.
#pragma once

#include <array>
#include <cstring>

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
    std::array<int, from::leaves + 1> place{};
    int k = 0;
    for (int j = 0; j < from::size; ++j)
      if (from::slot[j] || from::parameter[j]) place[k++] = ordinal[Merge::map(j)];
    return place;
  }
  static constexpr std::array<int, from::leaves + 1> place = compute();
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
      to[at] = std::move(from[j]);  // a copy where Leaf is const
    else if (to[at].parameter != from[j].parameter)
      throw_same_place();
  }
}

/// The leaves of an expression. Temporaries give theirs away: an array that they alone still held could not be
/// written in place.
template <class Result, class X>
constexpr void join_expression(Result& r, int filled, X&& e, const int* place) {
  if constexpr (bare<X>::type::leaf_count > 0) {
    if constexpr (std::is_lvalue_reference_v<X>)
      join_leaves(r.leaves, filled, static_cast<const leaf*>(e.leaves), place, bare<X>::type::leaf_count);
    else
      join_leaves(r.leaves, filled, e.leaves, place, bare<X>::type::leaf_count);
  }
}

// ---- operands: anything the user may write, as an expression ----------------------------------------------

/// Evaluates an expression to a leaf; the evaluator defines it.
template <class E, class Unit>
const leaf& evaluate_once(const E& e);

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

/// The expression that operand X stands for; Number is the place of a model's parameter, T a number's dtype.
template <int Number, class T, class X, operand_source = source_of<X>::value>
struct operand_as {
  using type = typename bare<X>::type;
};
template <int Number, class T, class X>
struct operand_as<Number, T, X, operand_source::named> {
  using of = typename bare<X>::type;
  using type = expression<graph<node<slot<0, typename of::value_type, typename of::shape_type>>>, 0,
                          typename of::value_type, typename of::shape_type>;
};
template <int Number, class T, class X>
struct operand_as<Number, T, X, operand_source::number> {
  using type = expression<graph<node<slot<0, T, shape<>>>>, 0, T, shape<>>;
};
template <int Number, class T, class X>
struct operand_as<Number, T, X, operand_source::leaf> {
  using type = typename operand_traits<typename bare<X>::type>::template one_leaf<Number>::type;
};

template <class T, class Number>
void read_number(leaf& to, Number value) {
  const T converted = static_cast<T>(value);
  std::memcpy(to.number, &converted, sizeof(T));
}

/// The record of an operand that is one leaf.
template <class T, class X>
void read_leaf(leaf& to, X&& x) {
  if constexpr (source_of<X>::value == operand_source::number)
    read_number<T>(to, x);
  else if constexpr (source_of<X>::value == operand_source::named)
    to = evaluate_once<typename bare<X>::type, this_unit>(x);
  else
    operand_traits<typename bare<X>::type>::read(to, static_cast<X&&>(x));
}

/// Puts the leaves of operand x, an expression E, where Merge has them.
template <class T, class E, class Merge, int Filled, class Result, class X>
constexpr void join_operand(Result& r, X&& x) {
  if constexpr (E::leaf_count == 0) {
  } else if constexpr (source_of<X>::value == operand_source::expression) {
    join_expression(r, Filled, static_cast<X&&>(x), merged_leaves<typename E::graph_type, Merge>::table());
  } else if constexpr (merged_leaves<typename E::graph_type, Merge>::place[0] >= Filled) {
    read_leaf<T>(r.leaves[merged_leaves<typename E::graph_type, Merge>::place[0]], static_cast<X&&>(x));
  } else {
    leaf l;
    read_leaf<T>(l, static_cast<X&&>(x));
    join_leaves(r.leaves, Filled, &l, merged_leaves<typename E::graph_type, Merge>::table(), 1);
  }
}

/// The operand of a function as an expression.
template <int Number, class X>
constexpr decltype(auto) as_expression(X&& x) {
  if constexpr (source_of<X>::value == operand_source::expression) {
    return static_cast<X&&>(x);
  } else {
    typename operand_as<Number, void, X>::type e;
    join_operand<void, typename operand_as<Number, void, X>::type, void, 0>(e, static_cast<X&&>(x));
    return e;
  }
}
template <class T, class Number>
scalar_expression<T> scalar_leaf(Number value) {
  scalar_expression<T> e;
  read_number<T>(e.leaves[0], value);
  return e;
}

// ---- dtypes of operands, numbers among them ---------------------------------------------------------------

template <class X, operand_source = source_of<X>::value>
struct value_type_of {
  using type = typename operand_as<0, void, X>::type::value_type;
};
template <class X>
struct value_type_of<X, operand_source::number> {
  using N = typename bare<X>::type;
  using type = std::conditional_t<
      std::is_same_v<N, bool>, bool,
      std::conditional_t<std::is_floating_point_v<N>, std::conditional_t<sizeof(N) <= 4, float, double>,
                         std::conditional_t<sizeof(N) <= 4, std::int32_t, std::int64_t>>>;
};

struct operand_dtype {
  dtype type;
  bool number;
};
template <class X>
inline constexpr operand_dtype dtype_of_operand{dtype_of<typename value_type_of<X>::type>,
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
    if (in[k].number && is_floating(in[k].type) && !is_floating(to)) return false;
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

/// Operand E with the cast that makes it `To`, where it has another dtype of the same kind.
template <class E, dtype To, bool Cast>
struct cast_operand {
  using type = E;
};
template <class E, dtype To>
struct cast_operand<E, To, true> {
  using type = typename applied<with<cast_op, index(To)>, E>::type;
};

/// All about the operands A of op X: what each of them becomes, and the type of the result.
template <class X, class Indices, class... A>
struct applying_to;
template <class X, int... K, class... A>
struct applying_to<X, std::integer_sequence<int, K...>, A...> {
  using op = typename op_parts<X>::op;
  static constexpr int skip = op::condition == 0;  // a condition says nothing about numbers
  static constexpr operand_dtype in[sizeof...(A) + 1] = {dtype_of_operand<A>..., {}};
  static constexpr int count = int(sizeof...(A)) - skip;
  using number = type_of<number_dtype(in + skip, count)>;
  static constexpr bool floats = floats_fit(dtype_of<number>, in, int(sizeof...(A)));
  static constexpr bool booleans = booleans_fit(dtype_of<number>, in, int(sizeof...(A)));

  /// A parameter among the operands comes after those inside of its partners.
  static constexpr int parameters = (parameters_in<A>() + ...);
  template <class B>
  struct given : operand_as<parameters - parameters_in<B>(), number, B> {};
  using fit = fitting<X, typename given<A>::type...>;

  static constexpr dtype common() {
    if constexpr (in_rule<typename given<A>::type::value_type...>)
      return dtype::none;
    else
      return result_dtype<X, typename given<A>::type::value_type...>::rule.operand;
  }
  static constexpr dtype converts = common();
  template <int I, class B>
  struct operand {
    static constexpr dtype own = dtype_of<typename given<B>::type::value_type>;
    static constexpr bool cast = I != op::condition && I != op::shape_only && converts != dtype::none &&
                                 own != converts && own != dtype::weak && own != dtype::none;
    using type = typename cast_operand<typename given<B>::type, converts, cast>::type;
  };
  using rule = applied<X, typename operand<K, A>::type...>;
};
template <class X, class... A>
struct applying : applying_to<X, std::make_integer_sequence<int, int(sizeof...(A))>, A...> {};

/// The expression All::rule::type, with the leaves of operands x.
template <class All, int... K, class... X>
constexpr typename All::rule::type join(std::integer_sequence<int, K...>, X&&... x) {
  typename All::rule::type r;
  (join_operand<typename All::number, typename All::template operand<K, X>::type,
                at<K, typename All::rule::merges>, All::rule::filled[K]>(r, static_cast<X&&>(x)),
   ...);
  return r;
}

/// What stands for the result after a message: the first operand.
template <class All, class A, class... More>
constexpr typename All::template given<A>::type first_operand(A&& a, More&&...) {
  typename All::template given<A>::type e;
  join_operand<typename All::number, typename All::template given<A>::type, void, 0>(e, static_cast<A&&>(a));
  return e;
}

/// Op X applied to one expression.
template <class X, class E>
constexpr typename applied<X, typename bare<E>::type>::type apply_to(E&& e) {
  typename applied<X, typename bare<E>::type>::type r;
  join_expression(r, 0, static_cast<E&&>(e), nullptr);
  return r;
}

}  // namespace detail

/// The expression that op X makes of one to three operands, numbers among them.
template <class X, class... A>
requires operands<A...>
constexpr auto apply(A&&... a) {
  using namespace detail;
  static_assert(
      applying<X, A...>::floats,
      "tenon: a floating-point number meets an integer or bool tensor; convert it with astype<float>(x)");
  static_assert(applying<X, A...>::booleans,
                "tenon: a number meets a bool tensor; convert it with astype<T>(x)");
  static_assert(applying<X, A...>::fit::kinds,
                "tenon: the operands have dtypes of different kinds; convert one with astype<T>(x)");
  static_assert(applying<X, A...>::fit::dtypes,
                "tenon: this operation does not take operands of this dtype; see astype<T>(x)");
  static_assert(applying<X, A...>::fit::names,
                "tenon: extents with two different names never fit, not even when their sizes agree");
  static_assert(applying<X, A...>::fit::sizes,
                "tenon: the shapes of the operands do not fit (sizes differ)");
  static_assert(applying<X, A...>::fit::ranks,
                "tenon: this operation does not take operands of these ranks");
  static_assert(applying<X, A...>::fit::elements, "tenon: the numbers of elements differ");
  static_assert(applying<X, A...>::fit::ranges, "tenon: the range lies outside the extent");
  if constexpr (applying<X, A...>::fit::ok)
    return join<applying<X, A...>>(std::make_integer_sequence<int, int(sizeof...(A))>{},
                                   static_cast<A&&>(a)...);
  else
    return first_operand<applying<X, A...>>(static_cast<A&&>(a)...);
}

}  // namespace tenon
