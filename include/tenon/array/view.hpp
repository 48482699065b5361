// Slices of a tensor: read, they are values; assigned to, they write through.
#pragma once

#include <algorithm>
#include <array>

#include "tenon/array/range.hpp"
#include "tenon/eval/evaluate.hpp"

namespace tenon {

template <element T, class Shape>
class basic_tensor;

namespace detail {

/// The elements of a strided leaf, row-major in memory of their own.
inline leaf gathered(const leaf& from, int rank, dtype type) {
  leaf made;
  index count = 1;
  for (int k = rank - 1; k >= 0; --k) {
    made.extent[k] = from.extent[k];
    made.stride[k] = count;
    count *= from.extent[k];
  }
  made.buffer = storage(count * size_of(type));
  made.data = made.buffer.data();
  copy_elements(access(from, rank, type), access(made, rank, type));
  return made;
}

inline extents extents_of_leaf(const leaf& l, int rank) {
  extents e;
  for (int k = 0; k < rank; ++k) e[e.rank++] = static_dim(l.extent[k]);
  return e;
}

/// Whether a row-major result of this shape may be stored where the leaf's shape is expected.
inline void check_assigned(const extents& value, const leaf& target, int rank) {
  for (int k = 0; k < rank; ++k)
    if (value[k].size != target.extent[k])
      throw shape_error("assignment: a value of shape " + describe(value) +
                        " does not fit a target of shape " + describe(extents_of_leaf(target, rank)));
}

template <class To, class From>
struct assignable;
template <class... D, class... F>
struct assignable<shape<D...>, shape<F...>> {
  static constexpr bool same_rank = sizeof...(D) == sizeof...(F);
  template <class A, class B>
  static constexpr bool fits = std::is_same_v<A, B> || std::is_same_v<A, dyn_size> ||
                               std::is_same_v<B, dyn_size> || is_named_dim<A> != is_named_dim<B>;
  static constexpr bool value() {
    if constexpr (same_rank)
      return (fits<D, F> && ...);
    else
      return false;
  }
};

template <bool Fits, class Target, class Value>
struct value_fits_target {
  static_assert(Fits, "tenon: the shape of this value does not fit the tensor that it is assigned to");
};

/// How many axes the indices of a slice are for.
template <class... I>
inline constexpr int sliced_axes = (0 + ... +
                                    int(!std::is_same_v<I, newaxis_t> && !std::is_same_v<I, ellipsis_t>));

/// The extents that remain of a shape under indices: an index drops its axis, a range makes it dynamic.
template <class Kept, class Shape, class... I>
struct sliced_shape;
template <class... K, class... D>
struct sliced_shape<shape<K...>, shape<D...>> {
  using type = shape<K..., D...>;
};
template <class... K, class D, class... Rest, class I, class... More>
struct sliced_shape<shape<K...>, shape<D, Rest...>, I, More...> {
  using type = typename std::conditional_t<
      std::is_same_v<I, all_t>, sliced_shape<shape<K..., D>, shape<Rest...>, More...>,
      std::conditional_t<std::is_same_v<I, range>,
                         sliced_shape<shape<K..., dyn_size>, shape<Rest...>, More...>,
                         sliced_shape<shape<K...>, shape<Rest...>, More...>>>::type;
};
template <class... K, class... D, class... More>
struct sliced_shape<shape<K...>, shape<D...>, newaxis_t, More...>
    : sliced_shape<shape<K..., size<1>>, shape<D...>, More...> {};
template <class... K, class D, class... Rest, class... More>
struct sliced_shape<shape<K...>, shape<D, Rest...>, newaxis_t, More...>
    : sliced_shape<shape<K..., size<1>>, shape<D, Rest...>, More...> {};
/// An ellipsis keeps axes as long as there are more than the other indices want.
template <bool Keep, class Kept, class Shape, class... More>
struct after_ellipsis;
template <class... K, class D, class... Rest, class... More>
struct after_ellipsis<true, shape<K...>, shape<D, Rest...>, More...>
    : after_ellipsis<(int(sizeof...(Rest)) > sliced_axes<More...>), shape<K..., D>, shape<Rest...>, More...> {
};
template <class Kept, class Shape, class... More>
struct after_ellipsis<false, Kept, Shape, More...> : sliced_shape<Kept, Shape, More...> {
  static_assert(!(std::is_same_v<More, ellipsis_t> || ...), "tenon: a slice has one ellipsis");
};
template <class... K, class... D, class... More>
struct sliced_shape<shape<K...>, shape<D...>, ellipsis_t, More...>
    : after_ellipsis<(int(sizeof...(D)) > sliced_axes<More...>), shape<K...>, shape<D...>, More...> {};
template <class... K, class D, class... Rest, class... More>
struct sliced_shape<shape<K...>, shape<D, Rest...>, ellipsis_t, More...>
    : after_ellipsis<(int(sizeof...(Rest)) + 1 > sliced_axes<More...>), shape<K...>, shape<D, Rest...>,
                     More...> {};

/// What operands choose of a view, and what a slice does of a tensor or view where one of its indices holds
/// places or is a mask: array/selection.hpp.
template <class View, class... P>
auto chosen_in_view(const View& v, P&&... places);
template <class Source, class... I>
auto chosen_in_slice(Source& x, const I&... which);
/// Whether an index of a slice holds places or is a mask; for the slice alone it is a whole axis.
template <class... I>
inline constexpr bool chooses = (tensor_like<I> || ...);
template <class I>
using plain_index = std::conditional_t<tensor_like<I>, all_t, I>;

/// Applies one index to the next axis of a leaf.
struct slicer {
  leaf from, to;
  int axis = 0, kept = 0, element_size;
  int missing = 0;  // axes that an ellipsis stands for

