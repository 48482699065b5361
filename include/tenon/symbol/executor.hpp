// Executors: a symbolic expression bound to arrays, run again and again without allocating.
#pragma once

#include <memory>
#include <optional>

#include "tenon/autodiff/gradients.hpp"
#include "tenon/symbol/cells.hpp"
#include "tenon/symbol/differentiation.hpp"
#include "tenon/symbol/given.hpp"
#include "tenon/symbol/sums.hpp"

namespace tenon {

/// Whether a forward pass keeps what a backward pass needs, and gives states their new values.
namespace mode {
struct predict_t {};
struct train_t {};
inline constexpr predict_t predict{};
inline constexpr train_t train{};
}  // namespace mode

namespace detail {
struct inspector;  // symbol/explain.hpp: the arrays behind leaves

template <class Graph, class Roots, class Values>
struct executor_members {
  using graph_type = Graph;
  using roots = Roots;
  using values = Values;
};

/// Runs the steps of a plan and shows somebody what they computed; see monitor.hpp.
template <class Unit>
struct step_watcher {
  virtual ~step_watcher() = default;
  virtual void run(binding<Unit>& bound, bool forward, bool backward) = 0;
};

}  // namespace detail

/// A bound expression. One thread at a time may use it; arguments that it owns or shares are its cells.
///
/// Whatever throws leaves it usable: a wrong argument is named and may be given again. One that was moved
/// from has no arguments.
template <class Graph, class Roots, class Values, class Options, class Unit = this_unit>
class executor : public detail::argument_cells<detail::executor_members<Graph, Roots, Values>, Unit> {
  using members = detail::executor_members<Graph, Roots, Values>;
  using base = detail::argument_cells<members, Unit>;
  using tables = typename base::tables;
  using outputs_info = detail::outputs_of<members>;
  using predict_task = typename detail::task_by<typename base::predict_task, typename Options::passes>::type;
  using differentiation = detail::differentiation<members, Options>;
  using train_task = typename detail::task_by<typename differentiation::task, typename Options::passes>::type;
  static constexpr int leaf_count = base::leaf_count;
  friend struct detail::inspector;
  using base::attributes_, base::capacity_, base::cells_, base::given_, base::requests_, base::shared_;
  static constexpr int outputs = outputs_info::count, states = outputs_info::states;
  static constexpr int seeds = differentiation::seeds;
  static constexpr int first_gradient = outputs + states;  // among what the training plan computes
  static constexpr int gradient_count = differentiation::wrt_leaves::n;

 public:
  using members_type = members;

  template <class Group, class... Arguments>
  executor(const Group& g, Arguments&&... arguments) {
    this->take_own(g);
    (this->take("bind", std::forward<Arguments>(arguments)), ...);
  }

  // ---- running --------------------------------------------------------------------------------------------

  /// Computes the outputs; arguments given here replace earlier ones, of other sizes if need be.
  template <class... Arguments>
  void forward(Arguments&&... arguments) {
    forward(mode::predict, std::forward<Arguments>(arguments)...);
  }
  template <class... Arguments>
  void forward(mode::predict_t, Arguments&&... arguments) {
    detail::given_once<typename detail::bare<Arguments>::type...>::say();
    ran_ = ran::nothing;  // until this pass is done: sizes may not fit
    (this->take("forward", std::forward<Arguments>(arguments)), ...);
    auto& r = runner_of<predict_task>(predict_);
    fill(r);
    prepare(r);
    if (watcher_)
      watcher_->run(r.bound(), true, true);
    else
      r.bound().run();
    ran_ = ran::predict;
  }
  /// The same; keeps what backward() needs, and gives states their new values.
  template <class... Arguments>
  void forward(mode::train_t, Arguments&&... arguments) {
    detail::given_once<typename detail::bare<Arguments>::type...>::say();
    ran_ = ran::nothing;
    (this->take("forward", std::forward<Arguments>(arguments)), ...);
    auto& r = runner_of<train_task>(train_);
    fill(r);
    if constexpr (seeds > 0) make_seeds(r);
    prepare(r);
    if constexpr (states > 0) check_states(static_cast<const Values*>(nullptr));
    if (watcher_)
      watcher_->run(r.bound(), true, false);
    else
      r.bound().run_forward();
    if constexpr (states > 0) keep_states(static_cast<const Values*>(nullptr));
    changed_ = false;
    ran_ = ran::train;
  }

