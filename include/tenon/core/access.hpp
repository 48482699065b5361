// Arrays as plain memory under strides, for loops that no type of element is compiled into: copies, and what
// opaque ops are run on.
#pragma once

#include <cstring>

#include "tenon/core/dtype.hpp"

namespace tenon {

/// An array as a loop over memory sees it; strides in elements.
struct array_access {
  std::byte* data = nullptr;
  dtype type = dtype::none;
  int rank = 0;
  index extent[max_rank]{}, stride[max_rank]{};

  index size() const {
    index n = 1;
    for (int k = 0; k < rank; ++k) n *= extent[k];
    return n;
  }
};

namespace detail {

/// Zeros, where elements follow each other.
inline void clear(const array_access& to) {
  std::memset(to.data, 0, static_cast<std::size_t>(to.size() * size_of(to.type)));
}

template <index Size>
void copy_line(std::byte* to, const std::byte* from, index n, index to_step, index from_step) {
  for (index i = 0; i < n; ++i, to += to_step, from += from_step) std::memcpy(to, from, Size);
}

/// Copies the elements of `from` to the same places of `to`, an array of its extents and dtype.
inline void copy_elements(const array_access& from, const array_access& to) {
  const index size = size_of(from.type);
  const int inner = from.rank - 1;
  if (from.size() == 0) return;
  const index n = inner < 0 ? 1 : from.extent[inner];
  const index from_step = inner < 0 ? size : from.stride[inner] * size;
  const index to_step = inner < 0 ? size : to.stride[inner] * size;
  index at[max_rank]{};
  const std::byte* source = from.data;
  std::byte* target = to.data;
  for (;;) {
    if (from_step == size && to_step == size)
      std::memcpy(target, source, static_cast<std::size_t>(n * size));
    else if (size == 4)
      copy_line<4>(target, source, n, to_step, from_step);
    else if (size == 8)
      copy_line<8>(target, source, n, to_step, from_step);
    else if (size == 2)
      copy_line<2>(target, source, n, to_step, from_step);
    else if (size == 16)
      copy_line<16>(target, source, n, to_step, from_step);
    else
      copy_line<1>(target, source, n, to_step, from_step);
    int k = inner - 1;
    for (; k >= 0; --k) {
      source += from.stride[k] * size;
      target += to.stride[k] * size;
      if (++at[k] < from.extent[k]) break;
      source -= at[k] * from.stride[k] * size;
      target -= at[k] * to.stride[k] * size;
      at[k] = 0;
    }
    if (k < 0) return;
  }
}

template <index Size>
void fill_line(std::byte* to, const std::byte* value, index n, index step) {
  std::byte element[Size];
  std::memcpy(element, value, Size);
  for (index i = 0; i < n; ++i, to += step) std::memcpy(to, element, Size);
}

/// Writes one element to all places.
inline void fill_elements(const array_access& to, const std::byte* value) {
  const index size = size_of(to.type);
  const int inner = to.rank - 1;
  if (to.size() == 0) return;
  const index n = inner < 0 ? 1 : to.extent[inner], step = inner < 0 ? size : to.stride[inner] * size;
  index at[max_rank]{};
  std::byte* target = to.data;
  for (;;) {
    if (size == 4 && step == 4)
      fill_line<4>(target, value, n, 4);
    else if (size == 8 && step == 8)
      fill_line<8>(target, value, n, 8);
    else if (size == 1)
      fill_line<1>(target, value, n, step);
    else if (size == 2)
      fill_line<2>(target, value, n, step);
    else if (size == 4)
      fill_line<4>(target, value, n, step);
    else if (size == 8)
      fill_line<8>(target, value, n, step);
    else
      fill_line<16>(target, value, n, step);
    int k = inner - 1;
    for (; k >= 0; --k) {
      target += to.stride[k] * size;
      if (++at[k] < to.extent[k]) break;
      target -= at[k] * to.stride[k] * size;
      at[k] = 0;
    }
    if (k < 0) return;
  }
}

}  // namespace detail
}  // namespace tenon
