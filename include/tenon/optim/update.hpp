// How optimisers change parameters: a rule, written in the library's operators, traced once per dtype into one
// fused kernel, which one launch runs over all parameters, in place.
#pragma once

#include "tenon/autodiff/gradients.hpp"
#include "tenon/autodiff/runner.hpp"
#include "tenon/optim/rows.hpp"
#include "tenon/symbol/group.hpp"

namespace tenon::detail {

/// A rule of one dtype, traced.
///
/// Rule::update(w, g, s, c) gives a group of the new parameter and the new states; s is a list of
/// Rule::states arrays like w that begin as zeros, c a list of Rule::coefficients numbers.
/// Rule::learning_rate and Rule::weight_decay say which of them are the learning rate and the weight decay,
/// where there are such.
template <class Rule, class T, class Unit>
class traced_rule {
  static constexpr int arrays = 2 + Rule::states;
  static_assert(arrays <= update_rule::most_arrays && arrays + Rule::coefficients <= update_rule::most);
  static_assert(sizeof(T) <= update_rule::number_size);

  template <int... S, int... C>
  static auto trace(std::integer_sequence<int, S...>, std::integer_sequence<int, C...>) {
    using vector = shape<named<'n'>>;
    return Rule::update(argument<0, T, vector>{}, argument<1, T, vector>{}, argument<2 + S, T, vector>{}...,
                        argument<arrays + C, T, shape<>>{}...);
  }
  using group_type = group_of<decltype(trace(std::make_integer_sequence<int, Rule::states>{},
                                             std::make_integer_sequence<int, Rule::coefficients>{}))>;
  using task_type =
      task<typename group_type::graph_type, typename group_type::roots, derive::nothing, places<>>;
  using plan_type = typename task_type::template plans_type<Unit>::usual;
  static constexpr bool is_kernel = plan_type::steps == 1 && plan_type::parts.fused[0] &&
                                    plan_type::parts.inner[0] == 0 &&
                                    plan_type::graph.output_count == 1 + Rule::states;
  static_assert(is_kernel, "tenon: an update rule is elementwise, and gives a parameter and its states");

  /// What load i of the kernel reads: an argument of the rule.
  static constexpr int argument_of(int i) {
    return leaf_tables<
        typename task_type::leaves>::argument[plan_type::leaves.at[plan_type::operands.load[i].node]];
  }
  // Coefficients hold for whole rows. Read with each packet, as a plan without row values reads its scalars, they
  // made Adam's update of 64 x 64 floats take 2.8 us in place of 1.3.
  template <class Step>
  struct once {
    using type = Step;
  };
  template <int Slot, class U>
  struct once<read_operand<Slot, U, false>> {
    using type = read_operand<Slot, U, (argument_of(Slot) >= arrays)>;
  };
  template <class Program>
  struct each;
  template <class... Step>
  struct each<program<Step...>> {
    using type = program<typename once<Step>::type...>;
  };
  using kernel_program = typename each<typename plan_type::template lifted<0>::type>::type;

  static void convert(const double* coefficients, std::byte* to) {
    for (int i = 0; i < Rule::coefficients; ++i) {
      const T number = static_cast<T>(coefficients[i]);
      std::memcpy(to + i * update_rule::number_size, &number, sizeof(T));
    }
  }
  static constexpr update_rule make() {
    const kernel_use& use = plan_type::programs.use[0];
    update_rule r;
    r.kernel = &host::backend<Unit>::template kernel<kernel_program>;
    r.element_size = index(sizeof(T));
    r.arrays = arrays;
    for (int i = 0; i < plan_type::graph.n; ++i) {
      const op_row& row = plan_type::ops.at[plan_type::graph.node[i].op];
      r.flops += row.kind == op_kind::map && row.computes;
    }
    r.loads = use.loads;
    r.outputs = use.outputs;
    for (int i = 0; i < r.loads; ++i) r.load[i] = argument_of(i);
    for (int i = 0; i < r.outputs; ++i)
      for (int o = 0; o < plan_type::graph.output_count; ++o)
        if (plan_type::graph.outputs[o] == plan_type::operands.output[i].node)
          r.output[i] = o == 0 ? 0 : 1 + o;
    r.coefficients = Rule::coefficients;
    if constexpr (requires { Rule::learning_rate; }) r.rate = Rule::learning_rate;
    if constexpr (requires { Rule::weight_decay; }) r.decay = Rule::weight_decay;
    r.convert = &convert;
    return r;
  }

 public:
  static constexpr update_rule value = make();
};

[[noreturn]] TENON_NOINLINE TENON_COLD inline void refuse_update(const leaf& parameter, int rank,
                                                                 const char* why) {
  throw usage_error("optimiser: a parameter of shape " + describe(extents_of_leaf(parameter, rank)) + why);
}
/// Throws usage_error unless e is the gradient of a parameter of that size and dtype.
template <class P>
void check_gradient(const P& p, const model_gradients::entry* e) {
  if (e == nullptr)
    refuse_update(p.record(), p.rank, " has no gradient; was the model part of the differentiated function?");
  if (e->elements != p.size() || e->type != dtype_of<typename P::value_type>)
    refuse_update(p.record(), p.rank, " has a gradient of another size or dtype");
}

/// The update of all parameters of one model by one rule.
template <class Rule, class Unit>
class updater {
 public:
  using numbers = std::array<double, Rule::coefficients>;

  updater() = default;
  updater(updater&&) = default;  // not copied: two would change the same states
  updater& operator=(updater&&) = default;

  /// Checks everything, then changes every parameter of the model. Throws usage_error and changes nothing
  /// where a parameter has no gradient, or one that does not fit.
  template <class Model>
  void step(Model& model, const model_gradients& gradients, const numbers& coefficients) {
    int n = 0;
    for_each_parameter(model, [&](auto& p) { check_gradient(p, gradients.find(&p, std::size_t(n++))); });
    n = 0;
    for_each_parameter(model, [&](auto& p) {
      const model_gradients::entry* const e = gradients.find(&p, std::size_t(n));
      put(n++, p, e->buffer.data());
    });
    rows.run_all(n, coefficients.data());
  }

  /// Row r, which is parameter p in memory of its own.
  template <class P>
  void put(int r, P& p, const std::byte* gradient) {
    put_array<typename P::value_type>(r, &p, p.size(), reinterpret_cast<std::byte*>(p.own()), gradient);
  }
  /// Row r, an array of T's that is known by `who`.
  template <class T>
  void put_array(int r, const void* who, index size, std::byte* w, const std::byte* gradient) {
    rows.put(r, traced_rule<Rule, T, Unit>::value, who, size, w, gradient);
  }

  update_rows rows;
};

}  // namespace tenon::detail