  /// Gradients of the heads (output 0, or those of heads<...>), which have rank 0. Throws usage_error without
  /// a forward(mode::train) before, or where every request is null.
  void backward() {
    static_assert(
        differentiation::scalars,
        "tenon: backward() takes a rank-0 output; give backward(seed) a seed of the output's shape");
    check_trained();
    for (int h = 0; h < seeds; ++h) set_seed_to_one(h);
    run_backward();
  }
  /// Cotangents of the arguments, for a cotangent of each head: of its dtype and shape, a number for rank 0.
  template <class... Seed>
  requires(sizeof...(Seed) > 0) void backward(const Seed&... seed) {
    static_assert(seeds > 0,
                  "tenon: this output has rank 0 and takes backward(); to scale its gradients bind it with "
                  "heads<0>");
    static_assert(seeds == 0 || sizeof...(Seed) == std::size_t(seeds),
                  "tenon: backward takes a seed for each head; bind a group with heads<0, 1> for two");
    check_trained();
    [&]<int... H>(std::integer_sequence<int, H...>) {
      leaf l[] = {seed_leaf<H>(seed)...};
      (set_seed(H, std::move(l[H])), ...);
    }
    (std::make_integer_sequence<int, int(sizeof...(Seed))>{});
    run_backward();
  }

  // ---- what it computed -----------------------------------------------------------------------------------

  /// Output I of the last forward pass.
  template <int I = 0>
  auto output() const {
    constexpr bool there = I >= 0 && I < outputs;
    (void)sizeof(detail::position_is_there<there, I, outputs>);
    constexpr int o = there ? I : 0;
    using E = at<o, typename outputs_info::values>;
    if (ran_ == ran::nothing)
      throw usage_error("output: there is no result for the arguments as they are now; call forward() first");
    if (ran_ == ran::predict)
      return predict_->template output<typename E::value_type, typename E::shape_type>(o);
    return train_->template output<typename E::value_type, typename E::shape_type>(
        differentiation::arranged.place[o]);
  }
  /// All outputs, as a tuple of tensors.
  auto all_outputs() const {
    return [this]<int... I>(std::integer_sequence<int, I...>) {
      return std::make_tuple(this->output<I>()...);
    }
    (std::make_integer_sequence<int, outputs>{});
  }
  /// The gradient of the heads with respect to a variable, by name or by position among list_arguments. Where
  /// its request is add, the sum since zero_grad().
  template <extent Which>
  auto grad() const {
    constexpr int k = tables::template leaf_of<Which, false>();
    constexpr int w = gradient_of(k);
    static_assert(w >= 0, "tenon: no gradient was asked for with respect to this variable; see wrt<...>");
    using L = detail::leaf_traits<at<k, typename predict_task::leaves>>;
    if (ran_ != ran::gradient) throw usage_error("grad: no gradient was computed; call backward() first");
    if (requests_[std::size_t(k)] == grad_req::null)
      throw usage_error(std::string("grad: the gradient request of \"") + tables::text(k) + "\" is null");
    return basic_tensor<typename L::element_type, typename L::shape_type>::on(
        gradient_buffer(w), train_->bound().shape_of_output(first_gradient + w));
  }
  /// The gradients of all parameters of models in this graph.
  const model_gradients& gradients() {
    if (ran_ != ran::gradient)
      throw usage_error("gradients: no gradient was computed; call backward() first");
    gradients_.clear();
    for (int w = 0; w < gradient_count; ++w) {
      const int k = differentiation::wrt_leaves::at[w];
      if (tables::parameter[k] && requests_[std::size_t(k)] != grad_req::null)
        gradients_.add(train_->parameter(k), gradient_buffer(w), this->elements(k), tables::type[k]);
    }
    return gradients_;
  }
  /// The value of an argument, by name or by position among list_arguments.
  template <extent Which>
  auto arg() const {
    return this->template value_of<tables::template leaf_of<Which, false>()>("arg");
  }
  /// The value of a state, by name or by position among list_auxiliary_states.
  template <extent Which>
  auto aux() const {
    constexpr int k = tables::template leaf_of<Which, true>();
    static_assert(tables::state[k] || !tables::template has<Which>(),
                  "tenon: this is an argument, no state; see arg<...>()");
    return this->template value_of<k>("aux");
  }

