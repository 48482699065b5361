// std::mdspan, and classes like it, as operands and targets; tensors as std::mdspan where the library has it.
#pragma once

#include <version>

#include "tenon/array/borrow.hpp"

#if defined(__cpp_lib_mdspan)
#include <mdspan>
#endif

namespace tenon {

namespace detail {

/// What std::mdspan offers: a pointer, and an extent and a stride in elements for each axis.
template <class M>
concept mdspan_like = !tensor_like<M> && requires(const M& m, std::size_t k) {
  { M::rank() } -> std::convertible_to<std::size_t>;
  { M::static_extent(k) } -> std::convertible_to<std::size_t>;
  { *m.data_handle() } -> std::convertible_to<const std::remove_cvref_t<decltype(*m.data_handle())>&>;
  { m.extents().extent(k) } -> std::convertible_to<index>;
  { m.stride(k) } -> std::convertible_to<index>;
}
&&std::is_pointer_v<decltype(std::declval<const M&>().data_handle())>;

template <class M, class = std::make_index_sequence<M::rank()>>
struct mdspan_shape;
template <class M, std::size_t... K>
struct mdspan_shape<M, std::index_sequence<K...>> {
  static constexpr std::size_t open = static_cast<std::size_t>(-1);  // std::dynamic_extent
  template <std::size_t N>
  using dim = typename std::conditional_t<N == open, std::type_identity<dyn_size>,
                                          std::type_identity<size<index(N == open ? 0 : N)>>>::type;
  using type = shape<dim<M::static_extent(K)>...>;
};

}  // namespace detail

/// The elements of an mdspan, under any layout that has strides; read only where they are const.
template <detail::mdspan_like M>
auto borrow(const M& m) {
  using S = typename detail::mdspan_shape<M>::type;
  index extent[S::rank + 1]{}, stride[S::rank + 1]{};
  for (std::size_t k = 0; k < M::rank(); ++k) {
    extent[k] = static_cast<index>(m.extents().extent(static_cast<decltype(M::rank())>(k)));
    stride[k] = static_cast<index>(m.stride(static_cast<decltype(M::rank())>(k)));
  }
  return detail::borrowed<std::remove_pointer_t<decltype(m.data_handle())>, S>(m.data_handle(), extent,
                                                                               stride);
}

#if defined(__cpp_lib_mdspan)
namespace detail {
template <class Shape>
struct mdspan_extents;
template <class... D>
struct mdspan_extents<shape<D...>> {
  using type =
      std::extents<index, (static_size<D> < 0 ? std::dynamic_extent : std::size_t(static_size<D>))...>;
};
}  // namespace detail

/// A tensor as an mdspan, for as long as it lives and is not assigned to. Of a tensor that is not const, to
/// write through: from here on its copies are made at once, as with data().
template <class T, class Shape>
auto as_mdspan(const basic_tensor<T, Shape>& t) {
  return std::mdspan<const T, typename detail::mdspan_extents<Shape>::type>(t.data(), t.shape());
}
template <class T, class Shape>
auto as_mdspan(basic_tensor<T, Shape>& t) {
  return std::mdspan<T, typename detail::mdspan_extents<Shape>::type>(t.data(), t.shape());
}
template <class T, class Shape>
void as_mdspan(const basic_tensor<T, Shape>&& t) = delete;  // its elements are about to go
#endif

}  // namespace tenon
