// compile_step: loss, gradients and an optimiser's update as one compiled step of training.
//
//   auto train = compile_step(loss, opt, model, spec<float, "batch", 57>{}, spec<std::int32_t, "batch">{});
//   for (...) total += train(model, x, y).item();
//
// The plan is that of value_and_grad(loss). Each parameter is updated as soon as its gradient is there and no
// later step of the plan reads the parameter; then its gradient's memory, in the plan's arena, is free again.
// Which leaves of the graph are one parameter, as those of a layer that is used twice, only run time knows: it
// then gets one update from the sum of their gradients. So updates stand between the steps of a plan, not in
// its graph.
#pragma once

#include <vector>

#include "tenon/optim/update.hpp"
#include "tenon/symbol/compile.hpp"

namespace tenon {

namespace detail {
struct inspector;
template <class X>
struct updates_of;

/// When the parameters of a model are updated during a plan, and from which of its outputs.
class update_schedule {
 public:
  /// Parameter number `row` has leaf k of the graph, whose gradient is output o.
  void add(int row, int k, int o) { uses_.push_back({row, k, o, -1}); }
  int rows() const { return rows_; }
  bool knows(int row) const {
    for (const use& u : uses_)
      if (u.row == row) return true;
    return false;
  }

  /// Finds the step of a plan after which each parameter is updated: when the gradients of all its leaves are
  /// used.
  void find_steps(const plan_values& p) {
    rows_ = 0;
    for (use& u : uses_) u.step = p.updated_after(u.leaf, u.output);
    for (use& u : uses_) {
      rows_ = std::max(rows_, u.row + 1);
      for (const use& other : uses_)
        if (other.row == u.row) u.step = std::max(u.step, other.step);
    }
  }
  /// Tells a binding, or what knows its sizes, when gradients are not needed any more.
  template <class Sized>
  void end_gradients(Sized& to) const {
    for (const use& u : uses_) to.end_output(u.output, u.step);
  }
  int step_of(int row) const {
    for (const use& u : uses_)
      if (u.row == row) return u.step;
    return -1;
  }

  /// Between a binding's `resolve` and `place`.
  template <class Unit>
  TENON_COLD void plan(binding<Unit>& b) {
    batches_.clear();
    sums_.clear();
    find_steps(b.table());
    end_gradients(b);
    const int first = b.table().prologue - 1;
    for (int step = first; step < b.table().steps; ++step) {
      batch made;
      for (int row = 0; row < rows_; ++row)
        if (step_of(row) == step) made.rows.row.push_back(row);
      if (made.rows.row.size() == 0) continue;
      made.step = step;
      batches_.push_back(std::move(made));
    }
  }
  /// After `place`: where the gradients are.
  template <class Unit>
  TENON_COLD void place(const binding<Unit>& b) {
    gradient_.assign(std::size_t(rows_), nullptr);
    for (const use& u : uses_) {
      const std::byte*& g = gradient_[std::size_t(u.row)];
      const std::byte* const more = b.output(u.output);
      if (g == nullptr) {
        g = more;
        continue;
      }
      sum s{u.step, b.type_of_output(u.output), 1, g, more, {}};
      for (int a = 0; a < b.shape_of_output(u.output).rank; ++a)
        s.size *= b.shape_of_output(u.output)[a].size;
      s.to = storage(s.size * size_of(s.type));
      g = s.to.data();
      sums_.push_back(std::move(s));
    }
  }
  const std::byte* gradient(int row) const { return gradient_[std::size_t(row)]; }
  void cut(const update_rows& rows) {
    for (batch& b : batches_) rows.cut(b.rows);
  }

  /// Runs the plan and the updates in it. Whatever throws does so before the first update.
  template <class Unit>
  void run(binding<Unit>& b, const update_rows& rows, const double* coefficients) const {
    int q = b.table().prologue;
    for (const batch& one : batches_) {
      b.run_between(q, one.step + 1);
      q = one.step + 1;
      for (const sum& s : sums_)
        if (s.step == one.step) add_arrays(s.type, s.to.data(), s.a, s.b, s.size);
      rows.run(one.rows, coefficients);
    }
    b.run_between(q, b.table().steps);
  }

