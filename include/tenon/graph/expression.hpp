// Expressions: what operators return. A type that holds the graph, and the arrays behind its leaves.
#pragma once

#include <new>
#include <type_traits>

#include "tenon/core/access.hpp"
#include "tenon/core/storage.hpp"
#include "tenon/graph/graph.hpp"

namespace tenon {

/// What a leaf is but for its share in a buffer: bytes, copied as such. (As members of the leaf GCC copied
/// them one by one, numbers byte by byte, which was most of a small statement's time.)
struct leaf_record {
  const void* data = nullptr;       // the first element; null for a number
  const void* parameter = nullptr;  // the model's parameter that this is, or null
  alignas(8) unsigned char number[max_element_size];
  index extent[max_rank];  // elements along each axis
  index stride[max_rank];  // elements from one to the next along each axis

  constexpr leaf_record() : number{}, extent{}, stride{} {}
  enum class unset {};
  constexpr explicit leaf_record(unset) {}
  const void* first() const { return data != nullptr ? data : number; }
};

/// An array as a leaf of an expression: a strided view that keeps its buffer alive, or one number.
///
/// One plain record for every dtype and shape: the types are in the graph, and a pack of typed leaves would
/// be instantiated anew for each expression.
struct leaf : leaf_record {
  storage buffer;  // keeps the elements alive; null for borrowed memory and numbers

