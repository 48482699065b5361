// Elements and blocks of elements moved from and to places, and added up there.
#pragma once

#include "tenon/ops/places.hpp"

namespace tenon::detail {

/// to = f(to, from), for arrays of one shape.
template <class T, class F>
void combine_arrays(const array_access& to, const array_access& from, F f) {
  const int inner = from.rank - 1;
  if (inner < 0) {
    *reinterpret_cast<T*>(to.data) =
        f(*reinterpret_cast<const T*>(to.data), *reinterpret_cast<const T*>(from.data));
    return;
  }
  const index n = from.extent[inner], to_step = to.stride[inner], from_step = from.stride[inner];
  if (n == 0) return;
  index extent[max_rank];
  std::memcpy(extent, from.extent, sizeof extent);
  extent[inner] = 1;
  each_place(extent, from.rank, [&](const index* at) {
    T* const y = reinterpret_cast<T*>(to.data + offset_of(to, at));
    const T* const x = reinterpret_cast<const T*>(from.data + offset_of(from, at));
    for (index i = 0; i < n; ++i) y[i * to_step] = f(y[i * to_step], x[i * from_step]);
  });
}
/// to += from.
template <class T>
void add_array(const array_access& to, const array_access& from) {
  combine_arrays<T>(to, from, [](T a, T b) { return math::add(a, b); });
}

/// Blocks of two arrays that belong together: of one shape, without places in memory.
struct paired_blocks {
  array_access whole, part;
  bool element, dense;

  paired_blocks(const array_access& w, const array_access& p)
      : whole(w), part(p), element(w.size() == 1), dense(row_major_in(w) && row_major_in(p)) {}
  /// Those behind the axes that places stand for.
  static paired_blocks behind(const place_walk& w, index axis) {
    return {without_axes(w.whole, 0, int(axis) + 1, nullptr),
            without_axes(w.parts, 0, int(axis) + w.places.rank, nullptr)};
  }
  static bool row_major_in(const array_access& a) {
    index step = 1;
    for (int k = a.rank - 1; k >= 0; --k) {
      if (a.extent[k] != 1 && a.stride[k] != step) return false;
      step *= a.extent[k];
    }
    return true;
  }
  static void copy(const array_access& from, const array_access& to, bool dense) {
    if (dense)
      std::memcpy(to.data, from.data, static_cast<std::size_t>(to.size() * size_of(to.type)));
    else
      copy_elements(from, to);
  }
  void put(std::byte* w, std::byte* p) {
    if (element) return move(w, p);
    whole.data = w;
    part.data = p;
    copy(part, whole, dense);
  }
  void get(std::byte* w, std::byte* p) {
    if (element) return move(p, w);
    whole.data = w;
    part.data = p;
    copy(whole, part, dense);
  }
  void move(std::byte* to, const std::byte* from) const {
    switch (size_of(whole.type)) {
      case 4:
        std::memcpy(to, from, 4);
        break;
      case 8:
        std::memcpy(to, from, 8);
        break;
      default:
        std::memcpy(to, from, static_cast<std::size_t>(size_of(whole.type)));
    }
  }
};

/// Elements at places to the parts: `to` is row-major along the lines of the walk.
template <class Unit = this_unit>
void take_elements(const place_walk& w) {
  with_element_size(size_of(w.whole.type), [&]<index Size>() {
    w.share_lines(false, 1, [&](const std::byte* from, std::byte* to, const index* place, index count) {
      if (w.whole_step == 0 && w.place_step == Size && w.parts_step == Size)
        for (index j = 0; j < count; ++j) move_element<Size>(to + j * Size, from + place[j] * Size);
      else
        for (index j = 0; j < count; ++j)
          move_element<Size>(to + j * w.parts_step, from + j * w.whole_step + place[j] * w.place_step);
    });
  });
}

/// The same the other way, added up in the order of the places.
template <class T>
void add_elements(const place_walk& w) {
  w.share_lines(true, 1, [&](std::byte* to, const std::byte* from, const index* place, index count) {
    for (index j = 0; j < count; ++j) {
      T& y = *reinterpret_cast<T*>(to + j * w.whole_step + place[j] * w.place_step);
      y = math::add(y, *reinterpret_cast<const T*>(from + j * w.parts_step));
    }
  });
}

/// Blocks at places along an axis to the parts.
template <class Unit = this_unit>
void take_blocks(const place_walk& w, index axis) {
  const paired_blocks blocks = paired_blocks::behind(w, axis);
  if (blocks.element) return take_elements<Unit>(w);
  const index bytes = blocks.part.size() * size_of(w.whole.type);
  if (bytes == 0) return;
  w.share_lines(false, 5 + bytes / 16, [&](std::byte* from, std::byte* to, const index* place, index count) {
    paired_blocks b = blocks;
    for (index j = 0; j < count; ++j) b.get(from + place[j] * w.place_step, to + j * w.parts_step);
  });
}

/// The same the other way, added up in the order of the places.
template <class T>
void add_blocks(const place_walk& w, index axis) {
  const paired_blocks blocks = paired_blocks::behind(w, axis);
  const index elements = blocks.part.size();
  if (elements == 0) return;
  w.share_blocks(5 + elements / 2, [b = blocks](std::byte* to, std::byte* from) mutable {
    b.whole.data = to;
    b.part.data = from;
    add_array<T>(b.whole, b.part);
  });
}

}  // namespace tenon::detail