 private:
  struct use {
    int row, leaf, output, step;
  };
  struct sum {  // of the gradients of leaves that are one parameter
    int step;
    dtype type;
    index size;
    const std::byte *a, *b;
    storage to;
  };
  struct batch {
    int step = -1;
    update_batch rows;
  };
  plain_list<use> uses_;
  plain_list<const std::byte*> gradient_;
  std::vector<sum> sums_;
  std::vector<batch> batches_;
  int rows_ = 0;
};

/// Memory that something is read from or written to.
struct byte_range {
  const std::byte *begin, *end;
  bool meets(const byte_range& o) const { return begin < o.end && o.begin < end; }
};
inline byte_range range_of(const leaf& l, dtype type) {
  index low = 0, high = 1;
  for (int a = 0; a < max_rank; ++a)
    if (l.extent[a] > 0) (l.stride[a] < 0 ? low : high) += (l.extent[a] - 1) * l.stride[a];
  const std::byte* const at = static_cast<const std::byte*>(l.first());
  return {at + low * size_of(type), at + high * size_of(type)};
}

}  // namespace detail

/// What compile_step returns: called with the model and arrays where specs were, it makes one step of
/// training and gives the loss.
template <class F, class Optimiser, class E, class Unit, class Passes, class Model, class... A>
class compiled_step {
  using plan_task = detail::compiled_task<value_and_grad_of<F, 0>, E, Model, A...>;
  using task = typename detail::task_by<typename plan_task::type, Passes>::type;
  using made = typename plan_task::made;
  using tables = detail::leaf_tables<typename task::leaves>;
  static_assert(E::shape_type::rank == 0, "tenon: the loss is one number (rank 0)");

 public:
  using optimiser_type = std::remove_reference_t<Optimiser>;

  compiled_step(const E& e, Optimiser opt, const Model& model) : optimiser_(static_cast<Optimiser&&>(opt)) {
    runner_.set_own(e);
    int row = 0;
    for_each_parameter(model, [&](const auto& p) {
      for (int w = 0; w < made::wrt_leaves::n; ++w)
        if (runner_.parameter(made::wrt_leaves::at[w]) == &p)
          schedule_.add(row, made::wrt_leaves::at[w], 1 + w);
      if (!schedule_.knows(row++)) detail::check_gradient(p, nullptr);
      parameters_.push_back(&p);
    });
    memory_.assign(parameters_.size(), {});
  }
  compiled_step(const compiled_step&) = delete;  // two would change the same model
  compiled_step(compiled_step&&) = default;

  /// One step: the loss at the parameters as they were, and every parameter changed by the optimiser. The
  /// loss shares memory with this object until it is called again while it is kept; then it stays as it is.
  /// Throws usage_error for another model than this was compiled for, shape_error for extents that do not
  /// fit, and what the optimiser's step and the loss throw; then model and optimiser are as they were.
  template <class... X>
  auto operator()(Model& model, const X&... x) {
    constexpr bool enough = sizeof...(X) == sizeof...(A);
    static_assert(enough, "tenon: a compiled step takes the model, and as many arguments as there are specs");
    (detail::check_argument<A, X>(), ...);
    check(model);
    give(std::index_sequence_for<X...>{}, x...);
    optimiser_.next([&](auto& rule, const auto& numbers) {
      int row = 0;
      // arguments that share memory with parameters hold it by now, so that parameters move away from them
      for_each_parameter(model, [&](auto& p) { rule.put(row++, p, nullptr); });
      run(rule.rows, numbers.data());
    });
    return runner_.template output<typename E::value_type, typename E::shape_type>(0);
  }

  /// The optimiser: its learning rate may change from step to step.
  optimiser_type& optimiser() { return optimiser_; }
  const optimiser_type& optimiser() const { return optimiser_; }
  /// Bytes of intermediate values, gradients among them.
  index arena_bytes() { return runner_.bound().arena_bytes(); }

