// Parameters of models, and how they are found in any struct without registration.
#pragma once

#include "tenon/array/tensor.hpp"

namespace tenon {

/// A tensor that training changes. In an expression it is a leaf that derivatives can be asked for.
///
/// A leaf's type holds its place on the way from the input, dtype, shape and Name. Parameters that agree in
/// all of these inside one traced function (two equal layers that read the same input) cannot be told apart,
/// which is an error at the first call; a Name tells them apart.
template <class T, class Shape, class Name = void>
class basic_parameter : public basic_tensor<T, Shape> {
 public:
  using base = basic_tensor<T, Shape>;
  using base::base;
  using base::operator=;
  basic_parameter() = default;
  basic_parameter(base t) : base(std::move(t)) {}
};

template <element T, extent... E>
using parameter = basic_parameter<T, shape_of_extents<E...>>;

namespace detail {

template <class T, class Shape, class Name>
struct operand_traits<basic_parameter<T, Shape, Name>> {
  static constexpr bool is_operand = true;
  template <int Number>
  struct one_leaf {
    using type = expression<graph<node<model_parameter<Number, Name, T, Shape>>>, 0, T, Shape>;
  };
  static void read(leaf& to, const basic_parameter<T, Shape, Name>& p) {
    p.capture(to);
    to.parameter = &p;
  }
};

template <class X>
inline constexpr bool is_parameter_type = false;
template <class T, class S, class N>
inline constexpr bool is_parameter_type<basic_parameter<T, S, N>> = true;
template <class X>
inline constexpr bool is_tensor_type = false;
template <class T, class S>
inline constexpr bool is_tensor_type<basic_tensor<T, S>> = true;

// ---- the members of an aggregate --------------------------------------------------------------------------

struct any_member {
  template <class M>
  requires(!std::is_same_v<std::remove_cvref_t<M>, any_member>) operator M() const;
};

template <class X, class... A>
constexpr int member_count() {
  if constexpr (requires { X{A{}..., any_member{}}; })
    return member_count<X, A..., any_member>();
  else
    return int(sizeof...(A));
}

struct any_visitor {
  template <class... M>
  void operator()(const M&...) const {}
};

/// Whether a layer lists its members itself. Not by a lambda in the concept: nvcc's device pass finds none
/// then.
template <class X>
concept has_members = requires(const X& x, any_visitor visit) {
  x.members(visit);
};

/// Calls f with each member of an aggregate, in order of declaration; up to sixteen.
template <class X, class F>
void for_each_member(X& x, F&& f) {
  using V = std::remove_cv_t<X>;
  static_assert(std::is_aggregate_v<V>, "tenon: a model is an aggregate (a struct with public members only)");
  constexpr int n = member_count<V>();
  static_assert(n <= 16, "tenon: a model has at most sixteen members; group them into structs");
  if constexpr (n == 0) {
  } else if constexpr (n == 1) {
    auto& [a] = x;
    f(a);
  } else if constexpr (n == 2) {
    auto& [a, b] = x;
    (f(a), f(b));
  } else if constexpr (n == 3) {
    auto& [a, b, c] = x;
    (f(a), f(b), f(c));
  } else if constexpr (n == 4) {
    auto& [a, b, c, d] = x;
    (f(a), f(b), f(c), f(d));
  } else if constexpr (n == 5) {
    auto& [a, b, c, d, e] = x;
    (f(a), f(b), f(c), f(d), f(e));
  } else if constexpr (n == 6) {
    auto& [a, b, c, d, e, g] = x;
    (f(a), f(b), f(c), f(d), f(e), f(g));
  } else if constexpr (n == 7) {
    auto& [a, b, c, d, e, g, h] = x;
    (f(a), f(b), f(c), f(d), f(e), f(g), f(h));
  } else if constexpr (n == 8) {
    auto& [a, b, c, d, e, g, h, i] = x;
    (f(a), f(b), f(c), f(d), f(e), f(g), f(h), f(i));
  } else if constexpr (n == 9) {
    auto& [a, b, c, d, e, g, h, i, j] = x;
    (f(a), f(b), f(c), f(d), f(e), f(g), f(h), f(i), f(j));
  } else if constexpr (n == 10) {
    auto& [a, b, c, d, e, g, h, i, j, k] = x;
    (f(a), f(b), f(c), f(d), f(e), f(g), f(h), f(i), f(j), f(k));
  } else if constexpr (n == 11) {
    auto& [a, b, c, d, e, g, h, i, j, k, l] = x;
    (f(a), f(b), f(c), f(d), f(e), f(g), f(h), f(i), f(j), f(k), f(l));
  } else if constexpr (n == 12) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m] = x;
    (f(a), f(b), f(c), f(d), f(e), f(g), f(h), f(i), f(j), f(k), f(l), f(m));
  } else if constexpr (n == 13) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, o] = x;
    (f(a), f(b), f(c), f(d), f(e), f(g), f(h), f(i), f(j), f(k), f(l), f(m), f(o));
  } else if constexpr (n == 14) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p] = x;
    (f(a), f(b), f(c), f(d), f(e), f(g), f(h), f(i), f(j), f(k), f(l), f(m), f(o), f(p));
  } else if constexpr (n == 15) {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q] = x;
    (f(a), f(b), f(c), f(d), f(e), f(g), f(h), f(i), f(j), f(k), f(l), f(m), f(o), f(p), f(q));
  } else {
    auto& [a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r] = x;
    (f(a), f(b), f(c), f(d), f(e), f(g), f(h), f(i), f(j), f(k), f(l), f(m), f(o), f(p), f(q), f(r));
  }
}

}  // namespace detail

/// Calls f(parameter) for each parameter of a model, depth first in order of declaration. A model is an
/// aggregate of parameters, layers, arrays of them and other models.
template <class Model, class F>
void for_each_parameter(Model& model, F&& f) {
  using V = std::remove_cv_t<Model>;
  if constexpr (detail::is_parameter_type<V>)
    f(model);
  else if constexpr (detail::has_members<V>)
    model.members([&](auto&... m) { (for_each_parameter(m, f), ...); });
  else if constexpr (requires {
                       model.begin();
                       model.end();
                     } &&
                     !tensor_like<V>)
    for (auto& m : model) for_each_parameter(m, f);
  else if constexpr (std::is_class_v<V> && !tensor_like<V> && std::is_aggregate_v<V>)
    detail::for_each_member(model, [&](auto& m) { for_each_parameter(m, f); });
}

namespace detail {
/// Whether an argument of a traced function is a model: anything that is neither array nor number.
template <class X>
concept model_like = !tensor_like<X> && !plain_number<X> && std::is_class_v<std::remove_cvref_t<X>>;
}  // namespace detail

}  // namespace tenon
