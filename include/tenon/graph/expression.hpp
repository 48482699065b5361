// Expressions: what operators return. A type that holds the graph, and the arrays behind its leaves.
#pragma once

#include <new>
#include <type_traits>

#include "tenon/core/dtype.hpp"
#include "tenon/core/storage.hpp"
#include "tenon/graph/graph.hpp"

namespace tenon {

/// An array as a leaf of an expression: a strided view that keeps its buffer alive, or one number.
///
/// One plain record for every dtype and shape: the types are in the graph, and a pack of typed leaves would
/// be instantiated anew for each expression.
struct leaf {
  storage buffer;                   // keeps the elements alive; null for borrowed memory and numbers
  const void* data = nullptr;       // the first element; null for a number
  index extent[max_rank]{};         // elements along each axis
  index stride[max_rank]{};         // elements from one to the next along each axis
  const void* parameter = nullptr;  // the model's parameter that this is, or null
  alignas(8) unsigned char number[max_element_size]{};

  const void* first() const { return data != nullptr ? data : number; }
};

namespace detail {

/// What a named lazy expression was evaluated to: made at most once, by whichever statement reads it first.
class memo {
 public:
  constexpr memo() noexcept = default;
  memo(const memo& other) : value_(copy(other)) {}
  memo(memo&& other) noexcept : value_(other.value_.exchange(nullptr)) {}
  memo& operator=(const memo&) = delete;
  ~memo() {
    if (const leaf* l = get(); l != nullptr) drop(l);
  }

  const leaf* get() const noexcept { return value_.load(std::memory_order_acquire); }
  const leaf& set(leaf&& made) const {
    leaf* fresh = new leaf(std::move(made));
    leaf* expected = nullptr;
    if (value_.compare_exchange_strong(expected, fresh)) return *fresh;
    delete fresh;
    return *expected;
  }

 private:
  static leaf* copy(const memo& other) {
    const leaf* l = other.get();
    return l == nullptr ? nullptr : duplicate(*l);
  }
  TENON_NOINLINE static leaf* duplicate(const leaf& l) { return new leaf(l); }
  TENON_NOINLINE static void drop(const leaf* l) { delete l; }
  mutable std::atomic<leaf*> value_{nullptr};
};

// What an expression does with all its leaves: one function for any number of them, since each operator makes
// a type of its own, and member by member this was half the code of a traced network.
TENON_NOINLINE inline void make_leaves(leaf* to, int n) noexcept {
  for (int i = 0; i < n; ++i) ::new (to + i) leaf;
}
TENON_NOINLINE inline void copy_leaves(leaf* to, const leaf* from, int n) noexcept {
  for (int i = 0; i < n; ++i) ::new (to + i) leaf(from[i]);
}
TENON_NOINLINE inline void move_leaves(leaf* to, leaf* from, int n) noexcept {
  for (int i = 0; i < n; ++i) ::new (to + i) leaf(std::move(from[i]));
}
TENON_NOINLINE inline void destroy_leaves(leaf* at, int n) noexcept {
  for (int i = 0; i < n; ++i) at[i].~leaf();
}

/// The arrays of an expression's leaves, in the order of their nodes; empty for symbols.
template <int N>
struct leaf_array {
  union {
    leaf leaves[N];
  };
  memo evaluated;

  leaf_array() noexcept { make_leaves(leaves, N); }
  leaf_array(const leaf_array& other) : evaluated(other.evaluated) { copy_leaves(leaves, other.leaves, N); }
  leaf_array(leaf_array&& other) noexcept : evaluated(std::move(other.evaluated)) {
    move_leaves(leaves, other.leaves, N);
  }
  leaf_array& operator=(const leaf_array&) = delete;
  ~leaf_array() { destroy_leaves(leaves, N); }
};
template <>
struct leaf_array<0> {};

}  // namespace detail

/// The node Root of a graph, with its dtype and shape, and the arrays behind the graph's leaves.
///
/// Expressions own what they read: they are safe to keep, return and evaluate later. Errors of shape and
/// dtype arise where an operator is applied.
template <class Graph, int Root, class T, class Shape>
class expression : public detail::leaf_array<detail::graph_info<Graph>::leaves> {
 public:
  using graph_type = Graph;
  using value_type = T;
  using shape_type = Shape;
  static constexpr int root = Root;
  static constexpr int leaf_count = detail::graph_info<Graph>::leaves;
  /// Whether the graph has leaves without arrays: such an expression is bound or traced, never evaluated as
  /// it is.
  static constexpr bool symbolic = detail::graph_info<Graph>::count(detail::graph_info<Graph>::named) > 0;
  /// Whether a derivative may be asked through it; then its value must not be computed ahead.
  static constexpr bool traced = detail::graph_info<Graph>::symbolic;
  static constexpr bool is_leaf = detail::graph_info<Graph>::size == 1;

  /// matrix_transpose of it.
  constexpr auto mT() const { return matrix_transpose(*this); }
};

namespace detail {

template <class X>
inline constexpr bool is_expression = false;
template <class G, int R, class T, class S>
inline constexpr bool is_expression<expression<G, R, T, S>> = true;

/// How a class takes part in expressions: specialised by arrays, views, parameters and symbols. one_leaf<N>
/// has the type of the expression that one of them stands for (a model's parameter: as the N-th), and
/// read(leaf, x) fills in its record, where it has one.
template <class X>
struct operand_traits {
  static constexpr bool is_operand = false;
  template <int>
  struct one_leaf {  // a number
    struct type {
      using shape_type = shape<>;
    };
  };
};

}  // namespace detail

namespace detail {

template <class X>
inline constexpr bool plain_number_type = std::is_arithmetic_v<X> || float_of_16_bits<X> || complex_number<X>;
template <class T>
inline constexpr bool plain_number_type<std::complex<T>> = true;

/// What an operand is, whatever its constness and kind of reference. Partial specialisations, so that no name
/// of a type stands in the concepts below (see list.hpp on nvcc).
template <class X>
struct operand_kind {
  static constexpr bool tensor = operand_traits<X>::is_operand, number = plain_number_type<X>;
};
template <class G, int R, class T, class S>
struct operand_kind<expression<G, R, T, S>> {
  static constexpr bool tensor = true, number = false;
};
template <class X>
struct operand_kind<const X> : operand_kind<X> {};
template <class X>
struct operand_kind<X&> : operand_kind<X> {};
template <class X>
struct operand_kind<X&&> : operand_kind<X> {};

}  // namespace detail

/// Whatever can be an operand of a lazy operation, numbers aside.
template <class X>
concept tensor_like = detail::operand_kind<X>::tensor;

/// A plain number: a run-time leaf that takes the dtype of its partner.
template <class X>
concept plain_number = detail::operand_kind<X>::number;

/// What the operators below take: at least one operand is an array, and the others may be numbers.
template <class... X>
concept operands = (detail::operand_kind<X>::tensor || ...) &&
                   ((detail::operand_kind<X>::tensor || detail::operand_kind<X>::number) && ...);

}  // namespace tenon
