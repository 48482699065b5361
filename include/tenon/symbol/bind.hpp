// bind, simple_bind and eval: from an expression and arrays to an executor, or straight to the value.
#pragma once

#include <tuple>

#include "tenon/symbol/executor.hpp"
#include "tenon/symbol/given.hpp"

namespace tenon {

namespace detail {

template <class E, class Options>
struct executor_of;
template <class G, int L, class Roots, class... E, class Options>
struct executor_of<expression_group<G, L, Roots, E...>, Options> {
  using type = executor<G, Roots, list<E...>, Options>;
};

inline void check_bind_device(device d) {
  if (d == cpu(0)) return;
  throw device_error("bind: there is no device cpu(" + std::to_string(d.number()) + "); there is cpu(0)");
}

template <class X>
inline constexpr bool is_named_size = false;
template <class N>
inline constexpr bool is_named_size<named_size<N>> = true;

/// What is given by an argument of simple_bind that is no array: the size of a name, or a shape.
template <class X>
inline constexpr bool is_size_or_shape = is_named_size<X>;
template <class N>
inline constexpr bool is_size_or_shape<named_shape<N>> = true;

template <class X>
inline constexpr bool is_named_value = false;
template <class N, class T>
inline constexpr bool is_named_value<named_value<N, T>> = true;

/// An executor of a group, once it is known that what is given fits.
template <class E, class... Arguments>
auto bound_to(const E& e, Arguments&&... arguments) {
  using options = typename all_options<default_options, typename bare<Arguments>::type...>::type;
  return std::apply(
      [&](auto&&... kept) {
        return typename executor_of<E, options>::type(e, std::forward<decltype(kept)>(kept)...);
      },
      std::tuple_cat([&] {
        if constexpr (with_option<default_options, typename bare<Arguments>::type>::is_option)
          return std::tuple<>{};
        else
          return std::tuple<Arguments&&>(std::forward<Arguments>(arguments));
      }()...));
}

}  // namespace detail

/// Binds an expression, or a group of them, to arrays: bind(loss, cpu(0), arg<"x"> = x, arg<"w"> = ref(w)).
/// Variables without an array get one by forward(arg<"x"> = x). Parameters of models are shared with the
/// model. Beside arrays may stand attr<"w"> = {...}, requests<...>, wrt<...>, heads<...> and a set of
/// passes that rewrite the graph, passes::none.
template <class E, class... Arguments>
auto bind(const E& e, device d, Arguments&&... arguments) {
  if constexpr (tensor_like<E>) {
    return bind(group(e), d, std::forward<Arguments>(arguments)...);
  } else {
    using leaves = typename detail::leaves_of<typename detail::group_of<E>::graph_type>::type;
    constexpr bool unique = detail::named_leaf_tables<leaves>::names_unique();
    static_assert(unique, "tenon: one name has two dtypes or two shapes in this graph");
    if constexpr (unique) {
      using fits = detail::given_fits<E, typename detail::bare<Arguments>::type...>;
      fits::say();
      detail::check_bind_device(d);
      if constexpr (fits::value)
        return detail::bound_to(e, std::forward<Arguments>(arguments)...);
      else
        return detail::bound_to(e);  // after the message, so that it is the only one
    } else {
      return e;  // nothing to bind after the message
    }
  }
}
/// Says that a device is missing, or that there are several.
template <class E, class X, class... Arguments>
requires((tensor_like<E> || detail::is_group<typename detail::bare<E>::type>)&&!std::is_same_v<
         typename detail::bare<X>::type, device>) auto bind(E&& e, X&&, Arguments&&...) {
  (void)sizeof(detail::device_is_second<!std::is_same_v<X, X>, typename detail::bare<X>::type>);
  return bind(e, cpu(0));
}
template <class E>
requires(tensor_like<E> || detail::is_group<E>) auto bind(const E& e) {
  (void)sizeof(detail::device_is_second<!std::is_same_v<E, E>, void>);
  return bind(e, cpu(0));
}
template <class E, class... Arguments>
auto bind(const E& e, std::initializer_list<device>, Arguments&&...) {
  (void)sizeof(detail::device_is_second<!std::is_same_v<E, E>, std::initializer_list<device>>);
  return bind(e, cpu(0));
}

/// Binds and allocates: variables that are not given become zeros. Their shapes follow from the arrays that
/// are given, from shapes arg<"x"> = {32, 784}, from sizes extent_of<"batch"> = 32, and from the graph: a
/// weight variable<"w", float, dyn, 128> that x is multiplied by has as many rows as x has columns.
template <class E, class... Arguments>
auto simple_bind(const E& e, device d, Arguments&&... arguments) {
  [[maybe_unused]] const auto only = []<bool Sizes>(auto&& a) {
    using A = std::remove_cvref_t<decltype(a)>;
    if constexpr (detail::is_size_or_shape<A> == Sizes)
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

template <class E, class X, class... Arguments>
requires(!std::is_same_v<typename detail::bare<X>::type, device>) auto simple_bind(const E& e, X&&,
                                                                                   Arguments&&...) {
  (void)sizeof(detail::device_is_second<!std::is_same_v<X, X>, typename detail::bare<X>::type>);
  return bind(e, cpu(0));
}

template <class E>
requires(tensor_like<E> || detail::is_group<E>) auto simple_bind(const E& e) {
  (void)sizeof(detail::device_is_second<!std::is_same_v<E, E>, void>);
  return bind(e, cpu(0));
}

/// The value of an expression of variables, once: eval(logits, arg<"x"> = x, arg<"w"> = w).
template <tensor_like E, class... Arguments>
requires(sizeof...(Arguments) > 0 && (detail::is_named_value<typename detail::bare<Arguments>::type> &&
                                      ...)) auto eval(const E& e, Arguments&&... arguments) {
  using leaves = typename detail::leaves_of<typename detail::symbol_type<E>::graph_type>::type;
  (void)sizeof(typename detail::all_given<leaves, typename detail::bare<Arguments>::type...>::check);
  auto x = bind(e, cpu(0), std::forward<Arguments>(arguments)...);
  x.forward();
  return x.template output<0>();
}

/// The same of a group: its outputs, as a tuple.
template <class G, int L, class Roots, class... M, class... Arguments>
requires(sizeof...(Arguments) > 0 && (detail::is_named_value<typename detail::bare<Arguments>::type> &&
                                      ...)) auto eval(const expression_group<G, L, Roots, M...>& g,
                                                      Arguments&&... arguments) {
  using leaves = typename detail::leaves_of<G>::type;
  (void)sizeof(typename detail::all_given<leaves, typename detail::bare<Arguments>::type...>::check);
  auto x = bind(g, cpu(0), std::forward<Arguments>(arguments)...);
  x.forward();
  return x.all_outputs();
}

template <class Graph, class Roots, class Values, class Options, class Unit>
template <class... Given>
void executor<Graph, Roots, Values, Options, Unit>::reshape(const Given&... given) {
  typename base::leaf_extents found;
  // what follows from the new sizes and from arrays whose shape is fixed; then the rest as it is
  this->infer(
      "reshape", found, [](int k) { return tables::fixed(k); }, given...);
  for (int k = 0; k < leaf_count; ++k)
    for (int a = 0; a < found[std::size_t(k)].rank; ++a)
      if (dim& d = found[std::size_t(k)][a]; d.size < 0 && given_[std::size_t(k)])
        d.size = this->cell(k).extent[a];
  const bool fits = detail::shape_problems<predict_task, Unit>::solve(
      "reshape",
      [&](detail::shape_solver& s) {
        (detail::give_shape<tables>(s, given), ...);
        for (int k = 0; k < leaf_count; ++k)
          if (base::sized(found[std::size_t(k)])) {
            index extent[max_rank];
            for (int a = 0; a < tables::rank[k]; ++a) extent[a] = found[std::size_t(k)][a].size;
            s.give(k, extent, tables::rank[k]);
          }
      },
      [](const detail::shape_solver&) {});
  if (!fits) detail::throw_misfit("reshape");
  const auto changes = [&](int k) {
    if (!given_[std::size_t(k)]) return false;
    for (int a = 0; a < tables::rank[k]; ++a)
      if (found[std::size_t(k)][a].size != this->cell(k).extent[a]) return true;
    return false;
  };
  for (int k = 0; k < leaf_count; ++k)
    if (changes(k) && (this->is_shared(k) || tables::own[k]))
      throw usage_error(std::string("reshape: ") +
                        (this->is_shared(k) ? "\"" + std::string(tables::text(k)) + "\" is shared by ref()"
                                            : std::string("an array of the expression's own")) +
                        " and would change its shape");
  for (int k = 0; k < leaf_count; ++k)
    if (changes(k)) {
      release(k);
      this->set_zeros(k, found[std::size_t(k)]);
    }
  ran_ = ran::nothing;
}

}  // namespace tenon
