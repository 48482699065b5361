// Derivatives of any generic callable: value_and_grad, grad, vjp, jvp. The callable is traced once per type
// on numbered leaves; derivative graphs are made by constexpr passes, and one fused plan computes them.
#pragma once

#include <tuple>

#include "tenon/autodiff/gradients.hpp"
#include "tenon/autodiff/straight.hpp"

namespace tenon {

namespace detail {

template <class X, int... I>
constexpr bool is_one_of(int k) {
  return ((k == I) || ...);
}

/// The leaves that arguments I... are, model parameters among them.
template <bool Models, int... I>
struct leaves_of_arguments {
  template <class Tables>
  static constexpr bool take(int leaf) {
    if (!Tables::floating[leaf]) return false;
    return Tables::parameter[leaf]
               ? Models
               : is_one_of<void, I...>(Tables::argument[leaf]) && Tables::argument[leaf] >= 0;
  }
};

template <class... A>
struct argument_list {
  static constexpr int n = sizeof...(A);
  static constexpr bool model[n + 1] = {model_like<A>..., false};
};

/// A reverse-mode computation: of the root of a graph, with respect to arguments I.
template <class Graph, int Root, derive Kind, bool Models, int... I>
struct gradient_task {
  using chosen = chosen_leaves<Graph, leaves_of_arguments<Models, I...>>;
  using type = task<Graph, places<Root>, Kind, typename chosen::nodes>;
  using wrt_leaves = typename chosen::leaves;  // places among the leaves, in the order of gradients

  /// Which output is the gradient of leaf k.
  static constexpr int output_of(int k) {
    for (int w = 0; w < wrt_leaves::n; ++w)
      if (wrt_leaves::at[w] == k) return 1 + w;
    return -1;
  }
  static constexpr int leaf_of_argument(int i) {
    using tables = leaf_tables<typename type::leaves>;
    for (int k = 0; k < tables::n; ++k)
      if (tables::argument[k] == i) return k;
    return -1;
  }
};

/// What value_and_grad<I...> computes for an expression traced from arguments of given kinds.
template <class E, class Arguments, int... I>
using value_and_grad_task =
    gradient_task<typename E::graph_type, E::root, derive::gradient, (Arguments::model[I] || ...), I...>;

template <class Runner, class E, class... A>
void set_arguments(Runner& r, const E& e, const A&... a) {
  r.set_own(e);
  const leaf given[] = {argument_leaf(a)..., leaf{}};
  for (int k = 0; k < Runner::leaf_count; ++k)
    if (Runner::tables::argument[k] >= 0 && Runner::tables::argument[k] < first_extra_argument)
      r.set(k, leaf(given[Runner::tables::argument[k]]));
}

/// Fills in the gradient of a model from a runner's outputs.
template <class Task, class Runner>
void collect_gradients(const Runner& r, model_gradients& to) {
  to.clear();
  for (int w = 0; w < Task::wrt_leaves::n; ++w) {
    const int k = Task::wrt_leaves::at[w];
    if (!Runner::tables::parameter[k]) continue;
    index n = 1;
    for (int a = 0; a < max_rank; ++a)
      n *= r.at(k).extent[a] > 0 || r.at(k).stride[a] > 0 ? r.at(k).extent[a] : 1;
    to.add(r.parameter(k), r.output_buffer(1 + w), n, Runner::tables::type[k]);
  }
}

template <class T>
struct tensor_of {
  using type = decltype(eval(std::declval<const T&>()));
};
template <plain_number T>
struct tensor_of<T> {
  using type = basic_tensor<typename operand_types<T>::type, shape<>>;
};

/// The gradient with respect to argument I: a tensor of its shape, or a model's gradients.
template <class Task, int I, class Runner, class A>
auto gradient_of(Runner& r, const A& a) {
  if constexpr (model_like<A>) {
    model_gradients g;
    collect_gradients<Task>(r, g);
    return g;
  } else {
    using R = typename tensor_of<A>::type;
    constexpr int k = Task::leaf_of_argument(I);
    if constexpr (k < 0) {  // f does not read this argument
      R zero = eval(a);
      std::fill_n(zero.own(), zero.size(), typename R::value_type(0));
      return zero;
    } else {
      static_assert(Task::output_of(k) > 0, "tenon: gradients are with respect to floating-point arguments");
      return r.template output<typename R::value_type, typename R::shape_type>(Task::output_of(k));
    }
  }
}

}  // namespace detail

/// A value and its gradient: auto [value, gradient] = value_and_grad(f)(x).
template <class Value, class Gradient>
struct value_and_gradient {
  Value value;
  Gradient gradient;
};

/// value_and_grad<I...>(f): called with f's arguments, gives f's value and the gradients of arguments I.
template <class F, int... I>
class value_and_grad_of {
 public:
  explicit value_and_grad_of(F f) : f_(std::move(f)) {}
  const F& function() const { return f_; }

