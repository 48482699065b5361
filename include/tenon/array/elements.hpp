// Tensors and the standard library: from ranges, to vectors, and row by row.
#pragma once

#include <iterator>
#include <vector>

#include "tenon/array/borrow.hpp"

namespace tenon {

namespace detail {

template <class R>
concept iterable = requires(R& r) {
  std::begin(r);
  std::end(r);
};
/// How many ranges are inside each other before numbers come.
template <class R>
inline constexpr int nesting = 0;
template <iterable R>
requires(!plain_number<R>) inline constexpr int nesting<R> =
    1 + nesting<std::remove_cvref_t<decltype(*std::begin(std::declval<R&>()))>>;

/// Appends the numbers of a range, and checks or notes how many there are on each axis.
template <class T, int Axis, class R>
void collect(R& from, index* extent, std::vector<T>& to) {
  index n = 0;
  for (auto&& v : from) {
    if constexpr (nesting < R >> 1)
      collect<T, Axis + 1>(v, extent, to);
    else
      to.push_back(static_cast<T>(v));
    ++n;
  }
  if (extent[Axis] >= 0 && extent[Axis] != n)
    throw shape_error("from_range: the ranges on axis " + std::to_string(Axis) + " hold " +
                      std::to_string(extent[Axis]) + " and " + std::to_string(n) +
                      " elements, expected one number of them");
  extent[Axis] = n;
}
template <class T>
struct bit_or_value {  // std::vector<bool> has no bools
  using type = std::conditional_t<std::is_same_v<T, bool>, unsigned char, T>;
};

}  // namespace detail

/// The numbers of a range, converted to T: from_range<float>(v) is [n]; of ranges in ranges, [m, n] and so
/// on. Extents may be given, of which one may be open, or sizes for those that are: from_range<float, dyn,
/// 3>(v) takes a flat range. shape_error where ranges inside differ in length or the numbers do not fill the
/// shape.
template <element T, extent... E, detail::iterable R, std::integral... N>
auto from_range(R&& range, N... sizes) {
  constexpr int depth = detail::nesting<std::remove_reference_t<R>>;
  using S = detail::borrowed_shape<depth, E...>;
  index extent[depth + 1];
  std::fill_n(extent, depth + 1, index(-1));
  std::vector<typename detail::bit_or_value<T>::type> numbers;
  if constexpr (requires { std::size(range); })
    if constexpr (depth == 1) numbers.reserve(static_cast<std::size_t>(std::size(range)));
  detail::collect<typename detail::bit_or_value<T>::type, 0>(range, extent, numbers);
  std::array<index, S::rank> e{};
  if constexpr (sizeof...(E) == 0 || (S::rank == depth && depth > 1)) {
    static_assert(sizeof...(N) == 0, "tenon: these extents follow from the ranges; give no sizes");
    for (int k = 0; k < depth; ++k) e[std::size_t(k)] = extent[k] < 0 ? 0 : extent[k];
  } else {
    static_assert(depth == 1, "tenon: a range of ranges has as many axes as it is deep");
    e = detail::extents_for(static_cast<index>(numbers.size()), "from_range", S{}, sizes...);
  }
  auto t = basic_tensor<T, S>::uninitialised(e);
  T* const to = t.own();
  for (std::size_t i = 0; i < numbers.size(); ++i) to[i] = static_cast<T>(numbers[i]);
  return t;
}

/// The elements of a tensor, view or expression in row-major order.
template <tensor_like X, class Unit = this_unit>
auto to_vector(const X& x) {
  const auto t = eval<const X&, Unit>(x);
  return std::vector<typename decltype(t)::value_type>(t.cbegin(), t.cend());
}

namespace detail {

/// The parts x[0], x[1], ... of an array: views, made as they are asked for.
template <class Array>
class row_range {
 public:
  class iterator {
   public:
    using value_type = decltype(std::declval<Array&>()[0]);
    using reference = value_type;
    using difference_type = index;
    using iterator_category = std::input_iterator_tag;
    iterator() = default;
    iterator(Array* x, index at) : x_(x), at_(at) {}
    value_type operator*() const { return (*x_)[at_]; }
    iterator& operator++() {
      ++at_;
      return *this;
    }
    iterator operator++(int) { return {x_, at_++}; }
    bool operator==(const iterator& other) const { return at_ == other.at_; }
    index operator-(const iterator& other) const { return at_ - other.at_; }

   private:
    Array* x_ = nullptr;
    index at_ = 0;
  };
  explicit row_range(Array* x) : x_(x) {}
  iterator begin() const { return {x_, 0}; }
  iterator end() const { return {x_, size()}; }
  index size() const { return x_->extent(0); }

 private:
  Array* x_;
};
/// The same, of an array held here.
template <class Array>
class held_row_range {
 public:
  explicit held_row_range(const Array& x) : x_(x) {}
  auto begin() const { return row_range<const Array>(&x_).begin(); }
  auto end() const { return row_range<const Array>(&x_).end(); }
  index size() const { return x_.extent(0); }

 private:
  Array x_;
};

}  // namespace detail

/// The parts along axis 0, one after the other: for (auto row : rows(x)) row = row * 2.f. Views: read, they
/// are values; those of a tensor that is not const write through. The tensor must outlive the loop; of a
/// temporary, of a view and of borrowed memory, the range keeps its own handle.
template <class T, class Shape>
requires(Shape::rank > 0) auto rows(basic_tensor<T, Shape>& x) {
  return detail::row_range<basic_tensor<T, Shape>>(&x);
}
template <class T, class Shape>
requires(Shape::rank > 0) auto rows(const basic_tensor<T, Shape>& x) {
  return detail::row_range<const basic_tensor<T, Shape>>(&x);
}
template <class T, class Shape>
requires(Shape::rank > 0) auto rows(basic_tensor<T, Shape>&& x) {
  return detail::held_row_range<basic_tensor<T, Shape>>(x);
}
template <class T, class Shape, bool W>
requires(Shape::rank > 0) auto rows(const basic_view<T, Shape, W>& x) {
  return detail::held_row_range<basic_view<T, Shape, W>>(x);
}

}  // namespace tenon
