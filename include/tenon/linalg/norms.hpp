// Norms of vectors and matrices, and condition numbers.
#pragma once

#include "tenon/linalg/svd.hpp"
#include "tenon/ops/exponential.hpp"
#include "tenon/ops/rounding.hpp"
#include "tenon/ops/statistics.hpp"

namespace tenon::linalg {

/// Norms that are no number: matrix_norm<ord::nuclear>(x).
enum class ord { frobenius, nuclear, inf, minus_inf };

namespace detail {

/// What the order of a norm is, a number or one of `ord`.
template <auto Ord, auto What>
constexpr bool is_ord() {
  if constexpr (std::is_same_v<decltype(Ord), decltype(What)>)
    return Ord == What;
  else
    return false;
}
template <class... How>
concept norm_options = tenon::detail::reduction_asked<How...>;

inline constexpr index infinity_bits = std::bit_cast<index>(std::numeric_limits<double>::infinity());

template <auto Ord, class V>
constexpr auto matrix_norm_of(const V& v) {
  if constexpr (is_ord<Ord, ord::frobenius>())
    return norm(v, axes<-2, -1>);
  else if constexpr (is_ord<Ord, ord::nuclear>())
    return sum(svdvals(v), axis<-1>);
  else if constexpr (is_ord<Ord, ord::inf>())
    return max(sum(abs(v), axis<-1>), axis<-1>);
  else if constexpr (is_ord<Ord, ord::minus_inf>())
    return min(sum(abs(v), axis<-1>), axis<-1>);
  else if constexpr (is_ord<Ord, 1>())
    return max(sum(abs(v), axis<-2>), axis<-1>);
  else if constexpr (is_ord<Ord, -1>())
    return min(sum(abs(v), axis<-2>), axis<-1>);
  else if constexpr (is_ord<Ord, 2>())
    return max(svdvals(v), axis<-1>);
  else if constexpr (is_ord<Ord, -2>())
    return min(svdvals(v), axis<-1>);
  else
    static_assert(is_ord<Ord, 2>(), "tenon: matrix norms are of order 1, -1, 2, -2 or one of linalg::ord");
}

}  // namespace detail

/// The norm of each matrix: [..., m, n] -> [...], or [..., 1, 1] with keepdims. Ord is ord::frobenius,
/// ord::nuclear (the sum of singular values), 2 or -2 (the greatest, the least), 1 or -1 (the greatest, the
/// least sum of magnitudes in a column), ord::inf or ord::minus_inf (in a row).
template <auto Ord = ord::frobenius, tensor_like A>
constexpr auto matrix_norm(A&& a) {
  static_assert(detail::rank_of_operand<A> >= 2, "tenon: linalg::matrix_norm takes matrices, [..., m, n]");
  return call([](auto v) { return detail::matrix_norm_of<Ord>(v); }, static_cast<A&&>(a));
}
template <auto Ord = ord::frobenius, tensor_like A>
constexpr auto matrix_norm(A&& a, keepdims_t) {
  return expand_dims<-1>(expand_dims<-1>(matrix_norm<Ord>(static_cast<A&&>(a))));
}

/// The norm of vectors along axes (all elements, where none are given): vector_norm(x, axis<-1>, keepdims).
/// Ord is an integer p, (sum |x|^p)^(1/p), 0 counting what is not 0; or ord::inf, ord::minus_inf, the
/// greatest and the least magnitude.
template <auto Ord = 2, tensor_like X, class... How>
requires detail::norm_options<How...>
constexpr auto vector_norm(X&& x, How... how) {
  if constexpr (detail::is_ord<Ord, ord::inf>()) {
    return tenon::detail::reduce_with<max_op, How...>(abs(static_cast<X&&>(x)));
  } else if constexpr (detail::is_ord<Ord, ord::minus_inf>()) {
    return tenon::detail::reduce_with<min_op, How...>(abs(static_cast<X&&>(x)));
  } else {
    static_assert(std::is_same_v<decltype(Ord), int>,
                  "tenon: vector norms are of integer order, ord::inf or ord::minus_inf");
    if constexpr (Ord == 0)
      return astype<detail::element_type<X>>(count_nonzero(static_cast<X&&>(x), how...));
    else if constexpr (Ord == 1 || Ord == 2)
      return norm<Ord>(static_cast<X&&>(x), how...);
    else
      return pow(tenon::detail::reduce_with<sum_op, How...>(pow(abs(static_cast<X&&>(x)), constant<Ord>)),
                 tenon::detail::constant_of_bits<tenon::detail::bits_of(1.0 / Ord)>);
  }
}

/// The condition number |A| |A^-1| of each matrix, [..., m, n] -> [...]; of square ones where Ord is not 2 or
/// -2. inf where the matrix is singular.
template <auto Ord = 2, tensor_like A>
constexpr auto cond(A&& a) {
  static_assert(detail::rank_of_operand<A> >= 2, "tenon: linalg::cond takes matrices, [..., m, n]");
  constexpr bool spectral = detail::is_ord<Ord, 2>() || detail::is_ord<Ord, -2>();
  static_assert(spectral || detail::may_be_square<A>(),
                "tenon: linalg::cond takes square matrices, [..., n, n], where the order is not 2 or -2");
  return call(
      [](auto v) {
        constexpr auto infinite = tenon::detail::constant_of_bits<detail::infinity_bits>;
        if constexpr (spectral) {
          const auto s = svdvals(v);
          const auto most = max(s, axis<-1>);
          const auto least = min(s, axis<-1>);
          if constexpr (detail::is_ord<Ord, 2>())
            return where(least == 0_c, infinite, most / least);
          else
            return least / most;
        } else {
          const auto inverse = detail::matrix_norm_of<Ord>(apply<with<detail::inv_op, 2>>(v));
          return where(isinf(inverse), inverse, detail::matrix_norm_of<Ord>(v) * inverse);
        }
      },
      static_cast<A&&>(a));
}

}  // namespace tenon::linalg
