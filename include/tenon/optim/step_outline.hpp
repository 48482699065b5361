// What compile_step's plan costs, for symbol/explain.hpp and the others: gradients in the arena, updates after steps.
#pragma once

#include "tenon/optim/compile_step.hpp"
#include "tenon/symbol/explain.hpp"

namespace tenon::detail {

template <class F, class O, class E, class Unit, class Passes, class Model, class... A, bool Train,
          class Options>
struct task_behind<compiled_step<F, O, E, Unit, Passes, Model, A...>, Train, Options> {
  static constexpr bool known = true;
  using plan_task = compiled_task<value_and_grad_of<F, 0>, E, Model, A...>;
  using type = updating_task<typename task_by<typename plan_task::type, Passes>::type>;
  static_assert(!Train, "tenon: a compiled step has one plan, the one that trains");
  using graph_type = typename E::graph_type;
  using roots = places<E::root>;
};

template <class F, class O, class E, class Unit, class Passes, class Model, class... A>
struct updates_of<compiled_step<F, O, E, Unit, Passes, Model, A...>> {
  using X = compiled_step<F, O, E, Unit, Passes, Model, A...>;

  static void report(plan_report& r, const X& x) {
    using wrt = typename X::made::wrt_leaves;
    [&]<int... W>(std::integer_sequence<int, W...>) {
      (add<W, typename leaf_traits<at<wrt::at[W], typename X::task::leaves>>::element_type>(r, x), ...);
    }
    (std::make_integer_sequence<int, wrt::n>{});
  }
  /// The update by gradient W. One parameter that is several leaves of the graph is updated after the last.
  template <int W, class T>
  static void add(plan_report& r, const X& x) {
    const plan_outline& p = *r.outline;
    using wrt = typename X::made::wrt_leaves;
    const void* const parameter = x.runner_.parameter(wrt::at[W]);
    int after = -1;
    for (int w = 0; w < wrt::n; ++w) {
      if (x.runner_.parameter(wrt::at[w]) != parameter) continue;
      if (w < W) return;
      after = std::max(after, p.updated_after(p.roots + w));
    }
    index n = 1;
    const extents& e = p.shape[p.output_shape[p.roots + W]];
    for (int a = 0; a < e.rank; ++a) n *= e[a].code;  // parameters have static extents
    const update_rule& rule = x.optimiser().template rule<T>();
    const index bytes = n * index(sizeof(T));
    r.updates.push_back({after,
                         outline_formulas{p}.output_name(p.roots + W).substr(10) + " " +
                             r.output_shape(p.roots + W) + " " + name_of(dtype_of<T>),
                         bytes * rule.arrays, bytes * (rule.arrays - 1), n * rule.flops});
  }
};

}  // namespace tenon::detail
