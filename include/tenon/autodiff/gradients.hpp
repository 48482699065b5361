// The gradient of a loss with respect to a model: one array for each parameter.
#pragma once

#include <vector>

#include "tenon/nn/parameter.hpp"

namespace tenon {

namespace detail {
/// to = a + b, n elements each.
inline void add_arrays(dtype type, std::byte* to, const std::byte* a, const std::byte* b, index n) {
  with_type(type, [&]<class T>(T) {
    if constexpr (math::real<T>)
      for (index i = 0; i < n; ++i)
        reinterpret_cast<T*>(to)[i] = reinterpret_cast<const T*>(a)[i] + reinterpret_cast<const T*>(b)[i];
  });
}
}  // namespace detail

/// Cotangents of a model's parameters, found by the parameter itself. Holds its arrays by reference count.
class model_gradients {
 public:
  struct entry {
    const void* parameter;
    storage buffer;
    index elements;
    dtype type;
  };

  /// The cotangent of one parameter, in its shape. Throws usage_error for a parameter that has none.
  template <class T, class Shape, class Name>
  basic_tensor<T, Shape> of(const basic_parameter<T, Shape, Name>& p) const {
    const entry* e = find(&p);
    if (e == nullptr)
      throw usage_error("gradients: this parameter was not part of the differentiated function");
    extents shape;
    for (const index n : p.shape()) shape[shape.rank++] = static_dim(n);
    return basic_tensor<T, Shape>::on(e->buffer, shape);
  }

  /// The cotangent of the parameter at an address, or null. Looked for from place `from` on, and around:
  /// cotangents mostly stand in the order of the model's members.
  const entry* find(const void* parameter, std::size_t from = 0) const {
    const std::size_t n = entries_.size();
    for (std::size_t i = 0, k = from < n ? from : 0; i < n; ++i, k = k + 1 < n ? k + 1 : 0)
      if (entries_[k].parameter == parameter) return &entries_[k];
    return nullptr;
  }
  const std::vector<entry>& entries() const { return entries_; }

  /// Empties the list and keeps its memory.
  void clear() { entries_.clear(); }
  void reserve(std::size_t n) { entries_.reserve(n); }

  /// Adds a parameter's cotangent; a parameter that was read in several places has the sum of theirs.
  void add(const void* parameter, const storage& buffer, index elements, dtype type) {
    for (entry& e : entries_) {
      if (e.parameter != parameter) continue;
      storage sum(elements * size_of(type));
      detail::add_arrays(type, sum.data(), e.buffer.data(), buffer.data(), elements);
      e.buffer = sum;
      return;
    }
    entries_.push_back({parameter, buffer, elements, type});
  }

 private:
  std::vector<entry> entries_;
};

}  // namespace tenon
