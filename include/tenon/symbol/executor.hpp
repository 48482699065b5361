// Executors: a symbolic expression bound to arrays, run again and again without allocating.
#pragma once

#include <optional>

#include "tenon/autodiff/gradients.hpp"
#include "tenon/autodiff/runner.hpp"

namespace tenon {

/// Whether a forward pass keeps what a backward pass needs.
namespace mode {
struct predict_t {};
struct train_t {};
inline constexpr predict_t predict{};
inline constexpr train_t train{};
}  // namespace mode

/// Names the variables that an executor computes gradients of: bind(loss, cpu(0), wrt<"w", "b">, ...).
/// Without it, all floating-point variables and the parameters of models.
template <extent... Names>
struct wrt_t {};
template <extent... Names>
inline constexpr wrt_t<Names...> wrt{};

/// Several expressions as one: group(loss, logits). An executor's output<I>() is the I-th; derivatives are of
/// the first.
template <class Graph, int Leaves, class Roots, class... E>
struct expression_group : detail::leaf_array<Leaves> {};

namespace detail {
struct inspector;  // symbol/explain.hpp: the arrays behind leaves

/// One array as an expression.
template <class T, class Shape>
using argument_expression = expression<graph<node<slot<0, T, Shape>>>, 0, T, Shape>;

template <class E>
struct group_of;
template <class G, int R, class T, class S>
struct group_of<expression<G, R, T, S>> {
  using graph_type = G;
  using roots = places<R>;
  using values = list<expression<G, R, T, S>>;
};
template <class G, int L, class... E, int... R>
struct group_of<expression_group<G, L, places<R...>, E...>> {
  using graph_type = G;
  using roots = places<R...>;
  using values = list<E...>;
};

/// Merging the graphs of a group: the roots of earlier members keep their places.
template <class A, class B>
struct grouped;
template <class GA, int LA, int... RA, class... EA, class G, int R, class T, class S>
struct grouped<expression_group<GA, LA, places<RA...>, EA...>, expression<G, R, T, S>> {
  using merged = merge<GA, G>;
  static constexpr int root = merged::map(R);
  template <int Root>
  struct make {
    using type = expression_group<typename merged::type, graph_info<typename merged::type>::leaves,
                                  places<RA..., Root>, EA..., expression<G, R, T, S>>;
  };
  using type = typename make<root>::type;
};

template <class Names, class Name>
inline constexpr bool names_include = false;
template <class... N, class Name>
inline constexpr bool names_include<list<N...>, Name> = (std::is_same_v<N, Name> || ...);

template <class Wrt>
struct leaves_wrt {
  template <class Tables>
  static constexpr bool take(int leaf) {
    return Tables::floating[leaf] && (Tables::parameter[leaf] || Tables::template named_in<Wrt>(leaf));
  }
};
template <class Leaves>
struct named_leaf_tables;
template <class... L>
struct named_leaf_tables<list<L...>> : leaf_tables<list<L...>> {
  template <class Wrt>
  static constexpr bool named_in(int leaf) {
    constexpr bool in[] = {
        (std::is_same_v<Wrt, list<>> ? !std::is_void_v<typename leaf_traits<L>::name>
                                     : names_include<Wrt, typename leaf_traits<L>::name>)...,
        false};
    return in[leaf];
  }
  template <class Name>
  static constexpr int find() {
    constexpr bool is[] = {std::is_same_v<typename leaf_traits<L>::name, Name>..., false};
    for (int k = 0; k < int(sizeof...(L)); ++k)
      if (is[k]) return k;
    return -1;
  }
  static constexpr bool names_unique() {
    constexpr type_id id[] = {
        (std::is_void_v<typename leaf_traits<L>::name> ? type_id(0)
                                                       : identity<typename leaf_traits<L>::name>::id)...,
        0};
    for (int i = 0; i < int(sizeof...(L)); ++i)
      for (int j = 0; j < i; ++j)
        if (id[i] != 0 && id[i] == id[j]) return false;
    return true;
  }
  static constexpr const char* text(int leaf) {
    constexpr const char* texts[] = {name_text<typename leaf_traits<L>::name>()..., ""};
    return texts[leaf];
  }
  template <class Name>
  static constexpr const char* name_text() {
    if constexpr (std::is_void_v<Name>)
      return "";
    else
      return Name::text;
  }
};

template <class Graph, class Wrt>
struct executor_wrt {
  using leaves = typename leaves_of<Graph>::type;
  using tables = named_leaf_tables<leaves>;
  static constexpr bool take(int k) { return leaves_wrt<Wrt>::template take<tables>(k); }
  static constexpr int count() {
    int n = 0;
    for (int i = 0; i < tables::n; ++i) n += take(i);
    return n;
  }
  static constexpr int nth(int k) {
    for (int i = 0; i < tables::n; ++i)
      if (take(i) && k-- == 0) return i;
    return -1;
  }
  template <class Indices>
  struct make;
  template <int... K>
  struct make<std::integer_sequence<int, K...>> {
    using nodes = places<leaves_of<Graph>::places(nth(K))...>;
    using places_of_leaves = places<nth(K)...>;
  };
  using made = make<std::make_integer_sequence<int, count()>>;
  using nodes = typename made::nodes;
  using wrt_leaves = typename made::places_of_leaves;
};

template <class G, int R, class T, class S>
auto group_of_one(const expression<G, R, T, S>& e) {
  expression_group<G, graph_info<G>::leaves, places<R>, expression<G, R, T, S>> g;
  join_expression(g, 0, e, nullptr);
  return g;
}

template <class Rule, class G, int L, class... In, class E>
auto join_group(const expression_group<G, L, In...>& have, const E& e) {
  typename Rule::type r;
  if constexpr (L > 0) join_leaves(r.leaves, 0, have.leaves, nullptr, L);
  join_expression(r, L, e, merged_leaves<typename E::graph_type, typename Rule::merged>::table());
  return r;
}

template <class Group, class... E>
auto grow_group(const Group& have, const E&... more) {
  if constexpr (sizeof...(E) == 0)
    return have;
  else
    return [&](const auto& next, const auto&... rest) {
      return grow_group(join_group<grouped<Group, typename bare<decltype(next)>::type>>(have, next), rest...);
    }(more...);
}

}  // namespace detail

/// Several expressions, evaluated by one plan.
template <class A, class... More>
requires(tensor_like<A> && (tensor_like<More> && ...)) auto group(const A& a, const More&... more) {
  return detail::grow_group(detail::group_of_one(detail::as_expression<0>(a)),
                            detail::as_expression<0>(more)...);
}

/// A bound expression. One thread at a time may use it; arguments that it owns or shares are its cells.
template <class Graph, class Roots, class Values, class Wrt, class Unit = this_unit,
          unsigned Rules = detail::pass::exact>
class executor {
  using tables = detail::named_leaf_tables<typename detail::leaves_of<Graph>::type>;
  static_assert(tables::names_unique(), "tenon: one name has two dtypes or two shapes in this graph");
  using predict_task = detail::task<Graph, Roots, detail::derive::nothing, detail::places<>, false, Rules>;
  using differentiation = detail::executor_wrt<Graph, Wrt>;
  using value_type = typename at<0, Values>::value_type;
  using root_shape = typename at<0, Values>::shape_type;
  static constexpr bool scalar = root_shape::rank == 0;
  using seeded = typename detail::with_leaf<
      Graph, named_leaf<number<detail::first_extra_argument>, value_type, root_shape>>::type;
  using train_task = std::conditional_t<
      scalar,
      detail::task<Graph, Roots, detail::derive::gradient, typename differentiation::nodes, true, Rules>,
      detail::task<seeded, Roots, detail::derive::pullback, typename differentiation::nodes, true, Rules>>;
  static constexpr int leaf_count = tables::n;

