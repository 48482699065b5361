// What a traced function returns: one expression, or several in pairs, tuples and groups. As one group, to be
// planned together; and arrays in the same form.
#pragma once

#include <tuple>

#include "tenon/symbol/group.hpp"

namespace tenon::detail {

/// The form of a result: how many expressions it holds, and the same form of what made(I) gives for each.
template <class R>
struct returned_form {
  static constexpr int count = 1;
  template <int First, class Made>
  static auto make(const Made& made) {
    return made(std::integral_constant<int, First>{});
  }
};
template <class... R>
struct returned_forms {
  static constexpr int count = (returned_form<R>::count + ... + 0);
  static constexpr int before(int i) {
    const int counts[] = {returned_form<R>::count..., 0};
    int n = 0;
    for (int k = 0; k < i; ++k) n += counts[k];
    return n;
  }
  template <int First, class Made>
  static auto make(const Made& made) {
    return [&]<int... I>(std::integer_sequence<int, I...>) {
      return std::make_tuple(returned_form<R>::template make<First + before(I)>(made)...);
    }
    (std::make_integer_sequence<int, int(sizeof...(R))>{});
  }
};
template <class... R>
struct returned_form<std::tuple<R...>> : returned_forms<R...> {};
template <class G, int L, class Roots, class... E>
struct returned_form<expression_group<G, L, Roots, E...>> : returned_forms<E...> {};
template <class A, class B>
struct returned_form<std::pair<A, B>> : returned_forms<A, B> {
  template <int First, class Made>
  static auto make(const Made& made) {
    return std::pair(returned_form<A>::template make<First>(made),
                     returned_form<B>::template make<First + returned_form<A>::count>(made));
  }
};

template <class R>
inline constexpr bool are_expressions = tensor_like<R>;
template <class... R>
inline constexpr bool are_expressions<std::tuple<R...>> = sizeof...(R) > 0 && (are_expressions<R> && ...);
template <class A, class B>
inline constexpr bool are_expressions<std::pair<A, B>> = are_expressions<A>&& are_expressions<B>;
template <class G, int L, class Roots, class... E>
inline constexpr bool are_expressions<expression_group<G, L, Roots, E...>> = (!is_new_state<E> && ...);

/// The expressions of a result, one after the other, by reference.
template <class R>
auto returned_values(const R& r) {
  return std::tuple<const R&>(r);
}
template <class... R>
auto returned_values(const std::tuple<R...>& r) {
  return std::apply([](const auto&... v) { return std::tuple_cat(returned_values(v)...); }, r);
}
template <class A, class B>
auto returned_values(const std::pair<A, B>& r) {
  return std::tuple_cat(returned_values(r.first), returned_values(r.second));
}

/// One expression, or all as a group.
template <class R>
auto returned_group(const R& r) {
  if constexpr (tensor_like<R>)
    return std::remove_cvref_t<decltype(as_expression<0>(r))>(as_expression<0>(r));
  else if constexpr (is_group<R>)
    return r;
  else
    return std::apply([](const auto&... v) { return group(v...); }, returned_values(r));
}

}  // namespace tenon::detail