 private:
  friend struct detail::inspector;
  friend struct detail::updates_of<compiled_step>;
  void check(const Model& model) {
    if (parameters_.size() == 0) throw usage_error("compile_step: this step was moved from");
    std::size_t row = 0;
    bool same = true;
    for_each_parameter(model, [&](const auto& p) {
      same = same && parameters_[row] == &p;
      const std::byte* const data = reinterpret_cast<const std::byte*>(p.flat());
      memory_[row++] = {data, data + p.size() * index(sizeof(*p.flat()))};
    });
    if (!same)
      throw usage_error("compile_step: called with another model than the one that it was compiled for");
  }

  template <std::size_t... N, class... X>
  void give(std::index_sequence<N...>, const X&... x) {
    (give_one<leaf_of(int(N) + 1)>(x), ...);
  }
  static constexpr int leaf_of(int argument) {
    for (int k = 0; k < task::leaf_count; ++k)
      if (tables::argument[k] == argument) return k;
    return -1;
  }
  template <int K, class X>
  void give_one(const X& x) {
    if constexpr (K >= 0) {
      detail::lend_argument(runner_, K, x);
      if (meets_parameters(K)) runner_.set(K, detail::argument_leaf(x));
    }
  }
  bool meets_parameters(int k) const {
    const detail::byte_range r = detail::range_of(runner_.at(k), tables::type[k]);
    for (const detail::byte_range& m : memory_)
      if (m.meets(r)) return true;
    return false;
  }

  void run(detail::update_rows& rows, const double* coefficients) {
    runner_.refresh_parameters();
    const bool bound = runner_.is_bound();
    if (bound) {
      runner_.prepare();
    } else {
      runner_.resolve();
      schedule_.plan(runner_.bound());
      runner_.place(1);
      schedule_.place(runner_.bound());
      schedule_.cut(rows);
    }
    for (int row = 0; row < schedule_.rows(); ++row) rows.set_gradient(row, schedule_.gradient(row));
    schedule_.run(runner_.bound(), rows, coefficients);
  }

  Optimiser optimiser_;
  detail::runner<task, Unit> runner_;
  detail::update_schedule schedule_;
  detail::plain_list<const void*> parameters_;
  detail::plain_list<detail::byte_range> memory_;  // of the parameters, before the last step
};

/// One step of training, planned once: the loss f(model, arguments...), a rank-0 value, its gradient with
/// respect to the model, and the optimiser's update of every parameter. An optimiser that is an lvalue stays
/// the caller's and must outlive the result; a temporary is kept. Throws usage_error where f does not read a
/// parameter of the model.
template <class F, class Optimiser, class Model, class... A, class Unit = this_unit>
auto compile_step(const F& f, Optimiser&& opt, Model& model, const A&... a) {
  return compile_step(f, std::forward<Optimiser>(opt), passes::exact, model, a...);
}
/// The same, rewritten by the passes given.
template <class F, class Optimiser, unsigned Bits, class Limit, class Model, class... A,
          class Unit = this_unit>
auto compile_step(const F& f, Optimiser&& opt, pass_set<Bits, Limit>, Model& model, const A&... a) {
  using namespace detail;
  constexpr bool changes = model_like<Model> && !std::is_const_v<Model>;
  constexpr bool plain = traced_function<F>::kind == derive::nothing;
  static_assert(changes, "tenon: compile_step: after the optimiser comes the model, which is not const");
  static_assert(plain, "tenon: compile_step takes the loss itself, not value_and_grad(loss)");
  if constexpr (changes && plain) {
    const auto e = [&]<int... K>(std::integer_sequence<int, K...>) {
      return as_expression<0>(f(std::as_const(model), compiled_argument<K + 1>(a)...));
    }
    (std::make_integer_sequence<int, int(sizeof...(A))>{});
    using E = std::remove_cvref_t<decltype(e)>;
    return compiled_step<F, Optimiser, E, Unit, pass_set<Bits, Limit>, Model, A...>(
        e, std::forward<Optimiser>(opt), model);
  } else {
    return 0;
  }
}

}  // namespace tenon
