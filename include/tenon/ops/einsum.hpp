// Sums of products by the labels of axes: einsum<"bij,bjk->bik">(a, b).
//
// The specification is read while compiling. Operands are multiplied two at a time, in the order of fewest
// multiplications (found over all orders; an extent that is not static counts as 64, and of equally good
// orders the one from left to right is taken). A product of two is matmul's op on views of them, or
// elementwise where nothing is summed or nothing is left: then it fuses.
#pragma once

#include <tuple>

#include "tenon/ops/diagonal.hpp"
#include "tenon/ops/einsum_plan.hpp"

namespace tenon {

namespace detail {

template <index Mask, class X>
constexpr decltype(auto) summed(X&& x) {
  if constexpr (Mask == 0)
    return unchanged<X>(static_cast<X&&>(x));
  else
    return apply<with<sum_op, Mask, false>>(static_cast<X&&>(x));
}
template <index Mask, class X>
constexpr decltype(auto) squeezed(X&& x) {
  if constexpr (Mask == 0)
    return unchanged<X>(static_cast<X&&>(x));
  else
    return apply<with<squeeze_op, Mask>>(static_cast<X&&>(x));
}
template <class Plan, int K, int D = 0, class X>
constexpr decltype(auto) einsum_diagonals(X&& x) {
  constexpr const einsum_operand& o = Plan::value.operand[K];
  if constexpr (D == o.diagonals)
    return unchanged<X>(static_cast<X&&>(x));
  else
    return einsum_diagonals<Plan, K, D + 1>(
        apply<with<diagonal_op, 0, o.first[D], o.second[D], 1>>(static_cast<X&&>(x)));
}

/// The product of a set of operands.
template <class Plan, int Set, class Operands>
constexpr decltype(auto) einsum_product(Operands& x) {
  if constexpr ((Set & (Set - 1)) == 0) {
    constexpr int k = std::countr_zero(unsigned(Set));
    constexpr const einsum_operand& o = Plan::value.operand[k];
    return summed<o.summed>(squeezed<o.squeezed>(
        einsum_diagonals<Plan, k>(static_cast<std::tuple_element_t<k, Operands>&&>(std::get<k>(x)))));
  } else {
    using pair_type = typename Plan::template pair_of<Set>;
    constexpr const einsum_pair& p = pair_type::value;
    constexpr int a = p.swapped ? pair_type::second : pair_type::first, b = Set ^ a;
    if constexpr (p.inner > 0)
      return contracted<p.left, p.inner, p.right>(in_order<p.order_a>(einsum_product<Plan, a>(x)),
                                                  in_order<p.order_b>(einsum_product<Plan, b>(x)));
    else
      return summed<p.summed>(with_axes<p.expand_a>(in_order<p.order_a>(einsum_product<Plan, a>(x))) *
                              with_axes<p.expand_b>(in_order<p.order_b>(einsum_product<Plan, b>(x))));
  }
}

}  // namespace detail

/// The sum over all labels that the output lacks of the products of the operands' elements, as numpy.einsum:
/// einsum<"bij,bjk->bik">(a, b), einsum<"ii->i">(x), einsum<"...ij->...ji">(x), einsum<"ij,jk">(a, b). A
/// label that one operand has twice is its diagonal; without "->" the output has the labels that stand once,
/// in alphabetical order; axes under "..." broadcast from the right, and are summed over where an explicit
/// output has no "...". Static extents 1 broadcast. One to 8 operands. Mistakes in the specification do not
/// compile; dynamic extents of one label that differ are a shape_error.
template <detail::einsum_spec Spec, tensor_like... X>
requires(sizeof...(X) >= 1 && sizeof...(X) <= detail::max_einsum_operands) constexpr auto einsum(X&&... x) {
  using namespace detail;
  using plan = einsum_plan<Spec, typename operand_as<0, X>::type::shape_type...>;
  constexpr einsum_mistake mistake = plan::value.mistake;
  static_assert(mistake != einsum_mistake::character,
                "tenon: einsum: a specification has letters, commas, one \"...\" a term and one \"->\"");
  static_assert(mistake != einsum_mistake::operands,
                "tenon: einsum: the specification names another number of operands than there are");
  static_assert(mistake != einsum_mistake::rank,
                "tenon: einsum: a term names another number of axes than its operand has");
  static_assert(mistake != einsum_mistake::unknown,
                "tenon: einsum: the output has a label that no operand has");
  static_assert(mistake != einsum_mistake::repeated, "tenon: einsum: the output has a label twice");
  static_assert(mistake != einsum_mistake::sizes, "tenon: einsum: a label stands for extents of two sizes");
  static_assert(mistake != einsum_mistake::names, "tenon: einsum: a label stands for extents of two names");
  static_assert(mistake != einsum_mistake::axes, "tenon: einsum: the output has more than 8 axes");
  if constexpr (plan::ok) {
    std::tuple<X&&...> operands(static_cast<X&&>(x)...);
    constexpr index order = order_of(plan::template result_of<plan::every>(), plan::value.out);
    return as_expression<0>(in_order<order>(einsum_product<plan, plan::every>(operands)));
  } else {
    return first_operand(static_cast<X&&>(x)...);
  }
}

}  // namespace tenon
