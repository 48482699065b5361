// Gradients that are added up over backward passes, for grad_req::add.
#pragma once

#include "tenon/plan/binding.hpp"

namespace tenon::detail {

template <int Count>
class gradient_sums {
 public:
  /// Throws shape_error where a gradient of another shape was added before.
  void check(int w, const extents& shape, const char* name) const {
    const cell& c = cells_[std::size_t(w)];
    if (!c.filled) return;
    for (int a = 0; a < shape.rank; ++a)
      if (shape[a].size != c.shape[a].size)
        throw shape_error(std::string("backward: the gradient of \"") + name + "\" has shape " +
                          describe(shape) + ", those before it had " + describe(c.shape) +
                          "; call zero_grad() first");
  }
  void add(int w, const storage& gradient, const extents& shape, dtype type) {
    cell& c = cells_[std::size_t(w)];
    const index bytes = bytes_of(shape, type);
    if (c.sum.references() != 1 || c.bytes != bytes) {  // none yet, or somebody keeps it as it is
      storage fresh(bytes);
      if (c.filled) std::memcpy(fresh.data(), c.sum.data(), std::size_t(bytes));
      c.sum = std::move(fresh);
    }
    if (c.filled)
      with_type(type, [&]<class T>(T) {
        if constexpr (math::real<T>) {
          T* const to = reinterpret_cast<T*>(c.sum.data());
          const T* const x = reinterpret_cast<const T*>(gradient.data());
          for (index i = 0; i < bytes / index(sizeof(T)); ++i) to[i] = static_cast<T>(to[i] + x[i]);
        }
      });
    else
      std::memcpy(c.sum.data(), gradient.data(), std::size_t(bytes));
    c.filled = true;
    c.bytes = bytes;
    c.shape = shape;
  }
  void clear(int w) { cells_[std::size_t(w)].filled = false; }
  const storage& at(int w) const { return cells_[std::size_t(w)].sum; }

 private:
  struct cell {
    storage sum;
    index bytes = 0;
    extents shape;
    bool filled = false;
  };
  std::array<cell, std::size_t(Count) + 1> cells_;
};

}  // namespace tenon::detail