  void keep(index first, index count, index step) {
    to.data =
        static_cast<const std::byte*>(to.data) + (count > 0 ? first * from.stride[axis] * element_size : 0);
    to.extent[kept] = count;
    to.stride[kept++] = from.stride[axis++] * step;
  }
  void take(const all_t&) { keep(0, from.extent[axis], 1); }
  void take(const newaxis_t&) {
    to.extent[kept] = 1;
    to.stride[kept++] = 0;
  }
  void take(const ellipsis_t&) {
    for (int k = 0; k < missing; ++k) take(all);
  }
  void take(const range& r) {
    const checked_range c = check_range(r, from.extent[axis], axis);
    keep(c.first, c.count, c.step);
  }
  void take(index i) {
    to.data = static_cast<const std::byte*>(to.data) +
              check_index(i, from.extent[axis], axis) * from.stride[axis] * element_size;
    ++axis;
  }
};

template <class... I>
leaf slice_leaf(leaf from, int rank, int element_size, const I&... which) {
  slicer s{from, from, 0, 0, element_size, rank - sliced_axes<I...>};
  for (int k = 0; k < max_rank; ++k) s.to.extent[k] = s.to.stride[k] = 0;
  (s.take(which), ...);
  while (s.axis < rank) s.take(all);
  return s.to;
}

}  // namespace detail

/// A strided part of a tensor. While a writable view lives, the tensor's buffer is not shared with copies.
template <element T, class Shape, bool Writable>
class basic_view {
 public:
  using value_type = T;
  using shape_type = Shape;
  static constexpr int rank = Shape::rank;
  static constexpr bool writable = Writable;

  explicit basic_view(leaf l) : leaf_(std::move(l)) {
    if constexpr (Writable) leaf_.buffer.pin();
  }
  basic_view(const basic_view& other) : basic_view(other.leaf_) {}
  basic_view& operator=(const basic_view& other) requires Writable {
    return *this = detail::as_expression<0>(other);
  }
  ~basic_view() {
    if constexpr (Writable) leaf_.buffer.unpin();
  }

