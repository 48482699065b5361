// The tensor: a value that owns its elements, row-major, shared with copies until someone writes.
#pragma once

#include <algorithm>
#include <initializer_list>

#include "tenon/array/held.hpp"
#include "tenon/array/selection.hpp"
#include "tenon/array/view.hpp"
#include "tenon/device/device.hpp"

namespace tenon {

namespace detail {

template <class T, int Rank>
struct nested {
  using list = std::initializer_list<typename nested<T, Rank - 1>::list>;
};
template <class T>
struct nested<T, 0> {
  using list = T;
};

/// A place in a tensor that can be read and assigned to; assigning takes the tensor's buffer for itself
/// first.
template <class Tensor>
class element_reference {
 public:
  using T = typename Tensor::value_type;
  element_reference(Tensor& t, index at) : tensor_(&t), at_(at) {}
  element_reference(const element_reference&) = default;
  operator T() const { return tensor_->flat()[at_]; }
  operator float() const requires float_of_16_bits<T> { return T(*this); }
  auto real() const requires complex_number<T> { return T(*this).re; }
  auto imag() const requires complex_number<T> { return T(*this).im; }
  const element_reference& operator=(T v) const {
    tensor_->own()[at_] = v;
    return *this;
  }
  const element_reference& operator=(const element_reference& other) const { return *this = T(other); }
  const element_reference& operator+=(T v) const { return *this = T(*this) + v; }
  const element_reference& operator-=(T v) const { return *this = T(*this) - v; }
  const element_reference& operator*=(T v) const { return *this = T(*this) * v; }
  const element_reference& operator/=(T v) const { return *this = T(*this) / v; }
  const element_reference& operator%=(T v) const requires std::integral<T> { return *this = T(*this) % v; }
  const element_reference& operator++() const { return *this += T(1); }
  const element_reference& operator--() const { return *this -= T(1); }
  T operator++(int) const {
    const T before = *this;
    *this += T(1);
    return before;
  }
  T operator--(int) const {
    const T before = *this;
    *this -= T(1);
    return before;
  }

 private:
  Tensor* tensor_;
  index at_;
};

}  // namespace detail

/// An n-dimensional array of T. `tensor<float, "batch", 784>` writes its type.
///
/// A regular value: copies share one buffer until one of them is written to. Assigning an expression
/// evaluates it, in place where that is safe; a failed assignment leaves the tensor as it was. Moved-from
/// tensors may be assigned.
///
/// Of static extents and at most 64 elements (and 512 bytes) it holds its elements inside itself: no memory
/// is allocated and copies are copies. Pointers, slices and selections to write through point into it, and
/// must not outlive it, as references to elements.
template <element T, class Shape>
class basic_tensor : public detail::elements_holder<detail::is_small<T, Shape>>::template of<T, Shape> {
  using holder = typename detail::elements_holder<detail::is_small<T, Shape>>::template of<T, Shape>;

 public:
  using value_type = T;
  using shape_type = Shape;
  static constexpr int rank = Shape::rank;
  using holder::flat;
  using holder::own;
  using holder::size;
  static_assert(rank <= max_rank, "tenon: at most 8 axes");

  /// Zeros where all extents are static; else empty, of extent 0 along the others.
  basic_tensor() {
    this->set_extents(static_extents().data());
    this->zero();
  }
  basic_tensor(const basic_tensor& other) = default;
  basic_tensor(basic_tensor&& other) noexcept = default;
  basic_tensor& operator=(const basic_tensor& other) = default;
  basic_tensor& operator=(basic_tensor&& other) = default;

  /// Nested braces: tensor<float, 2, 3> a{{1, 2, 3}, {4, 5, 6}}.
  basic_tensor(typename detail::nested<T, rank>::list values) requires(rank > 0) {
    std::array<index, rank> e{};
    measure<0>(values, e);
    check_static(e);
    this->set_extents(e.data());
    T* to = own();
    fill_nested<0>(values, e, to);
  }
  basic_tensor(T value) requires(rank == 0) {
    this->set_extents(nullptr);
    own()[0] = value;
  }