  constexpr leaf() = default;
  constexpr explicit leaf(unset) : leaf_record(unset{}) {}
  constexpr leaf(const leaf& other) noexcept : leaf_record(other), buffer(other.buffer) {}
  constexpr leaf(leaf&& other) noexcept : leaf_record(other), buffer(std::move(other.buffer)) {}
  leaf& operator=(const leaf&) = default;
  leaf& operator=(leaf&&) = default;
};

namespace detail {

/// The memory of a leaf.
inline array_access access(const leaf& l, int rank, dtype type) {
  array_access a;
  a.data = static_cast<std::byte*>(const_cast<void*>(l.first()));
  a.type = type;
  a.rank = rank;
  for (int k = 0; k < rank; ++k) {
    a.extent[k] = l.extent[k];
    a.stride[k] = l.stride[k];
  }
  return a;
}

/// What a named lazy expression was evaluated to: made at most once, by whichever statement reads it first.
///
/// Making, moving and ending an expression are not shared with other threads, so the pointer is a plain one
/// there, which costs a temporary nothing.
class memo {
 public:
  constexpr memo() noexcept = default;
  memo(const memo& other) : value_(copy(other)) {}
  memo(memo&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
  memo& operator=(const memo&) = delete;
  ~memo() {
    if (value_ != nullptr) drop(value_);
  }

  const leaf* get() const noexcept { return std::atomic_ref<leaf*>(value_).load(std::memory_order_acquire); }
  const leaf& set(leaf&& made) const {
    leaf* fresh = new leaf(std::move(made));
    leaf* expected = nullptr;
    if (std::atomic_ref<leaf*>(value_).compare_exchange_strong(expected, fresh)) return *fresh;
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
  mutable leaf* value_ = nullptr;
};

// What an expression does with all its leaves: one function for any number of them, since each operator makes
// a type of its own, and member by member this was half the code of a traced network.
/// Leaves that hold nothing, for others to be made over.
TENON_NOINLINE inline void make_leaves(leaf* to, int n) noexcept {
  for (int i = 0; i < n; ++i) ::new (to + i) leaf(leaf::unset{});
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

// ---- small leaves -----------------------------------------------------------------------------------------

/// The value of a named lazy expression, where that is small. Threads that come while another writes it do
/// without.
template <class T, index N, bool = (N >= 0)>
class small_memo {
 public:
  small_memo() noexcept {}
  small_memo(const small_memo& other) { copy(other); }
  small_memo(small_memo&& other) noexcept {
    if (other.state_ == ready) take(other);
  }
  small_memo& operator=(const small_memo&) = delete;

  const small_block<T, N>* get() const noexcept {
    return std::atomic_ref<int>(state_).load(std::memory_order_acquire) == ready ? &value_ : nullptr;
  }
  void set(const small_block<T, N>& made) const noexcept {
    int expected = none;
    const std::atomic_ref<int> state(state_);
    if (!state.compare_exchange_strong(expected, writing)) return;
    value_ = made;
    state.store(ready, std::memory_order_release);
  }

 private:
  static constexpr int none = 0, writing = 1, ready = 2;
  void take(const small_memo& other) noexcept {
    value_ = other.value_;
    state_ = ready;
  }
  TENON_NOINLINE void copy(const small_memo& other) noexcept {
    if (other.get() != nullptr) take(other);
  }
  mutable int state_ = none;
  mutable small_block<T, N> value_;
};
template <class T, index N>
class small_memo<T, N, false> : public memo {};

template <int K, class T, class Shape>
struct small_leaf {
  small_block_of<T, Shape> block;
};
/// The K-th of an expression's small leaves.
template <int K, class T, class Shape>
TENON_HOST_INLINE small_block_of<T, Shape>& small_leaf_at(small_leaf<K, T, Shape>& l) {
  return l.block;
}
template <int K, class T, class Shape>
TENON_HOST_INLINE const small_block_of<T, Shape>& small_leaf_at(const small_leaf<K, T, Shape>& l) {
  return l.block;
}

/// The elements of a small array as a record that points to them.
template <class T, class Shape>
void lend_small(leaf& to, const small_block_of<T, Shape>& block) {
  using L = small_layout<Shape>;
  to.data = block.v;
  for (int k = 0; k < L::rank; ++k) {
    to.extent[k] = L::extent[k];
    to.stride[k] = L::stride.at[k];
  }
}
/// The same with elements of its own: one element is a number.
template <class T, class Shape>
TENON_NOINLINE void own_small(leaf& to, const small_block_of<T, Shape>& block) {
  lend_small<T, Shape>(to, block);
  if constexpr (small_count<Shape> == 1) {
    to.data = nullptr;
    std::memcpy(to.number, block.v, sizeof(T));
  } else {
    to.buffer = storage(small_count<Shape> * index(sizeof(T)));
    to.data = to.buffer.data();
    std::memcpy(to.buffer.data(), block.v, std::size_t(small_count<Shape>) * sizeof(T));
  }
}
/// The elements of a record, under whatever strides. Its extents have been checked.
template <class T, class Shape>
TENON_NOINLINE void gather_small(small_block_of<T, Shape>& to, const leaf& from) {
  using L = small_layout<Shape>;
  const auto* const first = static_cast<const std::byte*>(from.first());
  auto* const target = reinterpret_cast<std::byte*>(to.v);
  for (index i = 0; i < small_count<Shape>; ++i) {
    index at = 0, rest = i;
    for (int k = L::rank - 1; k >= 0; --k) {
      at += rest % L::extent[k] * from.stride[k];
      rest /= L::extent[k];
    }
    std::memcpy(target + i * index(sizeof(T)), first + at * index(sizeof(T)), sizeof(T));
  }
}

template <class Graph>
struct small_slots;
template <class Op>
struct small_slot {
  using type = list<>;
};
template <int K, class T, class S>
struct small_slot<slot<K, T, S>> {
  using type = list<slot<K, T, S>>;
};
template <class... N>
struct small_slots<graph<N...>> : flattened<typename small_slot<typename node_info<N>::op>::type...> {};

/// The arrays of an expression whose leaves all are small: their elements.
template <class Slots, class R, class RShape>
struct small_leaf_list;
template <int... K, class... T, class... S, class R, class RShape>
struct small_leaf_list<list<slot<K, T, S>...>, R, RShape> : small_leaf<K, T, S>... {
  small_memo<R, is_small<R, RShape> ? small_count<RShape> : -1> evaluated;

  /// Records of all leaves, which point into this expression; or of the K-th, on its own.
  void lend_leaves(leaf* to) const { (lend_small<T, S>(to[K], small_leaf_at<K>(*this)), ...); }
  void own_leaves(leaf* to) const { (own_small<T, S>(to[K], small_leaf_at<K>(*this)), ...); }
  void set_leaf(int k, const leaf& l) {
    ((K == k ? gather_small<T, S>(small_leaf_at<K>(*this), l) : void()), ...);
  }
};

template <class X>
inline constexpr bool plain_number_type = std::is_arithmetic_v<X> || float_of_16_bits<X> || complex_number<X>;
template <class T>
inline constexpr bool plain_number_type<std::complex<T>> = true;

/// A number that static_cast makes of a T: what arrays without axes read as.
template <class V, class T>
concept number_from = plain_number_type<V> && requires(const T& v) {
  static_cast<V>(v);
};

template <bool Small>
struct leaf_holder {
  template <class Graph, class T, class Shape>
  using of = leaf_array<graph_info<Graph>::leaves>;
};
template <>
struct leaf_holder<true> {
  template <class Graph, class T, class Shape>
  using of = small_leaf_list<typename small_slots<Graph>::type, T, Shape>;
};

}  // namespace detail

/// The node Root of a graph, with its dtype and shape, and the arrays behind the graph's leaves.
///
/// Expressions own what they read: they are safe to keep, return and evaluate later. Errors of shape and
/// dtype arise where an operator is applied.
template <class Graph, int Root, class T, class Shape>
class expression
    : public detail::leaf_holder<detail::graph_info<Graph>::small>::template of<Graph, T, Shape> {
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
  /// Whether it holds the elements of its leaves, which all are small arrays.
  static constexpr bool small = detail::graph_info<Graph>::small;

  /// The number that an expression of one element gives; see item(e).
  template <class Unit = this_unit>
  T item() const {
    return eval<const expression&, Unit>(*this).item();
  }
  /// An expression without axes reads as its number: float(sum(x)), if (all(x == y)).
  template <detail::number_from<T> V, class Unit = this_unit>
  requires(std::is_same_v<Shape, shape<>>) explicit operator V() const {
    static_assert(!symbolic, "tenon: what is traced has no value yet; decide by where or cond");
    if constexpr (symbolic)
      return V();
    else
      return static_cast<V>(item<Unit>());
  }

  /// Parts of its value, which is computed now, as of a tensor that is const: (x + y)[0], softmax(x)[mask],
  /// exp(x).slice(all, 2). Inside of graphs, see slice<Axis, Begin, End>, dynamic_slice and take.
  template <class P, class Unit = this_unit>
  requires(!std::is_same_v<Shape, shape<>>) auto operator[](P&& places) const {
    const auto value = eval<const expression&, Unit>(*this);
    return value[static_cast<P&&>(places)];
  }
  template <class Unit = this_unit, class... I>
  auto slice(const I&... which) const {
    const auto value = eval<const expression&, Unit>(*this);
    return value.slice(which...);
  }

  /// matrix_transpose of it.
  constexpr auto mT() const { return matrix_transpose(*this); }
};

namespace detail {

template <class X>
inline constexpr bool is_expression = false;
template <class G, int R, class T, class S>
inline constexpr bool is_expression<expression<G, R, T, S>> = true;

/// An expression's leaf k as a record that keeps its elements alive.
template <class E>
leaf leaf_at(const E& e, int k) {
  if constexpr (requires { e.own_leaves(nullptr); }) {
    leaf own[E::leaf_count];
    e.own_leaves(own);
    return std::move(own[k]);
  } else {
    return e.leaves[k];
  }
}
template <class E>
void set_leaf(E& e, int k, leaf&& l) {
  if constexpr (E::small)
    e.set_leaf(k, l);
  else
    e.leaves[k] = std::move(l);
}

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