  index extent(int axis) const { return leaf_.extent[detail::check_axis(axis, rank)]; }
  std::array<index, rank> shape() const {
    std::array<index, rank> e{};
    std::copy_n(leaf_.extent, rank, e.begin());
    return e;
  }
  /// How far elements are apart along each axis, in elements; negative where a step is.
  std::array<index, rank> strides() const {
    std::array<index, rank> s{};
    std::copy_n(leaf_.stride, rank, s.begin());
    return s;
  }
  index size() const {
    index n = 1;
    for (int k = 0; k < rank; ++k) n *= leaf_.extent[k];
    return n;
  }
  /// An element. Of a writable view a reference, which is good while a view of it lives: x[0](3) = 1.
  template <std::integral... I>
  requires(sizeof...(I) == rank) std::conditional_t<Writable, T&, T>
  operator()(I... i) const { return static_cast<T*>(const_cast<void*>(leaf_.data))[offset(i...)]; }
  /// The value of a view of one element.
  T item() const {
    if (size() != 1)
      throw shape_error("item: expected one element, got shape " +
                        detail::describe(detail::extents_of_leaf(leaf_, rank)));
    return *static_cast<const T*>(leaf_.data);
  }
  /// A view without axes reads as its number: float(x[0][1]).
  template <detail::number_from<T> V>
  requires(rank == 0) explicit operator V() const { return static_cast<V>(item()); }
  const leaf& as_leaf() const { return leaf_; }
  /// A part of this part, with indices as a tensor's slice takes them.
  template <class... I>
  requires(detail::sliced_axes<I...> <= rank) auto slice(const I&... which) const {
    if constexpr (detail::chooses<I...>) {
      return detail::chosen_in_slice(*this, which...);
    } else {
      using S = typename detail::sliced_shape<tenon::shape<>, Shape, I...>::type;
      return basic_view<T, S, Writable>(detail::slice_leaf(leaf_, rank, int(sizeof(T)), which...));
    }
  }
  auto operator[](index i) const requires(rank > 0) { return slice(i); }
  /// The elements where a mask is true, or at places along the first axis, as of a tensor: written through
  /// where the view is writable, else a value.
  template <tensor_like P>
  requires(rank > 0) auto operator[](P&& places) const {
    return detail::chosen_in_view(*this, static_cast<P&&>(places));
  }
  /// Elements at places along several axes, broadcast against each other.
  template <tensor_like... P>
  requires(sizeof...(P) > 0 && sizeof...(P) <= rank) auto at(P&&... places) const {
    return detail::chosen_in_view(*this, static_cast<P&&>(places)...);
  }
  /// This view as a leaf of an expression: a copy where others than `writers` may write the buffer at any
  /// time.
  leaf captured(int writers) const {
    const bool kept = !Writable || leaf_.buffer;  // else it points into a small tensor
    return kept && leaf_.buffer.pins() <= writers ? leaf_ : detail::gathered(leaf_, rank, dtype_of<T>);
  }

  /// The elements, as a value of their own.
  auto operator+() const { return basic_tensor<T, Shape>(*this); }
  /// matrix_transpose of it.
  auto mT() const { return matrix_transpose(*this); }

  /// Writes through, after every check and with overlapping operands read first.
  template <class E, class Unit = this_unit>
  requires(Writable&& tensor_like<E>) basic_view& operator=(E&& value) {
    write<Unit>(broadcast_like(astype_same(value), outline()));
    return *this;
  }
  template <plain_number V>
  requires Writable basic_view& operator=(V value) {
    static_assert(detail::floats_fit(dtype_of<T>, &detail::dtype_of_operand<V>, 1) &&
                      detail::booleans_fit(dtype_of<T>, &detail::dtype_of_operand<V>, 1),
                  "tenon: this number cannot be an element of the slice; convert it");
    const auto number = detail::scalar_leaf<T>(value);
    detail::fill_elements(detail::access(leaf_, rank, dtype_of<T>),
                          reinterpret_cast<const std::byte*>(detail::small_leaf_at<0>(number).v));
    return *this;
  }
  template <class E, class Unit = this_unit>
  requires Writable basic_view& operator+=(E&& e) {
    write<Unit>(broadcast_like(astype_same(std::move(*this) + static_cast<E&&>(e)), outline()));
    return *this;
  }
  template <class E, class Unit = this_unit>
  requires Writable basic_view& operator-=(E&& e) {
    write<Unit>(broadcast_like(astype_same(std::move(*this) - static_cast<E&&>(e)), outline()));
    return *this;
  }
  template <class E, class Unit = this_unit>
  requires Writable basic_view& operator*=(E&& e) {
    write<Unit>(broadcast_like(astype_same(std::move(*this) * static_cast<E&&>(e)), outline()));
    return *this;
  }
  template <class E, class Unit = this_unit>
  requires Writable basic_view& operator/=(E&& e) {
    write<Unit>(broadcast_like(astype_same(std::move(*this) / static_cast<E&&>(e)), outline()));
    return *this;
  }