 public:
  template <class Group, class... Arguments>
  executor(const Group& g, Arguments&&... arguments) {
    int own = 0;
    for (int k = 0; k < leaf_count; ++k)
      if (tables::own[k]) {
        if constexpr (detail::graph_info<Graph>::leaves > 0) {
          leaf l = g.leaves[std::size_t(own++)];
          if (tables::parameter[k])
            l = detail::parameter_records<typename predict_task::leaves>::at[k](l.parameter);
          cells_[std::size_t(k)] = std::move(l);
          given_[std::size_t(k)] = true;
        }
      }
    (take(std::forward<Arguments>(arguments)), ...);
  }

  /// Computes the outputs; arguments given here replace earlier ones, of other sizes if need be.
  template <class... Arguments>
  void forward(Arguments&&... arguments) {
    forward(mode::predict, std::forward<Arguments>(arguments)...);
  }
  template <class... Arguments>
  void forward(mode::predict_t, Arguments&&... arguments) {
    ran_ = ran::nothing;  // until this pass is done: sizes may not fit
    (take(std::forward<Arguments>(arguments)), ...);
    auto& r = runner_of<predict_task>(predict_);
    fill(r);
    r.run();
    ran_ = ran::predict;
  }
  /// The same, and keeps what backward() needs.
  template <class... Arguments>
  void forward(mode::train_t, Arguments&&... arguments) {
    ran_ = ran::nothing;
    (take(std::forward<Arguments>(arguments)), ...);
    auto& r = runner_of<train_task>(train_);
    fill(r);
    if constexpr (!scalar) {
      seed_like_output(r);
      ran_ = ran::nothing;
    }
    r.prepare();
    r.bound().run_forward();
    ran_ = ran::train;
  }
  /// Gradients of output 0, which has rank 0. Throws usage_error without a forward(mode::train) before.
  void backward() {
    static_assert(
        scalar, "tenon: backward() takes a rank-0 output; give backward(seed) a seed of the output's shape");
    check_trained();
    train_->prepare(outputs);
    train_->bound().run_backward();
    ran_ = ran::gradient;
  }
  /// Cotangents of the arguments for a cotangent of output 0.
  template <tensor_like Seed>
  requires(!scalar) void backward(const Seed& seed) {
    check_trained();
    const basic_tensor<value_type, root_shape> dense(seed);  // row-major, as the plan has it
    const leaf l = dense.record();
    const leaf& expected = train_->at(leaf_count);
    for (int k = 0; k < root_shape::rank; ++k)
      if (l.extent[k] != expected.extent[k])
        throw shape_error("backward: a seed of shape " +
                          detail::describe(detail::extents_of_leaf(l, root_shape::rank)) +
                          " for an output of shape " +
                          detail::describe(detail::extents_of_leaf(expected, root_shape::rank)));
    seed_ = l;
    train_->set(leaf_count, leaf(l));
    train_->prepare(outputs);
    train_->bound().run_backward();
    ran_ = ran::gradient;
  }