  // ---- arguments, requests, sizes -------------------------------------------------------------------------

  /// Replaces arguments, and attributes of variables, without running: set(arg<"x"> = x).
  template <class... Arguments>
  void set(Arguments&&... arguments) {
    detail::given_once<typename detail::bare<Arguments>::type...>::say();
    ran_ = ran::nothing;
    (this->take("set", std::forward<Arguments>(arguments)), ...);
  }
  /// Zeros for every variable without a value, of the shapes that follow from what is given: sizes
  /// extent_of<"batch"> = 32, shapes arg<"x"> = {32, 784}, and the arrays that are bound. Throws usage_error
  /// naming the variables that nothing determines.
  template <class... Given>
  void allocate_missing(const Given&... given) {
    typename base::leaf_extents found;
    this->infer(
        "simple_bind", found, [](int) { return true; }, given...);
    const auto open = [&](int k) { return !given_[std::size_t(k)] && !base::sized(found[std::size_t(k)]); };
    if (const std::string names = detail::listed<tables>(open); !names.empty())
      throw usage_error("simple_bind: an extent of " + names +
                        " is not known; give extent_of<...>, a shape, or the array");
    for (int k = 0; k < leaf_count; ++k)
      if (!given_[std::size_t(k)]) this->set_zeros(k, found[std::size_t(k)]);
  }
  /// Other sizes: reshape(extent_of<"batch"> = 8) or reshape(arg<"x"> = {8, 784}). Arguments whose shape
  /// changes become zeros, in the memory that they have where that suffices, and so does the plan's memory.
  /// Throws shape_error, and changes nothing, where the sizes do not fit.
  template <class... Given>
  void reshape(const Given&... given);

  /// What backward() does with gradients from now on: of all variables and parameters, or of one. Those that
  /// were null when it was bound are not computed at all.
  void request(grad_req r) {
    requests_.fill(r);
    zero_grad();
  }
  template <extent Which>
  void request(grad_req r) {
    constexpr int k = tables::template leaf_of<Which, false>();
    static_assert(gradient_of(k) >= 0,
                  "tenon: no gradient was asked for with respect to this variable; see wrt<...>");
    requests_[std::size_t(k)] = r;
    sums_.clear(gradient_of(k));
  }
  /// Sums of gradients begin anew.
  void zero_grad() {
    for (int w = 0; w < gradient_count; ++w) sums_.clear(w);
  }
  /// The attributes that a variable was bound with.
  template <extent Which>
  const variable_attributes& attributes() const {
    return attributes_[std::size_t(tables::template leaf_of<Which, false>())];
  }

  /// Bytes of intermediate values of the training plan, or of the other where there is none yet.
  index arena_bytes() const {
    return train_ ? train_->bound().arena_bytes() : predict_ ? predict_->bound().arena_bytes() : 0;
  }

  // ---- for the library ------------------------------------------------------------------------------------