  template <class E, class Unit = this_unit>
  requires Writable basic_view& operator%=(E&& e) {
    write<Unit>(broadcast_like(astype_same(std::move(*this) % static_cast<E&&>(e)), outline()));
    return *this;
  }
  template <class E, class Unit = this_unit>
  requires Writable basic_view& operator&=(E&& e) {
    write<Unit>(broadcast_like(astype_same(std::move(*this) & static_cast<E&&>(e)), outline()));
    return *this;
  }
  template <class E, class Unit = this_unit>
  requires Writable basic_view& operator|=(E&& e) {
    write<Unit>(broadcast_like(astype_same(std::move(*this) | static_cast<E&&>(e)), outline()));
    return *this;
  }
  template <class E, class Unit = this_unit>
  requires Writable basic_view& operator^=(E&& e) {
    write<Unit>(broadcast_like(astype_same(std::move(*this) ^ static_cast<E&&>(e)), outline()));
    return *this;
  }
  template <class E, class Unit = this_unit>
  requires Writable basic_view& operator<<=(E&& e) {
    write<Unit>(broadcast_like(astype_same(std::move(*this) << static_cast<E&&>(e)), outline()));
    return *this;
  }
  template <class E, class Unit = this_unit>
  requires Writable basic_view& operator>>=(E&& e) {
    write<Unit>(broadcast_like(astype_same(std::move(*this) >> static_cast<E&&>(e)), outline()));
    return *this;
  }

 protected:
  /// Where an element is, in elements from the first.
  template <class... I>
  index offset(I... i) const {
    [[maybe_unused]] int axis = 0;
    index at = 0;
    ((at += detail::check_index(static_cast<index>(i), leaf_.extent[axis], axis) * leaf_.stride[axis],
      ++axis),
     ...);
    return at;
  }

 private:
  template <class E>
  static decltype(auto) astype_same(E&& value) {
    using V = typename detail::operand_types<E>::type;
    static_assert(std::is_same_v<V, T> || std::is_same_v<V, weak_number>,
                  "tenon: the value has another dtype than the slice; convert it with astype<T>(x)");
    return static_cast<E&&>(value);
  }
  /// The shape alone, of what a value is broadcast to: as a number's leaf, whose strides are 0.
  basic_view<T, Shape, false> outline() const {
    leaf l;
    std::copy_n(leaf_.extent, max_rank, l.extent);
    return basic_view<T, Shape, false>(std::move(l));
  }
  bool row_major() const {
    index step = 1;
    for (int k = rank - 1; k >= 0; --k) {
      if (leaf_.extent[k] != 1 && leaf_.stride[k] != step) return false;
      step *= leaf_.extent[k];
    }
    return true;
  }
  template <class Unit, class E>
  void write(const E& e) {
    detail::binding<Unit>& b = detail::resolve_eager<E, Unit>(e);
    detail::check_assigned(b.shape_of_output(0), leaf_, rank);
    std::byte* out = static_cast<std::byte*>(const_cast<void*>(leaf_.data));
    leaf value;
    const bool direct = row_major() && b.may_write(out, 0);
    if (!direct) {
      std::copy_n(leaf_.extent, max_rank, value.extent);
      detail::row_major(b.shape_of_output(0), value.stride);
      value.buffer = storage(size() * index(sizeof(T)));
      value.data = out = value.buffer.data();
    }
    b.place(&out);
    b.run();
    if (!direct)
      detail::copy_elements(detail::access(value, rank, dtype_of<T>),
                            detail::access(leaf_, rank, dtype_of<T>));
  }

  leaf leaf_;
};

namespace detail {
template <class T, class Shape, bool W>
struct operand_traits<basic_view<T, Shape, W>> {
  static constexpr bool is_operand = true;
  template <int>
  struct one_leaf {
    using type = expression<graph<node<slot<0, T, Shape>>>, 0, T, Shape>;
  };
  static void read(leaf& to, const basic_view<T, Shape, W>& v) { to = v.captured(0); }
  /// A temporary itself writes no more.
  static void read(leaf& to, basic_view<T, Shape, W>&& v) { to = v.captured(W ? 1 : 0); }
  template <class Block>
  requires(is_small<T, Shape>) static void read_small(Block& to, const basic_view<T, Shape, W>& v) {
    gather_small<T, Shape>(to, v.as_leaf());
  }
};

}  // namespace detail
}  // namespace tenon
