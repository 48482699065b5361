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

  template <class Sizes>
  static void end_gradients(Sizes& s, const X& x) {
    schedule(s.p, x).end_gradients(s);
  }
  static void report(plan_report& r, const X& x) {
    using wrt = typename X::made::wrt_leaves;
    const update_schedule when = schedule(*r.outline, x);
    [&]<int... W>(std::integer_sequence<int, W...>) {
      (add<W, typename leaf_traits<at<wrt::at[W], typename X::task::leaves>>::element_type>(r, x, when), ...);
    }
    (std::make_integer_sequence<int, wrt::n>{});
  }

 private:
  /// When gradients are used, by which leaves are one parameter.
  static update_schedule schedule(const plan_outline& p, const X& x) {
    using wrt = typename X::made::wrt_leaves;
    update_schedule s;
    for (int w = 0; w < wrt::n; ++w) s.add(row(x, w), wrt::at[w], p.roots + w);
    s.find_steps(p);
    return s;
  }
  /// The first gradient of the parameter that gradient w is of.
  static int row(const X& x, int w) {
    using wrt = typename X::made::wrt_leaves;
    int first = 0;
    while (x.runner_.parameter(wrt::at[first]) != x.runner_.parameter(wrt::at[w])) ++first;
    return first;
  }
  /// The update by gradient W. One parameter that is several leaves of the graph is updated once.
  template <int W, class T>
  static void add(plan_report& r, const X& x, const update_schedule& when) {
    if (row(x, W) < W) return;
    const plan_outline& p = *r.outline;
    index n = 1;
    const extents& e = p.shape[p.output_shape[p.roots + W]];
    for (int a = 0; a < e.rank; ++a) n *= e[a].code;  // parameters have static extents
    const update_rule& rule = x.optimiser().template rule<T>();
    const index bytes = n * index(sizeof(T));
    r.updates.push_back({when.step_of(W),
                         outline_formulas{p}.output_name(p.roots + W).substr(10) + " " +
                             r.output_shape(p.roots + W) + " " + name_of(dtype_of<T>),
                         bytes * rule.arrays, bytes * (rule.arrays - 1), n * rule.flops});
  }
};

}  // namespace tenon::detail
