// compile: a generic callable, traced for given argument types, planned once and called with arrays.
#pragma once

#include <optional>

#include "tenon/autodiff/transforms.hpp"
#include "tenon/symbol/returned.hpp"

namespace tenon {

/// The dtype and shape of an argument of a compiled function: spec<float, "batch", 784>{}.
template <element T, extent... E>
struct spec {};

namespace detail {
struct inspector;

template <element T, extent... E>
struct operand_traits<spec<T, E...>> {
  static constexpr bool is_operand = false;
};
template <class X>
struct spec_types {
  using element_type = void;
};
template <class T, extent... E>
struct spec_types<spec<T, E...>> {
  using element_type = T;
  using shape_type = shape_of_extents<E...>;
};
template <class X>
inline constexpr bool is_spec = !std::is_void_v<typename spec_types<X>::element_type>;

template <int K, class A>
decltype(auto) compiled_argument(const A& a) {
  if constexpr (is_spec<A>)
    return argument<K, typename spec_types<A>::element_type, typename spec_types<A>::shape_type>{};
  else
    return (a);
}

template <class F>
struct traced_function {
  static constexpr derive kind = derive::nothing;
  static const F& of(const F& f) { return f; }
};
template <class F, int... I>
struct traced_function<value_and_grad_of<F, I...>> {
  static constexpr derive kind = derive::gradient;
  static const F& of(const value_and_grad_of<F, I...>& g) { return g.function(); }
};

template <class F, class E, class... A>
struct compiled_task {
  using type = task<typename group_of<E>::graph_type, typename group_of<E>::roots, derive::nothing, places<>>;
};
template <class F, int... I, class E, class... A>
struct compiled_task<value_and_grad_of<F, I...>, E, A...> {
  static constexpr bool model[sizeof...(A) + 1] = {(!is_spec<A>)..., false};
  using made = gradient_task<typename E::graph_type, E::root, derive::gradient, (model[I] || ...), I...>;
  using type = typename made::type;
};

template <class F, class Indices, class... A>
struct traced_result;
template <class F, int... K, class... A>
struct traced_result<F, std::integer_sequence<int, K...>, A...> {
  using type = std::remove_cvref_t<decltype(std::declval<const F&>()(
      compiled_argument<K>(std::declval<const A&>())...))>;
};

/// Puts an argument of a call behind leaf k of a runner.
template <class Runner, class X>
void lend_argument(Runner& r, int k, const X& x) {
  r.set(k, argument_leaf(x));
}
template <class Runner, class T, class Shape>
TENON_HOST_INLINE void lend_argument(Runner& r, int k, const basic_tensor<T, Shape>& x) {
  r.template lend<Shape::rank>(k, x.flat(), x.shape().data(), x.strides().data(), [&] { return x.lent(); });
}
template <class Runner, class T, class Shape, bool Writable>
TENON_HOST_INLINE void lend_argument(Runner& r, int k, const basic_view<T, Shape, Writable>& x) {
  const leaf& l = x.as_leaf();
  r.template lend<Shape::rank>(k, l.data, l.extent, l.stride, [&] { return l; });
}

/// Fits an argument to its spec: a wrong dtype or extent does not compile where types know.
template <class Spec, class A>
constexpr void check_argument() {
  if constexpr (is_spec<Spec>) {
    using X = std::remove_cvref_t<decltype(as_expression<0>(std::declval<const A&>()))>;
    static_assert(std::is_same_v<typename X::value_type, typename spec_types<Spec>::element_type>,
                  "tenon: the argument has another dtype than its spec; convert it with astype<T>(x)");
    constexpr bool fits = assignable<typename spec_types<Spec>::shape_type, typename X::shape_type>::value();
    (void)value_fits_target<fits, typename spec_types<Spec>::shape_type, typename X::shape_type>{};
  }
}

}  // namespace detail

/// What compile returns: call it with arrays where specs were, and with the same models.
template <class F, class E, class Unit, class Passes, class... A>
class compiled {
  using plan_task = detail::compiled_task<F, E, A...>;
  using task = typename detail::task_by<typename plan_task::type, Passes>::type;
  using tables = detail::leaf_tables<typename task::leaves>;
  static constexpr bool differentiates = detail::traced_function<F>::kind == detail::derive::gradient;
  /// Whether a small value is written to where it is returned: a number or a register is kept in registers
  /// where it is copied.
  static constexpr bool in_place = [] {
    if constexpr (differentiates || detail::is_group<E>)
      return false;
    else
      return sizeof(basic_tensor<typename E::value_type, typename E::shape_type>) > 64;
  }();

 public:
  explicit compiled(const E& e) { runner_.set_own(e); }

