// Arrays of which only run time knows how many there are, joined at once: concat and stack of vectors.
#pragma once

#include <iterator>
#include <vector>

#include "tenon/array/tensor.hpp"
#include "tenon/ops/joining.hpp"

namespace tenon {

namespace detail {

/// What a range holds. (<ranges> would cost every unit a fifth of a second.)
template <class R>
using held_by_range = std::remove_cvref_t<decltype(*std::begin(std::declval<const R&>()))>;

/// A range of arrays, views or expressions of one type.
template <class R>
concept range_of_arrays = !tensor_like<R> && requires(const R& r) {
  std::end(r);
  requires tensor_like<held_by_range<R>>;
};

template <class R>
using part_of_range = typename operand_as<0, held_by_range<R>>::type;

template <class Before, class Shape, int Axis>
struct shape_with_axis;
template <class... B, class... D>
struct shape_with_axis<shape<B...>, shape<D...>, 0> {
  using type = shape<B..., dyn_size, D...>;
};
template <class... B, class First, class... D, int Axis>
requires(Axis > 0) struct shape_with_axis<shape<B...>, shape<First, D...>, Axis>
    : shape_with_axis<shape<B..., First>, shape<D...>, Axis - 1> {
};

/// The parts along an axis, which first gets an axis of extent 1 there where they are stacked.
template <int Axis, bool Stacked, class Shape, class R>
auto joined_range(const R& parts, const char* name) {
  using E = part_of_range<R>;
  using T = typename E::value_type;
  static_assert(
      !E::symbolic,
      "tenon: how many arrays a range holds is no constant, so they are joined at once; in a traced "
      "function give them one by one: concat<0>(a, b, c)");
  constexpr int rank = Shape::rank, own = rank - int(Stacked);
  static_assert(rank <= max_rank, "tenon: at most 8 axes");
  std::vector<leaf> held;
  std::vector<array_access> in;
  for (auto&& part : parts) held.push_back(leaf_of(part));
  if (held.empty()) throw usage_error(std::string(name) + ": expected one array or more, got an empty range");
  std::array<index, rank> shape{};
  for (std::size_t i = 0; i < held.size(); ++i) {
    array_access a = access(held[i], own, dtype_of<T>);
    for (int k = 0; k < own; ++k)
      if ((Stacked || k != Axis) && held[i].extent[k] != held[0].extent[k])
        throw shape_error(std::string(name) + ": array " + std::to_string(i) + " has the shape " +
                          describe(extents_of_leaf(held[i], own)) + ", array 0 " +
                          describe(extents_of_leaf(held[0], own)));
    if constexpr (Stacked) {
      for (int k = own; k > Axis; --k) {
        a.extent[k] = a.extent[k - 1];
        a.stride[k] = a.stride[k - 1];
      }
      a.extent[Axis] = 1;
      a.stride[Axis] = 0;
      a.rank = rank;
    }
    for (int k = 0; k < rank; ++k)
      shape[std::size_t(k)] = k == Axis ? shape[std::size_t(k)] + a.extent[k] : a.extent[k];
    in.push_back(a);
  }
  auto joined = basic_tensor<T, Shape>::uninitialised(shape);
  leaf whole = joined.lent();
  whole.data = joined.own();
  join_parts(in.data(), int(in.size()), access(whole, rank, dtype_of<T>), Axis);
  return joined;
}

}  // namespace detail

/// The arrays of a range one after the other along an axis, which becomes dynamic: concat<0>(batches), of a
/// std::vector of tensors, say, or of rows(x). They are read, and joined, at once. Throws usage_error for an
/// empty range, shape_error where their other extents differ.
template <int Axis, detail::range_of_arrays R>
auto concat(const R& parts) {
  using S = typename detail::part_of_range<R>::shape_type;
  static_assert(Axis >= -S::rank && Axis < S::rank, "tenon: concat: there is no such axis in this shape");
  constexpr int axis = Axis < 0 ? Axis + S::rank : Axis;
  return detail::joined_range<axis, false,
                              typename detail::shape_with_choice<shape<>, S, shape<dyn_size>, axis>::type>(
      parts, "concat");
}

/// The arrays of a range along a new axis, of as many: stack<0>(samples), [n] each -> [samples, n]. Else as
/// concat.
template <int Axis, detail::range_of_arrays R>
auto stack(const R& parts) {
  using S = typename detail::part_of_range<R>::shape_type;
  static_assert(Axis >= -S::rank - 1 && Axis <= S::rank, "tenon: stack: there is no such place for an axis");
  constexpr int axis = Axis < 0 ? Axis + S::rank + 1 : Axis;
  return detail::joined_range<axis, true, typename detail::shape_with_axis<shape<>, S, axis>::type>(parts,
                                                                                                    "stack");
}

}  // namespace tenon
