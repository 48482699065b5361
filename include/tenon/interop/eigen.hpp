// Eigen's matrices and arrays as operands and targets, and tensors as Eigen's maps; nothing is copied.
#pragma once

#include "tenon/array/borrow.hpp"
#include "tenon/interop/eigen_core.hpp"

namespace tenon {

namespace detail {

/// The element of tenon that has the bytes of a scalar of Eigen, and the other way round.
template <class S>
struct from_eigen_scalar {
  using type = std::conditional_t<
      element<S>, S,
      std::conditional_t<sizeof(S) == sizeof(std::int64_t) && std::is_integral_v<S>,
                         std::conditional_t<std::is_signed_v<S>, std::int64_t, std::uint64_t>,
                         S>>;  // long, long long
};
template <>
struct from_eigen_scalar<std::complex<float>> {
  using type = complex64;
};
template <>
struct from_eigen_scalar<std::complex<double>> {
  using type = complex128;
};
template <>
struct from_eigen_scalar<Eigen::half> {
  using type = float16;
};
template <>
struct from_eigen_scalar<Eigen::bfloat16> {
  using type = bfloat16;
};
template <class T>
struct to_eigen_scalar {
  using type = T;
};
template <>
struct to_eigen_scalar<complex64> {
  using type = std::complex<float>;
};
template <>
struct to_eigen_scalar<complex128> {
  using type = std::complex<double>;
};
template <>
struct to_eigen_scalar<float16> {
  using type = Eigen::half;
};
template <>
struct to_eigen_scalar<bfloat16> {
  using type = Eigen::bfloat16;
};

constexpr index eigen_extent(int n) { return n == Eigen::Dynamic ? -1 : n; }
template <int N>
using eigen_dim =
    typename std::conditional_t<N == Eigen::Dynamic, std::type_identity<dyn_size>,
                                std::type_identity<size<index(N == Eigen::Dynamic ? 0 : N)>>>::type;

/// [n] of what Eigen knows to be a vector, else [rows, columns].
template <class M>
struct eigen_shape {
  static constexpr bool vector = M::IsVectorAtCompileTime;
  static constexpr int length = M::SizeAtCompileTime;
  using type = typename std::conditional_t<
      vector, std::type_identity<shape<eigen_dim<length>>>,
      std::type_identity<shape<eigen_dim<M::RowsAtCompileTime>, eigen_dim<M::ColsAtCompileTime>>>>::type;
};

template <bool Writable, class M>
auto borrow_eigen(const M& m) {
  static_assert((M::Flags & Eigen::DirectAccessBit) != 0,
                "tenon: this expression of Eigen has no memory of its own; evaluate it into a matrix first");
  using T = typename from_eigen_scalar<typename M::Scalar>::type;
  static_assert(element<T>, "tenon: memory of this type cannot be borrowed; it is no dtype of tenon");
  using S = typename eigen_shape<M>::type;
  const index rows = m.rows(), columns = m.cols();
  const index inner = m.innerStride(), outer = m.outerStride();
  const index extent[2] = {S::rank == 1 ? rows * columns : rows, columns};
  const index stride[2] = {S::rank == 1 ? inner : (M::IsRowMajor ? outer : inner),
                           M::IsRowMajor ? inner : outer};
  using P = std::conditional_t<Writable, T*, const T*>;
  const auto* data = reinterpret_cast<const T*>(m.data());
  return borrowed<std::remove_pointer_t<P>, S>(const_cast<P>(data), extent, stride);
}

template <class M>
concept eigen_dense = std::is_base_of_v<Eigen::DenseBase<std::remove_cv_t<M>>, std::remove_cv_t<M>>;
/// Matrices and arrays that own their elements; and Ref to const, which may hold a copy of its own.
template <class M>
inline constexpr bool owns_elements = std::is_base_of_v<Eigen::PlainObjectBase<M>, M>;
template <class P, int O, class S>
inline constexpr bool owns_elements<Eigen::Ref<const P, O, S>> = true;

/// How Eigen lays out [n] and [rows, columns] of a tensor.
template <class T, class Shape>
struct eigen_plain;
template <class T, class D>
struct eigen_plain<T, shape<D>> {
  static constexpr int rows = static_size<D> < 0 ? Eigen::Dynamic : int(static_size<D>);
  using type = Eigen::Matrix<typename to_eigen_scalar<T>::type, rows, 1>;
};
template <class T, class R, class C>
struct eigen_plain<T, shape<R, C>> {
  static constexpr int rows = static_size<R> < 0 ? Eigen::Dynamic : int(static_size<R>);
  static constexpr int columns = static_size<C> < 0 ? Eigen::Dynamic : int(static_size<C>);
  static constexpr bool column = columns == 1 && rows != 1;  // Eigen has no row-major column
  using type = Eigen::Matrix<typename to_eigen_scalar<T>::type, rows, columns,
                             column ? Eigen::ColMajor : Eigen::RowMajor>;
};
template <class T, class Shape>
concept eigen_fits = (Shape::rank == 1 || Shape::rank == 2);

template <class Map, class T>
Map eigen_map(T* data, const std::array<index, 1>& extent) {
  return Map(reinterpret_cast<typename Map::PointerType>(data), extent[0]);
}
template <class Map, class T>
Map eigen_map(T* data, const std::array<index, 2>& extent) {
  return Map(reinterpret_cast<typename Map::PointerType>(data), extent[0], extent[1]);
}

}  // namespace detail

/// An Eigen matrix, array, map, block or Ref, whatever its order and strides: [rows, columns], or [n] of a
/// vector. It is read, and where it is not const written, in place; an object that owns its elements must
/// have a name.
template <detail::eigen_dense M>
auto borrow(M& m) {
  constexpr bool writable = !std::is_const_v<M> && (std::remove_const_t<M>::Flags & Eigen::LvalueBit) != 0;
  return detail::borrow_eigen<writable>(m);
}
template <detail::eigen_dense M>
requires(!std::is_lvalue_reference_v<M> &&
         !detail::owns_elements<std::remove_const_t<M>>) auto borrow(M&& m) {
  return detail::borrow_eigen<(M::Flags & Eigen::LvalueBit) != 0>(m);
}
template <detail::eigen_dense M>
requires(detail::owns_elements<std::remove_const_t<M>>) void borrow(const M&& m) = delete;  // about to go

/// A tensor of one or two axes as an Eigen map, a vector or a row-major matrix, for as long as the tensor
/// lives and is not assigned to.
template <class T, class Shape>
requires detail::eigen_fits<T, Shape>
auto as_eigen(const basic_tensor<T, Shape>& t) {
  using map = Eigen::Map<const typename detail::eigen_plain<T, Shape>::type>;
  return detail::eigen_map<map>(t.data(), t.shape());
}
/// The same to write through: from here on copies of the tensor are made at once, as with data().
template <class T, class Shape>
requires detail::eigen_fits<T, Shape>
auto as_eigen(basic_tensor<T, Shape>& t) {
  using map = Eigen::Map<typename detail::eigen_plain<T, Shape>::type>;
  return detail::eigen_map<map>(t.data(), t.shape());
}
template <class T, class Shape>
void as_eigen(const basic_tensor<T, Shape>&& t) = delete;  // its elements are about to go

}  // namespace tenon
