// Symbols: variables without data, and the names that arguments are bound under.
#pragma once

#include "tenon/array/tensor.hpp"

namespace tenon {

/// A symbol: variable<"x", float, "batch", 784> X. An empty type; one name has one dtype and shape in a
/// graph.
template <extent Name, element T, extent... E>
struct variable {};

namespace detail {
template <extent Name, class T, extent... E>
struct operand_traits<variable<Name, T, E...>> {
  static constexpr bool is_operand = true;
  using leaf_type = named_leaf<spelled<Name>, T, shape_of_extents<E...>>;
  template <int>
  struct one_leaf {
    using type = expression<graph<node<leaf_type>>, 0, T, shape_of_extents<E...>>;
  };
};

/// A value for a name: a tensor of its own, or one that is shared by reference.
template <class Name, class Tensor>
struct named_value {
  const Tensor* shared;  // null: `own` holds the value
  Tensor own;
};
template <class Tensor>
struct shared_tensor {
  const Tensor* tensor;
};
template <class Name>
struct named_size {
  index size;
  constexpr index index_value() const { return size; }
};
template <class X>
inline constexpr bool is_shared_tensor = false;
template <class T>
inline constexpr bool is_shared_tensor<shared_tensor<T>> = true;

template <extent Name>
struct argument_name {
  template <class X>
  auto operator=(X&& x) const {
    using V = std::remove_cvref_t<X>;
    if constexpr (is_shared_tensor<V>) {
      using T = std::remove_cvref_t<decltype(*x.tensor)>;
      return named_value<spelled<Name>, T>{x.tensor, {}};
    } else {
      static_assert(tensor_like<V>, "tenon: an argument is bound to a tensor");
      using T = decltype(eval(static_cast<X&&>(x)));
      return named_value<spelled<Name>, T>{nullptr, T(static_cast<X&&>(x))};
    }
  }
};
template <extent Name>
struct extent_name {
  constexpr auto operator=(index n) const { return named_size<spelled<Name>>{n}; }
};
}  // namespace detail

/// Names an argument: arg<"x"> = x copies, arg<"x"> = std::move(x) moves, arg<"x"> = ref(x) shares.
template <extent Name>
inline constexpr detail::argument_name<Name> arg{};

/// Names an extent: extent_of<"batch"> = 32.
template <extent Name>
inline constexpr detail::extent_name<Name> extent_of{};

/// Shares a tensor with an executor, which sees later changes; the tensor must outlive it.
template <class T, class Shape>
detail::shared_tensor<basic_tensor<T, Shape>> ref(const basic_tensor<T, Shape>& t) {
  return {&t};
}
template <class T, class Shape>
void ref(basic_tensor<T, Shape>&&) = delete;

}  // namespace tenon