  /// The value of an expression, a view or a tensor of another extent type.
  template <tensor_like E, class Unit = this_unit>
  requires(!std::is_same_v<std::remove_cvref_t<E>, basic_tensor>) basic_tensor(E&& e) {
    this->set_extents(static_extents().data(), false);
    assign<Unit>(detail::as_expression<0>(static_cast<E&&>(e)));
  }
  template <tensor_like E, class Unit = this_unit>
  requires(!std::is_same_v<std::remove_cvref_t<E>, basic_tensor>) basic_tensor& operator=(E&& e) {
    assign<Unit>(detail::as_expression<0>(static_cast<E&&>(e)));
    return *this;
  }

  /// What eval(e) returns, by the evaluator of a given unit.
  template <class Unit, tensor_like E>
  static basic_tensor evaluated(E&& e) {
    if constexpr (std::is_same_v<std::remove_cvref_t<E>, basic_tensor>) {
      return static_cast<E&&>(e);
    } else {
      basic_tensor t(nullptr);
      t.set_extents(static_extents().data(), false);
      t.template assign<Unit>(detail::as_expression<0>(static_cast<E&&>(e)));
      return t;
    }
  }

  /// Of run-time extents, uninitialised where that saves anything; see zeros, full and from_data.
  static basic_tensor uninitialised(const std::array<index, rank>& extents) {
    basic_tensor t(nullptr);
    t.check_static(extents);
    t.set_extents(extents.data());
    if constexpr (holder::inside) t.zero();
    return t;
  }

  template <class E, class Unit = this_unit>
  requires operands<basic_tensor, E> basic_tensor& operator+=(E&& e) {
    return update<Unit>(*this + static_cast<E&&>(e));
  }
  template <class E, class Unit = this_unit>
  requires operands<basic_tensor, E> basic_tensor& operator-=(E&& e) {
    return update<Unit>(*this - static_cast<E&&>(e));
  }
  template <class E, class Unit = this_unit>
  requires operands<basic_tensor, E> basic_tensor& operator*=(E&& e) {
    return update<Unit>(*this * static_cast<E&&>(e));
  }
  template <class E, class Unit = this_unit>
  requires operands<basic_tensor, E> basic_tensor& operator/=(E&& e) {
    return update<Unit>(*this / static_cast<E&&>(e));
  }

  // Remainders and bits, as the operators of ops/rounding.hpp and ops/bits.hpp have them.
  template <class E, class Unit = this_unit>
  requires operands<basic_tensor, E> basic_tensor& operator%=(E&& e) {
    return update<Unit>(*this % static_cast<E&&>(e));
  }
  template <class E, class Unit = this_unit>
  requires operands<basic_tensor, E> basic_tensor& operator&=(E&& e) {
    return update<Unit>(*this & static_cast<E&&>(e));
  }
  template <class E, class Unit = this_unit>
  requires operands<basic_tensor, E> basic_tensor& operator|=(E&& e) {
    return update<Unit>(*this | static_cast<E&&>(e));
  }
  template <class E, class Unit = this_unit>
  requires operands<basic_tensor, E> basic_tensor& operator^=(E&& e) {
    return update<Unit>(*this ^ static_cast<E&&>(e));
  }
  template <class E, class Unit = this_unit>
  requires operands<basic_tensor, E> basic_tensor& operator<<=(E&& e) {
    return update<Unit>(*this << static_cast<E&&>(e));
  }
  template <class E, class Unit = this_unit>
  requires operands<basic_tensor, E> basic_tensor& operator>>=(E&& e) {
    return update<Unit>(*this >> static_cast<E&&>(e));
  }

  // ---- shape ----------------------------------------------------------------------------------------------

  index extent(int axis) const { return shape()[static_cast<std::size_t>(detail::check_axis(axis, rank))]; }
  const std::array<index, rank>& shape() const { return holder::shape(); }
  tenon::device device() const { return cpu(0); }

  // ---- elements -------------------------------------------------------------------------------------------