  template <class... A, class Unit = this_unit>
  auto operator()(const A&... a) const {
    using namespace detail;
    constexpr bool there = ((I >= 0 && I < int(sizeof...(A))) && ...);
    static_assert(there,
                  "tenon: value_and_grad<I...>(f): f has no argument of this number; they count from 0");
    if constexpr (there) {
      const auto e = traced(f_, a...);
      using E = std::remove_cvref_t<decltype(e)>;
      static_assert(E::shape_type::rank == 0,
                    "tenon: the function that is differentiated gives one number (rank 0)");
      using task = value_and_grad_task<E, argument_list<A...>, I...>;
      constexpr bool bounded = !task::type::template plans_type<Unit>::passes_type::unbounded.irreversible;
      static_assert(
          bounded,
          "tenon: while_loop has reverse derivatives only with a bound: while_loop(condition, step, "
          "init, max_steps<N>{})");
      if constexpr (bounded) return computed<task, Unit>(e, a...);
    }
  }

 private:
  template <class Task, class Unit, class E, class... A>
  static auto computed(const E& e, const A&... a) {
    using namespace detail;
    using task = Task;
    const auto arguments = std::tie(a...);
    if constexpr (runs_straight<typename task::type, Unit, A...>) {
      auto r = run_straight<typename task::type, Unit>(captured_by<typename task::type, E>{e}, arguments,
                                                       std::tuple<>());
      return results<task, typename E::value_type>(r, arguments);
    } else {
      runner<typename task::type, Unit>& r = eager_runner<typename task::type, Unit>();
      set_arguments(r, e, a...);
      r.run();
      auto made = results<task, typename E::value_type>(r, arguments);
      r.release();
      return made;
    }
  }

  template <class Task, class T, class Runner, class Arguments>
  static auto results(Runner& r, const Arguments& arguments) {
    auto value = r.template output<T, shape<>>(0);
    if constexpr (sizeof...(I) == 1) {
      auto gradient = detail::gradient_of<Task, I...>(r, std::get<I...>(arguments));
      return value_and_gradient<decltype(value), decltype(gradient)>{std::move(value), std::move(gradient)};
    } else {
      auto gradient = std::make_tuple(detail::gradient_of<Task, I>(r, std::get<I>(arguments))...);
      return value_and_gradient<decltype(value), decltype(gradient)>{std::move(value), std::move(gradient)};
    }
  }