  /// Output I of the last forward pass.
  template <int I = 0>
  auto output() const {
    using E = at<I, Values>;
    if (ran_ == ran::nothing) throw usage_error("output: nothing was computed yet; call forward() first");
    if (ran_ == ran::predict)
      return predict_->template output<typename E::value_type, typename E::shape_type>(I);
    return train_->template output<typename E::value_type, typename E::shape_type>(I);
  }
  /// The gradient of output 0 with respect to a variable.
  template <extent Name>
  auto grad() const {
    constexpr int k = tables::template find<spelled<Name>>();
    static_assert(k >= 0, "tenon: this graph has no variable of this name");
    static_assert(output_of(k) >= 0,
                  "tenon: no gradient was asked for with respect to this variable; see wrt<...>");
    using L = detail::leaf_traits<at<k, typename predict_task::leaves>>;
    if (ran_ != ran::gradient) throw usage_error("grad: no gradient was computed; call backward() first");
    return train_->template output<typename L::element_type, typename L::shape_type>(output_of(k));
  }
  /// The gradients of all parameters of models in this graph.
  const model_gradients& gradients() {
    if (ran_ != ran::gradient)
      throw usage_error("gradients: no gradient was computed; call backward() first");
    gradients_.clear();
    for (int w = 0; w < differentiation::wrt_leaves::n; ++w) {
      const int k = differentiation::wrt_leaves::at[w];
      if (tables::parameter[k])
        gradients_.add(train_->parameter(k), train_->output_buffer(outputs + w), elements(k),
                       tables::type[k]);
    }
    return gradients_;
  }
  /// The value of an argument.
  template <extent Name>
  auto arg() const {
    constexpr int k = tables::template find<spelled<Name>>();
    static_assert(k >= 0, "tenon: this graph has no variable of this name");
    using L = detail::leaf_traits<at<k, typename predict_task::leaves>>;
    if (!given_[k]) throw usage_error(std::string("arg: \"") + tables::text(k) + "\" was not given yet");
    detail::argument_expression<typename L::element_type, typename L::shape_type> e;
    e.leaves[0] = cells_[k];
    return basic_tensor<typename L::element_type, typename L::shape_type>(e);
  }
  /// Zeros for every variable without a value, from the sizes of names.
  template <class... Name>
  void allocate_missing(const detail::named_size<Name>&... sizes) {
    allocate(sizes...);
  }
  /// Bytes of intermediate values of the training plan, and what they would be without sharing memory.
  index arena_bytes() const {
    return train_ ? train_->bound().arena_bytes() : predict_ ? predict_->bound().arena_bytes() : 0;
  }

 private:
  friend struct detail::inspector;
  enum class ran { nothing, predict, train, gradient };
  static constexpr int outputs = Roots::n;

