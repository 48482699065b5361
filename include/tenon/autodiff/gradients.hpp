// The gradient of a loss with respect to a model: one array for each parameter.
#pragma once

#include <vector>

#include "tenon/nn/parameter.hpp"

namespace tenon {

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

  const entry* find(const void* parameter) const {
    for (const entry& e : entries_)
      if (e.parameter == parameter) return &e;
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
      detail::with_type(type, [&]<class T>(T) {
        if constexpr (math::real<T>) add_elements<T>(sum, e.buffer, buffer, elements);
      });
      e.buffer = sum;
      return;
    }
    entries_.push_back({parameter, buffer, elements, type});
  }

 private:
  template <class T>
  static void add_elements(const storage& sum, const storage& a, const storage& b, index n) {
    T* const to = reinterpret_cast<T*>(sum.data());
    const T *x = reinterpret_cast<const T*>(a.data()), *y = reinterpret_cast<const T*>(b.data());
    for (index i = 0; i < n; ++i) to[i] = x[i] + y[i];
  }
  std::vector<entry> entries_;
};

}  // namespace tenon