  template <std::integral... I>
  requires(sizeof...(I) == rank) T operator()(I... i) const { return flat()[offset(i...)]; }
  template <std::integral... I>
  requires(sizeof...(I) == rank) detail::element_reference<basic_tensor>
  operator()(I... i) { return {*this, offset(i...)}; }
  /// The value of a tensor with one element.
  T item() const {
    if (size() != 1)
      throw shape_error("item: expected one element, got shape " +
                        detail::describe(detail::extents_of_leaf(record(), rank)));
    return flat()[0];
  }
  /// A tensor without axes reads as its number: float(s), int(s), if (s).
  template <detail::number_from<T> V>
  requires(rank == 0) explicit operator V() const { return static_cast<V>(flat()[0]); }
  /// The elements in row-major order, to read.
  const T* data() const { return flat(); }
  /// The elements, to write at any time: from here on copies of this tensor are made at once.
  T* data() {
    T* const p = own();
    this->pin_for_good();
    return p;
  }
  /// The elements in row-major order as a contiguous range. Of a tensor that is not const they can be
  /// written, which marks the buffer as data() does; to read alone, go through cbegin() or std::as_const(x).
  const T* begin() const { return flat(); }
  const T* end() const { return flat() + size(); }
  T* begin() { return data(); }
  T* end() { return data() + size(); }
  const T* cbegin() const { return flat(); }
  const T* cend() const { return flat() + size(); }

  // ---- slices ---------------------------------------------------------------------------------------------

  /// A part: an integer drops its axis, range(b, e, step) and `all` keep it, newaxis adds one of extent 1;
  /// missing ones are `all`, at the end or where `ellipsis` stands. One of the indices may be an array of
  /// places, whose axes stand for its axis, or a mask of one axis: x.slice(all, tensor<int, 2>{3, 0}), which
  /// is a selection as x[places] is.
  template <class... I>
  requires(detail::sliced_axes<I...> <= rank) auto slice(const I&... which) const& {
    using S = typename detail::sliced_shape<tenon::shape<>, Shape, detail::plain_index<I>...>::type;
    if constexpr (detail::chooses<I...>) {
      return detail::chosen_in_slice(*this, which...);
    } else if constexpr (!holder::inside) {
      return basic_view<T, S, false>(detail::slice_leaf(record(), rank, int(sizeof(T)), which...));
    } else {  // a value of its own
      const leaf part = detail::slice_leaf(this->lent(), rank, int(sizeof(T)), which...);
      if constexpr (detail::is_small<T, S>)
        return basic_tensor<T, S>::gathered(part);
      else
        return basic_view<T, S, false>(detail::gathered(part, S::rank, dtype_of<T>));
    }
  }
  template <class... I>
  requires(detail::sliced_axes<I...> <= rank) auto slice(const I&... which) & {
    if constexpr (detail::chooses<I...>) {
      return detail::chosen_in_slice(*this, which...);
    } else {
      using S = typename detail::sliced_shape<tenon::shape<>, Shape, I...>::type;
      return basic_view<T, S, true>(detail::slice_leaf(this->target(), rank, int(sizeof(T)), which...));
    }
  }
  /// Of a temporary: where its elements are inside it, a value of its own.
  template <class... I>
  requires(detail::sliced_axes<I...> <= rank) auto slice(const I&... which) && {
    if constexpr (holder::inside)
      return std::as_const(*this).slice(which...);
    else
      return this->slice(which...);
  }
  auto operator[](index i) const& requires(rank > 0) { return slice(i); }
  auto operator[](index i) & requires(rank > 0) { return slice(i); }
  auto operator[](index i) && requires(rank > 0) { return std::move(*this).slice(i); }

  /// matrix_transpose of it.
  auto mT() const { return matrix_transpose(*this); }

  // ---- elements by masks and places -----------------------------------------------------------------------

  /// The elements where a mask is true, or at places along the first axis: x[x > 0], x[tensor<int, 3>{2, 0,
  /// 2}]. Read, a value of its own; assigned to, x[mask] = 0 writes through. Throws shape_error for a mask of
  /// another shape, index_error for a place outside. See array/selection.hpp.
  template <tensor_like P>
  requires(rank > 0) auto operator[](P&& places) const& {
    return +detail::select(*this, static_cast<P&&>(places));
  }
  template <tensor_like P>
  requires(rank > 0) auto operator[](P&& places) & { return detail::select(*this, static_cast<P&&>(places)); }
  template <tensor_like P>
  requires(rank > 0) auto operator[](P&& places) && {
    if constexpr (holder::inside)
      return std::as_const(*this)[static_cast<P&&>(places)];
    else
      return (*this)[static_cast<P&&>(places)];
  }
  /// Elements at places along several axes, broadcast against each other: x.at(rows, columns).
  template <tensor_like... P>
  requires(sizeof...(P) > 0 && sizeof...(P) <= rank) auto at(P&&... places) const& {
    return +detail::select(*this, static_cast<P&&>(places)...);
  }
  template <tensor_like... P>
  requires(sizeof...(P) > 0 && sizeof...(P) <= rank) auto at(P&&... places) & {
    return detail::select(*this, static_cast<P&&>(places)...);
  }
  template <tensor_like... P>
  requires(sizeof...(P) > 0 && sizeof...(P) <= rank) auto at(P&&... places) && {
    if constexpr (holder::inside)
      return std::as_const(*this).at(static_cast<P&&>(places)...);
    else
      return this->at(static_cast<P&&>(places)...);
  }

