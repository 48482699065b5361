// Memory of others as arrays: read without a copy, and written through.
//
// A borrowed array is the one kind of operand that does not keep its elements alive: the memory must outlive
// every expression that reads it. Expressions read it when they are evaluated, not when they are written;
// those of small arrays alone (core/small.hpp) hold their elements, and read them when they are written.
#pragma once

#include <iterator>
#include <span>

#include "tenon/array/create.hpp"

namespace tenon {

/// Elements in memory of others under any strides. A handle: copies mean the same elements, and assigning to
/// a writable one writes them, after every check and with overlapping operands read first.
template <element T, class Shape, bool Writable>
class basic_borrow : public basic_view<T, Shape, Writable> {
  using view = basic_view<T, Shape, Writable>;

 public:
  using pointer = std::conditional_t<Writable, T*, const T*>;
  using reference = std::conditional_t<Writable, T&, const T&>;

  explicit basic_borrow(leaf l) : view(std::move(l)) {}
  basic_borrow(const basic_borrow&) = default;
  basic_borrow& operator=(const basic_borrow& other) requires Writable {
    view::operator=(static_cast<const view&>(other));
    return *this;
  }
  using view::operator=;

  /// The first element; others are `stride(axis)` elements apart.
  pointer data() const { return static_cast<pointer>(const_cast<void*>(this->as_leaf().data)); }
  index stride(int axis) const { return this->as_leaf().stride[detail::check_axis(axis, view::rank)]; }
  template <std::integral... I>
  requires(sizeof...(I) == view::rank) reference operator()(I... i) const {
    return data()[this->offset(i...)];
  }
  /// A part, with indices as a tensor's slice takes them.
  template <class... I>
  requires(detail::sliced_axes<I...> <= view::rank) auto slice(const I&... which) const {
    if constexpr (detail::chooses<I...>) {
      return view::slice(which...);
    } else {
      using S = typename detail::sliced_shape<shape<>, Shape, I...>::type;
      return basic_borrow<T, S, Writable>(
          detail::slice_leaf(this->as_leaf(), view::rank, int(sizeof(T)), which...));
    }
  }
  auto operator[](index i) const requires(view::rank > 0) { return slice(i); }
  template <tensor_like P>
  requires(view::rank > 0) auto operator[](P&& places) const {
    return view::operator[](static_cast<P&&>(places));
  }
};

namespace detail {

template <class T, class Shape, bool W>
struct operand_traits<basic_borrow<T, Shape, W>> : operand_traits<basic_view<T, Shape, W>> {
  static void read(leaf& to, const basic_borrow<T, Shape, W>& v) { to = v.as_leaf(); }
};

/// Throws where memory of others cannot be what it is said to be. Null strides: row-major.
TENON_NOINLINE inline void set_borrowed(leaf& l, const void* data, const index* extent, const index* stride,
                                        int rank, dtype type, std::size_t alignment, bool writable) {
  const auto text = [&](const index* n) {
    std::string line = "[";
    for (int k = 0; k < rank; ++k) line += (k > 0 ? ", " : "") + std::to_string(n[k]);
    return line + "]";
  };
  constexpr index most = index(1) << 60;
  bool empty = false;
  index step = 1, reach = size_of(type);  // bytes from the lowest element to behind the highest
  for (int k = rank - 1; k >= 0; --k) {
    if (extent[k] < 0) throw shape_error("borrow: the shape " + text(extent) + " has a negative extent");
    l.extent[k] = extent[k];
    l.stride[k] = stride != nullptr ? stride[k] : step;
    const index far = l.stride[k] < 0 ? -(l.stride[k] + 1) : l.stride[k];  // no overflow at the least index
    if (extent[k] > 1 && (far > most / extent[k] / size_of(type) ||
                          (reach += (far + 1) * size_of(type) * (extent[k] - 1)) > most))
      throw shape_error("borrow: an array of shape " + text(extent) + " under strides " + text(l.stride) +
                        " is larger than what can be addressed");
    if (extent[k] > 0 && step > most / extent[k])
      throw shape_error("borrow: an array of shape " + text(extent) +
                        " is larger than what can be addressed");
    if (extent[k] > 0) step *= extent[k];
    empty = empty || extent[k] == 0;
  }
  if (data == nullptr && !empty)
    throw usage_error("borrow: a null pointer with the shape " + text(extent) + ", expected 0 elements");
  if (reinterpret_cast<std::uintptr_t>(data) % alignment != 0)
    throw usage_error("borrow: memory of " + std::string(name_of(type)) +
                      " at an address that is no multiple of " + std::to_string(alignment));
  for (int k = 0; k < rank && writable && !empty; ++k)
    if (l.extent[k] > 1 && l.stride[k] == 0)
      throw usage_error("borrow: axis " + std::to_string(k) + " of shape " + text(extent) +
                        " has stride 0, so elements to write share memory; borrow a pointer to const");
  l.data = data;
}

template <class T, class Shape>
auto borrowed(T* data, const index* extent, const index* stride) {
  using V = std::remove_const_t<T>;
  static_assert(element<V>, "tenon: memory of this type cannot be borrowed; it is no dtype of tenon");
  static_assert(Shape::rank <= max_rank, "tenon: at most 8 axes");
  leaf l;
  set_borrowed(l, data, extent, stride, Shape::rank, dtype_of<V>, alignof(V), !std::is_const_v<T>);
  return basic_borrow<V, Shape, !std::is_const_v<T>>(std::move(l));
}

template <int Rank, extent... E>
using borrowed_shape = typename std::conditional_t<sizeof...(E) == 0, dynamic_shape<Rank>,
                                                   std::type_identity<shape_of_extents<E...>>>::type;

/// Sizes given at run time against the static extents of a type.
template <class... D>
void check_given(const index* given, shape<D...>) {
  const index fixed[] = {static_size<D>..., 0};
  for (std::size_t k = 0; k < sizeof...(D); ++k)
    if (fixed[k] >= 0 && fixed[k] != given[k])
      throw shape_error("borrow: expected extent " + std::to_string(fixed[k]) + " on axis " +
                        std::to_string(k) + ", got " + std::to_string(given[k]));
}

/// Extents of `count` elements: those given, or one open extent that follows from the others.
template <class... D, class... N>
std::array<index, sizeof...(D)> extents_for(index count, const char* what, shape<D...>, N... sizes) {
  constexpr int open = ((static_size<D> < 0 ? 1 : 0) + ... + 0);
  std::array<index, sizeof...(D)> e{};
  if constexpr (open == 1 && sizeof...(N) == 0) {
    constexpr index rest = ((static_size<D> < 0 ? index(1) : static_size<D>)*... * index(1));
    e = {(static_size<D> < 0 ? (rest == 0 ? index(0) : count / (rest == 0 ? 1 : rest)) : static_size<D>)...};
  } else {
    e = filled_extents<shape<D...>>::make(sizes...);
  }
  index total = 1;
  bool fits = true;
  for (const index n : e) {
    fits = fits && n >= 0 && (n == 0 || total <= std::numeric_limits<index>::max() / n);
    if (fits) total *= n;
  }
  if (!fits || total != count) {
    extents shape;
    for (const index n : e) shape[shape.rank++] = {dyn_code, n};
    throw shape_error(std::string(what) + ": " + std::to_string(count) + " elements do not fill the shape " +
                      describe(shape));
  }
  return e;
}

/// What std::data and std::size say all of; no matrices of others, whose strides these do not tell.
template <class R>
concept counted_elements = !tensor_like<R> && !requires(R & r) {
  r.cols();
}
&&requires(R& r) {
  *std::data(r);
  std::size(r);
};
template <class R>
concept contiguous_elements =
    counted_elements<R> && element<std::remove_cvref_t<decltype(*std::data(std::declval<R&>()))>>;

template <class R>
inline constexpr index fixed_size = -1;
template <class T, std::size_t N>
inline constexpr index fixed_size<std::array<T, N>> = static_cast<index>(N);
template <class T, std::size_t N>
inline constexpr index fixed_size<std::span<T, N>> = N == std::dynamic_extent ? -1 : static_cast<index>(N);

template <class R>
inline constexpr bool is_span = false;
template <class T, std::size_t N>
inline constexpr bool is_span<std::span<T, N>> = true;

template <class R, extent... E>
struct shape_of_range {
  using type = borrowed_shape<1, E...>;
};
template <class R>
requires(fixed_size<std::remove_const_t<R>> >= 0) struct shape_of_range<R> {
  using type = shape<size<fixed_size<std::remove_const_t<R>>>>;
};

}  // namespace detail

/// Row-major elements at a pointer, with extents as for zeros: borrow(p, 3, 4), borrow<"batch", 784>(p, 32).
/// Through a pointer to const they are read only. shape_error for a negative extent or sizes that cannot be
/// addressed; usage_error for null with elements, or a pointer that is not aligned for T.
template <extent... E, class T, std::integral... N>
auto borrow(T* data, N... sizes) {
  static_assert(sizeof...(E) + sizeof...(N) > 0,
                "tenon: say how many elements are borrowed: borrow(pointer, n)");
  using S = detail::borrowed_shape<int(sizeof...(N)), E...>;
  const auto e = detail::filled_extents<S>::make(sizes...);
  return detail::borrowed<T, S>(data, e.data(), nullptr);
}

/// The same under strides, in elements and perhaps negative, `data` being the element at 0, ..., 0:
/// borrow(p, {3, 4}, {8, 2}). usage_error also where elements to write share memory by a stride of 0.
template <extent... E, class T, std::size_t Rank>
auto borrow(T* data, const index (&shape)[Rank], const index (&strides)[Rank]) {
  static_assert(sizeof...(E) == 0 || sizeof...(E) == Rank, "tenon: give a size and a stride for each extent");
  using S = detail::borrowed_shape<int(Rank), E...>;
  detail::check_given(shape, S{});
  return detail::borrowed<T, S>(data, shape, strides);
}
template <extent... E, class T, std::size_t Rank>
auto borrow(T* data, const std::array<index, Rank>& shape, const std::array<index, Rank>& strides) {
  static_assert(sizeof...(E) == 0 || sizeof...(E) == Rank, "tenon: give a size and a stride for each extent");
  using S = detail::borrowed_shape<int(Rank), E...>;
  detail::check_given(shape.data(), S{});
  return detail::borrowed<T, S>(data, shape.data(), strides.data());
}

/// The elements of a named std::vector, std::array, or of a std::span: [n], or the extents given, of which
/// one may be open: borrow<dyn, 3>(v). Read only where the elements are const. shape_error where they do not
/// fill the shape.
template <extent... E, detail::contiguous_elements R, std::integral... N>
auto borrow(R& r, N... sizes) {
  using S = typename detail::shape_of_range<R, E...>::type;
  const auto e = detail::extents_for(static_cast<index>(std::size(r)), "borrow", S{}, sizes...);
  return detail::borrowed<std::remove_pointer_t<decltype(std::data(r))>, S>(std::data(r), e.data(), nullptr);
}
template <extent... E, detail::contiguous_elements R, std::integral... N>
requires(!detail::is_span<R>) void borrow(const R&& r, N... sizes) = delete;  // its elements are about to go
template <extent... E, class T, std::size_t Count, std::integral... N>
requires element<std::remove_const_t<T>>
auto borrow(std::span<T, Count>&& r, N... sizes) { return borrow<E...>(r, sizes...); }

}  // namespace tenon
