// An array whose dtype and rank only run time knows: what files, networks of others and DLPack hold.
#pragma once

#include <cmath>
#include <limits>
#include <span>

#include "tenon/array/create.hpp"

namespace tenon {

namespace detail {

inline std::string extent_text(const extent& e) {
  if (!e.is_named()) return e.size < 0 ? "?" : std::to_string(e.size);
  std::string text;
  for (int i = 0; i < e.length(); ++i) text += e.letter(i);
  return text;
}

/// Extents as messages have them: found at run time, or expected.
inline std::string extents_text(std::span<const index> shape) {
  std::string text = "[";
  for (const index e : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(e);
  return text + "]";
}
inline std::string extents_text(const extent* expected, int rank) {
  std::string text = "[";
  for (int k = 0; k < rank; ++k) text += (k > 0 ? ", " : "") + extent_text(expected[k]);
  return text + "]";
}

/// Whether extents found are as expected; a name takes any size, the same at each place.
inline bool extents_fit(std::span<const index> shape, const extent* expected, int rank) {
  bool fits = shape.size() == static_cast<std::size_t>(rank);
  for (int k = 0; fits && k < rank; ++k) {
    const index found = shape[static_cast<std::size_t>(k)];
    if (expected[k].size >= 0) fits = expected[k].size == found;
    for (int j = 0; j < k && expected[k].is_named(); ++j)
      fits = fits && (expected[j] != expected[k] || shape[static_cast<std::size_t>(j)] == found);
  }
  return fits;
}

template <class D>
inline constexpr extent written = dyn;
template <index N>
inline constexpr extent written<size<N>> = extent(N);
template <char... Letters>
inline constexpr extent written<named<Letters...>> = extent(named<Letters...>::text);

/// v as a To, where To has that number; between floating-point numbers rounding is no loss, infinity is.
template <class To, class From>
bool converts(From v, To& to) {
  if constexpr (std::is_same_v<To, From>) {
    to = v;
    return true;
  } else if constexpr (complex_number<From>) {
    if constexpr (complex_number<To>)
      return converts(v.re, to.re) && converts(v.im, to.im);
    else
      return v.im == 0 && converts(v.re, to);
  } else if constexpr (complex_number<To>) {
    to.im = 0;
    return converts(v, to.re);
  } else if constexpr (float_of_16_bits<From>) {
    return converts(static_cast<float>(v), to);
  } else if constexpr (std::is_same_v<To, bool>) {
    to = v != From(0);
    return v == From(0) || v == From(1);
  } else if constexpr (std::is_same_v<From, bool>) {
    to = static_cast<To>(v ? 1.f : 0.f);
    return true;
  } else if constexpr (std::is_integral_v<To> && std::is_integral_v<From>) {
    to = static_cast<To>(v);
    return static_cast<From>(to) == v && (to < To(0)) == (v < From(0));
  } else if constexpr (std::is_integral_v<To>) {
    const double d = static_cast<double>(v), beyond = std::ldexp(1.0, std::numeric_limits<To>::digits);
    if (!(d < beyond && d >= (std::is_signed_v<To> ? -beyond : 0) && d == std::trunc(d))) return false;
    to = static_cast<To>(d);
    return true;
  } else if constexpr (std::is_integral_v<From>) {
    if constexpr (float_of_16_bits<To>)
      to = To(static_cast<float>(v));
    else
      to = static_cast<To>(v);
    From back{};
    return converts(to, back) && back == v;
  } else {
    if constexpr (float_of_16_bits<To>)
      to = To(static_cast<float>(v));
    else
      to = static_cast<To>(v);
    return !std::isfinite(v) || std::isfinite(static_cast<double>(to));
  }
}

template <class T>
std::string number_in_error(T v) {
  if constexpr (complex_number<T>)
    return std::to_string(v.re) + " + " + std::to_string(v.im) + " i";
  else if constexpr (float_of_16_bits<T>)
    return std::to_string(static_cast<float>(v));
  else
    return std::to_string(v);
}

}  // namespace detail

/// A dense array of a dtype and of up to 8 axes that run time knows. A value: it shares its buffer with the
/// tensors that it was made of and that are made of it, until one of them is written to.
class any_tensor {
 public:
  /// No array: of dtype none.
  any_tensor() = default;
  /// The value of a tensor, view or expression.
  template <tensor_like E, class Unit = this_unit>
  any_tensor(E&& e) : any_tensor(from(eval<E, Unit>(static_cast<E&&>(e)))) {}
  /// On a buffer that holds the elements row by row. shape_error for more than 8 axes or a negative extent.
  static any_tensor on(storage buffer, dtype type, std::span<const index> shape) {
    if (shape.size() > static_cast<std::size_t>(max_rank))
      throw shape_error("any_tensor: expected at most " + std::to_string(max_rank) + " axes, got the shape " +
                        detail::extents_text(shape));
    any_tensor a;
    a.buffer_ = std::move(buffer);
    a.type_ = type;
    for (const index e : shape) {
      if (e < 0)
        throw shape_error("any_tensor: the shape " + detail::extents_text(shape) + " has a negative extent");
      a.extent_[a.rank_++] = e;
    }
    return a;
  }