  // ---- for the library ------------------------------------------------------------------------------------

  /// This tensor as a leaf that keeps its elements alive.
  leaf record() const {
    leaf l;
    record(l);
    return l;
  }
  using holder::record;
  /// Row-major, in elements.
  std::array<index, rank> strides() const {
    std::array<index, rank> stride{};
    index step = 1;
    for (int k = rank - 1; k >= 0; --k) {
      stride[std::size_t(k)] = step;
      step *= shape()[std::size_t(k)];
    }
    return stride;
  }
  /// The same, for expressions: a copy where the buffer may be written to at any time.
  leaf captured() const {
    leaf l;
    capture(l);
    return l;
  }
  using holder::capture;
  /// A tensor of a block's elements.
  static basic_tensor holding(const detail::small_block_of<T, Shape>& elements) requires(holder::inside) {
    basic_tensor t(nullptr);
    detail::copy_block(t.block_, elements);
    return t;
  }
  /// A tensor whose elements `fill` writes to where it is given.
  template <class Fill>
  TENON_HOST_INLINE static basic_tensor filled(Fill fill) requires(holder::inside) {
    basic_tensor t(nullptr);
    fill(t.block_.v);
    return t;
  }
  /// A tensor on the elements of a record, under whatever strides.
  static basic_tensor gathered(const leaf& from) requires(holder::inside) {
    basic_tensor t(nullptr);
    detail::gather_small<T, Shape>(t.block_, from);
    return t;
  }
  /// A tensor on a buffer that holds its elements already.
  static basic_tensor on(storage buffer, const extents& value) {
    basic_tensor t(nullptr);
    t.check_value(value);
    t.hold(std::move(buffer), value);
    return t;
  }

  template <class Unit, class E>
  void assign_no_alias(const E& e) {
    binding_for<E, Unit> b(e);
    check_value(b.shape());
    this->adopt_extents(b.shape());
    b.into(reinterpret_cast<std::byte*>(own()));
  }

 private:
  explicit basic_tensor(std::nullptr_t) noexcept {}

  /// A resolved expression, ready to be written somewhere.
  template <class E, class Unit>
  struct binding_for {
    detail::binding<Unit>& bound;
    explicit binding_for(const E& e) : bound(detail::resolve_eager<E, Unit>(e)) {
      using S = typename E::shape_type;
      static_assert(std::is_same_v<T, typename E::value_type>,
                    "tenon: the value has another dtype than the tensor; convert it with astype<T>(x)");
      constexpr bool fits = detail::assignable<Shape, S>::value();
      (void)detail::value_fits_target<fits, Shape, S>{};
    }
    extents shape() const { return bound.shape_of_output(0); }
    void into(std::byte* out) {
      bound.place(&out);
      bound.run();
    }
  };

