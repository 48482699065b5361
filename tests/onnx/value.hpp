// An array whose dtype and rank run time knows, as ONNX has them, and its presentation to Tenon, whose dtypes and
// ranks are the compiler's: ops that broadcast get 7 axes, those in front of extent 1; ops along one axis get 3, what
// is before it, itself, what is after it. Every extent is dynamic.
#pragma once

#include <array>
#include <numeric>
#include <vector>

#include "tenon/tenon.hpp"

namespace onnx {

using tenon::dtype;
using tenon::index;

using extent_list = std::vector<index>;

inline index count(const extent_list& e) {
  return std::accumulate(e.begin(), e.end(), index(1), std::multiplies<>());
}

/// The elements in row-major order. `dtype::none` is a tensor of strings, whose elements are not kept.
struct value {
  dtype type = dtype::none;
  extent_list extent;
  std::vector<char> bytes;

  index size() const { return count(extent); }
  int rank() const { return int(extent.size()); }
};

/// What a model asks for that Tenon does not set out to do; what() says why.
struct not_applicable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class T, int Rank>
using array = tenon::basic_tensor<T, typename tenon::detail::dynamic_shape<Rank>::type>;

/// The elements of v as an array of other extents.
template <class T, std::size_t Rank>
array<T, int(Rank)> as(const value& v, const std::array<index, Rank>& extents) {
  auto r = array<T, int(Rank)>::uninitialised(extents);
  if (v.type != tenon::dtype_of<T>)
    throw tenon::dtype_error(std::string("the model has ") + name_of(v.type) + ", expected " +
                             name_of(tenon::dtype_of<T>));
  if (v.size() != r.size())
    throw tenon::shape_error("an operand does not have the number of elements expected");
  if (!v.bytes.empty()) std::memcpy(r.data(), v.bytes.data(), v.bytes.size());
  return r;
}

/// The most axes that the models have.
inline constexpr int widest = 7;

/// v with axes of extent 1 in front.
template <class T, int Rank = widest>
array<T, Rank> wide(const value& v) {
  std::array<index, std::size_t(Rank)> e;
  e.fill(1);
  if (v.rank() > Rank) throw not_applicable("more than 7 axes");
  std::copy(v.extent.begin(), v.extent.end(), e.end() - v.rank());
  return as<T>(v, e);
}

/// An axis of v, negative ones counted from the end, and the number of elements before and after it.
struct lines {
  index before = 1, n = 1, after = 1;
  int axis;
  lines(const extent_list& e, index a) : axis(int(a < 0 ? a + index(e.size()) : a)) {
    if (axis < 0 || axis >= int(e.size()))
      throw tenon::index_error("there is no such axis in the model's tensor");
    for (int i = 0; i < int(e.size()); ++i) (i < axis ? before : i > axis ? after : n) *= e[std::size_t(i)];
  }
};

/// v with three axes: before, along and after one of its own.
template <class T>
array<T, 3> along(const value& v, index axis) {
  const lines l(v.extent, axis);
  return as<T, 3>(v, {l.before, l.n, l.after});
}
template <class T>
array<T, 1> flat(const value& v) {
  return as<T, 1>(v, {v.size()});
}
/// The first element, as an array without axes, so that it broadcasts against all.
template <class T>
T number(const value& v) {
  return flat<T>(v)(0);
}

/// The value of an expression, its elements under other extents.
template <class E>
value give(const E& expression, extent_list extent) {
  const auto t = tenon::eval(expression);
  using T = typename std::remove_cvref_t<decltype(t)>::value_type;
  value v{tenon::dtype_of<T>, std::move(extent), std::vector<char>(std::size_t(t.size()) * sizeof(T))};
  if (v.size() != t.size())
    throw tenon::shape_error("a result does not have the number of elements that ONNX says");
  if (!v.bytes.empty()) std::memcpy(v.bytes.data(), t.data(), v.bytes.size());
  return v;
}
/// The same of an expression of `widest` axes, without those in front that no operand had.
template <class E>
value give_wide(const E& expression, int rank) {
  const auto t = tenon::eval(expression);
  extent_list e;
  for (int i = t.rank - rank; i < t.rank; ++i) e.push_back(t.extent(i));
  return give(t, e);
}

template <class... T>
struct types {};
using floats = types<float, double>;
using all_floats = types<tenon::float16, float, double>;
using integers = types<std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
                       std::uint32_t, std::uint64_t>;
using unsigned_integers = types<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>;
using numbers = types<tenon::float16, float, double, std::int8_t, std::int16_t, std::int32_t, std::int64_t,
                      std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>;
/// Those of the tensors that the models rearrange.
using moved = types<bool, std::int32_t, std::int64_t, float, double>;

/// Calls f with an element of a dtype that is among some.
template <class... T, class F>
auto among(types<T...>, dtype d, F f) {
  using result = std::common_type_t<decltype(f(T{}))...>;
  if (d == dtype::none) throw not_applicable("strings");
  return tenon::detail::with_type(d, [&]<class D>(D element) -> result {
    if constexpr ((std::is_same_v<D, T> || ...))
      return f(element);
    else
      throw not_applicable(std::string("the harness does not map this op for ") +
                           name_of(tenon::dtype_of<D>));
  });
}

/// The integers in an int32 or int64 tensor: shapes, axes, repetitions.
inline extent_list integers_in(const value& v) {
  return among(types<std::int32_t, std::int64_t>{}, v.type, [&]<class T>(T) {
    const auto t = flat<T>(v);
    extent_list r;
    for (index i = 0; i < t.size(); ++i) r.push_back(index(t(i)));
    return r;
  });
}
/// A number of any dtype.
inline double real_in(const value& v) {
  return among(numbers{}, v.type, [&]<class T>(T) { return double(number<T>(v)); });
}

}  // namespace onnx
