// Decompositions with several results: one packed array inside, a struct of arrays or expressions outside.
#pragma once

#include "tenon/array/tensor.hpp"
#include "tenon/linalg/structure.hpp"

namespace tenon::linalg::detail {

/// The operand of a function with several results: evaluated, once for all of them, unless a derivative or a
/// binding may be asked for.
template <class X>
constexpr auto operand_of_many(X&& x) {
  using E = typename tenon::detail::bare<decltype(tenon::detail::as_expression<0>(std::declval<X>()))>::type;
  if constexpr (E::traced)
    return E(tenon::detail::as_expression<0>(static_cast<X&&>(x)));
  else
    return eval(static_cast<X&&>(x));
}

/// An expression to keep in a struct of results: of arrays, its value.
template <class E>
constexpr auto settled(E&& e) {
  if constexpr (std::remove_cvref_t<E>::traced)
    return std::remove_cvref_t<E>(static_cast<E&&>(e));
  else
    return eval(static_cast<E&&>(e));
}

/// Op's pack of x: an array, unless x is traced; then what `part_of_pack` computes its parts from is x.
template <class Op, class X>
auto packed(const X& x) {
  if constexpr (tenon::detail::is_expression<X>)
    return list<Op>{};
  else
    return eval(apply<Op>(x));
}

/// Part Which of x's pack. Traced parts share the node of the pack.
template <pack Kind, int Which, class X, class Packed>
constexpr auto part_of_pack(const X& x, const Packed& from) {
  using op = with<part_op, index(Kind), Which>;
  if constexpr (tenon::detail::is_expression<X>)
    return []<class Op>(const X& v, list<Op>) {
      return call([](auto w) { return apply<op>(apply<Op>(w), w); }, v);
    }(x, from);
  else
    return eval(apply<op>(from, x));
}

}  // namespace tenon::linalg::detail
