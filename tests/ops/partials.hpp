// Derivatives of elementwise ops, each in the same way: reverse mode, forward mode and central differences of the
// reference, for each operand.
#pragma once

#include "references.hpp"

#include <tenon/eval/cpu/backend.hpp>
#include <tenon/ops/composite.hpp>
#include <tenon/plan/binding.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace test {

using namespace tenon;
using namespace tenon::detail;

using row = shape_of_extents<"n">;
template <class Op, int K>
using operand_leaf = argument<K, operand_type<Op, K, double>, row>;

/// The op on numbered leaves, with more leaves behind it: a seed, or tangents of the operands that have
/// derivatives.
template <class Op, int Arity>
struct applied_op;
template <class Op>
struct applied_op<Op, 1> {
  using type = decltype(apply<Op>(operand_leaf<Op, 0>{}));
};
template <class Op>
struct applied_op<Op, 2> {
  using type = decltype(apply<Op>(operand_leaf<Op, 0>{}, operand_leaf<Op, 1>{}));
};
template <class Op>
struct applied_op<Op, 3> {
  using type = decltype(apply<Op>(operand_leaf<Op, 0>{}, operand_leaf<Op, 1>{}, operand_leaf<Op, 2>{}));
};
template <class Graph, int K>
using with_leaf_of_reals = typename append<Graph, node<named_leaf<number<K>, double, row>>>::type;

template <class Op>
struct derivatives {
  using expression_type = typename applied_op<Op, Op::arity>::type;
  using graph_type = typename expression_type::graph_type;
  static constexpr int root = expression_type::root;
  static constexpr int first = Op::condition == 0 ? 1 : 0, count = Op::arity - first;
  using wrt =
      std::conditional_t<first == 1, places<1, 2>, std::conditional_t<count == 1, places<0>, places<0, 1>>>;
  using seeded = with_leaf_of_reals<graph_type, 10>;
  using one_tangent = with_leaf_of_reals<graph_type, 11>;
  using tangents = typename std::conditional_t<count == 1, std::type_identity<one_tangent>,
                                               std::type_identity<with_leaf_of_reals<one_tangent, 12>>>::type;
  using reverse =
      plan<tenon::detail::passes<seeded, places<root>, derive::pullback, wrt>, host::backend<>, false>;
  using forward =
      plan<tenon::detail::passes<tangents, places<root>, derive::tangent, wrt>, host::backend<>, false>;
};

template <class T>
leaf leaf_over(const std::vector<T>& v) {
  leaf l;
  l.data = v.data();
  l.extent[0] = static_cast<tenon::index>(v.size());
  l.stride[0] = 1;
  return l;
}

using numbers = std::vector<double>;

inline std::vector<numbers> run(const plan_table& table, const std::vector<leaf>& leaves) {
  std::vector<const leaf*> pointers;
  for (const leaf& l : leaves) pointers.push_back(&l);
  binding<> b(table);
  REQUIRE(b.resolve(pointers.data()));
  std::byte* none[8] = {};
  b.place(none);
  b.run();
  std::vector<numbers> r;
  for (int o = 0; o < table.outputs; ++o) {
    const double* const from = reinterpret_cast<const double*>(b.output(o));
    r.emplace_back(from, from + leaves[0].extent[0]);
  }
  return r;
}

/// Checks the op that two plans compute the derivatives of.
inline void check_derivatives(const std::string& name, int arity, int op_condition,
                              const plan_table& reverse_plan, const plan_table& forward_plan) {
  INFO(name);
  REQUIRE(real_references().count(name) == 1);
  constexpr int n = 23;
  const int first = op_condition == 0 ? 1 : 0;
  // within the domain, and away from ties and kinks
  const test_domain d = domain_of(name);
  std::vector<std::uint8_t> condition(n);
  std::vector<numbers> x(3, numbers(n)), direction(3, numbers(n));
  numbers seed(n);
  for (int i = 0; i < n; ++i) {
    condition[std::size_t(i)] = i % 3 == 0;
    x[0][std::size_t(i)] = d.shift + d.scale * (i - 11) / 11.;
    x[1][std::size_t(i)] = d.shift_b - d.scale_b * (i - 11) / 11.;
    x[2][std::size_t(i)] = std::cos(i);
    for (int k = 0; k < 3; ++k) direction[std::size_t(k)][std::size_t(i)] = std::sin(1 + i + 5 * k);
    seed[std::size_t(i)] = 0.5 + std::sin(3 * i);
  }
  const auto operands = [&](const std::vector<numbers>& at) {
    std::vector<leaf> l;
    for (int k = 0; k < arity; ++k)
      l.push_back(k == op_condition ? leaf_over(condition) : leaf_over(at[std::size_t(k)]));
    return l;
  };
  auto leaves = operands(x);
  leaves.push_back(leaf_over(seed));
  const auto reverse = run(reverse_plan, leaves);
  leaves = operands(x);
  for (int k = first; k < arity; ++k) leaves.push_back(leaf_over(direction[std::size_t(k)]));
  const auto forward = run(forward_plan, leaves);
  CHECK(reverse[0] == forward[0]);

  numbers along(n);  // what reverse mode says of the same direction
  for (int k = first; k < arity; ++k) {
    CAPTURE(k);
    const double h = 1e-5;
    auto up = x, down = x;
    for (int i = 0; i < n; ++i) {
      up[std::size_t(k)][std::size_t(i)] += h;
      down[std::size_t(k)][std::size_t(i)] -= h;
    }
    const auto f = real_references().at(name);
    double worst = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const auto value = [&](const std::vector<numbers>& at) {
        return f(op_condition == 0 ? condition[i] : real(at[0][i]), at[1][i], at[2][i]);
      };
      const double slope = double((value(up) - value(down)) / (2 * real(h)));
      const double got = reverse[std::size_t(1 + k - first)][i];
      worst = std::max(worst, std::fabs(got - seed[i] * slope) / (1 + std::fabs(slope)));
      along[i] += got / seed[i] * direction[std::size_t(k)][i];
    }
    CHECK(worst < 1e-7);  // h^2 times third derivatives, of order 100 where 1/x is
  }
  double apart = 0;
  for (std::size_t i = 0; i < n; ++i)
    apart = std::max(apart, std::fabs(forward[1][i] - along[i]) / (1 + std::fabs(along[i])));
  CHECK(apart < 1e-13);
}

template <class Op>
void check_derivatives() {
  using D = derivatives<Op>;
  check_derivatives(Op::name, Op::arity, Op::condition, D::reverse::table, D::forward::table);
}

template <class Ops>
void check_derivatives_of() {
  for_each_op<Ops>::run([]<class Op>() {
    if constexpr (Op::smooth) check_derivatives<Op>();
  });
}

}  // namespace test