  using leaf_names = tables;
  using leaf_types = typename predict_task::leaves;
  static constexpr int gradient_of(int k) {
    for (int w = 0; w < gradient_count; ++w)
      if (differentiation::wrt_leaves::at[w] == k) return w;
    return -1;
  }
  /// Puts an array behind leaf k. Its dtype and rank are right.
  void put(const char* who, int k, leaf&& l) {
    tables::check(who, k, l.extent, tables::rank[k]);
    ran_ = ran::nothing;
    shared_[std::size_t(k)] = {};
    cells_[std::size_t(k)] = std::move(l);
    given_[std::size_t(k)] = true;
    capacity_[std::size_t(k)] = 0;
  }
  /// The runners let go of leaf k's array until the next pass.
  void release(int k) {
    ran_ = ran::nothing;
    let_go(predict_, k);
    let_go(train_, k);
  }
  /// Leaf k's array, to be changed by whoever holds it alone, and back.
  leaf take_cell(int k) {
    let_go(predict_, k);
    let_go(train_, k);
    changed_ = true;
    capacity_[std::size_t(k)] = 0;
    return std::move(cells_[std::size_t(k)]);
  }
  void return_cell(int k, leaf&& l) { cells_[std::size_t(k)] = std::move(l); }
  bool has_gradients() const { return ran_ == ran::gradient; }
  const storage& gradient_buffer(int w) const {
    return requests_[std::size_t(differentiation::wrt_leaves::at[w])] == grad_req::add
               ? sums_.at(w)
               : train_->output_buffer(first_gradient + w);
  }
  const extents& gradient_shape(int w) const { return train_->bound().shape_of_output(first_gradient + w); }
  void watch(std::unique_ptr<detail::step_watcher<Unit>> w) { watcher_ = std::move(w); }

 private:
  enum class ran { nothing, predict, train, gradient };

  template <class R>
  static void let_go(std::optional<R>& r, int k) {
    if (!r || !r->is_set(k)) return;
    leaf l = r->at(k);
    l.buffer = storage();
    r->set(k, std::move(l));
  }

  // ---- passes -------------------------------------------------------------------------------------------

  template <class Task>
  static auto& runner_of(std::optional<detail::runner<Task, Unit>>& r) {
    if (!r) r.emplace();
    return *r;
  }

  template <class Runner>
  void fill(Runner& r) {
    gradients_.clear();  // lets go of the last results
    for (int k = 0; k < leaf_count; ++k) {
      if (!given_[std::size_t(k)]) this->throw_missing();
      leaf& c = cells_[std::size_t(k)];
      if (const auto& s = shared_[std::size_t(k)]; s.tensor != nullptr && !s.is_recorded(s.tensor, c))
        c = s.record(s.tensor);
      if (!r.holds(k, c)) r.set(k, leaf(c));
    }
    r.refresh_parameters();
  }
  template <class Task>
  void prepare(detail::runner<Task, Unit>& r) {
    try {
      r.prepare();
    } catch (const shape_error&) {
      explain_misfit<Task>();
      throw;
    }
  }
  /// Says which variables do not fit, where names of extents are at fault.
  template <class Task>
  TENON_COLD void explain_misfit() const {
    (void)detail::shape_problems<Task, Unit>::solve(
        "forward",
        [&](detail::shape_solver& s) {
          for (int k = 0; k < leaf_count; ++k) s.give(k, this->cell(k).extent, tables::rank[k]);
        },
        [](const detail::shape_solver&) {});
  }

  // ---- cotangents of heads ------------------------------------------------------------------------------