  F f_;
};

/// The function that gives f's value and its gradient with respect to arguments I (0 by default): f is any
/// generic callable with a rank-0 result; its arguments are tensors, numbers, or models.
template <int... I, class F>
auto value_and_grad(F f) {
  if constexpr (sizeof...(I) == 0)
    return value_and_grad_of<F, 0>(std::move(f));
  else
    return value_and_grad_of<F, I...>(std::move(f));
}

/// The function that gives the gradient of f with respect to arguments I (0 by default).
template <int... I, class F>
auto grad(F f) {
  return [g = value_and_grad<I...>(std::move(f))](const auto&... a) { return g(a...).gradient; };
}

namespace detail {

template <class E>
using seeded_graph = typename with_leaf<
    typename E::graph_type,
    named_leaf<number<first_extra_argument>, typename E::value_type, typename E::shape_type>>::type;

template <class Runner>
int leaf_of(int argument) {
  for (int k = 0; k < Runner::leaf_count; ++k)
    if (Runner::tables::argument[k] == argument) return k;
  return -1;
}

template <class value_task, class Unit, class E, class... A>
auto traced_value_by_plan(const E& e, const A&... a);
/// The value of a traced expression.
template <class Unit, class E, class... A>
auto traced_value(const E& e, const A&... a) {
  using value_task = task<typename E::graph_type, places<E::root>, derive::nothing, places<>>;
  if constexpr (runs_straight<value_task, Unit, A...>)
    return run_straight<value_task, Unit>(captured_by<value_task, E>{e}, std::tie(a...), std::tuple<>())
        .template output<typename E::value_type, typename E::shape_type>(0);
  else
    return traced_value_by_plan<value_task, Unit>(e, a...);
}
template <class value_task, class Unit, class E, class... A>
auto traced_value_by_plan(const E& e, const A&... a) {
  runner<value_task, Unit>& r = eager_runner<value_task, Unit>();
  set_arguments(r, e, a...);
  r.run();
  auto value = r.template output<typename E::value_type, typename E::shape_type>(0);
  r.release();
  return value;
}

/// The pullback of a traced expression at some arguments, which it holds.
template <class E, class Unit, class Indices, class... A>
class pullback;
template <class E, class Unit, int... I, class... A>
class pullback<E, Unit, std::integer_sequence<int, I...>, A...> {
  using task = gradient_task<seeded_graph<E>, E::root, derive::pullback, false, I...>;
  using runner_type = runner<typename task::type, Unit>;

 public:
  pullback(E e, const A&... a) : expression_(std::move(e)), arguments_(typename tensor_of<A>::type(a)...) {}

  /// The cotangents of the arguments: one tensor, or a tuple of them.
  template <class Seed>
  auto operator()(const Seed& seed) const {
    const basic_tensor<typename E::value_type, typename E::shape_type> cotangent(seed);
    const auto results = [&](auto& r) {
      if constexpr (sizeof...(I) == 1)
        return gradient_of<task, I...>(r, std::get<I...>(arguments_));
      else
        return std::make_tuple(gradient_of<task, I>(r, std::get<I>(arguments_))...);
    };
    if constexpr (runs_straight<typename task::type, Unit, typename tensor_of<A>::type...>) {
      auto r = run_straight<typename task::type, Unit>(captured_by<typename task::type, E>{expression_},
                                                       arguments_, std::tie(cotangent));
      return results(r);
    } else {
      runner_type& r = eager_runner<typename task::type, Unit>();
      set_arguments(r, expression_, std::get<I>(arguments_)...);
      r.set(leaf_of<runner_type>(first_extra_argument), argument_leaf(cotangent));
      r.run();
      auto made = results(r);
      r.release();
      return made;
    }
  }