  template <class Unit, class E>
  void assign(E&& e) {
    using Expr = std::remove_cvref_t<E>;
    if constexpr (holder::inside) {
      assign_inside<Unit>(e);
    } else {
      if constexpr (!Expr::small && Expr::is_leaf &&
                    detail::graph_info<typename Expr::graph_type>::slots == 1) {
        if (adopt_leaf(e.leaves[0])) return;
      }
      binding_for<Expr, Unit> b(e);
      if constexpr (Expr::leaf_count > 0 && !Expr::small)
        take<Unit>(b.bound, e.leaves, Expr::leaf_count);
      else
        take<Unit>(b.bound, nullptr, 0);
    }
  }
  /// The value of a resolved expression of these leaves: nothing here depends on its type.
  template <class Unit>
  TENON_NOINLINE void take(detail::binding<Unit>& b, const leaf* leaves, int leaf_count) {
    const extents value = b.shape_of_output(0);
    check_value(value);
    const bool same = this->has_shape(value);
    int own_leaves = 0;
    for (int i = 0; i < leaf_count; ++i) own_leaves += leaves[i].buffer && leaves[i].buffer == this->buffer_;
    const bool alone = same && !this->buffer_.pinned() && this->buffer_.references() == 1 + own_leaves;
    if (alone && (own_leaves == 0 || safe_in_place(b, leaves, leaf_count))) {
      std::byte* const out = this->buffer_.data();
      b.place(&out);
      b.run();
      return;
    }
    storage fresh(detail::bytes_of(value, dtype_of<T>));
    std::byte* const out = fresh.data();
    b.place(&out);
    b.run();
    if (same && this->buffer_.pinned()) {
      std::memcpy(this->buffer_.data(), out, static_cast<std::size_t>(size()) * sizeof(T));
      return;
    }
    this->hold(std::move(fresh), value);
  }

  /// The value is made beside the elements, since operands may lie over them, and since it may fail.
  template <class Unit, class E>
  void assign_inside(const E& e) {
    if constexpr (E::small && detail::is_small<T, typename E::shape_type>) {
      using S = typename E::shape_type;
      constexpr bool same = std::is_same_v<T, typename E::value_type>;
      static_assert(same, "tenon: the value has another dtype than the tensor; convert it with astype<T>(x)");
      constexpr bool fits = same && detail::assignable<Shape, S>::value();
      (void)detail::value_fits_target<fits || !same, Shape, S>{};
      if constexpr (E::is_leaf && fits) {
        detail::copy_block(this->block_, detail::small_leaf_at<0>(e));
      } else if constexpr (fits) {
        detail::small_block_of<T, Shape> value;
        detail::evaluate_small<E, Unit>(e, value);
        detail::copy_block(this->block_, value);
      }
    } else {
      binding_for<E, Unit> b(e);
      check_value(b.shape());
      detail::small_block_of<T, Shape> value;
      b.into(reinterpret_cast<std::byte*>(value.v));
      this->block_ = value;
    }
  }

  template <class Unit>
  bool safe_in_place(detail::binding<Unit>& b, const leaf* leaves, int leaf_count) const {
    for (int i = 0; i < leaf_count; ++i)
      if (leaves[i].buffer == this->buffer_ && !b.in_place(i, 0)) return false;
    return true;
  }

  /// A whole array becomes this tensor's value without being copied.
  bool adopt_leaf(const leaf& l) {
    index step = 1;
    if (!l.buffer || l.buffer.pinned() || this->buffer_.pinned() || l.data != l.buffer.data()) return false;
    extents value = detail::extents_of_leaf(l, rank);
    for (int k = rank - 1; k >= 0; --k) {
      if (l.extent[k] != 1 && l.stride[k] != step) return false;
      step *= l.extent[k];
    }
    check_value(value);
    this->hold(l.buffer, value);
    return true;
  }

  template <class Unit, class E>
  basic_tensor& update(E&& e) {
    using Expr = std::remove_cvref_t<E>;
    if constexpr (!(Expr::small && std::is_same_v<Shape, typename Expr::shape_type>)) {
      const extents value = detail::resolve_eager<Expr, Unit>(e).shape_of_output(0);
      for (int k = 0; k < rank; ++k)
        if (value.rank != rank || value[k].size != shape()[std::size_t(k)])
          throw shape_error("update: a value of shape " + detail::describe(value) +
                            " does not fit a tensor of shape " +
                            detail::describe(detail::extents_of_leaf(record(), rank)));
    }
    assign<Unit>(static_cast<E&&>(e));
    return *this;
  }

  static void check_value(const extents& value) {
    const auto fixed = static_extents();
    for (int k = 0; k < rank; ++k)
      if (is_fixed(k) && fixed[std::size_t(k)] != value[k].size)
        throw shape_error("assignment: a value of shape " + detail::describe(value) +
                          " does not fit a tensor whose axis " + std::to_string(k) + " has extent " +
                          std::to_string(fixed[std::size_t(k)]));
  }
  static void check_static(const std::array<index, rank>& e) {
    extents value;
    for (const index n : e) value[value.rank++] = static_dim(n);
    for (const index n : e)
      if (n < 0) throw shape_error("tensor: the extent " + std::to_string(n) + " is negative");
    check_value(value);
  }
  static constexpr bool is_fixed(int k) {
    return detail::static_extents_of<Shape>::value[std::size_t(k)] >= 0;
  }
  static constexpr std::array<index, rank> static_extents() {
    auto e = detail::static_extents_of<Shape>::value;
    for (index& n : e) n = n < 0 ? 0 : n;
    return e;
  }