  void set_seed(int h, leaf&& l) {
    seed_is_one_[std::size_t(h)] = false;
    seeds_[std::size_t(h)] = l;
    train_->set(leaf_count + h, std::move(l));
  }
  void set_seed_to_one(int h) {
    if (seed_is_one_[std::size_t(h)]) return;
    leaf l = train_->at(leaf_count + h);
    l.buffer = storage(16);
    l.data = l.buffer.data();
    detail::with_type(differentiation::seeding::type[h], [&]<class T>(T) {
      if constexpr (math::real<T>) {
        const T one = T(1.f);
        std::memcpy(l.buffer.data(), &one, sizeof(T));
      }
    });
    set_seed(h, std::move(l));
    seed_is_one_[std::size_t(h)] = true;
  }
  /// Leaves of the heads' extents, which the plan for prediction knows; their elements come with backward.
  template <class Runner>
  void make_seeds(Runner& r) {
    auto& p = runner_of<predict_task>(predict_);
    fill(p);
    prepare(p);
    for (int h = 0; h < seeds; ++h) {
      const extents& e = p.bound().shape_of_output(differentiation::heads::output(h));
      leaf& l = seeds_[std::size_t(h)];
      bool same = static_cast<bool>(l.buffer);
      for (int a = 0; a < e.rank; ++a) same = same && l.extent[a] == e[a].size;
      if (!same) {
        l = leaf();
        l.buffer = storage(detail::bytes_of(e, differentiation::seeding::type[h]));
        l.data = l.buffer.data();
        for (int a = 0; a < e.rank; ++a) l.extent[a] = e[a].size;
        detail::row_major(e, l.stride);
        seed_is_one_[std::size_t(h)] = false;
      }
      r.set(leaf_count + h, leaf(l));
    }
  }
  template <int H, class Seed>
  leaf seed_leaf(const Seed& seed) const {
    using E = typename differentiation::template head<H>;
    using Tensor = basic_tensor<typename E::value_type, typename E::shape_type>;
    if constexpr (plain_number<Seed>) {
      static_assert(Tensor::rank == 0, "tenon: a number is a seed of an output of rank 0 alone");
      if constexpr (Tensor::rank == 0) return Tensor(static_cast<typename E::value_type>(seed)).record();
    } else {
      static_assert(tensor_like<Seed>, "tenon: a seed is an array of its output's shape");
      if constexpr (tensor_like<Seed>) {
        using S = std::remove_cvref_t<decltype(detail::as_expression<0>(seed))>;
        constexpr bool dtype = std::is_same_v<typename S::value_type, typename E::value_type>;
        static_assert(dtype, "tenon: a seed has its output's dtype; convert it with astype<T>(x)");
        if constexpr (dtype) return checked_seed<H>(Tensor(seed));  // row-major, as the plan has it
      }
    }
    return leaf();  // after a message
  }
  template <int H, class Tensor>
  leaf checked_seed(const Tensor& dense) const {
    const leaf l = dense.captured();
    const leaf& expected = train_->at(leaf_count + H);
    for (int k = 0; k < Tensor::rank; ++k)
      if (l.extent[k] != expected.extent[k])
        throw shape_error(
            "backward: a seed of shape " + detail::describe(detail::extents_of_leaf(l, Tensor::rank)) +
            " for an output of shape " + detail::describe(detail::extents_of_leaf(expected, Tensor::rank)));
    return l;
  }

  void run_backward() {
    static_assert(gradient_count > 0,
                  "tenon: no gradient was asked for: every variable is excluded by wrt<...> or "
                  "requests<grad_req::null>, or none has floating-point numbers");
    static_assert(differentiation::seeding::floating,
                  "tenon: outputs that are differentiated have floating-point numbers");
    bool any = false;
    for (int w = 0; w < gradient_count; ++w) {
      const int k = differentiation::wrt_leaves::at[w];
      any = any || requests_[std::size_t(k)] != grad_req::null;
      if (requests_[std::size_t(k)] == grad_req::add) sums_.check(w, gradient_shape(w), tables::text(k));
    }
    if (!any) throw usage_error("backward: every gradient request is null; see request(grad_req::write)");
    train_->prepare(first_gradient);
    if (watcher_)
      watcher_->run(train_->bound(), false, true);
    else
      train_->bound().run_backward();
    for (int w = 0; w < gradient_count; ++w) {
      const int k = differentiation::wrt_leaves::at[w];
      if (requests_[std::size_t(k)] == grad_req::add)
        sums_.add(w, train_->output_buffer(first_gradient + w), gradient_shape(w), tables::type[k]);
    }
    ran_ = ran::gradient;
  }

  void check_trained() const {
    if (ran_ != ran::train && ran_ != ran::gradient)
      throw usage_error("backward: there was no forward(mode::train) before");
    if (changed_)
      throw usage_error("backward: a variable was updated since forward(mode::train); run it again");
    // what was bound by reference may be gone: reading its old buffer would be reading freed memory
    for (int k = 0; k < leaf_count; ++k) {
      leaf now;
      if (shared_[std::size_t(k)].tensor != nullptr)
        now = shared_[std::size_t(k)].record(shared_[std::size_t(k)].tensor);
      else if (tables::parameter[k])
        now =
            detail::parameter_records<typename predict_task::leaves>::reader[k].record(train_->parameter(k));
      else
        continue;
      bool same = now.first() == train_->at(k).first();
      for (int a = 0; a < max_rank; ++a) same = same && now.extent[a] == train_->at(k).extent[a];
      if (!same)
        throw usage_error(std::string("backward: ") +
                          (tables::parameter[k]
                               ? "a parameter"
                               : "the array behind \"" + std::string(tables::text(k)) + "\"") +
                          " was replaced since forward(mode::train); run it again");
    }
  }