  static constexpr int output_of(int k) {
    for (int w = 0; w < differentiation::wrt_leaves::n; ++w)
      if (differentiation::wrt_leaves::at[w] == k) return outputs + w;
    return -1;
  }
  index elements(int k) const {
    index n = 1;
    for (int a = 0; a < ranks_[std::size_t(k)]; ++a) n *= cells_[std::size_t(k)].extent[a];
    return n;
  }
  template <class... L>
  static constexpr std::array<int, sizeof...(L) + 1> ranks_of(list<L...>) {
    return {detail::leaf_traits<L>::shape_type::rank..., 0};
  }
  static constexpr auto ranks_ = ranks_of(typename predict_task::leaves{});

  template <class Name, class T, class Shape>
  void take(detail::named_value<Name, basic_tensor<T, Shape>> v) {
    constexpr int k = tables::template find<Name>();
    static_assert(k >= 0, "tenon: this graph has no variable of this name");
    using L = detail::leaf_traits<at<k, typename predict_task::leaves>>;
    static_assert(std::is_same_v<T, typename L::element_type>,
                  "tenon: the argument has another dtype than the variable; convert it with astype<T>(x)");
    constexpr bool fits = detail::assignable<typename L::shape_type, Shape>::value();
    (void)detail::value_fits_target<fits, typename L::shape_type, Shape>{};
    leaf l = v.shared != nullptr ? v.shared->record() : v.own.captured();
    if (v.shared != nullptr) {
      l.buffer = storage();
      shared_[std::size_t(k)] = {v.shared, &record_of<basic_tensor<T, Shape>>};
    } else {
      shared_[std::size_t(k)] = {};
    }
    cells_[std::size_t(k)] = std::move(l);
    given_[std::size_t(k)] = true;
  }
  /// simple_bind: gives variables without an array one of zeros, once all their extents are known.
  template <class... Name>
  void allocate(const detail::named_size<Name>&... sizes) {
    allocate_leaves(typename predict_task::leaves{}, sizes...);
  }
  template <class... L, class... Size>
  void allocate_leaves(list<L...>, const Size&... sizes) {
    int k = 0;
    (allocate_leaf<L>(k++, sizes...), ...);
  }
  template <class L, class... Name>
  void allocate_leaf(int k, const detail::named_size<Name>&... sizes) {
    using traits = detail::leaf_traits<L>;
    if (given_[std::size_t(k)]) return;
    using Tensor = basic_tensor<typename traits::element_type, typename traits::shape_type>;
    std::array<index, Tensor::rank> extents = named_extents(typename traits::shape_type{}, sizes...);
    for (const index n : extents)
      if (n < 0)
        throw usage_error(std::string("simple_bind: an extent of \"") + tables::text(k) +
                          "\" is not known; give extent_of<...> or the array");
    Tensor t = Tensor::uninitialised(extents);
    std::fill_n(t.own(), t.size(), typename traits::element_type(0));
    cells_[std::size_t(k)] = t.record();
    given_[std::size_t(k)] = true;
  }
  template <class... D, class... Size>
  static std::array<index, sizeof...(D)> named_extents(shape<D...>, const Size&... sizes) {
    return {named_extent<D>(sizes...)...};
  }
  template <class D, class... Name>
  static index named_extent(const detail::named_size<Name>&... sizes) {
    index n = detail::static_size<D>;
    ((n = std::is_same_v<D, Name> ? sizes.index_value() : n), ...);
    return n;
  }

  template <class Tensor>
  static leaf record_of(const void* t) {
    leaf l = static_cast<const Tensor*>(t)->record();
    l.buffer = storage();
    return l;
  }

  template <class Task>
  static auto& runner_of(std::optional<detail::runner<Task, Unit>>& r) {
    if (!r) r.emplace();
    return *r;
  }

  template <class Runner>
  void fill(Runner& r) {
    gradients_.clear();  // lets go of the last results
    for (int k = 0; k < leaf_count; ++k) {
      if (!given_[std::size_t(k)])
        throw usage_error(std::string("forward: the variable \"") + tables::text(k) + "\" has no value");
      if (shared_[std::size_t(k)].tensor != nullptr)
        cells_[std::size_t(k)] = shared_[std::size_t(k)].record(shared_[std::size_t(k)].tensor);
      r.set(k, leaf(cells_[std::size_t(k)]));
    }
    r.refresh_parameters();
  }

  template <class Runner>
  void seed_like_output(Runner& r) {
    forward(mode::predict);  // the seed has the output's extents, which only evaluation tells
    const auto y = predict_->template output<value_type, root_shape>(0);
    seed_ = y.record();
    r.set(leaf_count, leaf(seed_));
  }