 private:
  E expression_;
  std::tuple<typename tensor_of<A>::type...> arguments_;
};

}  // namespace detail

/// A value and the function that pulls cotangents of it back: auto [y, pullback] = vjp(f, x, w).
template <class Value, class Pullback>
struct value_and_pullback {
  Value value;
  Pullback pullback;
};

/// f's value at x..., and its pullback: pullback(seed), with a seed of the value's shape, gives the cotangent
/// of the argument, or a tuple for several. The pullback computes f's intermediate values anew.
template <class F, tensor_like... A, class Unit = this_unit>
auto vjp(const F& f, const A&... a) {
  using namespace detail;
  auto e = traced(f, a...);
  using E = std::remove_cvref_t<decltype(e)>;
  auto value = traced_value<Unit>(e, a...);
  using indices = std::make_integer_sequence<int, int(sizeof...(A))>;
  pullback<E, Unit, indices, A...> back(std::move(e), a...);
  return value_and_pullback<decltype(value), decltype(back)>{std::move(value), std::move(back)};
}

namespace detail {

template <class Graph, class Leaves, class Places>
struct with_tangents;
template <class Graph, class Leaves>
struct with_tangents<Graph, Leaves, places<>> {
  using type = Graph;
};
template <class Graph, class Leaves, int L, int... Rest>
struct with_tangents<Graph, Leaves, places<L, Rest...>> {
  using traits = leaf_traits<at<L, Leaves>>;
  static constexpr int tangent = first_extra_argument + traits::argument;
  using leaf_type = named_leaf<number<tangent>, typename traits::element_type, typename traits::shape_type>;
  using type =
      typename with_tangents<typename with_leaf<Graph, leaf_type>::type, Leaves, places<Rest...>>::type;
};

/// A forward-mode (tangent) or forward-over-reverse (curvature) computation with respect to arguments I.
template <class E, derive Kind, int... I>
struct tangent_task {
  using chosen = chosen_leaves<typename E::graph_type, leaves_of_arguments<false, I...>>;
  using graph_type =
      typename with_tangents<typename E::graph_type, typename leaves_of<typename E::graph_type>::type,
                             typename chosen::leaves>::type;
  using type = task<graph_type, places<E::root>, Kind, typename chosen::nodes>;
  using wrt_leaves = typename chosen::leaves;
};

}  // namespace detail

/// The points at which jvp and check_grads take a function.
template <tensor_like... A>
auto primals(const A&... a) {
  return std::make_tuple(typename detail::tensor_of<A>::type(a)...);
}
/// The directions along which jvp differentiates.
template <tensor_like... A>
auto tangents(const A&... a) {
  return std::make_tuple(typename detail::tensor_of<A>::type(a)...);
}

/// A value and its derivative along a direction: auto [y, dy] = jvp(f, primals(x), tangents(dx)).
template <class Value>
struct value_and_tangent {
  Value value, tangent;
};

namespace detail {
template <derive Kind, class Unit, class F, class... A, class... D, int... I, class Read>
auto run_tangent(const F& f, const std::tuple<A...>& x, const std::tuple<D...>& dx,
                 std::integer_sequence<int, I...>, Read read) {
  static_assert(sizeof...(A) == sizeof...(D), "tenon: give one tangent for each primal");
  static_assert((std::is_same_v<typename A::value_type, typename D::value_type> && ...),
                "tenon: a tangent has the dtype of its primal; convert it with astype<T>(x)");
  static_assert(((A::rank == D::rank) && ...), "tenon: a tangent has the shape of its primal");
  const auto e = traced(f, std::get<I>(x)...);
  using E = std::remove_cvref_t<decltype(e)>;
  using task = tangent_task<E, Kind, I...>;
  if constexpr (runs_straight<typename task::type, Unit, A...> &&
                straight_arguments<typename task::type::leaves, first_extra_argument, D...>::value) {
    auto r = run_straight<typename task::type, Unit>(captured_by<typename task::type, E>{e}, x, dx);
    return read(e, r);
  } else {
    using R = runner<typename task::type, Unit>;
    R& r = eager_runner<typename task::type, Unit>();
    set_arguments(r, e, std::get<I>(x)...);
    const leaf given[] = {argument_leaf(std::get<I>(dx))...};
    for (int i = 0; i < int(sizeof...(I)); ++i)
      if (const int k = leaf_of<R>(first_extra_argument + i); k >= 0) r.set(k, leaf(given[i]));
    r.run();
    auto result = read(e, r);
    r.release();
    return result;
  }
}
}  // namespace detail

/// f's value at primals(x...), and its derivative along tangents(dx...), which have the primals' shapes.
template <class F, class... A, class... D, class Unit = this_unit>
auto jvp(const F& f, const std::tuple<A...>& x, const std::tuple<D...>& dx) {
  return detail::run_tangent<detail::derive::tangent, Unit>(
      f, x, dx, std::make_integer_sequence<int, int(sizeof...(A))>{}, [](const auto& e, auto& r) {
        using E = std::remove_cvref_t<decltype(e)>;
        using V = basic_tensor<typename E::value_type, typename E::shape_type>;
        return value_and_tangent<V>{r.template output<typename E::value_type, typename E::shape_type>(0),
                                    r.template output<typename E::value_type, typename E::shape_type>(1)};
      });
}

/// The product of f's second derivative at x with a direction v: the derivative of f's gradient along v.
template <class F, tensor_like A, tensor_like V, class Unit = this_unit>
auto hvp(const F& f, const A& x, const V& v) {
  return detail::run_tangent<detail::derive::curvature, Unit>(
      f, primals(x), tangents(v), std::integer_sequence<int, 0>{}, [](const auto& e, auto& r) {
        using E = std::remove_cvref_t<decltype(e)>;
        static_assert(E::shape_type::rank == 0, "tenon: hvp takes a function that gives one number (rank 0)");
        using R = typename detail::tensor_of<A>::type;
        return r.template output<typename R::value_type, typename R::shape_type>(2);
      });
}

}  // namespace tenon
