// Shapes that come from values: reshaping and broadcasting to sizes that are written out, rows and coordinates of
// as many, repeating by counts.
#pragma once

#include "tenon/array/create.hpp"
#include "tenon/ops/flat_places.hpp"
#include "tenon/ops/indexing.hpp"
#include "tenon/ops/one_hot.hpp"
#include "tenon/ops/repeating.hpp"

namespace tenon {

namespace detail {
/// An array of any shape that has one byte: what broadcasts to a shape that is written out.
template <class Shape>
auto shape_leaf(const std::array<index, std::size_t(Shape::rank)>& e) {
  static const bool one[1] = {false};
  expression<graph<node<slot<0, bool, Shape>>>, 0, bool, Shape> r;
  leaf l;
  l.data = one;
  for (int k = 0; k < Shape::rank; ++k) {
    l.extent[k] = e[std::size_t(k)];
    l.stride[k] = 0;
  }
  set_leaf(r, 0, std::move(l));
  return r;
}

/// The same of sizes that are given, which are not negative.
template <class Shape, class... N>
auto shape_leaf_of(const char* name, N... sizes) {
  const auto e = filled_extents<Shape>::make(sizes...);
  for (const index n : e)
    if (n < 0) throw shape_error(std::string(name) + ": the size " + std::to_string(n) + " is negative");
  return shape_leaf<Shape>(e);
}
/// Sizes of a reshape in which -1 stands for what the others leave of `count` elements.
template <class Shape, class... N>
auto inferred_shape_leaf(index count, N... sizes) {
  auto e = filled_extents<Shape>::make(sizes...);
  index others = 1, *open = nullptr;
  for (index& n : e)
    if (n == -1 && open == nullptr)
      open = &n;
    else
      others *= n < 0 ? 0 : n;
  if (open != nullptr && others > 0) *open = count / others;  // what is left over, the reshape finds
  for (const index n : e)
    if (n < 0)
      throw shape_error("reshape: the size " + std::to_string(n) +
                        " is negative; one size may be -1, where the others are not 0");
  return shape_leaf<Shape>(e);
}
}  // namespace detail

/// x, broadcast to extents: broadcast_to<2, 3>(x), broadcast_to<dyn, 3>(x, n), broadcast_to<"batch", 3>(x,
/// n). Sizes stand for the extents that are not static.
template <extent... E, class X, std::integral... N>
requires(sizeof...(E) > 0 && operands<X, tensor<bool>>) auto broadcast_to(X&& x, N... sizes) {
  using S = shape_of_extents<E...>;
  return broadcast_like(static_cast<X&&>(x), detail::shape_leaf_of<S>("broadcast_to", sizes...));
}

/// x's elements in row-major order under a shape whose sizes run time knows: reshape<dyn, dyn>(x, 3, 4),
/// reshape<"batch", 28, 28>(x, n). Sizes stand for the extents that are not static. Of a tensor or view one
/// size may be -1, and follows from the others; of an expression, leave one extent open: reshape<dyn, 4>(x).
template <extent... E, class X, std::integral... N>
requires(sizeof...(E) > 0 && sizeof...(N) > 0 && operands<X, tensor<bool>>) auto reshape(X&& x, N... sizes) {
  using S = shape_of_extents<E...>;
  if constexpr (requires { x.size(); })
    return reshape_like(static_cast<X&&>(x), detail::inferred_shape_leaf<S>(x.size(), sizes...));
  else
    return reshape_like(static_cast<X&&>(x), detail::shape_leaf_of<S>("reshape", sizes...));
}

/// one_hot<N> with a length of rows that run time knows: one_hot<float>(labels, n). Throws usage_error for n
/// < 0.
template <element T = float, tensor_like Labels>
auto one_hot(Labels&& labels, index n) {
  if (n < 0) throw usage_error("one_hot: rows of " + std::to_string(n) + " elements");
  return detail::label_rows<T>(detail::as_expression<0>(static_cast<Labels&&>(labels)),
                               detail::shape_leaf<shape<dyn_size>>({n}));
}

/// unravel_index in a shape that is given: unravel_index(places, x.shape()), or written out as for
/// broadcast_to: unravel_index<3, 4>(places), unravel_index<dyn, 4>(places, n).
template <tensor_like P, std::size_t R>
auto unravel_index(P&& places, const std::array<index, R>& shape) {
  return unravel_index(static_cast<P&&>(places),
                       shape_of(detail::shape_leaf<typename detail::dynamic_shape<int(R)>::type>(shape)));
}
template <extent... E, tensor_like P, std::integral... N>
requires(sizeof...(E) > 0) auto unravel_index(P&& places, N... sizes) {
  using S = shape_of_extents<E...>;
  return unravel_index(static_cast<P&&>(places),
                       shape_of(detail::shape_leaf_of<S>("unravel_index", sizes...)));
}
/// The same for ravel_multi_index.
template <tensor_like P, std::size_t R>
auto ravel_multi_index(P&& coordinates, const std::array<index, R>& shape) {
  return ravel_multi_index(static_cast<P&&>(coordinates),
                           shape_of(detail::shape_leaf<typename detail::dynamic_shape<int(R)>::type>(shape)));
}
template <extent... E, tensor_like P, std::integral... N>
requires(sizeof...(E) > 0) auto ravel_multi_index(P&& coordinates, N... sizes) {
  using S = shape_of_extents<E...>;
  return ravel_multi_index(static_cast<P&&>(coordinates),
                           shape_of(detail::shape_leaf_of<S>("ravel_multi_index", sizes...)));
}

namespace detail {
/// Place i of n as often as counts[i] says. Throws index_error for a negative count.
template <class Counts>
tensor<std::int64_t, dyn> repeated_places(const Counts& counts, index n) {
  const auto c = eval(counts);
  static_assert(decltype(c)::rank == 1, "tenon: repeat takes one count for each element of the axis");
  if (c.size() != n && c.size() != 1)
    throw shape_error("repeat: " + std::to_string(c.size()) + " counts for an axis of extent " +
                      std::to_string(n));
  index total = 0;
  for (index i = 0; i < n; ++i) {
    const index k = static_cast<index>(c.data()[c.size() == 1 ? 0 : i]);
    if (k < 0) throw index_error("repeat: the count " + std::to_string(k) + " at place " + std::to_string(i));
    total += k;
  }
  auto r = tensor<std::int64_t, dyn>::uninitialised({total});
  std::int64_t* to = r.own();
  for (index i = 0; i < n; ++i)
    for (index k = static_cast<index>(c.data()[c.size() == 1 ? 0 : i]); k > 0; --k) *to++ = i;
  return r;
}

}  // namespace detail

/// Elements along an axis as often as an array of counts says, which is read now: repeat(x, counts, axis<0>).
/// Throws shape_error where there is not one count per element, index_error for a negative one.
template <tensor_like X, tensor_like C, int A>
auto repeat(X&& x, const C& counts, axes_t<A>) {
  constexpr int at = detail::chosen_axis<A, X>();
  static_assert(!decltype(detail::as_expression<0>(static_cast<X&&>(x)))::symbolic,
                "tenon: repeat with an array of counts has an extent that only values know; in a traced "
                "function give take the places instead");
  auto e = detail::as_expression<0>(static_cast<X&&>(x));
  const index n = detail::evaluated_leaf<decltype(e), this_unit>(e).extent[at];
  return take<at>(e, detail::repeated_places(counts, n));
}

}  // namespace tenon
