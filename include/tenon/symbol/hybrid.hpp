// hybridize: one forward function, run statement by statement or as compiled plans.
//
//   auto fast = hybridize(model);     fast(x)               plans, one for each kind of argument
//   fast.hybridize(false);            fast(x)               eager again
//   loss(fast(X), Y)                                        in a graph: the forward function itself
#pragma once

#include <vector>

#include "tenon/symbol/compile.hpp"

namespace tenon {

namespace detail {

/// The dtype and shape of an argument, as its array has them.
template <class T, class Shape>
struct spec_like {};
template <class T, class Shape>
struct spec_types<spec_like<T, Shape>> {
  using element_type = T;
  using shape_type = Shape;
};
template <class A>
struct spec_of_argument {
  using E = std::remove_cvref_t<decltype(as_expression<0>(std::declval<const A&>()))>;
  using type = spec_like<typename E::value_type, typename E::shape_type>;
};

template <class A>
inline constexpr bool traced_operand = false;
template <class A>
requires requires { operand_as<0, A>::type::traced; }
inline constexpr bool traced_operand<A> = operand_as<0, A>::type::traced;

/// A compiled function of some type, owned.
class kept_plan {
 public:
  kept_plan() = default;
  template <class C>
  kept_plan(type_id key, C* plan)
      : key_(key), plan_(plan), destroy_([](void* p) { delete static_cast<C*>(p); }) {}
  kept_plan(kept_plan&& o) noexcept
      : key_(o.key_), plan_(std::exchange(o.plan_, nullptr)), destroy_(o.destroy_) {}
  kept_plan& operator=(kept_plan&& o) noexcept {
    std::swap(key_, o.key_);
    std::swap(plan_, o.plan_);
    std::swap(destroy_, o.destroy_);
    return *this;
  }
  ~kept_plan() {
    if (plan_ != nullptr) destroy_(plan_);
  }
  type_id key() const { return key_; }
  void* plan() const { return plan_; }

 private:
  type_id key_ = 0;
  void* plan_ = nullptr;
  void (*destroy_)(void*) = nullptr;
};

/// A model's value for placeholders: asked before a plan is made of it, so that messages of its layers are
/// near the call. clang takes the model for one that cannot be called after such a message.
template <class M, class Indices, class... A>
struct forward_value;
template <class M, int... K, class... A>
struct forward_value<M, std::integer_sequence<int, K...>, A...> {
  using type = decltype(std::declval<const M&>()(compiled_argument<K + 1>(std::declval<const A&>())...));
  static constexpr bool known =
      std::is_invocable_v<const M&, decltype(compiled_argument<K + 1>(std::declval<const A&>()))...>;
};

/// Arrays in the form in which a model returned expressions.
template <class R>
auto evaluated_values(const R& r) {
  if constexpr (tensor_like<R>) {
    return eval(r);
  } else {
    const auto values = returned_values(r);
    return returned_form<R>::template make<0>(
        [&]<int O>(std::integral_constant<int, O>) { return eval(std::get<O>(values)); });
  }
}

/// f(model, x...) is model(x...).
struct forward_of {
  template <class M, class... X>
  auto operator()(const M& model, const X&... x) const {
    return model(x...);
  }
};

}  // namespace detail

/// A layer, model or function whose calls on arrays run a plan that is made at the first call of each kind.
/// hybridize(model) makes one; Model is a reference where the model stays the caller's.
template <class Model>
class hybrid {
 public:
  using model_type = std::remove_cvref_t<Model>;

  hybrid() requires std::is_default_constructible_v<Model>
  = default;
  explicit hybrid(Model model) : model_(static_cast<Model&&>(model)) {}
  // plans hold on to the model's parameters by their place: copies make plans of their own
  hybrid(const hybrid& o) : model_(o.model_), compiles_(o.compiles_) {}
  hybrid(hybrid&& o) : model_(static_cast<Model&&>(o.model_)), compiles_(o.compiles_) {}
  hybrid& operator=(const hybrid&) = delete;

  /// Whether calls run compiled plans; without, they are evaluated as written.
  void hybridize(bool compiles = true) { compiles_ = compiles; }
  bool hybridized() const { return compiles_; }
  /// How many plans there are.
  int plans() const { return int(plans_.size()); }

  /// The model's value: of arrays, a tensor; of variables and inside of traced functions, an expression.
  /// Equal either way. From one thread at a time.
  template <class... X>
  auto operator()(const X&... x) const {
    constexpr bool arrays = (tensor_like<X> && ...);
    static_assert(arrays, "tenon: a model is called with arrays");
    if constexpr (!arrays) {
      return 0;  // after the message
    } else if constexpr ((detail::traced_operand<X> || ...)) {
      return model()(x...);
    } else {
      using forward = detail::forward_value<model_type, std::make_integer_sequence<int, sizeof...(X)>,
                                            typename detail::spec_of_argument<X>::type...>;
      (void)sizeof(typename forward::type);
      if constexpr (forward::known) {
        if (!compiles_) return detail::evaluated_values(model()(x...));
        return planned(x...);
      } else {
        return 0;  // after the message
      }
    }
  }

  const model_type& model() const { return model_; }
  model_type& model() { return model_; }
  /// The model's members, for parameters to be found.
  template <class F>
  void members(F&& f) const {
    f(model_);
  }
  template <class F>
  void members(F&& f) {
    f(model_);
  }

 private:
  template <class... X>
  auto planned(const X&... x) const {
    using plan_type = decltype(compile(detail::forward_of{}, std::declval<const model_type&>(),
                                       typename detail::spec_of_argument<X>::type{}...));
    constexpr detail::type_id key = detail::identity<list<typename detail::spec_of_argument<X>::type...>>::id;
    plan_type* plan = nullptr;
    for (const detail::kept_plan& p : plans_)
      if (p.key() == key) plan = static_cast<plan_type*>(p.plan());
    if (plan == nullptr) {
      plan = new plan_type(
          compile(detail::forward_of{}, model(), typename detail::spec_of_argument<X>::type{}...));
      plans_.emplace_back(key, plan);
    }
    return (*plan)(model(), x...);
  }

  Model model_;
  bool compiles_ = true;
  mutable std::vector<detail::kept_plan> plans_;
};

/// A model whose calls run compiled plans. An lvalue stays the caller's, and must outlive the result:
/// training it changes what the result computes. A temporary is kept.
template <class Model>
auto hybridize(Model&& model) {
  if constexpr (std::is_lvalue_reference_v<Model>)
    return hybrid<Model>(model);
  else
    return hybrid<std::remove_cvref_t<Model>>(std::move(model));
}

}  // namespace tenon