  // ---- states -------------------------------------------------------------------------------------------

  template <class Name, class E>
  void check_state(int s, const detail::new_state<Name, E>*) const {
    constexpr int k = tables::template by_name<Name>::leaf;
    using L = detail::leaf_traits<at<k, typename predict_task::leaves>>;
    static_assert(std::is_same_v<typename E::value_type, typename L::element_type>,
                  "tenon: the new value has another dtype than the state; convert it with astype<T>(x)");
    constexpr bool fits = detail::assignable<typename L::shape_type, typename E::shape_type>::value();
    (void)detail::value_fits_target<fits, typename L::shape_type, typename E::shape_type>{};
    const extents& e = train_->bound().shape_of_output(outputs + s);
    for (int a = 0; a < e.rank; ++a)
      if (e[a].size != cells_[std::size_t(k)].extent[a])
        throw shape_error(std::string("forward: the state \"") + tables::text(k) + "\" of shape " +
                          detail::describe(detail::extents_of_leaf(cells_[std::size_t(k)], tables::rank[k])) +
                          " would become " + detail::describe(e));
  }
  /// The new value goes to other memory than the old one, which backward() may still read.
  template <class Name, class E>
  void keep_state(int s, const detail::new_state<Name, E>*) {
    constexpr int k = tables::template find_name<Name>();
    const extents& e = train_->bound().shape_of_output(outputs + s);
    const index bytes = detail::bytes_of(e, tables::type[k]);
    storage& spare = spare_[std::size_t(s)];
    if (spare.references() != 1 || spare_bytes_[std::size_t(s)] != bytes) spare = storage(bytes);
    std::memcpy(spare.data(), train_->output_buffer(outputs + s).data(), std::size_t(bytes));
    leaf& c = cells_[std::size_t(k)];
    storage old = std::move(c.buffer);
    c.buffer = std::move(spare);
    c.data = c.buffer.data();
    detail::row_major(e, c.stride);
    if (capacity_[std::size_t(k)] == bytes) spare = std::move(old);  // memory of our own
    spare_bytes_[std::size_t(s)] = capacity_[std::size_t(k)] = bytes;
  }
  template <class X>
  void check_state(int, const X*) const {}
  template <class X>
  void keep_state(int, const X*) {}
  template <class... E>
  void check_states(const list<E...>*) const {
    int s = 0;
    (check_state(detail::is_new_state<E> ? s++ : s, static_cast<const E*>(nullptr)), ...);
  }
  template <class... E>
  void keep_states(const list<E...>*) {
    int s = 0;
    (keep_state(detail::is_new_state<E> ? s++ : s, static_cast<const E*>(nullptr)), ...);
  }

  std::array<leaf, std::size_t(seeds) + 1> seeds_;
  std::array<bool, std::size_t(seeds) + 1> seed_is_one_{};
  std::array<storage, std::size_t(states) + 1> spare_;
  std::array<index, std::size_t(states) + 1> spare_bytes_{};
  detail::gradient_sums<gradient_count> sums_;
  detail::renewed_by_move<std::optional<detail::runner<predict_task, Unit>>> predict_;
  detail::renewed_by_move<std::optional<detail::runner<train_task, Unit>>> train_;
  std::unique_ptr<detail::step_watcher<Unit>> watcher_;
  model_gradients gradients_;
  detail::renewed_by_move<ran> ran_;
  bool changed_ = false;  // arrays that the training plan reads may be gone
};

}  // namespace tenon

#include "tenon/symbol/bind.hpp"