  template <int K, class List>
  static void measure(const List& values, std::array<index, rank>& e) {
    if constexpr (K < rank) {
      e[K] = static_cast<index>(values.size());
      if constexpr (K + 1 < rank)
        if (values.size() > 0) measure<K + 1>(*values.begin(), e);
    }
  }
  template <int K, class List>
  static void fill_nested(const List& values, const std::array<index, rank>& e, T*& to) {
    if (static_cast<index>(values.size()) != e[K])
      throw shape_error("tensor: the braces on axis " + std::to_string(K) + " hold " +
                        std::to_string(values.size()) + " values, expected " + std::to_string(e[K]));
    for (const auto& v : values) {
      if constexpr (K + 1 < rank)
        fill_nested<K + 1>(v, e, to);
      else
        *to++ = v;
    }
  }

  template <class... I>
  index offset(I... i) const {
    index at = 0;
    int axis = 0;
    ((at = at * shape()[std::size_t(axis)] +
           detail::check_index(static_cast<index>(i), shape()[std::size_t(axis)], axis),
      ++axis),
     ...);
    return at;
  }
};

/// tensor<float, "batch", 784>: extents are sizes, names or dyn.
template <element T, extent... E>
using tensor = basic_tensor<T, shape_of_extents<E...>>;

namespace detail {
template <class T, class Shape>
struct operand_traits<basic_tensor<T, Shape>> {
  static constexpr bool is_operand = true;
  template <int>
  struct one_leaf {
    using type = expression<graph<node<slot<0, T, Shape>>>, 0, T, Shape>;
  };
  static void read(leaf& to, const basic_tensor<T, Shape>& t) { t.capture(to); }
  static void read_small(small_block_of<T, Shape>& to, const basic_tensor<T, Shape>& t) {
    copy_block(to, t.block());
  }
  static void read(leaf& to, basic_tensor<T, Shape>&& t) { t.record(to); }
};
}  // namespace detail

/// The value of an expression, as a tensor.
template <tensor_like E, class Unit = this_unit>
auto eval(E&& e) {
  using X = std::remove_cvref_t<decltype(detail::as_expression<0>(static_cast<E&&>(e)))>;
  static_assert(!X::symbolic, "tenon: this expression has variables; bind or compile it first");
  if constexpr (X::symbolic)
    return basic_tensor<typename X::value_type, typename X::shape_type>();
  else
    return basic_tensor<typename X::value_type, typename X::shape_type>::template evaluated<Unit>(
        static_cast<E&&>(e));
}

/// The value of an expression, rewritten by the passes given: eval(e, passes::none). It is computed anew,
/// even where e has a name and was evaluated before; named expressions among its operands are what they were.
template <tensor_like E, unsigned Bits, class Unit = this_unit>
auto eval(const E& e, pass_set<Bits>) {
  if constexpr (detail::is_expression<E>) {
    extents shape;
    storage made = detail::evaluate_with<E, Unit, Bits>(e, shape);
    return basic_tensor<typename E::value_type, typename E::shape_type>::on(std::move(made), shape);
  } else {
    return eval<const E&, Unit>(e);
  }
}

/// The number that an expression of one element gives: item(sum(x)); shape_error for more elements.
template <tensor_like E, class Unit = this_unit>
auto item(E&& e) {
  return eval<E, Unit>(static_cast<E&&>(e)).item();
}

/// noalias(y) = e: writes straight into y, which no operand of e may overlap.
template <class T, class Shape>
struct noalias_target {
  basic_tensor<T, Shape>& target;
  template <tensor_like E, class Unit = this_unit>
  void operator=(E&& e) {
    target.template assign_no_alias<Unit>(detail::as_expression<0>(static_cast<E&&>(e)));
  }
};
template <class T, class Shape>
noalias_target<T, Shape> noalias(basic_tensor<T, Shape>& t) {
  return {t};
}

}  // namespace tenon