  /// f's value, where f returns several in pairs, tuples or a group, arrays in that form (of a group: a
  /// tuple); for value_and_grad, f's value and gradients. Results share memory with this object until it is
  /// called again while they are kept; then they stay as they are. Gradients of a model are a reference to a
  /// list that the next call fills anew.
  template <class... X>
  auto operator()(const X&... x) {
    constexpr bool counted = sizeof...(X) == sizeof...(A);
    static_assert(counted, "tenon: a compiled function takes as many arguments as f");
    constexpr bool arrays = ((tensor_like<X> || plain_number<X> || detail::model_like<X>)&&...);
    static_assert(arrays, "tenon: a compiled function is called with arrays, and with its models");
    constexpr bool enough = counted && arrays;
    if constexpr (enough) (detail::check_argument<A, X>(), ...);
    if constexpr (enough && in_place && detail::runs_straight<task, Unit, X...>) {
      return detail::straight_value<typename E::value_type, typename E::shape_type, task, Unit>(
          [this](int k) { return runner_.at(k).first(); }, std::forward_as_tuple(x...));
    } else if constexpr (enough && detail::runs_straight<task, Unit, X...>) {
      auto r = detail::run_straight<task, Unit>([this](int k) { return runner_.at(k).first(); },
                                                std::forward_as_tuple(x...), std::tuple<>());
      return results(r, x...);
    } else {
      if constexpr (differentiates) gradients_.clear();  // lets go of the last call's results
      give(std::index_sequence_for<X...>{}, x...);
      runner_.refresh_parameters();
      runner_.run();
      return results(runner_, x...);
    }
  }

  index arena_bytes() { return runner_.bound().arena_bytes(); }

 private:
  friend struct detail::inspector;
  static constexpr int leaf_of(std::size_t n) {
    for (int k = 0; k < task::leaf_count; ++k)
      if (tables::argument[k] == int(n)) return k;
    return -1;
  }
  template <std::size_t... N, class... X>
  void give(std::index_sequence<N...>, const X&... x) {
    (give_one<leaf_of(N)>(x), ...);
  }
  /// Arguments outlive the call: tensors and views are lent, at a comparison each where nothing changed.
  template <int K, class X>
  void give_one(const X& x) {
    if constexpr (K >= 0) detail::lend_argument(runner_, K, x);
  }

  template <class Runner, class... X>
  auto results(Runner& r, const X&... x) {
    if constexpr (detail::is_group<E>) {
      using R =
          typename detail::traced_result<F, std::make_integer_sequence<int, int(sizeof...(A))>, A...>::type;
      return detail::returned_form<R>::template make<0>([&]<int O>(std::integral_constant<int, O>) {
        using M = at<O, typename detail::group_of<E>::values>;
        return r.template output<typename M::value_type, typename M::shape_type>(O);
      });
    } else {
      auto value = r.template output<typename E::value_type, typename E::shape_type>(0);
      if constexpr (!differentiates)
        return value;
      else
        return with_gradients(r, std::move(value), static_cast<const F*>(nullptr), x...);
    }
  }
  template <class Runner, class V, class G, int... I, class... X>
  auto with_gradients(Runner& r, V value, const value_and_grad_of<G, I...>*, const X&... x) {
    using made = typename plan_task::made;
    const auto arguments = std::tie(x...);
    if constexpr (sizeof...(I) == 1) {
      constexpr int i = (I + ...);
      if constexpr (plan_task::model[i]) {
        detail::collect_gradients<made>(r, gradients_);
        return value_and_gradient<V, const model_gradients&>{std::move(value), gradients_};
      } else {
        auto g = detail::gradient_of<made, i>(r, std::get<i>(arguments));
        return value_and_gradient<V, decltype(g)>{std::move(value), std::move(g)};
      }
    } else {
      auto g = std::make_tuple(detail::gradient_of<made, I>(r, std::get<I>(arguments))...);
      return value_and_gradient<V, decltype(g)>{std::move(value), std::move(g)};
    }
  }

  detail::runner<task, Unit> runner_;
  model_gradients gradients_;
};

/// Traces f (or value_and_grad(f)) on arguments of the types that specs say, models standing for themselves,
/// and plans it once: auto step = compile(value_and_grad(loss), model, spec<float, "batch", 57>{}, spec<int,
/// "batch">{}).
template <class F, class... A, class Unit = this_unit>
auto compile(const F& f, const A&... a) {
  return compile(f, passes::exact, a...);
}

/// The same, rewritten by the passes given: compile(f, passes::exact | passes::reassociate, spec<float,
/// 10>{}).
template <class F, unsigned Bits, class Limit, class... A, class Unit = this_unit>
auto compile(const F& f, pass_set<Bits, Limit>, const A&... a) {
  using namespace detail;
  constexpr bool specs = ((is_spec<A> || model_like<A>)&&...);
  static_assert(
      specs,
      "tenon: after the function come specs and models: compile(f, model, spec<float, \"batch\", 784>{})");
  const auto returned = [&]<int... K>(std::integer_sequence<int, K...>) {
    return traced_function<F>::of(f)(compiled_argument<K>(a)...);
  }
  (std::make_integer_sequence<int, int(sizeof...(A))>{});
  using R = std::remove_cvref_t<decltype(returned)>;
  constexpr bool arrays = are_expressions<R>,
                 one = traced_function<F>::kind == derive::nothing || !arrays || tensor_like<R>;
  static_assert(arrays,
                "tenon: a compiled function returns an array, or arrays in a std::pair, std::tuple or group");
  static_assert(one, "tenon: the function that is differentiated gives one number (rank 0)");
  if constexpr (arrays && one && specs) {
    const auto e = returned_group(returned);
    using E = std::remove_cvref_t<decltype(e)>;
    return compiled<F, E, Unit, pass_set<Bits, Limit>, A...>(e);
  } else {
    return 0;
  }
}

}  // namespace tenon
