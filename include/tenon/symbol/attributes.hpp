// What is said of variables apart from their arrays: gradient requests, multipliers for optimisers, and how
// they begin.
//
//   bind(loss, cpu(0), attr<"w"> = {.lr_mult = 0.1, .init = initial::normal(0.01)}, requests<grad_req::add>)
#pragma once

#include "tenon/graph/passes/choice.hpp"
#include "tenon/symbol/names.hpp"

namespace tenon {

/// What backward() does with a gradient.
enum class grad_req {
  write,   // it replaces the last one
  add,     // it is added to those since zero_grad()
  null,    // there is none
  inherit  // of a variable's attributes: what all others have
};

/// How a variable begins: a plain value, applied by initialise(executor, generator).
struct initial {
  enum class kind { none, constant, uniform, normal, glorot_uniform, glorot_normal };
  kind how = kind::none;
  double a = 0, b = 0;

  static constexpr initial zeros() { return {kind::constant, 0, 0}; }
  static constexpr initial ones() { return {kind::constant, 1, 0}; }
  static constexpr initial constant(double v) { return {kind::constant, v, 0}; }
  /// In [low, high).
  static constexpr initial uniform(double low, double high) { return {kind::uniform, low, high}; }
  /// Of mean 0.
  static constexpr initial normal(double deviation, double mean = 0) {
    return {kind::normal, mean, deviation};
  }
  /// In [-a, a), a = sqrt(6 / (in + out)); `in` is the first extent, `out` the last (Glorot & Bengio, 2010).
  static constexpr initial glorot_uniform() { return {kind::glorot_uniform, 0, 0}; }
  /// Of variance 2 / (in + out).
  static constexpr initial glorot_normal() { return {kind::glorot_normal, 0, 0}; }
};

/// The attributes of a variable: attr<"w"> = {.lr_mult = 0.1, .wd_mult = 0}.
struct variable_attributes {
  double lr_mult = 1;                 // times the learning rate
  double wd_mult = 1;                 // times the weight decay
  initial init{};                     // how it begins
  grad_req grad = grad_req::inherit;  // what backward() does with its gradient
};

/// Gradient requests, for bind: requests<grad_req::null, "x"> for some variables, requests<grad_req::add> for
/// all. What is null here is not computed at all; requests at run time (attr, executor::request) cannot bring
/// it back.
template <grad_req R, extent... Names>
struct requests_t {};
template <grad_req R, extent... Names>
inline constexpr requests_t<R, Names...> requests{};

/// Names the variables that an executor computes gradients of: bind(loss, cpu(0), wrt<"w", "b">, ...).
/// Without it, all floating-point variables. Parameters of models always are among them; wrt<"parameters">
/// are they alone.
template <extent... Names>
struct wrt_t {};
template <extent... Names>
inline constexpr wrt_t<Names...> wrt{};

/// The outputs that backward() takes a cotangent of each, by position: bind(group(a, b), cpu(0), heads<0, 1>)
/// and backward(seed_a, seed_b). heads<> are all outputs. Without it, output 0 alone.
template <int... Outputs>
struct heads_t {};
template <int... Outputs>
inline constexpr heads_t<Outputs...> heads{};

namespace detail {
template <class Name>
struct named_attributes {
  variable_attributes value;
};
template <extent Name>
struct attribute_name {
  constexpr named_attributes<spelled<Name>> operator=(const variable_attributes& a) const { return {a}; }
};

/// What a caller of bind says of gradients and passes, as types: an executor's type may hold these, but not
/// wrt_t and the like, which have values of class type among their arguments, that nvcc cannot spell.
template <class Wrt, class Null, bool NullAll, class Heads, class Passes>
struct bind_options {
  using wrt = Wrt;
  using null = Null;
  using heads = Heads;
  static constexpr bool none = NullAll;
  using passes = Passes;
};
using default_options = bind_options<list<>, list<>, false, void, pass_set<pass::exact>>;

template <class Options, class X>
struct with_option {
  using type = Options;
  static constexpr bool is_option = false;
};
template <class W, class N, bool A, class H, class R, extent... Names>
struct with_option<bind_options<W, N, A, H, R>, wrt_t<Names...>> {
  using type = bind_options<list<spelled<Names>...>, N, A, H, R>;
  static constexpr bool is_option = true;
};
template <class W, class N, bool A, class H, class R, int... I>
struct with_option<bind_options<W, N, A, H, R>, heads_t<I...>> {
  using type = bind_options<W, N, A, places<I...>, R>;
  static constexpr bool is_option = true;
};
template <class W, class... N, bool A, class H, class R, extent... Names>
struct with_option<bind_options<W, list<N...>, A, H, R>, requests_t<grad_req::null, Names...>> {
  using type = bind_options<W, list<N..., spelled<Names>...>, A || sizeof...(Names) == 0, H, R>;
  static constexpr bool is_option = false;  // the executor notes it, too
};
template <class W, class N, bool A, class H, class R, unsigned Bits, class Limit>
struct with_option<bind_options<W, N, A, H, R>, pass_set<Bits, Limit>> {
  using type = bind_options<W, N, A, H, pass_set<Bits, Limit>>;
  static constexpr bool is_option = true;
};

template <class Options, class... X>
struct all_options {
  using type = Options;
};
template <class Options, class X, class... Rest>
struct all_options<Options, X, Rest...> : all_options<typename with_option<Options, X>::type, Rest...> {};
}  // namespace detail

/// Names a variable's attributes: attr<"w"> = {.lr_mult = 0.1}.
template <extent Name>
inline constexpr detail::attribute_name<Name> attr{};

}  // namespace tenon
