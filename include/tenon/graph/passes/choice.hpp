// Which rewritings a plan uses, and whether kernels fuse: sets as arguments of compile, bind and eval.
//
//   compile(f, passes::none, spec<float, 10>{})
//   eval(x * 2_c * 3_c, passes::exact | passes::reassociate)
//
// `exact` is the default: every value keeps its bits, those of -0, infinities and subnormal numbers too (a
// NaN stays a NaN; its sign and payload are nobody's promise). The others are laws of real numbers that
// rounding, signed zeros, infinities or NaN break. docs/passes.md has the rules one by one.
#pragma once

namespace tenon {

/// A set of rewritings, as a type: join sets with |. Limit: what intermediate values may take, see
/// passes::arena_within.
template <unsigned Bits, class Limit = void>
struct pass_set {
  static constexpr unsigned bits = Bits;
};

template <unsigned A, unsigned B>
constexpr pass_set<A | B> operator|(pass_set<A>, pass_set<B>) {
  return {};
}

namespace detail {
namespace pass {
enum bit : unsigned {
  fold = 1,
  commute = 2,
  simplify = 4,
  views = 8,
  reassociate = 16,
  unsigned_zero = 32,
  finite = 64,
  inverses = 128,
  unfused = 256  // no rewriting: the plan's kernels
};
inline constexpr unsigned exact = fold | commute | simplify | views;
inline constexpr unsigned fast = reassociate | unsigned_zero | finite | inverses;
}  // namespace pass
}  // namespace detail

namespace passes {

/// No rewriting: nodes as they were written, equal ones still once.
inline constexpr pass_set<0> none{};
/// Arithmetic on constants, at compile time and in their dtype.
inline constexpr pass_set<detail::pass::fold> fold{};
/// a + b and b + a are one node.
inline constexpr pass_set<detail::pass::commute> commute{};
/// Identities that hold bit for bit, such as x * 1, -(-x), a - (-b), x / 2^k and where(c, x, x).
inline constexpr pass_set<detail::pass::simplify> simplify{};
/// Views of views as one view, or none.
inline constexpr pass_set<detail::pass::views> views{};
/// All the sets above: the default.
inline constexpr pass_set<detail::pass::exact> exact{};

/// Products and sums with constants in another order, division as multiplication: another rounding.
inline constexpr pass_set<detail::pass::reassociate> reassociate{};
/// +0 and -0 are taken for the same: x + 0, 0 - x, -(a - b).
inline constexpr pass_set<detail::pass::unsigned_zero> unsigned_zero{};
/// There are taken to be no infinities and no NaN: x * 0, x - x.
inline constexpr pass_set<detail::pass::finite> finite{};
/// Functions and their inverses cancel, and log(exp(x) / s) is x - log(s): exact for real numbers alone.
inline constexpr pass_set<detail::pass::inverses> inverses{};
/// The sets that change results.
inline constexpr pass_set<detail::pass::fast> fast{};
/// No kernel has more than one op in it: to compare with, for results are the same but for what a compiler
/// contracts within a kernel. Beside other sets: passes::exact | passes::unfused.
inline constexpr pass_set<detail::pass::unfused> unfused{};
/// All that rewrites.
inline constexpr pass_set<detail::pass::exact | detail::pass::fast> all{};

}  // namespace passes
}  // namespace tenon
