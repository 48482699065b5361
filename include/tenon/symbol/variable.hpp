// Symbols: variables without data, and the names that arguments are bound under.
#pragma once

#include <initializer_list>

#include "tenon/array/tensor.hpp"

namespace tenon {

/// A symbol: variable<"x", float, "batch", 784> X. An empty type; one name has one dtype and shape in a
/// graph.
template <extent Name, element T, extent... E>
struct variable {
  static_assert(((E.is_named() || E.size >= dyn.size) && ...),
                "tenon: an extent is a size, a name or dyn; this variable has a negative one");
};

/// A symbol that training changes by itself, such as a running mean: auxiliary<"mean", float, 10> M. It is
/// bound like a variable, has no gradient, and gets a new value by forward(mode::train) where a group says
/// so: group(loss, becomes<"mean">(0.9_c * M + 0.1_c * mean(X, axis<0>))).
template <extent Name, element T, extent... E>
struct auxiliary {
  static_assert(((E.is_named() || E.size >= dyn.size) && ...),
                "tenon: an extent is a size, a name or dyn; this state has a negative one");
};

namespace detail {
/// The name of a state's leaf.
template <class Name>
struct state_name {
  static constexpr const char* text = Name::text;
};

template <extent Name, class T, extent... E>
struct operand_traits<variable<Name, T, E...>> {
  static constexpr bool is_operand = true;
  using leaf_type = named_leaf<spelled<Name>, T, shape_of_extents<E...>>;
  template <int>
  struct one_leaf {
    using type = expression<graph<node<leaf_type>>, 0, T, shape_of_extents<E...>>;
  };
};

template <extent Name, class T, extent... E>
struct operand_traits<auxiliary<Name, T, E...>> {
  static constexpr bool is_operand = true;
  using leaf_type = named_leaf<state_name<spelled<Name>>, T, shape_of_extents<E...>>;
  template <int>
  struct one_leaf {
    using type = expression<graph<node<leaf_type>>, 0, T, shape_of_extents<E...>>;
  };
};

/// An expression for a name, and a shape for a name.
template <class Name, class E>
struct named_expression {
  E value;
};
template <class Name>
struct named_shape {
  index extent[max_rank]{};
  int rank = 0;
};

template <class Name>
struct named_attributes;

/// Whether X stands for no array: a variable, or an expression of variables.
template <class X>
inline constexpr bool is_symbolic = false;
template <class G, int R, class T, class S>
inline constexpr bool is_symbolic<expression<G, R, T, S>> = expression<G, R, T, S>::symbolic;
template <extent Name, class T, extent... E>
inline constexpr bool is_symbolic<variable<Name, T, E...>> = true;
template <extent Name, class T, extent... E>
inline constexpr bool is_symbolic<auxiliary<Name, T, E...>> = true;

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
    } else if constexpr (is_symbolic<V>) {
      using E = std::remove_cvref_t<decltype(as_expression<0>(x))>;
      return named_expression<spelled<Name>, E>{as_expression<0>(x)};
    } else {
      constexpr bool array = tensor_like<V>;
      static_assert(array, "tenon: an argument is bound to a tensor");
      if constexpr (array) {
        using T = decltype(eval(static_cast<X&&>(x)));
        return named_value<spelled<Name>, T>{nullptr, T(static_cast<X&&>(x))};
      } else {
        return named_attributes<spelled<Name>>{};  // after the message
      }
    }
  }
  auto operator=(std::initializer_list<index> shape) const {
    named_shape<spelled<Name>> s;
    if (shape.size() > std::size_t(max_rank)) throw shape_error("arg: a shape has at most 8 axes");
    for (const index n : shape) s.extent[s.rank++] = n;
    return s;
  }
};
template <extent Name>
struct extent_name {
  constexpr auto operator=(index n) const { return named_size<spelled<Name>>{n}; }
};
}  // namespace detail

/// Names an argument: arg<"x"> = x copies, arg<"x"> = std::move(x) moves, arg<"x"> = ref(x) shares. Where an
/// array is not needed, arg<"x"> = {32, 784} gives a shape; compose takes an expression, arg<"x"> = a + b.
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