  void check_trained() const {
    if (ran_ != ran::train && ran_ != ran::gradient)
      throw usage_error("backward: there was no forward(mode::train) before");
    // what was bound by reference may be gone: reading its old buffer would be reading freed memory
    for (int k = 0; k < leaf_count; ++k) {
      leaf now;
      if (shared_[std::size_t(k)].tensor != nullptr)
        now = shared_[std::size_t(k)].record(shared_[std::size_t(k)].tensor);
      else if (tables::parameter[k])
        now = detail::parameter_records<typename predict_task::leaves>::at[k](train_->parameter(k));
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

  struct shared_cell {
    const void* tensor = nullptr;
    leaf (*record)(const void*) = nullptr;
  };
  std::array<leaf, std::size_t(leaf_count) + 1> cells_;
  std::array<bool, std::size_t(leaf_count) + 1> given_{};
  std::array<shared_cell, std::size_t(leaf_count) + 1> shared_{};
  leaf seed_;
  std::optional<detail::runner<predict_task, Unit>> predict_;
  std::optional<detail::runner<train_task, Unit>> train_;
  model_gradients gradients_;
  ran ran_ = ran::nothing;
};

namespace detail {
template <class X>
inline constexpr bool is_wrt = false;
template <extent... N>
inline constexpr bool is_wrt<wrt_t<N...>> = true;

/// The names that the caller chose, as an executor's type may hold them: a wrt_t has values of class type
/// among its arguments, which nvcc cannot spell.
template <class Default, class... X>
struct wrt_among {
  using type = Default;
};
template <class Default, class X, class... Rest>
struct wrt_among<Default, X, Rest...> : wrt_among<Default, Rest...> {};
template <class Default, extent... N, class... Rest>
struct wrt_among<Default, wrt_t<N...>, Rest...> {
  using type = list<spelled<N>...>;
};

template <class E, class Wrt, unsigned Rules>
struct executor_of;
template <class G, int L, class Roots, class... E, class Wrt, unsigned Rules>
struct executor_of<expression_group<G, L, Roots, E...>, Wrt, Rules> {
  using type = executor<G, Roots, list<E...>, Wrt, this_unit, Rules>;
};

}  // namespace detail

/// Binds an expression, or a group of them, to arrays: bind(loss, cpu(0), arg<"x"> = x, arg<"w"> = ref(w)).
/// Variables without an array get one by forward(arg<"x"> = x). Parameters of models are shared with the
/// model. A set of passes among the arguments says how the graph is rewritten: bind(loss, cpu(0),
/// passes::none).
template <class E, class... Arguments>
auto bind(const E& e, device d, Arguments&&... arguments) {
  if constexpr (tensor_like<E>)
    return bind(group(e), d, std::forward<Arguments>(arguments)...);
  else
    return std::apply(
        [&](auto&&... kept) {
          return typename detail::executor_of<
              E, typename detail::wrt_among<list<>, typename detail::bare<Arguments>::type...>::type,
              detail::passes_among<typename detail::bare<Arguments>::type...>>::
              type(e, std::forward<decltype(kept)>(kept)...);
        },
        std::tuple_cat([&] {
          if constexpr (detail::is_wrt<typename detail::bare<Arguments>::type> ||
                        detail::is_pass_set<typename detail::bare<Arguments>::type>)
            return std::tuple<>{};
          else
            return std::tuple<Arguments&&>(std::forward<Arguments>(arguments));
        }()...));
}

namespace detail {
template <class X>
inline constexpr bool is_named_size = false;
template <class N>
inline constexpr bool is_named_size<named_size<N>> = true;
}  // namespace detail

/// Binds and allocates: variables that are not given become zeros, of the sizes that names are given.
template <class E, class... Arguments>
auto simple_bind(const E& e, device d, Arguments&&... arguments) {
  [[maybe_unused]] const auto only = []<bool Sizes>(auto&& a) {
    using A = std::remove_cvref_t<decltype(a)>;
    if constexpr (detail::is_named_size<A> == Sizes)
      return std::tuple<A>(std::forward<decltype(a)>(a));
    else
      return std::tuple<>{};
  };
  auto x = std::apply([&](auto&&... given) { return bind(e, d, std::forward<decltype(given)>(given)...); },
                      std::tuple_cat(only.template operator()<false>(std::forward<Arguments>(arguments))...));
  std::apply([&](const auto&... sizes) { x.allocate_missing(sizes...); },
             std::tuple_cat(only.template operator()<true>(std::forward<Arguments>(arguments))...));
  return x;
}

}  // namespace tenon