  dtype type() const { return type_; }
  int rank() const { return rank_; }
  std::span<const index> shape() const { return {extent_, static_cast<std::size_t>(rank_)}; }
  index extent(int axis) const { return extent_[detail::check_axis(axis, rank_)]; }
  index size() const {
    index n = type_ == dtype::none ? 0 : 1;
    for (int k = 0; k < rank_; ++k) n *= extent_[k];
    return n;
  }
  /// The elements row by row, to read.
  const std::byte* data() const { return buffer_.data(); }
  const storage& buffer() const { return buffer_; }

  /// The same elements as a tensor, no copy: a.as<float, dyn, 784>(), a.as<tensor<float, "batch", 10>>().
  /// dtype_error and shape_error where they are not as said; a name takes any size, the same at each place.
  template <element T, tenon::extent... E>
  tensor<T, E...> as() const {
    return typed<T>(shape_of_extents<E...>{});
  }
  template <class Tensor>
  requires tensor_like<Tensor> Tensor as()
  const { return typed<typename Tensor::value_type>(typename Tensor::shape_type{}); }

  /// The one element, as a T that has the same number: integers exactly, floating-point numbers rounded.
  /// shape_error for another number of elements; dtype_error where T has no such number.
  template <element T>
  T item() const {
    if (size() != 1) throw shape_error("item: expected one element, got " + text());
    return detail::with_type(type_, [&]<class S>(S) {
      T value{};
      if (!detail::converts(*reinterpret_cast<const S*>(data()), value))
        throw dtype_error("item: the " + std::string(name_of(type_)) + " " +
                          detail::number_in_error(*reinterpret_cast<const S*>(data())) + " is no number of " +
                          name_of(dtype_of<T>));
      return value;
    });
  }

  /// Whether dtypes, shapes and all elements are equal; NaN is equal to nothing.
  friend bool operator==(const any_tensor& a, const any_tensor& b) {
    if (a.type_ != b.type_ || a.rank_ != b.rank_) return false;
    for (int k = 0; k < a.rank_; ++k)
      if (a.extent_[k] != b.extent_[k]) return false;
    return detail::with_type(a.type_, [&]<class T>(T) {
      const auto *x = reinterpret_cast<const T*>(a.data()), *y = reinterpret_cast<const T*>(b.data());
      for (index i = 0, n = a.size(); i < n; ++i)
        if (!(x[i] == y[i])) return false;
      return true;
    });
  }

  /// Dtype and shape: "float32 [2, 3]".
  std::string text() const { return std::string(name_of(type_)) + " " + detail::extents_text(shape()); }

 private:
  template <class T, class Shape>
  static any_tensor from(const basic_tensor<T, Shape>& t) {
    return on(t.shared_buffer(), dtype_of<T>, t.shape());
  }
  template <class T, class... D>
  basic_tensor<T, tenon::shape<D...>> typed(tenon::shape<D...>) const {
    constexpr int rank = sizeof...(D);
    constexpr std::array<tenon::extent, rank> expected{detail::written<D>...};
    const auto refusal = [&] {
      return "as: expected " + std::string(name_of(dtype_of<T>)) + " " +
             detail::extents_text(expected.data(), rank) + ", got " + text();
    };
    if (type_ != dtype_of<T>) throw dtype_error(refusal());
    if (!detail::extents_fit(shape(), expected.data(), rank)) throw shape_error(refusal());
    extents e;
    for (int k = 0; k < rank; ++k) e[e.rank++] = static_dim(extent_[k]);
    return basic_tensor<T, tenon::shape<D...>>::on(buffer_, e);
  }

  storage buffer_;
  index extent_[max_rank]{};
  int rank_ = 0;
  dtype type_ = dtype::none;
};

/// f(t) of the array as a tensor of its dtype with Rank dynamic extents; f returns one type for all dtypes.
/// shape_error for another rank.
template <int Rank, class F>
decltype(auto) visit(const any_tensor& a, F&& f) {
  if (a.type() == dtype::none) throw dtype_error("visit: there is no array");
  return detail::with_type(a.type(), [&]<class T>(T) -> decltype(auto) {
    return f(a.as<basic_tensor<T, typename detail::dynamic_shape<Rank>::type>>());
  });
}
/// The same of the dtypes given alone: visit<2, float, double>(a, f). dtype_error for any other.
template <int Rank, element First, element... T, class F>
decltype(auto) visit(const any_tensor& a, F&& f) {
  using S = typename detail::dynamic_shape<Rank>::type;
  if (a.type() == dtype_of<First>) return f(a.as<basic_tensor<First, S>>());
  if constexpr (sizeof...(T) > 0) {
    return visit<Rank, T...>(a, static_cast<F&&>(f));
  } else {
    throw dtype_error("visit: the function takes no array of " + a.text());
    return f(a.as<basic_tensor<First, S>>());
  }
}

}  // namespace tenon
