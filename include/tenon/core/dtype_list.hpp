// The list of element types: before the C++ types of the same names, which it would else shadow.
#pragma once

#include "tenon/core/config.hpp"

namespace tenon {

/// In the order of the tables below. `weak` is the type of a number that takes that of its partner.
enum class dtype : std::uint8_t {
  none,
  weak,
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float16,
  bfloat16,
  float32,
  float64,
  complex64,
  complex128
};
inline constexpr int dtype_count = 17;

}  // namespace tenon
