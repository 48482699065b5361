// Vectors of a few floats or doubles, written in the compiler's own vector extension: what the kernels of
// matrix products are made of, for every instruction set that the compiler knows.
//
// They are what lanes (lanes.hpp) are not: of a width that a kernel chooses, halves and quarters of a
// register too, and with products that are added in one rounding wherever the machine can. The compiler
// contracts a * b + c in multiply_add() unless it is told not to (-ffp-contract=off), in all kernels or in
// none.
#pragma once

#include <tenon/core/config.hpp>

#include <bit>

namespace tenon::host::detail {

template <class T, int Width>
struct packet {
  using value = T;
  static constexpr int width = Width;
#if defined(__GNUC__)
  typedef T vector __attribute__((vector_size(Width * sizeof(T))));
  typedef T unaligned __attribute__((vector_size(Width * sizeof(T)), aligned(alignof(T)), may_alias));
#else
#error \
    "tenon: matrix products are written in the vector extension of GCC and Clang, which this compiler has not"
#endif

  vector v;

  static TENON_HOST_INLINE packet load(const T* p) { return {*reinterpret_cast<const unaligned*>(p)}; }
  /// x in all places. (Less zero, every number is itself, the negative zero too.)
  static TENON_HOST_INLINE packet all(T x) { return {x - vector{}}; }
  TENON_HOST_INLINE void store(T* p) const { *reinterpret_cast<unaligned*>(p) = v; }

  TENON_HOST_INLINE packet& operator+=(packet b) {
    v += b.v;
    return *this;
  }
  /// this + a * b
  TENON_HOST_INLINE void multiply_add(packet a, packet b) { v = a.v * b.v + v; }

  /// The sum of all, halves first.
  TENON_HOST_INLINE T sum() const {
    if constexpr (Width == 2) {
      return v[0] + v[1];
    } else {
      using half = packet<T, Width / 2>;
      struct halves {
        typename half::vector lower, upper;
      };
      const halves h = std::bit_cast<halves>(v);
      return half{h.lower + h.upper}.sum();
    }
  }
};

/// How many floats or doubles fill a vector register: at least those of 16 bytes, which any compiler can do
/// with.
template <class T, class Unit>
inline constexpr int register_width = (Unit::vector == vector_extension::avx512 ? 64
                                       : Unit::vector == vector_extension::avx ||
                                               Unit::vector == vector_extension::avx2
                                           ? 32
                                           : 16) /
                                      static_cast<int>(sizeof(T));

template <class T, class Unit>
using register_packet = packet<T, register_width<T, Unit>>;

}  // namespace tenon::host::detail
